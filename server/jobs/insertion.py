"""Insert jobs by one statement, and hand out at once those for which there is room.

Decides nothing about them: `accepting.py` says what becomes of requests, `turn.py` which steps begin.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Pool

from server.db import Connection, Queries
from server.jobs.changes import Changes, Lasted
from server.jobs.job import Event, EventType, JobState, Priority
from server.jobs.kinds import Kinds
from server.jobs.record import Accepted
from server.jobs.room import Room
from server.jobs.wire import WorkOrder


class Insertion:
    def __init__(self, kinds: Kinds, sql: Queries) -> None:
        self._kinds = kinds
        self._sql = sql

    async def insert(
        self,
        connection: "Connection | Pool",
        rows: Sequence[Accepted],
        room: Room,
        changes: Changes,
        *,
        in_free_groups: bool = False,
    ) -> set[UUID]:
        """Record jobs. Answers with those that are new. *in_free_groups*: only those in whose group no other lives."""
        if not rows:
            return set()
        agents = _places(rows, room)
        if len(rows) == len(agents) == 1:
            values = _values(rows[0], agents[rows[0].id])
            found = await connection.fetch(self._sql.accept_one, *values, in_free_groups)
        else:
            columns = zip(*(_columns(row, agents.get(row.id)) for row in rows), strict=True)
            found = await connection.fetch(self._sql.accept_jobs, *map(list, columns), in_free_groups)
        inserted = {row["id"] for row in found}
        limited: list[Accepted] = []
        for row in rows:
            if row.id not in inserted:
                continue
            changes.events.append(Event(EventType.ACCEPTED, row.project, row.id, row.kind))
            agent_id = agents.pop(row.id, None)
            if agent_id is not None:
                self._hand_out(row, agent_id, changes)
            elif _lines_up(row):
                changes.line_up([row.queue], urgent=_is_urgent(row))
            elif row.state is JobState.QUEUED and row.slot and not _waits(row):
                limited.append(row)
            elif row.state is JobState.QUEUED:
                changes.waits_seconds.append(row.delay_seconds)
        room.give_back(agents.values())  # of those that were not new
        if limited:
            changes.freed_slots |= {row.slot for row in limited if row.slot}
            changes.line_up(row.queue for row in limited)
            await connection.execute(self._sql.hold_jobs, [row.id for row in limited])
        return inserted

    def _hand_out(self, row: Accepted, agent_id: UUID, changes: Changes) -> None:
        timeout_seconds = self._kinds.get(row.kind).timeout_seconds
        order = WorkOrder(row.id, row.kind, row.project, 1, row.args, {}, timeout_seconds, row.workflow_id)
        changes.work.append((agent_id, order))
        changes.events.append(Event(EventType.STARTED, row.project, row.id, row.kind, 1))
        changes.waited.append(Lasted(row.kind, 0.0))


def _places(rows: Sequence[Accepted], room: Room) -> dict[UUID, UUID]:
    """An agent for each job that may run at once; the urgent first."""
    places: dict[UUID, UUID] = {}
    waiting: dict[str, list[Accepted]] = {}
    for row in rows:
        if _lines_up(row) and not row.needs:  # what it needs is fetched when it is claimed
            waiting.setdefault(row.queue, []).append(row)
    for queue, of_queue in waiting.items():
        of_queue.sort(key=_urgency)
        if room.has_line(queue):  # those who are in line come first, but for interactive jobs
            of_queue = [] if room.has_urgent_line(queue) else list(filter(_is_urgent, of_queue))
        urgent = sum(map(_is_urgent, of_queue))
        agents = room.take(queue, urgent, urgent=True)
        if len(agents) == urgent:
            agents += room.take(queue, len(of_queue) - urgent)
        places.update(zip((row.id for row in of_queue), agents, strict=False))
    return places


def _columns(row: Accepted, agent_id: UUID | None) -> tuple[Any, ...]:
    """The parameters of `accept_jobs` but the last, in order."""
    state = row.state if agent_id is None else JobState.RUNNING
    return (
        row.id, row.kind, row.project, row.queue, state, row.priority, row.max_attempts, row.key, row.concurrency_group,
        row.requested_by, row.workflow_id, row.step, ",".join(row.needs) or None, row.slot, row.run_at,
        row.delay_seconds, row.ttl_seconds, row.deadline_seconds, agent_id, agent_id is None and _lines_up(row),
        _encode(row),
    )  # fmt: skip


def _values(row: Accepted, agent_id: UUID) -> tuple[Any, ...]:
    """The parameters of `accept_one` but the last, in order."""
    return (
        row.id, row.kind, row.project, row.queue, row.priority, row.max_attempts, row.key, row.concurrency_group,
        row.requested_by, row.workflow_id, row.step, row.slot, row.ttl_seconds, row.deadline_seconds, agent_id,
        _encode(row),
    )  # fmt: skip


def _lines_up(row: Accepted) -> bool:
    return row.state is JobState.QUEUED and row.slot is None and not _waits(row)


def _waits(row: Accepted) -> bool:
    return row.run_at is not None or row.delay_seconds > 0


def _urgency(row: Accepted) -> int:
    return row.priority


def _is_urgent(row: Accepted) -> bool:
    return row.priority is Priority.INTERACTIVE


_encode = msgspec.json.Encoder().encode
