"""Which hubs are there, on a real Postgres whose clock the tests move."""

import asyncio

import asyncpg

from server.hubs.hubs import LEASE_SECONDS, Hubs, Standing, forget_hubs
from tests.clock import Clock
from tests.hubs.rows import SECONDS


async def test_a_hub_alone_has_everything(pool: asyncpg.Pool) -> None:
    assert await Hubs(pool).beat() == Standing(0, 1)


async def test_hubs_know_their_place_by_age_and_it_stays(pool: asyncpg.Pool) -> None:
    hubs = [Hubs(pool) for _ in range(3)]
    for hub in hubs:
        await hub.beat()

    assert [await hub.beat() for hub in hubs] == [Standing(0, 3), Standing(1, 3), Standing(2, 3)]
    assert [hub.standing for hub in hubs] == [Standing(0, 3), Standing(1, 3), Standing(2, 3)]


async def test_a_hub_that_leaves_or_falls_silent_counts_no_longer(pool: asyncpg.Pool) -> None:
    first, second, third = [Hubs(pool) for _ in range(3)]
    for hub in (first, second, third):
        await hub.beat()
    await first.leave()
    assert await third.beat() == Standing(1, 2)

    await Clock(pool).advance(LEASE_SECONDS)

    assert await third.beat() == Standing(0, 1)


async def test_a_hub_beats_while_it_runs_and_leaves_when_it_stops(pool: asyncpg.Pool) -> None:
    running, other = Hubs(pool), Hubs(pool)
    task: asyncio.Task[None] = asyncio.create_task(running.run())
    async with asyncio.timeout(SECONDS):
        while await other.beat() != Standing(1, 2):
            await pool.execute("delete from hubs where id = $1", other.id)  # it began first: the running one is older

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert await other.beat() == Standing(0, 1)


async def test_a_hub_that_died_before_the_clock_was_set_back_counts_no_longer(pool: asyncpg.Pool) -> None:
    dead, alive = Hubs(pool), Hubs(pool)
    await dead.beat()

    await Clock(pool).advance(-3600)

    assert await alive.beat() == Standing(0, 1)


async def test_rows_of_hubs_that_were_killed_are_forgotten(pool: asyncpg.Pool) -> None:
    dead, alive = Hubs(pool), Hubs(pool)
    await dead.beat()
    await Clock(pool).advance(3601)
    await alive.beat()

    async with pool.acquire() as connection:
        assert await forget_hubs(connection, silent_seconds=3600) == 1
    assert await pool.fetchval("select count(*) from hubs") == 1
