"""Locks that several hubs respect, on a real Postgres: alone, in order, and fenced when the holder was paused."""

import asyncio
import os
import random
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from server.db import migrate, open_pool
from server.embedded.postgres import EmbeddedPostgres
from server.hubs.locks import LEASE_SECONDS, Lock, LockLost, Locks, LockTaken, forget_locks
from server.hubs.wakeups import Wakeup, Wakeups
from tests.chance import a_chance
from tests.clock import Clock
from tests.hubs.paused import NAME, paused_process
from tests.hubs.rows import SECONDS, WRITTEN, somebody_waits, written


async def write(pool: asyncpg.Pool, locks: Locks, lock: Lock) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await locks.check(connection, lock)
        await connection.execute("insert into written (token) values ($1)", lock.token)


async def waiting(pool: asyncpg.Pool, count: int) -> None:
    """Until so many stand in line: nothing signals that."""
    async with asyncio.timeout(SECONDS):
        while True:
            if await pool.fetchval("select count(*) from lock_waiters") == count:
                return
            await asyncio.sleep(0.01)


async def test_one_holds_it_and_another_is_told_so(pool: asyncpg.Pool) -> None:
    mine, others = Locks(pool), Locks(pool)
    async with mine.hold(NAME, by="alice"):
        with pytest.raises(LockTaken, match=NAME):
            async with others.hold(NAME, wait_seconds=0):
                pass
        with pytest.raises(LockTaken):
            async with others.hold(NAME, wait_seconds=0.05):
                pass
        async with others.hold("another name", wait_seconds=0):
            pass

        [held] = await others.list()
    assert (held.name, held.held_by, held.waiting) == (NAME, "alice", 0)
    assert await mine.list() == []


async def test_who_waited_longest_is_woken_when_it_is_free(pool: asyncpg.Pool) -> None:
    async with AsyncExitStack() as held:
        await held.enter_async_context(Locks(pool).hold(NAME))
        waiters = []
        for number in (1, 2):
            waiters.append(asyncio.create_task(tokens_of(Locks(pool), 1)))
            await waiting(pool, number)
        first, second = [row["holder"] for row in await pool.fetch("select holder from lock_waiters order by ticket")]
        wakeups = Wakeups(pool)
        async with wakeups.on(f"lock:{first}") as longest, wakeups.on(f"lock:{second}") as other:
            for wakeup in (longest, other):
                await listening(wakeup)

            await held.aclose()

            for wakeup in (longest, other):  # the second when the first has had it
                async with asyncio.timeout(SECONDS):
                    await wakeup.heard.wait()
    assert [await waiter for waiter in waiters] == [[2], [3]]


async def listening(wakeup: Wakeup) -> None:
    """Whoever begins to listen is woken once: what was said before nobody heard."""
    async with asyncio.timeout(SECONDS):
        await wakeup.heard.wait()
    wakeup.heard.clear()


async def tokens_of(locks: Locks, times: int, name: str = NAME) -> list[int]:
    tokens = []
    for _ in range(times):
        async with locks.hold(name, wait_seconds=SECONDS) as lock:
            tokens.append(lock.token)
    return tokens


async def test_who_came_first_is_served_first_also_among_hubs(pool: asyncpg.Pool) -> None:
    served: list[int] = []

    async def wait(number: int) -> None:
        async with Locks(pool).hold(NAME, wait_seconds=SECONDS):
            served.append(number)

    async with Locks(pool).hold(NAME):
        waiters = []
        for number in range(5):
            waiters.append(asyncio.create_task(wait(number)))
            await waiting(pool, number + 1)
    await asyncio.gather(*waiters)

    assert served == [0, 1, 2, 3, 4]


