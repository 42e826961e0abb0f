"""The open pull request of the branch that is checked out, in an editor, with a scripted hub behind the door."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lsp.server import LspDoor
from server.ide.driving import Change, FileEdit
from server.jobs.job import Event, EventType, JobRequest, encode
from server.reviews.open_pull_request import (
    READ,
    Acted,
    OpenPullRequest,
    Read,
    ReadWish,
    ReviewThread,
    ThreadAct,
    ThreadComment,
    Verb,
)
from tests.lsp.conftest import NEVER, Connect
from tests.lsp.scripted import (
    READER_TOKEN,
    REMOTE_TOKEN,
    TOKEN,
    ScriptedDoor,
    ScriptedFindings,
    a_finding,
    authenticate,
    report_of,
)
from tests.lsp.wire import Editor, ErrorAnswer

PROJECT = "github.com/owner/repo"
CODE = "one\ntwo\nthree\n"
DRAWS = {"pull_requests": True}
SUGGESTION = "Better:\n\n```suggestion\nTWO\nand a half\n```\n"


class ScriptedBranches:
    def __init__(self) -> None:
        self.known: dict[str, OpenPullRequest] = {}
        self.watched: list[tuple[str, str]] = []
        self.was_asked = asyncio.Event()

    async def watch(self, project: str, branch: str) -> OpenPullRequest | None:
        self.watched.append((project, branch))
        self.was_asked.set()
        return self.known.get(branch)


@pytest.fixture
def branches() -> ScriptedBranches:
    return ScriptedBranches()


@pytest.fixture
async def door(inside: ScriptedDoor, findings: ScriptedFindings, branches: ScriptedBranches) -> AsyncIterator[LspDoor]:
    door = LspDoor(inside, findings, authenticate, rest_seconds=NEVER, branches=branches)
    yield door
    await door.stop()


def git(folder: Path, *argv: str) -> str:
    config = ("-c", "user.name=ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *config, *argv], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clone with a branch that is `topic` here and `feature` at its remote."""
    git(tmp_path, "init", "-q", "-b", "topic")
    git(tmp_path, "remote", "add", "origin", "git@github.com:Owner/Repo.git")
    git(tmp_path, "config", "branch.topic.remote", "origin")
    git(tmp_path, "config", "branch.topic.merge", "refs/heads/feature")
    (tmp_path / "a.py").write_text(CODE)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "begin")
    return tmp_path


def a_thread(line: int | None = 2, *, body: str = "Why two?", **changes: Any) -> ReviewThread:
    comment = ThreadComment(7, "bea", body, "https://github.com/c/7", "2026-11-22T00:00:00Z")
    thread = ReviewThread("PRRT_7", "a.py", line, line, False, False, "", (comment,))
    return msgspec.structs.replace(thread, **changes)


def a_pull_request(folder: Path, *threads: ReviewThread, **changes: Any) -> OpenPullRequest:
    known = OpenPullRequest(
        PROJECT, "feature", 7, "A title", "https://github.com/p/7", git(folder, "rev-parse", "HEAD")
    )
    return msgspec.structs.replace(known, threads=threads, **changes)


async def told(editor: Editor, **wanted: Any) -> dict[str, Any]:
    """The first of the notifications in which each field is as wanted."""

    def matches(message: dict[str, Any]) -> bool:
        params = message.get("params")
        return message.get("method") == "$/hive/pullRequest" and all(params[name] == wanted[name] for name in wanted)

    params: dict[str, Any] = (await editor.until(matches))["params"]
    return params


async def told_at(editor: Editor, start_line: int | None, *, is_exact: bool) -> dict[str, Any]:
    """Until the only thread is told to stand there."""

    def matches(message: dict[str, Any]) -> bool:
        if message.get("method") != "$/hive/pullRequest" or len(message["params"]["threads"]) != 1:
            return False
        (thread,) = message["params"]["threads"]
        return (thread["start_line"], thread["is_exact"]) == (start_line, is_exact)

    params: dict[str, Any] = (await editor.until(matches))["params"]
    return params


async def asked(inside: ScriptedDoor, kind: str = READ) -> JobRequest:
    """The next request that is no quick review."""
    while (request := await inside.requests.get()).kind == "review":
        inside.answer(request, report_of("a.py"))
    assert request.kind == kind
    return request


async def test_the_hub_is_asked_about_the_branch_under_the_name_of_its_remote_and_known_threads_come_at_once(
    connect: Connect, inside: ScriptedDoor, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread())

    editor = await connect(options=DRAWS)

    pull_request = await told_at(editor, 1, is_exact=True)
    assert (pull_request["number"], pull_request["title"], pull_request["root_uri"]) == (7, "A title", folder.as_uri())
    (thread,) = pull_request["threads"]
    assert thread["uri"] == (folder / "a.py").as_uri()
    assert thread["comments"][0]["author"] == "bea"
    request = await asked(inside)
    assert request.debounce_seconds == 0
    assert msgspec.json.decode(request.args, type=ReadWish) == ReadWish(PROJECT, "owner/repo", branch="feature")
    assert branches.watched == [(PROJECT, "feature")]


