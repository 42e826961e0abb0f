"""One editor's connection, whatever carries it: messages come whole, messages go whole.

A client that does not read what it is sent is let go rather than waited for or buffered without end.
"""

import asyncio
from typing import Protocol

from aiohttp import WSCloseCode, WSMsgType, web

from lsp.framing import FrameTooLong, read_frame, to_frame

MAX_UNSENT_BYTES = 16 * 1024 * 1024


class Connection(Protocol):
    async def read(self, *, max_bytes: int) -> bytes | str | None:
        """The next message; None at the end. Raises `NotAFrame`, `FrameTooLong`."""

    def write(self, body: bytes) -> None:
        """Send a message; never waits."""

    async def close(self) -> None:
        """Send what was written, then end. Never raises."""


class StreamConnection:
    """TCP."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, *, max_bytes: int) -> bytes | None:
        try:
            return await read_frame(self._reader, max_bytes=max_bytes)
        except ConnectionError:
            return None

    def write(self, body: bytes) -> None:
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            self._writer.transport.abort()
        if not self._writer.is_closing():
            self._writer.write(to_frame(body))

    async def close(self) -> None:
        self._writer.close()


class WebSocketConnection:
    """A websocket that the hub's HTTP server has accepted: one message of JSON in each, without headers."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._unsent: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._unsent_bytes = 0
        self._sender = asyncio.create_task(self._send())

    async def read(self, *, max_bytes: int) -> bytes | str | None:
        message = await self._socket.receive()
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return None
        data: bytes | str = message.data
        if len(data) > max_bytes:
            raise FrameTooLong(len(data), max_bytes)
        return data

    def write(self, body: bytes) -> None:
        self._unsent_bytes += len(body)
        if self._unsent_bytes > MAX_UNSENT_BYTES:
            self._sender.cancel()
        else:
            self._unsent.put_nowait(body)

    async def close(self) -> None:
        self._unsent.put_nowait(None)
        await asyncio.wait({self._sender})

    async def _send(self) -> None:
        try:
            while (body := await self._unsent.get()) is not None:
                await self._socket.send_str(body.decode())
                self._unsent_bytes -= len(body)
        except ConnectionError:
            pass
        finally:
            await self._socket.close(code=WSCloseCode.OK)
