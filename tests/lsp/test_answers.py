"""What an editor asks about its open documents: all fixes at once, history, links, lenses."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.reviews.finding import Edit, FindingStatus, Fix
from server.reviews.findings import Dismissal, KnownFinding, Place
from tests.lsp.conftest import Connect
from tests.lsp.scripted import ScriptedDoor, ScriptedFindings, a_finding, report_of
from tests.lsp.wire import VSCODE_LIKE, Editor, ErrorAnswer, to_range

TEXT = "one\nbad two\nthree\n"
PROJECT = "github.com/owner/repo"
DAY = datetime(2026, 11, 1, tzinfo=UTC)
MARKDOWN = {**VSCODE_LIKE, "textDocument": {**VSCODE_LIKE["textDocument"], "hover": {"contentFormat": ["markdown"]}}}
EVERYTHING = ((0, 0), (9, 0))


@pytest.fixture
def uri(folder: Path) -> str:
    return (folder / "src" / "a.py").as_uri()


def a_fix(*edits: tuple[int, int, int, str], safe: bool = True) -> Fix:
    """Of (line, from column, to column, text)."""
    return Fix("Mend it", tuple(Edit(line, start, line, end, text) for line, start, end, text in edits), safe)


async def opened(connect: Connect, inside: ScriptedDoor, uri: str, text: str, *fixes: Fix) -> Editor:
    """A document with one finding for each fix, in its line."""
    editor = await connect()
    editor.open(uri, text)
    found = [a_finding("src/a.py", n, 1, 1, f"{n:032x}", fix) for n, fix in enumerate(fixes, 1)]
    inside.answer(await inside.requests.get(), report_of("src/a.py", *found))
    await editor.status(uri, "analysed")
    return editor


@pytest.mark.parametrize(
    ("fixes", "title", "written"),
    [
        ([a_fix((2, 1, 2, "B")), a_fix((1, 1, 2, "A"))], "Fix all 2 problems with safe fixes", ["A", "B"]),
        ([a_fix((1, 1, 2, "A")), a_fix((2, 1, 2, "B"), safe=False)], "Fix the one problem with a safe fix", ["A"]),
        ([a_fix((1, 1, 3, "A")), a_fix((1, 2, 4, "B"))], "Fix the one problem with a safe fix", ["A"]),
        (
            [a_fix((1, 1, 1, "import x\n"), (2, 1, 2, "B")), a_fix((1, 1, 1, "import x\n"), (3, 1, 2, "C"))],
            "Fix all 2 problems with safe fixes",
            ["import x\n", "B", "C"],
        ),
        (
            [a_fix((1, 1, 1, "f("), (1, 5, 5, ")")), a_fix((1, 3, 3, "f("), (1, 5, 5, ")"))],
            "Fix the one problem with a safe fix",
            ["f(", ")"],
        ),
    ],
    ids=["all", "safe ones only", "one that reaches into another waits", "the same import once", "each its own end"],
)
async def test_all_safe_fixes_of_a_file_are_one_edit(
    connect: Connect, inside: ScriptedDoor, uri: str, fixes: list[Fix], title: str, written: list[str]
) -> None:
    editor = await opened(connect, inside, uri, "aaaa\nbbbb\ncccc\n", *fixes)

    (action,) = await editor.actions(uri, *EVERYTHING, only=["source.fixAll"])
    resolved = await editor.ask("codeAction/resolve", action)

    assert (action["title"], action["kind"], "edit" in action) == (title, "source.fixAll.hive", False)
    (change,) = resolved["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    assert [edit["newText"] for edit in change["edits"]] == written


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["source"], {"source.fixAll.hive"}),
        ([""], {"quickfix", "source.fixAll.hive"}),
        (["source.fixAll.hive", "quickfix"], {"quickfix", "source.fixAll.hive"}),
        (["source.fixAll.ruff"], set()),
        (["refactor"], set()),
        (None, {"quickfix"}),
    ],
    ids=["source", "all", "both", "another linter's", "refactor", "not said"],
)
async def test_only_the_kinds_that_are_asked_for_come(
    connect: Connect, inside: ScriptedDoor, uri: str, only: list[str] | None, kinds: set[str]
) -> None:
    editor = await opened(connect, inside, uri, TEXT, a_fix((1, 1, 2, "A")))

    actions = await editor.actions(uri, (0, 0), (0, 1), **({"only": only} if only else {}))

    assert {action["kind"] for action in actions} == kinds


async def test_an_unsafe_fix_must_be_confirmed(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await opened(connect, inside, uri, TEXT, a_fix((1, 1, 2, "A"), safe=False))

    fix, _ = await editor.actions(uri, (0, 0), (0, 1))
    edit = (await editor.ask("codeAction/resolve", fix))["edit"]

    (annotation,) = edit["changeAnnotations"].items()
    assert annotation[1]["needsConfirmation"] is True
    assert edit["documentChanges"][0]["edits"][0]["annotationId"] == annotation[0]
    assert await editor.actions(uri, *EVERYTHING, only=["source.fixAll"]) == []


def known(status: FindingStatus = FindingStatus.OPEN) -> KnownFinding:
    finding = a_finding("src/a.py", 1, 1, 1, f"{1:032x}", status=status)
    places = (Place("editor", 1, DAY), Place("pull_request:Owner/Repo#7", 1, DAY))
    dismissal = Dismissal("ben", "it is a [test](x)", DAY) if status is FindingStatus.DISMISSED else None
    return KnownFinding(PROJECT, finding, places, DAY, DAY, None, dismissal)


async def hovered(editor: Editor, uri: str) -> list[str]:
    at = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    answer = await editor.ask("textDocument/hover", at)
    return [line.strip() for line in answer["contents"]["value"].split("\n")]


async def test_hovering_says_where_else_a_finding_was_met(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, uri: str
) -> None:
    findings.known = [known()]
    editor = await opened(connect, inside, uri, TEXT, a_fix((1, 1, 2, "A")))

    lines = await hovered(editor, uri)

    url = "https://github.com/Owner/Repo/pull/7"
    assert lines[3:] == ["Known since 2026-11-01.", f"Also in pull request Owner/Repo#7: {url}"]
    (link,) = await editor.ask("textDocument/documentLink", {"textDocument": {"uri": uri}})
    assert (link["target"], link["tooltip"]) == (url, "test.word in pull request Owner/Repo#7")
    assert link["range"]["end"] == {"line": 0, "character": 1}


async def test_hovering_says_who_dismissed_a_finding_and_no_text_of_theirs_becomes_a_link(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, uri: str
) -> None:
    findings.known = [known(FindingStatus.DISMISSED)]
    editor = await connect(capabilities=MARKDOWN)
    editor.open(uri, TEXT)
    inside.answer(await inside.requests.get(), report_of("src/a.py", known(FindingStatus.DISMISSED).finding))
    await editor.status(uri, "analysed")

    lines = await hovered(editor, uri)

    assert "Dismissed by ben on 2026\\-11\\-01: it is a \\[test\\]\\(x\\)" in lines
    assert lines[-1].endswith("](https://github.com/Owner/Repo/pull/7)")
    assert await editor.ask("textDocument/documentLink", {"textDocument": {"uri": uri}}) == []


async def lenses(editor: Editor, uri: str) -> list[tuple[int, str]]:
    found = await editor.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert all("command" not in lens for lens in found)
    drawn = [await editor.ask("codeLens/resolve", lens) for lens in found]
    return [(lens["range"]["start"]["line"], lens["command"]["title"]) for lens in drawn]


async def test_a_lens_offers_a_review_and_is_never_gone_while_somebody_types(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, TEXT)

    assert await lenses(editor, uri) == [(0, "Review this file")]
    with pytest.raises(ErrorAnswer, match="-32801"):
        await editor.ask("codeLens/resolve", {"range": to_range((0, 0), (0, 0)), "data": {"uri": uri, "command": "rm"}})


async def test_lenses_can_be_switched_off(connect: Connect, folder: Path) -> None:
    editor = await connect(started=False)

    await editor.start("hive_right", folder, options={"code_lenses": False})

    assert "codeLensProvider" not in editor.capabilities
