"""The code lens above a function: how many call it, as far as files were read, and a click that shows them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lsp.called import MAX_EDITS, CalledHere
from lsp.server import LspDoor
from server.reviews.finding import Edit
from server.reviews.snapshot import Called, Caller, Coverage, Report
from tests.lsp.conftest import Connect
from tests.lsp.scripted import ScriptedDoor, ScriptedFindings, authenticate
from tests.lsp.test_answers import lenses
from tests.lsp.test_neighbours import answer_alone, snapshot_of
from tests.lsp.wire import VSCODE_LIKE, Editor, ErrorAnswer

TEXT = "def price(item):\n    return item.net\n\n\ndef total(items):\n    return price(items)\n"
DRAWS = {**VSCODE_LIKE, "textDocument": {**VSCODE_LIKE["textDocument"], "codeLens": {}}}
REFRESHES = {**DRAWS, "workspace": {**VSCODE_LIKE["workspace"], "codeLens": {"refreshSupport": True}}}
OPENS = {**REFRESHES, "window": {"showDocument": {"support": True}}}
SHOWS = {"callers": True}


@pytest.fixture
async def door(inside: ScriptedDoor, findings: ScriptedFindings) -> AsyncIterator[LspDoor]:
    """Typing rests at once."""
    door = LspDoor(inside, findings, authenticate, rest_seconds=0.0)
    yield door
    await door.stop()


@pytest.fixture
def uri(folder: Path) -> str:
    (folder / "src").mkdir()
    (folder / "src" / "b.py").write_text("from a import price\n\nprice(1)\n")
    return (folder / "src" / "a.py").as_uri()


def price(*callers: Caller, line: int = 1) -> Called:
    return Called("src/a.py", "price", line, len(callers), callers)


HERE, THERE = Caller("src/a.py", 6, 12), Caller("src/b.py", 3, 1)
TOTAL = Called("src/a.py", "total", 5, 0, ())


async def looked_through(editor: Editor, inside: ScriptedDoor, uri: str, *called: Called) -> None:
    """Open, and read with the file beside it."""
    editor.open(uri, TEXT)
    await answer_alone(inside, uri)
    request = await inside.requests.get()
    assert snapshot_of(request).callers
    inside.answer(request, Report((), Coverage(full=("src/a.py",)), called=called))


async def until_lenses(editor: Editor, uri: str, expected: list[tuple[int, str]]) -> None:
    """The editor is asked to ask again, once somebody knows."""
    await editor.until(lambda message: message.get("method") == "workspace/codeLens/refresh")
    assert await lenses(editor, uri) == [(0, "Review this file"), *expected]


async def shown(editor: Editor, uri: str, name: str) -> Any:
    found = await editor.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
    (lens,) = [lens for lens in found if lens["data"]["name"] == name]
    return (await editor.ask("codeLens/resolve", lens))["command"]


async def test_functions_tell_their_callers_and_in_how_many_files_they_were_looked_for(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect(capabilities=REFRESHES)

    await looked_through(editor, inside, uri, price(HERE, THERE), TOTAL)

    await until_lenses(editor, uri, [(0, "2 callers"), (4, "no callers known")])
    command = await shown(editor, uri, "price")
    assert command["tooltip"] == "in the 2 files that were read"
    assert command["arguments"] == [uri, "price", 1]


async def test_lenses_stay_with_their_functions_while_somebody_types(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect(capabilities=REFRESHES)
    await looked_through(editor, inside, uri, price(HERE), TOTAL)
    await until_lenses(editor, uri, [(0, "1 caller"), (4, "no callers known")])

    editor.change(uri, 2, ((2, 0), (2, 0), "# new\n\n"))

    assert (await lenses(editor, uri))[1:] == [(0, "1 caller"), (6, "no callers known")]


async def test_a_click_answers_with_the_places_for_an_editor_that_shows_them(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect(capabilities=REFRESHES, options=SHOWS)
    await looked_through(editor, inside, uri, price(HERE, THERE))
    await until_lenses(editor, uri, [(0, "2 callers")])

    told = await editor.ask("workspace/executeCommand", await shown(editor, uri, "price"))

    at = [(one["uri"], one["range"]["start"]["line"], one["range"]["start"]["character"]) for one in told["locations"]]
    assert (told["uri"], told["line"]) == (uri, 0)
    assert at == [(uri, 5, 11), (uri.replace("a.py", "b.py"), 2, 0)]


async def test_another_editor_is_asked_which_place_to_open(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect(capabilities=OPENS)
    editor.answers_requests = False
    await looked_through(editor, inside, uri, price(HERE, THERE))
    refresh = await editor.until(lambda message: message.get("method") == "workspace/codeLens/refresh")
    editor.send({"id": refresh["id"], "result": None})

    click = editor.request("workspace/executeCommand", await shown(editor, uri, "price"))
    asked = await editor.until(lambda message: message.get("method") == "window/showMessageRequest")
    editor.send({"id": asked["id"], "result": asked["params"]["actions"][1]})
    opening = await editor.until(lambda message: message.get("method") == "window/showDocument")
    editor.send({"id": opening["id"], "result": {"success": True}})
    await editor.answer(click)

    assert asked["params"]["message"] == "2 callers of price in the 2 files that were read."
    assert [action["title"] for action in asked["params"]["actions"]] == ["src/a.py:6", "src/b.py:3"]
    assert opening["params"]["uri"] == uri.replace("a.py", "b.py")
    assert opening["params"]["selection"]["start"] == {"line": 2, "character": 0}


async def test_a_function_that_is_gone_says_so(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect(capabilities=DRAWS)
    editor.open(uri, TEXT)

    with pytest.raises(ErrorAnswer, match="price is not there any more"):
        await editor.ask("workspace/executeCommand", {"command": "hive.showCallers", "arguments": [uri, "price", 1]})


@pytest.mark.parametrize(
    ("capabilities", "options", "wanted"),
    [
        (DRAWS, {}, True),
        (DRAWS, {"callers_lenses": False}, False),
        (DRAWS, {"callers_lenses": True, "code_lenses": False}, False),
        (VSCODE_LIKE, {}, False),
        (VSCODE_LIKE, {"callers_lenses": True}, True),
    ],
    ids=["draws lenses", "but not these", "but none", "draws none, as far as it says", "but says so"],
)
async def test_nobody_looks_for_callers_that_are_not_wanted(
    connect: Connect, inside: ScriptedDoor, uri: str, capabilities: Any, options: dict[str, bool], wanted: bool
) -> None:
    editor = await connect(capabilities=capabilities, options=options)
    editor.open(uri, TEXT)
    await answer_alone(inside, uri)

    assert snapshot_of(await inside.requests.get()).callers == wanted
    assert ("hive.showCallers" in editor.capabilities["executeCommandProvider"]["commands"]) == wanted


def inserted(line: int, column: int, text: str) -> Edit:
    return Edit(line, column, line, column, text)


@pytest.mark.parametrize(
    ("edits", "lines"),
    [
        ([inserted(1, 1, "import os\n")], (2, 6)),
        ([inserted(1, 4, "x")], (1, 5)),
        ([inserted(1, 17, "\n    pass")], (1, 6)),
        ([inserted(5, 1, "\n")], (1, 6)),
        ([Edit(2, 1, 4, 1, "")], (1, 3)),
        ([Edit(4, 1, 6, 1, "x\n")], (1, 4)),
        ([inserted(1, 1, "\n"), inserted(1, 1, "\n")], (3, 7)),
        ([inserted(6, 1, "\n")], (1, 5)),
    ],
    ids=["above", "within", "between", "right above", "deleted", "over it", "twice", "below"],
)
def test_a_definition_is_where_edits_leave_it(edits: list[Edit], lines: tuple[int, int]) -> None:
    here = CalledHere()
    here.submitted()
    here.answered([price(), TOTAL], 2)

    here.edited(edits)

    assert tuple(one.line for one in here.functions) == lines


def test_an_answer_is_moved_through_what_was_typed_since_it_was_asked_for() -> None:
    here = CalledHere()
    here.submitted()
    here.edited([inserted(1, 1, "\n")])

    assert here.answered([price(HERE), TOTAL], 2)
    assert [(one.line, [caller.line for caller in one.callers]) for one in here.functions] == [(2, [7]), (6, [])]


def test_after_very_many_edits_nothing_is_known_until_the_next_answer() -> None:
    here = CalledHere()
    here.submitted()
    here.answered([price(), TOTAL], 2)
    here.submitted()

    here.edited([inserted(1, 1, "\n")] * (MAX_EDITS + 1))

    assert not here.functions
    assert not here.answered([price()], 2)
