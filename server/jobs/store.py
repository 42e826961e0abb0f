"""The jobs table: what is true about work.

Every method that changes something is one transaction and writes its events with it. Calls nobody: it answers with the
`Changes` that the orchestrator then tells. Places in line and limits are `line.py`'s, what workflows do is
`workflows.py`'s; reading is `views.py`'s.
"""

import copy
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias
from uuid import UUID

import msgspec
from asyncpg import Pool, Record
from asyncpg.pool import PoolConnectionProxy

from server.db import Queries
from server.faults import reach
from server.jobs.agent_state import AgentState
from server.jobs.course import Moves
from server.jobs.job import (
    Delivery,
    Event,
    EventType,
    JobRequest,
    JobState,
    Priority,
)
from server.jobs.kinds import Kinds
from server.jobs.line import Line
from server.jobs.meter import Lasted
from server.jobs.record import Accepted, Cause, Died
from server.jobs.room import Member, Room
from server.jobs.wire import HANDED_OUT_SECONDS, MAX_RESULT_BYTES, Beat, Held, Outcome, Outcomes, OutcomeType, WorkOrder
from server.jobs.workflows import Workflows
from server.messaging import Role

Connection: TypeAlias = "PoolConnectionProxy[Record]"
RecordDeliveries = Callable[[Connection, Sequence[Delivery]], Awaitable[set[str]]]
"""Writes deliveries; answers with the ids of those that are new: only these get their job."""
OnSucceeded = Callable[[Connection, Record, bytes], Awaitable[bytes]]
"""Takes note of a job's result (JSON) in the transaction that finishes it; answers with the result to keep. The record
has the job's id, kind, project, workflow_id, step and args (JSON).

Raises ValueError, before it touches the database, for a result that must not be kept: the job is then dead."""

Due = Callable[[Connection], Awaitable[Sequence[JobRequest]]]
"""What is to be asked for now; it moves on what it is taken from, in the transaction of the connection."""
Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[Connection]]

LEASE_SECONDS = 15.0
"""How long an agent may be silent; it beats every three."""
ENDED_LATELY_SECONDS = 300.0
AGENTS_KEPT_SECONDS = 7 * 86400.0
SHARES_KEPT_SECONDS = 86400.0
FAILURES_KEPT_SECONDS = 90 * 86400.0
INTERACTIVE_KEEP_SECONDS = 30 * 60.0
KEEP_SECONDS = 30 * 86400.0
SWEEP_PAGE = 1000


@dataclass(frozen=True)
class Recorded:
    """An event that is still to be written."""

    event: Event
    actor: str = ""
    agent_id: UUID | None = None
    error_class: str | None = None


@dataclass
class Changes:
    """What a transaction changed.

    *events* are recorded and told, *answers* only told; *work* is to be handed out, by agent; *stopped* are attempts
    that nobody wants any more, by agent; *gone* are agents that have ended; *wishes* are what agents have yet to hear
    of what is wished of them; *lined_up* are queues whose line grew; *waits_seconds*: after how long what may not start
    yet may. *waited*, *ran* and *expired* are only measured: how long attempts waited in line and ran, and whose leases
    ran out.
    """

    events: list[Event] = field(default_factory=list)
    answers: list[Event] = field(default_factory=list)
    work: list[tuple[UUID, WorkOrder]] = field(default_factory=list)
    stopped: dict[UUID, list[Held]] = field(default_factory=dict)
    gone: list[tuple[UUID, Role]] = field(default_factory=list)
    wishes: list[tuple[UUID, Role, str]] = field(default_factory=list)
    lined_up: set[str] = field(default_factory=set)
    freed_slots: set[str] = field(default_factory=set)
    waits_seconds: list[float] = field(default_factory=list)
    waited: list[Lasted] = field(default_factory=list)
    ran: list[Lasted] = field(default_factory=list)
    expired: list[Role] = field(default_factory=list)
    to_record: list[Recorded] = field(default_factory=list)

    def record(
        self, event: Event, *, actor: str = "", agent_id: UUID | None = None, error_class: str | None = None
    ) -> None:
        """Note an event that its statement did not write itself."""
        self.to_record.append(Recorded(event, actor, agent_id, error_class))
        self.events.append(event)

    def stop(self, rows: Iterable[Record]) -> None:
        """These ended while agents held them."""
        for row in rows:
            if row["agent_id"] is not None:
                self.stopped.setdefault(row["agent_id"], []).append(Held(row["id"], row["attempt"]))
            if row["slot"] is not None:
                self.freed_slots.add(row["slot"])


