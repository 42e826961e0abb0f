"""A queue whose agents run elsewhere: while none of them is there, a stand-in serves it, so that nothing waits in vain.

Knows no process: what a stand-in is, and what it does with the work, is its caller's affair.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog

from server.jobs.views import KnownAgent, capacities

PATIENCE_SECONDS = 300.0
"""What agents may take to come back: they may be replaced by newer ones just now."""
LOOK_EVERY_SECONDS = 15.0

log = structlog.get_logger()


class Vacancy:
    """*agents*: all that are known. *stand_in* runs until cancelled; *name* is that of its agents, of whatever hub."""

    def __init__(
        self,
        queue: str,
        agents: Callable[[], Awaitable[Sequence[KnownAgent]]],
        stand_in: Callable[[], Coroutine[Any, Any, None]],
        *,
        name: str,
        patience_seconds: float = PATIENCE_SECONDS,
        look_every_seconds: float = LOOK_EVERY_SECONDS,
    ) -> None:
        self._queue = queue
        self._agents = agents
        self._stand_in = stand_in
        self._name = name
        self._patience_seconds = patience_seconds
        self._look_every_seconds = look_every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._until_nobody_is_there()
            log.warning("nobody works on a queue: what waits there is ended", queue=self._queue)
            stand_in = asyncio.create_task(self._stand_in())
            try:
                await self._until_somebody_is_there(stand_in)
            finally:
                stand_in.cancel()
                await asyncio.gather(stand_in, return_exceptions=True)
            log.info("somebody works on the queue again", queue=self._queue)

    async def _until_nobody_is_there(self) -> None:
        loop = asyncio.get_running_loop()
        seen_at = loop.time()
        while loop.time() < seen_at + self._patience_seconds:
            await asyncio.sleep(self._look_every_seconds)
            if await self._is_somebody_there():
                seen_at = loop.time()

    async def _until_somebody_is_there(self, stand_in: "asyncio.Task[None]") -> None:
        while not await self._is_somebody_there():
            await asyncio.wait([stand_in], timeout=self._look_every_seconds)
            if stand_in.done():
                stand_in.result()

    async def _is_somebody_there(self) -> bool:
        others = [agent for agent in await self._agents() if agent.name != self._name]
        return capacities(others)[self._queue] > 0
