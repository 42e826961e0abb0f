"""One editor's pipes and the hub's socket, joined: while the editor lives, a hub that goes away is waited for.

Two threads: one reads the editor, the main one the hub. A hub that is back is told all that the editor told the last
one (`told.py`). Starts nothing: `forwarder.py` knows where hubs are.
"""

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

from lsp.told import INTRODUCTION, Message, Told
from server.errors import HiveError

CONNECTION = "$/hive/connection"
"""To the editor: whether there is a hub, as {connected, reason, seconds}. `vscode-extension/src/protocol.ts` has it."""

CHUNK_BYTES = 64 * 1024
MAX_HEADER_BYTES = 64 * 1024
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 2.0
_SPREAD = 0.8 + os.getpid() % 41 / 100
"""Of what is waited, so that not all editors come at once."""

STEADY_SECONDS = 10.0
"""A hub that held the line for so long is no hub that refuses us."""


class End(IntEnum):
    """Why the line ended; the process's exit code."""

    EDITOR_LEFT = 0
    HUB_WENT_AWAY = 4


class Hub(Protocol):
    """A socket, or what does as one."""

    def sendall(self, data: bytes, /) -> None: ...

    def recv(self, size: int, /) -> bytes: ...

    def shutdown(self, how: int, /) -> None: ...

    def close(self) -> None: ...


