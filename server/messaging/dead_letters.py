"""What could not be opened, kept as the ciphertext that it was, with the reason.

A job that failed too often is the jobs' own affair; here are only envelopes that nobody could trust.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from redis.asyncio import Redis

from server.messaging.connection import command, redis_errors, transaction
from server.messaging.pipelining import Command
from server.messaging.routes import Route

KEPT = 10_000
"""About how many a stream's dead letters may number; beyond, the oldest leave."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """*id* is its place in the dead letters, *entry_id* the place that it had in *stream*."""

    id: str
    reason: str
    stream: str
    entry_id: str
    died_at: datetime
    envelope: bytes = field(repr=False)


async def bury(redis: Redis, route: Route, group: str | None, entry_id: bytes, envelope: bytes, reason: str) -> None:
    """Move an entry to its route's dead letters; without *group* (a broadcast) it also stays where it is.

    One transaction: an entry is never in neither place.
    """
    fields = (b"e", envelope, "reason", reason, "stream", route.stream, "entry", entry_id)
    commands: list[Command] = [("XADD", route.dead_key, "MAXLEN", "~", KEPT, "*", *fields)]
    if group is not None:
        commands += [("XACK", route.stream, group, entry_id), ("XDEL", route.stream, entry_id)]
    await transaction(redis, commands)
    _log.warning("dead_letter", stream=route.stream, entry=entry_id.decode(), reason=reason)


async def list_dead_letters(
    redis: Redis, route: Route, *, limit: int = 100, before: str | None = None
) -> list[DeadLetter]:
    """Newest first; *before* is the last id of the page before. Raises `RedisUnavailable`."""
    newest = "+" if before is None else f"({before}"
    with redis_errors("listing dead letters"):
        entries = await command(redis, "XREVRANGE", route.dead_key, newest, "-", "COUNT", limit)
    return [_dead_letter(entry_id, dict(zip(flat[::2], flat[1::2], strict=True))) for entry_id, flat in entries]


async def discard_dead_letters(redis: Redis, route: Route, ids: Iterable[str]) -> int:
    """How many of *ids* were there. Raises `RedisUnavailable`."""
    doomed = list(ids)
    if not doomed:
        return 0
    with redis_errors("discarding dead letters"):
        return int(await command(redis, "XDEL", route.dead_key, *doomed))


def _dead_letter(entry_id: bytes, fields: dict[bytes, Any]) -> DeadLetter:
    milliseconds = int(entry_id.split(b"-")[0])
    return DeadLetter(
        id=entry_id.decode(),
        reason=fields.get(b"reason", b"").decode(errors="replace"),
        stream=fields.get(b"stream", b"").decode(errors="replace"),
        entry_id=fields.get(b"entry", b"").decode(errors="replace"),
        died_at=datetime.fromtimestamp(milliseconds / 1000, UTC),
        envelope=fields.get(b"e", b""),
    )
