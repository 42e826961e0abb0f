"""What was done with keys, when and by whom: kept in Postgres, and never changed there.

What is recorded is the difference between the registry and what was recorded before. So nothing is missing when a
command died between the key files and Postgres, or when somebody changed the files by hand: the next one notes it.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import asyncpg
import msgspec

from server.db import Queries
from server.messaging.identity import Generations, Registry, key_id

GONE = frozenset({"forgotten", "revoked"})


class Operation(StrEnum):
    """What a key was: made to be the next, begun to be used, followed by another, forgotten, or revoked."""

    MADE = "made"
    BEGAN = "began"
    FOLLOWED = "followed"
    FORGOTTEN = "forgotten"
    REVOKED = "revoked"


class KeyStanding(NamedTuple):
    """One key of the registry and the operation that brought it where it is."""

    key_id: str
    role: str
    purpose: str
    operation: Operation


class KeyEvent(msgspec.Struct, frozen=True):
    """*role* is '' for a key of the API. *generation*: of the registry with which it became true."""

    seq: int
    at: datetime
    actor: str
    operation: Operation
    role: str
    purpose: str
    key_id: str
    generation: int


class KeyEvents:
    """*connection*: of whoever may write them, a hub or a command on its machine."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._sql = Queries.load("server.messaging", "key_events.sql")

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """While keys are changed and that is written down: a hub that notices is not to write it in its own name."""
        async with self._connection.transaction():
            await self._connection.execute(self._sql.alone)
            yield

    async def record(self, registry: Registry, *, actor: str) -> int:
        """Write down what has become of every key since the last time. Returns how many events that took."""
        async with self.alone():
            known = {
                row["key_id"]: KeyStanding(row["key_id"], row["role"], row["purpose"], Operation(row["operation"]))
                for row in await self._connection.fetch(self._sql.last_operations)
            }
            news = list(_news(registry, known))
            if news:
                columns = ([each.operation for each in news], [each.role for each in news])
                more = ([each.purpose for each in news], [each.key_id for each in news])
                await self._connection.execute(self._sql.insert_events, actor, registry.generation, *columns, *more)
        return len(news)

    async def last(self) -> int:
        """The number of the newest event; 0 when there is none."""
        return int(await self._connection.fetchval(self._sql.last_number))

    async def list(self, *, after: int = 0, limit: int = 1000) -> list[KeyEvent]:
        """The oldest first; *after* is the last number of the page before."""
        rows = await self._connection.fetch(self._sql.list_events, after, limit)
        return [msgspec.convert(dict(row), KeyEvent) for row in rows]


def standings(registry: Registry) -> Iterator[KeyStanding]:
    """Every key that counts: the one in use, the next, and those of before."""
    for role, public in registry.roles.items():
        for purpose, keys in (("signing", public.verifying), ("opening", public.sealing)):
            for raw, operation in _generations(keys):
                yield KeyStanding(key_id(raw).hex(), role.value, purpose, operation)


def _news(registry: Registry, known: dict[str, KeyStanding]) -> Iterator[KeyStanding]:
    now = {each.key_id: each for each in standings(registry)}
    revoked = {each.hex() for each in registry.revoked}
    for before in known.values():
        if before.key_id not in now and before.operation not in GONE:
            gone = Operation.REVOKED if before.key_id in revoked else Operation.FORGOTTEN
            yield before._replace(operation=gone)
    for each in now.values():
        if each.key_id not in known:
            yield each._replace(operation=Operation.MADE)
        if known.get(each.key_id, each._replace(operation=Operation.MADE)).operation is not each.operation:
            yield each


def _generations(keys: Generations) -> Iterator[tuple[bytes, Operation]]:
    yield keys.current, Operation.BEGAN
    yield keys.next, Operation.MADE
    for previous in keys.previous or ():
        yield previous.key, Operation.FOLLOWED
