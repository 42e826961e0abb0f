"""What was changed, or all of a folder, reviewed at a person's wish."""

from pathlib import Path

import msgspec
import pytest

from server.jobs.job import EventType, JobRequest, Priority
from server.reviews.snapshot import Coverage, Report, SkippedFile, Snapshot
from tests.cli.repository import Repository
from tests.lsp.conftest import Connect
from tests.lsp.scripted import (
    REMOTE_TOKEN,
    TOKEN,
    ScriptedDoor,
    ScriptedFindings,
    a_finding,
    flag_each,
    report_of,
    source_of,
)
from tests.lsp.wire import ASKS_FOR_DIAGNOSTICS, Editor, ErrorAnswer

TEXT = "one\nbad two\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a committed file, a changed one and a new one."""
    repository = Repository(tmp_path / "work")
    repository.commit(old=TEXT, changed="one\n")
    repository.write("changed.py", TEXT)
    repository.write("new.py", TEXT)
    return repository.root


def wish(editor: Editor, command: str, *arguments: str) -> int:
    return editor.request("workspace/executeCommand", {"command": command, "arguments": list(arguments)})


def files_of(request: JobRequest) -> dict[str, str]:
    return {file.path: file.text for file in msgspec.json.decode(request.args, type=Snapshot).files}


async def test_the_changes_are_reviewed_and_what_is_found_in_closed_files_is_shown(
    connect: Connect, inside: ScriptedDoor, folder: Path
) -> None:
    editor = await connect()

    number = wish(editor, "hive.reviewChanges")
    request = await inside.requests.get()
    coverage = Coverage(("new.py",), skipped=(SkippedFile("changed.py", "the parser crashed"),))
    inside.answer(request, Report((a_finding("new.py", 2, 1, 3),), coverage))

    answer = await editor.answer(number)
    assert (request.kind, request.priority, request.requested_by) == ("review", Priority.PULL_REQUEST, "ada")
    assert files_of(request) == {"changed.py": TEXT, "new.py": TEXT}
    assert (answer["files"], answer["findings"], answer["not_analysed"]) == (2, 1, 1)
    assert len(await editor.diagnostics((folder / "new.py").as_uri(), None)) == 1
    ends = [m["params"]["value"]["kind"] for m in editor.heard if m.get("method") == "$/progress"]
    assert ends == ["begin", "end"]


async def test_a_whole_folder_is_reviewed_and_open_documents_count_as_they_are(
    connect: Connect, inside: ScriptedDoor, folder: Path
) -> None:
    inside.reviewer = flag_each("bad")
    editor = await connect(capabilities=ASKS_FOR_DIAGNOSTICS)
    uri = (folder / "old.py").as_uri()
    editor.open(uri, "fine\n")
    assert source_of(await inside.requests.get()).text == "fine\n"
    await editor.status(uri, "analysed")
    shown = await editor.pull(uri)
    inside.reviewer = None

    number = wish(editor, "hive.reviewWorkspace", folder.as_uri())
    request = await inside.requests.get()
    inside.answer(request, Report((a_finding("old.py", 1, 1, 3),), Coverage(tuple(files_of(request)))))
    await editor.answer(number)

    assert files_of(request) == {"changed.py": TEXT, "new.py": TEXT, "old.py": "fine\n"}
    assert (await editor.pull(uri, shown["resultId"]))["kind"] == "unchanged", "it is reviewed while it is typed"


