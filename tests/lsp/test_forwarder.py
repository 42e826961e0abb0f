"""`hive lsp` as an editor starts it: a process with pipes, and a hub behind a port."""

import asyncio
import itertools
import os
import select
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from socket import TCP_KEEPIDLE, TCP_KEEPINTVL

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp.forwarder import is_exposed
from lsp.line import Frames, notice_silence
from lsp.server import LspDoor
from server.config import Address
from server.launch import Hub, run_file, write_run_file
from tests.lsp.scripted import TOKEN, ScriptedDoor, ScriptedFindings, authenticate, flag_each
from tests.lsp.wire import Editor, ErrorAnswer

FORWARDER = [sys.executable, "-c", "import sys; from lsp.forwarder import main; sys.exit(main(sys.argv[1:]))"]

Run = Callable[..., Awaitable[tuple[asyncio.subprocess.Process, Editor]]]


@pytest.fixture
def inside() -> ScriptedDoor:
    return ScriptedDoor(flag_each("bad"))


@pytest.fixture
def data_dir(tmp_path: Path, port: int) -> Path:
    """Of a hub that runs: this test."""
    write_run_file(tmp_path, Hub(os.getpid(), f"127.0.0.1:{port}", f"127.0.0.1:{port}", TOKEN))
    return tmp_path


@pytest.fixture
async def run() -> AsyncIterator[Run]:
    processes: list[asyncio.subprocess.Process] = []

    async def run(*arguments: str, **env: str) -> tuple[asyncio.subprocess.Process, Editor]:
        process = await asyncio.create_subprocess_exec(
            *FORWARDER, *arguments, stdin=-1, stdout=-1, stderr=-1, env={"PATH": os.environ["PATH"], **env}
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stdin is not None
        return process, Editor(process.stdout, process.stdin)

    yield run
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_an_editor_is_joined_to_the_hub_with_its_token(run: Run, data_dir: Path, folder: Path) -> None:
    process, editor = await run("--stdio", "--clientProcessId=1", HIVE_DATA=str(data_dir))
    params: dict[str, object] = {
        "processId": None,
        "rootUri": folder.as_uri(),
        "capabilities": {},
        "initializationOptions": None,
    }

    result = await editor.ask("initialize", params)
    uri = (folder / "a.py").as_uri()
    editor.open(uri, "bad ☃\n")
    (diagnostic,) = await editor.diagnostics(uri, 1)
    await editor.ask("shutdown", None)
    editor.tell("exit", None)

    assert result["serverInfo"]["name"] == "Agent Hive"
    assert diagnostic["code"] == "test.word"
    assert await process.wait() == 0


async def test_closing_stdin_ends_it(run: Run, data_dir: Path) -> None:
    process, editor = await run(HIVE_DATA=str(data_dir))
    await editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})

    editor.writer.close()

    assert await process.wait() == 0


async def test_a_hub_elsewhere_is_named_by_the_environment(run: Run, port: int) -> None:
    _, editor = await run(HIVE_URL="http://127.0.0.1:1", HIVE_LSP=f"127.0.0.1:{port}", HIVE_TOKEN=TOKEN)

    result = await editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})

    assert result["serverInfo"]["name"] == "Agent Hive"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"HIVE_URL": "http://127.0.0.1:8642"}, "HIVE_TOKEN is not"),
        ({"HIVE_URL": "nowhere", "HIVE_TOKEN": "x"}, "HIVE_URL is not a URL"),
        ({"HIVE_LSP": "127.0.0.1:1", "HIVE_TOKEN": "x"}, "cannot reach the hub"),
        ({"HIVE_DATA": "/dev/null/x"}, "cannot use the data directory"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_hub_that_cannot_be_reached_is_said_in_the_editor(run: Run, env: dict[str, str], said: str) -> None:
    process, editor = await run(**env)

    assert said in await editor.message()
    assert process.stderr is not None
    assert said in (await process.stderr.read()).decode()
    assert await process.wait() == 3


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("hive.example.com:8643", True),
        ("10.0.0.7:8643", True),
        ("[2001:db8::1]:8643", True),
        ("127.0.0.1:8643", False),
        ("localhost:8643", False),
        ("[::1]:8643", False),
        ("wss://hive.example.com/lsp", False),
    ],
)
def test_a_key_in_plain_text_does_not_leave_this_machine_unsaid(address: str, expected: bool) -> None:
    assert is_exposed(address) is expected


def test_a_hub_that_went_away_without_a_word_is_noticed_by_the_machine() -> None:
    with socket.socket() as connection:
        notice_silence(connection)

        seconds = [connection.getsockopt(socket.IPPROTO_TCP, option) for option in (TCP_KEEPIDLE, TCP_KEEPINTVL)]
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert seconds == [20, 10]


