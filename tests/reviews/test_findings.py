"""The life of a finding, against a real Postgres: met, gone, back, dismissed, reopened, wherever it was."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg
import msgspec
import pytest

from server.errors import RedisUnavailable
from server.jobs.job import Event, EventType, FindingsChanged
from server.reviews.finding import Confidence, Finding, FindingStatus, Severity, fingerprint
from server.reviews.findings import Cursor, FindingNotFound, FindingStore, ReportRefused
from server.reviews.snapshot import Coverage, Report, SkippedFile, Thinking

PROJECT = "github.com/octo/app"
EDITOR = "editor"
PULL = "pull_request:octo/app#7"


@dataclass
class Announcements:
    """What the doors were told, in order."""

    events: list[Event] = field(default_factory=list)

    async def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def changes(self) -> list[FindingsChanged]:
        return [msgspec.json.decode(event.data, type=FindingsChanged) for event in self.events]


@dataclass
class Scene:
    """A store with the acts of a finding's life as short words."""

    store: FindingStore
    pool: asyncpg.Pool
    told: Announcements

    async def review(
        self,
        *findings: Finding,
        place: str = EDITOR,
        whole: Sequence[str] | None = ("app.py",),
        read: Sequence[str] = ("app.py",),
        partial: Sequence[str] = (),
        omitted: int = 0,
        project: str = PROJECT,
        thinking: Thinking | None = None,
    ) -> Report:
        coverage = Coverage(tuple(read), partial=tuple(SkippedFile(path, "time ran out") for path in partial))
        report = Report(findings, coverage, omitted, thinking)
        async with self.pool.acquire() as connection, connection.transaction():
            return await self.store.record(connection, project, whole, report, place=place)

    async def status(self, finding: Finding) -> FindingStatus:
        return (await self.store.get(PROJECT, finding.fingerprint)).finding.status

    async def places(self, finding: Finding) -> list[str]:
        return [place.place for place in (await self.store.get(PROJECT, finding.fingerprint)).places]

    async def later(self, seconds: float) -> None:
        await self.pool.execute(
            "with moved as (update clock set ahead = ahead + make_interval(secs => $1) returning true) "
            "insert into clock (ahead) select make_interval(secs => $1) where not exists (select from moved)",
            seconds,
        )


@pytest.fixture
async def scene(pool: asyncpg.Pool) -> Scene:
    told = Announcements()
    return Scene(FindingStore(pool, told), pool, told)


def a_finding(evidence: str = "eval(text)", *, path: str = "app.py", line: int = 3, **changes: object) -> Finding:
    finding = Finding(
        fingerprint=fingerprint("hive.dangerous-call", path, evidence, 0),
        rule="hive.dangerous-call",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        path=path,
        start_line=line,
        end_line=line,
        start_column=1,
        end_column=11,
        message="eval runs any code",
        why="text comes from outside",
        evidence=evidence,
        cwe=95,
    )
    return msgspec.structs.replace(finding, **changes)


BAD = a_finding()

LIFE = {
    "met in one place": ([("editor", True)], FindingStatus.OPEN),
    "gone from its only place": ([("editor", True), ("editor", False)], FindingStatus.FIXED),
    "never there": ([("pull", True), ("editor", False)], FindingStatus.OPEN),
    "gone from the editor, not from the pull request": (
        [("editor", True), ("pull", True), ("editor", False)],
        FindingStatus.OPEN,
    ),
    "gone from both": (
        [("editor", True), ("pull", True), ("editor", False), ("pull", False)],
        FindingStatus.FIXED,
    ),
    "back after it was fixed": ([("editor", True), ("editor", False), ("editor", True)], FindingStatus.OPEN),
    "back in another place": ([("pull", True), ("pull", False), ("editor", True)], FindingStatus.OPEN),
    "dismissed": ([("editor", True), "dismiss"], FindingStatus.DISMISSED),
    "dismissed, then met elsewhere": ([("editor", True), "dismiss", ("pull", True)], FindingStatus.DISMISSED),
    "dismissed, then gone": ([("editor", True), "dismiss", ("editor", False)], FindingStatus.DISMISSED),
    "dismissed, gone and back": (
        [("editor", True), "dismiss", ("editor", False), ("editor", True)],
        FindingStatus.DISMISSED,
    ),
    "dismissed and reopened": ([("editor", True), "dismiss", "reopen"], FindingStatus.OPEN),
    "dismissed, gone, reopened": (
        [("editor", True), "dismiss", ("editor", False), "reopen"],
        FindingStatus.FIXED,
    ),
    "fixed, then dismissed, then reopened": (
        [("editor", True), ("editor", False), "dismiss", "reopen"],
        FindingStatus.FIXED,
    ),
}


