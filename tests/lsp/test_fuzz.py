"""Whatever bytes an editor sends, it harms nobody but itself, and nothing of it is an error of ours.

Seeded: a failure names its seed, and runs again as it ran.
"""

import asyncio
import contextlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from structlog.testing import capture_logs

from lsp.server import LspDoor
from tests.lsp.conftest import Connect
from tests.lsp.scripted import ScriptedDoor, flag_each
from tests.lsp.wire import ASKS_FOR_DIAGNOSTICS, Editor

MESSAGES = 120
OUR_ERRORS = {"a handler failed", "a session failed", "a review failed", "looking at the files around failed"}

METHODS = [
    *(method for method, direction in types._MESSAGE_DIRECTION.items() if direction != "serverToClient"),
    "hive/findings", "hive/content", "hive/jobs", "hive/trust", "hive/checkouts", "hive/no/such",
]  # fmt: skip
METHODS = [method for method in METHODS if method not in ("exit", "shutdown", "initialize")]

COMMANDS = ["hive.review", "hive.dismiss", "hive.reopen", "hive.explain", "hive.fix", "hive.ask", "hive.none"]
NAMES = [
    "uri", "textDocument", "position", "range", "start", "end", "line", "character", "version", "text", "context",
    "diagnostics", "contentChanges", "command", "arguments", "data", "title", "kind", "token", "only", "event", "added",
    "removed", "languageId", "previousResultIds", "value", "identifier", "partialResultToken", "notebookDocument",
]  # fmt: skip


class Vandal:
    """What one seed makes."""

    def __init__(self, seed: int, uri: str) -> None:
        self.chance = random.Random(seed)
        self._uri = uri

    def bytes(self) -> bytes:
        """Mostly frames, so that what is in them is looked at."""
        body = json.dumps(self.message(), ensure_ascii=self.chance.random() < 0.5).encode("utf-8", "surrogatepass")
        kind = self.chance.random()
        if kind < 0.97:
            return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        if kind < 0.995:
            cut = body[: self.chance.randrange(len(body) + 1)]
            return b"Content-Length: %d\r\n\r\n%b" % (len(cut), cut)
        length = self.chance.choice([b"-1", b"1e9", b"99999999999", b"", b"0x10", b"33554433"])
        return self.chance.choice([b"", b"Content-Type: x\r\n"]) + b"Content-Length: " + length + b"\r\n\r\n" + body

    def message(self) -> Any:
        kind = self.chance.random()
        if kind < 0.05:
            return self.value(3)
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": self.chance.choice(METHODS)}
        message["params"] = self.likely(message["method"]) if kind < 0.5 else self.value(4)
        if self.chance.random() < 0.5:
            message["id"] = self.value(0)
        if self.chance.random() < 0.05:
            del message[self.chance.choice(sorted(message))]
        return message

    def likely(self, method: str) -> dict[str, Any]:
        """Near enough to what is right to come far."""
        document = {"uri": self.chance.choice([self._uri, self._uri, "hive:x", "untitled:1"]), "version": self.number()}
        if method == "textDocument/didOpen":
            return {"textDocument": {**document, "languageId": "python", "text": self.text()}}
        if method == "textDocument/didChange":
            changes = [{"range": self.range(), "text": self.text()} for _ in range(self.chance.randrange(4))]
            return {"textDocument": document, "contentChanges": changes}
        if method == "workspace/executeCommand":
            return {
                "command": self.chance.choice(COMMANDS),
                "arguments": [self._uri, self.text()][: self.chance.randrange(3)],
            }
        context = {"diagnostics": [], "only": self.chance.choice([None, ["quickfix"], ["source"], [""], []])}
        return {
            "textDocument": document, "position": self.range()["start"], "range": self.range(), "context": context,
            "uri": self.text(), "previousResultIds": [], "token": self.value(0), "value": self.value(2),
        }  # fmt: skip

    def value(self, depth: int) -> Any:
        kinds = ["text", "number", "nothing", "truth"] + (["list", "object"] * 2 if depth else [])
        match self.chance.choice(kinds):
            case "text":
                return self.text()
            case "number":
                return self.number()
            case "truth":
                return self.chance.random() < 0.5
            case "list":
                return [self.value(depth - 1) for _ in range(self.chance.randrange(4))]
            case "object":
                return {self.chance.choice(NAMES): self.value(depth - 1) for _ in range(self.chance.randrange(6))}
        return None

    def text(self) -> str:
        odd = ["", "bad\n", "\0", "\r", "é😋", "\ud800", "../..", self._uri, "file:///%00", "x" * 5_000, "{{", "\u2028"]
        return "".join(self.chance.choices(odd, k=self.chance.randrange(1, 4)))

    def number(self) -> float:
        return self.chance.choice([0, 1, 2, 3, -1, 2**31 - 1, 2**31, 2**70, 1.5, -0.0, 1e300])

    def range(self) -> dict[str, Any]:
        return {
            end: {"line": self.chance.randrange(4), "character": self.chance.randrange(9)} for end in ("start", "end")
        }


async def works(editor: Editor, uri: str) -> bool:
    editor.heard.clear()
    editor.open(uri, "bad\n")
    return len(await editor.diagnostics(uri, 1)) == 1


@pytest.mark.parametrize("seed", range(12))
async def test_a_vandal_harms_nobody_and_finds_no_error_of_ours(
    connect: Connect, inside: ScriptedDoor, door: LspDoor, folder: Path, seed: int
) -> None:
    inside.reviewer = flag_each("bad")
    bystander = await connect()
    vandal = await connect(started=seed % 4 > 0, capabilities=ASKS_FOR_DIAGNOSTICS if seed % 2 else None)
    made = Vandal(seed, (folder / "a.py").as_uri())

    with capture_logs() as logs:
        with contextlib.suppress(OSError):  # it is hung up on
            for _ in range(MESSAGES):
                vandal.send_bytes(made.bytes())
                await vandal.writer.drain()
                await asyncio.sleep(0)
            vandal.answers_requests = False  # it could not any more, and would stop listening
            vandal.writer.write_eof()
        await vandal.end()
        assert await works(bystander, (folder / "b.py").as_uri())

    assert [entry for entry in logs if entry["event"] in OUR_ERRORS] == []
    assert door.sessions == 1
