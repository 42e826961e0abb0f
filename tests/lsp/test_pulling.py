"""Diagnostics for editors that ask for them themselves."""

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import Connect
from tests.lsp.scripted import ScriptedDoor, ScriptedFindings, a_finding, flag_each, not_read, report_of, source_of
from tests.lsp.wire import ASKS_FOR_DIAGNOSTICS, VSCODE_LIKE, Editor, ErrorAnswer

TEXT = "one\nbad two\nthree\n"
PROJECT = "github.com/owner/repo"


@pytest.fixture
def uri(folder: Path) -> str:
    return (folder / "src" / "a.py").as_uri()


def lines_of(report: dict[str, Any]) -> list[int]:
    return [diagnostic["range"]["start"]["line"] for diagnostic in report["items"]]


def known(*reports: tuple[str, dict[str, Any]], token: str | None = None) -> dict[str, Any]:
    ids = [{"uri": uri, "value": report["resultId"]} for uri, report in reports]
    return {"previousResultIds": ids, **({"partialResultToken": token} if token else {})}


async def refreshed(editor: Editor) -> None:
    await editor.until(lambda m: m.get("method") == "workspace/diagnostic/refresh")


async def test_an_editor_that_asks_is_never_told_and_hears_what_stayed_the_same(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=ASKS_FOR_DIAGNOSTICS)

    editor.open(uri, TEXT)
    await editor.status(uri, "analysed", 1)
    first = await editor.pull(uri)
    same = await editor.pull(uri, first["resultId"])
    editor.change(uri, 2, ((0, 0), (0, 0), "top\n"))
    await editor.status(uri, "analysed", 2)
    moved = await editor.pull(uri, first["resultId"])
    editor.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    closed = await editor.pull(uri, moved["resultId"])

    options = {"identifier": "hive", "interFileDependencies": True, "workspaceDiagnostics": True}
    assert editor.capabilities["diagnosticProvider"] == options
    assert (first["kind"], lines_of(first)) == ("full", [1])
    assert same == {"kind": "unchanged", "resultId": first["resultId"]}
    assert (moved["kind"], lines_of(moved), lines_of(closed)) == ("full", [2], [])
    assert not [m for m in editor.heard if m.get("method") == "textDocument/publishDiagnostics"]


async def test_a_result_id_holds_in_another_connection(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad")
    before, after = await connect(capabilities=ASKS_FOR_DIAGNOSTICS), await connect(capabilities=ASKS_FOR_DIAGNOSTICS)

    for editor in (before, after):
        editor.open(uri, TEXT)
        await editor.status(uri, "analysed")

    assert (await after.pull(uri, (await before.pull(uri))["resultId"]))["kind"] == "unchanged"


@pytest.mark.parametrize("missing", ["workspace", "textDocument"])
async def test_an_editor_that_cannot_be_asked_to_ask_again_is_told(
    connect: Connect, inside: ScriptedDoor, uri: str, missing: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities={**ASKS_FOR_DIAGNOSTICS, missing: VSCODE_LIKE[missing]})

    editor.open(uri, TEXT)

    assert len(await editor.diagnostics(uri, 1)) == 1
    assert "diagnosticProvider" not in editor.capabilities
    with pytest.raises(ErrorAnswer, match="-32601"):
        await editor.pull(uri)


async def test_an_answer_that_takes_long_is_asked_for_again_and_what_was_edited_is_gone_meanwhile(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect(capabilities=ASKS_FOR_DIAGNOSTICS)
    editor.open(uri, "bad\nbad\n")
    found = (a_finding("src/a.py", 1, 1, 3, "a" * 32), a_finding("src/a.py", 2, 1, 3, "b" * 32))
    inside.answer(await inside.requests.get(), report_of("src/a.py", *found))
    await editor.status(uri, "analysed")
    assert lines_of(await editor.pull(uri)) == [0, 1]

    editor.change(uri, 2, ((0, 0), (0, 0), "\n"), ((2, 1), (2, 2), "o"))
    assert lines_of(await editor.pull(uri)) == [1]
    inside.answer(await inside.requests.get(), report_of("src/a.py"))

    await editor.status(uri, "analysed", 2)
    await refreshed(editor)
    assert lines_of(await editor.pull(uri)) == []


async def test_another_persons_dismissal_is_asked_for(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=ASKS_FOR_DIAGNOSTICS)
    editor.open(uri, TEXT)
    await editor.status(uri, "analysed")
    (diagnostic,) = (await editor.pull(uri))["items"]

    await findings.dismiss(PROJECT, diagnostic["data"]["fingerprint"], by="ben", why="")

    await refreshed(editor)
    assert lines_of(await editor.pull(uri)) == []


async def test_not_analysed_is_still_told_apart_from_clean(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect(capabilities=ASKS_FOR_DIAGNOSTICS)

    editor.open(uri, TEXT)
    number = editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    inside.answer(await inside.requests.get(), not_read("src/a.py", "no rules for this language"))

    assert (await editor.answer(number))["items"] == []
    assert (await editor.status(uri, "not_analysed"))["reason"] == "no rules for this language"


async def test_the_workspace_is_answered_when_something_differs_in_parts_if_wished(
    connect: Connect, inside: ScriptedDoor, uri: str, folder: Path
) -> None:
    inside.reviewer = flag_each("bad")
    (folder / "b.py").write_text(TEXT)
    closed = (folder / "b.py").as_uri()
    editor = await connect(capabilities=ASKS_FOR_DIAGNOSTICS)
    editor.open(uri, TEXT)
    await editor.status(uri, "analysed")
    opened = await editor.pull(uri)

    waiting = editor.request("workspace/diagnostic", known((uri, opened)))
    await editor.ask("workspace/executeCommand", {"command": "hive.review", "arguments": [closed]})
    unchanged, full = (await editor.answer(waiting))["items"]
    number = editor.request("workspace/diagnostic", known(token="t"))
    parts = await editor.until(lambda m: m.get("method") == "$/progress" and m["params"]["token"] == "t")

    assert (unchanged["kind"], unchanged["uri"], unchanged["version"]) == ("unchanged", uri, 1)
    assert (full["kind"], full["uri"], full["version"], lines_of(full)) == ("full", closed, None, [1])
    assert [item["uri"] for item in parts["params"]["value"]["items"]] == [uri, closed]
    assert await editor.answer(number) == {"items": []}


async def test_of_a_document_that_was_not_read_yet_nothing_is_answered(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    """As after a restart of the hub: what the editor shows stays until somebody knows better."""
    editor = await connect(capabilities=ASKS_FOR_DIAGNOSTICS)
    editor.open(uri, TEXT)
    request = await inside.requests.get()

    waiting = editor.request("workspace/diagnostic", {"previousResultIds": [{"uri": uri, "value": "of before"}]})
    await editor.ask("hive/findings", {})
    inside.answer(request, flag_each("bad")(source_of(request)))

    (report,) = (await editor.answer(waiting))["items"]
    assert lines_of(report) == [1]


async def test_the_last_question_about_the_workspace_counts_and_it_can_be_taken_back(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect(capabilities=ASKS_FOR_DIAGNOSTICS)
    first, second = (editor.request("workspace/diagnostic", known()) for _ in range(2))

    with pytest.raises(ErrorAnswer, match="-32800"):
        await editor.answer(first)
    editor.tell("$/cancelRequest", {"id": second})

    with pytest.raises(ErrorAnswer, match="-32800"):
        await editor.answer(second)
