"""The jobs table: what is true about work.

Every method that changes something is one transaction and writes its events with it. Calls nobody: it answers with the
`Changes` that the orchestrator then tells. What becomes of requests is `accepting.py`'s, of outcomes `finishing.py`'s,
of what agents held `returning.py`'s; what follows from all of it `consequences.py`'s. Reading is `views.py`'s.
"""

import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Self, TypeAlias
from uuid import UUID

import msgspec
from asyncpg import Pool

from server.db import Connection, Queries
from server.faults import reach
from server.jobs.accepting import Accepting, RecordDeliveries, once_each
from server.jobs.agent_state import AgentState
from server.jobs.changes import Changes, Lasted, event_of
from server.jobs.consequences import Consequences
from server.jobs.course import Moves
from server.jobs.finishing import Finishing, OnSucceeded, Reported
from server.jobs.insertion import Insertion
from server.jobs.job import Delivery, Event, EventType, JobRequest, Priority, new_job_id
from server.jobs.kinds import Kinds
from server.jobs.line import Line
from server.jobs.record import Afresh, Cause, args_of
from server.jobs.returning import Returning
from server.jobs.room import Member, Room
from server.jobs.wire import HANDED_OUT_SECONDS, Beat, Held, Outcomes, Ping, WorkOrder
from server.jobs.workflows import Workflows
from server.messaging import Role

Due: TypeAlias = Callable[[Connection], Awaitable[Sequence[JobRequest]]]
"""What is to be asked for now; it moves on what it is taken from, in the transaction of the connection."""
Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[Connection]]

