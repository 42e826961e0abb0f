"""The life of jobs against a model of it: whatever is done in whatever order, the table and the events are as foretold.

Two stores work on one Postgres, as two hubs do. What only chance decides (how long a retry waits, who is next in line)
is read from the answer and held against its rules.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.db import open_pool
from server.jobs.changes import Changes
from server.jobs.job import EventType, JobRequest, JobState, Priority
from server.jobs.kinds import Kind, Kinds
from server.jobs.line import SUSPECTS
from server.jobs.projections import replay
from server.jobs.replay import JOBS
from server.jobs.store import LEASE_SECONDS, JobStore
from server.jobs.wire import HANDED_OUT_SECONDS, Beat, Held, Outcome, Outcomes, OutcomeType
from server.messaging import Role

QUEUE = "review"
PATIENT, IMPATIENT, LIMITED, FAIR = "patient", "impatient", "limited", "fair"
LIMIT = 2
KINDS = Kinds(
    [
        Kind(PATIENT, QUEUE, max_attempts=3),
        Kind(IMPATIENT, QUEUE, max_attempts=1),
        Kind(LIMITED, QUEUE, max_running=LIMIT),
        Kind(FAIR, QUEUE, max_running_per_project=1),
    ]
)
POISON_CRASHES = 3
CAPACITY = 4

EMPTY_TABLES = """
set local session_replication_role = replica;  -- the record is append-only
truncate jobs, job_events, agents, shares, taken_keys, clock restart identity cascade;
"""
LIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(repr=False)
class Known:
    """A job as the model has it."""

    request: JobRequest
    slot: str | None
    state: JobState
    run_at: datetime
    expires_at: datetime | None
    deadline_at: datetime | None
    attempt: int = 0
    failures: int = 0
    crashes: int = 0
    agent: UUID | None = None
    started_at: datetime | None = None

    @property
    def id(self) -> UUID:
        return self.request.id

    @property
    def kind(self) -> Kind:
        return KINDS.get(self.request.kind)

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def __repr__(self) -> str:
        return f"{self.kind.name} {self.id.int} ({self.state}, attempt {self.attempt})"


class Life(RuleBasedStateMachine):
    """*pool* and *loop* are one test's; every run of the machine begins with empty tables."""

    pool: asyncpg.Pool
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.hubs = (JobStore(self.pool, KINDS), JobStore(self.pool, KINDS))
        self.jobs: dict[UUID, Known] = {}
        self.agents: dict[UUID, datetime] = {}  # and until when each has its lease
        self.told = 0
        self.expected: dict[UUID, list[EventType]] = {}
        self.now = datetime.min.replace(tzinfo=UTC)
        self.ids = itertools.count(1)

    # --- what doors ask -------------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.run(self.pool.execute(EMPTY_TABLES))
        self._beat(self._new_id())

    @rule(
        kind=st.sampled_from([PATIENT, PATIENT, IMPATIENT, LIMITED, FAIR]),
        project=st.sampled_from(["o/a", "o/b"]),
        priority=st.sampled_from(Priority),
        key=st.sampled_from([None, None, None, "k"]),
        group=st.sampled_from([None, None, None, "g"]),
        delay=st.sampled_from([0.0, 0.0, 0.0, 30.0]),
        ttl=st.sampled_from([None, None, None, 10.0]),
        deadline=st.sampled_from([None, None, None, 50.0]),
        count=st.integers(1, 4),
        hub=st.integers(0, 1),
    )
    def accept(
        self,
        kind: str,
        project: str,
        priority: Priority,
        key: str | None,
        group: str | None,
        delay: float,
        ttl: float | None,
        deadline: float | None,
        count: int,
        hub: int,
    ) -> None:
        requests = [
            JobRequest(
                kind, project, msgspec.Raw(b"{}"), self._new_id(), key=key, concurrency_group=group, priority=priority,
                delay_seconds=delay, ttl_seconds=ttl, deadline_seconds=deadline,
            )
            for _ in range(count)
        ]  # fmt: skip
        with self.changing():
            changes = self.run(self.hubs[hub].accept([*requests, requests[0]]))
            refused = {event.job_id for event in changes.answers}
            for request in requests:
                if request.key and any(j.is_live and j.request.key and j.kind.name == kind for j in self.jobs.values()):
                    assert request.id in refused
                else:
                    self._accepted(request)
            if group:
                of_group = [job for job in self._live() if job.request.concurrency_group == group]
                for job in sorted(of_group, key=lambda job: job.id)[:-1]:
                    self._end(job, JobState.CANCELLED, EventType.SUPERSEDED)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), hub=st.integers(0, 1))
    def ask_again(self, data: st.DataObject, hub: int) -> None:
        """A door that heard nothing: nothing changes, and it is told how the job stands."""
        job = self._pick(data, self.jobs.values())
        with self.changing():
            changes = self.run(self.hubs[hub].accept([job.request]))
            (answer,) = changes.answers
            assert (
                answer.type
                is {
                    JobState.QUEUED: EventType.ACCEPTED,
                    JobState.RUNNING: EventType.ACCEPTED,
                    JobState.SUCCEEDED: EventType.SUCCEEDED,
                    JobState.DEAD: EventType.DEAD,
                    JobState.CANCELLED: EventType.CANCELLED,
                }[job.state]
            )

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), hub=st.integers(0, 1))
    def cancel(self, data: st.DataObject, hub: int) -> None:
        job = self._pick(data, self.jobs.values())
        with self.changing():
            changes = self.run(self.hubs[hub].cancel([job.id], by="ann"))
            assert Held(job.id, job.attempt) in changes.stopped.get(job.agent, []) or job.agent is None
            if job.is_live:
                self._end(job, JobState.CANCELLED, EventType.CANCELLED)

    @precondition(lambda self: self._dead())
    @rule(hub=st.integers(0, 1))
    def retry_all_dead(self, hub: int) -> None:
        dead = self._dead()
        with self.changing():
            self.run(self.hubs[hub].retry_dead([job.id for job in dead], by="ann"))
            for job in sorted(dead, key=lambda job: job.id, reverse=True):
                same_key = [j for j in self._live() if j.request.key and j.kind == job.kind and j is not job]
                if job.request.key and same_key:
                    continue
                job.state, job.failures, job.crashes = JobState.QUEUED, 0, 0
                job.expires_at = job.deadline_at = None
                job.run_at = self.now
                self._expect(job, EventType.RETRIED)

    @precondition(lambda self: self._dead())
    @rule(data=st.data(), hub=st.integers(0, 1))
    def discard(self, data: st.DataObject, hub: int) -> None:
        job = self._pick(data, self._dead())
        with self.changing():
            self.run(self.hubs[hub].discard_dead([job.id], by="ann"))
            self._end(job, JobState.CANCELLED, EventType.DISCARDED)

    # --- what agents do -------------------------------------------------------------------------------------------

    @rule(hub=st.integers(0, 1), places=st.integers(1, 2 * CAPACITY))
    def hand_out(self, hub: int, places: int) -> None:
        living = self._living()
        if not living:
            return
        with self.changing():
            self.run(self.hubs[hub].line_up_due())
            agents = [living[place % len(living)] for place in range(places)]
            changes = self.run(self.hubs[hub].claim(QUEUE, agents, kept_for=Priority.BATCH))
            claimed = [self.jobs[order.job_id] for _, order in changes.work]
            for (agent, order), job in zip(changes.work, claimed, strict=True):
                assert job.state is JobState.QUEUED
                assert job.run_at <= self.now
                job.attempt += 1
                assert order.attempt == job.attempt
                job.state, job.agent, job.started_at = JobState.RUNNING, agent, self.now
                self._expect(job, EventType.STARTED)
            in_line = self.run(self.pool.fetch("select id from jobs where turn is not null"))
            worst = max((job.request.priority for job in claimed), default=Priority.INTERACTIVE)
            assert all(self.jobs[row["id"]].request.priority >= worst for row in in_line)
            assert not in_line or len(claimed) == places

    @precondition(lambda self: self._running())
    @rule(data=st.data(), type_=st.sampled_from(OutcomeType), times=st.integers(1, 2), hub=st.integers(0, 1))
    def an_attempt_ends(self, data: st.DataObject, type_: OutcomeType, times: int, hub: int) -> None:
        job = self._pick(data, self._running())
        assert job.agent is not None
        with self.changing():
            outcome = self._outcome(job, job.attempt, type_)
            self.run(self.hubs[hub].finish([Outcomes(job.agent, (outcome,) * times)]))
            self._finished(job, type_)

    @precondition(lambda self: any(job.attempt for job in self.jobs.values()))
    @rule(data=st.data(), type_=st.sampled_from(OutcomeType), hub=st.integers(0, 1))
    def an_old_attempt_ends_late(self, data: st.DataObject, type_: OutcomeType, hub: int) -> None:
        job = self._pick(data, [job for job in self.jobs.values() if job.attempt])
        attempt = data.draw(st.integers(1, job.attempt))
        if attempt == job.attempt and job.state is JobState.RUNNING:
            return
        with self.changing():
            late = Outcomes(job.agent or self._new_id(), (self._outcome(job, attempt, type_),))
            self.run(self.hubs[hub].finish([late]))

    @rule(is_new=st.booleans(), data=st.data())
    def an_agent_beats(self, is_new: bool, data: st.DataObject) -> None:
        with self.changing():
            self._beat(self._new_id() if is_new or not self.agents else data.draw(st.sampled_from(list(self.agents))))

    @precondition(lambda self: any(job.agent in self.agents for job in self._running()))
    @rule(data=st.data())
    def an_agent_beats_and_does_not_hold_what_it_was_handed(self, data: st.DataObject) -> None:
        agent = data.draw(
            st.sampled_from([agent for agent in self.agents if any(j.agent == agent for j in self._running())])
        )
        with self.changing():
            asked, _ = self.run(self.hubs[0].beat([self._beat_of(agent, [])]))
            for _, ping in asked.pings:
                beat = msgspec.structs.replace(self._beat_of(agent, []), heard_at=ping.at)
                self.run(self.hubs[0].beat([beat]))
            self.agents[agent] = self.now + timedelta(seconds=LEASE_SECONDS)
            for job in self._running():
                assert job.started_at is not None
                lost_at = job.started_at + timedelta(seconds=HANDED_OUT_SECONDS)
                if job.agent == agent and lost_at < self.now:
                    self._queue_again(job, EventType.LOST)

    @precondition(lambda self: self.agents)
    @rule(data=st.data(), vanished=st.booleans(), hub=st.integers(0, 1))
    def an_agent_ends(self, data: st.DataObject, vanished: bool, hub: int) -> None:
        agent = data.draw(st.sampled_from(list(self.agents)))
        with self.changing():
            self.run(self.hubs[hub].agents_ended([agent], vanished=vanished))
            self._give_back(agent, vanished)

    @precondition(lambda self: self.agents)
    @rule(data=st.data())
    def work_is_handed_to_an_agent_that_just_ended(self, data: st.DataObject) -> None:
        """The other hub has not heard of it yet."""
        agent = data.draw(st.sampled_from(list(self.agents)))
        with self.changing():
            self.run(self.hubs[0].agents_ended([agent], vanished=False))
            self._give_back(agent, vanished=False)
            changes = self.run(self.hubs[1].claim(QUEUE, [agent], kept_for=Priority.BATCH))
            for _, order in changes.work:
                job = self.jobs[order.job_id]
                job.state, job.attempt, job.agent, job.started_at = JobState.RUNNING, order.attempt, agent, self.now
                self._expect(job, EventType.STARTED)

    # --- what time does -------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1.5, 6.25, LEASE_SECONDS + 3.5, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.run(
            self.pool.execute(
                "insert into clock (ahead) values (make_interval(secs => $1)) "
                "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
                seconds,
            )
        )

    @rule()
    def two_rescue_at_once(self) -> None:
        with self.changing():
            self.run(asyncio.wait_for(_both(*(hub.rescue() for hub in self.hubs)), 60))
            for agent in [agent for agent, until in self.agents.items() if until < self.now]:
                self._give_back(agent, vanished=True)
            for job in self._running():
                if job.agent not in self.agents:
                    self._queue_again(job, EventType.LOST)

    @rule(hub=st.integers(0, 1))
    def sweep(self, hub: int) -> None:
        with self.changing():
            self.run(self.hubs[hub].sweep())
            for job in self._live():
                if job.expires_at and job.expires_at < self.now and job.state is JobState.QUEUED and not job.attempt:
                    self._end(job, JobState.CANCELLED, EventType.EXPIRED)
                elif job.deadline_at and job.deadline_at < self.now:
                    self._end(job, JobState.DEAD, EventType.DEAD)

    # --- what must be true after each ---------------------------------------------------------------------------------

    @invariant()
    def the_table_is_as_foretold(self) -> None:
        rows = self.run(self.pool.fetch("select * from jobs"))
        stands = {
            row["id"]: (row["state"], row["attempt"], row["failures"], row["crashes"], row["agent_id"]) for row in rows
        }
        assert stands == {j.id: (j.state, j.attempt, j.failures, j.crashes, j.agent) for j in self.jobs.values()}

    @invariant()
    def the_events_are_as_foretold(self) -> None:
        rows = self.run(
            self.pool.fetch("select seq, job_id, type from job_events where seq > $1 order by seq", self.told)
        )
        told: dict[UUID, list[EventType]] = {}
        for row in rows:
            told.setdefault(row["job_id"], []).append(EventType(row["type"]))
            self.told = row["seq"]
        assert told == self.expected
        self.expected = {}

    @invariant()
    def no_limit_is_exceeded_and_nobody_waits_under_one_that_has_room(self) -> None:
        of_limits = "select slot, kind, project, held, turn, agent_id from jobs where slot is not null"
        limits = {LIMITED: LIMIT, FAIR: 1, f"{SUSPECTS}{QUEUE}": 1}
        admitted = Counter[tuple[str, str]]()
        waiting = set[tuple[tuple[str, str], ...]]()
        for row in self.run(self.pool.fetch(of_limits)):
            slots = {row["slot"], row["kind"]} & limits.keys()  # of a suspect two
            places = tuple((slot, row["project"] if slot == FAIR else "") for slot in slots)
            admitted.update(places if row["turn"] is not None or row["agent_id"] is not None else ())
            if row["held"]:
                waiting.add(places)
        assert all(number <= limits[slot] for (slot, _), number in admitted.items()), admitted
        full = {place for place, number in admitted.items() if number == limits[place[0]]}
        assert all(full & {*places} for places in waiting), (admitted, waiting)

    def teardown(self) -> None:
        async def compare() -> None:
            async with self.pool.acquire() as connection:
                (comparison,) = await replay(connection, [JOBS])
                assert comparison.is_equal, comparison

        self.run(compare())

    # --- the model ------------------------------------------------------------------------------------------------

    def _accepted(self, request: JobRequest) -> None:
        run_at = self.now + timedelta(seconds=request.delay_seconds)
        self.jobs[request.id] = job = Known(
            request=request,
            slot=KINDS.get(request.kind).slot,
            state=JobState.QUEUED,
            run_at=run_at,
            expires_at=None if request.ttl_seconds is None else run_at + timedelta(seconds=request.ttl_seconds),
            deadline_at=(
                None if request.deadline_seconds is None else self.now + timedelta(seconds=request.deadline_seconds)
            ),
        )
        self._expect(job, EventType.ACCEPTED)

    def _finished(self, job: Known, type_: OutcomeType) -> None:
        job.failures += type_ is OutcomeType.FAILED
        match type_:
            case OutcomeType.SUCCEEDED:
                self._end(job, JobState.SUCCEEDED, EventType.SUCCEEDED)
            case OutcomeType.GAVE_UP:
                self._end(job, JobState.DEAD, EventType.DEAD)
            case OutcomeType.FAILED if job.failures == job.kind.max_attempts:
                self._end(job, JobState.DEAD, EventType.DEAD)
            case OutcomeType.FAILED:
                self._queue_again(job, EventType.RETRY)
                longest = 2.0 ** (job.failures - 1)
                job.run_at = self.run(self.pool.fetchval("select run_at from jobs where id = $1", job.id))
                assert longest / 2 - 0.01 <= (job.run_at - self.now).total_seconds() <= longest + 0.5
            case OutcomeType.SNOOZED:
                self._queue_again(job, EventType.SNOOZED)
                job.run_at = self.now + timedelta(seconds=SNOOZE_SECONDS)

    def _give_back(self, agent: UUID, vanished: bool) -> None:
        del self.agents[agent]
        for job in self._running():
            if job.agent != agent:
                continue
            if not vanished:
                self._queue_again(job, EventType.LOST)
                continue
            job.crashes += 1
            if job.crashes == POISON_CRASHES:
                self._end(job, JobState.DEAD, EventType.DEAD)
            else:
                self._queue_again(job, EventType.CRASHED)

    def _queue_again(self, job: Known, event: EventType) -> None:
        job.state, job.agent, job.run_at = JobState.QUEUED, None, self.now
        self._expect(job, event)

    def _end(self, job: Known, state: JobState, event: EventType) -> None:
        job.state, job.agent = state, None
        self._expect(job, event)

    def _expect(self, job: Known, event: EventType) -> None:
        self.expected.setdefault(job.id, []).append(event)

    def _beat(self, agent: UUID) -> None:
        held = [Held(job.id, job.attempt) for job in self._running() if job.agent == agent]
        changes, _ = self.run(self.hubs[0].beat([self._beat_of(agent, held)]))
        assert changes.gone == []
        self.agents[agent] = self.run(self.pool.fetchval("select leased_until from agents where id = $1", agent))

    def _beat_of(self, agent: UUID, held: Iterable[Held]) -> Beat:
        return Beat(agent, "tester", Role.AGENT, (QUEUE,), CAPACITY, held=tuple(held))

    def _outcome(self, job: Known, attempt: int, type_: OutcomeType) -> Outcome:
        return Outcome(job.id, attempt, type_, job.kind.name, error="broken", snooze_seconds=SNOOZE_SECONDS)

    def _live(self) -> list[Known]:
        return [job for job in self.jobs.values() if job.is_live]

    def _running(self) -> list[Known]:
        return [job for job in self.jobs.values() if job.state is JobState.RUNNING]

    def _dead(self) -> list[Known]:
        return [job for job in self.jobs.values() if job.state is JobState.DEAD]

    def _living(self) -> list[UUID]:
        return [agent for agent, until in self.agents.items() if until > self.now]

    def _pick(self, data: st.DataObject, jobs: Iterable[Known]) -> Known:
        return data.draw(st.sampled_from(list(jobs)))

    def _new_id(self) -> UUID:
        """Neither chance nor time: a life can be lived again."""
        return UUID(int=next(self.ids))

    # --- its hands on Postgres ------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What time it is when the step begins."""
        self.now = self.run(self.pool.fetchval("select hive_now()"))
        yield

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)


SNOOZE_SECONDS = 60.0


async def _both(*changes: Coroutine[Any, Any, Changes]) -> list[Changes]:
    return await asyncio.gather(*changes)


def live_through(url: str, *, lives: int, steps: int) -> None:
    """Run the machine against the Postgres at *url*, whose tables are its alone."""
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(url, max_size=3))

        class Here(Life):
            pass

        Here.pool, Here.loop = pool, runner.get_loop()
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=lives,
                stateful_step_count=steps,
                deadline=None,
                phases=[Phase.explicit, Phase.generate],  # to make a story shorter takes longer than to read it
                suppress_health_check=list(HealthCheck),
            ),
        )
        runner.run(pool.close())


def test_whatever_happens_to_jobs_they_stand_as_the_model_says(postgres_url: str) -> None:
    live_through(postgres_url, lives=8, steps=40)


@pytest.mark.journey
def test_whatever_happens_to_jobs_for_long_they_stand_as_the_model_says(postgres_url: str) -> None:
    live_through(postgres_url, lives=100, steps=80)
