"""How long to wait before Redis is tried again: longer each time, and not all at once."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.exceptions import ClusterDownError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError

FIRST_SECONDS = 0.05
LONGEST_SECONDS = 2.0

PASSING = (RedisConnectionError, ClusterDownError, TryAgainError)
"""What another try may mend: a connection that broke, a server that loads or was demoted, a slot without an owner."""

T = TypeVar("T")


class Backoff:
    """Of one reader; `reset` when Redis answers again."""

    def __init__(self) -> None:
        self._failures = 0

    @property
    def is_fresh(self) -> bool:
        return self._failures == 0

    def reset(self) -> None:
        self._failures = 0

    def next_seconds(self) -> float:
        """Between half and all of the doubled wait, so that readers do not come back in step."""
        longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0**self._failures)
        self._failures += 1
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


async def persist(attempt: Callable[[], Awaitable[T]], patience_seconds: float) -> T:
    """Try again what fails in passing, until the next try would be later than *patience_seconds* from now."""
    now = asyncio.get_running_loop().time
    deadline, backoff = now() + patience_seconds, Backoff()
    while True:
        try:
            return await attempt()
        except PASSING:
            wait_seconds = backoff.next_seconds()
            if now() + wait_seconds > deadline:
                raise
            await asyncio.sleep(wait_seconds)
