"""Recurring jobs, on a real Postgres whose clock the tests move."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from asyncpg import Record
from hypothesis import given
from hypothesis import strategies as st

from server.db import Connection
from server.errors import RedisUnavailable
from server.hubs.leader import LEASE_SECONDS, Deposed, Leadership
from server.jobs.job import JobRequest, Priority
from server.jobs.kinds import Kind, Kinds
from server.jobs.recurrence import Recurrence, RecurrenceInvalid
from server.jobs.schedules import (
    LATE_SECONDS,
    Missed,
    NewSchedule,
    Schedule,
    ScheduleExists,
    ScheduleNotFound,
    ScheduleRefused,
    Schedules,
    _turn,
)
from server.jobs.store import JobStore
from server.jobs.views import JobViews
from tests.clock import Clock

KINDS = Kinds([Kind("sweep", "review")])
EVERY_FIVE_MINUTES = Recurrence(cron="*/5 * * * *")


class Scene:
    """Schedules, their pool, and a hand on the clock."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.schedules = Schedules(pool, KINDS)
        self.clock = Clock(pool)

    async def now(self) -> datetime:
        now: datetime = await self.pool.fetchval("select hive_now()")
        return now

    async def advance_to(self, moment: datetime) -> None:
        await self.clock.advance((moment - await self.now()).total_seconds())

    async def add(self, name: str = "sweep", recurrence: Recurrence = EVERY_FIVE_MINUTES, **fields: object) -> Schedule:
        new = NewSchedule(name, "sweep", "github.com/o/r", recurrence)
        return await self.schedules.create(msgspec.structs.replace(new, **fields), by="ada")

    async def due(self) -> Sequence[JobRequest]:
        """As a leader asks for it."""
        async with self.pool.acquire() as connection, connection.transaction():
            return await self.schedules.due(connection)

    async def next_at(self, name: str = "sweep") -> datetime:
        next_at = (await self.schedules.get(name)).next_at
        assert next_at is not None
        return next_at

    async def history(self, name: str = "sweep") -> list[tuple[str, str]]:
        return [(event.type, event.actor) for event in reversed(await self.schedules.events(name))]


@pytest.fixture
async def scene(pool: asyncpg.Pool) -> Scene:
    return Scene(pool)


async def test_a_day_of_five_minute_jobs_is_288_jobs_however_often_the_leader_looks(scene: Scene) -> None:
    await scene.add()
    first = await scene.next_at()
    await scene.advance_to(first - timedelta(seconds=1))

    asked: list[JobRequest] = []
    while await scene.now() < first + timedelta(days=1) - timedelta(seconds=60):
        await scene.clock.advance(53.0)
        asked += await scene.due()

    expected = [first + timedelta(minutes=5) * number for number in range(288)]
    assert [request.run_at for request in asked] == expected
    assert len({request.id for request in asked}) == len({request.key for request in asked}) == 288
    assert sorted(request.id for request in asked) == [request.id for request in asked]


async def test_what_is_due_says_what_it_is_and_who_asked_for_it(scene: Scene) -> None:
    await scene.add(args=msgspec.Raw(b'{"deep":true}'), priority=Priority.PULL_REQUEST)
    due_at = await scene.next_at()
    assert await scene.due() == []

    await scene.advance_to(due_at)
    [request] = await scene.due()

    assert (request.kind, request.project, bytes(request.args)) == ("sweep", "github.com/o/r", b'{"deep":true}')
    assert (request.priority, request.run_at, request.requested_by) == (Priority.PULL_REQUEST, due_at, "schedule:sweep")
    kept = await scene.schedules.get("sweep")
    assert (kept.last_at, kept.last_job_id) == (due_at, request.id)
    assert kept.next_at == due_at + timedelta(minutes=5)


async def test_a_leader_that_dies_before_it_committed_leaves_the_same_jobs_to_the_next(scene: Scene) -> None:
    await scene.add()
    await scene.advance_to(await scene.next_at())

    async with scene.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        lost = await scene.schedules.due(connection)
        meanwhile = await scene.due()
        await transaction.rollback()
    again = await scene.due()

    assert meanwhile == []
    assert [(r.id, r.key, r.run_at) for r in again] == [(r.id, r.key, r.run_at) for r in lost]
    assert len(lost) == 1
    assert await scene.due() == []


async def test_the_jobs_and_the_next_time_are_there_together_or_neither_is(scene: Scene) -> None:
    await scene.add()
    due_at = await scene.next_at()
    await scene.advance_to(due_at)
    store, views = JobStore(scene.pool, KINDS), JobViews(scene.pool)

    async def dies(connection: Connection) -> Sequence[JobRequest]:
        await scene.schedules.due(connection)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.accept_due(dies)
    assert (await views.list(), await scene.next_at()) == ([], due_at)
    await store.accept_due(scene.schedules.due)
    await store.accept_due(scene.schedules.due)

    [job] = await views.list()
    assert (job.id, job.requested_by) == ((await scene.schedules.get("sweep")).last_job_id, "schedule:sweep")


