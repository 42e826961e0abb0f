"""Documents reviewed together with the files around them, with a scripted hub behind the door."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lsp.neighbours import MAX_QUESTIONS
from lsp.server import LspDoor
from server.jobs.job import JobRequest
from server.reviews.snapshot import Coverage, Report, Snapshot
from tests.lsp.conftest import Connect
from tests.lsp.scripted import REMOTE_TOKEN, ScriptedDoor, ScriptedFindings, a_finding, authenticate, report_of
from tests.lsp.wire import Editor

TEXT = "one\nbad two\nthree\n"
FLOW = "f" * 32


@pytest.fixture
async def door(inside: ScriptedDoor, findings: ScriptedFindings) -> AsyncIterator[LspDoor]:
    """Typing rests at once."""
    door = LspDoor(inside, findings, authenticate, rest_seconds=0.0)
    yield door
    await door.stop()


@pytest.fixture
def uri(folder: Path) -> str:
    (folder / "src").mkdir()
    (folder / "src" / "b.py").write_text("source = input()\n")
    (folder / "src" / "notes.txt").write_text("no code\n")
    return (folder / "src" / "a.py").as_uri()


def snapshot_of(request: JobRequest) -> Snapshot:
    return msgspec.json.decode(request.args, type=Snapshot)


async def answer_alone(inside: ScriptedDoor, *paths: str) -> None:
    for _ in paths:
        request = await inside.requests.get()
        snapshot = snapshot_of(request)
        assert snapshot.alone
        inside.answer(request, report_of(snapshot.files[0].path))


async def reviewed(editor: Editor, inside: ScriptedDoor, uri: str, version: int = 1) -> None:
    """Open, with a flow that only the files together show."""
    editor.open(uri, TEXT, version)
    await answer_alone(inside, uri)
    request = await inside.requests.get()
    inside.answer(request, report_of("src/a.py", a_finding("src/a.py", 2, 1, 3, FLOW)))
    await until_shown(editor, uri, [1])


async def until_shown(editor: Editor, uri: str, lines: list[int]) -> None:
    await editor.until(lambda message: lines_shown(message, uri) == lines)


def lines_shown(message: dict[str, Any], uri: str) -> list[int] | None:
    """None when the message shows nothing of that document."""
    if message.get("method") != "textDocument/publishDiagnostics" or message["params"]["uri"] != uri:
        return None
    return [diagnostic["range"]["start"]["line"] for diagnostic in message["params"]["diagnostics"]]


async def test_the_files_around_are_named_first_and_sent_when_they_are_wanted(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    await answer_alone(inside, uri)

    named = await inside.requests.get()
    inside.answer(named, Report((), Coverage(), wanted=("src/b.py", "/etc/passwd")))
    sent = await inside.requests.get()

    assert [file.path for file in snapshot_of(named).known] == ["src/b.py"]
    assert snapshot_of(named).context == ()
    assert [(file.path, file.text) for file in snapshot_of(sent).context] == [("src/b.py", "source = input()\n")]
    assert snapshot_of(sent).files == snapshot_of(named).files
    assert snapshot_of(named).alone is False


async def test_what_only_the_files_together_show_stays_while_somebody_types(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    await reviewed(editor, inside, uri)

    editor.change(uri, 2, ((0, 0), (0, 0), "new\n"))
    await answer_alone(inside, uri)

    (diagnostic,) = await editor.diagnostics(uri, 2)
    assert diagnostic["range"]["start"]["line"] == 2
    assert diagnostic["data"] == {"fingerprint": FLOW}


async def test_it_goes_when_the_files_together_show_it_no_more(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str
) -> None:
    editor = await connect()
    await reviewed(editor, inside, uri)

    before = len(editor.heard)
    (folder / "src" / "b.py").write_text("source = 1\n")
    editor.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
    await answer_alone(inside, uri)
    together = await inside.requests.get()
    inside.answer(together, report_of("src/a.py"))

    await editor.until(lambda message: message in editor.heard[before:] and lines_shown(message, uri) == [])
    assert [file.path for file in snapshot_of(together).known] == ["src/b.py"]


async def test_an_open_document_counts_as_it_is_open_and_is_reviewed_with_the_other(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str
) -> None:
    editor = await connect()
    await reviewed(editor, inside, uri)
    other = (folder / "src" / "b.py").as_uri()

    editor.open(other, "unsaved = input()\n")
    await answer_alone(inside, other)
    together = snapshot_of(await inside.requests.get())

    assert [(file.path, file.text) for file in together.files] == [
        ("src/b.py", "unsaved = input()\n"),
        ("src/a.py", TEXT),
    ]
    assert together.known == ()


async def test_nothing_is_asked_again_where_nothing_changed(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect()
    await reviewed(editor, inside, uri)

    for _ in range(3):
        editor.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
        await answer_alone(inside, uri)

    assert inside.requests.empty()


async def test_an_agent_that_wants_texts_for_ever_is_not_asked_for_ever(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    await answer_alone(inside, uri)

    for _ in range(MAX_QUESTIONS):
        request = await inside.requests.get()
        assert not snapshot_of(request).alone
        inside.answer(request, Report((), Coverage(), wanted=("src/b.py",)))

    editor.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
    await answer_alone(inside, uri)


async def test_no_disk_is_read_for_an_editor_of_another_machine(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str
) -> None:
    editor = await connect(token=REMOTE_TOKEN)
    editor.open((folder / "src" / "c.py").as_uri(), "opened = 1\n")
    await answer_alone(inside, uri)
    assert snapshot_of(await inside.requests.get()).known == ()

    answer = await editor.ask("workspace/executeCommand", {"command": "hive.review", "arguments": [uri]})

    assert answer["state"] == "not_analysed"
    assert "not open in the editor" in answer["reason"]


async def test_a_closed_document_is_told_nothing(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    await answer_alone(inside, uri)
    together = await inside.requests.get()

    editor.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    await editor.actions(uri, (0, 0), (0, 0))
    inside.answer(together, report_of("src/a.py", a_finding("src/a.py", 2, 1, 3, FLOW)))
    await editor.actions(uri, (0, 0), (0, 0))

    published = [m["params"] for m in editor.heard if m.get("method") == "textDocument/publishDiagnostics"]
    assert all(params["diagnostics"] == [] for params in published)


async def test_who_leaves_lets_nobody_work_for_them(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    await answer_alone(inside, uri)
    together = await inside.requests.get()

    await editor.close()

    assert await inside.cancelled.get() == (together.id, "ada")