async def test_a_hub_that_goes_away_before_the_introduction_is_said_in_the_editor(
    run: Run, data_dir: Path, door: LspDoor
) -> None:
    process, editor = await run(HIVE_DATA=str(data_dir))
    with pytest.raises(ErrorAnswer):
        await editor.ask("textDocument/hover", {})

    await door.stop()

    assert "the hub went away" in await editor.message()
    assert await process.wait() == 4


async def test_another_hub_is_told_all_and_the_editor_only_sees_that_it_was_gone(
    run: Run, data_dir: Path, door: LspDoor, inside: ScriptedDoor, findings: ScriptedFindings, folder: Path
) -> None:
    process, editor = await run(HIVE_DATA=str(data_dir))
    await editor.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
    uri = (folder / "a.py").as_uri()
    editor.open(uri, "fine\n")
    editor.change(uri, 2, ((0, 0), (0, 4), "é bad"))
    assert len(await editor.diagnostics(uri, 2)) == 1

    run_file(data_dir).unlink()
    await door.stop()
    gone = await editor.until(lambda m: m.get("method") == "$/hive/connection")
    editor.change(uri, 3, ((0, 5), (0, 5), "\nbad"))
    number = editor.request(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 0}}
    )
    another = LspDoor(inside, findings, authenticate)
    port = (await another.start(Address("127.0.0.1", 0))).port
    write_run_file(data_dir, Hub(os.getpid(), f"127.0.0.1:{port}", f"127.0.0.1:{port}", TOKEN))

    assert (gone["params"]["connected"], gone["params"]["reason"]) == (False, "The connection to the hub was lost.")
    await editor.until(lambda m: m.get("method") == "$/hive/connection" and m["params"]["connected"])
    assert len(await editor.diagnostics(uri, 3)) == 2
    await editor.answer(number)
    assert [m["id"] for m in editor.heard if "method" not in m] == [1, number], "the second greeting is ours alone"
    editor.tell("exit", None)
    assert await process.wait() == 0
    await another.stop()


async def test_a_hub_that_does_not_know_the_token_any_more_ends_it(
    run: Run, data_dir: Path, door: LspDoor, inside: ScriptedDoor, findings: ScriptedFindings
) -> None:
    process, editor = await run(HIVE_DATA=str(data_dir))
    await editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    another = LspDoor(inside, findings, authenticate)
    port = (await another.start(Address("127.0.0.1", 0))).port

    write_run_file(data_dir, Hub(os.getpid(), f"127.0.0.1:{port}", f"127.0.0.1:{port}", "hive_forgotten"))
    await door.stop()

    assert await process.wait() == 4
    await another.stop()


async def test_it_does_not_outlive_the_process_that_started_it(data_dir: Path) -> None:
    """The editor is killed, but something else still holds its pipes."""
    parent = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); sys.stdin.buffer.read(1)"
    editor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", parent, *FORWARDER, stdin=-1, stdout=-1, env={**os.environ, "HIVE_DATA": str(data_dir)}
    )
    assert editor.stdout is not None
    pid = os.pidfd_open(int(await editor.stdout.readline()))

    editor.kill()
    await editor.wait()

    ended, _, _ = await asyncio.to_thread(select.select, [pid], [], [], 10.0)
    assert ended
    os.close(pid)


def test_it_imports_neither_asyncio_nor_a_language_server() -> None:
    look = "import sys, lsp.forwarder; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout.split()

    assert "lsp" in loaded
    assert set(loaded).isdisjoint({"asyncio", "pygls", "lsprotocol", "cattrs", "msgspec", "aiohttp", "click", "rich"})


@pytest.mark.parametrize("argument", ["--help", "-h"])
async def test_help_says_what_it_is(run: Run, argument: str) -> None:
    process, _ = await run(argument)

    assert await process.wait() == 0


async def test_an_unknown_argument_is_refused(run: Run) -> None:
    process, _ = await run("up")

    assert await process.wait() == 2


@given(st.lists(st.integers(0, 400), max_size=6), st.lists(st.binary(max_size=60), max_size=4))
def test_messages_come_out_whole_however_the_bytes_are_cut(cuts: list[int], bodies: list[bytes]) -> None:
    sent = b"".join(b"Content-Type: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)
    edges = sorted({0, *(cut for cut in cuts if cut < len(sent)), len(sent)})
    frames = Frames()

    taken = [body for a, b in itertools.pairwise(edges) for body in frames.take(sent[a:b])]

    assert (taken, frames.is_garbage, frames.rest()) == (bodies, False, b"")


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\n\r\n", b"x" * 100_000], ids=["no length", "no header"])
def test_what_is_no_message_is_left_as_it_is(sent: bytes) -> None:
    frames = Frames()

    assert list(frames.take(sent)) == []
    assert (frames.is_garbage, frames.rest()) == (True, sent)


async def test_garbage_reaches_the_hub_which_hangs_up(run: Run, data_dir: Path) -> None:
    process, editor = await run(HIVE_DATA=str(data_dir))
    await editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})

    editor.send_bytes(b"GET / HTTP/1.1\r\n\r\n")

    assert await process.wait() == 4
