"""One leader at a time, on a real Postgres: fenced when paused, replaced when it dies, whatever the clock does."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from server.db import DATABASE_AWAY, migrate, open_pool
from server.embedded.postgres import EmbeddedPostgres
from server.hubs.leader import LEASE_SECONDS, Deposed, Leadership, Leading
from tests.chance import a_chance
from tests.clock import Clock
from tests.hubs.paused import paused_process
from tests.hubs.rows import SECONDS, WRITTEN, somebody_waits, written


def a_candidate(pool: asyncpg.Pool, lease_seconds: float = LEASE_SECONDS) -> Leadership:
    return Leadership(pool, uuid4(), lease_seconds)


async def elected(candidate: Leadership) -> Leading:
    leading = await candidate.elect()
    assert leading is not None
    return leading


async def write(leading: Leading, who: str = "") -> None:
    async with leading.transaction() as connection:
        await connection.execute("insert into written (token, who) values ($1, $2)", leading.epoch, who)


Duty = Callable[[Leading], Awaitable[None]]


class Duties:
    """Duties that write once, then wait; they note when they begin and when they end."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[Leading] = asyncio.Queue()
        self.ended: asyncio.Queue[Leading] = asyncio.Queue()

    async def __call__(self, leading: Leading) -> None:
        try:
            await write(leading)
            self.begun.put_nowait(leading)
            await asyncio.Event().wait()
        finally:
            self.ended.put_nowait(leading)

    async def next(self) -> Leading:
        async with asyncio.timeout(SECONDS):
            return await self.begun.get()

    async def end(self) -> Leading:
        async with asyncio.timeout(SECONDS):
            return await self.ended.get()


@asynccontextmanager
async def standing(candidate: Leadership, duties: Callable[[Leading], Any]) -> AsyncIterator["asyncio.Task[None]"]:
    task: asyncio.Task[None] = asyncio.create_task(candidate.run(duties))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# --- elections --------------------------------------------------------------------------------------------------------


async def test_of_two_that_stand_at_once_one_leads(pool: asyncpg.Pool) -> None:
    terms = await asyncio.gather(*(a_candidate(pool).elect() for _ in range(8)))

    assert [term.epoch for term in terms if term] == [1]


async def test_the_next_takes_over_at_once_when_the_leader_stops(pool: asyncpg.Pool) -> None:
    first, second = Duties(), Duties()
    async with AsyncExitStack() as stack:
        leader = await stack.enter_async_context(standing(a_candidate(pool, 600.0), first))
        assert (await first.next()).epoch == 1
        await stack.enter_async_context(standing(a_candidate(pool, 600.0), second))

        leader.cancel()

        assert (await second.next()).epoch == 2  # long before its next look, in 200 s
        assert (await first.end()).lease.is_over


async def test_leader_tells_who_leads(pool: asyncpg.Pool) -> None:
    candidate, hub_id = a_candidate(pool), uuid4()
    assert await candidate.leader() is None

    await elected(Leadership(pool, hub_id))

    leader = await candidate.leader()
    assert leader is not None
    assert (leader.epoch, leader.hub_id, leader.hub) == (1, hub_id, None)


async def test_a_lease_is_kept_for_as_long_as_the_duties_run(pool: asyncpg.Pool) -> None:
    duties, other = Duties(), a_candidate(pool)
    async with standing(a_candidate(pool, 1.5), duties):
        leading = await duties.next()
        before = await pool.fetchval("select leased_until from leadership")

        async with asyncio.timeout(SECONDS):  # several renewals
            while (await pool.fetchval("select leased_until - $1 from leadership", before)).total_seconds() < 0.9:
                assert await other.elect() is None
                await asyncio.sleep(0.02)

        assert not leading.lease.is_over
        await write(leading)


async def test_duties_that_return_leave_the_leadership_where_it_is(pool: asyncpg.Pool) -> None:
    done = asyncio.Event()

    async def duties(leading: Leading) -> None:
        done.set()

    async with standing(a_candidate(pool), duties):
        async with asyncio.timeout(SECONDS):
            await done.wait()
        assert await a_candidate(pool).elect() is None


async def test_duties_that_break_are_raised_and_the_leadership_is_free(pool: asyncpg.Pool) -> None:
    async def duties(leading: Leading) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await a_candidate(pool).run(duties)

    assert (await elected(a_candidate(pool))).epoch == 2


async def one_by_one(leading: Leading) -> None:
    await write(leading)


async def side_by_side(leading: Leading) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(write(leading))
        group.create_task(asyncio.Event().wait())


