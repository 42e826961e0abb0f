"""What else happens in a transaction that changed jobs: they line up, their workflows go on, their events are written.

Every transaction of the store ends with `settle`. Changes nothing of its own accord.
"""

from collections.abc import Iterable, Sequence

from asyncpg import Record

from server.db import Connection, Queries
from server.jobs.changes import Changes
from server.jobs.course import Moves
from server.jobs.insertion import Insertion
from server.jobs.line import Line
from server.jobs.room import Room
from server.jobs.workflows import Workflows


class Consequences:
    def __init__(self, sql: Queries, line: Line, workflows: Workflows, insertion: Insertion) -> None:
        self._sql = sql
        self._line = line
        self._workflows = workflows
        self._insertion = insertion

    async def line_up(
        self, connection: Connection, rows: Sequence[Record], changes: Changes, *, front: bool = False
    ) -> None:
        if rows:
            await self._line.join(connection, rows, front=front)
            changes.line_up(row["queue"] for row in rows)

    async def follow(self, connection: Connection, rows: Iterable[Record], changes: Changes) -> None:
        """What it means for workflows that these jobs, which they are or are of, ended or queue again."""
        ids = [row["id"] for row in rows if row["workflow_id"] or row["queue"] == ""]
        if ids:
            await self._write_recorded(connection, changes)  # what follows from it stands behind it
            await self.carry_on(connection, await self._workflows.changed(connection, ids), changes)

    async def carry_on(self, connection: Connection, moves: Moves, changes: Changes, room: Room | None = None) -> None:
        """What workflows did is done to their jobs."""
        changes.events += moves.told
        changes.stop(moves.cancelled)
        changes.freed_slots |= {row["slot"] for row in moves.paused if row["slot"]}
        await self.line_up(connection, moves.lined_up, changes)
        await self._insertion.insert(connection, moves.steps, room or Room(), changes)

    async def settle(self, connection: Connection, changes: Changes) -> None:
        """Write the events that no statement wrote yet; let in what limits held back and now have room for."""
        await self._write_recorded(connection, changes)
        if changes.freed_slots:
            changes.line_up(await self._line.admit(connection, changes.freed_slots))
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
