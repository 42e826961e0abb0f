"""The resident linter: one `ruff server` process, asked over its standard input and output.

It answers in about 2 ms of CPU where a process per file takes 8. The file's text is hostile: the process gets no
environment, no workspace, no configuration but ours, and writes nothing; one that dies or hangs is replaced. This
module speaks the protocol; what ruff's rules mean stands in `server/analysis/ruff_rules.py`.
"""

import asyncio
import contextlib
import os
import shutil
import sys
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import ruff  # type: ignore[import-untyped]  # a binary with one function to find it

from server.analysis.ruff_rules import SELECTED
from server.errors import HiveError

WORKSPACE = "/agent-hive/snapshot"
"""Where the documents pretend to be. It does not exist, so that there is no configuration to find."""

ANSWER_SECONDS = 10.0
START_SECONDS = 10.0
MAX_ANSWER_BYTES = 64 * 1024 * 1024

_SETTINGS: dict[str, Any] = {
    "logLevel": "error",
    "configurationPreference": "editorOnly",
    "configuration": {
        # The newest syntax: what an older Python refuses is not for us to say.
        "target-version": "py314",
        "builtins": ["_", "get_ipython", "reveal_type"],
        "lint": {"select": list(SELECTED), "preview": False},
    },
}


class RuffUnavailable(HiveError):
    """Ruff did not start, or died."""


class RuffTooSlow(HiveError):
    """Ruff did not answer about this file in time."""


class Position(msgspec.Struct, frozen=True):
    line: int
    character: int


class Range(msgspec.Struct, frozen=True):
    start: Position
    end: Position


class TextEdit(msgspec.Struct, frozen=True, rename="camel"):
    range: Range
    new_text: str


class FixData(msgspec.Struct, frozen=True):
    title: str = ""
    edits: tuple[TextEdit, ...] = ()
    is_preferred: bool | None = None


class Diagnostic(msgspec.Struct, frozen=True):
    """As LSP has it: 0-based, in Unicode code points (the server is asked for UTF-32)."""

    range: Range
    message: str
    code: str = ""
    data: FixData | None = None


class _Items(msgspec.Struct, frozen=True):
    items: tuple[Diagnostic, ...]


class _Answer(msgspec.Struct, frozen=True):
    """Or a notification or request of the server: those have a method and are not for us."""

    id: int | str | None = None
    method: str | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: msgspec.Raw | None = None


