"""What an editor offers where the hub has a model: explanations, fixes, answers, thorough reviews."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lsp.server import LspDoor
from server.jobs.job import EventType, JobRequest, Priority, encode
from server.reviews.asks import (
    Bill,
    Citation,
    FileFix,
    FindingQuestion,
    FixOffer,
    FixWish,
    Question,
    RewriteWish,
    Told,
)
from server.reviews.finding import Edit, Fix
from server.reviews.snapshot import Coverage, LineRange, Report, Thinking
from tests.lsp.conftest import NEVER, Connect
from tests.lsp.scripted import ScriptedDoor, ScriptedFindings, a_finding, authenticate, flag_each, source_of
from tests.lsp.wire import VSCODE_LIKE, Editor, ErrorAnswer

TEXT = "one\nbad two\nthree\n"
BILL = Bill("claude-x", 12_300)
NAMES = ["hive.reviewThoroughly", "hive.explain", "hive.fix", "hive.fixAll", "hive.rewrite", "hive.ask"]
SHOWS_NO_EDITS: dict[str, Any] = {
    **VSCODE_LIKE,
    "workspace": {**VSCODE_LIKE["workspace"], "workspaceEdit": {"documentChanges": True}},
}
ASKS = {"instructions": True}
"""An editor that asks the person what is to become of the lines."""


class Accepted:
    """Which jobs' fixes were applied, by whom."""

    def __init__(self) -> None:
        self.taken: list[tuple[UUID, str]] = []

    async def take(self, fix_job: UUID, *, by: str) -> int:
        self.taken.append((fix_job, by))
        raise RuntimeError("the database is away")


@pytest.fixture
def accepted() -> Accepted:
    return Accepted()


@pytest.fixture
async def door(inside: ScriptedDoor, findings: ScriptedFindings, accepted: Accepted) -> AsyncIterator[LspDoor]:
    door = LspDoor(inside, findings, authenticate, rest_seconds=NEVER, thinks=True, accepted=accepted)
    yield door
    await door.stop()


@pytest.fixture
def uri(folder: Path) -> str:
    (folder / "src").mkdir()
    (folder / "src" / "b.py").write_text("import a\n")
    return (folder / "src" / "a.py").as_uri()


async def opened(
    connect: Connect, inside: ScriptedDoor, uri: str, capabilities: Any = None, options: Any = None
) -> Editor:
    """With one finding on its second line; what is asked from now on waits in `inside.requests`."""
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=capabilities, options=options)
    editor.open(uri, TEXT)
    await editor.diagnostics(uri, 1)
    inside.reviewer = None
    while not inside.requests.empty():
        inside.requests.get_nowait()
    return editor


def command(editor: Editor, name: str, *arguments: Any) -> int:
    return editor.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})


async def mark(editor: Editor, uri: str) -> str:
    (diagnostic,) = await editor.diagnostics(uri, 1)
    return str(diagnostic["data"]["fingerprint"])


async def asked_of(editor: Editor, method: str) -> dict[str, Any]:
    return await editor.until(lambda message: message.get("method") == method)


async def test_commands_and_actions_are_offered_where_there_is_a_model(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri)

    assert editor.capabilities["executeCommandProvider"]["commands"][5:] == NAMES
    titles = [action["title"] for action in await editor.actions(uri, (1, 0), (1, 0))]
    assert titles == ["Explain: test.word", "Mend with a model: test.word", "Dismiss: test.word"]
    found = await editor.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
    drawn = [(await editor.ask("codeLens/resolve", lens))["command"]["title"] for lens in found]
    assert drawn == ["Review this file", "Review thoroughly", "Explain: test.word"]


def _is_analysed(message: dict[str, Any], version: int) -> bool:
    params = message.get("params") or {}
    return message.get("method") == "$/hive/status" and (params["state"], params["version"]) == ("analysed", version)


