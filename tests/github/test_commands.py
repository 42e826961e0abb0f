"""What a person commands in a comment is done once, and answered there: GitHub's stand-in and a real Postgres."""

import asyncio
import contextlib
import json
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
from server.effects.commands import Answered
from server.effects.handlers import make_handlers
from server.effects.ledger import Ledger
from server.effects.replying import Replied
from server.effects.settings import EffectsSettings
from server.hubs.locks import Locks
from server.jobs.job import Event, GiveUp, JobRequest, Snooze, new_job_id
from server.jobs.worker import Work
from server.messaging import EVENTS, Role
from server.reviews.asks import Bill, Told
from server.reviews.commanded import FINDINGS_CHANGED, Commanded, hear_findings_changed
from server.reviews.commands import parse
from server.reviews.finding import Finding, FindingStatus
from server.reviews.findings import FindingStore, KnownFinding
from server.reviews.pull_request import CommentRef, PullRequestRef
from server.reviews.snapshot import Coverage, Report, Snapshot
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import APP_LOGIN, GitHubStandIn, Interruption
from tests.github.test_publishing import a_finding
from webhooks.events import decide

PROJECT = "github.com/octo/demo"


@dataclass
class Scene:
    """A pull request with a finding, and an effects process that may die."""

    standin: GitHubStandIn
    pool: asyncpg.Pool
    session: aiohttp.ClientSession
    repository: Repository
    findings: FindingStore
    finding: Finding
    thinks: bool = False
    told: list[Event] = field(default_factory=list)
    job_id: UUID = field(default_factory=new_job_id)

    async def command(self, body: str, *, login: str = "ada") -> Answered:
        return await self.carry_out(
            self.wanted("issue_comment", self.standin.command(self.repository, 1, body, login=login))
        )

    async def command_in_thread(self, thread_id: int, body: str) -> Answered:
        payload = self.standin.reply(self.repository, 1, thread_id, body)
        return await self.carry_out(self.wanted("pull_request_review_comment", payload))

    def wanted(self, event: str, payload: dict[str, Any]) -> JobRequest:
        request = decide(event, payload)
        assert isinstance(request, JobRequest), request
        self.job_id = new_job_id()
        return request

    async def carry_out(self, request: JobRequest) -> Answered:
        answered: Answered = await self._handle(request.kind, request)
        return answered

    async def snapshot(self, request: JobRequest) -> Snapshot:
        """The first step of a review."""
        snapshot: Snapshot = await self._handle("snapshot.fetch", request)
        return snapshot

    async def say(self, request: JobRequest, text: str) -> Replied:
        """The last step of an answer, after the model's."""
        head = msgspec.json.encode({"head_sha": await self.repository.commit("feature")})
        inputs = {"snapshot": head, "answer": msgspec.json.encode(Told(text, (), Bill("claude", 10_000)))}
        replied: Replied = await self._handle("comment.reply", request, inputs)
        return replied

    async def _handle(self, kind: str, request: JobRequest, inputs: dict[str, bytes] | None = None) -> Any:
        """In a new process, which knows nothing that an old one had in memory."""
        key = self.standin.private_key_pem
        settings = EffectsSettings("", self.standin.url, self.standin.app_id, key, thinks=self.thinks)
        handlers = make_handlers(settings, self.session, Ledger(self.pool), Locks(self.pool), pool=self.pool)
        args = bytes(request.args)
        work = Work(
            self.job_id, kind, request.project, 1, args, inputs or {}, lambda done, total, note: None, self._hear
        )
        return await handlers[kind](work)

    async def carry_out_until_done(self, request: JobRequest) -> Answered:
        """As the orchestrator does: again after an error, and after what a Snooze asks for."""
        for _ in range(10):
            try:
                return await self.carry_out(request)
            except Snooze as snooze:
                await self.pool.execute(
                    "insert into clock (ahead) values (make_interval(secs => $1)) "
                    "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
                    snooze.seconds,
                )
            except GitHubUnavailable:
                pass
        raise AssertionError("it never got done")

    def thread(self) -> int:
        """One that we began, about the finding."""
        marker = f"<!-- hive:findings {self.finding.fingerprint} -->"
        comment = self.standin.comment(self.repository, 1, f"Wrong.\n\n{marker}", path="app.py", line=1)["comment"]
        begun = next(c for c in self.standin.comments(self.repository, 1) if c["id"] == comment["id"])
        begun["user"] = begun["user"] | {"login": "hive-under-test[bot]"}
        return int(comment["id"])

    def answers(self) -> list[str]:
        return [said["body"] for said in self.standin.conversation(self.repository, 1)]

    def reactions(self) -> list[str]:
        """To the newest comment that got one."""
        return self.standin.reactions[max(self.standin.reactions)]

    async def known(self) -> KnownFinding:
        return await self.findings.get(PROJECT, self.finding.fingerprint)

    def _hear(self, kind: str, body: bytes) -> None:
        assert kind == FINDINGS_CHANGED
        self.told.append(msgspec.json.decode(body, type=Event))


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, postgres_url: str
) -> AsyncIterator[Scene]:
    project.commit({"README": "a demo\n"})
    project.branch("feature")
    project.commit({"app.py": "value = 1\n"})
    repository = await standin.create_repository(project.directory)
    await standin.open_pull_request(repository, head="feature")
    pool = await open_pool(postgres_url)
    findings = FindingStore(pool, _nobody_hears)
    finding = a_finding(1)
    await met(pool, findings, finding, a_finding(2))
    yield Scene(standin, pool, session, repository, findings, finding)
    await pool.close()


