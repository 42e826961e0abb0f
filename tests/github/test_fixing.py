"""A person has findings fixed: a commit on the head branch, once, or what people may apply. A real git repository."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from server.db import open_pool
from server.effects.api import GitHubUnavailable
from server.effects.commands import Answered
from server.effects.fixing import Fixed
from server.effects.handlers import make_handlers
from server.effects.ledger import Ledger
from server.effects.settings import EffectsSettings
from server.hubs.locks import Locks
from server.jobs.job import JobRequest, Snooze, new_job_id
from server.jobs.worker import Work
from server.reviews.asks import Bill, FileFix, FixOffer
from server.reviews.finding import Edit, Finding, FindingStatus, Fix
from server.reviews.findings import FindingStore
from server.reviews.fixing import EXACT, THOUGHT
from server.reviews.snapshot import Coverage, Report, Snapshot
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import APP_LOGIN, GitHubStandIn, Interruption
from tests.github.test_commands import PROJECT, met
from tests.github.test_publishing import CODE, a_finding
from webhooks.events import Declined, decide


@dataclass
class Scene:
    """A pull request with findings, and an effects process that may die. What the rules find again is *findings*."""

    standin: GitHubStandIn
    project: GitProject
    pool: asyncpg.Pool
    session: aiohttp.ClientSession
    repository: Repository
    findings: list[Finding]
    thinks: bool = False
    job_id: UUID = field(default_factory=new_job_id)

    async def command(self, body: str) -> Answered:
        return await self.carry_out(decide("issue_comment", self.standin.command(self.repository, 1, body)))

    async def carry_out(self, request: JobRequest | Declined) -> Answered:
        assert isinstance(request, JobRequest), request
        self.job_id = new_job_id()
        answered: Answered = await self._handle("comment.command", request, {})
        return answered

    async def read(self, request: JobRequest, offer: FixOffer | None = None) -> dict[str, bytes]:
        """What the steps before the last bring."""
        ref = {name: value for name, value in msgspec.json.decode(request.args).items() if name in REF}
        snapshot: Snapshot = await self._handle("snapshot.fetch", replace(request, args=msgspec.json.encode(ref)), {})
        report = Report(tuple(self.findings), Coverage(full=("app.py",)))
        steps = {"snapshot": snapshot, "review": report} | ({"fix": offer} if offer else {})
        return {step: msgspec.json.encode(result) for step, result in steps.items()}

    async def publish(self, request: JobRequest, inputs: dict[str, bytes]) -> Fixed:
        fixed: Fixed = await self._handle("fix.publish", request, inputs)
        return fixed

    async def publish_until_done(self, request: JobRequest, inputs: dict[str, bytes]) -> Fixed:
        """As the orchestrator does: again after an error, and after what a Snooze asks for."""
        for _ in range(10):
            try:
                return await self.publish(request, inputs)
            except Snooze as snooze:
                await self.pool.execute(
                    "insert into clock (ahead) values (make_interval(secs => $1)) "
                    "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
                    snooze.seconds,
                )
            except GitHubUnavailable:
                pass
        raise AssertionError("it never got done")

    async def fixed(self, body: str, offer: FixOffer | None = None) -> Fixed:
        """From the command to its end."""
        [request] = (await self.command(body)).requests
        return await self.publish(request, await self.read(request, offer))

    async def _handle(self, kind: str, request: JobRequest, inputs: dict[str, bytes]) -> Any:
        key = self.standin.private_key_pem
        settings = EffectsSettings("", self.standin.url, self.standin.app_id, key, thinks=self.thinks)
        handlers = make_handlers(settings, self.session, Ledger(self.pool), Locks(self.pool), pool=self.pool)
        args = bytes(request.args)
        return await handlers[kind](
            Work(self.job_id, kind, request.project, 1, args, inputs, lambda done, total, note: None)
        )

    def answers(self) -> list[str]:
        return [said["body"] for said in self.standin.conversation(self.repository, 1)]

    def text(self, path: str = "app.py") -> str:
        return self.project.git("show", f"feature:{path}")

    def commits(self) -> list[str]:
        """Of the App, their messages."""
        log = self.project.git("log", "--format=%an%x00%B%x01", "feature")
        entries = (entry.strip().split("\0") for entry in log.split("\x01") if entry.strip())
        return [message for author, message in entries if author == APP_LOGIN]


REF = ("project", "repository", "number", "base_sha", "head_sha", "installation_id")


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, postgres_url: str
) -> AsyncIterator[Scene]:
    project.commit({"README": "a demo\n"})
    project.branch("feature")
    project.commit({"app.py": CODE})
    repository = await standin.create_repository(project.directory)
    await standin.open_pull_request(repository, head="feature")
    standin.permissions["contents"] = "write"
    pool = await open_pool(postgres_url)
    findings = [a_finding(1), a_finding(2), a_finding(3, fix=None), a_finding(4, status=FindingStatus.DISMISSED)]
    store = FindingStore(pool, _nobody_hears)
    await met(pool, store, *findings)
    await store.dismiss(PROJECT, findings[3].fingerprint, by="ada", why="ours")
    yield Scene(standin, project, pool, session, repository, findings)
    await pool.close()


async def _nobody_hears(event: object) -> None:
    """No door is open."""


async def test_all_exact_fixes_become_one_commit_on_the_head_branch(scene: Scene) -> None:
    (scene.project.directory / "app.py").chmod(0o755)
    scene.project.git("commit", "--quiet", "--all", "-m", "Run it")
    await scene.standin.push(scene.repository, 1)

    fixed = await scene.fixed("/hive fix all")

    assert scene.text().splitlines()[:4] == ["value_1 = None", "value_2 = None", "value_3 = 3", "value_4 = 4"]
    assert scene.project.git("rev-parse", "feature") == fixed.commit
    assert scene.project.git("ls-tree", "feature", "app.py").startswith("100755")
    [message] = scene.commits()
    assert message.startswith(
        "Fix 2 problems that Agent Hive found\n\nhive.test\n\nRequested-by: ada\nHive-Fix: comment"
    )
    [answer] = scene.answers()
    assert f"[{fixed.commit[:12]}]" in answer
    assert "no model is configured" in answer
    assert fixed.url.endswith(str(scene.standin.conversation(scene.repository, 1)[0]["id"]))


async def test_one_finding_is_fixed_by_its_name_and_no_other(scene: Scene) -> None:
    await scene.fixed(f"/hive fix {scene.findings[1].fingerprint[:10]}")

    assert scene.text().splitlines()[:2] == ["value_1 = 1", "value_2 = None"]


async def test_the_button_of_the_check_run_fixes_all(scene: Scene) -> None:
    head = scene.project.git("rev-parse", "feature")
    run = {"id": 7, "head_sha": head, "external_id": f"octo/demo#1@{head}"}
    payload = scene.standin.press(scene.repository, run, "fix")

    [request] = (await scene.carry_out(decide("check_run", payload))).requests
    fixed = await scene.publish(request, await scene.read(request))

    assert scene.project.git("rev-parse", "feature") == fixed.commit != head
    assert scene.standin.reactions == {}
    assert len(scene.answers()) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"requested_action": {"identifier": "other"}}, "is no button of ours"),
        ({"sender": {"login": "robot[bot]", "type": "Bot"}}, "bots command nothing"),
    ],
)
async def test_another_button_and_a_bot_begin_nothing(scene: Scene, changes: dict[str, Any], why: str) -> None:
    run = {"id": 7, "head_sha": "a" * 40, "external_id": f"octo/demo#1@{'a' * 40}"}

    decided = decide("check_run", scene.standin.press(scene.repository, run, "fix") | changes)

    assert isinstance(decided, Declined)
    assert why in decided.reason


NOT_BEGUN = {
    "a dismissed one": ("/hive fix {3}", "is dismissed: `reopen` it first"),
    "one without a fix": ("/hive fix {2}", "none is configured"),
    "an unknown one": ("/hive fix 0123456789", "No finding of this pull request"),
}


@pytest.mark.parametrize(("body", "told"), NOT_BEGUN.values(), ids=NOT_BEGUN)
async def test_what_cannot_be_fixed_is_told_at_once(scene: Scene, body: str, told: str) -> None:
    answered = await scene.command(body.format(*(finding.fingerprint for finding in scene.findings)))

    assert answered.requests == ()
    assert told in scene.answers()[0]


async def test_what_a_model_offers_comes_on_top_of_the_exact_fixes(scene: Scene) -> None:
    scene.thinks = True
    [request] = (await scene.command("/hive fix all")).requests
    change = Fix("Say none", (Edit(3, 1, 4, 1, "value_3 = None\n"),))
    mended = (scene.findings[2].fingerprint,)
    offer = FixOffer((FileFix("app.py", change, ""),), "It was wrong.", mended, (), (), "passed", Bill("claude", 1))

    await scene.publish(request, await scene.read(request, offer))

    assert request.kind == THOUGHT
    assert scene.text().splitlines()[:3] == ["value_1 = None", "value_2 = None", "value_3 = None"]
    assert "fixes 3 problems." in scene.answers()[0]
    assert "Tests of the project: passed." in scene.answers()[0]


async def test_a_model_that_is_away_keeps_no_exact_fix_from_being_made(scene: Scene) -> None:
    scene.thinks = True
    [only_exact] = (await scene.command(f"/hive fix {scene.findings[0].fingerprint}")).requests
    left = (scene.findings[2].fingerprint,)
    away = FixOffer((), "the model gave no fix: it is overloaded", (), (), left, "", Bill())

    await scene.fixed("/hive fix all", away)

    assert only_exact.kind == EXACT
    assert scene.text().startswith("value_1 = None\nvalue_2 = None\nvalue_3 = 3\n")
    assert "it is overloaded" in scene.answers()[0]


async def test_fixes_that_overlap_or_break_the_file_are_left_and_the_same_edit_is_made_once(scene: Scene) -> None:
    same = scene.findings[0].fix
    overlapping = Fix("Both", (Edit(1, 3, 2, 3, "x"),))
    breaking = Fix("Break", (Edit(9, 1, 10, 1, "value_9 = ((\n"),))
    scene.findings = [a_finding(1), a_finding(5, fix=same), a_finding(6, fix=overlapping), a_finding(7, fix=breaking)]
    await met(scene.pool, FindingStore(scene.pool, _nobody_hears), *scene.findings)

    await scene.fixed("/hive fix all")

    assert scene.text() == CODE.replace("value_1 = 1\n", "value_1 = None\n").strip()
    [answer] = scene.answers()
    assert "fixes 2 problems." in answer
    assert "overlaps another one" in answer
    assert "would not parse any more" in answer


REFUSED = {
    "no permission": ({"contents": "read"}, {}, "it needs contents: write there"),
    "a fork that is closed to maintainers": ({}, {"fork": "mona/demo"}, "does not let maintainers push"),
}


@pytest.mark.parametrize(("permissions", "head", "why"), REFUSED.values(), ids=REFUSED)
async def test_where_nothing_may_be_pushed_it_is_suggested(
    scene: Scene, permissions: dict[str, str], head: dict[str, Any], why: str
) -> None:
    scene.standin.permissions |= permissions
    for name, value in head.items():
        setattr(scene.standin.pull_requests["octo/demo", 1], name, value)
    [request] = (await scene.command("/hive fix all")).requests
    inputs = await scene.read(request)

    fixed = await scene.publish(request, inputs)
    assert await scene.publish(request, inputs) == fixed

    assert scene.commits() == []
    [review] = scene.standin.reviews(scene.repository, 1)
    assert [c["body"].count("```suggestion\n") for c in review["comments"]] == [1, 1]
    assert why in review["body"]
    assert "-value_1 = 1\n-value_2 = 2\n+value_1 = None\n+value_2 = None\n" in review["body"]
    assert fixed.url == review["html_url"]


async def test_a_fork_that_lets_maintainers_edit_gets_the_commit(scene: Scene) -> None:
    await scene.standin.create_repository(scene.project.directory, "mona/demo")
    pull_request = scene.standin.pull_requests["octo/demo", 1]
    pull_request.fork, pull_request.maintainers_may_edit = "mona/demo", True

    fixed = await scene.fixed("/hive fix all")

    assert scene.project.git("rev-parse", "feature") == fixed.commit


@pytest.mark.parametrize("point", ["pulls/get", "git/create-tree", "git/update-ref"])
async def test_a_newer_push_is_left_alone_and_told(scene: Scene, point: str) -> None:
    [request] = (await scene.command("/hive fix all")).requests
    inputs = await scene.read(request)
    held = scene.standin.interrupt(Interruption(point, hold=True))
    publishing = asyncio.create_task(scene.publish(request, inputs))
    await held.happened()
    newest = scene.project.commit({"app.py": "fixed = True\n"})
    await scene.standin.push(scene.repository, 1)
    held.release()

    fixed = await publishing

    assert (fixed.commit, scene.project.git("rev-parse", "feature")) == ("", newest)
    assert "a newer push" in scene.answers()[0]
    if point != "pulls/get":
        scene.standin.violations.clear()  # nobody can know, and GitHub says so: no fast forward


async def test_a_permission_that_was_lost_meanwhile_ends_it(scene: Scene) -> None:
    [request] = (await scene.command("/hive fix all")).requests
    inputs = await scene.read(request)
    scene.standin.collaborators["ada"] = "read"

    fixed = await scene.publish(request, inputs)

    assert fixed == Fixed(note="ada may not write to octo/demo any more")
    assert scene.commits() == scene.answers() == []


POINTS = [
    (operation, after)
    for operation in ("git/create-tree", "git/create-commit", "git/update-ref", "issues/create-comment")
    for after in (False, True)
]


DIES = [
    pytest.param(True, id="the process dies"),
    pytest.param(False, id="the answer is lost", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("dies", DIES)
@pytest.mark.parametrize(("operation", "after"), POINTS)
async def test_whatever_breaks_on_the_way_there_is_one_commit_and_one_answer(
    scene: Scene, operation: str, after: bool, dies: bool
) -> None:
    [request] = (await scene.command("/hive fix all")).requests
    inputs = await scene.read(request)
    point = scene.standin.interrupt(Interruption(operation, after=after, hold=dies, drop=True))
    if dies:
        doomed = asyncio.create_task(scene.publish(request, inputs))
        await point.happened()
        doomed.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await doomed
        point.release()

    fixed = await scene.publish_until_done(request, inputs)

    assert len(scene.commits()) == len(scene.answers()) == 1
    assert scene.project.git("rev-parse", "feature") == fixed.commit


async def test_a_trailer_that_somebody_else_wrote_counts_for_nothing(scene: Scene) -> None:
    [request] = (await scene.command("/hive fix all")).requests
    inputs = await scene.read(request)
    asked_by = msgspec.json.decode(request.args)["asked_by"]
    scene.project.commit({"other.py": ""}, f"Mine\n\nHive-Fix: {asked_by}")
    await scene.standin.push(scene.repository, 1)

    fixed = await scene.publish(request, inputs)

    assert fixed.commit == ""
    assert "a newer push" in fixed.note


async def test_our_own_push_is_reviewed_and_commands_nothing(scene: Scene) -> None:
    await scene.fixed("/hive fix all")

    pushed = scene.standin.payload(scene.repository, 1, "synchronize")
    pushed["sender"] |= {"login": APP_LOGIN, "type": "Bot"}
    request = decide("pull_request", pushed)

    assert isinstance(request, JobRequest)
    assert request.kind == "review.pull_request"