class Program:
    """The ruff binary, held open: it can be run after privileges were dropped and its directory became unreadable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if sys.platform == "linux" else None

    @classmethod
    def find(cls) -> "Program":
        """Raises RuffUnavailable when there is none."""
        with contextlib.suppress(FileNotFoundError):
            return cls(Path(ruff.find_ruff_bin()))
        on_path = shutil.which("ruff")
        if on_path is None:
            raise RuffUnavailable("ruff is not installed", hint="Install Agent Hive's dependencies again: uv sync")
        return cls(Path(on_path))

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        held = self._descriptor
        return await asyncio.create_subprocess_exec(
            "ruff",
            *arguments,
            executable=str(self.path) if held is None else f"/proc/self/fd/{held}",
            pass_fds=() if held is None else (held,),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )


class Ruff:
    """Asks the resident process; starts it again when it is gone. Safe to ask from many tasks at once."""

    def __init__(self, program: Program, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._program = program
        self._answer_seconds = answer_seconds
        self._starting = asyncio.Lock()
        self._server: _Server | None = None

    async def start(self) -> None:
        """Raises RuffUnavailable."""
        await self._living_server()

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.is_alive

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.stop()

    async def diagnose(self, path: str, text: str) -> tuple[Diagnostic, ...]:
        """What ruff says of a Python file. A server that dies is replaced once. Raises RuffUnavailable, RuffTooSlow."""
        try:
            return await self._ask(path, text)
        except RuffUnavailable:
            return await self._ask(path, text)

    async def _ask(self, path: str, text: str) -> tuple[Diagnostic, ...]:
        server = await self._living_server()
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await server.diagnose(path, text)
        except TimeoutError as error:
            await server.stop()
            raise RuffTooSlow(f"ruff did not answer within {self._answer_seconds:g} s") from error

    async def _living_server(self) -> "_Server":
        async with self._starting:
            if self._server is None or not self._server.is_alive:
                if self._server is not None:
                    await self._server.stop()
                self._server = await _Server.start(self._program)
            return self._server


class _Server:
    """One process and the requests under way in it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Future[_Answer]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, program: Program) -> "_Server":
        try:
            server = cls(await program.start("server", "--isolated"))
        except OSError as error:
            raise RuffUnavailable(f"ruff does not start: {error.strerror}") from error
        try:
            async with asyncio.timeout(START_SECONDS):
                await server._request("initialize", _initialize_params())
        except (TimeoutError, RuffUnavailable) as error:
            await server.stop()
            raise RuffUnavailable("ruff started, but its server does not answer") from error
        server._write(_notification("initialized", {}))
        return server

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None and not self._reader.done()

    async def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader

    async def diagnose(self, path: str, text: str) -> tuple[Diagnostic, ...]:
        """Opens a document that nobody else has, asks, closes it: all in one write."""
        document = {"uri": f"file://{WORKSPACE}/{next(self._ids)}/{_plain_name(path)}"}
        opened = {**document, "languageId": "python", "version": 1, "text": text}
        answer = await self._request(
            "textDocument/diagnostic",
            {"textDocument": document},
            before=_notification("textDocument/didOpen", {"textDocument": opened}),
            after=_notification("textDocument/didClose", {"textDocument": document}),
        )
        if answer.error is not None:
            raise RuffUnavailable("ruff refused the file")
        return msgspec.json.decode(answer.result, type=_Items).items

    def _request(
        self, method: str, params: dict[str, Any], *, before: bytes = b"", after: bytes = b""
    ) -> asyncio.Future[_Answer]:
        request_id = next(self._ids)
        future: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        if not self.is_alive:
            future.set_exception(RuffUnavailable("ruff has ended"))
            return future
        self._waiting[request_id] = future
        future.add_done_callback(lambda _: self._waiting.pop(request_id, None))
        asked = _frame({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        self._write(before + asked + after)
        return future

    def _write(self, frames: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(frames)

    async def _read(self) -> None:
        try:
            while True:
                answer = await self._read_answer()
                waiting = self._waiting.get(answer.id) if isinstance(answer.id, int) else None
                if answer.method is None and waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError) as error:
            self._fail(error)

    async def _read_answer(self) -> _Answer:
        assert self._process.stdout is not None
        length = 0
        while (line := await self._process.stdout.readuntil(b"\r\n")) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if length > MAX_ANSWER_BYTES:
            raise ValueError("ruff's answer is too long")
        return msgspec.json.decode(await self._process.stdout.readexactly(length), type=_Answer)

    def _fail(self, error: Exception) -> None:
        for future in list(self._waiting.values()):
            if not future.done():
                future.set_exception(RuffUnavailable(f"ruff ended: {type(error).__name__}"))


def _notification(method: str, params: dict[str, Any]) -> bytes:
    return _frame({"jsonrpc": "2.0", "method": method, "params": params})


def _frame(message: dict[str, Any]) -> bytes:
    body = msgspec.json.encode(message)
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _initialize_params() -> dict[str, Any]:
    return {
        "processId": os.getpid(),
        "rootUri": None,
        "workspaceFolders": [{"uri": f"file://{WORKSPACE}", "name": "snapshot"}],
        "capabilities": {"general": {"positionEncodings": ["utf-32"]}, "textDocument": {"diagnostic": {}}},
        "initializationOptions": {"settings": _SETTINGS},
    }


def _plain_name(path: str) -> str:
    """The file's name as far as it matters to ruff (`__init__.py`, `test_x.py`, `.pyi`), safe within a URI."""
    name = PurePosixPath(path).name
    if (
        name.isascii()
        and name.replace("_", "").replace(".", "").replace("-", "").isalnum()
        and name.endswith((".py", ".pyi"))
    ):
        return name
    return "module.py"
