"""A door on a socket with a scripted hub behind it, and editors that connect to it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from lsp.server import LspDoor
from server.agents.reviewer import Reviewer
from server.config import Address
from server.launch import Hub, write_run_file
from tests.lsp.scripted import TOKEN, ReviewingDoor, ScriptedDoor, ScriptedFindings, authenticate
from tests.lsp.wire import Editor

Connect = Callable[..., Awaitable[Editor]]


@pytest.fixture
def hub() -> ScriptedDoor:
    return ScriptedDoor()


@pytest.fixture
def findings(hub: ScriptedDoor) -> ScriptedFindings:
    return ScriptedFindings(hub)


@pytest.fixture
async def door(hub: ScriptedDoor, findings: ScriptedFindings) -> AsyncIterator[LspDoor]:
    door = LspDoor(hub, findings, authenticate, introduction_seconds=5.0, max_connections=60)
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

    async def connect(*, started: bool = True, token: str = TOKEN, capabilities: Any = None) -> Editor:
        editor = await Editor.connect(port)
        editors.append(editor)
        if started:
            await editor.start(token, folder, capabilities)
        return editor

    yield connect
    for editor in editors:
        await editor.close()


@pytest.fixture
async def hub_data_dir(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The data directory of a hub that runs, with the real reviewer."""
    directory = tmp_path_factory.mktemp("hub")
    reviewer = Reviewer()
    await reviewer.start()
    hub = ReviewingDoor(reviewer)
    door = LspDoor(hub, ScriptedFindings(hub), authenticate)
    address = str(await door.start(Address("127.0.0.1", 0)))
    write_run_file(directory, Hub(os.getpid(), address, address, TOKEN))
    yield directory
    await door.stop()
    await reviewer.stop()
