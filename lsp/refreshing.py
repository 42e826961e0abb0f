"""Ask an editor to ask us again (workspace/diagnostic/refresh and its like): once for what changes in one breath."""

import asyncio
import contextlib

from pygls.exceptions import JsonRpcException

from lsp.protocol import HiveProtocol

PAUSE_SECONDS = 0.02


class Refreshing:
    """One client's, of one method. `close` ends it."""

    def __init__(self, protocol: HiveProtocol, method: str) -> None:
        self._protocol = protocol
        self._method = method
        self._wanted = asyncio.Event()
        self._task = asyncio.create_task(self._keep_asking())

    def want(self) -> None:
        self._wanted.set()

    def close(self) -> None:
        self._task.cancel()

    async def _keep_asking(self) -> None:
        """One at a time: the editor answers before it is asked anew."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            self._wanted.clear()
            with contextlib.suppress(JsonRpcException):
                await asyncio.shield(self._protocol.send_request_async(self._method, None))
