"""A hub's websocket (`wss://host/lsp`) as `line.py` uses a socket: frames of LSP in, frames of LSP out.

A client of RFC 6455 with the standard library alone, because an editor starts `hive lsp` each time: as much of it as
LSP needs, and no extension. The token goes in the handshake. Certificates are checked as the machine does it.
"""

import base64
import hashlib
import os
import socket
import ssl
import struct
import threading
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from lsp.line import Frames, frame, notice_silence
from server.errors import HiveError

CONNECT_SECONDS = 15.0
MAX_HEADER_BYTES = 16 * 1024
MAX_MESSAGE_BYTES = 64 * 1024 * 1024

_ACCEPT_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUED, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


class WebsocketRefused(HiveError):
    """The hub cannot be reached there, or does not let us in."""


class _Frame(NamedTuple):
    is_last: bool
    opcode: int
    content: bytes


class HubWebsocket:
    """One connection. What is sent may come from several threads; one receives."""

    def __init__(self, connection: socket.socket, rest: bytes) -> None:
        """*rest*: what came with the handshake's answer."""
        self._connection = connection
        self._received = bytearray(rest)
        self._said = Frames()
        self._sending = threading.Lock()

    @classmethod
    def connect(cls, url: str, token: str) -> "HubWebsocket":
        """Raises `WebsocketRefused`."""
        parts = urlsplit(url)
        name = f"{parts.scheme}://{parts.hostname}"
        try:
            connection = _dial(parts)
        except ssl.SSLCertVerificationError as error:
            hint = "SSL_CERT_FILE names certificates to trust"
            raise WebsocketRefused(f"{name} shows a bad certificate: {error.verify_message}", hint=hint) from error
        except (OSError, ValueError) as error:
            raise WebsocketRefused(f"cannot reach the hub at {name}: {error}", hint="check HIVE_URL") from error
        try:
            rest = _shake_hands(connection, parts, token)
        except OSError as error:
            connection.close()
            raise WebsocketRefused(f"{name} ended the handshake: {error}") from error
        except WebsocketRefused:
            connection.close()
            raise
        connection.settimeout(None)
        return cls(connection, rest)

    def sendall(self, data: bytes) -> None:
        """Frames of LSP, each of which goes as one message."""
        for body in self._said.take(data):
            self._send(_TEXT, body)

    def recv(self, _size: int) -> bytes:
        """The next message as a frame of LSP; b"" at the end."""
        message = bytearray()
        while (received := self._next()) is not None:
            if received.opcode == _PING:
                self._send(_PONG, received.content)
            elif received.opcode == _CLOSE:
                return b""
            elif received.opcode in (_TEXT, _BINARY, _CONTINUED):
                message += received.content
                if len(message) > MAX_MESSAGE_BYTES:
                    return b""
                if received.is_last:
                    return frame(bytes(message))
        return b""

    def shutdown(self, _how: int) -> None:
        """Nothing more will be sent."""
        self._send(_CLOSE, struct.pack("!H", 1000))

    def close(self) -> None:
        self._connection.close()

    def _send(self, opcode: int, content: bytes) -> None:
        """Masked, as a client must (section 5.3)."""
        mask = os.urandom(4)
        key = int.from_bytes((mask * (len(content) // 4 + 1))[: len(content)], "big")
        masked = (int.from_bytes(content, "big") ^ key).to_bytes(len(content), "big")
        with self._sending:
            self._connection.sendall(_head(opcode, len(content)) + mask + masked)

    def _next(self) -> _Frame | None:
        head = self._take(2)
        if head is None:
            return None
        length: int = head[1] & 0x7F
        if length >= 126:
            more = self._take(2 if length == 126 else 8)
            if more is None:
                return None
            length = int.from_bytes(more, "big")
        if length > MAX_MESSAGE_BYTES or head[0] & 0x70 or head[1] & 0x80:
            return None  # too large, an extension that nobody agreed to, or masked: no hub sends that
        content = self._take(length)
        return None if content is None else _Frame(bool(head[0] & 0x80), head[0] & 0x0F, content)

    def _take(self, size: int) -> bytes | None:
        """None when the connection ended before so much came."""
        while len(self._received) < size:
            chunk = self._connection.recv(64 * 1024)
            if not chunk:
                return None
            self._received += chunk
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken


def _dial(parts: SplitResult) -> socket.socket:
    is_secure = parts.scheme == "wss"
    host = parts.hostname or ""
    connection = socket.create_connection((host, parts.port or (443 if is_secure else 80)), timeout=CONNECT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    notice_silence(connection)
    if not is_secure:
        return connection
    try:
        return ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    except BaseException:
        connection.close()
        raise


def _shake_hands(connection: socket.socket, parts: SplitResult, token: str) -> bytes:
    """What came after the answer's head."""
    key = base64.b64encode(os.urandom(16))
    lines = (
        f"GET {parts.path or '/lsp'} HTTP/1.1",
        f"Host: {parts.netloc.rpartition('@')[2]}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key.decode()}",
        "Sec-WebSocket-Version: 13",
        f"Authorization: Bearer {token}",
    )
    connection.sendall("\r\n".join((*lines, "", "")).encode("ascii", "ignore"))
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(4096)
        if not chunk or len(received) > MAX_HEADER_BYTES:
            raise WebsocketRefused("the hub did not answer as a hub does", hint="check HIVE_URL")
        received += chunk
    head, _, rest = received.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    if status in ([b"401"], [b"403"]):
        raise WebsocketRefused(
            "the hub does not know this token", hint="HIVE_TOKEN holds it; hive devices login makes one"
        )
    wanted = base64.b64encode(hashlib.sha1(key + _ACCEPT_KEY, usedforsecurity=False).digest())
    if status != [b"101"] or wanted not in head:
        shown = (status or [b"nothing"])[0].decode("ascii", "replace")
        raise WebsocketRefused(f"the hub answered {shown} in place of a websocket", hint="check HIVE_URL")
    return rest


def _head(opcode: int, length: int) -> bytes:
    if length < 126:
        return struct.pack("!BB", 0x80 | opcode, 0x80 | length)
    if length < 2**16:
        return struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
    return struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
