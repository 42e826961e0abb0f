"""Which hubs are there: each says every two seconds that it lives, in a row of its own.

Elects nobody (`leader.py` does) and hands out nothing: the orchestrator asks for its share.
"""

import asyncio
import os
import socket
from contextlib import suppress
from typing import NoReturn
from uuid import uuid4

import asyncpg
import msgspec
import structlog

from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY, Connection, Queries

BEAT_SECONDS = 2.0
LEASE_SECONDS = 10.0
"""How long a hub may be silent before the others share its part among them."""

LEAVE_SECONDS = 2.0
"""How long a hub that stops tries to say so."""

_SQL = Queries.load("server.hubs", "hubs.sql")

log = structlog.get_logger("hive.hubs")


class Standing(msgspec.Struct, frozen=True):
    """A hub's place among those that live: *ordinal* counts from 0, the oldest first; *live* includes itself."""

    ordinal: int
    live: int


class Hubs:
    """This hub among the others. Its id is new at every start, so that nothing is taken for what it was before."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.id = uuid4()
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.standing = Standing(0, 1)
        """As of the last beat."""

    async def run(self) -> NoReturn:
        """Beat for as long as the hub runs, Postgres may be away meanwhile; leave when it is stopped."""
        try:
            while True:
                try:
                    await self.beat()
                except DATABASE_AWAY as error:
                    log.warning("a hub's beat waits for Postgres", error=type(error).__name__)
                stop_if_cancelled()
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            with suppress(*DATABASE_AWAY):  # then it is missed when its lease runs out
                async with asyncio.timeout(LEAVE_SECONDS):
                    await self.leave()

    async def beat(self) -> Standing:
        row = await self._pool.fetchrow(_SQL.beat, self.id, self.name, LEASE_SECONDS)
        self.standing = Standing(row["earlier"], row["others"] + 1)
        return self.standing

    async def leave(self) -> None:
        """The others share this hub's part from their next beat on."""
        await self._pool.execute(_SQL.leave, self.id)


async def forget_hubs(connection: Connection, *, silent_seconds: float) -> int:
    """Retention: hubs that were killed. Returns how many."""
    status: str = await connection.execute(_SQL.forget_hubs, silent_seconds)
    return int(status.rpartition(" ")[2])
