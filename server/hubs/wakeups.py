"""Hear at once what another hub has done: a hint to look again, over Postgres' NOTIFY.

One connection for all who wait, and none while nobody does. A hint may be lost; whoever waits looks by itself too.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from server.cancellation import end, stop_if_cancelled
from server.db import DATABASE_AWAY

CHANNEL = "hive_wakeups"
"""`select pg_notify('hive_wakeups', subject)` wakes those who wait for that subject."""

RETRY_SECONDS = 0.5


class Wakeup:
    """One waiter's ear."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    async def wait(self, at_most_seconds: float) -> None:
        """Return when the subject was named since the last call, or after *at_most_seconds*."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_seconds):
                await self.heard.wait()
        self.heard.clear()


class Wakeups:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._waiting: dict[str, set[Wakeup]] = {}
        self._listening: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def on(self, subject: str) -> AsyncIterator[Wakeup]:
        """Listen for *subject*."""
        wakeup = Wakeup()
        self._waiting.setdefault(subject, set()).add(wakeup)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(), name="wakeups")
        try:
            yield wakeup
        finally:
            self._waiting[subject].remove(wakeup)
            if not self._waiting[subject]:
                del self._waiting[subject]
            if not self._waiting:
                listening, self._listening = self._listening, None
                await end(listening)

    async def _listen(self) -> None:
        while True:
            with suppress(*DATABASE_AWAY):
                async with self._pool.acquire() as connection:
                    await self._listen_on(connection)
            stop_if_cancelled()
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen_on(self, connection: Any) -> None:
        """Until the connection is lost."""
        lost = asyncio.Event()

        def hang_up(_: object) -> None:
            lost.set()

        connection.add_termination_listener(hang_up)
        await connection.add_listener(CHANNEL, self._hear)
        try:
            self._wake(self._waiting)  # of what was said before we listened nobody told us
            await lost.wait()
        finally:
            connection.remove_termination_listener(hang_up)
            await connection.remove_listener(CHANNEL, self._hear)

    def _hear(self, connection: object, pid: int, channel: str, subject: str) -> None:
        self._wake([subject])

    def _wake(self, subjects: Any) -> None:
        for subject in subjects:
            for wakeup in self._waiting.get(subject, ()):
                wakeup.heard.set()