def notice_silence(connection: socket.socket) -> None:
    """An end that is gone without a word, as after a machine slept, ends the line in a minute, spoken to or not."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 4)):
        if (option := getattr(socket, name, None)) is not None:  # not all systems have all of them
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


class Reached(NamedTuple):
    hub: Hub
    token: str


class Line:
    """`run` until the editor leaves. *reach* finds a hub that is back, None while there is none; may raise."""

    def __init__(self, first: Reached, reach: Callable[[], Reached | None]) -> None:
        self._reach = reach
        self._hub: Hub | None = first.hub
        self._token = first.token
        self._told = Told()
        self._from_editor, self._from_hub = Frames(), Frames()
        self._is_refused = False
        self._writing = threading.Lock()
        self._editor_left = threading.Event()

    def run(self) -> End:
        threading.Thread(target=self._read_editor, daemon=True).start()
        hub: Hub | None = self._hub
        wait = FIRST_WAIT_SECONDS
        while hub is not None:
            since = time.monotonic()
            self._read_hub(hub)
            with self._writing:
                self._hub = None
                hub.close()
                if self._told.has_ended or self._editor_left.is_set():
                    return End.EDITOR_LEFT
                if self._is_refused or self._from_editor.is_garbage or not self._told.can_be_told_again:
                    return End.HUB_WENT_AWAY
                for message in self._told.lost():
                    self._to_editor(message)
            wait = (
                FIRST_WAIT_SECONDS if time.monotonic() - since > STEADY_SECONDS else min(2 * wait, LONGEST_WAIT_SECONDS)
            )
            hub = self._wait_for_hub(wait)
        return End.EDITOR_LEFT

    def _wait_for_hub(self, wait: float) -> Hub | None:
        """None when the editor left meanwhile."""
        reason = "The connection to the hub was lost."
        while True:
            self._to_editor(_connection(connected=False, reason=reason, seconds=wait))
            if self._editor_left.wait(wait * _SPREAD):
                return None
            try:
                reached = self._reach()
                if reached is not None and self._tell_again(reached):
                    return reached.hub
                reason = reason if reached is not None else "The hub was stopped (hive up starts it)."
            except HiveError as error:
                reason = f"{error}." + (f" {error.hint}." if error.hint else "")
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    def _tell_again(self, reached: Reached) -> bool:
        with self._writing:
            self._token = reached.token
            self._from_hub = Frames()
            try:
                for message in self._told.again():
                    reached.hub.sendall(frame(self._for_hub(message)))
            except OSError:
                return False
            self._hub = reached.hub
            return True

    def _read_editor(self) -> None:
        while chunk := _read(sys.stdin.fileno()):
            for body in self._from_editor.take(chunk):
                self._say(body)
            if self._from_editor.is_garbage:
                self._pass_on(self._from_editor.rest())  # the hub says what it thinks of that
        self._editor_left.set()
        with self._writing, contextlib.suppress(OSError):
            if self._hub is not None:
                self._hub.sendall(self._from_editor.rest())
                self._hub.shutdown(socket.SHUT_WR)

    def _say(self, body: bytes) -> None:
        message = _parsed(body)
        with self._writing:
            if message is None:
                self._pass_on_now(frame(body))
                return
            self._told.note(message)
            if self._hub is not None:
                self._pass_on_now(frame(self._for_hub(message) if message.get("method") == "initialize" else body))
            else:
                self._say_to_nobody(message)

    def _say_to_nobody(self, message: Message) -> None:
        if (answer := self._told.cancelled(message)) is not None:
            self._to_editor(answer)
        elif message.get("method") == "shutdown":
            self._to_editor({"jsonrpc": "2.0", "id": message.get("id"), "result": None})
        elif self._told.has_ended:
            self._editor_left.set()

    def _for_hub(self, message: Message) -> bytes:
        params = message.get("params")
        if message.get("method") == "initialize" and isinstance(params, dict):
            options = params.get("initializationOptions") or {}
            if isinstance(options, dict):
                options = {"token": self._token, **options}
            message = {**message, "params": {**params, "initializationOptions": options}}
        return json.dumps(message).encode()

    def _pass_on(self, data: bytes) -> None:
        with self._writing:
            self._pass_on_now(data)

    def _pass_on_now(self, data: bytes) -> None:
        if self._hub is not None:
            with contextlib.suppress(OSError):  # the hub is gone; the other direction says so
                self._hub.sendall(data)

    def _read_hub(self, hub: Hub) -> None:
        with contextlib.suppress(OSError):  # either side is gone
            while chunk := hub.recv(CHUNK_BYTES):
                for body in self._from_hub.take(chunk):
                    self._hear(body)

    def _hear(self, body: bytes) -> None:
        message = _parsed(body)
        if message is not None and message.get("id") == INTRODUCTION:
            self._is_refused = "error" in message
            if not self._is_refused:
                self._to_editor(_connection(connected=True))
            return
        write(frame(body))
        if message is not None:
            with self._writing:
                self._told.answered(message)

    def _to_editor(self, message: Message) -> None:
        write(frame(json.dumps(message).encode()))


class Frames:
    """Whole messages out of a stream of bytes. What is no frame is garbage for ever: `rest` is not understood."""

    def __init__(self) -> None:
        self.is_garbage = False
        self._held = bytearray()
        self._begin = 0
        self._end: int | None = None

    def take(self, chunk: bytes) -> Iterator[bytes]:
        self._held += chunk
        while not self.is_garbage and (body := self._next()) is not None:
            yield body

    def rest(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held

    def _next(self) -> bytes | None:
        if self._end is None:
            head = self._held.find(b"\r\n\r\n")
            length = _content_length(bytes(self._held[:head])) if head >= 0 else None
            self.is_garbage = length is None and (head >= 0 or len(self._held) > MAX_HEADER_BYTES)
            if length is None:
                return None
            self._begin = head + 4
            self._end = self._begin + length
        if len(self._held) < self._end:
            return None
        body = bytes(self._held[self._begin : self._end])
        del self._held[: self._end]
        self._end = None
        return body


def _content_length(header: bytes) -> int | None:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None


def _parsed(body: bytes) -> Message | None:
    """None of what is no message: it passes as it is."""
    try:
        message: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _connection(*, connected: bool, reason: str = "", seconds: float = 0.0) -> Message:
    params = {"connected": connected, "reason": reason, "seconds": seconds}
    return {"jsonrpc": "2.0", "method": CONNECTION, "params": params}


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, CHUNK_BYTES)
    except OSError:
        return b""


def frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def write(data: bytes) -> None:
    """To the editor. What one thread writes is never cut by another."""
    with _stdout:
        view = memoryview(data)
        while view:
            view = view[os.write(sys.stdout.fileno(), view) :]


_stdout = threading.Lock()
