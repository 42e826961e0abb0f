"""Messages on a byte stream: `Content-Length: N`, an empty line, N bytes of JSON (LSP 3.18, Base Protocol).

Knows sizes and syntax, not meaning. A frame that is too long is skipped, so that the stream stays in step; what is no
frame at all cannot be skipped and ends the connection.
"""

import asyncio
import json
import re
from typing import Any

import msgspec

from server.errors import HiveError

MAX_MESSAGE_BYTES = 12 * 1024 * 1024
"""A file of 10 MB still arrives; of what is longer, its editor hears that it is too long."""

MAX_WHOLE_BYTES = 4 * 1024 * 1024
"""Of a message that is read at once, or not read as what it should be."""

MAX_PARTS = 20_000
"""Of such a message's JSON: lists, objects and what they hold; a text of any length is one. What an editor has far more
of, changed places and files, comes in portions (`portions.py`).
"""

HEAD_BYTES = 64 * 1024
"""Of a message that is refused: enough to see what it is about."""

MAX_HEADER_BYTES = 64 * 1024
"""The limit of the stream reader; asyncio's own default."""

JSON_RPC = "2.0"

_CONTENT_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,12})[ \t]*$", re.I | re.M)
_SURROGATE = re.compile("[\ud800-\udfff]")


class NotAFrame(HiveError):
    """The bytes are no message of this protocol, and where the next one begins cannot be known."""


class Refused(HiveError):
    """The message was skipped; the next one can be read. *head*: how it begins. *request*: its id, as far as known."""

    head = b""
    request: int | str | None = None


class FrameTooLong(Refused):
    def __init__(self, length: int, max_bytes: int, head: bytes = b"") -> None:
        limit = f"the limit is {max_bytes / 2**20:.0f} MiB"
        super().__init__(f"a message of {length / 2**20:.1f} MiB was refused", hint=limit)
        self.head = head


class TooManyParts(Refused):
    def __init__(self) -> None:
        limit = f"the limit is {MAX_PARTS:,}"
        super().__init__("a message of too many parts was refused", hint=limit)


class NotJson(HiveError):
    """The frame was whole but holds no JSON object of JSON-RPC 2.0; the next one can be read."""


async def read_frame(reader: asyncio.StreamReader, *, max_bytes: int) -> bytes | None:
    """The next message's bytes; None at the end of the stream. Raises `NotAFrame`, `FrameTooLong`."""
    try:
        header = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise NotAFrame("the connection ended within a header") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise NotAFrame(f"no header within {MAX_HEADER_BYTES} bytes") from error
    match = _CONTENT_LENGTH.search(header.replace(b"\r\n", b"\n"))
    if match is None:
        raise NotAFrame("a header without Content-Length")
    length = int(match[1])
    if length > max_bytes:
        head = await _skip(reader, length)
        raise FrameTooLong(length, max_bytes, head)
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise NotAFrame("the connection ended within a message") from error


def parse_message(frame: bytes | str) -> dict[str, Any]:
    """The JSON-RPC object. Half a surrogate pair, which no UTF-8 can hold, becomes U+FFFD: as long, in UTF-16.

    Raises `NotJson`, `Refused`.
    """
    message = parse_value(frame)
    if not isinstance(message, dict) or message.get("jsonrpc") != JSON_RPC:
        raise NotJson("not a JSON-RPC 2.0 object")
    return message


def parse_value(data: bytes | str | msgspec.Raw) -> Any:
    """Any JSON, as `parse_message`."""
    text = data if isinstance(data, str) else bytes(data)
    if len(text) > MAX_WHOLE_BYTES:
        raise FrameTooLong(len(text), MAX_WHOLE_BYTES)
    if _has_too_many_parts(text):
        raise TooManyParts
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _parse_leniently(text)
    except RecursionError as error:
        raise NotJson("JSON nested too deeply") from error


def head_of(message: bytes | str) -> bytes:
    head = message[:HEAD_BYTES]
    return head if isinstance(head, bytes) else head.encode("utf-8", "replace")


def to_frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _has_too_many_parts(frame: bytes | str) -> bool:
    """Quick for all but the hostile, who would hold up everybody else: at first a text counts as if it were JSON."""
    if len(frame) <= MAX_PARTS:
        return False
    data = frame.encode("utf-8", "replace") if isinstance(frame, str) else frame
    if _parts(data) <= MAX_PARTS:
        return False
    data = data.replace(rb"\\", b"").replace(rb"\"", b"")
    return data.count(b'"') > 4 * MAX_PARTS or _parts(b"".join(data.split(b'"')[::2])) > MAX_PARTS


def _parts(data: bytes) -> int:
    return data.count(b",") + data.count(b"{") + data.count(b"[")


def _parse_leniently(frame: bytes | str) -> Any:
    try:
        return _without_surrogates(json.loads(frame))
    except (ValueError, RecursionError) as error:
        raise NotJson("not JSON") from error


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


async def _skip(reader: asyncio.StreamReader, length: int) -> bytes:
    """Returns how it begins."""
    head = b""
    while length:
        chunk = await reader.read(min(length, MAX_HEADER_BYTES))
        if not chunk:
            raise NotAFrame("the connection ended within a message")
        head += chunk[: HEAD_BYTES - len(head)]
        length -= len(chunk)
    return head
