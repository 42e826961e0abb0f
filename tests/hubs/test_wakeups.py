"""Hints between hubs over Postgres' NOTIFY: heard at once, by whoever waits for them, with one connection."""

import asyncio

import asyncpg

from server.hubs.wakeups import Wakeup, Wakeups
from tests.hubs.rows import SECONDS


async def listening(wakeup: Wakeup) -> None:
    """Whoever begins to listen is woken once: what was said before nobody heard."""
    await heard(wakeup)
    wakeup.heard.clear()


async def heard(wakeup: Wakeup) -> None:
    async with asyncio.timeout(SECONDS):
        await wakeup.heard.wait()


async def notify(pool: asyncpg.Pool, subject: str) -> None:
    await pool.execute("select pg_notify('hive_wakeups', $1)", subject)


async def listeners(pool: asyncpg.Pool) -> int:
    return int(await pool.fetchval("select count(*) from pg_stat_activity where query like 'LISTEN%'"))


async def test_all_who_wait_for_a_subject_are_woken_and_nobody_else(pool: asyncpg.Pool) -> None:
    wakeups = Wakeups(pool)
    async with wakeups.on("mine") as first, wakeups.on("mine") as second, wakeups.on("other") as other:
        for wakeup in (first, second, other):
            await listening(wakeup)

        await notify(pool, "mine")

        await heard(first)
        await heard(second)
        assert not other.heard.is_set()
        assert await listeners(pool) == 1
    assert await listeners(pool) == 0


async def test_what_was_heard_between_two_waits_is_not_lost(pool: asyncpg.Pool) -> None:
    async with Wakeups(pool).on("mine") as wakeup:
        await listening(wakeup)
        await notify(pool, "mine")
        await heard(wakeup)

        async with asyncio.timeout(SECONDS):
            await wakeup.wait(600.0)

        assert not wakeup.heard.is_set()


async def test_who_hears_nothing_goes_on_after_a_while(pool: asyncpg.Pool) -> None:
    async with Wakeups(pool).on("mine") as wakeup:
        await listening(wakeup)

        async with asyncio.timeout(SECONDS):
            await wakeup.wait(0.01)


async def test_after_the_connection_was_lost_it_listens_again_and_wakes_everybody(pool: asyncpg.Pool) -> None:
    async with Wakeups(pool).on("mine") as wakeup:
        await listening(wakeup)

        await pool.execute("select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'")

        await listening(wakeup)  # it may have missed something meanwhile
        await notify(pool, "mine")
        await heard(wakeup)
