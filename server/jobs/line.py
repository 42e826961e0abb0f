"""Places in line: which due job is next in its queue, fairly among projects and within the limits of its kind.

Works on the caller's transaction and writes no event: a place in line is not part of what is true about a job.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from asyncpg import Record

from server.db import Connection, Queries
from server.jobs.admission import WHOLE, Candidate, admit
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
        """Let in what these slots have room for, suspects first. Returns the queues that got something.

        Whose turn it is `admission.py` says. A suspect counts under the limit of its kind, too: where one of a kind
        leaves, a suspect may come, and where a suspect leaves, one of a kind.
        """
        kinds, queues = self._affected(slots)
        limited = {queue: self._kinds.limited(queue) for queue in queues}
        suspects = {SUSPECTS + queue for queue in queues}
        locked = suspects | kinds | {kind.name for of_queue in limited.values() for kind in of_queue}
        await connection.execute(self._sql.lock_slots, sorted(locked))
        grown: set[str] = set()
        for queue, of_queue in limited.items():
            admitted = await connection.fetch(
                self._sql.admit_suspect,
                SUSPECTS + queue,
                [kind.name for kind in of_queue],
                [kind.max_running for kind in of_queue],
                [kind.max_running_per_project for kind in of_queue],
            )
            grown |= await self._line_up(connection, admitted)
        for slot in sorted(kinds):
            grown |= await self._line_up(connection, await self._admit_held(connection, slot))
        return sorted(grown)

    async def admit_all(self, connection: Connection) -> Sequence[str]:
        """As `admit`, for every slot that holds something back: what a hub that died in between left undone."""
        held = await connection.fetch(self._sql.held_slots)
        return await self.admit(connection, [row["slot"] for row in held])

    async def _admit_held(self, connection: Connection, slot: str) -> Sequence[Record]:
        in_all, of_project, alone = self._limits(slot)
        rows = await connection.fetch(self._sql.held_candidates, slot, in_all, of_project, alone)
        if not rows:
            return []
        candidates = [Candidate(*row[:4]) for row in rows]
        counts = await self._counted(connection, slot, candidates)
        before = dict(counts)
        chosen = admit(
            candidates,
            in_all=None if in_all is None else in_all - rows[0]["in_all"],
            of_project=None if of_project is None else {r["project"]: of_project - r["of_project"] for r in rows},
            counts=counts,
        )
        changed = {name: places for name, places in counts.items() if places != before.get(name)}
        if changed:
            await connection.execute(self._sql.count_places, slot, list(changed), list(changed.values()))
        admitted: Sequence[Record] = await connection.fetch(self._sql.admit_held, chosen[:PAGE])
        return admitted

    async def _counted(self, connection: Connection, slot: str, candidates: Sequence[Candidate]) -> dict[str, int]:
        """What was given while somebody less urgent waited; where all are of one class it need not be asked."""
        if len({candidate.priority for candidate in candidates}) < 2:
            return {}
        names = [WHOLE, *{candidate.project for candidate in candidates}]
        rows = await connection.fetch(self._sql.counted_places, slot, names)
        return {row["project"]: row["places"] for row in rows}

    async def _line_up(self, connection: Connection, admitted: Sequence[Record]) -> set[str]:
        if not admitted:
            return set()
        rows = await connection.fetch(self._sql.line_up, [row["id"] for row in admitted], False)
        return {row["queue"] for row in rows}

    def _affected(self, slots: Iterable[str]) -> tuple[set[str], set[str]]:
        """The kinds under whose limits there may be room, and the queues in which a suspect may be let in."""
        kinds: set[str] = set()
        queues: set[str] = set()
        for slot in slots:
            if slot.startswith(SUSPECTS):
                queues.add(slot.removeprefix(SUSPECTS))
                kinds |= {kind.name for kind in self._kinds.limited(slot.removeprefix(SUSPECTS))}
            else:
                kinds.add(slot)
                queues |= {self._kinds.get(slot).queue} if self._kinds.knows(slot) else set()
        return kinds, queues

    def _limits(self, slot: str) -> tuple[int | None, int | None, str]:
        """How many in all, how many of a project, and where those of the kind are who run alone."""
        if not self._kinds.knows(slot):
            return None, None, ""  # the kind of an earlier release
        kind = self._kinds.get(slot)
        return kind.max_running, kind.max_running_per_project, SUSPECTS + kind.queue