async def met(pool: asyncpg.Pool, findings: FindingStore, *found: Finding, number: int = 1) -> None:
    async with pool.acquire() as connection, connection.transaction():
        report = Report(found, Coverage(full=("app.py",)))
        await findings.record(connection, PROJECT, None, report, place=f"pull_request:octo/demo#{number}")


async def _nobody_hears(event: Event) -> None:
    """No door is open."""


async def test_help_is_answered_with_what_works_here(scene: Scene) -> None:
    answered = await scene.command("/hive help")

    [body] = scene.answers()
    assert "| `/hive review [full]` |" in body
    assert answered.url.startswith("https://github.com/octo/demo/pull/1#issuecomment-")
    assert scene.reactions() == ["eyes", "+1"]


async def test_what_is_not_understood_is_told_with_the_table(scene: Scene) -> None:
    await scene.command("/hive frobnicate @everyone")

    [body] = scene.answers()
    assert "`frobnicate` is no command." in body
    assert "everyone" not in body
    assert "/hive help" in body
    assert scene.reactions() == ["eyes", "confused"]


@pytest.mark.parametrize("level", ["read", "none"])
async def test_who_may_not_write_gets_no_word(scene: Scene, level: str) -> None:
    scene.standin.collaborators["mallory"] = level

    answered = await scene.command(f"/hive dismiss {scene.finding.fingerprint} because", login="mallory")

    assert answered.note == "mallory may not write to octo/demo"
    assert scene.answers() == []
    assert scene.reactions() == ["eyes", "confused"]
    assert (await scene.known()).finding.status is FindingStatus.OPEN


async def test_whom_github_does_not_know_there_may_nothing(scene: Scene) -> None:
    await scene.command("/hive help", login="stranger")

    assert scene.answers() == []


async def test_a_permission_that_cannot_be_looked_up_permits_nothing(scene: Scene) -> None:
    scene.standin.interrupt(Interruption("repos/get-collaborator-permission-level", status=403))

    with pytest.raises(GiveUp):
        await scene.command(f"/hive dismiss {scene.finding.fingerprint} because")

    assert scene.answers() == []
    assert (await scene.known()).finding.status is FindingStatus.OPEN


async def test_a_dismissal_is_the_same_everywhere_and_says_who_and_why(scene: Scene) -> None:
    await scene.command(f"/hive dismiss {scene.finding.fingerprint[:12]} It is a test.")

    known = await scene.known()
    assert known.finding.status is FindingStatus.DISMISSED
    assert known.dismissal is not None
    assert (known.dismissal.by, known.dismissal.why) == ("github:ada", "It is a test.")
    [event] = scene.told
    [(route, message)] = await hear_findings_changed(Role.EFFECTS, [msgspec.json.encode(event)])
    assert (route, json.loads(message.body)[0]["project"]) == (EVENTS, PROJECT)
    assert await hear_findings_changed(Role.AGENT, [msgspec.json.encode(event)]) == ()
    assert "is dismissed: It is a test." in scene.answers()[0]


async def test_a_dismissal_is_taken_back_and_both_are_remembered(scene: Scene) -> None:
    await scene.command(f"/hive dismiss {scene.finding.fingerprint} It is a test.")
    await scene.command(f"/hive reopen {scene.finding.fingerprint}")

    assert (await scene.known()).finding.status is FindingStatus.OPEN
    history = await scene.findings.history(PROJECT, scene.finding.fingerprint)
    assert [(line.type, line.by) for line in history] == [("dismissed", "github:ada"), ("reopened", "github:ada")]


async def test_in_its_thread_a_finding_needs_no_name(scene: Scene) -> None:
    thread = scene.thread()

    await scene.command_in_thread(thread, "/hive dismiss It is a test.")

    assert (await scene.known()).finding.status is FindingStatus.DISMISSED
    answer = scene.standin.comments(scene.repository, 1)[-1]
    assert answer["in_reply_to_id"] == thread
    assert "is dismissed: It is a test." in answer["body"]


