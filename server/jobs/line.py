"""Places in line: which due job is next in its queue, fairly among projects and within the limits of its kind.

Works on the caller's transaction and writes no event: a place in line is not part of what is true about a job.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from asyncpg import Record

from server.db import Connection, Queries
from server.jobs.kinds import Kinds

SUSPECTS = "suspects:"
"""The slot of jobs whose agent vanished: one at a time in each queue, so that the next crash tells which it was."""
PAGE = 1000


class Line:
    def __init__(self, kinds: Kinds, sql: Queries) -> None:
        self._kinds = kinds
        self._sql = sql

    async def join(self, connection: Connection, rows: Iterable[Record], *, front: bool = False) -> None:
        """These jobs are due (rows with `id` and `slot`): they line up, or are held until their slot has room."""
        free: list[UUID] = []
        limited: dict[str, list[UUID]] = {}
        for row in rows:
            limited.setdefault(row["slot"], []).append(row["id"]) if row["slot"] else free.append(row["id"])
        if free:
            await connection.fetch(self._sql.line_up, free, front)
        if limited:
            await connection.execute(self._sql.hold_jobs, [job_id for ids in limited.values() for job_id in ids])
            await self.admit(connection, limited)

    async def join_due(self, connection: Connection) -> int:
        """Whatever became due. Returns how many."""
        rows = await connection.fetch(self._sql.due_jobs, PAGE)
        if rows:
            await self.join(connection, rows)
        return len(rows)

    async def admit(self, connection: Connection, slots: Iterable[str]) -> Sequence[str]:
        """Let in what these slots have room for. Returns the queues that got something."""
        queues: set[str] = set()
        for slot in sorted(set(slots)):
            in_all, per_project = self._limits(slot)
            await connection.execute(self._sql.lock_slot, slot)
            admitted = await connection.fetch(self._sql.admit_held, slot, in_all, per_project)
            if admitted:
                rows = await connection.fetch(self._sql.line_up, [row["id"] for row in admitted], False)
                queues |= {row["queue"] for row in rows}
        return sorted(queues)

    async def admit_all(self, connection: Connection) -> Sequence[str]:
        """As `admit`, for every slot that holds something back: what a hub that died in between left undone."""
        held = await connection.fetch(self._sql.held_slots)
        return await self.admit(connection, [row["slot"] for row in held])

    def _limits(self, slot: str) -> tuple[int | None, int | None]:
        if slot.startswith(SUSPECTS):
            return 1, None
        if not self._kinds.knows(slot):
            return None, None  # the kind of an earlier release
        kind = self._kinds.get(slot)
        return kind.max_running, kind.max_running_per_project