LEASE_SECONDS = 15.0
"""How long an agent may be silent; it beats every three."""
MAX_AGENTS = 10_000
"""How many may live at a time: whoever has the agents' key can make up others, but not so many that we drown."""
ENDED_LATELY_SECONDS = 300.0
AGENTS_KEPT_SECONDS = 7 * 86400.0
SHARES_KEPT_SECONDS = 86400.0
FAILURES_KEPT_SECONDS = 90 * 86400.0
BRIEF_KEEP_SECONDS = 30 * 60.0
KEEP_SECONDS = 30 * 86400.0
SWEEP_PAGE = 1000
WISH = ""
"""No kind's name: under it the ids of wishes are taken keys."""
WISH_SECONDS = 3600.0


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
        self._queues = frozenset(kinds.queues)
        self._brief = kinds.brief
        self.lease_seconds = lease_seconds
        self._transaction: Transactions = self._own_transaction
        self._sql = Queries.load("server.jobs", "queries.sql")
        self._line = Line(kinds, self._sql)
        self._workflows = Workflows(kinds)
        insertion = Insertion(kinds, self._sql)
        self._after = Consequences(self._sql, self._line, self._workflows, insertion)
        self._accepting = Accepting(
            kinds,
            self._sql,
            workflows=self._workflows,
            insertion=insertion,
            consequences=self._after,
            record_deliveries=record_deliveries,
        )
        self._finishing = Finishing(
            self._sql, workflows=self._workflows, consequences=self._after, on_succeeded=on_succeeded or {}
        )
        self._returning = Returning(self._sql, self._workflows, self._after)

    def within(self, transaction: Transactions) -> Self:
        """The same store, whose changes are made in transactions of the caller's: a leader's, say."""
        store = copy.copy(self)
        store._transaction = transaction
        return store

    @asynccontextmanager
    async def in_one(self) -> AsyncIterator[Self]:
        """The same store, all of whose changes within the block are one transaction, written to the disk at its end."""
        async with self._transaction() as connection:

            @asynccontextmanager
            async def same() -> AsyncIterator[Connection]:
                yield connection

            store = self.within(same)
            store._pool = connection
            yield store

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
        requests, room = once_each(requests), room or Room()
        if not deliveries and self._accepting.are_plain(requests):
            requests = await self._accepting.accept_plain(self._pool, requests, room, changes)
            if not requests:
                return changes
        async with self._transaction() as connection:
            await self._accepting.accept(connection, requests, deliveries, room, changes)
            await self._after.settle(connection, changes)
        return changes

    async def supersede(self, requests: Sequence[JobRequest]) -> Changes:
        """After `accept`, where several hubs do: two that accepted for one group at one moment did not see each other.

        Whoever was the last to commit sees both.
        """
        changes = Changes()
        groups = [request.concurrency_group for request in requests if request.concurrency_group]
        if groups and await self._pool.fetchval(self._sql.is_any_crowded, groups):
            async with self._transaction() as connection:
                await self._accepting.cancel_older(connection, requests, Room(), changes)
                await self._after.settle(connection, changes)
        return changes

    async def stand(self, job_ids: Sequence[UUID]) -> Changes:
        """How those of these jobs ended that have ended, for a door that may have missed it."""
        changes = Changes()
        await self._accepting.answer_ended(self._pool, job_ids, changes)
        return changes

    async def finish(self, reports: Sequence[Outcomes], *, role: Role | None = None) -> Changes:
        """Write how attempts ended, of any agents. An outcome of an attempt that is not the current one is dropped.

        *role*: who signed the reports; what is not for it to run is dropped too.
        """
        changes = Changes()
        reported = [Reported(report.agent_id, outcome) for report in reports for outcome in report.outcomes]
        rest = await self._finishing.succeed(self._pool, reported, role, changes)
        if rest or changes.freed_slots:
            async with self._transaction() as connection:
                await self._finishing.finish(connection, rest, role, changes)
                await self._after.settle(connection, changes)
        return changes

    async def claim(
        self,
        queue: str,
        agents: Sequence[UUID],
        *,
        kept: int = 0,
        kept_for: Priority = Priority.BATCH,
        down_to: Priority = Priority.BATCH,
    ) -> Changes:
        """Hand the next jobs in line to *agents*, one for each place; *kept* of the places are for a lower class.

        *kept_for*: which of the two, where both wait. *down_to*: the least urgent that are handed out.
        """
        changes = Changes()
        rows = await self._pool.fetch(self._sql.claim_jobs, queue, list(agents), kept, kept_for, down_to)
        inputs = await self._workflows.inputs(self._pool, rows)
        for job_id, kind, project, attempt, agent_id, workflow_id, needs, waited, accepted in rows:
            order = WorkOrder(
                job_id,
                kind,
                project,
                attempt,
                args_of(accepted),
                inputs.get(job_id, {}) if needs else {},
                self._kinds.timeout_seconds(kind),
                workflow_id,
            )
            changes.work.append((agent_id, order))
            changes.events.append(Event(EventType.STARTED, project, job_id, kind, attempt))
            changes.waited.append(Lasted(kind, waited))
        return changes

    async def accept_due(self, due: Due) -> Changes:
        """As `accept`, for what *due* says in the same transaction: it and the jobs are there, or neither is."""
        changes = Changes()
        async with self._transaction() as connection:
            await self._accepting.accept(connection, await due(connection), (), Room(), changes)
            await self._after.settle(connection, changes)
        return changes

    # --- agents -----------------------------------------------------------------------------------------------------

    async def beat(self, beats: Sequence[Beat], ending: Set[UUID] = frozenset()) -> tuple[Changes, bool]:
        """Extend the leases of these agents, and set right what they hold.

        *ending*: jobs whose outcomes were heard and are still to be written; that nobody holds them is no loss.
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
            MAX_AGENTS,
        )
        changes.gone = [(row["id"], Role(row["role"])) for row in rows if row["ended"]]
        living = {row["id"] for row in rows if not row["ended"]}
        states = {beat.agent_id: beat.state for beat in beats}
        for row in rows:
            wish = _unheard_wish(row["wanted"], states[row["id"]])
            if wish and not row["ended"]:
                changes.wishes.append((row["id"], Role(row["role"]), wish))
        held = [(beat.agent_id, one) for beat in beats for one in beat.held if beat.agent_id in living]
        heard = {beat.agent_id: beat for beat in beats if beat.agent_id in living}
        await self._compare_held(heard, held, ending, changes)
        return changes, any(row["is_new"] for row in rows)

    async def agents_of(self, role: Role, agent_ids: Sequence[UUID]) -> Set[UUID]:
        """Of these agents, those of the role."""
        return {row["id"] for row in await self._pool.fetch(self._sql.agents_of, list(agent_ids), role)}

    async def agents_ended(self, agent_ids: Sequence[UUID], *, vanished: bool) -> Changes:
        """They said good-bye, or are known to be dead: what they held goes back now, not when the lease runs out."""
        changes = Changes()
        async with self._transaction() as connection:
            state = "lost" if vanished else "left"
            ended = await connection.fetch(self._sql.end_agents, list(agent_ids), state)
            changes.gone = [(row["id"], Role(row["role"])) for row in ended]
            await self._returning.give_back(connection, list(agent_ids), changes, vanished=vanished)
            await self._after.settle(connection, changes)
        return changes

    async def now(self) -> datetime:
        """By the database's clock."""
        now: datetime = await self._pool.fetchval(self._sql.now)
        return now

    async def rescue(self) -> Changes:
        """Give back what is held under leases that ran out."""
        changes = Changes()
        async with self._transaction() as connection:
            ended = await connection.fetch(self._sql.end_silent_agents, self.lease_seconds)
            changes.gone = [(row["id"], Role(row["role"])) for row in ended]
            changes.expired = [role for _, role in changes.gone]
            if ended:
                await self._returning.give_back(connection, [row["id"] for row in ended], changes, vanished=True)
            orphaned = await connection.fetch(self._sql.orphaned_agents)
            if orphaned:  # handed out in the moment in which they ended
                await self._returning.give_back(connection, [row["id"] for row in orphaned], changes, vanished=False)
            reach("rescue.before_commit")
            await self._after.settle(connection, changes)
        reach("rescue.after_commit")
        return changes

    async def agents_ended_lately(self) -> Changes:
        """Those to whom it is said once more: the hub that ended them may have died before it said so."""
        rows = await self._pool.fetch(self._sql.agents_ended_lately, ENDED_LATELY_SECONDS)
        return Changes(gone=[(row["id"], Role(row["role"])) for row in rows])

    async def members(self) -> list[Member]:
        """Who takes work now, and how much more each. Of the queues that an agent names, those that there are."""
        rows = await self._pool.fetch(self._sql.members)
        return [
            Member(
                row["id"],
                Role(row["role"]),
                tuple(queue for queue in row["queues"] if queue in self._queues),
                free=row["free"],
                capacity=row["capacity"],
            )
            for row in rows
        ]

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
            expired += await connection.fetch(self._sql.expire_workflows, SWEEP_PAGE)
            for row in expired:
                changes.record(event_of(row, EventType.EXPIRED, row["error"]))
            overdue = await connection.fetch(self._sql.end_overdue_jobs, SWEEP_PAGE)
            for row in overdue:
                changes.record_dead(row, Cause.DEADLINE)
            changes.stop([*expired, *overdue])
            await self._after.follow(connection, [*expired, *overdue], changes)
            late = await self._workflows.end_overdue(connection, at_most=SWEEP_PAGE)
            await self._after.carry_on(connection, late, changes)
            await self._after.settle(connection, changes)
            changes.line_up(await self._line.admit_all(connection))
        return changes

    def kept_seconds(self, request: JobRequest) -> float:
        """For how long its job is remembered after it has ended, so that what asks for it again is known."""
        is_brief = request.priority is Priority.INTERACTIVE or request.kind in self._brief
        return BRIEF_KEEP_SECONDS if is_brief else KEEP_SECONDS

    async def clean(self) -> int:
        """Let what is finished and old leave the hot tables; returns how many jobs went. What is dead stays."""
        gone = 0
        while True:
            async with self._transaction() as connection:
                page: int = await connection.fetchval(
                    self._sql.delete_finished, BRIEF_KEEP_SECONDS, KEEP_SECONDS, list(self._brief)
                )
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

    async def is_new_wish(self, wish_id: UUID) -> bool:
        """False when it was granted before, lately: it is made again when whoever made it heard nothing."""
        return bool(await self._pool.fetch(self._sql.take_keys, [WISH], [str(wish_id)], [new_job_id()], [WISH_SECONDS]))

    async def cancel(self, job_ids: Iterable[UUID], *, by: str) -> Changes:
        changes = Changes()
        ids = list(job_ids)
        async with self._transaction() as connection:
            await self._workflows.take(connection, ids)
            for job_id in ids:
                rows = await connection.fetch(self._sql.cancel_job, job_id, f"cancelled by {by}")
                for row in rows:
                    changes.record(event_of(row, EventType.CANCELLED, f"cancelled by {by}"), actor=by)
                changes.stop(rows)
                await self._after.follow(connection, rows, changes)
            await self._after.settle(connection, changes)
        return changes

    async def retry_dead(self, job_ids: Iterable[UUID], *, by: str) -> Changes:
        """Give dead jobs another full set of attempts; a dead workflow goes on where it died."""
        changes = Changes()
        async with self._transaction() as connection:
            ids = list(job_ids)
            again = await connection.fetch(self._sql.retry_dead, ids, self._kinds.all_limited)
            for row in again:
                slot = msgspec.json.encode(Afresh(row["slot"]))
                changes.record(event_of(row, EventType.RETRIED, f"retried by {by}", slot), actor=by)
            await self._after.line_up(connection, again, changes)
            await self._after.carry_on(connection, await self._workflows.revive(connection, ids, by=by), changes)
            await self._after.settle(connection, changes)
        return changes

    async def discard_dead(self, job_ids: Iterable[UUID], *, by: str) -> Changes:
        changes = Changes()
        async with self._transaction() as connection:
            ids = list(job_ids)
            await self._workflows.take(connection, ids)
            rows = await connection.fetch(self._sql.discard_dead, ids, by)
            for row in rows:
                event = event_of(row, EventType.DISCARDED, row["error"] or "")
                changes.record(event, actor=by, error_class=row["error_class"])
            await self._after.follow(connection, rows, changes)
            await self._after.settle(connection, changes)
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
            rows = await self._returning.give_back(
                connection, [agent_id], changes, vanished=True, workflow_id=workflow_id
            )
            changes.stop(rows)
            await self._after.settle(connection, changes)
        return changes

    # --- what several of them do -----------------------------------------------------------------------------------

    async def _compare_held(
        self, living: Mapping[UUID, Beat], held: Sequence[tuple[UUID, Held]], ending: Set[UUID], changes: Changes
    ) -> None:
        """What was handed to these agents and what they say they hold are to be the same.

        What they do not hold is lost only if they have heard of something later; who lags is asked how far it is.
        """
        differing = await self._pool.fetch(
            self._sql.compare_held,
            list(living),
            [beat.heard_at for beat in living.values()],
            [agent_id for agent_id, _ in held],
            [one.job_id for _, one in held],
            [one.attempt for _, one in held],
            HANDED_OUT_SECONDS,
        )
        not_theirs = [row for row in differing if row["asked_at"] is None]
        unheld = [row for row in differing if row["asked_at"] is not None and row["id"] not in ending]
        lost = [row["id"] for row in unheld if row["is_lost"]]
        if lost:
            async with self._transaction() as connection:
                await self._returning.take_back(connection, lost, changes)
                await self._after.settle(connection, changes)
        late = {row["agent_id"]: row["asked_at"] for row in unheld if not row["is_lost"]}
        changes.pings += [(living[agent_id].role, Ping(agent_id, at)) for agent_id, at in late.items()]
        for row in not_theirs:
            changes.stopped.setdefault(row["agent_id"], []).append(Held(row["id"], row["attempt"]))

    async def _moved(self, move: Callable[[Connection], Awaitable[Moves]]) -> Changes:
        changes = Changes()
        async with self._transaction() as connection:
            await self._after.carry_on(connection, await move(connection), changes)
            await self._after.settle(connection, changes)
        return changes


def _unheard_wish(wanted: str, state: AgentState) -> str:
    """What an agent in this state has yet to be told; who is to retire is told until it is gone."""
    if wanted == "work":
        return "resume" if state is AgentState.DRAINING else ""
    return wanted if wanted == "retire" or state is not AgentState.DRAINING else ""