@pytest.mark.parametrize(("acts", "expected"), LIFE.values(), ids=LIFE)
async def test_the_life_of_a_finding(scene: Scene, acts: list[object], expected: FindingStatus) -> None:
    for act in acts:
        match act:
            case "dismiss":
                await scene.store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="known")
            case "reopen":
                await scene.store.reopen(PROJECT, BAD.fingerprint, by="ada")
            case (where, present):
                await scene.review(*([BAD] if present else []), place=PULL if where == "pull" else EDITOR)

    assert await scene.status(BAD) == expected


STILL_PRESENT = {
    "only changed lines counted": {"whole": ()},
    "another file was reviewed": {"whole": ("other.py",), "read": ("other.py",)},
    "the file was read in part": {"read": (), "partial": ("app.py",)},
    "the file was not read": {"read": ()},
    "the report is capped": {"omitted": 3},
    "the place as a whole, but the file in part": {"whole": None, "read": (), "partial": ("app.py",)},
}


@pytest.mark.parametrize("circumstances", STILL_PRESENT.values(), ids=STILL_PRESENT)
async def test_absence_proves_nothing_when(scene: Scene, circumstances: dict[str, object]) -> None:
    await scene.review(BAD)

    await scene.review(**circumstances)  # type: ignore[arg-type]

    assert await scene.status(BAD) == FindingStatus.OPEN


async def test_a_pull_request_reviewed_as_a_whole_has_lost_what_it_no_longer_touches(scene: Scene) -> None:
    await scene.review(BAD, place=PULL, whole=None)

    await scene.review(place=PULL, whole=None, read=("other.py",))

    assert await scene.status(BAD) == FindingStatus.FIXED


async def test_a_dismissal_is_shared_by_the_next_report_of_every_place(scene: Scene) -> None:
    await scene.review(BAD)
    await scene.store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="only tests call it")

    from_the_pull_request = await scene.review(BAD, place=PULL)

    assert [finding.status for finding in from_the_pull_request.findings] == [FindingStatus.DISMISSED]


async def test_the_next_report_says_that_a_dismissal_was_taken_back(scene: Scene) -> None:
    await scene.review(BAD)
    await scene.store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="only tests call it")
    await scene.store.reopen(PROJECT, BAD.fingerprint, by="bob", why="it is called")

    (finding,) = (await scene.review(BAD, place=PULL)).findings

    assert (finding.status, finding.is_reopened) == (FindingStatus.OPEN, True)


async def test_an_agent_cannot_dismiss_by_saying_so(scene: Scene) -> None:
    report = await scene.review(msgspec.structs.replace(BAD, status=FindingStatus.DISMISSED))

    assert report.findings[0].status == FindingStatus.OPEN
    assert await scene.status(BAD) == FindingStatus.OPEN


async def test_projects_share_nothing(scene: Scene) -> None:
    await scene.review(BAD)
    await scene.store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="known")

    elsewhere = await scene.review(BAD, project="github.com/octo/other")

    assert elsewhere.findings[0].status == FindingStatus.OPEN
    with pytest.raises(FindingNotFound):
        await scene.store.get("github.com/octo/third", BAD.fingerprint)