@pytest.mark.parametrize("act", [one_by_one, side_by_side])
async def test_a_leader_that_finds_itself_deposed_stands_again(pool: asyncpg.Pool, act: Duty) -> None:
    epochs: asyncio.Queue[int] = asyncio.Queue()

    async def duties(leading: Leading) -> None:
        epochs.put_nowait(leading.epoch)
        await pool.execute("update leadership set epoch = epoch + 1")
        await act(leading)

    async with standing(a_candidate(pool, 0.6), duties), asyncio.timeout(SECONDS):
        assert [await epochs.get(), await epochs.get()] == [1, 3]
    assert await written(pool) == []


# --- fencing ----------------------------------------------------------------------------------------------------------


async def test_a_leader_that_was_paused_past_its_lease_writes_nothing(pool: asyncpg.Pool) -> None:
    paused = await elected(a_candidate(pool))
    await write(paused)
    await Clock(pool).advance(LEASE_SECONDS)  # it did not notice: by its own clock its lease still runs

    following = await elected(a_candidate(pool))

    assert not paused.lease.is_over
    with pytest.raises(Deposed, match="another hub took over"):
        await write(paused)
    assert not await paused.renew()
    await write(following)
    assert await written(pool) == [1, 2]


@pytest.mark.parametrize("renewals", [0, 1, 3])
async def test_a_takeover_waits_for_what_the_leader_has_checked_but_not_committed(
    pool: asyncpg.Pool, renewals: int
) -> None:
    leading, other = await elected(a_candidate(pool)), a_candidate(pool)
    async with leading.transaction() as connection:
        await connection.execute("insert into written (token) values (1)")
        for _ in range(renewals):  # each makes another version of the row that is locked
            assert await leading.renew()
        await Clock(pool).advance(LEASE_SECONDS)
        takeover = asyncio.create_task(elected(other))

        await somebody_waits(pool)

        assert not takeover.done()
    following = await takeover
    async with following.transaction() as connection:
        assert await connection.fetchval("select count(*) from written") == 1  # it sees all that was written before


async def test_a_renewal_does_not_wait_for_the_leaders_own_transactions(pool: asyncpg.Pool) -> None:
    leading = await elected(a_candidate(pool))
    async with leading.transaction(), leading.transaction(), asyncio.timeout(SECONDS):
        assert await leading.renew()


async def test_a_takeover_that_waits_leaves_a_leader_that_lives_alone(pool: asyncpg.Pool) -> None:
    leading, other = await elected(a_candidate(pool)), a_candidate(pool)
    async with leading.transaction():
        await Clock(pool).advance(LEASE_SECONDS)
        takeover = asyncio.create_task(other.elect())
        await somebody_waits(pool)
        assert await leading.renew()

    assert await takeover is None
    await write(leading)


async def test_nothing_is_kept_of_a_transaction_in_which_the_leader_was_deposed(pool: asyncpg.Pool) -> None:
    paused = await elected(a_candidate(pool, 1.0))

    async def be_idle_for_too_long() -> None:
        async with paused.transaction() as connection:
            await connection.execute("insert into written (token) values (1)")
            await Clock(pool).advance(LEASE_SECONDS)
            await elected(a_candidate(pool))  # waits until Postgres has ended the transaction

    with pytest.raises(Deposed, match="ran out within a transaction"):
        await be_idle_for_too_long()

    assert await written(pool) == []


@pytest.mark.parametrize("role", ["leader", "running leader"])
async def test_a_leader_stopped_between_check_and_commit_writes_nothing(
    pool: asyncpg.Pool, postgres_url: str, role: str
) -> None:
    async with paused_process(role, postgres_url) as process:
        assert await process.said() == "inside"
        process.stop()
        duties = Duties()

        async with standing(a_candidate(pool, 3.0), duties):
            assert (await duties.next()).epoch == 2  # although the other's transaction was still open
            await process.go_on()

            assert (await process.said()).startswith("refused")
            assert (await process.said()).startswith("refused")
    assert await written(pool) == [2]


# --- clocks and outages -----------------------------------------------------------------------------------------------


async def test_a_clock_that_jumps_ahead_costs_the_leader_its_place_at_most(pool: asyncpg.Pool) -> None:
    first, second = Duties(), Duties()
    async with standing(a_candidate(pool, 0.6), first):
        await first.next()
        async with standing(a_candidate(pool, 0.6), second):
            for _ in range(5):
                await Clock(pool).advance(3600)

            await settled(pool, 0.6)
    epochs = await written(pool)
    assert epochs == sorted(set(epochs))