async def test_a_marker_that_somebody_else_wrote_names_no_finding(scene: Scene) -> None:
    marker = f"<!-- hive:findings {scene.finding.fingerprint} -->"
    thread = scene.standin.comment(scene.repository, 1, marker, path="app.py", line=1)["comment"]["id"]

    await scene.command_in_thread(thread, "/hive dismiss It is a test.")

    assert (await scene.known()).finding.status is FindingStatus.OPEN
    assert "name its fingerprint" in scene.standin.comments(scene.repository, 1)[-1]["body"]


async def test_only_findings_of_this_pull_request_can_be_meant(scene: Scene) -> None:
    elsewhere = a_finding(40)
    await met(scene.pool, scene.findings, elsewhere, number=2)

    await scene.command(f"/hive dismiss {elsewhere.fingerprint} because")

    assert "No finding of this pull request" in scene.answers()[0]
    assert (await scene.findings.get(PROJECT, elsewhere.fingerprint)).finding.status is FindingStatus.OPEN


async def test_a_review_is_asked_for_at_the_head_of_now(scene: Scene) -> None:
    answered = await scene.command("/hive review full")

    [request] = answered.requests
    ref = msgspec.json.decode(request.args, type=PullRequestRef)
    head = await scene.repository.commit("feature")
    assert (request.kind, ref.head_sha, ref.name) == ("review.pull_request", head, "octo/demo#1")
    assert request.requested_by == "github:ada"
    assert head[:12] in scene.answers()[0]


async def test_a_closed_pull_request_is_not_reviewed(scene: Scene) -> None:
    scene.standin.close(scene.repository, 1)

    answered = await scene.command("/hive review")

    assert answered.requests == ()
    assert "is closed" in scene.answers()[0]


async def test_the_hub_begins_what_was_asked_for_and_nothing_else(scene: Scene) -> None:
    answered = await scene.command("/hive review")
    begun: list[JobRequest] = []

    async def submit(request: JobRequest) -> None:
        begun.append(request)

    result = msgspec.json.encode(answered)
    assert await Commanded(submit)(None, {"project": PROJECT}, result) == result  # type: ignore[arg-type]
    assert [request.id for request in begun] == [answered.requests[0].id]
    with pytest.raises(ValueError, match="begins no"):
        await Commanded(submit)(None, {"project": "github.com/octo/other"}, result)  # type: ignore[arg-type]


async def test_a_paused_pull_request_is_reviewed_only_when_somebody_asks(scene: Scene) -> None:
    opened = scene.wanted("pull_request", scene.standin.payload(scene.repository, 1, "opened"))
    await scene.command("/hive pause")
    await scene.command("/hive pause")

    assert "github:ada paused" in (await scene.snapshot(opened)).declined
    [asked] = (await scene.command("/hive review")).requests
    assert (await scene.snapshot(asked)).declined == ""

    await scene.command("/hive resume")
    assert (await scene.snapshot(opened)).declined == ""


@pytest.mark.parametrize("body", ["/hive ask Why?", "/hive describe", "/hive Is it tested?"])
async def test_what_needs_a_model_says_so_where_there_is_none(scene: Scene, body: str) -> None:
    answered = await scene.command(body)

    assert "none is configured here" in scene.answers()[0]
    assert answered.requests == ()
    assert scene.reactions() == ["eyes", "confused"]


async def test_a_question_is_answered_in_the_conversation_once(scene: Scene) -> None:
    scene.thinks = True

    answered = await scene.command("/hive ask Who checks it?")

    assert scene.answers() == []
    [request] = answered.requests
    asked = msgspec.json.decode(request.args, type=CommentRef)
    assert (request.kind, asked.question) == ("comment.answer", "Who checks it?")
    assert await scene.say(request, "Nobody does.") == await scene.say(request, "Somebody does.")
    [body] = scene.answers()
    assert "Nobody does." in body


async def test_a_question_within_a_thread_is_answered_there(scene: Scene) -> None:
    scene.thinks = True
    thread = scene.thread()

    [request] = (await scene.command_in_thread(thread, "/hive explain")).requests
    await scene.say(request, "It is none.")

    asked = msgspec.json.decode(request.args, type=CommentRef)
    assert "A reviewer found hive.test at app.py:1." in asked.question
    answer = scene.standin.comments(scene.repository, 1)[-1]
    assert (answer["in_reply_to_id"], "It is none." in answer["body"]) == (thread, True)


WRITES = ["reactions/create-for-issue-comment", "issues/create-comment"]
READS = ["repos/get-collaborator-permission-level", "pulls/get", "issues/list-comments"]
POINTS = [
    *(pytest.param(operation, False, id=f"before {operation}") for operation in [*READS, *WRITES]),
    *(pytest.param(operation, True, id=f"after {operation}") for operation in WRITES),
]


