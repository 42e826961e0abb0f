"""What one editor sees, with a scripted hub behind the door."""

import json
from pathlib import Path
from typing import Any

import pytest

from lsp.server import LspDoor
from lsp.session import MAX_OPEN_CHARACTERS, MAX_OPEN_DOCUMENTS
from server.jobs.job import EventType, Priority, Progress
from server.reviews.finding import Edit, FindingStatus, Fix
from tests.lsp.conftest import Connect
from tests.lsp.scripted import (
    PERSON,
    ScriptedDoor,
    ScriptedFindings,
    a_finding,
    flag_each,
    not_read,
    report_of,
    source_of,
)
from tests.lsp.wire import VSCODE_LIKE, Editor, ErrorAnswer

TEXT = "one\nbad two\nthree\n"


def replace_word(line: int, column: int) -> Fix:
    return Fix("Make it good", (Edit(line, column, line, column + 3, "good"),))


@pytest.fixture
def uri(folder: Path) -> str:
    return (folder / "src" / "a.py").as_uri()


async def test_what_is_promised_is_what_there_is(connect: Connect) -> None:
    editor = await connect()

    assert editor.capabilities["textDocumentSync"] == {
        "openClose": True,
        "change": 2,
        "save": {"includeText": False},
    }
    assert "diagnosticProvider" not in editor.capabilities
    kinds = ["quickfix", "source.fixAll.hive"]
    assert editor.capabilities["codeActionProvider"] == {"codeActionKinds": kinds, "resolveProvider": True}
    assert editor.capabilities["executeCommandProvider"]["commands"] == [
        "hive.review", "hive.dismiss", "hive.reopen", "hive.reviewChanges", "hive.reviewWorkspace",
    ]  # fmt: skip
    assert editor.capabilities["positionEncoding"] == "utf-16"


