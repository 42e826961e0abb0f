"""Turn what came over the wire into our types, strictly: unknown and repeated fields are refused.

Pure but for reading the body, which is read no further than its cap.
"""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from server.api.problems import Problem

T = TypeVar("T")

BODY_SECONDS = 60.0

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
"""A name, a path, a project: one line without control characters. `$` alone would let a last newline pass."""

Prose = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
"""What a person wrote: not empty, and without NUL, which Postgres cannot keep."""

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
"""How much of a list."""


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The address takes no query."""


async def read_body(request: web.Request, type_: type[T], *, limit_bytes: int) -> T:
    """The body as *type_*. Raises `Problem` 400, 413 or 415."""
    if request.content_type != "application/json":
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the body is {request.content_type}, not application/json",
            hint="send JSON, with the header Content-Type: application/json",
        )
    return _decode(await _read_capped(request, limit_bytes), type_)


async def read_form(request: web.Request, type_: type[T], *, limit_bytes: int) -> T:
    """The body of a form as *type_*: of what OAuth describes, which passes over fields that it does not know."""
    if request.content_type != "application/x-www-form-urlencoded":
        hint = "send a form, with the header Content-Type: application/x-www-form-urlencoded"
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body is {request.content_type}, no form", hint=hint)
    try:
        text = (await _read_capped(request, limit_bytes)).decode()
        return read_query(parse_qsl(text, keep_blank_values=True, max_num_fields=20), type_)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is not a form") from error


def read_query(pairs: Iterable[tuple[str, str]], type_: type[T]) -> T:
    """The query as *type_*. Raises `Problem` 400."""
    query: dict[str, str] = {}
    for name, value in pairs:
        if name in query:
            raise Problem(HTTPStatus.BAD_REQUEST, "the query has a parameter twice")
        query[name] = value
    refuse_nul(query.values())
    try:
        return msgspec.convert(query, type_, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the query does not fit: {error}") from error


def refuse_nul(values: Iterable[str]) -> None:
    """Postgres can neither keep nor look for it. Raises `Problem` 400."""
    if any("\0" in value for value in values):
        raise Problem(HTTPStatus.BAD_REQUEST, "the address holds a NUL character")


def _decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the body does not fit: {error}") from error
    except RecursionError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is nested too deeply") from error
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is not JSON") from error


async def _read_capped(request: web.Request, limit_bytes: int) -> bytes:
    """Counts what arrives after decompression, so a small bomb is as large as it unfolds."""
    too_large = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {limit_bytes} bytes")
    if request.content_length is not None and request.content_length > limit_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit_bytes:
                    raise too_large
    except TimeoutError as error:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, f"the body did not come within {BODY_SECONDS:.0f} s") from error
    except web.RequestPayloadError as error:
        message = "the body is not packed as its Content-Encoding says"
        raise Problem(HTTPStatus.BAD_REQUEST, message, headers={"Connection": "close"}) from error  # aiohttp hangs up
    return bytes(body)


def encode_cursor(value: Any) -> str:
    """An opaque text for `next`; `decode_cursor` reads it back."""
    return msgspec.json.encode(value).hex()


def decode_cursor(text: str, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(bytes.fromhex(text), type=type_)
    except (ValueError, msgspec.ValidationError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "this cursor is not one of ours", hint="use `next` as it came") from error
