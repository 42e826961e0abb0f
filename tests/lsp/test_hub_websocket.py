"""`hive lsp` and a hub behind TLS: the door's websocket, as a process of an editor's reaches it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from lsp.hub_websocket import HubWebsocket, WebsocketRefused
from lsp.line import frame
from lsp.server import LspDoor
from server.tls import server_context
from tests.certificates import Certificate, a_certificate
from tests.lsp.scripted import REMOTE_TOKEN, ScriptedDoor, flag_each
from tests.lsp.test_forwarder import Run, run
from tests.lsp.wire import Editor, ErrorAnswer

__all__ = ["run"]

BIG = "bad " + "x" * 70_000 + "\n"
"""Longer than the short forms of a frame's length can say."""


@pytest.fixture
def inside() -> ScriptedDoor:
    return ScriptedDoor(flag_each("bad"))


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return a_certificate(tmp_path)


@pytest.fixture
async def url(door: LspDoor, certificate: Certificate) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/lsp", door.websocket)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0, ssl_context=server_context(*certificate)).start()
    yield f"https://localhost:{runner.addresses[0][1]}"
    await door.stop()
    await runner.cleanup()


async def said_at_the_end(process: asyncio.subprocess.Process, editor: Editor) -> str:
    assert await process.wait() == 3
    return await editor.message()


async def test_an_editor_speaks_to_a_hub_behind_tls(run: Run, url: str, certificate: Certificate) -> None:
    trusted = str(certificate.certificate)
    process, editor = await run("--stdio", "--hub", url, HIVE_TOKEN=REMOTE_TOKEN, SSL_CERT_FILE=trusted)

    result = await editor.start("", None, {})
    editor.open("untitled:a", BIG)
    (diagnostic,) = await editor.diagnostics("untitled:a", 1)
    with pytest.raises(ErrorAnswer):
        await editor.ask("workspace/executeCommand", {"command": "hive.nothing", "arguments": []})
    await editor.ask("shutdown", None)
    editor.tell("exit", None)

    assert result["serverInfo"]["name"] == "Agent Hive"
    assert diagnostic["code"] == "test.word"
    assert await process.wait() == 0


async def test_a_certificate_that_nobody_vouches_for_gets_no_token(run: Run, url: str) -> None:
    process, editor = await run(HIVE_URL=url, HIVE_TOKEN=REMOTE_TOKEN)

    assert "bad certificate" in await said_at_the_end(process, editor)


async def test_a_token_that_the_hub_does_not_know_is_told(run: Run, url: str, certificate: Certificate) -> None:
    trusted = str(certificate.certificate)
    process, editor = await run(HIVE_URL=url.replace("https", "wss"), HIVE_TOKEN="hive_wrong", SSL_CERT_FILE=trusted)

    said = await said_at_the_end(process, editor)
    assert "does not know this token" in said
    assert "hive_wrong" not in said


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("ws://hive.example.com", "in plain text"),
        ("wss://localhost:1/lsp", "cannot reach the hub"),
        ("wss://", "not a URL"),
    ],
)
async def test_a_hub_that_cannot_be_reached_so_is_told(run: Run, named: str, why: str) -> None:
    process, editor = await run(f"--hub={named}", HIVE_TOKEN=REMOTE_TOKEN)

    assert why in await said_at_the_end(process, editor)


@pytest.mark.parametrize("arguments", [["--hub"], ["--hub="], ["wss://localhost"]])
async def test_an_argument_that_is_none_is_answered_with_the_usage(run: Run, arguments: list[str]) -> None:
    process, _ = await run(*arguments)

    assert await process.wait() == 2


def ws(first: int, content: bytes, *, length: int | None = None) -> bytes:
    """A frame as a hub sends it; *first*: FIN, RSV and opcode."""
    return bytes([first, len(content) if length is None else length]) + content


@pytest.fixture
def pair() -> Iterator[tuple[HubWebsocket, socket.socket]]:
    """The client, and the hub's end of its connection, after the handshake."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield HubWebsocket(ours, b""), theirs


def test_a_message_may_come_in_parts_with_a_ping_between(pair: tuple[HubWebsocket, socket.socket]) -> None:
    client, hub = pair

    hub.sendall(ws(0x01, b"{}") + ws(0x89, b"there?") + ws(0x80, b" ") + ws(0x81, b"[]"))

    assert (client.recv(1), client.recv(1)) == (frame(b"{} "), frame(b"[]"))
    pong = hub.recv(100)
    assert (pong[0], pong[1]) == (0x8A, 0x80 | 6)
    assert bytes(a ^ b for a, b in zip(pong[6:], pong[2:6] * 2, strict=False)) == b"there?"


@pytest.mark.parametrize(
    "sent",
    [
        ws(0x88, b"\x03\xe8"),
        ws(0xC1, b"{}"),
        ws(0x81, b"{}", length=0x82),
        ws(0x81, b"\xff" * 8, length=127),
        ws(0x81, b"{", length=100),
    ],
    ids=["close", "an extension", "masked", "far too long", "cut off"],
)
def test_what_no_hub_sends_is_the_end(pair: tuple[HubWebsocket, socket.socket], sent: bytes) -> None:
    client, hub = pair

    hub.sendall(sent)
    hub.shutdown(socket.SHUT_WR)

    assert client.recv(1) == b""


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", "answered 200"),
        (b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere\r\n\r\n", "answered 302"),
        (b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: guessed\r\n\r\n", "answered 101"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "does not know this token"),
        (b"SSH-2.0-OpenSSH\r\n", "as a hub does"),
        (b"x" * 40_000, "as a hub does"),
    ],
    ids=["a page", "a redirect", "no proof", "forbidden", "something else", "no end"],
)
async def test_a_handshake_that_is_none_is_refused(answer: bytes, why: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/lsp"
        with pytest.raises(WebsocketRefused, match=why):
            await asyncio.to_thread(HubWebsocket.connect, url, "hive_token")