async def test_it_is_known_where_and_since_when_it_is_present(scene: Scene) -> None:
    await scene.review(BAD)
    await scene.later(3600)
    await scene.review(msgspec.structs.replace(BAD, start_line=9, end_line=9), place=PULL)

    known = await scene.store.get(PROJECT, BAD.fingerprint)

    assert [(place.place, place.start_line) for place in known.places] == [(EDITOR, 3), (PULL, 9)]
    assert known.finding.start_line == 9
    assert (known.last_seen_at - known.first_seen_at).total_seconds() == pytest.approx(3600, abs=60)


async def test_the_same_review_from_an_editor_writes_nothing_for_ten_minutes(scene: Scene) -> None:
    await scene.review(BAD)
    row_version = "select xmin::text from findings"
    first = await scene.pool.fetchval(row_version)

    await scene.review(msgspec.structs.replace(BAD, start_line=8, end_line=8))
    assert await scene.pool.fetchval(row_version) == first

    await scene.later(601)
    await scene.review(BAD)
    assert await scene.pool.fetchval(row_version) != first


async def test_decisions_are_announced_once_after_the_commit(scene: Scene) -> None:
    await scene.review(BAD)
    await scene.store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="known")
    await scene.store.dismiss(PROJECT, BAD.fingerprint, by="bob", why="me too")
    await scene.store.reopen(PROJECT, BAD.fingerprint, by="bob", why="not any more")
    await scene.store.reopen(PROJECT, BAD.fingerprint, by="ada")

    assert [event.type for event in scene.told.events] == [EventType.FINDINGS_CHANGED] * 2
    assert scene.told.changes == [
        FindingsChanged((BAD.fingerprint,), "dismissed", "ada"),
        FindingsChanged((BAD.fingerprint,), "open", "bob"),
    ]


async def test_a_decision_stands_though_nobody_could_be_told(scene: Scene) -> None:
    async def redis_is_away(event: Event) -> None:
        raise RedisUnavailable("no answer")

    store = FindingStore(scene.pool, redis_is_away)
    await scene.review(BAD)

    known = await store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="known")

    assert known.finding.status == FindingStatus.DISMISSED


async def test_history_tells_who_decided_what_and_why(scene: Scene) -> None:
    await scene.review(BAD)
    await scene.store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="known")
    await scene.store.reopen(PROJECT, BAD.fingerprint, by="bob", why="it is called now")

    history = await scene.store.history(PROJECT, BAD.fingerprint)

    assert [(decision.type, decision.by, decision.why) for decision in history] == [
        ("dismissed", "ada", "known"),
        ("reopened", "bob", "it is called now"),
    ]


@pytest.mark.parametrize(
    "statement",
    ["update finding_events set why = ''", "delete from finding_events", "truncate finding_events"],
)
async def test_history_refuses(scene: Scene, statement: str) -> None:
    await scene.review(BAD)
    await scene.store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="known")

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await scene.pool.execute(statement)


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "short"},
        {"fingerprint": "Z" * 32},
        {"path": ""},
        {"path": "a\0b"},
        {"rule": ""},
        {"start_line": 0},
        {"end_line": 2**40},
        {"start_line": 5, "end_line": 4},
    ],
    ids=str,
)
async def test_a_malformed_report_is_refused_whole(scene: Scene, changes: dict[str, object]) -> None:
    odd = msgspec.structs.replace(a_finding("exec(x)"), **changes)

    with pytest.raises(ReportRefused):
        await scene.review(BAD, odd)

    assert await scene.store.list() == []


async def test_any_text_of_a_program_is_kept_as_it_is(scene: Scene) -> None:
    strange = a_finding("x = '\0'\u2028\U0001f41d", message="NUL \0 inside")

    await scene.review(strange)

    kept = await scene.store.get(PROJECT, strange.fingerprint)
    assert (kept.finding.evidence, kept.finding.message) == (strange.evidence, strange.message)


