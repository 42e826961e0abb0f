"""Give back what agents hold: they vanished, stopped, or never got it.

Says nothing about whether they did: `store.py` finds out.
"""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from server.db import Connection, Queries
from server.jobs.changes import Changes, event_of
from server.jobs.consequences import Consequences
from server.jobs.job import EventType, JobState
from server.jobs.record import Cause
from server.jobs.wire import HANDED_OUT_SECONDS
from server.jobs.workflows import Workflows


class Returning:
    def __init__(self, sql: Queries, workflows: Workflows, consequences: Consequences) -> None:
        self._sql = sql
        self._workflows = workflows
        self._consequences = consequences

    async def give_back(
        self,
        connection: Connection,
        agent_ids: Sequence[UUID],
        changes: Changes,
        *,
        vanished: bool,
        workflow_id: UUID | None = None,
    ) -> Sequence[Record]:
        """All that they hold, or what they hold of one workflow. *vanished*: it counts as a crash of each attempt."""
        await self._workflows.take_held_by(connection, agent_ids)
        rows: Sequence[Record] = await connection.fetch(self._sql.give_back_jobs, agent_ids, vanished, workflow_id)
        queued = [row for row in rows if row["state"] == JobState.QUEUED]
        for row in rows:
            if row["state"] == JobState.DEAD:
                changes.record_dead(row, Cause.CRASHED)
            else:
                _record_returned(row, EventType.CRASHED if vanished else EventType.LOST, changes)
            changes.freed_slots |= {slot for slot in (row["ran_in"], row["slot"]) if slot}
        await self._consequences.line_up(connection, queued, changes, front=True)
        await self._consequences.follow(connection, rows, changes)
        return rows

    async def take_back(self, connection: Connection, job_ids: Sequence[UUID], changes: Changes) -> None:
        """What was handed out a while ago, and is not held by its living agent."""
        await self._workflows.take(connection, job_ids)
        rows = await connection.fetch(self._sql.take_back_jobs, job_ids, HANDED_OUT_SECONDS)
        for row in rows:
            _record_returned(row, EventType.LOST, changes)
        await self._consequences.line_up(connection, rows, changes, front=True)
        await self._consequences.follow(connection, rows, changes)


def _record_returned(row: Record, type_: EventType, changes: Changes) -> None:
    changes.record(event_of(row, type_, row["error"]), agent_id=row["agent_id"], error_class=row["error_class"])