async def test_jobs_that_were_accepted_before_the_leader_died_are_the_same_again(scene: Scene) -> None:
    await scene.add()
    await scene.advance_to(await scene.next_at())
    store, views = JobStore(scene.pool, KINDS), JobViews(scene.pool)
    async with scene.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await store.accept(await scene.schedules.due(connection))
        await transaction.rollback()

    await store.accept_due(scene.schedules.due)

    assert len(await views.list()) == 1


async def test_a_leader_that_was_replaced_while_it_looked_away_asks_for_nothing(scene: Scene) -> None:
    await scene.add()
    await scene.advance_to(await scene.next_at())
    deposed = await Leadership(scene.pool, uuid4()).elect()
    await scene.clock.advance(LEASE_SECONDS + 1)
    leading = await Leadership(scene.pool, uuid4()).elect()
    assert deposed is not None
    assert leading is not None
    store, views = JobStore(scene.pool, KINDS), JobViews(scene.pool)

    with pytest.raises(Deposed):
        await store.within(deposed.transaction).accept_due(scene.schedules.due)
    nothing = await views.list()
    await store.within(leading.transaction).accept_due(scene.schedules.due)

    assert (nothing, len(await views.list())) == ([], 1)


@given(
    gaps=st.lists(st.one_of(st.floats(0.1, 59.0), st.floats(0.1, 4000.0)), min_size=1, max_size=60),
    period=st.sampled_from([1.0, 7.0, 60.0, 300.0, 3600.0]),
    missed=st.sampled_from(Missed),
)
def test_however_leaders_look_nothing_runs_twice_and_nothing_that_was_met_is_left_out(
    gaps: list[float], period: float, missed: Missed
) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    row: dict[str, Any] = {
        "id": uuid4(), "name": "s", "kind": "sweep", "project": "p", "args": b"{}", "priority": 2, "cron": None,
        "every_seconds": period, "timezone": "UTC", "missed": missed, "next_at": began + timedelta(seconds=period),
        "last_at": None, "last_job_id": None, "created_at": began, "created_by": "ada", "now": began,
    }  # fmt: skip
    ran: list[datetime] = []
    met: set[datetime] = set()
    for gap in gaps:
        row["now"] += timedelta(seconds=gap)
        looked_from = max(began, row["now"] - timedelta(seconds=min(gap, LATE_SECONDS), microseconds=1))
        met |= {*Recurrence(every_seconds=period).between(looked_from, row["now"], beginning=began)}
        if row["next_at"] <= row["now"]:
            turn = _turn(cast(Record, row))
            ran += [request.run_at for request in turn.requests if request.run_at]
            row["next_at"] = turn.next_at

    assert ran == sorted(set(ran))
    assert met <= set(ran)
    if missed is Missed.SKIP:
        assert set(ran) == met


async def test_leaders_that_change_over_lose_no_second_of_a_schedule(scene: Scene) -> None:
    await scene.add(recurrence=Recurrence(every_seconds=2.0))
    first = await scene.next_at()

    await scene.advance_to(first + timedelta(seconds=20.5))
    asked = await scene.due()

    assert [request.run_at for request in asked] == [first + timedelta(seconds=2) * number for number in range(11)]


@pytest.mark.parametrize(("missed", "runs"), [(Missed.ONCE, 1), (Missed.SKIP, 0)])
async def test_what_nobody_was_there_for_runs_once_or_not_at_all(scene: Scene, missed: Missed, runs: int) -> None:
    await scene.add(missed=missed)
    first = await scene.next_at()

    await scene.advance_to(first + timedelta(hours=7, minutes=2))
    asked = await scene.due()

    assert [request.run_at for request in asked] == [first] * runs
    assert await scene.next_at() == first + timedelta(hours=7, minutes=5)
    assert await scene.history() == [("created", "ada"), ("missed", "")]


async def test_a_due_time_that_is_met_makes_up_for_those_that_were_missed(scene: Scene) -> None:
    await scene.add(missed=Missed.ONCE)
    first = await scene.next_at()

    await scene.advance_to(first + timedelta(hours=7, seconds=5))
    asked = await scene.due()

    assert [request.run_at for request in asked] == [first + timedelta(hours=7)]


async def test_on_the_day_the_clocks_go_back_a_nightly_job_runs_once(scene: Scene) -> None:
    await scene.advance_to(datetime.fromisoformat("2030-10-26T12:00:00+02:00"))
    await scene.add(recurrence=Recurrence(cron="30 2 * * *", timezone="Europe/Berlin"))

    asked: list[JobRequest] = []
    for _ in range(48 * 4):
        await scene.clock.advance(15 * 60)
        asked += await scene.due()

    wanted = [datetime.fromisoformat(t) for t in ("2030-10-27T02:30:00+02:00", "2030-10-28T02:30:00+01:00")]
    assert [request.run_at for request in asked] == wanted