async def test_a_finding_reported_twice_in_one_report_is_kept_once(scene: Scene) -> None:
    await scene.review(BAD, BAD)

    assert len(await scene.store.list()) == 1


async def test_lists_are_filtered_and_paged(scene: Scene) -> None:
    findings = [a_finding(f"eval({n})", path=f"{n % 2}.py") for n in range(7)]
    await scene.review(*findings)
    await scene.review(a_finding("eval(7)", severity=Severity.LOW), place=PULL)
    await scene.store.dismiss(PROJECT, findings[0].fingerprint, by="ada", why="known")

    pages, after = [], None
    while page := await scene.store.list(project=PROJECT, status=FindingStatus.OPEN, after=after, limit=3):
        pages.append([known.finding.fingerprint for known in page])
        after = Cursor(page[-1].first_seen_at, page[-1].project, page[-1].finding.fingerprint)

    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({one for page in pages for one in page}) == 7
    assert len(await scene.store.list(path="1.py")) == 3
    assert len(await scene.store.list(place=PULL)) == 1
    assert len(await scene.store.list(severity=Severity.LOW)) == 1
    assert await scene.store.list(rule="hive.other") == []
    assert await scene.store.list(project="github.com/octo/other") == []


async def test_counts_are_by_status_and_severity(scene: Scene) -> None:
    await scene.review(BAD, a_finding("eval(1)"), a_finding("eval(2)", severity=Severity.LOW))
    await scene.store.dismiss(PROJECT, BAD.fingerprint, by="ada", why="known")

    assert await scene.store.counts() == {
        (FindingStatus.DISMISSED, Severity.HIGH): 1,
        (FindingStatus.OPEN, Severity.HIGH): 1,
        (FindingStatus.OPEN, Severity.LOW): 1,
    }


async def test_what_typing_left_behind_is_forgotten_but_no_decision(scene: Scene) -> None:
    typed, decided = a_finding("eval(1)"), a_finding("eval(2)")
    await scene.review(BAD, typed, decided)
    await scene.store.dismiss(PROJECT, decided.fingerprint, by="ada", why="known")
    await scene.store.reopen(PROJECT, decided.fingerprint, by="ada")
    await scene.review(BAD)
    assert await scene.store.forget_fixed(older_than_seconds=3600) == 0

    await scene.later(3601)

    assert await scene.store.forget_fixed(older_than_seconds=3600) == 1
    assert {known.finding.fingerprint for known in await scene.store.list()} == {
        BAD.fingerprint,
        decided.fingerprint,
    }


async def test_many_reviews_at_once_neither_fail_nor_leave_a_wrong_status(scene: Scene) -> None:
    """Two places meet and lose the same findings in opposite order, over and over."""
    findings = [a_finding(f"eval({n})") for n in range(20)]

    async def come_and_go(place: str, order: Sequence[Finding]) -> None:
        for _ in range(10):
            await scene.review(*order, place=place)
            await scene.review(place=place)

    async with asyncio.timeout(30), asyncio.TaskGroup() as both:
        both.create_task(come_and_go(PULL, findings))
        both.create_task(come_and_go("api", findings[::-1]))

    assert {known.finding.status for known in await scene.store.list()} == {FindingStatus.FIXED}


@pytest.mark.parametrize("place", [EDITOR, PULL])
async def test_what_a_model_found_is_gone_only_when_a_model_has_looked_again(scene: Scene, place: str) -> None:
    theft = a_finding("orders.get(id)", rule="model.cwe-639")
    whole = None if place == PULL else ("app.py",)
    await scene.review(theft, place=place, whole=whole, thinking=Thinking())

    await scene.review(place=place, whole=whole)
    await scene.review(place=place, whole=whole, thinking=Thinking(note="without a model: overloaded"))
    assert await scene.status(theft) is FindingStatus.OPEN

    await scene.review(place=place, whole=whole, thinking=Thinking())
    assert await scene.status(theft) is FindingStatus.FIXED
