"""What a test lets go wrong at the stand-in of GitHub."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Interruption:
    """What goes wrong with the next *times* calls of *operation*, before or *after* they took effect.

    *hold*: wait for `release()`; *gives_up_seconds*: no longer, and then it never takes effect: GitHub does so after
    10 s. *drop*: then hang up without an answer. *status*: then answer so. None of them: merely let `happened()` be
    known, and go on.
    """

    operation: str
    after: bool = False
    status: int | None = None
    message: str = "Interrupted"
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    hold: bool = False
    gives_up_seconds: float | None = None
    times: int = 1
    reached: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    gave_up: bool = field(default=False, init=False)
    _released: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def happened(self) -> None:
        """Wait until it does; a test that waits in vain fails."""
        await asyncio.wait_for(self.reached.wait(), 120)

    def release(self) -> None:
        self._released.set()

    async def _is_released(self) -> bool:
        try:
            async with asyncio.timeout(self.gives_up_seconds):
                await self._released.wait()
        except TimeoutError:
            self.gave_up = True
        return not self.gave_up

    async def happen(self, request: web.Request) -> web.Response | None:
        """The answer instead of the real one, or None to go on."""
        self.reached.set()
        if self.hold and not await self._is_released():
            return web.json_response({"message": "We couldn't respond in time"}, status=504)
        if self.drop and request.transport is not None:
            request.transport.abort()
        if self.drop:
            return web.Response(status=500)
        if self.status is not None:
            return web.json_response({"message": self.message}, status=self.status, headers=self.headers)
        return None
