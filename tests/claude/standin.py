"""The stand-in of the Messages API: a loopback server that checks each request and plays a script.

Answers in the order of events in which the real one streams. What it heard stands in `requests`.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.claude.cache import InputUsage, PromptCache, tokens_of
from tests.claude.contract import Refused, check_body, check_headers, signature_of
from tests.claude.script import Fails, HangsUp, Play, Says, ScriptEnded, Step, Thinks, Use, in_turn

KEY = "sk-ant-api03-stand-in"
PIECE = 7
"""Characters of text or JSON in one delta."""


class ClaudeStandIn:
    """*requests*: bodies of `/v1/messages` that were valid; *refused*: why others were not."""

    def __init__(self, play: Play, key: str = KEY) -> None:
        self.url = ""
        self.key = key
        self.play = play
        self.requests: list[dict[str, Any]] = []
        self.counted: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.attempts = 0
        self.waiting = asyncio.Event()
        """A stream waits, as its script wished."""
        self.left = asyncio.Event()
        """The client went away from a stream that waited."""
        self._cache = PromptCache()
        self._ids = itertools.count(1)

    def script(self, *steps: Step) -> None:
        self.play = in_turn(steps)

    async def messages(self, request: web.Request) -> web.StreamResponse:
        self.attempts += 1
        try:
            body = await self._read(request)
            check_body(body)
            step = self.play(body)
        except Refused as refused:
            return self._refuse(refused)
        except ScriptEnded as ended:
            return self._refuse(Refused(str(ended)))
        if isinstance(step, HangsUp):
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if isinstance(step, Fails):
            return _error(step.status, step.type, step.message, step.headers)
        self.requests.append(body)
        usage = self._cache.take(body)
        if not body.get("stream"):
            return web.json_response(self._whole(body, step, usage))
        return await self._stream(request, body, step, usage)

    async def count_tokens(self, request: web.Request) -> web.Response:
        try:
            body = await self._read(request)
            check_body(body, counting=True)
        except Refused as refused:
            return self._refuse(refused)
        self.counted.append(body)
        return web.json_response({"input_tokens": tokens_of(body)})

    async def _read(self, request: web.Request) -> dict[str, Any]:
        check_headers(request.headers, self.key)
        try:
            body = json.loads(await request.read())
        except ValueError as error:
            raise Refused("The request body is not valid JSON") from error
        if not isinstance(body, dict):
            raise Refused("request: Input should be an object")
        return body

    def _refuse(self, refused: Refused) -> web.Response:
        self.refused.append(str(refused))
        return _error(refused.status, refused.type, str(refused), {})

    async def _stream(
        self, request: web.Request, body: Mapping[str, Any], step: Says, usage: InputUsage
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for number, event in enumerate(self._events(body, step, usage)):
            if number == step.cut_after:
                break
            if step.error_after and number == step.error_after[0]:
                error = {"type": "error", "error": {"type": step.error_after[1], "message": "scripted"}}
                await response.write(_sse(error))
                break
            if number == step.waits_after:
                await self._wait(request, response)
                break
            await response.write(_sse(event))
        return response

    async def _wait(self, request: web.Request, response: web.StreamResponse) -> None:
        self.waiting.set()
        try:
            while request.transport is not None and not request.transport.is_closing():
                await response.write(_sse({"type": "ping"}))
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.CancelledError):
            pass
        self.left.set()

    def _events(self, body: Mapping[str, Any], step: Says, usage: InputUsage) -> list[dict[str, Any]]:
        message = self._message(body, usage) | {"content": [], "stop_reason": None}
        events: list[dict[str, Any]] = [{"type": "message_start", "message": message}, {"type": "ping"}]
        for index, part in enumerate(step.content):
            is_last = index == len(step.content) - 1
            events += _block_events(index, part, body, step.raw_input if is_last else None)
        delta = {"stop_reason": step.reason, "stop_sequence": None, "stop_details": step.stop_details}
        events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": _output_tokens(step)}})
        events.append({"type": "message_stop"})
        return events

    def _message(self, body: Mapping[str, Any], usage: InputUsage) -> dict[str, Any]:
        return {
            "id": f"msg_{next(self._ids):06}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "stop_sequence": None,
            "usage": {
                "input_tokens": usage.fresh,
                "cache_read_input_tokens": usage.read,
                "cache_creation_input_tokens": usage.written,
                "output_tokens": 1,
            },
        }

    def _whole(self, body: Mapping[str, Any], step: Says, usage: InputUsage) -> dict[str, Any]:
        message = self._message(body, usage) | {"stop_reason": step.reason}
        message["content"] = [_block(part, body) for part in step.content]
        message["usage"]["output_tokens"] = _output_tokens(step)
        return message


def _block(part: str | Use | Thinks, body: Mapping[str, Any]) -> dict[str, Any]:
    match part:
        case str():
            return {"type": "text", "text": part}
        case Thinks(text):
            signature = signature_of(body, len(body["messages"]))
            return {"type": "thinking", "thinking": text, "signature": signature}
        case Use(name, input_, id_):
            return {"type": "tool_use", "id": id_ or "toolu_1", "name": name, "input": dict(input_)}


def _block_events(
    index: int, part: str | Use | Thinks, body: Mapping[str, Any], raw_input: str | None
) -> list[dict[str, Any]]:
    whole = _block(part, body)
    match part:
        case str():
            start, deltas = {"type": "text", "text": ""}, [{"type": "text_delta", "text": p} for p in _pieces(part)]
        case Thinks(text):
            start = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in _pieces(text)]
            deltas.append({"type": "signature_delta", "signature": whole["signature"]})
        case Use():
            start = whole | {"input": {}}
            text = json.dumps(whole["input"]) if raw_input is None else raw_input
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *_pieces(text)]]
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def _pieces(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def _output_tokens(step: Says) -> int:
    return 1 + sum(len(str(part)) for part in step.content) // 4


def _sse(event: Mapping[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def _error(status: int, type_: str, message: str, headers: Mapping[str, str]) -> web.Response:
    body = {"type": "error", "error": {"type": type_, "message": message}, "request_id": "req_1"}
    return web.json_response(body, status=status, headers=dict(headers))


@asynccontextmanager
async def claude_stand_in(*steps: Step, key: str = KEY, port: int = 0) -> AsyncIterator[ClaudeStandIn]:
    """It listens on the loopback interface for as long as the block runs."""
    stand_in = ClaudeStandIn(in_turn(steps), key)
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_post("/v1/messages", stand_in.messages)
    app.router.add_post("/v1/messages/count_tokens", stand_in.count_tokens)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stand_in
    finally:
        await runner.cleanup()
