"""A door on a socket with a scripted hub behind it, and editors that connect to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from lsp.server import LspDoor
from server.config import Address
from tests.lsp.scripted import TOKEN, ScriptedDoor, ScriptedFindings, authenticate
from tests.lsp.wire import Editor

NEVER = 86_400.0

Connect = Callable[..., Awaitable[Editor]]


@pytest.fixture
def inside() -> ScriptedDoor:
    return ScriptedDoor()


@pytest.fixture
def findings(inside: ScriptedDoor) -> ScriptedFindings:
    return ScriptedFindings(inside)


@pytest.fixture
async def door(inside: ScriptedDoor, findings: ScriptedFindings) -> AsyncIterator[LspDoor]:
    door = LspDoor(inside, findings, authenticate, introduction_seconds=5.0, max_connections=60, rest_seconds=NEVER)
    yield door
    await door.stop()


@pytest.fixture
async def port(door: LspDoor) -> int:
    return (await door.start(Address("127.0.0.1", 0))).port


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace: a repository on GitHub."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git" / "config").write_text('[remote "origin"]\n\turl = https://github.com/Owner/Repo.git\n')
    return tmp_path


@pytest.fixture
async def connect(port: int, folder: Path) -> AsyncIterator[Connect]:
    """Connect an editor and introduce it; `started=False` leaves the introduction to the test."""
    editors: list[Editor] = []

    async def connect(
        *, started: bool = True, token: str = TOKEN, capabilities: Any = None, options: Any = None
    ) -> Editor:
        editor = await Editor.connect(port)
        editors.append(editor)
        if started:
            await editor.start(token, folder, capabilities, options)
        return editor

    yield connect
    for editor in editors:
        await editor.close()