async def test_threads_follow_local_commits_files_on_the_disk_and_what_is_typed(
    connect: Connect, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread())
    (folder / "a.py").write_text(f"zero\n{CODE}")
    git(folder, "commit", "-qam", "More above")
    (folder / "a.py").write_text(f"zero\nhalf\n{CODE}")

    editor = await connect(options=DRAWS)
    await told_at(editor, 3, is_exact=True)
    uri = (folder / "a.py").as_uri()
    editor.open(uri, f"zero\nhalf\n{CODE}")
    editor.change(uri, 2, ((0, 0), (2, 0), ""))
    await told_at(editor, 1, is_exact=True)
    editor.change(uri, 3, ((1, 0), (1, 3), "2"))

    await told_at(editor, 1, is_exact=False)


async def test_a_document_is_called_as_the_editor_calls_it_though_its_folder_is_a_link(
    connect: Connect, branches: ScriptedBranches, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread())
    link = tmp_path_factory.mktemp("opened") / "link"
    link.symlink_to(folder)
    uri = (link / "a.py").as_uri()
    editor = await connect(started=False)
    await editor.start(TOKEN, link, options=DRAWS)
    await told_at(editor, 1, is_exact=True)

    editor.open(uri, f"zero\n{CODE}")

    (thread,) = (await told_at(editor, 2, is_exact=True))["threads"]
    assert thread["uri"] == uri


async def test_what_any_job_reads_anew_is_told_to_every_editor_on_that_branch_and_to_no_other(
    connect: Connect, inside: ScriptedDoor, folder: Path
) -> None:
    editor, other = await connect(options=DRAWS), await connect(options=DRAWS)
    for each in (editor, other):
        await told(each, number=None, note="GitHub has not been asked yet")

    for branch in ("elsewhere", "feature"):
        news = a_pull_request(folder, branch=branch, reviewed_sha=git(folder, "rev-parse", "HEAD"))
        inside.tell(Event(EventType.SUCCEEDED, PROJECT, None, READ, 1, data=encode(Read(news))))

    for each in (editor, other):
        pull_request = await told(each, number=7)
        assert pull_request["branch"] == "feature"
        assert pull_request["reviewed_sha"] == pull_request["head_sha"]


async def test_why_github_could_not_be_asked_is_told(connect: Connect, inside: ScriptedDoor) -> None:
    editor = await connect(options=DRAWS)

    inside.end(await asked(inside), EventType.DEAD, message="the App is not installed there")

    await told(editor, number=None, note="the App is not installed there")


async def test_another_branch_that_is_checked_out_is_noticed_when_a_file_is_saved(
    connect: Connect, branches: ScriptedBranches, folder: Path
) -> None:
    editor = await connect(options=DRAWS)
    await told(editor, branch="feature")

    git(folder, "checkout", "-q", "-b", "other")
    editor.tell("textDocument/didSave", {"textDocument": {"uri": (folder / "a.py").as_uri()}})

    await told(editor, branch="other")
    assert branches.watched[-1] == (PROJECT, "other")


@pytest.mark.parametrize("stays", [False, True], ids=["as forks have it", "gh repo set-default"])
async def test_from_a_fork_the_pull_request_is_looked_for_upstream(
    connect: Connect, inside: ScriptedDoor, branches: ScriptedBranches, folder: Path, stays: bool
) -> None:
    git(folder, "remote", "add", "upstream", "https://github.com/Team/Repo")
    if stays:
        git(folder, "config", "remote.origin.gh-resolved", "base")

    await connect(options=DRAWS)

    wish = msgspec.json.decode((await asked(inside)).args, type=ReadWish)
    if stays:
        assert branches.watched == [(PROJECT, "feature")]
    else:
        assert wish == ReadWish("github.com/team/repo", "team/repo", branch="owner:feature")
        assert branches.watched == [("github.com/team/repo", "owner:feature")]


async def test_an_editor_that_cannot_draw_threads_has_them_as_diagnostics_with_quick_fixes(
    connect: Connect, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread(), a_thread(id="PRRT_8", is_resolved=True))
    editor = await connect()
    uri = (folder / "a.py").as_uri()

    (diagnostic,) = await editor.diagnostics(uri, None)

    assert diagnostic["message"] == "bea: Why two?"
    assert (diagnostic["severity"], diagnostic["range"]["start"]["line"]) == (3, 1)
    editor.open(uri, CODE)
    actions = await editor.actions(uri, (1, 0), (1, 0), diagnostics=[diagnostic])
    assert [action["title"] for action in actions] == ["Resolve the thread"]