class JobStore:
    def __init__(
        self,
        pool: Pool,
        kinds: Kinds,
        *,
        record_deliveries: RecordDeliveries | None = None,
        on_succeeded: Mapping[str, OnSucceeded] | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._pool = pool
        self._kinds = kinds
        self._record_deliveries = record_deliveries
        self._on_succeeded = on_succeeded or {}
        self._noted_kinds = list(self._on_succeeded)
        self.lease_seconds = lease_seconds
        self._transaction: Transactions = self._own_transaction
        self._sql = Queries.load("server.jobs", "queries.sql")
        self._line = Line(kinds, self._sql)
        self._workflows = Workflows(kinds)

    def within(self, transaction: Transactions) -> Self:
        """The same store, whose changes are made in transactions of the caller's: a leader's, say."""
        store = copy.copy(self)
        store._transaction = transaction
        return store

    @asynccontextmanager
    async def _own_transaction(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection
            reach("transaction.before_commit")

    # --- requests and outcomes --------------------------------------------------------------------------------------

    async def accept(
        self, requests: Sequence[JobRequest], deliveries: Sequence[Delivery] = (), room: Room | None = None
    ) -> Changes:
        """Record new jobs, and hand out at once what *room* has places for.

        A request seen before (same id) changes nothing and is answered with how its job stands; one whose key is taken
        is answered as cancelled. Older live jobs of the same concurrency group are cancelled.
        """
        changes = Changes()
        requests = _once_each(requests)
        if not deliveries and all(map(self._is_plain, requests)):
            return await self._accept_plain(requests, room or Room(), changes)
        async with self._transaction() as connection:
            if deliveries and self._record_deliveries:
                new = await self._record_deliveries(connection, deliveries)
                asked = {d.id: d.job for d in reversed(deliveries) if d.job and d.id in new}  # the first of each id
                requests = _once_each([*requests, *reversed(asked.values())])
            requests = await self._whose_key_is_free(connection, requests, changes)
            await self._insert(connection, requests, room or Room(), changes)
            await self._settle(connection, changes)
        return changes

    async def finish(self, reports: Sequence[Outcomes]) -> Changes:
        """Write how attempts ended, of any agents. An outcome of an attempt that is not the current one is dropped."""
        changes = Changes()
        agents = {(o.job_id, o.attempt): report.agent_id for report in reports for o in report.outcomes}
        outcomes = [outcome for report in reports for outcome in report.outcomes]
        rest: Sequence[Outcome] = [outcome for outcome in outcomes if outcome.kind in self._noted_kinds]
        plain = [outcome for outcome in outcomes if outcome.kind not in self._noted_kinds]
        if plain:
            rows = await self._write_outcomes(self._pool, agents, plain, changes, only_plain=True)
            ended = {row["id"] for row in rows}
            rest = [*rest, *(outcome for outcome in plain if outcome.job_id not in ended)]
        if rest or changes.freed_slots:
            async with self._transaction() as connection:
                await self._finish_with_notes(connection, agents, rest, changes)
                await self._settle(connection, changes)
        return changes

    async def claim(self, queue: str, agents: Sequence[UUID], *, kept: int = 0, kept_for: Priority) -> Changes:
        """Hand the next jobs in line to *agents*, one for each place; *kept* of the places are for a lower class."""
        changes = Changes()
        rows = await self._pool.fetch(self._sql.claim_jobs, queue, list(agents), kept, kept_for)
        inputs = await self._workflows.inputs(self._pool, rows)
        for row in rows:
            of_row = inputs.get(row["id"], {})
            order = self._order(row["id"], row["kind"], row["project"], row["attempt"], _args(row), of_row)
            changes.work.append((row["agent_id"], order))
            changes.events.append(_event(row, EventType.STARTED))
            changes.waited.append(Lasted(row["kind"], row["waited"]))
        return changes

    async def accept_due(self, due: Due) -> Changes:
        """As `accept`, for what *due* says in the same transaction: it and the jobs are there, or neither is."""
        changes = Changes()
        async with self._transaction() as connection:
            await self._insert(connection, await due(connection), Room(), changes)
            await self._settle(connection, changes)
        return changes

    # --- agents -----------------------------------------------------------------------------------------------------

    async def beat(self, beats: Sequence[Beat]) -> tuple[Changes, bool]:
        """Extend the leases of these agents, and set right what they hold.

        `Changes.gone`: those that were given up already and must begin anew. Also answers whether one is new here.
        """
        changes = Changes()
        beats = list({beat.agent_id: beat for beat in beats}.values())
        rows = await self._pool.fetch(
            self._sql.beat,
            [beat.agent_id for beat in beats],
            [beat.name for beat in beats],
            [beat.role for beat in beats],
            [",".join(beat.queues) for beat in beats],
            [beat.capacity for beat in beats],
            [beat.state for beat in beats],
            [beat.public_key for beat in beats],
            self.lease_seconds,
        )
        changes.gone = [(row["id"], Role(row["role"])) for row in rows if row["ended"]]
        living = {row["id"] for row in rows if not row["ended"]}
        states = {beat.agent_id: beat.state for beat in beats}
        for row in rows:
            wish = _unheard_wish(row["wanted"], states[row["id"]])
            if wish and not row["ended"]:
                changes.wishes.append((row["id"], Role(row["role"]), wish))
        held = [(beat.agent_id, one) for beat in beats for one in beat.held if beat.agent_id in living]
        await self._compare_held(list(living), held, changes)
        return changes, any(row["is_new"] for row in rows)

    async def agents_ended(self, agent_ids: Sequence[UUID], *, vanished: bool) -> Changes:
        """They said good-bye, or are known to be dead: what they held goes back now, not when the lease runs out."""
        changes = Changes()
        async with self._transaction() as connection:
            state = "lost" if vanished else "left"
            ended = await connection.fetch(self._sql.end_agents, list(agent_ids), state)
            changes.gone = [(row["id"], Role(row["role"])) for row in ended]
            await self._give_back(connection, list(agent_ids), vanished, changes)
            await self._settle(connection, changes)
        return changes

    async def rescue(self) -> Changes:
        """Give back what is held under leases that ran out."""
        changes = Changes()
        async with self._transaction() as connection:
            ended = await connection.fetch(self._sql.end_silent_agents)
            changes.gone = [(row["id"], Role(row["role"])) for row in ended]
            changes.expired = [role for _, role in changes.gone]
            if ended:
                await self._give_back(connection, [row["id"] for row in ended], True, changes)
            orphaned = await connection.fetch(self._sql.orphaned_agents)
            if orphaned:  # handed out in the moment in which they ended
                await self._give_back(connection, [row["id"] for row in orphaned], False, changes)
            reach("rescue.before_commit")
            await self._settle(connection, changes)
        reach("rescue.after_commit")
        return changes

    async def agents_ended_lately(self) -> Changes:
        """Those to whom it is said once more: the hub that ended them may have died before it said so."""
        rows = await self._pool.fetch(self._sql.agents_ended_lately, ENDED_LATELY_SECONDS)
        return Changes(gone=[(row["id"], Role(row["role"])) for row in rows])

    async def members(self) -> list[Member]:
        """Who takes work now, and how much more each."""
        rows = await self._pool.fetch(self._sql.members)
        return [Member(row["id"], Role(row["role"]), tuple(row["queues"]), row["free"]) for row in rows]

    async def wake_hubs(self, subject: str) -> None:
        """Tell the other hubs to look again."""
        await self._pool.execute(self._sql.wake_hubs, subject)

    # --- time -------------------------------------------------------------------------------------------------------

    async def line_up_due(self) -> float | None:
        """Let what became due join the line. Returns how many seconds until more is due; None when nothing waits."""
        while True:
            async with self._transaction() as connection:
                joined = await self._line.join_due(connection)
            if joined < SWEEP_PAGE:
                break
        seconds: float | None = await self._pool.fetchval(self._sql.next_due)
        return seconds

    async def sweep(self) -> Changes:
        """Cancel what did not start in time, end what did not end in time, and let in what limits hold back."""
        changes = Changes()
        async with self._transaction() as connection:
            expired = await connection.fetch(self._sql.expire_jobs, SWEEP_PAGE)
            for row in expired:
                changes.record(_event(row, EventType.EXPIRED, row["error"]))
            overdue = await connection.fetch(self._sql.end_overdue_jobs, SWEEP_PAGE)
            for row in overdue:
                self._record_dead(row, Cause.DEADLINE, changes)
            changes.stop([*expired, *overdue])
            await self._follow(connection, [*expired, *overdue], changes)
            late = await self._workflows.end_overdue(connection, at_most=SWEEP_PAGE)
            await self._carry_on(connection, late, changes)
            await self._settle(connection, changes)
            changes.lined_up |= set(await self._line.admit_all(connection))
        return changes

    async def clean(self) -> int:
        """Let what is finished and old leave the hot tables; returns how many jobs went. What is dead stays."""
        gone = 0
        while True:
            async with self._transaction() as connection:
                page: int = await connection.fetchval(self._sql.delete_finished, INTERACTIVE_KEEP_SECONDS, KEEP_SECONDS)
            gone += page
            if page == 0:
                break
        async with self._transaction() as connection:
            await connection.execute(self._sql.forget_agents, AGENTS_KEPT_SECONDS)
            await connection.execute(self._sql.forget_keys)
            await connection.execute(self._sql.forget_failures, FAILURES_KEPT_SECONDS)
            await connection.execute(self._sql.forget_shares, SHARES_KEPT_SECONDS)
        return gone

    # --- wishes of people -------------------------------------------------------------------------------------------

    async def cancel(self, job_ids: Iterable[UUID], *, by: str) -> Changes:
        changes = Changes()
        ids = list(job_ids)
        async with self._transaction() as connection:
            await self._workflows.take(connection, ids)
            for job_id in ids:
                rows = await connection.fetch(self._sql.cancel_job, job_id, f"cancelled by {by}")
                for row in rows:
                    changes.record(_event(row, EventType.CANCELLED, f"cancelled by {by}"), actor=by)
                changes.stop(rows)
                await self._follow(connection, rows, changes)
            await self._settle(connection, changes)
        return changes

    async def retry_dead(self, job_ids: Iterable[UUID], *, by: str) -> Changes:
        """Give dead jobs another full set of attempts; a dead workflow goes on where it died."""
        changes = Changes()
        async with self._transaction() as connection:
            ids = list(job_ids)
            again = await connection.fetch(self._sql.retry_dead, ids)
            for row in again:
                changes.record(_event(row, EventType.RETRIED, f"retried by {by}"), actor=by)
            await self._line_up(connection, again, changes)
            await self._carry_on(connection, await self._workflows.revive(connection, ids, by=by), changes)
            await self._settle(connection, changes)
        return changes

    async def discard_dead(self, job_ids: Iterable[UUID], *, by: str) -> Changes:
        changes = Changes()
        async with self._transaction() as connection:
            rows = await connection.fetch(self._sql.discard_dead, list(job_ids), by)
            for row in rows:
                event = _event(row, EventType.DISCARDED, row["error"] or "")
                changes.record(event, actor=by, error_class=row["error_class"])
            await self._follow(connection, rows, changes)
            await self._settle(connection, changes)
        return changes

    async def pause(self, workflow_ids: Iterable[UUID], *, by: str) -> Changes:
        """What runs of these workflows ends, and nothing begins until `resume`."""
        return await self._moved(lambda connection: self._workflows.pause(connection, workflow_ids, by=by))

    async def resume(self, workflow_ids: Iterable[UUID], *, by: str) -> Changes:
        return await self._moved(lambda connection: self._workflows.resume(connection, workflow_ids, by=by))

    async def retry_from(self, workflow_id: UUID, step: str, *, by: str) -> Changes:
        """A workflow's step, and all after it, are done anew."""
        return await self._moved(lambda connection: self._workflows.retry_from(connection, workflow_id, step, by=by))

    async def fail_step(self, workflow_id: UUID, step: str, reason: str, *, by: str) -> Changes:
        """Take a workflow's step for dead, with all that follows from it."""
        return await self._moved(lambda connection: self._workflows.fail(connection, workflow_id, step, reason, by=by))

    async def take_from(self, agent_id: UUID, workflow_id: UUID) -> Changes:
        """An agent failed at a workflow: what it holds of it goes back now, as if the agent had vanished."""
        changes = Changes()
        async with self._transaction() as connection:
            await self._workflows.take(connection, [workflow_id])
            rows = await self._give_back(connection, [agent_id], True, changes, workflow_id=workflow_id)
            changes.stop(rows)
            await self._settle(connection, changes)
        return changes

    # --- accepting --------------------------------------------------------------------------------------------------

    async def _accept_plain(self, requests: Sequence[JobRequest], room: Room, changes: Changes) -> Changes:
        """One statement, so one round trip and one commit: what most requests are."""
        known = [request for request in requests if self._knows_kind(request, changes)]
        accepted = [self._accepted(request) for request in known]
        inserted = await self._insert_rows(self._pool, accepted, room, changes)
        await self._answer_repeated(self._pool, [r for r in known if r.id not in inserted], changes)
        return changes

    def _is_plain(self, request: JobRequest) -> bool:
        """Whether one statement is enough for it."""
        if request.concurrency_group or request.unique_for_seconds or self._kinds.workflow(request.kind):
            return False
        return not (self._kinds.knows(request.kind) and self._kinds.get(request.kind).slot)

    async def _insert(
        self, connection: Connection, requests: Sequence[JobRequest], room: Room, changes: Changes
    ) -> None:
        requests = [request for request in requests if self._knows_kind(request, changes)]
        accepted = [self._accepted(request) for request in requests]
        inserted = await self._insert_rows(connection, accepted, room, changes)
        new = [request for request in requests if request.id in inserted]
        begun = [row for row in accepted if row.id in inserted and row.queue == ""]
        await self._carry_on(connection, await self._workflows.begin(connection, begun), changes, room)
        await self._cancel_older(connection, new, room, changes)
        await self._answer_repeated(connection, [r for r in requests if r.id not in inserted], changes)

    async def _insert_rows(
        self, connection: "Connection | Pool", rows: Sequence[Accepted], room: Room, changes: Changes
    ) -> set[UUID]:
        """Record jobs, and hand out those for which there is room. Answers with those that are new."""
        if not rows:
            return set()
        agents = self._places(rows, room)
        columns = zip(*(_columns(row, agents.get(row.id)) for row in rows), strict=True)
        inserted = {row["id"] for row in await connection.fetch(self._sql.accept_jobs, *map(list, columns))}
        limited: list[Accepted] = []
        for row in rows:
            if row.id not in inserted:
                continue
            changes.events.append(Event(EventType.ACCEPTED, row.project, row.id, row.kind))
            agent_id = agents.pop(row.id, None)
            if agent_id is not None:
                changes.work.append((agent_id, self._order(row.id, row.kind, row.project, 1, row.args, {})))
                changes.events.append(Event(EventType.STARTED, row.project, row.id, row.kind, 1))
                changes.waited.append(Lasted(row.kind, 0.0))
            elif _lines_up(row):
                changes.lined_up.add(row.queue)
            elif row.state is JobState.QUEUED and row.slot and not _waits(row):
                limited.append(row)
            elif row.state is JobState.QUEUED:
                changes.waits_seconds.append(row.delay_seconds)
        room.give_back(agents.values())  # of those that were not new
        if limited:
            changes.freed_slots |= {row.slot for row in limited if row.slot}
            changes.lined_up |= {row.queue for row in limited}
            await connection.execute(self._sql.hold_jobs, [row.id for row in limited])
        return inserted

    def _places(self, rows: Sequence[Accepted], room: Room) -> dict[UUID, UUID]:
        """An agent for each job that may run at once; the urgent first."""
        places: dict[UUID, UUID] = {}
        waiting: dict[str, list[Accepted]] = {}
        for row in rows:
            if _lines_up(row) and not row.needs:  # what it needs is fetched when it is claimed
                waiting.setdefault(row.queue, []).append(row)
        for queue, of_queue in waiting.items():
            if not room.has_line(queue):
                of_queue.sort(key=_urgency)
                places.update(zip((row.id for row in of_queue), room.take(queue, len(of_queue)), strict=False))
        return places

    def _knows_kind(self, request: JobRequest, changes: Changes) -> bool:
        if self._kinds.knows(request.kind):
            return True
        message = f"unknown kind of job: {request.kind}"
        changes.answers.append(Event(EventType.DEAD, request.project, request.id, request.kind, message=message))
        return False

    def _accepted(self, request: JobRequest) -> Accepted:
        workflow = self._kinds.workflow(request.kind)
        kind = None if workflow else self._kinds.get(request.kind)
        return Accepted(
            id=request.id,
            kind=request.kind,
            project=request.project,
            queue=kind.queue if kind else "",
            args=request.args,
            state=JobState.QUEUED if kind else JobState.RUNNING,
            priority=request.priority,
            max_attempts=kind.max_attempts if kind else 1,
            key=request.key,
            concurrency_group=request.concurrency_group,
            requested_by=request.requested_by,
            slot=kind.slot if kind else None,
            run_at=request.run_at,
            delay_seconds=request.delay_seconds + request.debounce_seconds,
            ttl_seconds=request.ttl_seconds,
            deadline_seconds=request.deadline_seconds,
        )

    async def _whose_key_is_free(
        self, connection: Connection, requests: Sequence[JobRequest], changes: Changes
    ) -> Sequence[JobRequest]:
        """Those whose key is not still taken by a job that ended a while ago."""
        keyed = [request for request in requests if request.key and request.unique_for_seconds]
        if not keyed:
            return requests
        rows = await connection.fetch(
            self._sql.take_keys,
            [request.kind for request in keyed],
            [request.key for request in keyed],
            [request.id for request in keyed],
            [request.unique_for_seconds for request in keyed],
        )
        taken = {request.id for request in keyed} - {row["job_id"] for row in rows}
        for request in keyed:
            if request.id in taken:
                message = f"the key {request.key} is still taken"
                answer = Event(EventType.CANCELLED, request.project, request.id, request.kind, message=message)
                changes.answers.append(answer)
        return [request for request in requests if request.id not in taken]

    async def _cancel_older(
        self, connection: Connection, newer: Sequence[JobRequest], room: Room, changes: Changes
    ) -> None:
        groups = [request.concurrency_group for request in newer if request.concurrency_group]
        if not groups:
            return
        debounced = [r.concurrency_group for r in newer if r.concurrency_group and r.debounce_seconds]
        rows = await connection.fetch(self._sql.cancel_groups, groups, debounced)
        for row in rows:
            changes.record(_event(row, EventType.SUPERSEDED, "superseded by a newer request"))
        cancelled = {row["id"] for row in rows}
        room.give_back(agent_id for agent_id, order in changes.work if order.job_id in cancelled)
        changes.work = [work for work in changes.work if work[1].job_id not in cancelled]
        changes.stop(rows)
        await self._follow(connection, rows, changes)

    async def _answer_repeated(
        self, connection: "Connection | Pool", requests: Sequence[JobRequest], changes: Changes
    ) -> None:
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

    # --- finishing --------------------------------------------------------------------------------------------------

    async def _finish_with_notes(
        self,
        connection: Connection,
        agents: Mapping[tuple[UUID, int], UUID],
        outcomes: Sequence[Outcome],
        changes: Changes,
    ) -> None:
        """Those whose result somebody takes note of, and the steps of workflows."""
        told = {(o.job_id, o.attempt): o for o in outcomes}  # the same one may come twice
        await self._workflows.take(connection, [job_id for job_id, _ in told])
        current = await connection.fetch(
            self._sql.fence_outcomes, [job_id for job_id, _ in told], [attempt for _, attempt in told]
        )
        ended = [(row, told[row["id"], row["attempt"]]) for row in current]
        typed = {
            o.job_id: bytes(o.result) for row, o in ended if row["workflow_id"] and o.type is OutcomeType.SUCCEEDED
        }
        refused = await self._workflows.refusals(connection, typed)
        kept = [
            _refused(outcome, refused[row["id"]])
            if row["id"] in refused
            else await self._noted(connection, row, outcome)
            for row, outcome in ended
        ]
        rows = await self._write_outcomes(connection, agents, kept, changes, only_plain=False)
        await self._follow(connection, rows, changes)

    async def _noted(self, connection: Connection, row: Record, outcome: Outcome) -> Outcome:
        """The outcome with the result that is kept; given up when its result is refused."""
        note = self._on_succeeded.get(row["kind"])
        if outcome.type is not OutcomeType.SUCCEEDED or note is None or len(outcome.result) > MAX_RESULT_BYTES:
            return outcome
        try:
            result = await note(connection, {**row, "args": _args(row)}, bytes(outcome.result))
        except (ValueError, msgspec.MsgspecError) as refusal:
            return _refused(outcome, str(refusal))
        return msgspec.structs.replace(outcome, result=msgspec.Raw(result))

    async def _write_outcomes(
        self,
        connection: "Connection | Pool",
        agents: Mapping[tuple[UUID, int], UUID],
        outcomes: Sequence[Outcome],
        changes: Changes,
        *,
        only_plain: bool,
    ) -> Sequence[Record]:
        outcomes = [o if len(o.result) <= MAX_RESULT_BYTES else _refused(o, "too large") for o in outcomes]
        if not outcomes:
            return []
        rows: Sequence[Record] = await connection.fetch(
            self._sql.finish_jobs,
            [o.job_id for o in outcomes],
            [o.attempt for o in outcomes],
            [_REFUSED if o.error_class == _REFUSED else o.type for o in outcomes],
            [bytes(o.result) if o.type is OutcomeType.SUCCEEDED else None for o in outcomes],
            [o.error or None for o in outcomes],
            [o.error_class or None for o in outcomes],
            [o.snooze_seconds for o in outcomes],
            [random.uniform(0.5, 1.0) for _ in outcomes],  # noqa: S311 - spreads load, guards nothing
            only_plain,
            self._noted_kinds,
            [agents[o.job_id, o.attempt] for o in outcomes],
        )
        for row in rows:
            type_ = _EVENT_OF[row["state"], row["outcome"]]
            result = bytes(outcomes[row["place"] - 1].result) if type_ is EventType.SUCCEEDED else None
            changes.events.append(_event(row, type_, row["error"] or "", result))
            changes.ran.append(Lasted(row["kind"], row["ran"]))
            if row["delay"] is not None:
                changes.waits_seconds.append(row["delay"])
            if row["slot"] is not None:
                changes.freed_slots.add(row["slot"])
        return rows

    # --- giving back ------------------------------------------------------------------------------------------------

    async def _compare_held(self, living: Sequence[UUID], held: Sequence[tuple[UUID, Held]], changes: Changes) -> None:
        """What was handed to these agents and what they say they hold are to be the same."""
        ids, attempts = [one.job_id for _, one in held], [one.attempt for _, one in held]
        unheld = await self._pool.fetch(self._sql.unheld_jobs, living, ids, attempts, HANDED_OUT_SECONDS)
        if unheld:
            async with self._transaction() as connection:
                rows = await connection.fetch(
                    self._sql.take_back_jobs, [row["id"] for row in unheld], HANDED_OUT_SECONDS
                )
                for row in rows:
                    event = _event(row, EventType.LOST, row["error"])
                    changes.record(event, agent_id=row["agent_id"], error_class=row["error_class"])
                await self._line_up(connection, rows, changes, front=True)
                await self._follow(connection, rows, changes)
                await self._settle(connection, changes)
        if held:
            for row in await self._pool.fetch(self._sql.not_theirs, [agent for agent, _ in held], ids, attempts):
                changes.stopped.setdefault(row["agent_id"], []).append(Held(row["id"], row["attempt"]))

    async def _give_back(
        self,
        connection: Connection,
        agent_ids: Sequence[UUID],
        vanished: bool,
        changes: Changes,
        *,
        workflow_id: UUID | None = None,
    ) -> Sequence[Record]:
        """All that they hold, or what they hold of one workflow."""
        rows: Sequence[Record] = await connection.fetch(self._sql.give_back_jobs, agent_ids, vanished, workflow_id)
        queued = [row for row in rows if row["state"] == JobState.QUEUED]
        for row in rows:
            if row["state"] == JobState.DEAD:
                self._record_dead(row, Cause.CRASHED, changes)
            else:
                type_ = EventType.CRASHED if vanished else EventType.LOST
                event = _event(row, type_, row["error"])
                changes.record(event, agent_id=row["agent_id"], error_class=row["error_class"])
            if row["slot"]:
                changes.freed_slots.add(row["slot"])
        await self._line_up(connection, queued, changes, front=True)
        await self._follow(connection, rows, changes)
        return rows

    # --- workflows ----------------------------------------------------------------------------------------------------

    async def _moved(self, move: Callable[[Connection], Awaitable[Moves]]) -> Changes:
        changes = Changes()
        async with self._transaction() as connection:
            await self._carry_on(connection, await move(connection), changes)
            await self._settle(connection, changes)
        return changes

    async def _follow(self, connection: Connection, rows: Iterable[Record], changes: Changes) -> None:
        """What it means for workflows that these jobs, which they are or are of, ended or queue again."""
        ids = [row["id"] for row in rows if row["workflow_id"] or row["queue"] == ""]
        if ids:
            await self._write_recorded(connection, changes)  # what follows from it stands behind it
            await self._carry_on(connection, await self._workflows.changed(connection, ids), changes)

    async def _carry_on(self, connection: Connection, moves: Moves, changes: Changes, room: Room | None = None) -> None:
        changes.events += moves.told
        changes.stop(moves.cancelled)
        changes.freed_slots |= {row["slot"] for row in moves.paused if row["slot"]}
        await self._line_up(connection, moves.lined_up, changes)
        await self._insert_rows(connection, moves.steps, room or Room(), changes)

    # --- the end of every transaction -------------------------------------------------------------------------------

    async def _line_up(
        self, connection: Connection, rows: Sequence[Record], changes: Changes, *, front: bool = False
    ) -> None:
        if rows:
            await self._line.join(connection, rows, front=front)
            changes.lined_up |= {row["queue"] for row in rows}

    async def _settle(self, connection: Connection, changes: Changes) -> None:
        """Write the events that no statement wrote yet; let in what limits held back and now have room for."""
        await self._write_recorded(connection, changes)
        if changes.freed_slots:
            changes.lined_up |= set(await self._line.admit(connection, changes.freed_slots))
            changes.freed_slots = set()

    async def _write_recorded(self, connection: Connection, changes: Changes) -> None:
        if changes.to_record:
            recorded, changes.to_record = changes.to_record, []
            events = [one.event for one in recorded]
            await connection.execute(
                self._sql.append_events,
                [e.job_id for e in events],
                [e.type for e in events],
                [e.attempt for e in events],
                [e.message for e in events],
                [e.kind for e in events],
                [e.project for e in events],
                [one.actor for one in recorded],
                [one.agent_id for one in recorded],
                [one.error_class for one in recorded],
                [None if bytes(e.data) == b"null" else bytes(e.data) for e in events],
            )

    def _record_dead(self, row: Record, cause: Cause, changes: Changes) -> None:
        event = _event(row, EventType.DEAD, row["error"] or "", msgspec.json.encode(Died(cause)))
        changes.record(event, agent_id=row.get("agent_id"), error_class=row["error_class"])

    def _order(
        self,
        job_id: UUID,
        kind: str,
        project: str,
        attempt: int,
        args: msgspec.Raw,
        inputs: dict[str, msgspec.Raw],
    ) -> WorkOrder:
        return WorkOrder(job_id, kind, project, attempt, args, inputs, self._kinds.get(kind).timeout_seconds)


_REFUSED = "refused"
_NULL = msgspec.Raw(b"null")
_EVENT_OF_STATE = {
    JobState.WAITING: EventType.ACCEPTED,
    JobState.QUEUED: EventType.ACCEPTED,
    JobState.RUNNING: EventType.ACCEPTED,
    JobState.SUCCEEDED: EventType.SUCCEEDED,
    JobState.DEAD: EventType.DEAD,
    JobState.CANCELLED: EventType.CANCELLED,
}
_EVENT_OF: dict[tuple[str, str], EventType] = {
    (JobState.SUCCEEDED, OutcomeType.SUCCEEDED): EventType.SUCCEEDED,
    (JobState.QUEUED, OutcomeType.FAILED): EventType.RETRY,
    (JobState.QUEUED, OutcomeType.SNOOZED): EventType.SNOOZED,
    (JobState.DEAD, OutcomeType.FAILED): EventType.DEAD,
    (JobState.DEAD, OutcomeType.GAVE_UP): EventType.DEAD,
    (JobState.DEAD, _REFUSED): EventType.DEAD,
}


class _Request(msgspec.Struct):
    args: msgspec.Raw


_decode_accepted = msgspec.json.Decoder(_Request).decode
_encode = msgspec.json.Encoder().encode


def _args(row: Record) -> msgspec.Raw:
    return _decode_accepted(row["accepted"]).args


def _waits(row: Accepted) -> bool:
    return row.run_at is not None or row.delay_seconds > 0


def _once_each(requests: Iterable[JobRequest]) -> list[JobRequest]:
    """An envelope that came twice is one request."""
    return list({request.id: request for request in requests}.values())


def _lines_up(row: Accepted) -> bool:
    return row.state is JobState.QUEUED and row.slot is None and not _waits(row)


def _urgency(row: Accepted) -> int:
    return row.priority


def _columns(row: Accepted, agent_id: UUID | None) -> tuple[Any, ...]:
    """The parameters of `accept_jobs`, in order."""
    state = row.state if agent_id is None else JobState.RUNNING
    return (
        row.id, row.kind, row.project, row.queue, state, row.priority, row.max_attempts, row.key, row.concurrency_group,
        row.requested_by, row.workflow_id, row.step, ",".join(row.needs) or None, row.slot, row.run_at,
        row.delay_seconds, row.ttl_seconds, row.deadline_seconds, agent_id, agent_id is None and _lines_up(row),
        _encode(row),
    )  # fmt: skip


def _refused(outcome: Outcome, why: str) -> Outcome:
    return msgspec.structs.replace(
        outcome, type=OutcomeType.GAVE_UP, result=_NULL, error=f"result refused: {why}", error_class=_REFUSED
    )


def _unheard_wish(wanted: str, state: AgentState) -> str:
    """What an agent in this state has yet to be told; who is to retire is told until it is gone."""
    if wanted == "work":
        return "resume" if state is AgentState.DRAINING else ""
    return wanted if wanted == "retire" or state is not AgentState.DRAINING else ""


def _event(row: Record, type_: EventType, message: str = "", data: bytes | None = None) -> Event:
    return Event(
        type=type_,
        project=row["project"],
        job_id=row["id"],
        kind=row["kind"],
        attempt=row["attempt"],
        message=message,
        data=_NULL if data is None else msgspec.Raw(data),
    )
