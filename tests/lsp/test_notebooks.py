"""Notebooks: the cells are one program, and each shows what was found in it."""

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from lsp.cells import PAST_THE_END, Cells, as_python
from lsp.notebooks import MAX_NOTEBOOKS
from server.reviews.finding import Edit, FindingStatus, Fix
from server.reviews.snapshot import MAX_FILE_BYTES
from tests.lsp.conftest import Connect
from tests.lsp.scripted import ScriptedDoor, ScriptedFindings, flag_each, source_of
from tests.lsp.wire import ASKS_FOR_DIAGNOSTICS, VSCODE_LIKE, Editor, to_range

CODE, MARKUP = 2, 1
KNOWS_NOTEBOOKS = {**VSCODE_LIKE, "notebookDocument": {"synchronization": {}}}


@pytest.fixture
def uri(folder: Path) -> str:
    return (folder / "src" / "a.ipynb").as_uri()


def cell(name: str) -> str:
    return f"vscode-notebook-cell:/a.ipynb#{name}"


def item(name: str, text: str, language: str = "python") -> dict[str, Any]:
    return {"uri": cell(name), "languageId": language, "version": 1, "text": text}


def open_notebook(editor: Editor, uri: str) -> None:
    texts = {"one": "x = 1\nbad", "words": "# bad words", "two": "%matplotlib bad\ny = bad\n"}
    kinds = {"one": CODE, "words": MARKUP, "two": CODE}
    cells = [{"kind": kinds[name], "document": cell(name)} for name in texts]
    items = [item(name, text, "markdown" if name == "words" else "python") for name, text in texts.items()]
    notebook = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
    editor.tell("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": items})


def change(editor: Editor, uri: str, version: int, **cells: Any) -> None:
    notebook = {"uri": uri, "version": version}
    editor.tell("notebookDocument/didChange", {"notebookDocument": notebook, "change": {"cells": cells}})


async def lines(editor: Editor, name: str, version: int | None = 1) -> list[int]:
    return [one["range"]["start"]["line"] for one in await editor.diagnostics(cell(name), version)]


async def test_the_cells_are_reviewed_as_one_program_and_each_shows_its_own(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)

    open_notebook(editor, uri)

    source = source_of(await inside.requests.get())
    assert (source.path, source.text) == ("src/a.ipynb.py", "x = 1\nbad\n#matplotlib bad\ny = bad\n\n")
    assert (await lines(editor, "one"), await lines(editor, "two")) == ([1], [0, 1])
    assert (await editor.status(uri, "analysed"))["counts"]["medium"] == 3
    assert editor.capabilities["notebookDocumentSync"] == {"notebookSelector": [{"cells": [{"language": "python"}]}]}


async def test_what_is_typed_inserted_and_deleted_moves_what_was_found(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)
    open_notebook(editor, uri)
    await editor.status(uri, "analysed", 1)

    new = {"start": 0, "deleteCount": 0, "cells": [{"kind": CODE, "document": cell("zero")}]}
    change(editor, uri, 2, structure={"array": new, "didOpen": [item("zero", "a\nb\nbad\n")]})
    await editor.status(uri, "analysed", 2)
    assert (await lines(editor, "zero"), await lines(editor, "two")) == ([2], [0, 1])

    typed = {"range": to_range((0, 0), (0, 0)), "text": "\n"}
    change(editor, uri, 3, textContent=[{"document": {"uri": cell("two"), "version": 2}, "changes": [typed]}])
    await editor.status(uri, "analysed", 3)
    assert await lines(editor, "two", 2) == [1, 2]

    editor.heard.clear()
    gone = {"array": {"start": 0, "deleteCount": 2}, "didClose": [{"uri": cell("zero")}, {"uri": cell("one")}]}
    change(editor, uri, 4, structure=gone)
    await editor.status(uri, "analysed", 4)
    assert (await lines(editor, "one", None), await lines(editor, "zero", None)) == ([], [])
    assert await lines(editor, "two", 2) == [1, 2]