async def test_lenses_are_asked_for_again_when_other_findings_are_shown(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    workspace = {**VSCODE_LIKE["workspace"], "codeLens": {"refreshSupport": True}}
    editor = await opened(connect, inside, uri, {**VSCODE_LIKE, "workspace": workspace})
    await editor.until(lambda m: m.get("method") == "workspace/codeLens/refresh")
    editor.heard.clear()
    inside.reviewer = flag_each("bad")

    editor.change(uri, 2, ((0, 0), (0, 0), "top\n"))
    await editor.status(uri, "analysed", 2)
    editor.change(uri, 3, ((0, 0), (0, 0), "bad\n"))
    await editor.status(uri, "analysed", 3)

    await editor.until(lambda m: m.get("method") == "workspace/codeLens/refresh")
    asked = [place for place, m in enumerate(editor.heard) if m.get("method") == "workspace/codeLens/refresh"]
    moved = editor.heard.index(next(m for m in editor.heard if _is_analysed(m, 2)))
    assert all(place > moved for place in asked), "a finding that only moved is no other one"


async def test_an_explanation_is_shown_with_its_cost_and_knows_the_files_around(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri)

    number = command(editor, "hive.explain", uri, await mark(editor, uri), "Why?")
    request = await inside.requests.get()
    inside.end(
        request, EventType.SUCCEEDED, data=encode(Told("It is bad.", (Citation("src/a.py", 2, 2, "bad"),), BILL))
    )

    asked = msgspec.json.decode(request.args, type=FindingQuestion)
    assert (request.kind, asked.question, asked.finding.start_line) == ("explain", "Why?", 2)
    assert [file.path for file in asked.snapshot.context] == ["src/b.py"]
    assert (await editor.answer(number))["text"] == "It is bad."
    assert await editor.message() == "It is bad.\n\n(claude-x, $0.0123)"


async def test_a_question_is_asked_about_the_project_of_the_document(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri)

    number = command(editor, "hive.ask", uri, "What is it?")
    request = await inside.requests.get()
    inside.end(request, EventType.SUCCEEDED, data=encode(Told("A list.", (), BILL)))

    assert msgspec.json.decode(request.args, type=Question).question == "What is it?"
    assert (await editor.answer(number))["citations"] == []


async def test_an_answer_too_long_for_a_message_is_a_page(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    opens = {"workDoneProgress": False, "showDocument": {"support": True}}
    reads = {**VSCODE_LIKE["workspace"], "textDocumentContent": {}}
    editor = await opened(connect, inside, uri, {**VSCODE_LIKE, "window": opens, "workspace": reads})
    editor.answers_requests = False
    number = command(editor, "hive.ask", uri, "Why?")
    told = Told("Because. " * 200, (), BILL)
    inside.end(await inside.requests.get(), EventType.SUCCEEDED, data=encode(told))

    shown = await asked_of(editor, "window/showDocument")
    page = await editor.ask("workspace/textDocumentContent", {"uri": shown["params"]["uri"]})
    editor.send({"id": shown["id"], "result": {"success": True}})
    await editor.answer(number)

    assert page["text"].startswith(told.text)
    assert not [m for m in editor.heard if m.get("method") == "window/showMessage"]
    with pytest.raises(ErrorAnswer, match="not kept any more"):
        await editor.ask("workspace/textDocumentContent", {"uri": "hive:/answer.md?id=other"})


def an_offer(path: str = "src/a.py") -> FixOffer:
    fix = Fix("Say good", (Edit(2, 1, 2, 4, "good"),), safe=False)
    return FixOffer((FileFix(path, fix, "-bad two\n+good two\n"),), "It was bad.", (), (), (), "passed", BILL)


async def offered(editor: Editor, inside: ScriptedDoor, uri: str) -> tuple[int, JobRequest]:
    editor.answers_requests = False
    number = command(editor, "hive.fix", uri, await mark(editor, uri))
    created = await asked_of(editor, "window/workDoneProgress/create")
    editor.send({"id": created["id"], "result": None})
    return number, await inside.requests.get()


@pytest.mark.parametrize("shows_edits", [True, False], ids=["in the editor", "in the message"])
async def test_a_fix_is_seen_before_it_is_applied_and_remembered_if_it_can_be(
    connect: Connect, inside: ScriptedDoor, uri: str, accepted: Accepted, shows_edits: bool
) -> None:
    editor = await opened(connect, inside, uri, VSCODE_LIKE if shows_edits else SHOWS_NO_EDITS)
    number, request = await offered(editor, inside, uri)
    inside.end(request, EventType.SUCCEEDED, data=encode(an_offer()))

    told = await asked_of(editor, "window/showMessage" if shows_edits else "window/showMessageRequest")
    if not shows_edits:
        editor.send({"id": told["id"], "result": {"title": "Apply"}})
    edit = await asked_of(editor, "workspace/applyEdit")
    editor.send({"id": edit["id"], "result": {"applied": True}})

    assert msgspec.json.decode(request.args, type=FixWish).findings[0].rule == "test.word"
    shown = "" if shows_edits else "\n\n-bad two\n+good two\n"
    assert told["params"]["message"] == f"Say good: It was bad. (tests: passed){shown}"
    (change,) = edit["params"]["edit"]["documentChanges"]
    assert ("annotationId" in change["edits"][0]) == shows_edits, "then the editor asks before it makes the edit"
    assert change["textDocument"] == {"uri": uri, "version": 1}
    assert change["edits"][0]["newText"] == "good"
    assert (await editor.answer(number))["applied"] is True
    assert [job for job, _ in accepted.taken] == [request.id]


@pytest.mark.parametrize(
    ("typed", "applied_at"),
    [(((0, 0), (0, 0), "top\n"), 2), (((2, 0), (2, 0), "x"), 1), (((1, 1), (1, 2), "o"), None)],
    ids=["above", "below", "in it"],
)
async def test_a_fix_goes_to_where_its_code_stands_by_now_unless_that_was_edited(
    connect: Connect,
    inside: ScriptedDoor,
    uri: str,
    typed: tuple[tuple[int, int], tuple[int, int], str],
    applied_at: int | None,
) -> None:
    editor = await opened(connect, inside, uri, SHOWS_NO_EDITS)
    number, request = await offered(editor, inside, uri)
    inside.end(request, EventType.SUCCEEDED, data=encode(an_offer()))

    question = await asked_of(editor, "window/showMessageRequest")
    editor.change(uri, 2, typed)
    editor.send({"id": question["id"], "result": {"title": "Apply"}})

    if applied_at is None:
        stale = (await editor.until(lambda _: len(questions(editor)) == 2)) and questions(editor)[1]
        assert "edited meanwhile" in stale["params"]["message"]
        editor.send({"id": stale["id"], "result": {"title": "Leave it"}})
        assert (await editor.answer(number))["applied"] is False
    else:
        edit = await asked_of(editor, "workspace/applyEdit")
        (change,) = edit["params"]["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": uri, "version": 2}
        assert change["edits"][0]["range"]["start"] == {"line": applied_at, "character": 0}


async def test_a_fix_whose_code_was_edited_is_asked_for_again_at_a_click(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri, {**SHOWS_NO_EDITS, "window": {}})
    editor.answers_requests = False
    number = command(editor, "hive.fix", uri, await mark(editor, uri))
    inside.end(await inside.requests.get(), EventType.SUCCEEDED, data=encode(an_offer()))
    (first,) = await asked_questions(editor, 1)
    inside.reviewer = flag_each("bad")
    editor.change(uri, 2, ((1, 4), (1, 7), "2"))
    await editor.status(uri, "analysed", 2)
    inside.reviewer = None
    while not inside.requests.empty():
        inside.requests.get_nowait()
    editor.send({"id": first["id"], "result": {"title": "Apply"}})

    _, stale = await asked_questions(editor, 2)
    editor.send({"id": stale["id"], "result": {"title": "Ask Again"}})
    request = await inside.requests.get()
    inside.end(request, EventType.SUCCEEDED, data=encode(an_offer()))
    *_, second = await asked_questions(editor, 3)
    editor.send({"id": second["id"], "result": {"title": "Apply"}})
    edit = await asked_of(editor, "workspace/applyEdit")
    editor.send({"id": edit["id"], "result": {"applied": True}})

    assert [action["title"] for action in stale["params"]["actions"]] == ["Ask Again", "Leave it"]
    assert msgspec.json.decode(request.args, type=FixWish).snapshot.files[0].text == "one\nbad 2\nthree\n"
    assert edit["params"]["edit"]["documentChanges"][0]["textDocument"]["version"] == 2
    assert (await editor.answer(number))["applied"] is True


async def asked_questions(editor: Editor, count: int) -> list[dict[str, Any]]:
    await editor.until(lambda _: len(questions(editor)) >= count)
    return questions(editor)


def a_rewriting(*files: FileFix) -> FixOffer:
    return FixOffer(files, "It was bad.", (), (), (), "not run", BILL)


REWRITTEN = FileFix("src/a.py", Fix("Say good", (Edit(2, 1, 2, 8, "good 2"),), safe=False), "-bad two\n+good 2\n")


@pytest.mark.parametrize("shows_edits", [True, False], ids=["in the editor", "in the message"])
async def test_selected_lines_are_rewritten_as_asked_once_the_person_has_seen_it(
    connect: Connect, inside: ScriptedDoor, uri: str, accepted: Accepted, shows_edits: bool
) -> None:
    edits = {"documentChanges": True, **({"changeAnnotationSupport": {}} if shows_edits else {})}
    able = {**VSCODE_LIKE, "window": {}, "workspace": {"workspaceEdit": edits}}
    editor = await opened(connect, inside, uri, able, ASKS)
    (action,) = await editor.actions(uri, (1, 0), (2, 0), triggerKind=1, only=["refactor"])
    assert (action["title"], action["kind"]) == ("Rewrite with Agent Hive…", "refactor.rewrite")
    assert action["command"]["arguments"] == [uri, 1, 1]

    editor.answers_requests = False
    number = command(editor, "hive.rewrite", *action["command"]["arguments"], "Be kind.")
    request = await inside.requests.get()
    inside.end(request, EventType.SUCCEEDED, data=encode(a_rewriting(REWRITTEN)))
    if not shows_edits:
        question = await asked_of(editor, "window/showMessageRequest")
        assert question["params"]["message"] == "Say good: It was bad.\n\n-bad two\n+good 2\n"
        editor.send({"id": question["id"], "result": {"title": "Apply"}})
    edit = await asked_of(editor, "workspace/applyEdit")
    editor.send({"id": edit["id"], "result": {"applied": True}})

    wish = msgspec.json.decode(request.args, type=RewriteWish)
    assert (request.kind, wish.instruction, wish.selected) == ("rewrite", "Be kind.", ("src/a.py", LineRange(2, 2)))
    (change,) = edit["params"]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    assert ("annotationId" in change["edits"][0]) == shows_edits, "then the editor asks before it makes the edit"
    assert await editor.answer(number) == {"applied": True, "files": ["src/a.py"]}
    assert accepted.taken == [], "nothing was wrong, so nothing is to be learned"


async def test_what_cannot_be_rewritten_is_told_with_the_reason(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri)
    number = command(editor, "hive.rewrite", uri, 1, 1, "Move it.")
    inside.end(await inside.requests.get(), EventType.SUCCEEDED, data=encode(a_rewriting()))

    assert (await editor.answer(number))["applied"] is False
    assert await editor.message() == "Nothing is rewritten: It was bad."
    with pytest.raises(ErrorAnswer, match="fourth argument"):
        await editor.answer(command(editor, "hive.rewrite", uri, 1, 1))


async def test_rewriting_is_offered_for_a_selection_that_somebody_asks_about_where_the_editor_can_ask_what_to_do(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri, options=ASKS)

    assert "refactor.rewrite" in editor.capabilities["codeActionProvider"]["codeActionKinds"]
    for start, end, context in (((1, 0), (1, 0), {"triggerKind": 1}), ((1, 0), (2, 0), {"triggerKind": 2})):
        titles = [action["title"] for action in await editor.actions(uri, start, end, **context)]
        assert "Rewrite with Agent Hive…" not in titles
    other = await connect()
    other.open(uri, TEXT)
    assert "refactor.rewrite" not in other.capabilities["codeActionProvider"]["codeActionKinds"]
    assert await other.actions(uri, (1, 0), (2, 0), triggerKind=1, only=["refactor"]) == []


async def test_two_fixes_of_one_document_are_applied_one_after_the_other(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri, capabilities={**SHOWS_NO_EDITS, "window": {}})
    editor.answers_requests = False
    for _ in range(2):
        command(editor, "hive.fixAll", uri)
        inside.end(await inside.requests.get(), EventType.SUCCEEDED, data=encode(an_offer()))
    await editor.until(lambda _: len(questions(editor)) == 2)
    for question in questions(editor):
        editor.send({"id": question["id"], "result": {"title": "Apply"}})
    first = await asked_of(editor, "workspace/applyEdit")
    assert "this one follows" in await editor.message()
    assert len([m for m in editor.heard if m.get("method") == "workspace/applyEdit"]) == 1

    editor.change(uri, 2, ((1, 0), (1, 3), "good"))
    editor.send({"id": first["id"], "result": {"applied": True}})

    *_, stale = await asked_questions(editor, 3)
    assert "edited meanwhile" in stale["params"]["message"], "the second was made for what the first has changed"


def questions(editor: Editor) -> list[dict[str, Any]]:
    return [m for m in editor.heard if m.get("method") == "window/showMessageRequest"]


async def test_a_fix_that_needs_other_files_is_told_and_left_to_the_command_line(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri)
    number, request = await offered(editor, inside, uri)
    inside.end(request, EventType.SUCCEEDED, data=encode(an_offer("src/b.py")))

    assert (await editor.answer(number))["applied"] is False
    assert "It would change src/b.py; apply it with: hive fix" in await editor.message()


async def test_what_a_model_found_stays_until_its_lines_are_edited(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri)
    number = command(editor, "hive.reviewThoroughly", uri)
    request = await inside.requests.get()
    theft = a_finding("src/a.py", 3, 1, 5, "f" * 32)
    theft = msgspec.structs.replace(theft, rule="model.cwe-639")
    thinking = Thinking("claude-x", 5, "One thing.")
    report = Report((*flag_each("bad")(source_of(request)).findings, theft), Coverage(("src/a.py",)), thinking=thinking)
    inside.end(request, EventType.SUCCEEDED, data=encode(report))

    assert (request.kind, await editor.answer(number)) == ("review.thorough", {"findings": 1})
    assert request.priority is Priority.INTERACTIVE, "its findings are present in an editor only"
    assert await codes(editor, uri, 1) == ["model.cwe-639", "test.word"]

    inside.reviewer = flag_each("bad")
    editor.change(uri, 2, ((0, 0), (0, 0), "top\n"))
    await editor.status(uri, "analysed", 2)
    assert await codes(editor, uri, 2) == ["model.cwe-639", "test.word"]

    editor.change(uri, 3, ((3, 0), (3, 5), "four"))
    await editor.status(uri, "analysed", 3)
    assert await codes(editor, uri, 3) == ["test.word"]


async def test_a_selection_is_reviewed_and_what_was_found_elsewhere_stays(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await opened(connect, inside, uri)
    for arguments, line, mark_ in (([], 1, "e"), ([1, 2], 3, "f")):
        number = command(editor, "hive.reviewThoroughly", uri, *arguments)
        request = await inside.requests.get()
        found = msgspec.structs.replace(a_finding("src/a.py", line, 1, 3, mark_ * 32), rule=f"model.{mark_}")
        inside.end(request, EventType.SUCCEEDED, data=encode(Report((found,), Coverage(("src/a.py",)))))
        await editor.answer(number)

    assert source_of(request).changed == (LineRange(2, 3),)
    assert await codes(editor, uri, 1) == ["model.e", "model.f", "test.word"]
    titles = {a["title"]: a for a in await editor.actions(uri, (1, 0), (3, 0), triggerKind=1)}
    assert titles["Review the selection thoroughly"]["command"]["arguments"] == [uri, 1, 2]
    with pytest.raises(ErrorAnswer, match="not so many lines"):
        await editor.answer(command(editor, "hive.reviewThoroughly", uri, 0, 99))


async def codes(editor: Editor, uri: str, version: int) -> list[str]:
    return sorted(diagnostic["code"] for diagnostic in await editor.diagnostics(uri, version))


async def test_a_job_that_failed_is_told(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await opened(connect, inside, uri)
    number = command(editor, "hive.ask", uri, "What?")
    inside.end(await inside.requests.get(), EventType.DEAD, message="the budget of this day is spent")

    with pytest.raises(ErrorAnswer, match="the budget of this day is spent"):
        await editor.answer(number)


class TestWithoutAModel:
    @pytest.fixture
    async def door(self, inside: ScriptedDoor, findings: ScriptedFindings) -> AsyncIterator[LspDoor]:
        door = LspDoor(inside, findings, authenticate, rest_seconds=NEVER)
        yield door
        await door.stop()

    async def test_nothing_is_offered_and_who_asks_hears_what_to_set(
        self, connect: Connect, inside: ScriptedDoor, uri: str
    ) -> None:
        editor = await opened(connect, inside, uri)

        assert not set(NAMES).intersection(editor.capabilities["executeCommandProvider"]["commands"])
        assert [a["title"] for a in await editor.actions(uri, (1, 0), (1, 0))] == ["Dismiss: test.word"]
        with pytest.raises(ErrorAnswer, match="ANTHROPIC_API_KEY"):
            await editor.answer(command(editor, "hive.explain", uri, "0" * 32))