async def test_opening_a_file_reviews_it_under_the_name_its_pull_request_would_have(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()

    editor.open(uri, TEXT, version=7)
    request = await inside.requests.get()
    inside.answer(request, report_of("src/a.py", a_finding("src/a.py", 2, 1, 3)))

    assert (request.kind, request.project, request.priority) == (
        "review",
        "github.com/owner/repo",
        Priority.INTERACTIVE,
    )
    assert (source_of(request).path, source_of(request).text) == ("src/a.py", TEXT)
    assert source_of(request).changed is None
    assert request.requested_by == PERSON.name
    (diagnostic,) = await editor.diagnostics(uri, 7)
    assert diagnostic["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}}
    assert diagnostic["data"] == {"fingerprint": "0" * 32}
    status = await editor.status(uri, "analysed")
    assert status["counts"] == {"critical": 0, "high": 0, "medium": 1, "low": 0}


async def test_not_analysed_is_told_apart_from_clean(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect()

    editor.open(uri, TEXT)
    inside.answer(await inside.requests.get(), not_read("src/a.py", "no rules for this language"))

    assert await editor.diagnostics(uri, 1) == []
    assert (await editor.status(uri, "not_analysed"))["reason"] == "no rules for this language"


async def test_a_job_that_failed_says_so(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect()

    editor.open(uri, TEXT)
    inside.end(await inside.requests.get(), EventType.DEAD, message="the parser crashed")

    assert (await editor.status(uri, "not_analysed"))["reason"] == "the parser crashed"


async def test_redis_coming_back_is_noticed_without_a_keystroke(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    inside.is_away = True

    editor.open(uri, TEXT)
    assert (await editor.status(uri, "not_analysed"))["reason"] == "Redis does not answer"
    inside.is_away = False

    inside.answer(await inside.requests.get(), report_of("src/a.py"))
    await editor.status(uri, "analysed")


async def test_edits_while_a_review_is_under_way_wait_for_it_and_go_as_one(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    first = await inside.requests.get()

    editor.change(uri, 2, ((0, 0), (0, 0), "x"))
    editor.change(uri, 3, ((0, 0), (0, 0), "y"), ((0, 0), (0, 0), "z"))
    await editor.actions(uri, (0, 0), (0, 0))  # answered once the edits are read
    assert inside.requests.empty()
    inside.answer(first, report_of("src/a.py"))

    second = await inside.requests.get()
    assert source_of(second).text == "zyx" + TEXT
    assert first.concurrency_group == second.concurrency_group


async def test_newer_text_supersedes_a_review_that_takes_long(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    first = await inside.requests.get()
    await patience_has_run_out(editor)

    editor.change(uri, 2, ((0, 0), (0, 0), "x"))
    second = await inside.requests.get()
    inside.answer(first, report_of("src/a.py", a_finding("src/a.py", 2, 1, 3)))
    inside.answer(second, report_of("src/a.py"))

    await editor.status(uri, "analysed", version=2)
    assert all(m["params"]["diagnostics"] == [] for m in editor.heard if m.get("method", "").endswith("Diagnostics"))


async def test_who_types_without_a_rest_is_answered_also_where_each_answer_is_late(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    """Each comes after the next edit. Newer text superseded every one of them, so that nothing was ever shown."""
    editor = await connect()
    editor.open(uri, TEXT)
    for version in range(2, 9):
        await patience_has_run_out(editor, version)
        under_way = inside.submitted[-1]
        editor.change(uri, version, ((0, 0), (0, 0), "x"))
        await editor.actions(uri, (0, 0), (0, 0))  # answered once the edit is read
        inside.answer(under_way, report_of("src/a.py", a_finding("src/a.py", 2, 1, 3)))
        await editor.actions(uri, (0, 0), (0, 0))
        if any(m["params"]["state"] == "analysed" for m in statuses(editor)):
            break

    (diagnostic,) = await editor.diagnostics(uri, version)
    assert diagnostic["range"]["start"]["line"] == 1


async def patience_has_run_out(editor: Editor, times: int = 2) -> None:
    """The first `pending` came with the document."""
    await editor.until(lambda _: [m["params"]["state"] for m in statuses(editor)].count("pending") >= times)


def statuses(editor: Editor) -> list[dict[str, Any]]:
    return [m for m in editor.heard if m.get("method") == "$/hive/status"]


async def test_what_was_edited_away_goes_when_the_answer_takes_long(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, "bad\nbad\n")
    found = (a_finding("src/a.py", 1, 1, 3, "a" * 32), a_finding("src/a.py", 2, 1, 3, "b" * 32))
    inside.answer(await inside.requests.get(), report_of("src/a.py", *found))
    assert len(await editor.diagnostics(uri, 1)) == 2

    editor.change(uri, 2, ((1, 1), (1, 2), "o"))

    (diagnostic,) = await editor.diagnostics(uri, 2)
    assert diagnostic["data"] == {"fingerprint": "a" * 32}


async def test_an_answer_about_older_text_is_moved_and_what_was_edited_is_left_out(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, "bad\nbad\n")
    request = await inside.requests.get()

    editor.change(uri, 2, ((0, 0), (0, 0), "new line\n"), ((2, 1), (2, 1), "!"))
    await editor.actions(uri, (0, 0), (0, 0))
    found = (a_finding("src/a.py", 1, 1, 3, "a" * 32), a_finding("src/a.py", 2, 1, 3, "b" * 32))
    inside.answer(request, report_of("src/a.py", *found))

    (diagnostic,) = await editor.diagnostics(uri, 2)
    assert diagnostic["data"] == {"fingerprint": "a" * 32}
    assert diagnostic["range"]["start"] == {"line": 1, "character": 0}


async def test_closing_clears_what_was_shown(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()
    editor.open(uri, TEXT)
    assert len(await editor.diagnostics(uri, 1)) == 1

    editor.tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    assert await editor.diagnostics(uri, None) == [] or await editor.until(
        lambda m: m.get("method", "").endswith("Diagnostics") and m["params"].get("version") is None
    )


async def test_saving_reviews_again(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()
    editor.open(uri, TEXT)
    await inside.requests.get()
    await editor.status(uri, "analysed")

    editor.tell("textDocument/didSave", {"textDocument": {"uri": uri}})

    assert source_of(await inside.requests.get()).text == TEXT


async def test_a_fix_is_made_for_the_version_that_is_open(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad", replace_word)
    editor = await connect()
    editor.open(uri, "é😋 bad\n")
    (diagnostic,) = await editor.diagnostics(uri, 1)

    fix, dismiss = await editor.actions(uri, (0, 5), (0, 5), only=["quickfix"], triggerKind=1)
    editor.change(uri, 2, ((0, 0), (0, 0), "top\n"))
    resolved = await editor.ask("codeAction/resolve", fix)

    assert (fix["title"], fix["kind"], fix["isPreferred"]) == ("Make it good", "quickfix", True)
    assert fix["diagnostics"][0]["range"] == diagnostic["range"]
    assert "edit" not in fix
    (change,) = resolved["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 2}
    (edit,) = change["edits"]
    assert edit["newText"] == "good"
    assert edit["range"] == {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 7}}
    assert dismiss["title"] == "Dismiss: test.word"
    assert await editor.ask("codeAction/resolve", dismiss) == dismiss


async def test_a_fix_whose_code_was_edited_is_not_made(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad", replace_word)
    editor = await connect()
    editor.open(uri, TEXT)
    await editor.diagnostics(uri, 1)
    fix, _ = await editor.actions(uri, (1, 0), (1, 0))
    inside.reviewer = None

    editor.change(uri, 2, ((1, 1), (1, 2), "o"))

    with pytest.raises(ErrorAnswer) as refused:
        await editor.ask("codeAction/resolve", fix)
    assert refused.value.code == -32801


async def test_an_editor_that_cannot_resolve_gets_the_edit_at_once(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    inside.reviewer = flag_each("bad", replace_word)
    editor = await connect(capabilities={})
    editor.open(uri, TEXT)
    await editor.diagnostics(uri, 1)

    fix, _ = await editor.actions(uri, (1, 0), (1, 0))

    assert fix["edit"]["changes"][uri][0]["newText"] == "good"


async def test_resting_on_a_finding_says_why_it_is_one(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()
    editor.open(uri, TEXT)
    await editor.diagnostics(uri, 1)

    document = {"textDocument": {"uri": uri}}
    on_it = await editor.ask("textDocument/hover", {**document, "position": {"line": 1, "character": 1}})
    beside = await editor.ask("textDocument/hover", {**document, "position": {"line": 0, "character": 1}})

    assert on_it["contents"] == {
        "kind": "plaintext",
        "value": "a word that is flagged\nthe test says so\n(test.word)",
    }
    assert beside is None


async def test_other_kinds_of_action_are_not_answered_with_quick_fixes(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    inside.reviewer = flag_each("bad", replace_word)
    editor = await connect()
    editor.open(uri, TEXT)
    await editor.diagnostics(uri, 1)

    assert await editor.actions(uri, (1, 0), (1, 3), only=["source.organizeImports"]) == []
    assert await editor.actions(uri, (0, 0), (0, 3)) == []


async def test_dismissing_removes_the_diagnostic_everywhere_and_reopening_brings_it_back(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    one, other = await connect(), await connect()
    for editor in (one, other):
        editor.open(uri, TEXT)
        assert len(await editor.diagnostics(uri, 1)) == 1
        editor.heard.clear()

    (dismiss,) = await one.actions(uri, (1, 0), (1, 0))
    command = dismiss["command"]
    await one.ask(
        "workspace/executeCommand",
        {"command": command["command"], "arguments": [*command["arguments"], "it is a test"]},
    )

    assert await one.diagnostics(uri, 1) == []
    assert await other.diagnostics(uri, 1) == []
    mark = command["arguments"][1]
    assert findings.decisions == [("github.com/owner/repo", mark, FindingStatus.DISMISSED, PERSON.name, "it is a test")]
    assert await other.actions(uri, (1, 0), (1, 0), triggerKind=2) == []
    (reopen,) = await other.actions(uri, (1, 0), (1, 0), triggerKind=1)
    assert reopen["title"] == "Reopen: test.word"
    one.heard.clear()
    await other.ask("workspace/executeCommand", {k: reopen["command"][k] for k in ("command", "arguments")})
    assert len(await one.diagnostics(uri, 1)) == 1


async def test_what_was_dismissed_is_not_counted_any_more(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()
    editor.open(uri, TEXT)
    (shown,) = await editor.diagnostics(uri, 1)
    assert (await editor.status(uri, "analysed"))["counts"]["medium"] == 1
    editor.heard.clear()

    await findings.dismiss("github.com/owner/repo", shown["data"]["fingerprint"], by="ben", why="")

    assert (await editor.status(uri, "analysed", 1))["counts"]["medium"] == 0


async def test_a_dismissal_during_a_review_outlives_its_answer(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    request = await inside.requests.get()

    await findings.dismiss("github.com/owner/repo", "0" * 32, by="ben", why="")
    inside.answer(request, report_of("src/a.py", a_finding("src/a.py", 2, 1, 3)))

    await editor.status(uri, "analysed")
    assert await editor.diagnostics(uri, 1) == []


async def test_a_review_by_command_shows_progress_and_answers_when_it_is_done(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, TEXT)
    inside.answer(await inside.requests.get(), report_of("src/a.py"))

    number = editor.request("workspace/executeCommand", {"command": "hive.review", "arguments": [uri]})
    request = await inside.requests.get()
    inside.progress(request, Progress(1, 2, "rules"))
    inside.answer(request, report_of("src/a.py", a_finding("src/a.py", 2, 1, 3)))

    answer = await editor.answer(number)
    assert answer == {"job_id": str(request.id), "state": "analysed", "reason": None, "findings": 1}
    create = await editor.until(lambda m: m.get("method") == "window/workDoneProgress/create")
    told = [m["params"] for m in editor.heard if m.get("method") == "$/progress"]
    assert {p["token"] for p in told} == {create["params"]["token"]}
    assert [p["value"]["kind"] for p in told] == ["begin", "report", "end"]
    assert (told[0]["value"]["cancellable"], told[1]["value"]["percentage"]) == (True, 50)
    assert len(await editor.diagnostics(uri, 1)) == 1


@pytest.mark.parametrize("how", ["progress", "request"])
async def test_a_review_by_command_can_be_cancelled(
    connect: Connect, inside: ScriptedDoor, uri: str, folder: Path, how: str
) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text(TEXT)
    editor = await connect()
    params = {"command": "hive.review", "arguments": [uri], "workDoneToken": "mine"}

    number = editor.request("workspace/executeCommand", params)
    request = await inside.requests.get()
    if how == "progress":
        editor.tell("window/workDoneProgress/cancel", {"token": "mine"})
    else:
        editor.tell("$/cancelRequest", {"id": number})

    assert await inside.cancelled.get() == (request.id, PERSON.name)
    if how == "progress":
        assert (await editor.answer(number))["reason"] == "cancelled"
    else:
        with pytest.raises(ErrorAnswer) as refused:
            await editor.answer(number)
        assert refused.value.code == -32800
    await editor.until(lambda m: m.get("method") == "$/progress" and m["params"]["value"]["kind"] == "end")


async def test_a_file_that_is_not_open_is_reviewed_from_disk(
    connect: Connect, inside: ScriptedDoor, uri: str, folder: Path
) -> None:
    inside.reviewer = flag_each("bad")
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text(TEXT)
    editor = await connect()

    answer = await editor.ask("workspace/executeCommand", {"command": "hive.review", "arguments": [uri]})

    assert answer["findings"] == 1
    assert len(await editor.diagnostics(uri, None)) == 1


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], "hive.review"),
        ([1], "hive.review"),
        (["u"], "hive.dismiss"),
        (["a", "b", "c", "d"], "hive.reopen"),
        ([], "x"),
    ],
)
async def test_a_command_with_wrong_arguments_is_refused(
    connect: Connect, arguments: list[object], command: str
) -> None:
    editor = await connect()

    with pytest.raises(ErrorAnswer) as refused:
        await editor.ask("workspace/executeCommand", {"command": command, "arguments": arguments})

    assert refused.value.code == -32602


async def test_a_key_that_may_only_read_sees_why_nothing_is_reviewed(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect(token="hive_reader")

    editor.open(uri, TEXT)

    assert (await editor.status(uri, "not_analysed"))["reason"] == "this key may not ask for reviews"
    with pytest.raises(ErrorAnswer, match="may not decide"):
        await editor.ask("workspace/executeCommand", {"command": "hive.dismiss", "arguments": [uri, "0" * 32]})


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("big.py", "x = 1\n" * (10 * 2**20 // 6), "larger than 2 MiB"),
        ("binary.py", "PK\x03\x04\0\0", "binary"),
        ("../outside.py", "x = 1\n", "outside.py lies outside the workspace folders"),
        ("a/%2e%2e/../../%2e%2e/etc/passwd", "x", "passwd lies outside the workspace folders"),
    ],
    ids=["10 MB", "binary", "outside", "hidden dots"],
)
async def test_what_is_refused_is_said_once_and_the_session_goes_on(
    connect: Connect, inside: ScriptedDoor, folder: Path, uri: str, name: str, text: str, reason: str
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()
    refused = f"{folder.as_uri()}/{name}"

    editor.open(refused, text)
    assert (await editor.status(refused, "not_analysed"))["reason"] == reason
    editor.change(refused, 2, ((0, 0), (0, 0), "y"))
    answer = await editor.ask("workspace/executeCommand", {"command": "hive.review", "arguments": [refused]})

    assert answer["state"] == "not_analysed"
    assert reason in await editor.message()
    assert sum(m.get("method") == "window/showMessage" for m in editor.heard) == 2, "on opening, and when asked"
    assert await editor.diagnostics(refused, None) == []
    editor.open(uri, TEXT)
    assert len(await editor.diagnostics(uri, 1)) == 1


async def test_a_link_out_of_the_workspace_is_not_read(
    connect: Connect, folder: Path, tmp_path_factory: object
) -> None:
    (folder / "link.py").symlink_to("/etc/passwd")
    editor = await connect()
    uri = (folder / "link.py").as_uri()

    answer = await editor.ask("workspace/executeCommand", {"command": "hive.review", "arguments": [uri]})

    assert answer["reason"] == "passwd lies outside the workspace folders"


@pytest.mark.parametrize("uri", ["git:/a.py?x", "vscode-notebook-cell:/n.ipynb#1", "file://", "file:///%00", "☃", ""])
async def test_a_document_that_is_no_file_harms_nobody(
    connect: Connect, inside: ScriptedDoor, uri: str, folder: Path
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()

    editor.open(uri, TEXT)

    await editor.status(uri, "not_analysed")
    assert await editor.diagnostics(uri, 1) == []


async def test_a_buffer_without_a_file_is_reviewed_by_its_language(connect: Connect, inside: ScriptedDoor) -> None:
    editor = await connect()

    editor.open("untitled:Untitled-1", TEXT)

    request = await inside.requests.get()
    assert (request.project, source_of(request).path) == ("github.com/owner/repo", "untitled/Untitled-1.py")


async def test_a_folder_added_later_counts(
    connect: Connect, inside: ScriptedDoor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    editor = await connect()
    other = tmp_path_factory.mktemp("other")
    uri = (other / "b.py").as_uri()
    editor.open(uri, TEXT)
    await editor.status(uri, "not_analysed")

    folders = {"added": [{"uri": other.as_uri(), "name": "o"}], "removed": []}
    editor.tell("workspace/didChangeWorkspaceFolders", {"event": folders})

    assert source_of(await inside.requests.get()).path == "b.py"


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 7), ("utf-16", 4), ("utf-32", 3)])
async def test_the_editor_chooses_how_columns_are_counted(
    connect: Connect, inside: ScriptedDoor, uri: str, encoding: str, character: int
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities={**VSCODE_LIKE, "general": {"positionEncodings": [encoding]}})

    editor.open(uri, "é😋 bad\n")
    assert editor.capabilities["positionEncoding"] == encoding
    await editor.diagnostics(uri, 1)
    editor.change(uri, 2, ((0, 0), (0, character), ""))

    (diagnostic,) = await editor.diagnostics(uri, 2)
    assert diagnostic["range"]["start"] == {"line": 0, "character": 0}


async def test_half_an_emoji_does_no_harm(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()
    item = {"uri": uri, "languageId": "python", "version": 1, "text": "@ bad"}
    body = json.dumps({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}})
    half = body.replace("@", "\\ud83d").encode()

    editor.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(half), half))

    (diagnostic,) = await editor.diagnostics(uri, 1)
    assert diagnostic["range"]["start"] == {"line": 0, "character": 2}


async def test_of_too_many_findings_the_worst_are_shown_and_the_others_counted(
    connect: Connect, inside: ScriptedDoor, uri: str
) -> None:
    editor = await connect()
    editor.open(uri, "x\n" * 300)
    found = [a_finding("src/a.py", number + 1, 1, 1, f"{number:032x}") for number in range(300)]
    inside.answer(await inside.requests.get(), report_of("src/a.py", *found))

    assert len(await editor.diagnostics(uri, 1)) == 250
    assert (await editor.status(uri, "analysed"))["omitted"] == 50


async def test_too_many_documents_are_passed_over(connect: Connect, inside: ScriptedDoor, uri: str) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()

    for number in range(MAX_OPEN_DOCUMENTS):
        editor.open(f"git:/{number}.py", "")
    editor.open(uri, TEXT)
    assert (await editor.status(uri, "not_analysed"))["reason"] == "too much is open at once"
    editor.tell("textDocument/didClose", {"textDocument": {"uri": "git:/7.py"}})
    editor.open(uri, TEXT)

    assert len(await editor.diagnostics(uri, 1)) == 1


async def test_too_much_text_is_not_kept(connect: Connect, inside: ScriptedDoor, folder: Path) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect()
    uris = [(folder / f"{number}.py").as_uri() for number in range(17)]
    text = "x" * (MAX_OPEN_CHARACTERS // 16)

    for uri in uris:
        editor.open(uri, text)

    assert (await editor.status(uris[15], "not_analysed"))["reason"] == "larger than 2 MiB"
    assert (await editor.status(uris[16], "not_analysed"))["reason"] == "too much is open at once"


async def test_shutdown_and_exit_end_this_session_alone(
    connect: Connect, inside: ScriptedDoor, door: LspDoor, uri: str
) -> None:
    inside.reviewer = flag_each("bad")
    leaving, staying = await connect(), await connect()

    await leaving.ask("shutdown", None)
    leaving.tell("exit", None)
    await leaving.end()

    staying.open(uri, TEXT)
    assert len(await staying.diagnostics(uri, 1)) == 1
    assert door.sessions == 1
