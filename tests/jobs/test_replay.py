"""A job's row as its events make it, and whole databases held against their events."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.db import connect, known_migrations, migrate, open_pool
from server.jobs.job import EventType, JobRequest, JobState, Priority, new_job_id
from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.projections import SMALL_BYTES, Comparison, Difference, ImpossibleEvent, NotReplayable, replay
from server.jobs.record import Accepted, Cause, Delayed, Died
from server.jobs.replay import JOBS, MOVES, WORKFLOWS, JobEvent, JobRow, apply
from server.jobs.room import Room
from server.jobs.store import JobStore
from server.jobs.wire import Beat, Held, Outcome, Outcomes, OutcomeType, WorkOrder
from server.messaging import role_of
from tests.chance import a_chance

JOB, AGENT, WORKFLOW = new_job_id(), new_job_id(), new_job_id()
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

Told = tuple[EventType, Mapping[str, Any]]
"""A type of event, and the fields in which it is special."""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def accepted(**fields: Any) -> Told:
    job = msgspec.structs.replace(Accepted(JOB, "review", "o/r", "review", msgspec.Raw(b'{"a":1}')), **fields)
    return EventType.ACCEPTED, {"data": job}


def started(attempt: int = 1) -> Told:
    return EventType.STARTED, {"attempt": attempt, "agent_id": AGENT}


def told(type_: EventType, message: str = "", error_class: str | None = None, data: object = None) -> Told:
    return type_, {"message": message, "error_class": error_class, "data": data}


def row_after(*story: Told) -> JobRow:
    """One event a second, the first at second 0."""
    row = None
    for second, (type_, fields) in enumerate(story):
        row = apply(row, event(second, type_, **fields))
    assert row is not None
    return row


def event(second: int, type_: EventType, *, data: object = None, **fields: Any) -> JobEvent:
    known = {"attempt": 1, "message": "", "actor": "anna", "agent_id": None, "error_class": None, **fields}
    encoded = None if data is None else msgspec.json.encode(data)
    return JobEvent(job_id=JOB, seq=second + 1, type=type_, at=at(second), data=encoded, **known)


FAILED = told(EventType.RETRY, "broken", "OSError", Delayed(2.5))
CRASHED = told(EventType.CRASHED, "the agent vanished", "AgentVanished")
DEAD = told(EventType.DEAD, "broken", "OSError", Died(Cause.FAILED))


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ([accepted()], {"state": "queued", "attempt": 0, "created_at": at(0), "run_at": at(0), "started_at": None}),
        ([accepted(delay_seconds=1.5)], {"run_at": at(1.5), "created_at": at(0)}),
        ([accepted(run_at=at(60), delay_seconds=1.5)], {"run_at": at(60)}),
        ([accepted(delay_seconds=5, ttl_seconds=10)], {"expires_at": at(15), "deadline_at": None}),
        ([accepted(run_at=at(60), ttl_seconds=10)], {"expires_at": at(70)}),
        ([accepted(delay_seconds=5, deadline_seconds=10)], {"expires_at": None, "deadline_at": at(10)}),
        ([accepted(queue="", state=JobState.RUNNING)], {"state": "running", "started_at": at(0), "agent_id": None}),
        (
            [accepted(state=JobState.WAITING, workflow_id=WORKFLOW, step="review", needs=("fetch",), slot="review")],
            {"state": "waiting", "workflow_id": WORKFLOW, "step": "review", "needs": ("fetch",), "slot": "review"},
        ),
        (
            [accepted(state=JobState.WAITING), told(EventType.RELEASED)],
            {"state": "queued", "run_at": at(1), "created_at": at(0)},
        ),
        ([accepted(), told(EventType.PAUSED)], {"state": "waiting", "run_at": at(0)}),
        (
            [accepted(), started()],
            {"state": "running", "attempt": 1, "agent_id": AGENT, "started_at": at(1), "run_at": at(0)},
        ),
        (
            [accepted(), started(), told(EventType.SUCCEEDED)],
            {"state": "succeeded", "agent_id": None, "finished_at": at(2), "error": None, "started_at": at(1)},
        ),
        (
            [accepted(), started(), FAILED],
            {"state": "queued", "failures": 1, "run_at": at(4.5), "error": "broken", "error_class": "OSError"},
        ),
        (
            [accepted(), started(), FAILED, started(2), told(EventType.SUCCEEDED)],
            {"state": "succeeded", "attempt": 2, "failures": 1, "error": None, "error_class": None},
        ),
        (
            [accepted(), started(), told(EventType.SNOOZED, "later", data=Delayed(60.0))],
            {"state": "queued", "failures": 0, "run_at": at(62), "error": "later", "agent_id": None},
        ),
        (
            [accepted(), started(), CRASHED],
            {"state": "queued", "crashes": 1, "failures": 0, "slot": "suspects:review", "run_at": at(2)},
        ),
        (
            [accepted(), started(), told(EventType.LOST, "it did not arrive", "Lost")],
            {"state": "queued", "crashes": 0, "slot": None, "run_at": at(2), "error_class": "Lost", "agent_id": None},
        ),
        (
            [accepted(), started(), DEAD],
            {"state": "dead", "failures": 1, "finished_at": at(2), "run_at": at(0), "agent_id": None},
        ),
        (
            [accepted(), started(), told(EventType.DEAD, "poison", "AgentVanished", Died(Cause.CRASHED))],
            {"state": "dead", "crashes": 1, "failures": 0, "run_at": at(2), "slot": "suspects:review"},
        ),
        (
            [accepted(), started(), told(EventType.DEAD, "never again", "GiveUp", Died(Cause.GAVE_UP))],
            {"state": "dead", "crashes": 0, "failures": 0, "error": "never again", "error_class": "GiveUp"},
        ),
        (
            [accepted(), told(EventType.DEAD, "late", "DeadlineExceeded", Died(Cause.DEADLINE))],
            {"state": "dead", "failures": 0, "started_at": None, "finished_at": at(1)},
        ),
        (
            [accepted(ttl_seconds=9, deadline_seconds=9), started(), FAILED, started(2), DEAD, told(EventType.RETRIED)],
            {
                "state": "queued",
                "failures": 0,
                "crashes": 0,
                "attempt": 2,
                "run_at": at(5),
                "finished_at": None,
                "error": None,
                "error_class": None,
                "expires_at": None,
                "deadline_at": None,
                "started_at": at(3),
            },
        ),
        (
            [
                accepted(queue="", state=JobState.RUNNING),
                told(EventType.DEAD, "review: broken", "OSError", Died(Cause.STEP)),
                told(EventType.RETRIED),
            ],
            {"state": "running", "started_at": at(0), "run_at": at(0), "finished_at": None, "error": None},
        ),
        (
            [
                accepted(state=JobState.WAITING),
                told(EventType.CANCELLED, "an earlier step is dead"),
                told(EventType.RETRIED),
            ],
            {"state": "queued", "finished_at": None, "error": None, "run_at": at(2)},
        ),
        (
            [accepted(), started(), DEAD, told(EventType.DISCARDED)],
            {"state": "cancelled", "finished_at": at(2), "error": "broken (discarded by anna)", "failures": 1},
        ),
        (
            [accepted(), started(), FAILED, told(EventType.CANCELLED, "cancelled by anna")],
            {"state": "cancelled", "error": "cancelled by anna", "error_class": "OSError", "finished_at": at(3)},
        ),
        (
            [accepted(), started(), told(EventType.SUPERSEDED, "superseded by a newer request")],
            {"state": "cancelled", "error": "superseded by a newer request", "agent_id": None},
        ),
        (
            [accepted(ttl_seconds=0.5), told(EventType.EXPIRED, "not started in time")],
            {"state": "cancelled", "error": "not started in time", "finished_at": at(1)},
        ),
    ],
    ids=lambda value: "-".join(type_ for type_, _ in value) if isinstance(value, list) else "",
)
def test_a_row_is_what_its_events_say(story: Sequence[Told], expected: Mapping[str, Any]) -> None:
    row = row_after(*story)

    assert {name: getattr(row, name) for name in expected} == expected


def test_an_imported_row_stands_whatever_was_recorded_before() -> None:
    row = row_after(accepted(), started(), FAILED)
    imported = msgspec.structs.replace(row, state=JobState.SUCCEEDED, finished_at=at(9), agent_id=None)

    assert row_after(accepted(), (EventType.IMPORTED, {"data": imported})) == imported


@pytest.mark.parametrize(
    "story",
    [
        [started()],
        [accepted(), accepted()],
        [accepted(), told(EventType.SUCCEEDED)],
        [accepted(), started(), started(2)],
        [accepted(), started(), told(EventType.SUCCEEDED), FAILED],
        [accepted(), told(EventType.RETRIED)],
        [accepted(), told(EventType.PROGRESS)],
    ],
    ids=lambda story: "-".join(type_ for type_, _ in story),
)
def test_what_cannot_have_happened_is_refused(story: Sequence[Told]) -> None:
    with pytest.raises(ImpossibleEvent):
        row_after(*story)


def test_every_recorded_type_has_a_move() -> None:
    only_told = {EventType.PROGRESS, EventType.FINDINGS_CHANGED}

    assert set(MOVES) | {EventType.ACCEPTED, EventType.IMPORTED} == set(EventType) - only_told


DATA = {
    EventType.RETRY: Delayed(0.25),
    EventType.SNOOZED: Delayed(60.0),
    EventType.DEAD: Died(Cause.CRASHED),
}


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=30), st.sampled_from(["review", ""]))
def test_whatever_happens_a_row_keeps_what_the_table_demands(types: Sequence[str], queue: str) -> None:
    """The checks of the table, on every row that any events can make."""
    row = row_after(accepted(queue=queue, state=JobState.QUEUED if queue else JobState.RUNNING))
    for second, type_ in enumerate(types, start=1):
        if row.state not in MOVES[type_].of or (type_ == EventType.STARTED and not queue):
            continue
        agent = AGENT if type_ == EventType.STARTED else None
        data = DATA.get(EventType(type_))
        row = apply(row, event(second, EventType(type_), agent_id=agent, attempt=row.attempt + 1, data=data))

        assert (row.finished_at is not None) == row.state.is_final
        assert (row.agent_id is not None) == (row.state is JobState.RUNNING and queue != "")


# --- a whole database -------------------------------------------------------------------------------------------------


class Scene:
    """A database in which jobs happen: each event is recorded, and each row written as the events make it."""

    def __init__(self, connection: asyncpg.Connection, url: str) -> None:
        self.connection = connection
        self.url = url

    async def happens(self, *story: Told, job_id: UUID | None = None) -> UUID:
        """A job with its events; returns its id."""
        job_id = job_id or new_job_id()
        row: JobRow | None = None
        for second, (type_, fields) in enumerate(story):
            data = fields.get("data")
            if isinstance(data, Accepted):
                data = msgspec.structs.replace(data, id=job_id)
            one = event(second, type_, **{**fields, "data": data})
            row = apply(row, one)
            await self.record(job_id, one)
        assert row is not None
        places = ", ".join(f"${place}" for place, _ in enumerate(JOBS.columns, start=1))
        await self.connection.execute(
            f"insert into jobs ({', '.join(JOBS.columns)}) values ({places})", *msgspec.structs.astuple(row)
        )
        return job_id

    async def record(self, job_id: UUID, one: JobEvent) -> None:
        await self.connection.execute(
            "insert into job_events (job_id, type, attempt, message, at, actor, agent_id, error_class, data)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            job_id, one.type, one.attempt, one.message, one.at, one.actor, one.agent_id, one.error_class, one.data,
        )  # fmt: skip

    async def replay(self, **options: Any) -> Comparison:
        (compared,) = await replay(self.connection, [JOBS], **options)
        return compared

    async def schemas(self) -> list[str]:
        rows = await self.connection.fetch("select nspname from pg_namespace where nspname !~ '^(pg_|information_)'")
        return [row["nspname"] for row in rows]


@pytest.fixture
async def scene(postgres_url: str) -> AsyncIterator[Scene]:
    async with connect(postgres_url) as connection:
        yield Scene(connection, postgres_url)


async def test_a_database_is_equal_to_its_events(scene: Scene) -> None:
    await scene.happens(accepted(), started(), told(EventType.SUCCEEDED, data={"found": 3}))
    await scene.happens(accepted(key="k", needs=("a", "b")), started(), FAILED, started(2), CRASHED)

    compared = await scene.replay()

    assert (compared.is_equal, compared.rows, compared.events) == (True, 2, 8)
    assert await scene.schemas() == ["public"]


async def test_a_change_without_an_event_is_found(scene: Scene) -> None:
    job_id = await scene.happens(accepted(), started(), FAILED)
    await scene.happens(accepted())
    await scene.connection.execute("update jobs set failures = 7, error = null where id = $1", job_id)

    compared = await scene.replay()

    assert not compared.is_equal
    assert (compared.different, compared.only_in_table, compared.only_in_events) == (1, 0, 0)
    assert compared.differences == [
        Difference(str(job_id), "failures", "7", "1"),
        Difference(str(job_id), "error", "null", "broken"),
    ]


async def test_a_place_in_line_is_no_part_of_the_record(scene: Scene) -> None:
    await scene.happens(accepted())
    await scene.connection.execute("update jobs set turn = 12.5")

    assert (await scene.replay()).is_equal


async def test_a_row_without_events_and_events_without_a_row_are_found(scene: Scene) -> None:
    forgotten, unrecorded = await scene.happens(accepted()), new_job_id()
    await scene.connection.execute("update jobs set id = $1", unrecorded)

    compared = await scene.replay()

    assert (compared.different, compared.only_in_table, compared.only_in_events) == (0, 1, 1)
    assert set(compared.differences) == {
        Difference(str(forgotten), "", "no row", "a row"),
        Difference(str(unrecorded), "", "a row", "no row"),
    }


async def test_an_event_that_cannot_have_happened_is_told_and_passed_over(scene: Scene) -> None:
    job_id = await scene.happens(accepted(), started())
    await scene.record(job_id, event(3, EventType.RELEASED))
    await scene.record(job_id, event(4, EventType.RETRY))

    compared = await scene.replay()

    assert (compared.is_equal, compared.different, compared.impossible) == (False, 0, 2)
    assert compared.first_impossible[0] == f"{job_id}: event 3 says released of a job that was running"
    assert str(job_id) in compared.first_impossible[1]  # its data is missing


async def test_what_a_later_release_recorded_is_told(scene: Scene) -> None:
    job_id = await scene.happens(accepted(queue="", state=JobState.RUNNING))
    await scene.connection.execute("insert into job_events (job_id, type) values ($1, 'invented')", job_id)
    await scene.connection.execute(
        "insert into workflows (id, name, version, project, state, definition, steps, created_at, changed_at)"
        " values ($1, 'w', 1, 'o/r', 'running', '{}', '{}', now(), now())",
        job_id,
    )
    await scene.connection.execute("insert into workflow_events (workflow_id, type) values ($1, 'invented')", job_id)

    compared = await replay(scene.connection, [JOBS, WORKFLOWS])

    assert [each.impossible for each in compared] == [1, 1]
    assert all("invented" in each.first_impossible[0] for each in compared)


async def test_what_an_earlier_release_recorded_is_passed_over(scene: Scene) -> None:
    row = row_after(accepted(), started())
    done = msgspec.structs.replace(
        row, id=(job_id := new_job_id()), state=JobState.SUCCEEDED, finished_at=at(3), agent_id=None
    )

    await scene.record(job_id, event(0, EventType.SUCCEEDED))
    await scene.happens((EventType.IMPORTED, {"data": done}), job_id=job_id)

    assert (await scene.replay()).is_equal


async def test_large_requests_are_replayed_too(scene: Scene) -> None:
    large = msgspec.Raw(msgspec.json.encode("x" * 3 * SMALL_BYTES))
    for _ in range(3):
        await scene.happens(accepted(args=large), started())

    assert (await scene.replay()).is_equal


async def test_what_was_rebuilt_can_be_kept(scene: Scene) -> None:
    job_id = await scene.happens(accepted(), started())

    await scene.replay(keep_as="as it was")

    assert await scene.connection.fetchval('select id from "as it was".jobs') == job_id
    with pytest.raises(NotReplayable, match="already"):
        await scene.replay(keep_as="as it was")


async def test_a_column_that_the_fold_does_not_know_is_refused(scene: Scene) -> None:
    await scene.connection.execute("alter table jobs add column colour text")

    with pytest.raises(NotReplayable, match="colour"):
        await scene.replay()
    assert await scene.schemas() == ["public"]


# --- the real store ---------------------------------------------------------------------------------------------------

KINDS = Kinds(
    [
        Kind("review", "review", max_attempts=2),
        Kind("limited", "review", max_running=2, max_running_per_project=1),
        Kind("fetch", "effects", max_attempts=2),
        Kind("publish", "effects"),
    ],
    [
        WorkflowKind(
            "review.pull_request",
            (
                Step("snapshot", "fetch"),
                Step("review", "review", needs=("snapshot",)),
                Step("publish", "publish", needs=("snapshot", "review")),
            ),
        )
    ],
)
QUEUES = ("review", "effects")
OUTCOMES = (*[OutcomeType.SUCCEEDED] * 4, *[OutcomeType.FAILED] * 4, OutcomeType.SNOOZED, OutcomeType.GAVE_UP)


class Life:
    """Whatever may happen to jobs, by chance, on a real store."""

    def __init__(
        self, pool: asyncpg.Pool, chance: random.Random, outcomes: Sequence[OutcomeType] = OUTCOMES, alone: bool = True
    ) -> None:
        self.pool = pool
        self.outcomes = outcomes
        self.alone = alone
        self.store = JobStore(pool, KINDS)
        self.chance = chance
        self.agents = {queue: new_job_id() for queue in QUEUES}
        self.jobs: list[UUID] = []
        self.handed_out: list[tuple[UUID, WorkOrder]] = []

    async def go_on(self, steps: int) -> None:
        acts = (
            *[self.accept] * 5,
            *[self.hand_out] * 5,
            *[self.end_attempts] * 5,
            *[self.time_passes] * 4,
            self.beat,
            self.lose_agent,
            self.cancel,
            self.retry,
            self.change_workflow,
            self.change_workflow,
            self.discard,
            self.clean,
        )
        for _ in range(steps):
            # Another one was in the way, or took a key first: nothing of it was done.
            with suppress(asyncpg.TransactionRollbackError, asyncpg.UniqueViolationError):
                await self.chance.choice(acts)()

    async def accept(self) -> None:
        chance = self.chance
        request = JobRequest(
            chance.choice(["review", "review", "limited", "review.pull_request"]),
            chance.choice(["o/r", "o/other"]),
            msgspec.Raw(b"{}"),
            id=new_job_id(),
            priority=chance.choice(list(Priority)),
            key=chance.choice([None, "one", "two"]),
            unique_for_seconds=chance.choice([0.0, 0.0, 30.0]),
            concurrency_group=chance.choice([None, None, "document"]),
            debounce_seconds=chance.choice([0.0, 0.0, 1.234567]),
            delay_seconds=chance.choice([0.0, 0.0, chance.random() * 20]),
            ttl_seconds=chance.choice([None, None, chance.random() * 20 + 0.001]),
            deadline_seconds=chance.choice([None, None, chance.random() * 40 + 0.001]),
        )
        room = Room()
        room.set(await self.store.members())
        self.jobs.append(request.id)
        self.handed_out += (await self.store.accept([request], room=room)).work

    async def hand_out(self) -> None:
        await self.store.line_up_due()
        for queue, agent in self.agents.items():
            changes = await self.store.claim(queue, [agent] * 3, kept_for=Priority.BATCH)
            self.handed_out += changes.work

    async def end_attempts(self) -> None:
        self.chance.shuffle(self.handed_out)
        ending, self.handed_out = self.handed_out[:3], self.handed_out[3:]
        for agent, order in ending:
            type_ = self.chance.choice(self.outcomes)
            failed = type_ is not OutcomeType.SUCCEEDED
            outcome = Outcome(
                order.job_id,
                order.attempt,
                type_,
                order.kind,
                msgspec.Raw(b'{"found":3}'),
                error="broken" if failed else "",
                error_class="OSError" if failed else "",
                snooze_seconds=self.chance.random() * 10,
            )
            await self.store.finish([Outcomes(agent, (outcome,))])

    async def time_passes(self) -> None:
        if self.alone:  # else another one would see the time change in the middle of a transaction
            await self.pool.execute(
                "insert into clock (ahead) values (make_interval(secs => $1))"
                " on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
                self.chance.random() * 10,
            )
        await self.store.rescue()
        await self.store.sweep()

    async def beat(self) -> None:
        """Some of what was handed out never arrived."""
        held = {order.job_id: Held(order.job_id, order.attempt) for _, order in self.handed_out[1:]}
        beats = [Beat(agent, "tester", role_of(queue), (queue,), 9) for queue, agent in self.agents.items()]
        await self.store.beat([msgspec.structs.replace(beat, held=tuple(held.values())) for beat in beats])

    async def lose_agent(self) -> None:
        queue = self.chance.choice(QUEUES)
        await self.store.agents_ended([self.agents[queue]], vanished=self.chance.random() < 0.7)
        self.agents[queue] = new_job_id()
        await self.beat()

    async def cancel(self) -> None:
        await self.store.cancel(self.some(), by="anna")

    async def retry(self) -> None:
        await self.store.retry_dead(await self.dead(), by="anna")

    async def discard(self) -> None:
        await self.store.discard_dead((await self.dead())[:1], by="anna")

    async def change_workflow(self) -> None:
        rows = await self.pool.fetch("select id from workflows order by id desc limit 5")
        if not rows:
            return
        workflow_id = self.chance.choice(rows)["id"]
        step = self.chance.choice(["snapshot", "review", "publish"])
        match self.chance.randrange(6):
            case 0:
                await self.store.pause([workflow_id], by="anna")
            case 1 | 2:
                await self.store.resume([workflow_id], by="anna")
            case 3:
                await self.store.retry_from(workflow_id, step, by="anna")
            case 4:
                await self.store.fail_step(workflow_id, step, "it looks wrong", by="anna")
            case 5:
                await self.store.take_from(self.agents["review"], workflow_id)

    async def clean(self) -> None:
        await self.store.clean()

    async def dead(self) -> list[UUID]:
        rows = await self.pool.fetch("select id from jobs where state = 'dead'")
        return [row["id"] for row in rows if self.chance.random() < 0.5]

    def some(self) -> list[UUID]:
        return self.chance.sample(self.jobs, min(len(self.jobs), 2))


@pytest.mark.parametrize("_", range(4))
async def test_whatever_the_store_does_is_in_its_events(pool: asyncpg.Pool, _: int) -> None:
    life = Life(pool, a_chance())
    await life.beat()

    await life.go_on(steps=250)

    async with pool.acquire() as connection:
        compared = await replay(connection, [JOBS, WORKFLOWS])
    assert [(each.differences, each.first_impossible) for each in compared] == [((), [])] * 2
    assert [each.is_equal for each in compared] == [True, True]
    assert min(each.events for each in compared) > 0


async def test_a_database_is_equal_to_its_events_while_hubs_work_on_it(postgres_url: str) -> None:
    pool = await open_pool(postgres_url, max_size=10)
    lives = [Life(pool, a_chance(), alone=False) for _ in range(3)]
    await asyncio.gather(*(life.beat() for life in lives))

    working = [asyncio.create_task(life.go_on(steps=150)) for life in lives]
    compared = []
    while not all(life.done() for life in working):
        async with pool.acquire() as connection:
            compared += await replay(connection, [JOBS, WORKFLOWS])
    await asyncio.gather(*working)
    await pool.close()

    assert [each for each in compared if not each.is_equal] == []
    assert len({each.events for each in compared}) > 3


async def test_retention_takes_events_with_their_jobs_and_remembers_how_far(pool: asyncpg.Pool) -> None:
    life = Life(pool, a_chance(), outcomes=[OutcomeType.SUCCEEDED])
    await life.beat()
    for _ in range(20):
        await life.go_on(steps=5)
    await pool.execute("update clock set ahead = ahead + interval '31 days'")
    newest = {row["job_id"]: row["seq"] for row in await pool.fetch("select job_id, seq from job_events order by seq")}

    await life.clean()

    kept = {row["id"] for row in await pool.fetch("select id from jobs")}
    async with pool.acquire() as connection:
        compared = await replay(connection, [JOBS, WORKFLOWS])
    assert [each.is_equal for each in compared] == [True, True]
    last_gone = max((seq for job_id, seq in newest.items() if job_id not in kept), default=0)
    assert await pool.fetchval("select seq from forgotten_events") == last_gone


# --- a database of an earlier release ---------------------------------------------------------------------------------

BEFORE: Sequence[tuple[str, str, str, str, Mapping[str, Any]]] = [
    ("queued", "review", "review", "queued", {"key": "k"}),
    ("running", "review", "review", "running", {"attempt": 2, "failures": 1, "error": "broken"}),
    ("succeeded", "review", "review", "succeeded", {"attempt": 1, "result": b'{"found":3}'}),
    ("dead", "review", "review", "dead", {"attempt": 5, "failures": 5, "error": "broken"}),
    ("workflow", "review.pull_request", "", "running", {}),
    ("fetched", "fetch", "effects", "succeeded", {"attempt": 1, "step": "snapshot", "result": b"{}"}),
    ("reviewing", "review", "review", "running", {"attempt": 1, "step": "review", "needs": ["snapshot"]}),
    ("waiting", "publish", "effects", "waiting", {"step": "publish", "needs": ["snapshot", "review"]}),
]
"""Jobs of every state: name, kind, queue, state, and what else is special."""


async def insert_as_before(connection: asyncpg.Connection) -> None:
    ids = {name: new_job_id() for name, *_ in BEFORE}
    for name, kind, queue, state, fields in BEFORE:
        row = {
            "id": ids[name],
            "project": "o/r",
            "kind": kind,
            "queue": queue,
            "state": state,
            "priority": 1,
            "max_attempts": 5,
            "args": b'{"text":"a\\u0000b"}',
            "run_at": START,
            "agent_id": AGENT if state == "running" and queue else None,
            "leased_until": START if state == "running" and queue else None,
            "finished_at": START if state in ("succeeded", "dead") else None,
            "workflow_id": ids["workflow"] if "step" in fields else None,
            **fields,
        }
        places = ", ".join(f"${place}" for place, _ in enumerate(row, start=1))
        await connection.execute(f"insert into jobs ({', '.join(row)}) values ({places})", *row.values())


async def test_what_an_earlier_release_kept_is_replayed_and_goes_on(empty_postgres_url: str) -> None:
    await migrate(empty_postgres_url, [each for each in known_migrations() if each.name < "0006"])
    async with connect(empty_postgres_url) as connection:
        await insert_as_before(connection)
    await migrate(empty_postgres_url)
    pool = await open_pool(empty_postgres_url)

    async with pool.acquire() as connection:
        before = await replay(connection, [JOBS, WORKFLOWS])
    life = Life(pool, a_chance(), outcomes=[OutcomeType.SUCCEEDED])
    await life.beat()
    for _ in range(6):
        await life.hand_out()
        await life.end_attempts()
    async with pool.acquire() as connection:
        later = await replay(connection, [JOBS, WORKFLOWS])
        states = dict(await connection.fetch("select state, count(*) from jobs group by state"))
    await pool.close()

    assert [each.differences for each in (*before, *later)] == [()] * 4
    assert [each.is_equal for each in (*before, *later)] == [True] * 4
    assert [each.rows for each in before] == [7, 1]
    assert states == {"succeeded": 7, "dead": 1}
