"""Ask a model that is not there once, so that every module that the SDK loads lazily is loaded.

For a process that is about to give up the right to read its own program files.
"""

import asyncio
from contextlib import suppress

from server.agents.claude import ClaudeModel
from server.agents.model import Ask, ModelFailed, Text, ToolSpec, Turn
from server.agents.settings import ClaudeSettings

_EVENTS = (
    '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude","content":[],'
    '"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"yes"}}',
    '{"type":"content_block_stop","index":0}',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}}',
    '{"type":"message_stop"}',
)
_STREAM = "".join(f"event: {event.split(chr(34))[3]}\ndata: {event}\n\n" for event in _EVENTS).encode()
_REFUSAL = b'{"type":"error","error":{"type":"overloaded_error","message":"rehearsal"}}'

_ASK = Ask("strong", "s", (Turn("user", (Text("t"),)),), (ToolSpec("tool", "d", {"type": "object"}),))


async def rehearse() -> None:
    """A reply, a refusal and a handshake that fails, all on the loopback interface: some 50 ms."""
    answers = [_answer(200, "text/event-stream", _STREAM), _answer(529, "application/json", _REFUSAL)]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            if await reader.readexactly(1) == b"P":  # else it is a handshake, which is not answered
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answers.pop(0))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "localhost", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        for scheme in ("http", "http", "https"):
            model = ClaudeModel(ClaudeSettings("none", f"{scheme}://localhost:{port}"), max_retries=0)
            with suppress(ModelFailed):
                await model.reply(_ASK)
            await model.close()


def _answer(status: int, type_: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} x\r\ncontent-type: {type_}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body
