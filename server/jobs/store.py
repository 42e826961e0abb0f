"""The jobs table: what is true about work.

Every method that changes something is one transaction and writes its events with it. Calls nobody: it answers with the
`Changes` that the orchestrator then tells.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from asyncpg import Pool, Record
from asyncpg.pool import PoolConnectionProxy

from server.db import Queries
from server.jobs.job import Delivery, Event, EventType, Job, JobNotFound, JobRequest, JobState, Priority, new_job_id
from server.jobs.kinds import Kinds
from server.jobs.wire import MAX_RESULT_BYTES, Beat, Held, Outcome, OutcomeType, WorkOrder

Connection: TypeAlias = "PoolConnectionProxy[Record]"
RecordDeliveries = Callable[[Connection, Sequence[Delivery]], Awaitable[set[str]]]
"""Writes deliveries; answers with the ids of those that are new: only these get their job."""
OnSucceeded = Callable[[Connection, Record, bytes], Awaitable[bytes]]
"""Takes note of a job's result (JSON) in the transaction that finishes it; answers with the result to keep.

Raises ValueError, before it touches the database, for a result that must not be kept: the job is then dead."""

LEASE_SECONDS = 15.0
"""How long an agent may be silent about what it holds; it beats every three."""
HAND_OUT_SECONDS = 6.0
"""How long until an agent has taken what was handed out, and said so. Streams are shallow: it is there at once."""
AGENT_SILENT_SECONDS = 15.0
INTERACTIVE_KEEP_SECONDS = 30 * 60.0
KEEP_SECONDS = 30 * 86400.0


@dataclass
class Changes:
    """What a transaction changed.

    *events* are recorded and told, *answers* only told; *work* is to be handed out: queue, priority, order; *stopped*
    are attempts that nobody wants any more, by queue.
    """

    events: list[Event] = field(default_factory=list)
    answers: list[Event] = field(default_factory=list)
    work: list[tuple[str, Priority, WorkOrder]] = field(default_factory=list)
    stopped: dict[str, list[Held]] = field(default_factory=dict)
    touched_queues: set[str] = field(default_factory=set)


class JobStore:
    def __init__(
        self,
        pool: Pool,
        kinds: Kinds,
        *,
        record_deliveries: RecordDeliveries | None = None,
        on_succeeded: Mapping[str, OnSucceeded] | None = None,
    ) -> None:
        self._pool = pool
        self._kinds = kinds
        self._record_deliveries = record_deliveries
        self._on_succeeded = on_succeeded or {}
        self._sql = Queries.load("server.jobs", "queries.sql")

    # --- what the orchestrator does -------------------------------------------------------------------------------

    async def accept(self, requests: Sequence[JobRequest], deliveries: Sequence[Delivery] = ()) -> Changes:
        """Record new jobs and hand out at once what there is room for.

        A request seen before (same id) changes nothing and is answered with how its job stands; one whose key is live
        is answered as cancelled. Older live jobs of the same concurrency group are cancelled.
        """
        changes = Changes()
        async with self._pool.acquire() as connection, connection.transaction():
            if deliveries and self._record_deliveries:
                new = await self._record_deliveries(connection, deliveries)
                asked = {d.id: d.job for d in reversed(deliveries) if d.job and d.id in new}  # the first of each id
                requests = [*requests, *reversed(asked.values())]
            await self._insert(connection, requests, changes)
            await self._claim(connection, changes)
            await self._append_events(connection, changes)
        return changes

    async def finish(self, outcomes: Sequence[Outcome]) -> Changes:
        """Write how attempts ended. An outcome of an attempt that is not the current one is dropped."""
        changes = Changes()
        async with self._pool.acquire() as connection, connection.transaction():
            await self._finish(connection, outcomes, changes)
            await self._claim(connection, changes)
            await self._append_events(connection, changes)
        return changes

    async def dispatch(self, queues: Iterable[str]) -> Changes:
        """Hand out what is due and has room."""
        changes = Changes(touched_queues=set(queues))
        async with self._pool.acquire() as connection, connection.transaction():
            await self._claim(connection, changes)
            await self._append_events(connection, changes)
        return changes

    async def beat(self, beat: Beat) -> list[UUID]:
        """Extend the leases of what the agent holds; returns what is no longer its to run."""
        held = beat.held
        rows = await self._pool.fetch(
            self._sql.beat,
            beat.agent_id,
            beat.queue,
            beat.capacity,
            [h.job_id for h in held],
            [h.attempt for h in held],
            LEASE_SECONDS,
        )
        return [row["id"] for row in rows]

    async def forget_agent(self, agent_id: UUID) -> Changes:
        """The agent is known to be dead: what it held is given back now, not when its lease runs out."""
        await self._pool.execute(self._sql.forget_agent, agent_id)
        return await self.rescue([agent_id])

    async def rescue(self, dead_agents: Sequence[UUID] = ()) -> Changes:
        """Give back jobs whose lease ran out, and hand them out again where there is room."""
        changes = Changes()
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(self._sql.rescue_jobs, list(dead_agents))
            for row in rows:
                dead = row["state"] == JobState.DEAD
                changes.events.append(_event(row, EventType.DEAD if dead else EventType.RETRY, row["error"]))
                changes.touched_queues.add(row["queue"])
            await self._end_workflows(
                connection, {row["workflow_id"] for row in rows if row["state"] == JobState.DEAD}, changes
            )
            await self._claim(connection, changes)
            await self._append_events(connection, changes)
        return changes

    async def cancel(self, job_ids: Iterable[UUID], *, by: str) -> Changes:
        changes = Changes()
        async with self._pool.acquire() as connection, connection.transaction():
            for job_id in job_ids:
                rows = await connection.fetch(self._sql.cancel_job, job_id, f"cancelled by {by}")
                _stop(rows, changes)
                changes.events += [_event(row, EventType.CANCELLED, f"cancelled by {by}") for row in rows]
            await self._append_events(connection, changes)
        return changes

    async def retry_dead(self, job_ids: Sequence[UUID], *, by: str) -> Changes:
        changes = Changes()
        async with self._pool.acquire() as connection, connection.transaction():
            for row in await connection.fetch(self._sql.retry_dead, list(job_ids)):
                changes.events.append(_event(row, EventType.RETRY, f"retried by {by}"))
                changes.touched_queues.add(row["queue"])
            await self._claim(connection, changes)
            await self._append_events(connection, changes)
        return changes

    async def discard_dead(self, job_ids: Sequence[UUID], *, by: str) -> Changes:
        changes = Changes()
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(self._sql.discard_dead, list(job_ids), by)
            changes.events += [_event(row, EventType.CANCELLED, f"discarded by {by}") for row in rows]
            await self._append_events(connection, changes)
        return changes

    async def clean(self) -> int:
        """Retention: finished jobs leave, and agents that have been silent for a minute are forgotten."""
        await self._pool.execute(self._sql.forget_silent_agents, 60.0)
        deleted: int = await self._pool.fetchval(self._sql.delete_finished, INTERACTIVE_KEEP_SECONDS, KEEP_SECONDS)
        return deleted

    # --- what anybody may read ------------------------------------------------------------------------------------

    async def get(self, job_id: UUID) -> Job:
        row = await self._pool.fetchrow(self._sql.get_job, job_id)
        if row is None:
            raise JobNotFound(f"there is no job {job_id}", hint="finished editor jobs are kept for half an hour")
        return _job(row)

    async def list(
        self,
        *,
        state: JobState | None = None,
        kind: str | None = None,
        project: str | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Newest first; go on with *before* = the last id."""
        rows = await self._pool.fetch(self._sql.list_jobs, state, kind, project, before, limit)
        return [_job(row) for row in rows]

    async def result(self, job_id: UUID) -> bytes | None:
        """JSON, or None while there is none. Raises `JobNotFound`."""
        row = await self._pool.fetchrow(self._sql.get_result, job_id)
        if row is None:
            raise JobNotFound(f"there is no job {job_id}")
        result: bytes | None = row["result"]
        return result

    async def events(self, job_id: UUID) -> Sequence[dict[str, Any]]:
        return [dict(row) for row in await self._pool.fetch(self._sql.list_events, job_id)]

    async def counts(self) -> Sequence[dict[str, Any]]:
        """Jobs in the hot table by kind and state: `{"kind", "state", "jobs"}`."""
        return [dict(row) for row in await self._pool.fetch(self._sql.count_jobs)]

    async def agents(self) -> Sequence[dict[str, Any]]:
        """`{"id", "queue", "capacity", "started_at", "seen_at", "silent_seconds", "running"}` each."""
        return [dict(row) for row in await self._pool.fetch(self._sql.list_agents)]

    # --- steps of the transactions above --------------------------------------------------------------------------

    async def _insert(self, connection: Connection, requests: Sequence[JobRequest], changes: Changes) -> None:
        requests = [request for request in requests if self._knows_kind(request, changes)]
        newest = {r.concurrency_group: r.id for r in requests if r.concurrency_group}
        outdated = {r.id for r in requests if r.concurrency_group and newest[r.concurrency_group] != r.id}
        inserted = await self._insert_rows(connection, [self._row(r, outdated=r.id in outdated) for r in requests])
        live = [r for r in requests if r.id in inserted and r.id not in outdated]
        steps = [row for r in live for row in self._step_rows(r)]
        await self._insert_rows(connection, steps)
        changes.touched_queues |= {self._kinds.get(r.kind).queue for r in live if not self._kinds.workflow(r.kind)}
        changes.touched_queues |= {row[_QUEUE] for row in steps}
        for request in (r for r in requests if r.id in inserted):
            type_ = EventType.SUPERSEDED if request.id in outdated else EventType.ACCEPTED
            changes.events.append(Event(type_, request.project, request.id, request.kind))
        await self._cancel_older(connection, live, changes)
        await self._answer_repeated(connection, [r for r in requests if r.id not in inserted], changes)

    def _knows_kind(self, request: JobRequest, changes: Changes) -> bool:
        if self._kinds.knows(request.kind):
            return True
        message = f"unknown kind of job: {request.kind}"
        changes.answers.append(Event(EventType.DEAD, request.project, request.id, request.kind, message=message))
        return False

    async def _insert_rows(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> set[UUID]:
        if not rows:
            return set()
        columns = [list(column) for column in zip(*rows, strict=True)]
        return {row["id"] for row in await connection.fetch(self._sql.insert_jobs, *columns)}

    def _row(self, request: JobRequest, *, outdated: bool) -> tuple[Any, ...]:
        workflow = self._kinds.workflow(request.kind)
        kind = None if workflow else self._kinds.get(request.kind)
        queue, attempts = (kind.queue, kind.max_attempts) if kind else ("", 1)
        state = JobState.CANCELLED if outdated else JobState.RUNNING if workflow else JobState.QUEUED
        return (
            request.id, request.kind, request.project, queue, state, request.priority, attempts, request.key,
            request.concurrency_group, request.requested_by, None, None, None, bytes(request.args),
        )  # fmt: skip

    def _step_rows(self, request: JobRequest) -> Sequence[tuple[Any, ...]]:
        workflow = self._kinds.workflow(request.kind)
        if workflow is None:
            return []
        return [
            (
                new_job_id(), step.kind, request.project, self._kinds.get(step.kind).queue,
                JobState.WAITING if step.needs else JobState.QUEUED, request.priority,
                self._kinds.get(step.kind).max_attempts, None, None, request.requested_by,
                request.id, step.name, ",".join(step.needs) or None, bytes(request.args),
            )
            for step in workflow.steps
        ]  # fmt: skip

    async def _cancel_older(self, connection: Connection, newer: Sequence[JobRequest], changes: Changes) -> None:
        groups = [request.concurrency_group for request in newer if request.concurrency_group]
        if groups:
            rows = await connection.fetch(self._sql.cancel_groups, groups, [request.id for request in newer])
            changes.events += [_event(row, EventType.SUPERSEDED, "superseded by a newer request") for row in rows]
            _stop(rows, changes)

    async def _answer_repeated(self, connection: Connection, requests: Sequence[JobRequest], changes: Changes) -> None:
        """A door that heard nothing asks again with the same id: tell it how that job stands."""
        if not requests:
            return
        rows = await connection.fetch(self._sql.how_jobs_stand, [request.id for request in requests])
        standing = {row["id"]: row for row in rows}
        for request in requests:
            row = standing.get(request.id)
            if row is None:
                message = f"a live job already has the key {request.key}"
                answer = Event(EventType.CANCELLED, request.project, request.id, request.kind, message=message)
            else:
                answer = _event(row, _EVENT_OF_STATE[row["state"]], row["error"] or "", row["result"])
            changes.answers.append(answer)

    async def _claim(self, connection: Connection, changes: Changes) -> None:
        for queue in sorted(changes.touched_queues):
            rows = await connection.fetch(self._sql.claim_jobs, queue, HAND_OUT_SECONDS, AGENT_SILENT_SECONDS)
            for row in sorted(rows, key=lambda row: (row["priority"], row["id"])):
                inputs: dict[str, msgspec.Raw] = {}
                if row["needs"]:
                    steps = await connection.fetch(self._sql.step_results, row["workflow_id"], row["needs"])
                    inputs = {step["step"]: msgspec.Raw(step["result"]) for step in steps}
                order = WorkOrder(
                    job_id=row["id"],
                    kind=row["kind"],
                    project=row["project"],
                    attempt=row["attempt"],
                    args=msgspec.Raw(row["args"]),
                    inputs=inputs,
                    timeout_seconds=self._kinds.get(row["kind"]).timeout_seconds,
                )
                changes.work.append((queue, Priority(row["priority"]), order))
                changes.events.append(_event(row, EventType.STARTED))

    async def _finish(self, connection: Connection, outcomes: Sequence[Outcome], changes: Changes) -> None:
        current = await connection.fetch(
            self._sql.fence_outcomes, [o.job_id for o in outcomes], [o.attempt for o in outcomes]
        )
        told = {(o.job_id, o.attempt): o for o in outcomes}
        kept = [await self._noted(connection, row, told[row["id"], row["attempt"]]) for row in current]
        results = {o.job_id: bytes(o.result) if o.type is OutcomeType.SUCCEEDED else None for o in kept}
        finished = await connection.fetch(
            self._sql.finish_jobs,
            [o.job_id for o in kept],
            [o.type for o in kept],
            list(results.values()),
            [o.error or None for o in kept],
            [o.snooze_seconds for o in kept],
        )
        type_of = {o.job_id: o.type for o in kept}
        for row in finished:
            type_ = _EVENT_OF[row["state"], type_of[row["id"]]]
            changes.events.append(_event(row, type_, row["error"] or "", results[row["id"]]))
        changes.touched_queues |= {self._kinds.get(row["kind"]).queue for row in finished}
        ended = {row["workflow_id"] for row in finished if row["state"] in (JobState.SUCCEEDED, JobState.DEAD)}
        await self._end_workflows(connection, ended, changes)

    async def _noted(self, connection: Connection, row: Record, outcome: Outcome) -> Outcome:
        """The outcome with the result that is kept; given up when its result is refused."""
        if len(outcome.result) > MAX_RESULT_BYTES:
            return msgspec.structs.replace(outcome, type=OutcomeType.GAVE_UP, error="result refused: too large")
        note = self._on_succeeded.get(row["kind"])
        if outcome.type is not OutcomeType.SUCCEEDED or note is None:
            return outcome
        try:
            result = await note(connection, row, bytes(outcome.result))
        except (ValueError, msgspec.MsgspecError) as refusal:
            return msgspec.structs.replace(outcome, type=OutcomeType.GAVE_UP, error=f"result refused: {refusal}")
        return msgspec.structs.replace(outcome, result=msgspec.Raw(result))

    async def _end_workflows(self, connection: Connection, workflow_ids: set[UUID | None], changes: Changes) -> None:
        """Steps of these workflows have ended: release those that waited, and end the workflows that are done."""
        ids = [workflow_id for workflow_id in workflow_ids if workflow_id is not None]
        if not ids:
            return
        await connection.fetch(self._sql.lock_workflows, ids)
        released = await connection.fetch(self._sql.release_steps, ids)
        changes.touched_queues |= {row["queue"] for row in released}
        ended = await connection.fetch(self._sql.end_workflows, ids)
        for row in ended:
            dead = row["state"] == JobState.DEAD
            changes.events.append(_event(row, EventType.DEAD if dead else EventType.SUCCEEDED, row["error"] or ""))
        dead_ids = [row["id"] for row in ended if row["state"] == JobState.DEAD]
        if dead_ids:
            rows = await connection.fetch(self._sql.cancel_steps_of_dead, dead_ids)
            changes.events += [_event(row, EventType.CANCELLED, "an earlier step is dead") for row in rows]

    async def _append_events(self, connection: Connection, changes: Changes) -> None:
        events = changes.events
        if events:
            await connection.execute(
                self._sql.append_events,
                [e.job_id for e in events],
                [e.type for e in events],
                [e.attempt for e in events],
                [e.message for e in events],
            )


_QUEUE = 3  # the place of the queue in a row of insert_jobs
_EVENT_OF_STATE = {
    JobState.WAITING: EventType.ACCEPTED,
    JobState.QUEUED: EventType.ACCEPTED,
    JobState.RUNNING: EventType.ACCEPTED,
    JobState.SUCCEEDED: EventType.SUCCEEDED,
    JobState.DEAD: EventType.DEAD,
    JobState.CANCELLED: EventType.CANCELLED,
}
_EVENT_OF = {
    (JobState.SUCCEEDED, OutcomeType.SUCCEEDED): EventType.SUCCEEDED,
    (JobState.QUEUED, OutcomeType.FAILED): EventType.RETRY,
    (JobState.QUEUED, OutcomeType.SNOOZED): EventType.SNOOZED,
    (JobState.DEAD, OutcomeType.FAILED): EventType.DEAD,
    (JobState.DEAD, OutcomeType.GAVE_UP): EventType.DEAD,
}


def _stop(cancelled: Sequence[Record], changes: Changes) -> None:
    for row in cancelled:
        if row["queue"] and row["attempt"]:
            changes.stopped.setdefault(row["queue"], []).append(Held(row["id"], row["attempt"]))


def _event(row: Record, type_: EventType, message: str = "", data: bytes | None = None) -> Event:
    return Event(
        type=type_,
        project=row["project"],
        job_id=row["id"],
        kind=row["kind"],
        attempt=row["attempt"],
        message=message,
        data=msgspec.Raw(data) if data is not None else msgspec.Raw(b"null"),
    )


def _job(row: Record) -> Job:
    return msgspec.convert(dict(row), Job)