async def test_who_comes_while_others_wait_does_not_push_in(pool: asyncpg.Pool) -> None:
    await pool.execute("insert into lock_waiters (name, holder, leased_until) "
                       "values ($1, gen_random_uuid(), hive_now() + interval '4 s')", NAME)  # fmt: skip
    with pytest.raises(LockTaken):
        async with Locks(pool).hold(NAME, wait_seconds=0):
            pass

    await Clock(pool).advance(4)  # it died in line

    async with Locks(pool).hold(NAME, wait_seconds=0):
        pass


async def test_tokens_rise_through_release_loss_and_retention(pool: asyncpg.Pool) -> None:
    locks = Locks(pool)
    tokens = await tokens_of(locks, 2) + await tokens_of(locks, 1, "another name") + await tokens_of(locks, 1)
    await Clock(pool).advance(3601)
    async with pool.acquire() as connection:
        assert await forget_locks(connection, unused_seconds=3600) == 2
    assert await pool.fetchval("select count(*) from locks") == 0

    tokens += await tokens_of(locks, 1)

    assert tokens == sorted(set(tokens))


async def test_a_lock_that_is_held_is_not_forgotten(pool: asyncpg.Pool) -> None:
    async with Locks(pool).hold(NAME), pool.acquire() as connection:
        assert await forget_locks(connection, unused_seconds=0) == 0


async def test_a_lock_is_renewed_for_as_long_as_it_is_held(pool: asyncpg.Pool) -> None:
    locks = Locks(pool)
    async with locks.hold(NAME, lease_seconds=1.5) as lock:
        before = await pool.fetchval("select leased_until from locks")
        async with asyncio.timeout(SECONDS):
            while True:
                if await pool.fetchval("select leased_until > $1::timestamptz + interval '0.9 s' from locks", before):
                    break
                await asyncio.sleep(0.02)  # nothing signals a renewal

        assert not lock.lost.is_set()
        await write(pool, locks, lock)


async def test_what_fails_inside_frees_it(pool: asyncpg.Pool) -> None:
    with pytest.raises(RuntimeError):
        async with Locks(pool).hold(NAME):
            raise RuntimeError

    async with Locks(pool).hold(NAME, wait_seconds=0):
        pass


async def test_who_is_cancelled_while_waiting_leaves_nothing_behind(pool: asyncpg.Pool) -> None:
    locks = Locks(pool)
    async with locks.hold(NAME):
        waiter = asyncio.create_task(tokens_of(Locks(pool), 1))
        await waiting(pool, 1)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)

    assert await pool.fetchval("select count(*) from lock_waiters") == 0
    async with locks.hold(NAME, wait_seconds=0):
        pass


async def test_a_lock_is_checked_within_a_transaction_only(pool: asyncpg.Pool) -> None:
    locks = Locks(pool)
    async with locks.hold(NAME) as lock, pool.acquire() as connection:
        with pytest.raises(ValueError, match="within the transaction"):
            await locks.check(connection, lock)


# --- fencing ----------------------------------------------------------------------------------------------------------


async def test_a_holder_that_was_paused_past_its_lease_writes_nothing(pool: asyncpg.Pool) -> None:
    locks = Locks(pool)
    async with locks.hold(NAME) as paused:
        await write(pool, locks, paused)
        await Clock(pool).advance(LEASE_SECONDS)  # it did not notice: by its own clock its lease still runs

        async with Locks(pool).hold(NAME, wait_seconds=0) as lock:
            assert not paused.lost.is_set()
            with pytest.raises(LockLost, match="somebody else took it"):
                await write(pool, locks, paused)
            await write(pool, locks, lock)

        with pytest.raises(LockLost):
            await write(pool, locks, paused)
    assert await written(pool) == [paused.token, lock.token]


async def test_a_holder_that_lost_it_hears_of_it_and_frees_it_for_nobody_else(pool: asyncpg.Pool) -> None:
    locks = Locks(pool)
    async with AsyncExitStack() as others:
        async with locks.hold(NAME, lease_seconds=0.6) as paused:
            await Clock(pool).advance(1)
            lock = await others.enter_async_context(Locks(pool).hold(NAME, wait_seconds=SECONDS))

            async with asyncio.timeout(SECONDS):
                await paused.lost.wait()

        await write(pool, locks, lock)


