"""What runs for as long as the hub runs: what must, and what only looks. Knows no part by name."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import structlog

from server.cancellation import stop_if_cancelled
from server.errors import HiveError

AGAIN_SECONDS = 30.0
"""After which a part that only looks is tried again when it failed."""

log = structlog.get_logger("hive.hub")


class HubFailed(HiveError):
    """A part of the running hub ended by itself."""


class Background:
    """*stack* stops what runs. *failed* is done when a part ended that must not; its exception says why."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run it for as long as the hub runs. When it ends by itself, the hub has failed."""
        task = asyncio.create_task(work, name=name)

        def ended(_: "asyncio.Task[None]") -> None:
            if task.cancelled() or self.failed.done():
                return
            error = task.exception()
            if not isinstance(error, HiveError):
                log.error("a part of the hub ended", part=name, exc_info=error)
                error = HubFailed(f"the {name} ended: {error!r}", hint="the log has more")
            self.failed.set_exception(error)
            self.failed.exception()  # taken note of, also when nobody waits any more

        async def stop() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        task.add_done_callback(ended)
        self._stack.push_async_callback(stop)

    def beside(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        """As `run`, for what only looks: when it stumbles, work goes on without it until it is tried again."""

        async def again_and_again() -> None:
            while True:
                try:
                    await work()
                except Exception:
                    stop_if_cancelled()
                    log.exception("a part that only looks failed", part=name, again_seconds=AGAIN_SECONDS)
                await asyncio.sleep(AGAIN_SECONDS)

        self.run(again_and_again(), name)

    async def until(self, moment: asyncio.Event) -> None:
        """Wait for it, or raise what failed meanwhile."""
        come: asyncio.Future[Any] = asyncio.ensure_future(moment.wait())
        await asyncio.wait({come, self.failed}, return_when=asyncio.FIRST_COMPLETED)
        come.cancel()
        if self.failed.done():
            self.failed.result()
