"""A job's row as its events make it, and whole databases held against their events."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.db import connect
from server.jobs.job import EventType, JobState, new_job_id
from server.jobs.projections import SMALL_BYTES, Comparison, Difference, ImpossibleEvent, NotReplayable, replay
from server.jobs.record import Accepted, Cause, Delayed, Died
from server.jobs.replay import JOBS, MOVES, JobEvent, JobRow, apply

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
    forgotten, unrecorded = await scene.happens(accepted()), await scene.happens(accepted())
    await scene.connection.execute("delete from jobs where id = $1", forgotten)
    await scene.connection.execute("delete from job_events where job_id = $1", unrecorded)

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


async def test_what_an_earlier_release_recorded_is_passed_over(scene: Scene) -> None:
    row = row_after(accepted(), started())
    done = msgspec.structs.replace(
        row, id=(job_id := new_job_id()), state=JobState.SUCCEEDED, finished_at=at(3), agent_id=None
    )

    await scene.happens(accepted(), (EventType.IMPORTED, {"data": done}), job_id=job_id)
    await scene.connection.execute("update job_events set type = 'succeeded', data = null where seq = 1")

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
