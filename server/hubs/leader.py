"""Let one hub alone do what must be done by one: the leader, for as long as it renews its lease.

Time alone protects nothing, because a leader may be paused without knowing. So what it writes goes through
`Leading.transaction`, which Postgres refuses once another took over (a fencing epoch), and which a takeover waits for.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import NoReturn
from uuid import UUID

import asyncpg
import msgspec
import structlog

from server.cancellation import end, stop_if_cancelled
from server.db import DATABASE_AWAY, Connection, Queries
from server.errors import HiveError
from server.hubs.leases import RENEWALS, Lease
from server.hubs.wakeups import Wakeup, Wakeups

LEASE_SECONDS = 6.0
"""How long after a leader's last sign of life another takes over; it is renewed every two."""

RELEASE_SECONDS = 2.0
"""How long a hub that stops tries to say so; after that its lease runs out by itself."""

_SQL = Queries.load("server.hubs", "leader.sql")

log = structlog.get_logger("hive.leader")


class Deposed(HiveError):
    """This hub leads no longer: nothing of the transaction was kept."""


class Leader(msgspec.Struct, frozen=True):
    """Who leads, for people. *hub* is its name, None when its row is gone."""

    name: str
    epoch: int
    hub_id: UUID
    hub: str | None
    renewed_at: datetime
    leased_until: datetime


class Leading:
    """One term of a leader. *epoch* is higher than that of every leader before."""

    def __init__(self, pool: asyncpg.Pool, name: str, hub_id: UUID, epoch: int, lease: Lease, seconds: float) -> None:
        self._pool = pool
        self._name = name
        self._hub_id = hub_id
        self._seconds = seconds
        self.epoch = epoch
        self.lease = lease

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction that can only be committed while this hub leads.

        Wait for nothing but Postgres inside: one that is idle for longer than the lease is ended. Raises `Deposed`.
        """
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await self._guard(connection)
                yield connection
        except (asyncpg.IdleInTransactionSessionTimeoutError, *DATABASE_AWAY) as error:
            if self.lease.is_over:
                raise self._deposed("its lease ran out within a transaction") from error
            raise

    async def renew(self) -> bool:
        """Ask Postgres for the whole lease again. False: another leads, or nobody."""
        renewed = await self._pool.fetchval(_SQL.renew, self._name, self._hub_id, self.epoch, self._seconds)
        return renewed is not None

    async def _guard(self, connection: Connection) -> None:
        if self.lease.is_over:
            raise self._deposed("its lease ran out")
        idle_milliseconds = str(round(self._seconds * 1000))
        if await connection.fetchval(_SQL.guard, self._name, self._hub_id, self.epoch, idle_milliseconds) is None:
            raise self._deposed("another hub took over")

    def _deposed(self, why: str) -> Deposed:
        return Deposed(f"this hub no longer leads {self._name} (epoch {self.epoch}): {why}")


_PASSING: tuple[type[Exception], ...] = (Deposed, *DATABASE_AWAY)

Duties = Callable[[Leading], Awaitable[None]]
"""What the leader does. Cancelled when it leads no longer; may return early."""


class Leadership:
    """A hub's candidacy. *name* is what is led; there is one leader for each."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        hub_id: UUID,
        lease_seconds: float = LEASE_SECONDS,
        *,
        name: str = "hive",
        wakeups: Wakeups | None = None,
    ) -> None:
        self._pool = pool
        self._hub_id = hub_id
        self._lease_seconds = lease_seconds
        self._name = name
        self._wakeups = wakeups or Wakeups(pool)
        self.leading: Leading | None = None
        """The term that runs, if this hub leads."""

    async def run(self, duties: Duties) -> NoReturn:
        """Stand for election for as long as the hub runs, and run *duties* while leading.

        Duties that raise `Deposed`, or because Postgres is away, end the term and another is sought; what else they
        raise is raised here, after the leadership was given back.
        """
        try:
            while True:
                leading = await self._win()
                log.info("leading", name=self._name, epoch=leading.epoch)
                await self._lead(leading, duties)
                log.info("leading no longer", name=self._name, epoch=leading.epoch)
                await self.release()
                await asyncio.sleep(self._lease_seconds / RENEWALS / 4)  # the others first
        finally:
            await self.release()  # also what was won while we were stopped

    async def elect(self) -> Leading | None:
        """Lead, if nobody does. Waits for transactions that the leader before has still open."""
        asked_at = asyncio.get_running_loop().time()
        async with self._pool.acquire() as connection:
            await connection.execute(_SQL.stand, self._name)
            epoch = await connection.fetchval(_SQL.take_over, self._name, self._hub_id, self._lease_seconds)
        if epoch is None:
            return None
        lease = Lease(self._lease_seconds, asked_at=asked_at)
        return Leading(self._pool, self._name, self._hub_id, epoch, lease, self._lease_seconds)

    async def release(self) -> None:
        """Give the leadership back, if it is ours: the next takes over at once. When Postgres is away, it runs out."""
        with suppress(*DATABASE_AWAY):
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._pool.execute(_SQL.release, self._name, self._hub_id)

    async def leader(self) -> Leader | None:
        row = await self._pool.fetchrow(_SQL.get_leader, self._name)
        return Leader(**row) if row else None

    async def _win(self) -> Leading:
        async with self._wakeups.on(f"leadership:{self._name}") as wakeup:
            while True:
                leading = await self._try()
                if leading is not None and not leading.lease.is_over:
                    return leading
                await self._wait(wakeup)

    async def _try(self) -> Leading | None:
        try:
            return await self.elect()
        except DATABASE_AWAY as error:
            log.warning("an election waits for Postgres", error=type(error).__name__)
            return None

    async def _wait(self, wakeup: Wakeup) -> None:
        await wakeup.wait(self._lease_seconds / RENEWALS)
        stop_if_cancelled()

    async def _lead(self, leading: Leading, duties: Duties) -> None:
        """Until the lease is lost."""
        keeping = asyncio.create_task(leading.lease.keep(leading.renew), name=f"lease of {self._name}")
        lost = asyncio.create_task(leading.lease.lost.wait(), name=f"end of {self._name}")
        work = asyncio.create_task(_run(duties, leading), name=f"duties of {self._name}")
        self.leading = leading
        try:
            await asyncio.wait({work, lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, keeping, lost):  # the work first: the lease is kept until it has ended
                await end(task)
            self.leading = None
        if not work.cancelled():
            work.result()


async def _run(duties: Duties, leading: Leading) -> None:
    """Duties, and then nothing until they are cancelled; only what ends a term early ends this early."""
    try:
        await duties(leading)
    except* _PASSING as errors:  # alone or from a group of tasks
        log.warning("the leader's duties ended", errors=[type(error).__name__ for error in errors.exceptions])
    else:
        await asyncio.Event().wait()