async def test_a_leader_that_died_before_the_clock_was_set_back_is_replaced(pool: asyncpg.Pool) -> None:
    await elected(a_candidate(pool))

    await Clock(pool).advance(-3600)

    assert (await elected(a_candidate(pool))).epoch == 2


async def test_a_clock_set_back_a_little_leaves_the_leader_alone(pool: asyncpg.Pool) -> None:
    leading = await elected(a_candidate(pool))

    await Clock(pool).advance(-LEASE_SECONDS / 2)

    assert await a_candidate(pool).elect() is None
    assert await leading.renew()


async def settled(pool: asyncpg.Pool, lease_seconds: float) -> None:
    """Until a lease was renewed by the time of now."""
    async with asyncio.timeout(SECONDS):
        while True:
            if await pool.fetchval(
                "select not hive_lease_is_over(renewed_at, leased_until) "
                "and leased_until > hive_now() + make_interval(secs => $1) from leadership",
                lease_seconds / 3,
            ):
                return
            await asyncio.sleep(0.02)  # nothing signals a renewal


@pytest.mark.journey
async def test_a_leader_outlives_a_short_outage_of_postgres_and_no_long_one(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir / "postgres", settings={"fsync": "off", "full_page_writes": "off"})
    url = await postgres.start()
    await migrate(url)
    pool = await open_pool(url, max_size=8)
    await pool.execute(WRITTEN)
    duties = Duties()
    try:
        async with standing(a_candidate(pool, 5.0), duties), standing(a_candidate(pool, 5.0), duties):
            first = await duties.next()

            assert postgres.pid is not None
            os.kill(postgres.pid, signal.SIGQUIT)  # an immediate stop: started again, it recovers in half a second
            await _until_it_works(lambda: write(first))

            await postgres.stop()
            assert await duties.end() is first  # by its own clock, with nobody to ask
            await postgres.start()
            following = await duties.next()

            assert following.epoch == 2
            with pytest.raises(Deposed):
                await write(first)
            assert await written(pool) == [1, 1, 2]
    finally:
        await pool.close()
        await postgres.stop()


async def _until_it_works(act: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            with contextlib.suppress(*DATABASE_AWAY):
                return await act()
            await asyncio.sleep(0.05)


# --- any interleaving -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_", range(4))
async def test_whatever_interleaves_each_epochs_writes_come_after_those_before(pool: asyncpg.Pool, _: int) -> None:
    """Hubs that never stop by themselves: each goes on writing under every term that it ever had."""
    chance = a_chance()
    hubs = [_Careless(pool, random.Random(chance.random())) for _ in range(4)]

    async with asyncio.timeout(60):
        await asyncio.gather(*(hub.act(120) for hub in hubs), _move_clock(pool, chance, 80))

    epochs = await written(pool)
    assert epochs == sorted(epochs)
    assert len(set(epochs)) > 3, "nothing was tried"
    won = [epoch for hub in hubs for epoch in hub.won]
    assert len(won) == len(set(won))
    assert sum(hub.refused for hub in hubs) > 3


class _Careless:
    """Elects, renews, releases and writes at random."""

    def __init__(self, pool: asyncpg.Pool, chance: random.Random) -> None:
        self._pool = pool
        self._chance = chance
        self._candidate = a_candidate(pool)
        self._terms: list[Leading] = []
        self.won: list[int] = []
        self.refused = 0

    async def act(self, times: int) -> None:
        for _ in range(times):
            act = self._chance.choices(
                [self._elect, self._renew, self._write, self._candidate.release], weights=[4, 2, 12, 1]
            )[0]
            await act()

    async def _elect(self) -> None:
        leading = await self._candidate.elect()
        if leading is not None:
            self._terms.append(leading)
            self.won.append(leading.epoch)

    async def _renew(self) -> None:
        if self._terms:
            await self._chance.choice(self._terms).renew()

    async def _write(self) -> None:
        if not self._terms:
            return
        leading = self._terms[-self._chance.choice([1, 1, 1, 2]) :][0]
        try:
            async with leading.transaction() as connection:
                await connection.execute("select pg_sleep($1)", self._chance.random() * 0.005)
                await connection.execute("insert into written (token) values ($1)", leading.epoch)
                await connection.execute("select pg_sleep($1)", self._chance.random() * 0.005)
                assert await connection.fetchval("select epoch from leadership") == leading.epoch
        except Deposed:
            self.refused += 1


async def _move_clock(pool: asyncpg.Pool, chance: random.Random, times: int) -> None:
    clock = Clock(pool)
    for _ in range(times):
        await clock.advance(chance.choice([2.0, LEASE_SECONDS, 3600.0, -1.0, -3600.0]))
        await pool.execute("select pg_sleep(0.01)")
