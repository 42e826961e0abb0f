"""A branch's open pull request, read for editors, and what people do in its threads: the stand-in, a real Postgres."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import msgspec
import pytest

from server.effects.api import GitHubUnavailable
from server.effects.handlers import make_handlers
from server.effects.ledger import Ledger
from server.effects.publishing import review_key
from server.effects.settings import EffectsSettings
from server.hubs.locks import Locks
from server.jobs.job import GiveUp, JobRequest, Snooze, new_job_id
from server.jobs.worker import Work
from server.reviews.finding import FindingStatus
from server.reviews.findings import FindingStore
from server.reviews.open_pull_request import (
    ACT,
    READ,
    Acted,
    OpenPullRequest,
    Read,
    ReadWish,
    ReviewThread,
    ThreadAct,
    Verb,
    act_request,
    read_request,
)
from server.reviews.settling import settle_requests
from server.reviews.snapshot import Coverage, Report
from server.reviews.watched_branches import ReadAgain, WatchedBranches, keep_pull_request
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn, Interruption
from tests.github.test_publishing import a_finding
from tests.github.world import APP_LOGIN

PROJECT = "github.com/octo/demo"


@dataclass
class Scene:
    standin: GitHubStandIn
    pool: asyncpg.Pool
    session: aiohttp.ClientSession
    repository: Repository
    ours: int = 0
    """The comment with which we began a thread about `finding`."""
    theirs: int = 0
    finding: str = a_finding(1).fingerprint
    handed_in: list[JobRequest] = field(default_factory=list)

    async def read(self, **which: Any) -> OpenPullRequest | None:
        wish = ReadWish(PROJECT, "octo/demo", **which)
        read: Read = await self.work(read_request(wish, by="ada"))
        return read.pull_request

    async def thread(self, comment_id: int) -> ReviewThread:
        told = await self.read(number=1)
        assert told is not None
        thread = told.thread(f"PRRT_{comment_id}")
        assert thread is not None
        return thread

    async def act(self, verb: Verb, comment_id: int, *, job_id: UUID | None = None, body: str = "") -> Acted:
        act = ThreadAct(PROJECT, "octo/demo", 1, verb, "ada", f"PRRT_{comment_id}", body)
        acted: Acted = await self.work(act_request(act), job_id=job_id)
        return acted

    async def work(self, request: JobRequest, *, job_id: UUID | None = None) -> Any:
        """In a new process, which knows nothing that an old one had in memory."""
        settings = EffectsSettings("", self.standin.url, self.standin.app_id, self.standin.private_key_pem)
        handlers = make_handlers(settings, self.session, Ledger(self.pool), Locks(self.pool), pool=self.pool)
        job_id = job_id or request.id
        work = Work(job_id, request.kind, request.project, 1, bytes(request.args), {}, lambda *_: None, lambda *_: None)
        return await handlers[request.kind](work)

    async def keep(self, result: Any) -> OpenPullRequest | None:
        """As the orchestrator does when the job has succeeded."""
        async with self.pool.acquire() as connection:
            job: Any = {"project": PROJECT}
            kept = await keep_pull_request(connection, job, msgspec.json.encode(result))
        return msgspec.json.decode(kept, type=Read).pull_request


@pytest.fixture
async def scene(
    standin: GitHubStandIn, session: aiohttp.ClientSession, project: GitProject, pool: asyncpg.Pool
) -> Scene:
    project.commit({"README.md": "A demo.\n"})
    project.branch("feature")
    project.commit({"app.py": "one = 1\ntwo = 2\n"})
    repository = await standin.create_repository(project.directory, "octo/demo")
    await standin.open_pull_request(repository, head="feature")
    standin.permissions["contents"] = "write"
    scene = Scene(standin, pool, session, repository)
    marker = f"<!-- hive:findings {scene.finding} -->"
    scene.ours = standin.comment(repository, 1, f"Wrong.\n\n{marker}", path="app.py", line=1)["comment"]["id"]
    begun = standin.comments(repository, 1)[0]
    begun["user"] = standin.user(APP_LOGIN)
    scene.theirs = standin.comment(repository, 1, f"Why?\n\n{marker}", path="app.py", line=2)["comment"]["id"]
    await WatchedBranches(pool).watch(PROJECT, "feature")
    return scene


async def test_an_editor_is_told_the_threads_of_its_branch_and_which_finding_of_ours_each_is_about(
    scene: Scene,
) -> None:
    scene.standin.reply(scene.repository, 1, scene.ours, "Is it?")
    scene.standin.resolve_thread(scene.repository, 1, scene.theirs, login="ada")

    told = await scene.read(branch="feature")

    assert told is not None
    assert (told.number, told.branch, told.head_sha) == (1, "feature", await scene.repository.commit("feature"))
    ours, theirs = told.threads
    assert (ours.path, ours.start_line, ours.line, ours.is_resolved) == ("app.py", 1, 1, False)
    assert [(said.author, said.is_ours) for said in ours.comments] == [("hive-under-test", True), ("ada", False)]
    assert ours.fingerprint == scene.finding
    assert (theirs.fingerprint, theirs.is_resolved) == ("", True), "anybody can write a marker"


async def test_of_a_branch_without_pull_request_and_of_a_closed_one_that_is_said(scene: Scene) -> None:
    other = await scene.read(branch="main")
    scene.standin.pull_requests["octo/demo", 1].state = "closed"
    closed = await scene.read(number=1)

    assert other is not None
    assert closed is not None
    assert (other.branch, other.number, other.note) == ("main", None, "no pull request of this branch is open")
    assert (closed.branch, closed.number) == ("feature", None)


async def test_a_forks_branch_is_known_with_its_owner(scene: Scene) -> None:
    scene.standin.pull_requests["octo/demo", 1].fork_owner = "Ada"

    by_number, by_branch = await scene.read(number=1), await scene.read(branch="ada:feature")
    own = await scene.read(branch="feature")

    assert by_number is not None
    assert (by_number.branch, by_number.number) == ("ada:feature", 1)
    assert by_branch == by_number
    assert own is not None
    assert own.number is None


async def test_a_repository_of_another_forge_is_not_taken_for_one_of_the_same_name_on_github(scene: Scene) -> None:
    await WatchedBranches(scene.pool).watch("gitlab.com/octo/demo", "feature")

    read: Read = await scene.work(read_request(ReadWish("gitlab.com/octo/demo", "octo/demo", branch="feature"), by="a"))

    assert read.pull_request is not None
    assert (read.pull_request.number, read.pull_request.threads) == (None, ())


async def test_nothing_is_asked_of_github_about_a_project_that_nobody_has_open(scene: Scene) -> None:
    await scene.pool.execute("delete from watched_branches")

    assert await scene.read(number=1) is None
    assert not scene.standin.requests


async def test_what_was_read_waits_for_the_next_editor_with_the_head_that_was_reviewed_last(scene: Scene) -> None:
    read: Read = await scene.work(read_request(ReadWish(PROJECT, "octo/demo", 1, reviewed_sha="a" * 40), by="hub"))
    await scene.keep(read)
    kept = await scene.keep(Read(await scene.read(number=1)))

    known = await WatchedBranches(scene.pool).watch(PROJECT, "feature")

    assert known == kept
    assert known is not None
    assert known.reviewed_sha == "a" * 40


async def test_a_head_that_was_reviewed_before_any_editor_came_is_known_as_reviewed(scene: Scene) -> None:
    head = await scene.repository.commit("feature")
    for done, number, sha in ((True, 1, "d" * 40), (True, 2, head), (False, 1, head)):
        key = review_key(PROJECT, number, sha)
        await scene.pool.execute("insert into effects (key, job) values ($1, gen_random_uuid())", key)
        if done:
            await scene.pool.execute("update effects set done_at = hive_now(), result = '{}' where key = $1", key)

    before = await scene.read(number=1)
    await scene.pool.execute("update effects set done_at = hive_now(), result = '{}' where done_at is null")
    after = await scene.read(number=1)

    assert (before and before.reviewed_sha, after and after.reviewed_sha) == ("", head)


async def test_a_review_that_is_posted_is_read_at_once_where_somebody_watches(scene: Scene) -> None:
    async def submit(request: JobRequest) -> None:
        scene.handed_in.append(request)

    ref = {"project": PROJECT, "repository": "octo/demo", "number": 1, "base_sha": "b" * 40, "head_sha": "c" * 40}
    job: Any = {"project": PROJECT, "args": msgspec.json.encode(ref)}
    async with scene.pool.acquire() as connection:
        await ReadAgain(submit)(connection, job, b'{"review_url": "https://github.com/r"}')
        await scene.pool.execute("delete from watched_branches")
        await ReadAgain(submit)(connection, job, b"{}")

    (request,) = scene.handed_in
    wish = msgspec.json.decode(request.args, type=ReadWish)
    assert (request.kind, wish.number, wish.reviewed_sha, request.debounce_seconds) == (READ, 1, "c" * 40, 0.0)


async def test_a_reply_is_posted_once_though_its_process_died_after_it_and_says_who_speaks(scene: Scene) -> None:
    job_id = new_job_id()
    scene.standin.interrupt(Interruption("pulls/create-reply-for-review-comment", after=True))

    for _ in range(5):
        try:
            acted = await scene.act(Verb.REPLY, scene.ours, job_id=job_id, body="Mended.\n<!-- hive:findings ab -->")
            break
        except GitHubUnavailable:
            pass
        except Snooze as snooze:
            await scene.pool.execute(
                "insert into clock (ahead) values (make_interval(secs => $1)) "
                "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
                snooze.seconds,
            )

    said = [comment["body"] for comment in scene.standin.comments(scene.repository, 1)][2:]
    assert acted.done
    assert acted.pull_request is not None
    assert len(said) == 1
    assert "**ada**, in an editor:\n\nMended." in said[0]
    assert "<!-- hive:findings" not in said[0]


async def test_threads_are_resolved_and_opened_again_and_saying_it_twice_asks_nothing(scene: Scene) -> None:
    await scene.act(Verb.RESOLVE, scene.theirs)
    acted = await scene.act(Verb.RESOLVE, scene.theirs)
    assert acted.done
    assert (await scene.thread(scene.theirs)).is_resolved
    assert scene.standin.requests["graphql/resolveReviewThread"] == 1

    await scene.act(Verb.UNRESOLVE, scene.theirs)
    assert not (await scene.thread(scene.theirs)).is_resolved


async def test_what_github_refuses_is_told_and_not_claimed(scene: Scene) -> None:
    scene.standin.permissions["contents"] = "read"

    acted = await scene.act(Verb.RESOLVE, scene.ours)

    assert (acted.done, "contents: write" in acted.note) == (False, True)
    assert not (await scene.thread(scene.ours)).is_resolved


@pytest.mark.parametrize("number", [1, 2], ids=["thread", "pull request"])
async def test_what_is_gone_is_said_to_be_gone(scene: Scene, number: int) -> None:
    act = ThreadAct(PROJECT, "octo/demo", number, Verb.RESOLVE, "ada", "PRRT_1")
    if number == 2:
        with pytest.raises(GiveUp):
            await scene.work(act_request(act))
    else:
        acted: Acted = await scene.work(act_request(act))
        assert (acted.done, acted.note) == (False, "the thread is gone")


async def test_a_finding_that_is_dismissed_anywhere_resolves_its_thread_and_one_reopened_opens_it(scene: Scene) -> None:
    async def settle(known: Any, by: str) -> None:
        scene.handed_in += settle_requests(known, by=by)

    async def announce(event: Any) -> None: ...

    findings = FindingStore(scene.pool, announce, settle)
    async with scene.pool.acquire() as connection:
        report = Report((a_finding(1),), Coverage(full=("app.py",)))
        await findings.record(connection, PROJECT, None, report, place="pull_request:octo/demo#1")

    known = await findings.dismiss(PROJECT, scene.finding, by="ada", why="a demo")
    await scene.work(scene.handed_in[-1])
    assert known.finding.status is FindingStatus.DISMISSED
    assert (await scene.thread(scene.ours)).is_resolved
    assert not (await scene.thread(scene.theirs)).is_resolved

    await findings.reopen(PROJECT, scene.finding, by="ada")
    await scene.work(scene.handed_in[-1])
    assert not (await scene.thread(scene.ours)).is_resolved
    assert [request.kind for request in scene.handed_in] == [ACT, ACT]
