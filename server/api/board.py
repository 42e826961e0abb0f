"""What many people look at at once is gathered once.

However many look, the engines are asked at most once a second, and less often where gathering takes long.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

FRESH_SECONDS = 1.0
REST_FACTOR = 20
"""What took long to gather is shown for so many times as long,"""
MOST_SECONDS = 5.0
"""but no longer: an engine that is away makes it slow too."""


class Board(Generic[T]):
    """What *gather* said, now or less than a second ago."""

    def __init__(self, gather: Callable[[], Awaitable[T]]) -> None:
        self._gather = gather
        self._lock = asyncio.Lock()
        self._gathered: T | None = None
        self._fresh_until = 0.0

    async def look(self) -> T:
        async with self._lock:
            if self._gathered is None or time.monotonic() > self._fresh_until:
                began = time.monotonic()
                self._gathered = await self._gather()
                took_seconds = time.monotonic() - began
                rest_seconds = min(MOST_SECONDS, max(FRESH_SECONDS, REST_FACTOR * took_seconds))
                self._fresh_until = time.monotonic() + rest_seconds
            return self._gathered