async def test_a_schedule_that_was_made_while_the_clock_was_ahead_is_due_when_it_is_set_back(scene: Scene) -> None:
    await scene.clock.advance(30 * 86400)
    await scene.add()
    await scene.clock.advance(-30 * 86400)

    none = await scene.due()
    await scene.clock.advance(300)
    asked = await scene.due()

    assert (none, len(asked)) == ([], 1)
    assert await scene.next_at() - await scene.now() <= timedelta(minutes=5)


async def test_a_schedule_that_ran_while_the_clock_was_ahead_goes_on_when_it_is_set_back(scene: Scene) -> None:
    await scene.add()
    first = await scene.next_at()
    await scene.clock.advance(30 * 86400)
    ahead = await scene.due()
    await scene.clock.advance(-30 * 86400)

    set_right = await scene.due()
    await scene.advance_to(first)
    asked = await scene.due()

    assert (len(ahead), set_right) == (1, [])
    assert [request.run_at for request in asked] == [first]


async def test_while_it_is_paused_nothing_is_due_and_nothing_is_missed(scene: Scene) -> None:
    await scene.add()
    await scene.schedules.pause("sweep", by="bob")
    await scene.schedules.pause("sweep", by="eve")
    await scene.clock.advance(3 * 3600)
    assert await scene.due() == []

    resumed = await scene.schedules.resume("sweep", by="bob")

    assert resumed.next_at is not None
    assert timedelta() < resumed.next_at - await scene.now() <= timedelta(minutes=5)
    assert await scene.due() == []
    assert await scene.history() == [("created", "ada"), ("paused", "bob"), ("resumed", "bob")]


async def test_a_run_out_of_turn_leaves_the_turns_as_they_are(scene: Scene) -> None:
    await scene.add()
    before = await scene.next_at()
    submitted: list[JobRequest] = []

    async def submit(request: JobRequest) -> None:
        submitted.append(request)

    job_id = await scene.schedules.run_now("sweep", submit, by="bob")

    assert [(request.id, request.requested_by) for request in submitted] == [(job_id, "bob")]
    kept = await scene.schedules.get("sweep")
    assert (kept.next_at, kept.last_job_id) == (before, job_id)
    assert await scene.history() == [("created", "ada"), ("asked", "bob")]


async def test_a_run_that_could_not_be_submitted_was_never_asked_for(scene: Scene) -> None:
    await scene.add()

    async def submit(_: JobRequest) -> None:
        raise RedisUnavailable("no answer")

    with pytest.raises(RedisUnavailable):
        await scene.schedules.run_now("sweep", submit, by="bob")

    assert (await scene.schedules.get("sweep")).last_job_id is None
    assert await scene.history() == [("created", "ada")]


async def test_a_removed_schedule_leaves_its_history_and_its_name(scene: Scene) -> None:
    await scene.add()
    with pytest.raises(ScheduleExists):
        await scene.add()
    await scene.schedules.remove("sweep", by="bob")
    with pytest.raises(ScheduleNotFound):
        await scene.schedules.get("sweep")

    again = await scene.add()

    assert [kept.id for kept in await scene.schedules.list()] == [again.id]
    assert await scene.history() == [("created", "ada"), ("removed", "bob"), ("created", "ada")]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await scene.pool.execute("delete from schedule_events")


async def test_one_that_can_never_be_due_again_is_paused_and_does_not_hold_up_the_others(scene: Scene) -> None:
    await scene.add("broken")
    await scene.add("sound")
    await scene.pool.execute("update schedules set timezone = 'Mars/Olympus' where name = 'broken'")
    await scene.advance_to(await scene.next_at("sound"))

    asked = await scene.due()

    assert {request.requested_by for request in asked} == {"schedule:broken", "schedule:sound"}
    assert (await scene.schedules.get("broken")).next_at is None
    assert await scene.history("broken") == [("created", "ada"), ("paused", "")]


async def test_what_cannot_be_is_refused(scene: Scene) -> None:
    for kind, hint in (("sweeb", "did you mean sweep?"), ("launch", "there are sweep")):
        with pytest.raises(ScheduleRefused, match="no kind of job") as refused:
            await scene.add(kind=kind)
        assert refused.value.hint == hint
    with pytest.raises(RecurrenceInvalid):
        await scene.add(recurrence=Recurrence(cron="nightly"))

    assert await scene.schedules.list() == []


async def test_a_jobs_id_is_the_same_for_the_same_due_time_and_in_the_order_of_time(scene: Scene) -> None:
    await scene.add("one")
    await scene.add("two")
    first = await scene.next_at("one")
    await scene.advance_to(first)
    now = await scene.due()
    await scene.clock.advance(300)
    later = await scene.due()

    ids: list[UUID] = [request.id for request in (*now, *later)]
    assert len(set(ids)) == 4
    assert max(ids[:2]) < min(ids[2:])
    assert {job_id.version for job_id in ids} == {7}