async def test_a_thread_about_a_finding_is_not_shown_beside_the_finding_nor_where_that_is_gone(
    connect: Connect, inside: ScriptedDoor, branches: ScriptedBranches, folder: Path
) -> None:
    body = "**Medium**: wrong (`hive.x`)\n\n<!-- hive:findings " + "a" * 32 + " -->"
    by_model = a_thread(id="PRRT_8", fingerprint="b" * 32, body=body.replace("hive.x", "model.x").replace("aa", "bb"))
    branches.known["feature"] = a_pull_request(folder, a_thread(fingerprint="a" * 32, body=body), by_model)
    editor = await connect()
    uri = (folder / "a.py").as_uri()
    assert len(await editor.diagnostics(uri, None)) == 2

    editor.open(uri, CODE)
    while (request := await inside.requests.get()).kind != "review":
        pass
    inside.answer(request, report_of("a.py", a_finding("a.py", 2, 1, 3, "a" * 32)))
    assert [one["data"].get("thread") for one in await editor.diagnostics(uri, 1)] == [None, "PRRT_8"]

    editor.change(uri, 2, ((1, 0), (1, 3), "2"))
    inside.answer(await inside.requests.get(), report_of("a.py"))
    await editor.status(uri, "analysed", 2)
    assert [one["data"].get("thread") for one in await editor.diagnostics(uri, 2)] == ["PRRT_8"]


async def test_a_finding_links_to_its_thread(
    connect: Connect, inside: ScriptedDoor, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread(fingerprint="a" * 32))
    editor = await connect(options=DRAWS)
    await told_at(editor, 1, is_exact=True)
    uri = (folder / "a.py").as_uri()
    editor.open(uri, CODE)
    while (request := await inside.requests.get()).kind != "review":
        pass
    inside.answer(request, report_of("a.py", a_finding("a.py", 2, 1, 3, "a" * 32)))
    await editor.status(uri, "analysed")

    (link,) = await editor.ask("textDocument/documentLink", {"textDocument": {"uri": uri}})
    hover = await editor.ask(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 0}}
    )

    assert link["target"] == "https://github.com/c/7"
    assert hover["contents"]["value"].endswith("Its thread: https://github.com/c/7")


def tell_checkout(editor: Editor, folder: Path) -> None:
    checkout = {"root_uri": folder.as_uri(), "remote": "https://github.com/owner/repo", "branch": "feature"}
    editor.tell("hive/checkouts", {"checkouts": [checkout]})


async def command(editor: Editor, name: str, *arguments: Any) -> int:
    return editor.request("workspace/executeCommand", {"command": name, "arguments": arguments})


@pytest.mark.parametrize(
    ("name", "arguments", "verb", "body"),
    [
        ("hive.replyToThread", ["Because."], Verb.REPLY, "Because."),
        ("hive.resolveThread", [], Verb.RESOLVE, ""),
        ("hive.unresolveThread", [], Verb.UNRESOLVE, ""),
    ],
    ids=["reply", "resolve", "unresolve"],
)
async def test_what_a_person_does_in_a_thread_is_a_job_and_its_end_is_told(
    connect: Connect,
    inside: ScriptedDoor,
    branches: ScriptedBranches,
    folder: Path,
    name: str,
    arguments: list[str],
    verb: Verb,
    body: str,
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread())
    editor = await connect(options=DRAWS)
    await told_at(editor, 1, is_exact=True)
    await asked(inside)

    number = await command(editor, name, "PRRT_7", *arguments)
    request = await asked(inside, "pull_request.act")
    resolved = a_pull_request(folder, a_thread(is_resolved=True))
    inside.end(request, EventType.SUCCEEDED, data=encode(Acted(False, "no permission", resolved)))

    assert await editor.answer(number) == {"done": False, "note": "no permission"}
    act = msgspec.json.decode(request.args, type=ThreadAct)
    assert act == ThreadAct(PROJECT, "owner/repo", 7, verb, "ada", "PRRT_7", body)
    await editor.until(lambda m: m.get("method") == "$/hive/pullRequest" and m["params"]["threads"][0]["is_resolved"])


async def test_dismissing_in_the_thread_is_the_dismissal_that_counts_everywhere(
    connect: Connect, findings: ScriptedFindings, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread(fingerprint="a" * 32), a_thread(id="PRRT_8"))
    editor = await connect(options=DRAWS)
    await told(editor, number=7)

    done = await editor.answer(await command(editor, "hive.dismissThread", "PRRT_7", "a demo"))

    assert done == {"done": True, "note": ""}
    ((project, fingerprint, status, by, why),) = findings.decisions
    assert (project, fingerprint, status, by, why) == (PROJECT, "a" * 32, "dismissed", "ada", "a demo")
    with pytest.raises(ErrorAnswer, match="can be resolved, not dismissed"):
        await editor.answer(await command(editor, "hive.dismissThread", "PRRT_8"))


