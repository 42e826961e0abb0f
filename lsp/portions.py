"""One frame as the messages that it is, each a moment's work: very many changes come as several messages.

Pure. What has to be whole, and has more parts than can be read in a moment, is refused. Of what was refused `about`
finds the document, so that nothing is said of a text that is not known any more.
"""

import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from lsprotocol import types

from lsp.convert import SOURCE
from lsp.framing import JSON_RPC, Refused, head_of, parse_message, parse_value

SHORT_BYTES = 64 * 1024
"""Read as it is."""

MOMENT_SECONDS = 0.005
"""For a portion, with what is done about it."""

MAX_PORTION = 200
"""Changes."""

MAX_OURS = 200
"""Diagnostics of ours about which an editor asks at once."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_METHOD = re.compile(rb'"method"\s*:\s*"textDocument/did(?:Open|Change)"')
_URI = re.compile(rb'"uri"\s*:\s*("(?:[^"\\]|\\.){1,8000}")')


class _Position(msgspec.Struct):
    line: int
    character: int


class _Range(msgspec.Struct):
    start: _Position
    end: _Position


class _Change(msgspec.Struct, omit_defaults=True):
    text: str
    range: _Range | None = None


class _FileEvent(msgspec.Struct):
    uri: str
    type: int


class _Item(msgspec.Struct, rename="camel"):
    uri: str
    language_id: str
    version: int
    text: str


class _Opened(msgspec.Struct, rename="camel"):
    text_document: _Item


class _Long(NamedTuple):
    """What of a notification can be taken a portion at a time, and the shape of each."""

    list_name: str
    shape: Any


_IN_PORTIONS = {
    types.TEXT_DOCUMENT_DID_CHANGE: _Long("contentChanges", _Change),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: _Long("changes", _FileEvent),
}


class _Envelope(msgspec.Struct):
    jsonrpc: str
    method: str = ""
    params: msgspec.Raw = msgspec.Raw()
    id: int | str | None = None


class _Diagnostic(msgspec.Struct):
    source: str | None = None


def messages_in(frame: bytes | str) -> Iterator[dict[str, Any]]:
    """The next is read when it is asked for: ask when the one before was handled. Raises `NotJson`, `Refused`."""
    if len(frame) <= SHORT_BYTES:
        yield parse_message(frame)
        return
    try:
        yield from _long(frame) or [parse_message(frame)]
    except Refused as refused:
        refused.head, refused.request = head_of(frame), _request(frame)
        raise


def _long(frame: bytes | str) -> Iterator[dict[str, Any]] | None:
    """None of what is to be read as a whole, or not at all."""
    try:
        envelope = msgspec.json.decode(frame, type=_Envelope)
        if envelope.jsonrpc == JSON_RPC and envelope.method in _IN_PORTIONS:
            return _portions(envelope, _IN_PORTIONS[envelope.method])
        if envelope.jsonrpc == JSON_RPC and envelope.method == types.TEXT_DOCUMENT_DID_OPEN:
            opened = msgspec.json.decode(envelope.params, type=_Opened)
            return iter([_notification(envelope, msgspec.to_builtins(opened))])
        if envelope.jsonrpc == JSON_RPC and envelope.method == types.TEXT_DOCUMENT_CODE_ACTION:
            return iter([{**_notification(envelope, _of_ours(envelope.params)), "id": envelope.id}])
    except (*UNREADABLE, KeyError):
        pass
    return None


def _request(frame: bytes | str) -> int | str | None:
    """The id of a request, for it must be answered."""
    try:
        return msgspec.json.decode(frame, type=_Envelope).id
    except UNREADABLE:
        return None


def about(head: bytes) -> str | None:
    """The URI of the document that is opened or changed by the message that begins so; None: it does neither.

    In a JSON text a quote has a backslash before it: neither pattern is found in one.
    """
    uri = _URI.search(head)
    if uri is None or _METHOD.search(head) is None:
        return None
    try:
        return msgspec.json.decode(uri[1], type=str)
    except UNREADABLE:
        return None


def _portions(envelope: _Envelope, long: _Long) -> Iterator[dict[str, Any]]:
    """Few at first: each may be over a line of megabytes."""
    params = msgspec.json.decode(envelope.params, type=dict[str, msgspec.Raw])
    every = msgspec.json.decode(params.pop(long.list_name), type=list[msgspec.Raw])
    return _each(envelope, _small(params), every, long)


def _each(envelope: _Envelope, rest: dict[str, Any], every: list[msgspec.Raw], long: _Long) -> Iterator[dict[str, Any]]:
    size = 1
    while every:
        began = time.perf_counter()
        yield _notification(envelope, {**rest, long.list_name: [_built(raw, long.shape) for raw in every[:size]]})
        del every[:size]
        is_quick = time.perf_counter() - began < MOMENT_SECONDS / 2
        size = min(size * 2, MAX_PORTION) if is_quick else max(size // 2, 1)


def _of_ours(raw: msgspec.Raw) -> dict[str, Any]:
    """The params of a question about code actions, without the diagnostics of others: a file may have thousands."""
    params = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    context = msgspec.json.decode(params.pop("context"), type=dict[str, msgspec.Raw])
    every = msgspec.json.decode(context.pop("diagnostics"), type=list[msgspec.Raw])
    ours = [one for one in every if msgspec.json.decode(one, type=_Diagnostic).source == SOURCE][:MAX_OURS]
    kept = {**_small(context), "diagnostics": [msgspec.json.decode(one) for one in ours if len(one) <= SHORT_BYTES]}
    return {**_small(params), "context": kept}


def _small(values: dict[str, msgspec.Raw]) -> dict[str, Any]:
    return {name: msgspec.json.decode(value) for name, value in values.items() if len(value) <= SHORT_BYTES}


def _built(raw: msgspec.Raw, shape: Any) -> Any:
    try:
        return msgspec.to_builtins(msgspec.json.decode(raw, type=shape))
    except UNREADABLE:
        return parse_value(raw)


def _notification(envelope: _Envelope, params: Any) -> dict[str, Any]:
    return {"jsonrpc": envelope.jsonrpc, "method": envelope.method, "params": params}
