"""Many clients at one door: who is let in, and that nobody suffers from anybody else."""

import asyncio
import gc
import itertools
import json
import weakref
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSServerHandshakeError, web
from aiohttp.test_utils import BaseTestServer, TestServer

from lsp.framing import MAX_MESSAGE_BYTES, MAX_PARTS, TooManyParts, parse_message
from lsp.server import LspDoor
from lsp.session import Session
from server.config import Address
from tests.lsp.conftest import Connect
from tests.lsp.scripted import TOKEN, ScriptedDoor, ScriptedFindings, authenticate, flag_each
from tests.lsp.wire import Editor, ErrorAnswer

TEXT = "one\nbad two\n"

GARBAGE = {
    "an HTTP request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no number": b"Content-Length: many\r\n\r\n{}",
    "a negative length": b"Content-Length: -5\r\n\r\n{}",
    "an endless header": b"x" * 200_000,
    "noise": bytes(range(256)) * 10 + b"\r\n\r\n",
}

NO_MESSAGES = {
    "no JSON": b"{",
    "a list": b"[1, 2]",
    "a number": b"7",
    "JSON-RPC 1": b'{"jsonrpc": "1.0", "method": "x"}',
    "no UTF-8": b'{"jsonrpc": "2.0", "method": "\xff"}',
    "nothing": b"",
    "a deep nest": b"[" * 9_000 + b"]" * 9_000,
}


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def works(editor: Editor, uri: str) -> bool:
    """Send a document and see it reviewed."""
    editor.heard.clear()
    editor.open(uri, TEXT)
    return len(await editor.diagnostics(uri, 1)) == 1


@pytest.fixture
def uri(folder: Path) -> str:
    return (folder / "a.py").as_uri()


@pytest.fixture
def inside() -> ScriptedDoor:
    return ScriptedDoor(flag_each("bad"))


@pytest.mark.parametrize("token", ["hive_wrong", "", None, 7, {"token": TOKEN}], ids=str)
async def test_a_wrong_token_ends_the_connection(connect: Connect, token: object, door: LspDoor) -> None:
    editor = await connect(started=False)

    with pytest.raises(ErrorAnswer) as refused:
        await editor.ask("initialize", {"capabilities": {}, "initializationOptions": {"token": token}})

    assert refused.value.code == -32001
    await editor.end()
    assert door.sessions == 0


async def test_nothing_is_done_before_the_token(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect(started=False)

    editor.open(uri, TEXT)
    with pytest.raises(ErrorAnswer) as refused:
        await editor.ask("workspace/executeCommand", {"command": "hive.review", "arguments": [uri]})
    await editor.start(TOKEN)

    assert refused.value.code == -32002
    await editor.actions(uri, (0, 0), (0, 0))
    assert inside.submitted == []


async def test_initializing_twice_is_refused(connect: Connect, uri: str) -> None:
    editor = await connect()

    with pytest.raises(ErrorAnswer) as refused:
        await editor.ask("initialize", {"capabilities": {}, "initializationOptions": {"token": TOKEN}})

    assert refused.value.code == -32600
    assert await works(editor, uri)


async def test_who_says_nothing_is_let_go(inside: ScriptedDoor, findings: ScriptedFindings) -> None:
    door = LspDoor(inside, findings, authenticate, introduction_seconds=0.05)
    editor = await Editor.connect((await door.start(Address("127.0.0.1", 0))).port)

    await editor.end()

    await editor.close()
    await door.stop()


async def test_before_the_token_even_a_big_message_is_refused(connect: Connect) -> None:
    editor = await connect(started=False)

    editor.send_bytes(framed(json.dumps({"jsonrpc": "2.0", "method": "x", "params": "x" * 2**21}).encode()))

    assert "2.0 MiB was refused" in await editor.message()
    await editor.start(TOKEN)


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("started", [False, True], ids=["before", "after"])
async def test_garbage_ends_its_own_connection_alone(connect: Connect, uri: str, garbage: bytes, started: bool) -> None:
    bystander, vandal = await connect(), await connect(started=started)

    vandal.send_bytes(garbage)

    await vandal.end()
    assert await works(bystander, uri)


@pytest.mark.parametrize("body", NO_MESSAGES.values(), ids=NO_MESSAGES)
async def test_a_frame_that_holds_no_message_is_answered_and_the_session_goes_on(
    connect: Connect, uri: str, body: bytes
) -> None:
    editor = await connect()

    editor.send_bytes(framed(body))

    answer = await editor.until(lambda m: "error" in m)
    assert (answer["id"], answer["error"]["code"]) == (None, -32700)
    assert await works(editor, uri)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"method": "textDocument/hover", "params": {"no": "such"}}, -32602),
        ({"method": "no/such", "params": {}}, -32601),
        ({"method": "textDocument/codeAction", "params": None}, -32602),
        ({"method": "textDocument/codeAction", "params": {"range": {"start": {"line": -1}}}}, -32602),
        ({"method": "codeAction/resolve", "params": {"title": "x", "data": "not ours"}}, -32801),
    ],
    ids=["wrong params", "unknown method", "no params", "a line below zero", "an action of another"],
)
async def test_a_request_that_cannot_be_done_is_answered_with_an_error(
    connect: Connect, uri: str, message: dict[str, object], code: int
) -> None:
    editor = await connect()

    editor.send({"id": 99, **message})

    with pytest.raises(ErrorAnswer) as refused:
        await editor.answer(99)
    assert refused.value.code == code
    assert await works(editor, uri)


