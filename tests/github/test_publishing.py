"""What is posted of a review, once, whatever breaks on the way: GitHub's stand-in and a real Postgres."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import msgspec
import pytest

from server.db import open_pool
from server.effects.api import GitHubUnavailable
from server.effects.handlers import make_handlers
from server.effects.ledger import Ledger
from server.effects.publishing import Published
from server.effects.settings import EffectsSettings
from server.errors import DatabaseUnavailable
from server.hubs.locks import LockLost, Locks
from server.jobs.job import GiveUp, Snooze, new_job_id
from server.jobs.worker import Work
from server.reviews.finding import Confidence, Edit, Finding, FindingStatus, Fix, Severity, fingerprint
from server.reviews.publish import finding_fingerprints, review_marker
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import Coverage, Report, Snapshot, Thinking
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import APP_LOGIN, GitHubStandIn, Interruption
from tests.github.test_snapshot import ref_of


@dataclass
class Scene:
    """A pull request that adds a file, and an effects process that may die."""

    standin: GitHubStandIn
    project: GitProject
    pool: asyncpg.Pool
    session: aiohttp.ClientSession
    repository: Repository
    ref: PullRequestRef
    findings: list[Finding] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    thinking: Thinking | None = None
    job_id: UUID = field(default_factory=new_job_id)

    def __post_init__(self) -> None:
        self.start_process()

    def start_process(self) -> None:
        """A new process knows nothing that the old one had in memory."""
        settings = EffectsSettings("", self.standin.url, self.standin.app_id, self.standin.private_key_pem)
        self.handlers = make_handlers(settings, self.session, Ledger(self.pool), Locks(self.pool))

    async def snapshot(self) -> Snapshot:
        snapshot: Snapshot = await self.handlers["snapshot.fetch"](self._work({}))
        return snapshot

    async def publish(self, snapshot: Snapshot) -> Published:
        coverage = Coverage(full=tuple(file.path for file in snapshot.files), skipped=snapshot.skipped)
        inputs = {
            "snapshot": snapshot,
            "review": Report(tuple(self.findings), coverage, thinking=self.thinking, seconds=1.5),
        }
        work = self._work({step: msgspec.json.encode(result) for step, result in inputs.items()})
        published: Published = await self.handlers["review.publish"](work)
        return published

    async def publish_until_done(self, snapshot: Snapshot) -> Published:
        """As the orchestrator does: again after an error, and after what a Snooze asks for."""
        for _ in range(10):
            try:
                return await self.publish(snapshot)
            except Snooze as snooze:
                await self.advance(snooze.seconds)
            except (GitHubUnavailable, DatabaseUnavailable) as error:
                self.errors.append(str(error))
            self.start_process()
        raise AssertionError("it never got done")

    async def push(self, files: dict[str, str | bytes | None]) -> None:
        self.project.commit(files)
        self.ref = ref_of(await self.standin.push(self.repository, self.ref.number))
        self.job_id = new_job_id()

    def reviews(self) -> list[dict[str, Any]]:
        return self.standin.reviews(self.repository, self.ref.number)

    def summaries(self) -> list[dict[str, Any]]:
        return self.standin.conversation(self.repository, self.ref.number)

    def resolved(self) -> set[int]:
        return self.standin.resolved(self.repository, self.ref.number)

    def check_runs(self) -> list[dict[str, Any]]:
        return self.standin.check_runs(self.repository, self.ref.head_sha)

    def _work(self, inputs: dict[str, bytes]) -> Work:
        args = msgspec.json.encode(self.ref)
        return Work(self.job_id, "", self.ref.project, 1, args, inputs, lambda done, total, note: None)

    async def advance(self, seconds: float) -> None:
        await self.pool.execute(
            "insert into clock (ahead) values (make_interval(secs => $1)) "
            "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
            seconds,
        )


CODE = "".join(f"value_{n} = {n}\n" for n in range(1, 61))


def a_finding(line: int, *, path: str = "app.py", **changes: Any) -> Finding:
    finding = Finding(
        fingerprint=fingerprint("hive.test", path, f"value_{line}", 0),
        rule="hive.test",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        path=path,
        start_line=line,
        end_line=line,
        start_column=1,
        end_column=5,
        message=f"`value_{line}` is wrong",
        why="It should be none.",
        evidence=f"value_{line}",
        fix=Fix("Say none", (Edit(line, 1, line + 1, 1, f"value_{line} = None\n"),)),
    )
    return msgspec.structs.replace(finding, **changes)


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, postgres_url: str
) -> AsyncIterator[Scene]:
    project.commit({"README": "a demo\n"})
    project.branch("feature")
    project.commit({"app.py": CODE})
    repository = await standin.create_repository(project.directory)
    ref = ref_of(await standin.open_pull_request(repository, head="feature"))
    pool = await open_pool(postgres_url)
    yield Scene(standin, project, pool, session, repository, ref, [a_finding(line) for line in range(1, 61)])
    await pool.close()


async def test_a_review_with_suggestions_and_a_check_run_are_posted(scene: Scene) -> None:
    published = await scene.publish(await scene.snapshot())

    [review] = scene.reviews()
    assert published.review_url == review["html_url"]
    assert review["commit_id"] == scene.ref.head_sha
    assert review["body"].startswith(review_marker(scene.ref.head_sha))
    assert [comment["line"] for comment in review["comments"]] == list(range(1, 61))
    assert "```suggestion\nvalue_7 = None\n```" in review["comments"][6]["body"]
    [run] = scene.check_runs()
    assert (run["status"], run["conclusion"], run["head_sha"]) == ("completed", "neutral", scene.ref.head_sha)
    assert [annotation["start_line"] for annotation in run["annotations"]] == list(range(1, 61))
    [summary] = scene.summaries()
    assert published == Published(review["html_url"], 60, run["html_url"], "", summary["html_url"])


async def test_silence_is_a_valid_review(scene: Scene) -> None:
    scene.findings = []

    published = await scene.publish(await scene.snapshot())

    assert (scene.reviews(), scene.summaries()) == ([], [])
    [run] = scene.check_runs()
    assert (run["conclusion"], run["annotations"]) == ("success", [])
    assert published == Published(check_run_url=run["html_url"])


async def test_publishing_again_posts_nothing(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    first = await scene.publish(snapshot)
    scene.start_process()
    posts = scene.standin.requests["pulls/create-review"]

    assert await scene.publish(snapshot) == first

    assert scene.standin.requests["pulls/create-review"] == posts == 1
    assert len(scene.check_runs()) == 1


async def test_a_lost_ledger_is_made_up_for_by_what_is_on_github(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    await scene.publish(snapshot)
    await scene.pool.execute("truncate effects")

    await scene.publish(snapshot)

    assert_posted_once(scene)


READS = ["pulls/get", "pulls/list-reviews", "pulls/list-review-comments", "issues/list-comments", "checks/list-for-ref"]
WRITES = ["pulls/create-review", "issues/create-comment", "checks/create", "checks/update"]

POINTS = [
    *(pytest.param(operation, False, id=operation) for operation in READS),
    *(pytest.param(operation, False, id=f"before {operation}") for operation in WRITES),
    *(pytest.param(operation, True, id=f"after {operation}") for operation in WRITES),
]


@pytest.mark.parametrize(("operation", "after"), POINTS)
async def test_a_process_that_dies_at_any_point_posts_once(scene: Scene, operation: str, after: bool) -> None:
    snapshot = await scene.snapshot()
    point = scene.standin.interrupt(Interruption(operation, after=after, hold=True, drop=True))
    doomed = asyncio.create_task(scene.publish(snapshot))
    await point.happened()
    doomed.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await doomed
    point.release()
    scene.start_process()

    await scene.publish_until_done(snapshot)

    assert_posted_once(scene)


LIMITED = {"status": 403, "headers": {"Retry-After": "30"}, "message": "secondary rate limit"}
WRONG = [
    pytest.param({"drop": True}, id="the answer is lost"),
    pytest.param({"status": 502}, id="a bad gateway", marks=pytest.mark.slow),
    pytest.param(LIMITED, id="the secondary limit", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("operation", "after"), POINTS)
async def test_whatever_goes_wrong_at_github_it_is_posted_once(
    scene: Scene, operation: str, after: bool, wrong: dict[str, Any]
) -> None:
    snapshot = await scene.snapshot()
    scene.standin.interrupt(Interruption(operation, after=after, times=2, **wrong))

    await scene.publish_until_done(snapshot)

    assert_posted_once(scene)


@pytest.mark.parametrize("operation", ["pulls/create-review", "issues/create-comment", "checks/create"])
async def test_a_postgres_that_goes_away_between_posting_and_recording_posts_once(scene: Scene, operation: str) -> None:
    snapshot = await scene.snapshot()
    point = scene.standin.interrupt(Interruption(operation, after=True, hold=True))
    publishing = asyncio.create_task(scene.publish(snapshot))
    await point.happened()
    await cut_connections(scene)
    point.release()
    with pytest.raises(DatabaseUnavailable):
        await publishing

    await scene.publish_until_done(snapshot)

    assert_posted_once(scene)


async def test_a_process_that_lost_its_lock_does_not_post(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    point = scene.standin.interrupt(Interruption("pulls/list-review-comments", hold=True))
    publishing = asyncio.create_task(scene.publish(snapshot))
    await point.happened()
    await cut_connections(scene)
    await scene.pool.execute("delete from locks")  # as when it was paused for longer than its lease
    await scene.publish_until_done(snapshot)

    point.release()
    with contextlib.suppress(DatabaseUnavailable, LockLost):
        await publishing

    assert_posted_once(scene)


async def cut_connections(scene: Scene) -> None:
    """As a crash of Postgres does to those that are busy: every connection of the pool that holds a lock is ended."""
    await scene.pool.execute(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database ="
        " (select oid from pg_database where datname = current_database())"
    )


async def test_two_processes_at_once_post_once(scene: Scene) -> None:
    snapshot = await scene.snapshot()

    await asyncio.gather(*(scene.publish_until_done(snapshot) for _ in range(3)))

    assert_posted_once(scene)


async def test_an_act_that_may_be_under_way_is_waited_out(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    scene.standin.interrupt(Interruption("pulls/create-review", drop=True, times=2))
    with pytest.raises(GitHubUnavailable):
        await scene.publish(snapshot)

    with pytest.raises(Snooze) as snooze:
        await scene.publish(snapshot)

    assert 0 < snooze.value.seconds <= 15


def assert_posted_once(scene: Scene) -> None:
    """One review with each comment, one summary, one check run with each annotation."""
    [_] = scene.summaries()
    [review] = scene.reviews()
    said = Counter(fp for comment in review["comments"] for fp in finding_fingerprints(comment["body"]))
    assert said == Counter(finding.fingerprint for finding in scene.findings)
    [run] = scene.check_runs()
    assert (run["status"], run["conclusion"]) == ("completed", "neutral")
    assert [annotation["start_line"] for annotation in run["annotations"]] == [f.start_line for f in scene.findings]
    assert not any("ghs_" in error or "Bearer" in error for error in scene.errors)


async def test_a_new_push_is_told_only_what_is_new(scene: Scene) -> None:
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": CODE + "more = 1\n"})
    scene.findings.append(a_finding(61))

    await scene.publish(await scene.snapshot())

    first, second = scene.reviews()
    assert len(first["comments"]) == 60
    assert [comment["line"] for comment in second["comments"]] == [61]
    assert len(scene.check_runs()[0]["annotations"]) == 61


async def test_a_new_push_without_anything_new_is_silent(scene: Scene) -> None:
    await scene.publish(await scene.snapshot())
    await scene.push({"README": "an old demo\n"})

    await scene.publish(await scene.snapshot())

    assert len(scene.reviews()) == 1
    assert len(scene.check_runs()) == 1


async def test_markers_are_looked_for_on_every_page(scene: Scene) -> None:
    scene.standin.page_size_limit = 7
    for _ in range(10):
        scene.standin.add_review(scene.repository, scene.ref.number, login="mona", body="Nice!")
    snapshot = await scene.snapshot()
    await scene.publish(snapshot)
    await scene.pool.execute("truncate effects")

    await scene.publish(snapshot)

    assert_posted_once(scene)


async def test_a_marker_that_somebody_else_wrote_silences_nothing(scene: Scene) -> None:
    fingerprints = " ".join(finding.fingerprint for finding in scene.findings)
    body = f"{review_marker(scene.ref.head_sha)}\n\n<!-- hive:findings {fingerprints} -->"
    scene.standin.add_review(scene.repository, scene.ref.number, login="mallory", body=body)

    await scene.publish(await scene.snapshot())

    assert_posted_once(scene)


async def test_dismissed_findings_are_not_posted(scene: Scene) -> None:
    scene.findings = [a_finding(1, status=FindingStatus.DISMISSED), a_finding(2)]

    await scene.publish(await scene.snapshot())

    [review] = scene.reviews()
    assert [comment["line"] for comment in review["comments"]] == [2]
    assert "1 dismissed" in scene.check_runs()[0]["output"]["summary"]


async def test_a_head_that_moved_on_gets_its_check_run_but_no_review(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    reviewed = scene.ref
    await scene.push({"app.py": "fixed = True\n"})
    scene.ref = reviewed

    published = await scene.publish(snapshot)

    assert scene.reviews() == []
    assert "a newer push" in published.note
    assert "a newer push" in scene.check_runs()[0]["output"]["summary"]


async def test_a_closed_pull_request_gets_no_review(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    scene.standin.close(scene.repository, scene.ref.number)

    published = await scene.publish(snapshot)

    assert scene.reviews() == []
    assert "is closed" in published.note


async def test_without_the_permission_to_check_the_review_is_still_posted(scene: Scene) -> None:
    del scene.standin.permissions["checks"]

    published = await scene.publish(await scene.snapshot())

    assert len(scene.reviews()) == 1
    assert published.note == "no check run was posted: the App may not write checks"


async def test_without_the_permission_to_review_the_job_is_given_up_with_what_to_do(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    scene.standin.permissions["pull_requests"] = "read"

    with pytest.raises(GiveUp, match="the App lacks a permission"):
        await scene.publish(snapshot)


async def test_lines_that_github_refuses_after_all_go_into_the_body(scene: Scene) -> None:
    scene.standin.interrupt(Interruption("pulls/create-review", status=422, message="Unprocessable Entity"))

    await scene.publish(await scene.snapshot())

    [review] = scene.reviews()
    assert review["comments"] == []
    assert finding_fingerprints(review["body"]) == {finding.fingerprint for finding in scene.findings}


async def test_a_finding_outside_the_diff_is_in_the_body(scene: Scene) -> None:
    scene.findings = [a_finding(1, path="elsewhere.py")]

    await scene.publish(await scene.snapshot())

    assert "elsewhere" in scene.reviews()[-1]["body"]


async def test_a_rerun_posts_a_check_run_of_its_own_once_and_no_second_review(scene: Scene) -> None:
    await scene.publish(await scene.snapshot())
    scene.ref = msgspec.structs.replace(scene.ref, rerun=True)
    scene.job_id = new_job_id()
    snapshot = await scene.snapshot()
    scene.standin.interrupt(Interruption("checks/create", after=True, drop=True))

    await scene.publish_until_done(snapshot)
    await scene.publish(snapshot)

    first, second = scene.check_runs()
    assert first["external_id"] != second["external_id"]
    assert (second["status"], len(second["annotations"])) == ("completed", 60)
    assert len(scene.reviews()) == len(scene.summaries()) == 1


async def test_without_an_app_the_job_says_what_is_missing(session: aiohttp.ClientSession) -> None:
    handlers = make_handlers(EffectsSettings("", "https://api.github.com"), session, Ledger(None), Locks(None))

    with pytest.raises(GiveUp, match="GITHUB_APP_ID"):
        await handlers["snapshot.fetch"](Work(new_job_id(), "", "", 1, b"", {}, lambda done, total, note: None))


def test_settings_do_not_show_their_secrets() -> None:
    settings = EffectsSettings("postgres://u:database-password@h/d", "https://api.github.com", 1, "the key")

    assert "password" not in repr(settings)
    assert "the key" not in repr(settings)


async def test_the_app_posts_under_its_own_name(scene: Scene) -> None:
    await scene.publish(await scene.snapshot())

    assert {review["user"]["login"] for review in scene.reviews()} == {APP_LOGIN}


SECRET = "ghp_" + "aB3dE6gH9j" * 3 + "kLmN12"


async def test_no_credential_leaves_in_words_of_ours_and_no_suggestion_commits_one(scene: Scene) -> None:
    """Wherever a rule or a model repeats it: at a line, in the summary, at the check."""
    fix = Fix("Say it", (Edit(1, 1, 2, 1, f"value_1 = '{SECRET}'\n"),))
    said = f"`value_1` is {SECRET}"
    scene.findings = [a_finding(1, message=said, why=said, fix=fix), a_finding(2)]

    await scene.publish(await scene.snapshot())

    [review] = scene.reviews()
    [run] = scene.check_runs()
    bodies = [comment["body"] for comment in review["comments"]]
    posted = repr((review, scene.summaries(), run))
    assert SECRET not in posted
    assert "[redacted: GitHub token]" in posted
    assert [("```suggestion" in body, "left out" in body) for body in bodies] == [(False, True), (True, False)]
    spoken_of = {fp for body in bodies for fp in finding_fingerprints(body)}
    assert spoken_of == {finding.fingerprint for finding in scene.findings}, "markers stay as they are"
