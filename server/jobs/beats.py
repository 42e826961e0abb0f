"""Gather agents' beats and have them written together: a few statements a second, however many agents there are.

A beat may be acknowledged before it is written: one that is lost with its hub is followed by the next, and a lease
lasts several of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from uuid import UUID

import structlog

from server.cancellation import stop_if_cancelled
from server.jobs.wire import Beat

TOGETHER_SECONDS = 0.25
"""For so long beats gather before they are written."""
PAGE = 64
"""Written at once: more would hold up the loop for what people wait for."""


log = structlog.get_logger()


class Beats:
    """*write* is called by one task at a time."""

    def __init__(self, write: Callable[[Sequence[Beat]], Awaitable[None]]) -> None:
        self._write = write
        self._waiting: dict[UUID, Beat] = {}
        self._any = asyncio.Event()
        self._turn = asyncio.Lock()
        self._unwritten_since: float | None = None

    def gather(self, beats: Iterable[Beat]) -> None:
        """An agent's later beat takes the place of its earlier one."""
        self._waiting |= {beat.agent_id: beat for beat in beats}
        if self._waiting and self._unwritten_since is None:
            self._unwritten_since = asyncio.get_running_loop().time()
            self._any.set()

    def late_seconds(self) -> float:
        """For how long the oldest beat that was heard has waited to be written."""
        since = self._unwritten_since
        return 0.0 if since is None else asyncio.get_running_loop().time() - since

    async def write(self) -> None:
        """All that was gathered, now."""
        async with self._turn:
            while self._waiting:
                page = [self._waiting.pop(agent_id) for agent_id in list(self._waiting)[:PAGE]]
                await self._write_page(page)
            self._unwritten_since = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._any.wait()
            self._any.clear()
            await asyncio.sleep(TOGETHER_SECONDS)
            await self.write()

    async def _write_page(self, page: Sequence[Beat]) -> None:
        """When one beat spoils it, the others are written one by one."""
        try:
            await self._write(page)
        except Exception:
            stop_if_cancelled()
            if len(page) == 1:
                log.exception("a beat cannot be written", agent=page[0].name)
            else:
                for beat in page:
                    await self._write_page([beat])
