"""Locks that several hubs respect, for code that must be alone: per pull request, say.

A lock has a lease, so that a dead holder holds nobody up, and a fencing token, so that a holder who was paused past its
lease cannot write: what is written under a lock asks `Locks.check` first, in the same transaction. Who waits is served
in order, also among hubs. What is locked is a name; nothing here knows what it stands for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec
import structlog

from server.cancellation import end, stop_if_cancelled
from server.db import DATABASE_AWAY, Connection, Queries
from server.errors import HiveError
from server.hubs.leases import Lease
from server.hubs.wakeups import Wakeup, Wakeups

LEASE_SECONDS = 30.0
WAIT_SECONDS = 30.0

LOOK_SECONDS = 1.0
"""How often a waiter looks although nobody woke it: the holder may have died."""

PLACE_SECONDS = 4.0
"""How long a silent waiter keeps its place in line."""

RELEASE_SECONDS = 2.0
"""How long a release is tried; after that the lease runs out by itself."""

_SQL = Queries.load("server.hubs", "locks.sql")

log = structlog.get_logger("hive.locks")


class LockTaken(HiveError):
    """Somebody else held it for as long as we would wait."""


class LockLost(HiveError):
    """The lock is no longer ours: what was to be written under it must not be."""


class HeldLock(msgspec.Struct, frozen=True):
    """One that is held, for people. *waiting*: how many stand in line."""

    name: str
    token: int
    held_by: str
    renewed_at: datetime
    leased_until: datetime
    waiting: int


class Lock:
    """A lock that was got. *token* is higher than that of every holder of this name before.

    `lost` is set when it is over; the code under it should stop then, and cannot write in any case.
    """

    def __init__(self, name: str, token: int, holder: UUID, lease: Lease, lease_seconds: float) -> None:
        self.name = name
        self.token = token
        self.holder = holder
        self.lease = lease
        self.lease_seconds = lease_seconds

    @property
    def lost(self) -> asyncio.Event:
        return self.lease.lost


class Locks:
    def __init__(self, pool: asyncpg.Pool, *, wakeups: Wakeups | None = None) -> None:
        self._pool = pool
        self._wakeups = wakeups or Wakeups(pool)

    @asynccontextmanager
    async def hold(
        self, name: str, *, by: str = "", lease_seconds: float = LEASE_SECONDS, wait_seconds: float = WAIT_SECONDS
    ) -> AsyncIterator[Lock]:
        """Hold the lock *name* (1 to 300 characters) within the block, renewing it; *by* is who, for people.

        Waits up to *wait_seconds*, 0 for not at all; then raises `LockTaken`.
        """
        holder = uuid4()
        try:
            lock = await self._get(name, holder, by, lease_seconds, wait_seconds)
            keeping = asyncio.create_task(lock.lease.keep(lambda: self._renew(lock)), name=f"lock {name}")
            try:
                yield lock
            finally:
                await end(keeping)
        finally:
            await self._release(name, holder)  # also what we got without hearing of it

    async def check(self, connection: Connection, lock: Lock) -> None:
        """Keep *lock* ours until the end of *connection*'s transaction. Raises `LockLost`, which must roll it back.

        Wait for nothing but Postgres after it: a transaction that is idle for longer than the lease is ended.
        """
        if not connection.is_in_transaction():
            raise ValueError("a lock is checked within the transaction that it protects")
        if lock.lease.is_over:
            raise LockLost(f"the lock {lock.name} was lost: its lease ran out")
        idle_milliseconds = str(round(lock.lease_seconds * 1000))
        held = await connection.fetchval(_SQL.guard_lock, lock.name, lock.holder, lock.token, idle_milliseconds)
        if held is None:
            raise LockLost(f"the lock {lock.name} was lost: somebody else took it")

    async def confirm(self, lock: Lock) -> None:
        """For what happens outside of Postgres: that *lock* is ours now. Raises `LockLost`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await self.check(connection, lock)

    async def list(self) -> "list[HeldLock]":
        """Those that are held, by name."""
        return [HeldLock(**row) for row in await self._pool.fetch(_SQL.list_locks)]

    async def _get(self, name: str, holder: UUID, by: str, lease_seconds: float, wait_seconds: float) -> Lock:
        until = asyncio.get_running_loop().time() + wait_seconds
        lock = await self._take(name, holder, by, lease_seconds)
        if lock is None and wait_seconds > 0:
            try:
                async with asyncio.timeout_at(until), self._wakeups.on(f"lock:{holder}") as wakeup:
                    lock = await self._wait(name, holder, by, lease_seconds, wakeup)
            except TimeoutError:
                pass
            finally:
                await self._leave_line(holder)
        if lock is None:
            raise LockTaken(f"somebody else holds the lock {name}", hint="try again in a moment")
        return lock

    async def _wait(self, name: str, holder: UUID, by: str, lease_seconds: float, wakeup: Wakeup) -> Lock:
        while True:
            try:
                await self._pool.execute(_SQL.wait_for_lock, name, holder, PLACE_SECONDS)
                lock = await self._take(name, holder, by, lease_seconds)
                if lock is not None:
                    return lock
            except DATABASE_AWAY as error:
                stop_if_cancelled()
                log.warning("a lock waits for Postgres", error=type(error).__name__)
            await wakeup.wait(LOOK_SECONDS)

    async def _take(self, name: str, holder: UUID, by: str, lease_seconds: float) -> Lock | None:
        asked_at = asyncio.get_running_loop().time()
        async with self._pool.acquire() as connection:
            await connection.execute(_SQL.make_lock, name)
            token = await connection.fetchval(_SQL.take_lock, name, holder, by, lease_seconds)
        if token is None:
            return None
        lease = Lease(lease_seconds, asked_at=asked_at)
        return None if lease.is_over else Lock(name, token, holder, lease, lease_seconds)

    async def _renew(self, lock: Lock) -> bool:
        renewed = await self._pool.fetchval(_SQL.renew_lock, lock.name, lock.holder, lock.token, lock.lease_seconds)
        return renewed is not None

    async def _leave_line(self, holder: UUID) -> None:
        with suppress(*DATABASE_AWAY):
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._pool.execute(_SQL.leave_line, holder)

    async def _release(self, name: str, holder: UUID) -> None:
        with suppress(*DATABASE_AWAY):
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._pool.execute(_SQL.release_lock, name, holder)


async def forget_locks(connection: Connection, *, unused_seconds: float) -> int:
    """Retention: rows of locks that nobody held for so long, a thousand at a time. Returns how many."""
    await connection.execute(_SQL.forget_waiters, unused_seconds)
    status: str = await connection.execute(_SQL.forget_locks, unused_seconds)
    return int(status.rpartition(" ")[2])