async def test_a_notebook_that_is_too_large_is_not_read(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)
    open_notebook(editor, uri)
    await inside.requests.get()

    typed = {"text": "x\n" * (MAX_FILE_BYTES // 2)}
    change(editor, uri, 2, textContent=[{"document": {"uri": cell("two"), "version": 2}, "changes": [typed]}])

    assert (await editor.status(uri, "not_analysed"))["reason"] == "larger than 2 MiB"


async def test_a_notebook_that_grew_too_large_shows_nothing_at_places_of_before(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)
    open_notebook(editor, uri)
    assert await lines(editor, "one") == [1]
    editor.heard.clear()

    typed = {"text": "x\n" * (MAX_FILE_BYTES // 2)}
    change(editor, uri, 2, textContent=[{"document": {"uri": cell("two"), "version": 2}, "changes": [typed]}])

    assert await lines(editor, "one", None) == []


async def test_of_too_many_notebooks_the_last_are_told_not_to_be_analysed(connect: Connect, uri: str) -> None:
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)
    for number in range(MAX_NOTEBOOKS):
        open_notebook(editor, f"git:/{number}.ipynb")

    open_notebook(editor, uri)

    assert (await editor.status(uri, "not_analysed"))["reason"] == "too many notebooks are open at once"


async def test_closing_a_notebook_clears_its_cells(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad")
    capabilities = {**ASKS_FOR_DIAGNOSTICS, "notebookDocument": {"synchronization": {}}}
    editor = await connect(capabilities=capabilities)
    open_notebook(editor, uri)
    await editor.status(uri, "analysed")
    assert len((await editor.pull(cell("two")))["items"]) == 2

    closed = {"notebookDocument": {"uri": uri}, "cellTextDocuments": [{"uri": cell("one")}, {"uri": cell("two")}]}
    editor.tell("notebookDocument/didClose", closed)

    assert (await editor.pull(cell("two")))["items"] == []


def mended(line: int, column: int) -> Fix:
    return Fix("Mend it", (Edit(line, column, line, column + 3, "good"),))


async def test_a_quick_fix_edits_the_cell_at_its_own_version(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad", mended)
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)
    open_notebook(editor, uri)
    typed = {"range": to_range((0, 0), (0, 0)), "text": "\n"}
    change(editor, uri, 2, textContent=[{"document": {"uri": cell("two"), "version": 7}, "changes": [typed]}])
    await editor.status(uri, "analysed", 2)

    fix, dismissal = await editor.actions(cell("two"), (2, 4), (2, 4))
    resolved = await editor.ask("codeAction/resolve", fix)

    (edited,) = resolved["edit"]["documentChanges"]
    assert edited["textDocument"] == {"uri": cell("two"), "version": 7}
    assert edited["edits"] == [{"range": to_range((2, 4), (2, 7)), "newText": "good"}]
    assert [one["range"] for one in fix["diagnostics"]] == [to_range((2, 4), (2, 7))]
    assert dismissal["command"]["arguments"][0] == uri


async def test_all_safe_fixes_of_a_cell_leave_the_other_cells_alone(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    inside.reviewer = flag_each("bad", mended)
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)
    open_notebook(editor, uri)
    await editor.status(uri, "analysed")

    (action,) = await editor.actions(cell("two"), (0, 0), (0, 0), only=["source.fixAll"])
    (edited,) = (await editor.ask("codeAction/resolve", action))["edit"]["documentChanges"]

    assert (action["title"], edited["textDocument"]["uri"]) == ("Fix all 2 problems with safe fixes", cell("two"))
    assert len(edited["edits"]) == 2


async def test_what_is_dismissed_in_a_cell_is_gone_and_can_be_reopened(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)
    open_notebook(editor, uri)
    assert await lines(editor, "one") == [1]

    (dismissal,) = await editor.actions(cell("one"), (1, 0), (1, 0))
    await editor.ask("workspace/executeCommand", dismissal["command"])

    assert [decision[2] for decision in findings.decisions] == [FindingStatus.DISMISSED]
    await editor.until(lambda m: m.get("params") == {"uri": cell("one"), "version": 1, "diagnostics": []})
    (reopening,) = await editor.actions(cell("one"), (1, 0), (1, 0))
    assert reopening["title"] == "Reopen: test.word"

    mark = reopening["command"]["arguments"][1]
    await editor.ask("workspace/executeCommand", {"command": "hive.reopen", "arguments": [cell("one"), mark]})
    assert [decision[:2] for decision in findings.decisions] == [("github.com/owner/repo", mark)] * 2, "by the cell"


async def test_hovering_in_a_cell_explains_its_findings(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=KNOWS_NOTEBOOKS)
    open_notebook(editor, uri)
    await editor.status(uri, "analysed")

    answers = [
        await editor.ask("textDocument/hover", {"textDocument": {"uri": cell(name)}, "position": position})
        for name, position in (("one", {"line": 1, "character": 1}), ("one", {"line": 0, "character": 1}))
    ]

    assert answers[1] is None
    assert answers[0]["range"] == to_range((1, 0), (1, 3))
    assert answers[0]["contents"]["value"].startswith("a word that is flagged")


def in_cells(*texts: str) -> Cells:
    cells = Cells("utf-16")
    cells.open([types.TextDocumentItem(str(n), types.LanguageKind.Python, 1, text) for n, text in enumerate(texts)])
    cells.arrange(0, 0, [str(number) for number in range(len(texts))])
    return cells


@pytest.mark.parametrize(
    ("edits", "parts"),
    [
        ([Edit(3, 1, 3, 2, "x")], {"1": [Edit(1, 1, 1, 2, "x")]}),
        (
            [Edit(1, 1, 1, 1, "import os\n"), Edit(4, 1, 4, 2, "x")],
            {"0": [Edit(1, 1, 1, 1, "import os\n")], "1": [Edit(2, 1, 2, 2, "x")]},
        ),
        ([Edit(2, 1, 3, 1, "x\n")], {"0": [Edit(2, 1, 2, PAST_THE_END, "x")]}),
        ([Edit(2, 1, 3, 2, "x")], None),
        ([Edit(9, 1, 9, 1, "x")], None),
    ],
    ids=["in one", "in two", "of a last line", "over an end", "nowhere"],
)
def test_a_fix_of_the_program_is_one_of_each_cell(edits: list[Edit], parts: dict[str, list[Edit]] | None) -> None:
    found = in_cells("a\nb", "c\nd\ne").parts_of(Fix("Mend it", tuple(edits)))

    assert (found and {cell.uri: [*fix.edits] for cell, fix in found}) == parts


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("x", ["x\n"]),
        ("x\n", ["x\n", "\n"]),
        ("!ls -l\nx", ["#ls -l\n", "x\n"]),
        ("  %time f()\nx %y", ["# %time f()\n", "x %y\n"]),
        ("?f\n", ["#f\n", "\n"]),
        ("%%bash\nrm x\n\n", ["#%bash\n", "#m x\n", "\n", "\n"]),
        ("", ["\n"]),
    ],
    ids=["one line", "ended", "shell", "magic", "help", "another language", "empty"],
)
def test_what_is_said_to_ipython_is_a_comment(text: str, python: list[str]) -> None:
    assert as_python(text) == python
