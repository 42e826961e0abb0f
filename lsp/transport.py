"""One editor's connection, whatever carries it: messages come whole, messages go whole.

A client that does not read what it is sent is let go rather than waited for or buffered without end.
"""

import asyncio
import time
from typing import Protocol

from aiohttp import WSCloseCode, WSMsgType, web

from lsp.framing import FrameTooLong, head_of, read_frame, to_frame

MAX_UNSENT_BYTES = 16 * 1024 * 1024

UNREAD_SECONDS = 60.0
"""A client that took nothing of what waits for it for so long has gone, whatever its socket says."""


class Backlog:
    """What was sent and not taken yet. Pure but for the clock that comes in with each look."""

    def __init__(self) -> None:
        self._sent = 0
        self._taken = 0
        self._taken_at = 0.0

    def is_hopeless(self, size: int, unsent: int, now: float) -> bool:
        """*unsent* bytes wait already, and *size* more are to be sent."""
        taken = self._sent - unsent
        if unsent == 0 or taken > self._taken:
            self._taken, self._taken_at = taken, now
        self._sent += size
        return unsent > MAX_UNSENT_BYTES or now - self._taken_at > UNREAD_SECONDS


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
        self._backlog = Backlog()
        self._unwritten: list[bytes] = []
        self._unwritten_bytes = 0

    async def read(self, *, max_bytes: int) -> bytes | None:
        try:
            return await read_frame(self._reader, max_bytes=max_bytes)
        except ConnectionError:
            return None

    def write(self, body: bytes) -> None:
        """What is said within one turn of the loop goes together: an answer to an edit is several messages."""
        frame, transport = to_frame(body), self._writer.transport
        unsent = transport.get_write_buffer_size() + self._unwritten_bytes
        if self._backlog.is_hopeless(len(frame), unsent, time.monotonic()):
            transport.abort()
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self._write_all)
        self._unwritten.append(frame)
        self._unwritten_bytes += len(frame)

    async def close(self) -> None:
        self._write_all()
        self._writer.close()

    def _write_all(self) -> None:
        frames, self._unwritten, self._unwritten_bytes = self._unwritten, [], 0
        if frames and not self._writer.is_closing():
            self._writer.write(b"".join(frames))


class WebSocketConnection:
    """A websocket that the hub's HTTP server has accepted: one message of JSON in each, without headers."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._unsent: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._unsent_bytes = 0
        self._backlog = Backlog()
        self._sender = asyncio.create_task(self._send())

    async def read(self, *, max_bytes: int) -> bytes | str | None:
        message = await self._socket.receive()
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return None
        data: bytes | str = message.data
        if len(data) > max_bytes:
            raise FrameTooLong(len(data), max_bytes, head_of(data))
        return data

    def write(self, body: bytes) -> None:
        if self._backlog.is_hopeless(len(body), self._unsent_bytes, time.monotonic()):
            self._sender.cancel()
        else:
            self._unsent_bytes += len(body)
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
