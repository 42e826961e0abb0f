"""Sealed messages that nobody could open, under names that fit into an address.

What they hold stays ciphertext: only the reason, the stream and the time are shown.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from redis.asyncio import Redis

from server.errors import HiveError
from server.messaging import Route
from server.messaging.dead_letters import discard_dead_letters, list_dead_letters


class DeadMessageNotFound(HiveError):
    """No dead message has this id."""


class DeadMessage(msgspec.Struct, frozen=True):
    """*id* is `<where>@<entry>`, where *where* is the tag of its stream: `intake`, `work.review`."""

    id: str
    stream: str
    reason: str
    died_at: datetime
    envelope_bytes: int


class DeadMessages:
    """Those of *routes*, over the orchestrator's connection."""

    def __init__(self, redis: Redis, routes: Iterable[Route]) -> None:
        self._redis = redis
        self._route_of = {_name(route): route for route in routes}

    async def list(self, *, limit: int) -> list[DeadMessage]:
        """The newest first. Raises `RedisUnavailable`."""
        dead = [
            DeadMessage(f"{name}@{letter.id}", letter.stream, letter.reason, letter.died_at, len(letter.envelope))
            for name, route in self._route_of.items()
            for letter in await list_dead_letters(self._redis, route, limit=limit)
        ]
        return sorted(dead, key=lambda message: message.died_at, reverse=True)[:limit]

    async def discard(self, message_id: str) -> None:
        """Raises `DeadMessageNotFound` or `RedisUnavailable`."""
        name, _, entry = message_id.partition("@")
        route = self._route_of.get(name)
        known_form = all(part.isascii() and part.isdigit() for part in entry.split("-", 1))
        if route is None or not known_form or not await discard_dead_letters(self._redis, route, [entry]):
            raise DeadMessageNotFound(f"there is no dead message {message_id}")


def _name(route: Route) -> str:
    return route.tag[route.tag.index("{") + 1 : -1]
