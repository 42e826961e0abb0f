"""What becomes of requests: a new job, the job that is there already, or none.

Works in the store's transactions. Writing the rows is `insertion.py`'s.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeAlias
from uuid import UUID

from asyncpg import Pool, Record

from server.db import Connection, Queries
from server.jobs.changes import Changes, event_of
from server.jobs.consequences import Consequences
from server.jobs.insertion import Insertion
from server.jobs.job import Delivery, Event, EventType, JobRequest, JobState
from server.jobs.kinds import Kinds
from server.jobs.record import Accepted
from server.jobs.room import Room
from server.jobs.workflows import Workflows

RecordDeliveries: TypeAlias = Callable[[Connection, Sequence[Delivery]], Awaitable[set[str]]]
"""Writes deliveries; answers with the ids of those that are new: only these get their job."""


class Accepting:
    def __init__(
        self,
        kinds: Kinds,
        sql: Queries,
        *,
        workflows: Workflows,
        insertion: Insertion,
        consequences: Consequences,
        record_deliveries: RecordDeliveries | None,
    ) -> None:
        self._kinds = kinds
        self._sql = sql
        self._workflows = workflows
        self._insertion = insertion
        self._consequences = consequences
        self._record_deliveries = record_deliveries

    def are_plain(self, requests: Sequence[JobRequest]) -> bool:
        """Whether one statement may be enough for them: no limit, no workflow, no two of a group."""
        groups = [request.concurrency_group for request in requests if request.concurrency_group]
        return len(set(groups)) == len(groups) and all(map(self._is_plain, requests))

    def _is_plain(self, request: JobRequest) -> bool:
        if request.unique_for_seconds or self._kinds.workflow(request.kind):
            return False
        return not (self._kinds.knows(request.kind) and self._kinds.get(request.kind).slot)

    async def accept_plain(
        self, connection: "Connection | Pool", requests: Sequence[JobRequest], room: Room, changes: Changes
    ) -> Sequence[JobRequest]:
        """By one statement, so in one round trip and one commit: what most requests are. Answers with those that are
        left to `accept`: they are to cancel others of their group, or are known already.
        """
        known = [request for request in requests if self._knows_kind(request, changes)]
        accepted = [self._accepted(request) for request in known]
        inserted = await self._insertion.insert(connection, accepted, room, changes, in_free_groups=True)
        rest = [request for request in known if request.id not in inserted]
        await self._answer_repeated(connection, [r for r in rest if not r.concurrency_group], changes)
        return [request for request in rest if request.concurrency_group]

    async def accept(
        self,
        connection: Connection,
        requests: Sequence[JobRequest],
        deliveries: Sequence[Delivery],
        room: Room,
        changes: Changes,
    ) -> None:
        if deliveries and self._record_deliveries:
            new = await self._record_deliveries(connection, deliveries)
            asked = {d.id: d for d in reversed(deliveries) if d.job and d.id in new}  # the first of each id
            requests = once_each([*requests, *(r for d in reversed(asked.values()) for r in (d.job, *d.beside) if r)])
        requests = await self._whose_key_is_free(connection, requests, changes)
        known = [request for request in requests if self._knows_kind(request, changes)]
        accepted = [self._accepted(request) for request in known]
        inserted = await self._insertion.insert(connection, accepted, room, changes)
        begun = [row for row in accepted if row.id in inserted and row.queue == ""]
        moves = await self._workflows.begin(connection, begun)
        await self._consequences.carry_on(connection, moves, changes, room)
        await self.cancel_older(connection, [r for r in known if r.id in inserted], room, changes)
        await self._answer_repeated(connection, [r for r in known if r.id not in inserted], changes)

    async def _whose_key_is_free(
        self, connection: Connection, requests: Sequence[JobRequest], changes: Changes
    ) -> Sequence[JobRequest]:
        """Those whose key is not still taken by a job that ended a while ago, and those that are known already."""
        keyed = [request for request in requests if request.key and request.unique_for_seconds]
        if not keyed:
            return requests
        known = {row["id"] for row in await connection.fetch(self._sql.known_jobs, [request.id for request in keyed])}
        keyed = [request for request in keyed if request.id not in known]
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
                changes.answers.append(_refusal(request, EventType.CANCELLED, f"the key {request.key} is still taken"))
        return [request for request in requests if request.id not in taken]

    def _knows_kind(self, request: JobRequest, changes: Changes) -> bool:
        if self._kinds.knows(request.kind):
            return True
        changes.answers.append(_refusal(request, EventType.DEAD, f"unknown kind of job: {request.kind}"))
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

    async def cancel_older(
        self, connection: Connection, newer: Sequence[JobRequest], room: Room, changes: Changes
    ) -> None:
        """Of each group of these only the newest is left, unless the group is debounced and others run."""
        groups = [request.concurrency_group for request in newer if request.concurrency_group]
        if not groups:
            return
        debounced = [r.concurrency_group for r in newer if r.concurrency_group and r.debounce_seconds]
        rows = await connection.fetch(self._sql.cancel_groups, groups, debounced)
        for row in rows:
            changes.record(event_of(row, EventType.SUPERSEDED, "superseded by a newer request"))
        cancelled = {row["id"] for row in rows}
        room.give_back(agent_id for agent_id, order in changes.work if order.job_id in cancelled)
        changes.work = [work for work in changes.work if work[1].job_id not in cancelled]
        changes.stop(rows)
        await self._consequences.follow(connection, rows, changes)

    async def answer_ended(self, connection: "Connection | Pool", job_ids: Sequence[UUID], changes: Changes) -> None:
        for row in await connection.fetch(self._sql.how_jobs_stand, list(job_ids)):
            if JobState(row["state"]).is_final:
                changes.answers.append(_how_it_stands(row))

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
                changes.answers.append(_refusal(request, EventType.CANCELLED, message))
            else:
                changes.answers.append(_how_it_stands(row))


def once_each(requests: Iterable[JobRequest]) -> list[JobRequest]:
    """An envelope that came twice is one request."""
    return list({request.id: request for request in requests}.values())


def _how_it_stands(row: Record) -> Event:
    return event_of(row, _EVENT_OF_STATE[row["state"]], row["error"] or "", row["result"])


def _refusal(request: JobRequest, type_: EventType, message: str) -> Event:
    return Event(type_, request.project, request.id, request.kind, message=message)


_EVENT_OF_STATE = {
    JobState.WAITING: EventType.ACCEPTED,
    JobState.QUEUED: EventType.ACCEPTED,
    JobState.RUNNING: EventType.ACCEPTED,
    JobState.SUCCEEDED: EventType.SUCCEEDED,
    JobState.DEAD: EventType.DEAD,
    JobState.CANCELLED: EventType.CANCELLED,
}