async def test_a_taker_waits_for_what_the_holder_has_checked_but_not_committed(pool: asyncpg.Pool) -> None:
    locks = Locks(pool)
    async with locks.hold(NAME) as lock:
        async with pool.acquire() as connection, connection.transaction():
            await locks.check(connection, lock)
            await Clock(pool).advance(LEASE_SECONDS)
            taker = asyncio.create_task(tokens_of(Locks(pool), 1))
            await somebody_waits(pool)
            await connection.execute("insert into written (token) values ($1)", lock.token)
            assert not taker.done()
        assert await taker == [lock.token + 1]
    assert await written(pool) == [lock.token]


async def test_a_holder_stopped_between_check_and_commit_writes_nothing(pool: asyncpg.Pool, postgres_url: str) -> None:
    async with paused_process("lock", postgres_url) as process:
        assert await process.said() == "inside"
        process.stop()

        locks = Locks(pool)
        async with locks.hold(NAME, wait_seconds=SECONDS) as lock:  # although the other's transaction is still open
            await process.go_on()

            assert (await process.said()).startswith("refused")
            assert await process.said() == "refused LockLost"
            await write(pool, locks, lock)
    assert await written(pool) == [lock.token]


async def test_locks_are_kept_and_waited_for_while_postgres_restarts(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir / "postgres", settings={"fsync": "off", "full_page_writes": "off"})
    url = await postgres.start()
    await migrate(url)
    pool = await open_pool(url, max_size=8)
    await pool.execute(WRITTEN)
    locks = Locks(pool)
    try:
        async with locks.hold(NAME) as lock:
            waiter = asyncio.create_task(tokens_of(Locks(pool), 1))
            await waiting(pool, 1)
            assert postgres.pid is not None
            os.kill(postgres.pid, signal.SIGKILL)
            await postgres.stop()
            await postgres.start()

            await write(pool, locks, lock)
            assert not waiter.done()
        assert (await waiter)[0] > lock.token
    finally:
        await pool.close()
        await postgres.stop()


# --- any interleaving -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_", range(2))
async def test_whatever_interleaves_each_holders_writes_come_after_those_before(pool: asyncpg.Pool, _: int) -> None:
    """Holders that do not care whether they lost it, and a clock that jumps."""
    chance = a_chance()
    refused = 0

    async def act(locks: Locks, chance: random.Random) -> None:
        nonlocal refused
        for _ in range(12):
            try:
                async with locks.hold(NAME, wait_seconds=chance.choice([0, 5.0, 5.0])) as lock:
                    for _ in range(chance.randrange(6)):
                        await write_slowly(locks, lock, chance)
            except LockTaken:
                continue
            except LockLost:
                refused += 1

    async def write_slowly(locks: Locks, lock: Lock, chance: random.Random) -> None:
        await pool.execute("select pg_sleep($1)", chance.random() * 0.01)
        async with pool.acquire() as connection, connection.transaction():
            await locks.check(connection, lock)
            await connection.execute("insert into written (token) values ($1)", lock.token)
            await connection.execute("select pg_sleep($1)", chance.random() * 0.005)
            assert await connection.fetchval("select token from locks where name = $1", NAME) == lock.token

    async def move_clock() -> None:
        for _ in range(120):
            await Clock(pool).advance(chance.choice([LEASE_SECONDS, 3600.0, -1.0, -3600.0]))
            await pool.execute("select pg_sleep(0.008)")

    async with asyncio.timeout(90):
        holders = [act(Locks(pool), random.Random(chance.random())) for _ in range(4)]
        await asyncio.gather(*holders, move_clock())

    tokens = await written(pool)
    assert tokens == sorted(tokens)
    assert len(set(tokens)) > 3, "nothing was tried"
