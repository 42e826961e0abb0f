"""What a project's `.hive.toml` chooses holds in the editor too, and as soon as it changes on the disk."""

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import Connect
from tests.lsp.scripted import REMOTE_TOKEN, ScriptedDoor, flag_each
from tests.lsp.wire import VSCODE_LIKE, Editor

TEXT = "one\nbad two\n"
WATCHES: dict[str, Any] = {
    **VSCODE_LIKE,
    "workspace": {**VSCODE_LIKE["workspace"], "didChangeWatchedFiles": {"dynamicRegistration": True}},
}
OFF = '[severities]\n"test.word" = "off"\n'
CRITICAL = '[severities]\n"test.*" = "critical"\n'
LEFT_OUT = '[review]\nleave_out = ["src/"]\n'


@pytest.fixture
def uri(folder: Path) -> str:
    return (folder / "src" / "a.py").as_uri()


def changed(editor: Editor, *uris: str) -> None:
    changes = [{"uri": uri, "type": 2} for uri in uris]
    editor.tell("workspace/didChangeWatchedFiles", {"changes": changes})


@pytest.mark.parametrize(
    ("text", "severities"), [(OFF, []), (CRITICAL, [1]), ("", [2])], ids=["off", "severe", "nothing chosen"]
)
async def test_severities_are_the_projects(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str, text: str, severities: list[int]
) -> None:
    inside.reviewer = flag_each("bad")
    (folder / ".hive.toml").write_text(text)
    editor = await connect()

    editor.open(uri, TEXT)

    assert [one["severity"] for one in await editor.diagnostics(uri, 1)] == severities


async def test_what_is_left_out_is_said_in_the_status_alone(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str
) -> None:
    (folder / ".hive.toml").write_text(LEFT_OUT)
    editor = await connect()

    editor.open(uri, TEXT)

    assert (await editor.status(uri, "not_analysed"))["reason"] == "left out by .hive.toml"
    answer = await editor.ask("workspace/executeCommand", {"command": "hive.review", "arguments": [uri]})
    assert answer["reason"] == "left out by .hive.toml"
    assert len([m for m in editor.heard if m.get("method") == "window/showMessage"]) == 1, "only when it was asked for"
    assert inside.submitted == []


@pytest.mark.parametrize("how", ["watched", "saved"])
async def test_a_change_of_the_file_is_noticed(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str, how: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=WATCHES)
    editor.open(uri, TEXT)
    assert len(await editor.diagnostics(uri, 1)) == 1
    registered = await editor.until(lambda m: m.get("method") == "client/registerCapability")
    editor.heard.clear()

    (folder / ".hive.toml").write_text(OFF)
    choices = (folder / ".hive.toml").as_uri()
    if how == "watched":
        changed(editor, choices)
    else:
        editor.tell("textDocument/didSave", {"textDocument": {"uri": choices}})

    await editor.status(uri, "analysed", 1)
    assert await editor.diagnostics(uri, 1) == []
    (registration,) = registered["params"]["registrations"]
    watched = [watcher["globPattern"] for watcher in registration["registerOptions"]["watchers"]]
    assert (registration["method"], watched[:2]) == (
        "workspace/didChangeWatchedFiles",
        ["**/.hive.toml", "**/.git/HEAD"],
    )


async def test_of_an_invalid_file_the_last_good_one_holds_and_it_is_said(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    (folder / ".hive.toml").write_text(OFF)
    editor = await connect()
    editor.open(uri, TEXT)
    assert await editor.diagnostics(uri, 1) == []
    editor.heard.clear()

    (folder / ".hive.toml").write_text("[severities")
    changed(editor, (folder / ".hive.toml").as_uri())

    assert "does not understand .hive.toml" in await editor.message()
    await editor.status(uri, "analysed", 1)
    assert await editor.diagnostics(uri, 1) == []


async def test_for_an_editor_elsewhere_the_hub_reads_no_file(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    (folder / ".hive.toml").write_text(OFF)
    editor = await connect(token=REMOTE_TOKEN)

    editor.open(uri, TEXT)

    assert len(await editor.diagnostics(uri, 1)) == 1