@pytest.mark.parametrize(("operation", "after"), POINTS)
async def test_a_process_that_dies_at_any_point_answers_once(scene: Scene, operation: str, after: bool) -> None:
    request = scene.wanted("issue_comment", scene.standin.command(scene.repository, 1, "/hive review"))
    point = scene.standin.interrupt(Interruption(operation, after=after, hold=True, drop=True))
    doomed = asyncio.create_task(scene.carry_out(request))
    await point.happened()
    doomed.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await doomed
    point.release()

    answered = await scene.carry_out_until_done(request)
    again = await scene.carry_out(request)

    assert len(scene.answers()) == 1
    assert [wanted.id for wanted in again.requests] == [wanted.id for wanted in answered.requests]
    assert len(answered.requests) == 1
    assert scene.reactions() == ["eyes", "+1"]


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [{"drop": True}, {"status": 502}], ids=["the answer is lost", "a bad gateway"])
@pytest.mark.parametrize(("operation", "after"), POINTS)
async def test_whatever_goes_wrong_at_github_it_is_answered_once(
    scene: Scene, operation: str, after: bool, wrong: dict[str, Any]
) -> None:
    request = scene.wanted("issue_comment", scene.standin.command(scene.repository, 1, "/hive review"))
    scene.standin.interrupt(Interruption(operation, after=after, times=2, **wrong))

    answered = await scene.carry_out_until_done(request)

    assert len(scene.answers()) == 1
    assert len(answered.requests) == 1


async def test_not_being_allowed_to_react_is_no_harm(scene: Scene) -> None:
    scene.standin.interrupt(Interruption("reactions/create-for-issue-comment", status=403, times=2))

    await scene.command("/hive help")

    assert len(scene.answers()) == 1


CONFIGURATIONS = {
    "none": (None, "has no `.hive.toml`"),
    "one that holds": ("[review]\nmax_findings = 7\n", "max_findings = 7\n```"),
    "one that does not": ("[review]\nmost = 7\n", "does not hold"),
    "one with a fence": ("# ```\n[review]\nmax_findings = 7\n", "````toml"),
}


@pytest.mark.parametrize(("content", "told"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
async def test_the_configuration_is_that_of_the_base(
    scene: Scene, project: GitProject, content: str | None, told: str
) -> None:
    project.git("checkout", "--quiet", "main")
    if content is not None:
        project.commit({".hive.toml": content})
    project.git("checkout", "--quiet", "feature")
    project.commit({".hive.toml": "[review]\nmax_findings = 1\n"})
    await scene.standin.push(scene.repository, 1)

    await scene.command("/hive config")

    assert told in scene.answers()[0]
    assert "max_findings = 1\n" not in scene.answers()[0]


async def test_what_we_say_commands_nothing(scene: Scene) -> None:
    for body in ("/hive help", "/hive what", "/hive review", "/hive config", "/hive dismiss 0123456 /hive help"):
        await scene.command(body)

    assert [parse(answer) for answer in scene.answers()] == [None] * 5


async def configured(scene: Scene, project: GitProject, toml: str) -> None:
    """The base says *toml*."""
    project.git("checkout", "--quiet", "main")
    project.commit({".hive.toml": toml})
    project.git("checkout", "--quiet", "feature")
    await scene.standin.push(scene.repository, 1)


BOTS = {
    "named": ('bots = ["renovate[bot]"]', "renovate[bot]", True),
    "another": ('bots = ["renovate[bot]"]', "other[bot]", False),
    "none is named": ("", "renovate[bot]", False),
    "we ourselves": (f'bots = ["{APP_LOGIN}"]', APP_LOGIN, False),
}


@pytest.mark.parametrize(("toml", "login", "heard"), BOTS.values(), ids=BOTS)
async def test_bots_command_only_where_the_project_names_them(
    scene: Scene, project: GitProject, toml: str, login: str, heard: bool
) -> None:
    await configured(scene, project, f"[commands]\n{toml}\n")

    answered = await scene.command("/hive pause", login=login)

    assert bool(answered.url) is heard
    assert bool(scene.standin.reactions) is heard, "who is not heard is not answered either"
    assert scene.standin.requests["repos/get-collaborator-permission-level"] == 0


async def test_a_command_that_the_project_does_not_allow_is_declined(scene: Scene, project: GitProject) -> None:
    await configured(scene, project, '[commands]\nallow = ["review"]\n')

    answered = await scene.command("/hive pause")

    assert "`pause` is not among the commands" in scene.answers()[-1]
    assert answered.requests == ()
    assert scene.reactions()[-1] == "confused"