async def test_a_suggestion_is_an_edit_to_be_confirmed_of_the_lines_as_they_stand_now(
    connect: Connect, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread(body=SUGGESTION))
    editor = await connect(options=DRAWS)
    uri = (folder / "a.py").as_uri()
    editor.open(uri, f"zero\n{CODE}", version=3)
    await told_at(editor, 2, is_exact=True)

    number = await command(editor, "hive.applySuggestion", "PRRT_7")
    asked_for = await editor.until(lambda m: m.get("method") == "workspace/applyEdit")

    edit = asked_for["params"]["edit"]
    (change,) = edit["documentChanges"]
    (replaced,) = change["edits"]
    assert change["textDocument"] == {"uri": uri, "version": 3}
    assert replaced["newText"] == "TWO\nand a half\n"
    assert (replaced["range"]["start"], replaced["range"]["end"]) == (
        {"line": 2, "character": 0},
        {"line": 3, "character": 0},
    )
    assert edit["changeAnnotations"][replaced["annotationId"]]["needsConfirmation"]
    editor.change(uri, 4, ((2, 0), (2, 3), "2"))
    await told_at(editor, 2, is_exact=False)
    with pytest.raises(ErrorAnswer, match="does not fit any more"):
        await editor.answer(await command(editor, "hive.applySuggestion", "PRRT_7"))
    assert number


async def test_a_suggestion_is_not_made_while_another_edit_of_its_file_waits_for_the_person(
    connect: Connect, door: LspDoor, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread(body=SUGGESTION))
    editor = await connect(options={**DRAWS, "programs": True, "trusted": True})
    editor.answers_requests = False
    editor.open((folder / "a.py").as_uri(), CODE, version=3)
    await told_at(editor, 1, is_exact=True)
    (driven,) = door.connected()
    change = Change(1, 1, 1, 1, "", "zero\n")
    by_a_program = asyncio.create_task(driven.edit("robot", FileEdit(driven.id, "a.py", (change,), version=3)))
    asked_first = await editor.until(lambda m: m.get("method") == "hive/editFile")

    with pytest.raises(ErrorAnswer, match="another edit of this file"):
        await editor.answer(await command(editor, "hive.applySuggestion", "PRRT_7"))
    editor.send({"id": asked_first["id"], "result": {"applied": False, "reason": "no"}})
    assert (await by_a_program).reason == "no"
    first = await command(editor, "hive.applySuggestion", "PRRT_7")
    asked_for = await editor.until(lambda m: m.get("method") == "workspace/applyEdit")
    with pytest.raises(ErrorAnswer, match="another edit of this file"):
        await editor.answer(await command(editor, "hive.applySuggestion", "PRRT_7"))
    editor.send({"id": asked_for["id"], "result": {"applied": True}})

    assert (await editor.answer(first))["done"]


async def test_a_branch_is_looked_for_again_when_redis_is_back(
    connect: Connect, inside: ScriptedDoor, branches: ScriptedBranches
) -> None:
    """Until its person refreshed by hand, the editor said that GitHub had not been asked."""
    inside.is_away = True
    await connect(options=DRAWS)
    await branches.was_asked.wait()
    inside.is_away = False

    assert msgspec.json.decode((await asked(inside)).args, type=ReadWish).branch == "feature"


async def test_a_key_that_only_reads_acts_in_no_thread(
    connect: Connect, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread())
    editor = await connect(options=DRAWS, token=READER_TOKEN)
    tell_checkout(editor, folder)
    await told(editor, number=7)

    with pytest.raises(ErrorAnswer, match="may only read"):
        await editor.answer(await command(editor, "hive.resolveThread", "PRRT_7"))


async def test_for_an_editor_elsewhere_the_hub_reads_no_disk_and_takes_its_word(
    connect: Connect, inside: ScriptedDoor, branches: ScriptedBranches, folder: Path
) -> None:
    branches.known["feature"] = a_pull_request(folder, a_thread())
    editor = await connect(options=DRAWS, token=REMOTE_TOKEN)
    editor.tell("hive/checkouts", {"checkouts": "all"})

    done = await editor.answer(await command(editor, "hive.refreshPullRequest"))
    assert "no branch" in done["note"]
    assert branches.watched == []

    tell_checkout(editor, folder)
    await told_at(editor, 1, is_exact=False)
    assert (await asked(inside)).requested_by == "eve"
