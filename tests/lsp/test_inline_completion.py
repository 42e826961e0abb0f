"""What comes next where somebody types: asked of a model at a pause, one at a time, and no more than needed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lsprotocol import types

from lsp.documents import Document
from lsp.server import LspDoor
from lsp.suggestions import Gap, Suggestions, gap_at
from lsp.told import INTRODUCTION
from server.jobs.job import EventType, JobRequest, Priority, encode
from server.reviews.asks import MAX_AFTER_CURSOR, MAX_BEFORE_CURSOR, Bill, Completion, CompletionWish
from tests.lsp.conftest import NEVER, Connect
from tests.lsp.scripted import READER_TOKEN, TOKEN, ScriptedDoor, ScriptedFindings, authenticate, flag_each
from tests.lsp.test_notebooks import KNOWS_NOTEBOOKS, cell, change, open_notebook
from tests.lsp.wire import VSCODE_LIKE, Editor, ErrorAnswer, to_range

METHOD = "textDocument/inlineCompletion"
TEXT = "def total(prices):\n    return \n"
INVOKED, AUTOMATIC = 1, 2
BILL = Bill("claude-x", 100)


def able(**inline: Any) -> dict[str, Any]:
    return {**VSCODE_LIKE, "textDocument": {**VSCODE_LIKE["textDocument"], "inlineCompletion": inline}}


@pytest.fixture
def thinks() -> bool:
    return True


@pytest.fixture
async def door(inside: ScriptedDoor, findings: ScriptedFindings, thinks: bool) -> AsyncIterator[LspDoor]:
    door = LspDoor(inside, findings, authenticate, rest_seconds=NEVER, thinks=thinks)
    yield door
    await door.stop()


@pytest.fixture
def uri(folder: Path) -> str:
    return (folder / "shop.py").as_uri()


@pytest.fixture
async def editor(connect: Connect, inside: ScriptedDoor, uri: str) -> Editor:
    """With the document open and reviewed; what is asked from now on waits in `inside.requests`."""
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=able())
    editor.open(uri, TEXT)
    await editor.status(uri, "analysed", 1)
    await inside.requests.get()
    inside.reviewer = None
    return editor


def ask(editor: Editor, uri: str, character: int = 11, kind: int = AUTOMATIC, **context: Any) -> int:
    context |= {"triggerKind": kind}
    position = {"line": 1, "character": character}
    return editor.request(METHOD, {"textDocument": {"uri": uri}, "position": position, "context": context})


def say(inside: ScriptedDoor, request: JobRequest, text: str, **fields: Any) -> None:
    inside.end(request, EventType.SUCCEEDED, data=encode(Completion(text, BILL, **fields)))


async def inserted(editor: Editor, number: int) -> list[str]:
    return [item["insertText"] for item in await editor.answer(number)]


async def completion(inside: ScriptedDoor) -> JobRequest:
    """The next that is asked for; reviews of what is typed pass by."""
    while (request := await inside.requests.get()).kind != "complete":
        pass
    return request


async def test_a_pause_asks_for_what_comes_next_and_typing_it_asks_for_nothing_more(
    editor: Editor, inside: ScriptedDoor, uri: str
) -> None:
    number = ask(editor, uri)
    request = await completion(inside)
    say(inside, request, "sum(prices)\n    # all")
    (item,) = await editor.answer(number)

    assert item == {"insertText": "sum(prices)\n    # all", "range": to_range((1, 11), (1, 11))}
    wish = msgspec.json.decode(request.args, type=CompletionWish)
    assert wish == CompletionWish("shop.py", "def total(prices):\n    return ", "\n")
    assert (request.priority, request.requested_by) == (Priority.INTERACTIVE, "ada")

    editor.change(uri, 2, ((1, 11), (1, 11), "sum("))
    assert await inserted(editor, ask(editor, uri, 15)) == ["prices)\n    # all"]
    assert [one.kind for one in inside.submitted].count("complete") == 1


async def test_something_newer_stops_what_is_under_way(editor: Editor, inside: ScriptedDoor, uri: str) -> None:
    older = ask(editor, uri)
    request = await completion(inside)
    editor.change(uri, 2, ((1, 11), (1, 11), "m"))
    newer = ask(editor, uri, 12)

    assert await inserted(editor, older) == []
    assert await inside.cancelled.get() == (request.id, "ada")
    say(inside, await completion(inside), "ax(prices)")
    assert await inserted(editor, newer) == ["ax(prices)"]


async def test_who_cancels_stops_the_job_and_who_types_on_never_begins_one(
    editor: Editor, inside: ScriptedDoor, uri: str
) -> None:
    number = ask(editor, uri)
    request = await completion(inside)
    editor.tell("$/cancelRequest", {"id": number})

    assert (await inside.cancelled.get())[0] == request.id
    with pytest.raises(ErrorAnswer, match="-32800"):
        await editor.answer(number)

    early = ask(editor, uri)  # still within its pause when the next one comes
    say_at_once = ask(editor, uri, kind=INVOKED)
    assert await inserted(editor, early) == []
    say(inside, await completion(inside), "1")
    assert await inserted(editor, say_at_once) == ["1"]
    assert [one.kind for one in inside.submitted].count("complete") == 2


async def test_what_was_typed_meanwhile_is_not_overwritten_but_the_answer_is_kept(
    editor: Editor, inside: ScriptedDoor, uri: str
) -> None:
    number = ask(editor, uri)
    request = await completion(inside)
    editor.change(uri, 2, ((1, 11), (1, 11), "s"))
    await editor.ask("hive/findings", {})
    say(inside, request, "sum(prices)")

    assert await inserted(editor, number) == []
    assert await inserted(editor, ask(editor, uri, 12)) == ["um(prices)"]


async def test_what_is_selected_in_a_list_is_where_the_suggestion_begins(
    editor: Editor, inside: ScriptedDoor, uri: str
) -> None:
    editor.change(uri, 2, ((1, 11), (1, 11), "su"))
    selected = {"range": to_range((1, 11), (1, 13)), "text": "sum"}
    number = ask(editor, uri, 13, selectedCompletionInfo=selected)
    request = await completion(inside)
    say(inside, request, "(prices)")

    assert msgspec.json.decode(request.args, type=CompletionWish).before.endswith("return sum")
    assert await editor.answer(number) == [{"insertText": "sum(prices)", "range": to_range((1, 11), (1, 13))}]


async def test_who_asked_hears_why_nothing_comes_and_who_only_typed_is_left_alone_for_a_while(
    editor: Editor, inside: ScriptedDoor, uri: str
) -> None:
    number = ask(editor, uri, kind=INVOKED)
    say(inside, await completion(inside), "", note="the budget of this day is spent", pause_seconds=60.0)

    assert await inserted(editor, number) == []
    assert await editor.message() == "No completion: the budget of this day is spent."
    assert await inserted(editor, ask(editor, uri)) == []
    again = ask(editor, uri, kind=INVOKED)
    inside.end(await completion(inside), EventType.DEAD, message="no")
    assert await inserted(editor, again) == []
    await editor.until(lambda m: (m.get("params") or {}).get("message") == "No completion: no.")


async def test_files_that_the_project_leaves_out_are_shown_to_no_model(
    editor: Editor, inside: ScriptedDoor, uri: str, folder: Path
) -> None:
    (folder / ".hive.toml").write_text('[review]\nleave_out = ["shop.py"]\n')
    editor.tell("textDocument/didSave", {"textDocument": {"uri": (folder / ".hive.toml").as_uri()}})

    assert await inserted(editor, ask(editor, uri)) == []
    with pytest.raises(ErrorAnswer, match="left out"):
        await inserted(editor, ask(editor, uri, kind=INVOKED))


async def test_in_a_notebook_the_cells_before_count_as_what_stands_above(
    connect: Connect, inside: ScriptedDoor, folder: Path
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities={**able(), **KNOWS_NOTEBOOKS, "textDocument": able()["textDocument"]})
    notebook = (folder / "book.ipynb").as_uri()
    open_notebook(editor, notebook)
    await editor.status(notebook, "analysed")
    inside.reviewer = None
    typed = {"document": {"uri": cell("two"), "version": 2}, "changes": [{"text": "y = 1\nz = "}]}
    change(editor, notebook, 2, textContent=[typed])

    number = ask(editor, cell("two"), 4)
    request = await completion(inside)
    say(inside, request, "x + y")

    assert await editor.answer(number) == [{"insertText": "x + y", "range": to_range((1, 4), (1, 4))}]
    wish = msgspec.json.decode(request.args, type=CompletionWish)
    assert wish == CompletionWish("book.ipynb.py", "x = 1\nbad\ny = 1\nz = ", "")
    assert await inserted(editor, ask(editor, cell("words"), 0)) == []
    typed["changes"] = [{"text": "%%bash\nrm "}]
    change(editor, notebook, 3, textContent=[typed])
    assert await inserted(editor, ask(editor, cell("two"), 3)) == []


class TestWhereItIsOffered:
    @pytest.mark.parametrize(
        ("capabilities", "options", "token", "is_told", "is_registered"),
        [
            (able(), {}, TOKEN, True, False),
            (able(dynamicRegistration=True), {}, TOKEN, False, True),
            (VSCODE_LIKE, {}, TOKEN, False, False),
            (able(), {"inline_completion": False}, TOKEN, False, False),
            (able(), {}, READER_TOKEN, False, False),
        ],
        ids=["told at once", "registered", "an editor that has it not", "switched off", "a key that only reads"],
    )
    async def test_to_editors_that_have_it_and_want_it(
        self, connect: Connect, capabilities: Any, options: Any, token: str, is_told: bool, is_registered: bool
    ) -> None:
        editor = await connect(capabilities=capabilities, options=options, token=token)
        await editor.ask("hive/findings", {})

        assert ("inlineCompletionProvider" in editor.capabilities) == is_told
        assert ("client/registerCapability" in methods(editor)) == is_registered

    @pytest.mark.parametrize("thinks", [True, False], ids=["with a model", "without"])
    async def test_another_hub_takes_back_what_the_one_before_had_registered(
        self, connect: Connect, thinks: bool
    ) -> None:
        editor = await connect(started=False)
        params = {"processId": None, "rootUri": None, "capabilities": able(dynamicRegistration=True)}
        params["initializationOptions"] = {"token": TOKEN}
        editor.send({"id": INTRODUCTION, "method": "initialize", "params": params})
        editor.tell("initialized", {})
        await editor.ask("hive/findings", {})

        expected = ["client/unregisterCapability"] + ["client/registerCapability"] * thinks
        assert [method for method in methods(editor) if method.startswith("client/")] == expected


def methods(editor: Editor) -> list[str]:
    return [message["method"] for message in editor.heard if "method" in message]


def a_gap(text: str, document_text: str | None = None, uri: str = "file:///a.py") -> Gap:
    """The cursor is written as ‸."""
    before, _, after = text.partition("‸")
    lines = before.split("\n")
    document = Document(uri, "python", 1, document_text or before + after, "utf-16")
    position = types.Position(len(lines) - 1, len(lines[-1].encode("utf-16-le")) // 2)
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
    gap = gap_at(document, types.InlineCompletionParams(context, types.TextDocumentIdentifier(uri), position))
    assert gap is not None
    return gap


@pytest.mark.parametrize(
    ("text", "is_promising"),
    [("x = ‸", True), ("f(‸)", True), ('f("‸");', True), ("x‸y", False), ("f(‸, b)", False), ("‸\nx", False)],
    ids=["end", "in brackets", "in quotes", "in a word", "before words", "nothing yet"],
)
def test_who_only_types_is_asked_for_at_the_end_of_something(text: str, is_promising: bool) -> None:
    assert a_gap(text).is_promising == is_promising


def test_a_gap_has_whole_lines_as_far_as_there_is_room_and_ends_them_as_the_document_does() -> None:
    gap = a_gap("x" * 99 + "\n" + "y\n" * 20_000 + "ä🐝 = ‸\n" + "z\n" * 20_000)

    assert (len(gap.before), len(gap.after)) == (MAX_BEFORE_CURSOR - 1, MAX_AFTER_CURSOR - 1)
    assert gap.before.startswith("y\n")
    assert gap.before.endswith("\nä🐝 = ")
    windows = a_gap("\ufeffa\nb = ‸", "\ufeffa\r\nb = \r\nc\r\n")
    assert (windows.before, windows.after) == ("a\nb = ", "\nc\n")
    assert windows.item("1\n2").insert_text == "1\r\n2"


@pytest.mark.parametrize(
    ("now", "rest"),
    [
        ("a\nx = ‸\nb", "sum(y)"),
        ("a\nx = su‸\nb", "m(y)"),
        ("a\nx = sum(y)‸\nb", None),
        ("a\nx = sx‸\nb", None),
        ("a\nx = ‸ + 1\nb", None),
        ("c\nx = ‸\nb", None),
    ],
    ids=[
        "the same place",
        "typed on",
        "all of it typed",
        "something else typed",
        "other text after",
        "other text before",
    ],
)
def test_a_suggestion_is_known_again_where_it_was_made_and_further_on(now: str, rest: str | None) -> None:
    suggestions = Suggestions()
    suggestions.keep(a_gap("a\nx = ‸\nb"), "sum(y)")

    assert suggestions.find(a_gap(now)) == rest
    assert suggestions.find(a_gap(now, uri="file:///b.py")) is None


@given(before=st.text("ab\n", max_size=8), text=st.text("ab\n", min_size=1, max_size=6), typed=st.integers(0, 5))
def test_whoever_types_on_is_suggested_just_what_is_left(before: str, text: str, typed: int) -> None:
    assume(typed < len(text))
    suggestions = Suggestions()
    suggestions.keep(a_gap(f"{before}‸"), text)

    assert suggestions.find(a_gap(f"{before}{text[:typed]}‸")) == text[typed:]


def test_that_nothing_was_suggested_is_known_too() -> None:
    suggestions = Suggestions()
    suggestions.keep(a_gap("x = ‸"), "")

    assert (suggestions.find(a_gap("x = ‸")), suggestions.find(a_gap("x = y‸"))) == ("", None)