@pytest.mark.parametrize(
    "message",
    [
        {"method": "textDocument/didChange", "params": {}},
        {"method": "textDocument/didOpen"},
        {"method": "$/cancelRequest", "params": {"id": 12}},
        {"method": "window/workDoneProgress/cancel", "params": {"token": "none"}},
        {"method": 7, "params": {}},
        {"id": "nobody", "result": 1},
        {"id": "nobody", "error": {"code": 1, "message": "no"}},
        {"id": None},
        {},
    ],
    ids=str,
)
async def test_odd_messages_are_passed_over(connect: Connect, uri: str, message: dict[str, object]) -> None:
    editor = await connect()

    editor.send(message)

    assert await works(editor, uri)


REQUESTS = ["textDocument/codeAction", "codeAction/resolve", "textDocument/hover", "workspace/executeCommand"]

NOTIFICATIONS = [
    "textDocument/didOpen", "textDocument/didChange", "textDocument/didSave", "textDocument/didClose",
    "workspace/didChangeWorkspaceFolders", "window/workDoneProgress/cancel", "notebookDocument/didOpen",
    "initialized", "$/setTrace", "$/cancelRequest", "workspace/didChangeConfiguration",
]  # fmt: skip

POSITION = {"line": 2**31 - 1, "character": 2**31 - 1}

ODD_PARAMS: list[object] = [
    None, 0, "x", [], {}, [[]], {"textDocument": None}, {"textDocument": {"uri": 7}}, {"command": [], "arguments": {}},
    {"event": {"added": [{"uri": "file://\udfff", "name": ""}], "removed": [{"uri": "x", "name": "x"}]}},
    {"textDocument": {"uri": "file:///x.py"}, "position": POSITION, "context": {"diagnostics": [{}]}},
    {
        "textDocument": {"uri": "file:///x.py", "version": -1},
        "contentChanges": [{"range": {"start": POSITION, "end": POSITION}, "text": "\r"}, {"text": "\0"}],
    },
    {"command": "hive.review", "arguments": [{"uri": "x"}], "workDoneToken": {}},
    {"command": "hive.dismiss", "arguments": ["\0", "\0"]},
]  # fmt: skip


async def test_no_odd_params_harm_anybody(connect: Connect, uri: str) -> None:
    bystander, vandal = await connect(), await connect()

    for method, params in itertools.product([*REQUESTS, *NOTIFICATIONS], ODD_PARAMS):
        vandal.tell(method, params)
    numbers = [vandal.request(method, params) for method, params in itertools.product(REQUESTS, ODD_PARAMS)]

    for number in numbers:
        await vandal.until(lambda m, number=number: m.get("id") == number and ("result" in m or "error" in m))
    assert await works(vandal, uri)
    assert await works(bystander, uri)


