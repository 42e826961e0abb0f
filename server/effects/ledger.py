"""Do something to the outside world once, however often it is tried.

A row is written before acting; what was done is looked for before acting again; and an act that may still be under way
is waited out. Knows nothing of GitHub: `publishing.py` says how to look and how to act.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from server.db import DATABASE_AWAY, Connection, Queries
from server.effects.api import GitHubRefused
from server.errors import DatabaseUnavailable
from server.jobs.job import Snooze

BUSY_SECONDS = 2.0
"""When another process acts on the same effect."""

UNDER_WAY_SECONDS = 15.0
"""How long after its sender died a request may still take effect; GitHub gives up on one after 10 s."""

_SQL = Queries.load("server.effects", "ledger.sql")

T = TypeVar("T")


class Ledger:
    def __init__(self, pool: asyncpg.Pool, *, under_way_seconds: float = UNDER_WAY_SECONDS) -> None:
        self._pool = pool
        self._under_way_seconds = under_way_seconds

    async def once(
        self,
        key: str,
        type_: type[T],
        *,
        job_id: UUID,
        find: Callable[[], Awaitable[T | None]],
        act: Callable[[], Awaitable[T]],
    ) -> T:
        """The result of *act*, from whichever attempt it was done. *find* looks for what an attempt left outside.

        Raises Snooze while somebody else acts, or may.
        """
        async with self._locked(key, job_id) as effect:
            if effect.result is not None:
                return msgspec.json.decode(effect.result, type=type_)
            result = await find()
            if result is None:
                effect.refuse_while_under_way(self._under_way_seconds)
                result = await self._act(effect, act)
            await effect.connection.execute(_SQL.finish_effect, key, msgspec.json.encode(result).decode())
            return result

    async def is_done(self, key: str) -> bool:
        return bool(await self._pool.fetchval(_SQL.is_effect_done, key))

    async def _act(self, effect: "_Effect", act: Callable[[], Awaitable[T]]) -> T:
        # On the connection that holds the lock: if that is lost, this fails, and nothing is done without the lock.
        await effect.connection.execute(_SQL.start_acting, effect.key)
        try:
            return await act()
        except (GitHubRefused, Snooze):
            await effect.connection.execute(_SQL.stop_acting, effect.key)
            raise

    @asynccontextmanager
    async def _locked(self, key: str, job_id: UUID) -> "AsyncIterator[_Effect]":
        try:
            async with self._pool.acquire() as connection:
                if not await connection.fetchval(_SQL.lock_effect, key):
                    raise Snooze(BUSY_SECONDS, "another process is doing the same")
                row = await connection.fetchrow(_SQL.begin_effect, key, job_id)
                # The row is not seen by the statement that makes it.
                yield _Effect(connection, key, *(row or (None, None)))
        except DATABASE_AWAY as error:
            raise DatabaseUnavailable(f"the ledger of effects cannot be written ({type(error).__name__})") from error


class _Effect(NamedTuple):
    """The row, and the connection that holds its lock."""

    connection: Connection
    key: str
    result: str | None
    acting_since_seconds: float | None

    def refuse_while_under_way(self, seconds: float) -> None:
        if self.acting_since_seconds is not None and self.acting_since_seconds < seconds:
            raise Snooze(seconds - self.acting_since_seconds, "an earlier attempt may still take effect")