async def test_a_folder_that_is_a_link_is_called_as_the_editor_calls_it(
    connect: Connect, inside: ScriptedDoor, folder: Path, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    linked.symlink_to(folder)
    editor = await connect(started=False)
    await editor.start(TOKEN, linked)
    editor.open((linked / "old.py").as_uri(), "fine\n")
    inside.answer(await inside.requests.get(), report_of("old.py"))
    await editor.status((linked / "old.py").as_uri(), "analysed")

    number = wish(editor, "hive.reviewWorkspace")
    found = (a_finding(path, 1, 1, 3) for path in ("new.py", "old.py"))
    inside.answer(await inside.requests.get(), Report(tuple(found), Coverage(("new.py", "old.py"))))
    await editor.answer(number)

    shown = {m["params"]["uri"] for m in editor.heard if m.get("method") == "textDocument/publishDiagnostics"}
    assert shown == {(linked / name).as_uri() for name in ("new.py", "old.py", "changed.py")}
    assert await editor.diagnostics((linked / "old.py").as_uri(), 1) == [], "it is reviewed while it is typed"


async def test_what_a_review_does_not_find_any_more_goes(connect: Connect, inside: ScriptedDoor, folder: Path) -> None:
    editor = await connect()
    uri = (folder / "new.py").as_uri()
    for found in (a_finding("new.py", 2, 1, 3),), ():
        editor.heard.clear()
        number = wish(editor, "hive.reviewChanges")
        inside.answer(await inside.requests.get(), report_of("new.py", *found))
        await editor.answer(number)

        assert len(await editor.diagnostics(uri, None)) == len(found)


@pytest.mark.parametrize(
    "how", ["deleted", "changed", "dismissed", "opened", "its folder deleted", "its folder let go"]
)
async def test_what_was_found_in_a_closed_file_goes_once_it_may_not_be_true_any_more(
    connect: Connect, inside: ScriptedDoor, findings: ScriptedFindings, folder: Path, how: str
) -> None:
    editor = await connect()
    uri = (folder / "new.py").as_uri()
    number = wish(editor, "hive.reviewChanges")
    request = await inside.requests.get()
    inside.answer(request, report_of("new.py", a_finding("new.py", 2, 1, 3, "f" * 32)))
    await editor.answer(number)
    assert len(await editor.diagnostics(uri, None)) == 1
    editor.heard.clear()

    if how == "deleted":
        other_way = uri.replace("new.py", "n%65w.py")
        editor.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": other_way, "type": 3}]})
    elif how == "changed":
        (folder / "new.py").write_text("another\n")
        editor.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]})
    elif how == "its folder deleted":
        editor.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": folder.as_uri(), "type": 3}]})
    elif how == "its folder let go":
        event = {"added": [], "removed": [{"uri": folder.as_uri(), "name": "w"}]}
        editor.tell("workspace/didChangeWorkspaceFolders", {"event": event})
    elif how == "dismissed":
        await findings.dismiss(request.project, "f" * 32, by="ben", why="")
    else:
        inside.reviewer = flag_each("bad")
        editor.open(uri, "fine\n")

    assert await editor.diagnostics(uri, 1 if how == "opened" else None) == []
    if how == "dismissed":
        editor.heard.clear()
        await findings.reopen(request.project, "f" * 32, by="ben", why="")
        assert len(await editor.diagnostics(uri, None)) == 1


async def test_a_late_word_of_what_was_reviewed_takes_nothing_away(
    connect: Connect, inside: ScriptedDoor, folder: Path
) -> None:
    """Editors watch the disk, and tell of a file that was made when it was read and reviewed already."""
    editor = await connect()
    ours, other = ((folder / name).as_uri() for name in ("new.py", "changed.py"))
    number = wish(editor, "hive.reviewChanges")
    reports = (
        report_of(name, a_finding(name, 2, 1, 3, mark * 32)) for name, mark in (("new.py", "f"), ("changed.py", "e"))
    )
    found = [finding for report in reports for finding in report.findings]
    inside.answer(await inside.requests.get(), msgspec.structs.replace(report_of("new.py"), findings=tuple(found)))
    await editor.answer(number)
    assert len(await editor.diagnostics(ours, None)) == len(await editor.diagnostics(other, None)) == 1
    editor.heard.clear()

    (folder / "changed.py").write_text("another\n")
    told = [{"uri": ours, "type": 1}, {"uri": other, "type": 2}]
    editor.tell("workspace/didChangeWatchedFiles", {"changes": told})

    assert await editor.diagnostics(other, None) == []
    assert not [heard for heard in editor.heard if heard.get("params", {}).get("uri") == ours]


@pytest.mark.parametrize("how", ["outside", "no such folder", "the job dies"])
async def test_what_cannot_be_reviewed_is_said(connect: Connect, inside: ScriptedDoor, folder: Path, how: str) -> None:
    editor = await connect()
    uri = {"outside": "file:///etc", "no such folder": f"{folder.as_uri()}/none"}.get(how, folder.as_uri())

    number = wish(editor, "hive.reviewWorkspace", uri)
    if how == "the job dies":
        inside.end(await inside.requests.get(), EventType.DEAD, message="the agent crashed three times")

    with pytest.raises(ErrorAnswer, match=r"outside the workspace|cannot review|crashed three times"):
        await editor.answer(number)


async def test_who_sits_elsewhere_is_not_offered_what_reads_this_machines_files(connect: Connect) -> None:
    editor = await connect(token=REMOTE_TOKEN)

    assert "hive.reviewChanges" not in editor.capabilities["executeCommandProvider"]["commands"]
    with pytest.raises(ErrorAnswer, match="this hub reads no files of your machine"):
        await editor.answer(wish(editor, "hive.reviewChanges"))
