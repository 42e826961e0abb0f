"""Sealed messages that nobody could open, under names that fit into an address.

What they hold stays ciphertext: only the reason, the stream and the time are shown. They lie in Redis; who let one rest
is recorded in Postgres before it leaves.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
from asyncpg import Pool
from redis.asyncio import Redis

from server.db import Queries
from server.errors import HiveError
from server.messaging import Route
from server.messaging.connection import command, redis_errors
from server.messaging.dead_letters import DeadLetter, discard_dead_letters, list_dead_letters

PAGE = 500
BEHIND_ALL = "~"
"""No message's id comes later in its moment."""


_EPOCH = datetime.fromtimestamp(0, UTC)


class DeadMessageNotFound(HiveError):
    """No dead message has this id."""


class DeadMessage(msgspec.Struct, frozen=True):
    """*id* is `<where>@<entry>`, where *where* is the tag of its stream: `intake`, `agent`."""

    id: str
    stream: str
    reason: str
    died_at: datetime
    envelope_bytes: int


class MessagePlace(NamedTuple):
    """Behind which dead message a list goes on; an empty id is before all of that moment, `BEHIND_ALL` behind."""

    died_at: datetime
    id: str


class DeadMessages:
    """Those of *routes*, over the orchestrator's connection. *pool* is for the record of who discarded."""

    def __init__(self, redis: Redis, routes: Iterable[Route], pool: Pool) -> None:
        self._redis = redis
        self._route_of = {_name(route): route for route in routes}
        self._pool = pool
        self._sql = Queries.load("server.api", "dead_messages.sql")

    async def list(
        self, *, limit: int, since: datetime | None = None, before: MessagePlace | None = None
    ) -> list[DeadMessage]:
        """The newest first. Raises `RedisUnavailable`."""
        dead: list[DeadMessage] = []
        for name, route in self._route_of.items():
            newest = _entry_before(name, before) if before else None
            letters = await list_dead_letters(self._redis, route, limit=limit, before=newest)
            dead += (_message(name, letter) for letter in letters)
        dead.sort(key=_order, reverse=True)
        return [
            message
            for message in dead
            if (before is None or _order(message) < _order_of(*before)) and (since is None or message.died_at >= since)
        ][:limit]

    async def count(self, *, since: datetime | None = None, until: datetime | None = None) -> int:
        """Raises `RedisUnavailable`."""
        count = 0
        before = MessagePlace(until, "") if until else None
        while page := await self.list(limit=PAGE, since=since, before=before):
            count += len(page)
            before = MessagePlace(page[-1].died_at, page[-1].id)
        return count

    async def total(self) -> int:
        """All there are. Raises `RedisUnavailable`."""
        with redis_errors("counting dead letters"):
            lengths = [int(await command(self._redis, "XLEN", route.dead_key)) for route in self._route_of.values()]
        return sum(lengths)

    async def get(self, message_id: str) -> DeadMessage:
        """Raises `DeadMessageNotFound`, which says who discarded it, or `RedisUnavailable`."""
        name, _, entry = message_id.partition("@")
        route = self._route_of.get(name)
        if route is not None and _is_entry(entry):
            after = _next_entry(entry)
            for letter in await list_dead_letters(self._redis, route, limit=1, before=after):
                if letter.id == entry:
                    return _message(name, letter)
        raise await self._not_found(message_id)

    async def discard(self, reasons: Mapping[str, str], *, by: str) -> None:
        """*reasons*: by id, why nobody could open it. Raises `RedisUnavailable`.

        Recorded first: one that is recorded and still there can be discarded again.
        """
        entries: dict[str, list[str]] = {}
        for message_id in reasons:
            name, _, entry = message_id.partition("@")
            entries.setdefault(name, []).append(entry)
        streams = [self._route_of[message_id.partition("@")[0]].stream for message_id in reasons]
        await self._pool.execute(self._sql.record_discards, list(reasons), streams, list(reasons.values()), by)
        for name, of_stream in entries.items():
            await discard_dead_letters(self._redis, self._route_of[name], of_stream)

    async def _not_found(self, message_id: str) -> DeadMessageNotFound:
        row = await self._pool.fetchrow(self._sql.last_discard, message_id)
        hint = f"{row['actor']} discarded it at {row['at']:%Y-%m-%d %H:%M} UTC" if row else ""
        return DeadMessageNotFound(f"there is no dead message {message_id}", hint=hint)


def _message(name: str, letter: DeadLetter) -> DeadMessage:
    return DeadMessage(f"{name}@{letter.id}", letter.stream, letter.reason, letter.died_at, len(letter.envelope))


def _order(message: DeadMessage) -> tuple[datetime, str, int]:
    return _order_of(message.died_at, message.id)


def _order_of(died_at: datetime, message_id: str) -> tuple[datetime, str, int]:
    """Within a moment by stream, then as Redis counts its entries: 9 before 10."""
    name, _, entry = message_id.partition("@")
    return died_at, name, int(entry.partition("-")[2] or 0)


def _entry_before(name: str, before: MessagePlace) -> str:
    """Of the stream *name*: the entry below which those that may follow lie."""
    where, _, entry = before.id.partition("@")
    if where == name:
        return entry
    milliseconds, rest = divmod(before.died_at - _EPOCH, timedelta(milliseconds=1))
    return f"{milliseconds + 1}-0" if rest or name < where else f"{milliseconds}-0"


def _is_entry(text: str) -> bool:
    milliseconds, dash, sequence = text.partition("-")
    return bool(dash) and all(part.isascii() and part.isdigit() and len(part) < 19 for part in (milliseconds, sequence))


def _next_entry(entry: str) -> str:
    milliseconds, _, sequence = entry.partition("-")
    return f"{milliseconds}-{int(sequence) + 1}"


def _name(route: Route) -> str:
    return route.tag[route.tag.index("{") + 1 : -1]