async def test_too_long_a_message_is_skipped(connect: Connect, uri: str) -> None:
    editor = await connect()

    editor.send_bytes(framed(b" " * (MAX_MESSAGE_BYTES + 1)))

    assert "12.0 MiB was refused; the limit is 12 MiB" in await editor.message()
    assert await works(editor, uri)


async def test_of_a_file_that_is_too_long_to_be_read_its_editor_hears_so(connect: Connect, uri: str) -> None:
    editor = await connect()

    editor.open(uri, "," * (MAX_MESSAGE_BYTES + 1))

    assert (await editor.status(uri, "not_analysed"))["reason"] == "larger than 2 MiB"


async def test_of_a_document_that_was_changed_by_more_than_is_read_nothing_is_said_any_more(
    connect: Connect, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    assert await editor.diagnostics(uri, 1)

    editor.change(uri, 2, ((0, 0), (0, 0), "x" * (MAX_MESSAGE_BYTES + 1)))

    assert "close it and open it again" in (await editor.status(uri, "not_analysed"))["reason"]
    assert await editor.diagnostics(uri, 1) == []


MANY = MAX_PARTS + 1

FULL = {
    "lists": ("[" + "[]," * MANY + "[]]", True),
    "numbers": ("[" + "1," * MANY + "1]", True),
    "texts": ("[" + '"",' * MANY + '""]', True),
    "one text of commas": (json.dumps("[{,}]" * MANY), False),
    "one text of quotes": (json.dumps('"\\",' * MANY), False),
    "a text in a list": (json.dumps(["\\", ",[{" * MANY, "\\"]), False),
}


@pytest.mark.parametrize("case", FULL)
def test_a_message_of_very_many_parts_is_refused_and_a_long_text_is_none(case: str) -> None:
    params, is_refused = FULL[case]
    body = f'{{"jsonrpc":"2.0","method":"x","params":{params}}}'

    with pytest.raises(TooManyParts) if is_refused else nullcontext():
        assert parse_message(body.encode()) == parse_message(body)


async def test_after_a_message_of_too_many_parts_the_session_goes_on(connect: Connect, uri: str) -> None:
    editor = await connect()

    editor.send_bytes(framed(b'{"jsonrpc":"2.0","method":"x","params":%s}' % FULL["lists"][0].encode()))

    assert "too many parts was refused" in await editor.message()
    with pytest.raises(ErrorAnswer, match="too many parts"):
        await editor.ask("x", [0] * 100_000)
    assert await works(editor, uri)


async def test_fifty_editors_see_only_their_own(
    connect: Connect, inside: ScriptedDoor, door: LspDoor, folder: Path
) -> None:
    editors = await asyncio.gather(*(connect() for _ in range(50)))
    uris = [(folder / f"{number}.py").as_uri() for number in range(50)]

    for number, (editor, uri) in enumerate(zip(editors, uris, strict=True)):
        editor.open(uri, "bad\n" * (number % 5))
    for number, (editor, uri) in enumerate(zip(editors, uris, strict=True)):
        assert len(await editor.diagnostics(uri, 1)) == number % 5

    for editor, uri in zip(editors, uris, strict=True):
        assert {m["params"]["uri"] for m in editor.heard if "uri" in (m.get("params") or {})} == {uri}
    assert len({request.concurrency_group for request in inside.submitted}) == 50
    assert door.sessions == 50


async def test_a_session_that_ended_leaves_nothing_behind(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    gc.collect()
    editor = await connect()
    assert await works(editor, uri)
    await editor.ask("workspace/executeCommand", {"command": "hive.review", "arguments": [uri]})
    inside.reviewer = None
    editor.change(uri, 2, ((0, 0), (0, 0), "x"))
    await inside.requests.get()
    gone = [weakref.ref(o) for o in gc.get_objects() if isinstance(o, Session)]
    assert len(gone) == 1

    editor.tell("exit", None)
    await editor.end()
    gc.collect()

    assert [ref() for ref in gone] == [None]


async def test_who_does_not_read_is_let_go(connect: Connect, port: int, uri: str) -> None:
    bystander = await connect()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    greeting = json.dumps(initialize(TOKEN)).encode()
    question = json.dumps({"jsonrpc": "2.0", "id": "x" * 100_000, "method": "no/such"}).encode()

    async def ask_for_ever() -> None:
        writer.write(framed(greeting))
        while True:
            writer.write(framed(question))
            await writer.drain()

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(ask_for_ever(), 20)

    assert await works(bystander, uri)
    writer.close()


async def test_a_client_that_sends_without_pause_takes_turns(connect: Connect, uri: str, folder: Path) -> None:
    bystander, busy = await connect(), await connect()
    other = (folder / "busy.py").as_uri()
    busy.open(other, TEXT)

    for version in range(2, 2002):
        busy.change(other, version, ((0, 0), (0, 0), "x"))

    assert await works(bystander, uri)
    assert len(await busy.diagnostics(other, 2001)) == 1


async def test_one_editor_too_many_hears_why(connect: Connect) -> None:
    await asyncio.gather(*(connect() for _ in range(60)))

    last = await connect(started=False)
    with pytest.raises(ErrorAnswer, match="too many editors"):
        await last.start(TOKEN)

    assert "too many editors" in await last.message()
    await last.end()


async def test_who_only_holds_connections_open_keeps_no_editor_out(
    inside: ScriptedDoor, findings: ScriptedFindings, folder: Path
) -> None:
    door = LspDoor(inside, findings, authenticate, max_connections=2, max_strangers=3)
    port = (await door.start(Address("127.0.0.1", 0))).port
    strangers = [await Editor.connect(port) for _ in range(3)]
    editors = [await Editor.connect(port) for _ in range(2)]

    for editor in editors:
        await editor.start(TOKEN, folder)
    for stranger in strangers[:2]:
        await stranger.end()

    assert door.sessions == 2
    await door.stop()
    for one in (*strangers, *editors):
        await one.close()


async def test_stopping_the_door_lets_every_client_go(connect: Connect, door: LspDoor) -> None:
    editors = [await connect(), await connect(started=False)]

    await door.stop()

    for editor in editors:
        await editor.end()
    assert door.sessions == 0


# The websocket.


@pytest.fixture
async def web_server(door: LspDoor) -> AsyncIterator[BaseTestServer]:
    app = web.Application()
    app.add_routes([web.get("/lsp", door.websocket)])
    async with TestServer(app) as server:
        yield server


def initialize(token: str | None = None) -> dict[str, object]:
    options = {"token": token} if token else None
    params = {"processId": None, "rootUri": None, "capabilities": {}, "initializationOptions": options}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}


@pytest.mark.parametrize("where", ["header", "initialize"])
async def test_the_websocket_takes_the_token_either_way(web_server: BaseTestServer, uri: str, where: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"} if where == "header" else {}
    item = {"uri": uri, "languageId": "python", "version": 1, "text": TEXT}
    opened = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}}

    async with ClientSession() as http, http.ws_connect(web_server.make_url("/lsp"), headers=headers) as socket:
        await socket.send_json(initialize(None if where == "header" else TOKEN))
        assert (await socket.receive_json())["result"]["serverInfo"]["name"] == "Agent Hive"
        await socket.send_json(opened)
        while (message := await socket.receive_json())["method"] != "textDocument/publishDiagnostics":
            pass
        await socket.send_json({"jsonrpc": "2.0", "method": "exit"})
        assert len(message["params"]["diagnostics"]) == 1


async def test_the_websocket_refuses_a_wrong_token(web_server: BaseTestServer, door: LspDoor) -> None:
    async with ClientSession() as http:
        with pytest.raises(WSServerHandshakeError) as refused:
            await http.ws_connect(web_server.make_url("/lsp"), headers={"Authorization": "Bearer hive_wrong"})
        async with http.ws_connect(web_server.make_url("/lsp")) as socket:
            await socket.send_json(initialize("hive_wrong"))
            answer = await socket.receive_json()

    assert refused.value.status == 401
    assert answer["error"]["code"] == -32001
    assert door.sessions == 0
