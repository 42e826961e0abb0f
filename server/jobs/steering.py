"""What a turn does to the jobs of its workflows: cancels, discards, revives, pauses, releases. Noted, then written."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from server.db import Connection, Queries
from server.jobs.changes import event_of
from server.jobs.course import Course, Moves
from server.jobs.job import EventType
from server.jobs.kinds import Kinds
from server.jobs.step_job import StepJob


class Steering:
    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._cancels: list[tuple[UUID, str, str, str]] = []
        self._discards: list[tuple[UUID, list[str], str]] = []
        self._revivals: list[tuple[UUID, str, str]] = []
        self._pauses: dict[UUID, str] = {}
        self._releases: dict[UUID, str] = {}

    def cancel(self, course: Course, jobs: StepJob, reason: str, actor: str = "") -> None:
        self._cancels.append((course.workflow.id, jobs.of_step, reason, actor))

    def discard(self, course: Course, steps: list[str], by: str) -> None:
        """*steps* with their rounds."""
        self._discards.append((course.workflow.id, steps, by))

    def revive(self, course: Course, jobs: StepJob, by: str) -> None:
        self._revivals.append((course.workflow.id, jobs.of_step, by))

    def pause(self, course: Course, by: str = "") -> None:
        self._pauses[course.workflow.id] = by

    def release(self, course: Course, by: str) -> None:
        self._releases[course.workflow.id] = by

    async def write(self, connection: Connection, sql: Queries, courses: Collection[Course], moves: Moves) -> None:
        """The jobs of these workflows, and those that revived ones themselves are, follow; *moves* tells of it."""
        if self._cancels:
            rows = await connection.fetch(sql.cancel_steps, *zip(*self._cancels, strict=True))
            moves.cancelled += rows
            _tell(moves, rows, EventType.CANCELLED, [row["reason"] for row in rows])
        for discard in self._discards:
            rows = await connection.fetch(sql.discard_steps, *discard)
            _tell(moves, rows, EventType.DISCARDED, [row["error"] for row in rows])
        revived = {course.workflow.id: course.events for course in courses if course.is_revived}
        for workflow_id, events in revived.items():
            by = next(event.actor for event in events if event.actor)
            rows = await connection.fetch(sql.revive_workflows, [workflow_id], by, f"retried by {by}")
            _tell(moves, rows, EventType.RETRIED, [f"retried by {by}"] * len(rows))
        for by in {by for _, _, by in self._revivals}:
            ids, names = zip(*((id_, name) for id_, name, who in self._revivals if who == by), strict=True)
            why = f"retried by {by}"
            rows = await connection.fetch(sql.revive_steps, ids, names, by, why, self._kinds.all_limited)
            moves.lined_up += rows
            _tell(moves, rows, EventType.RETRIED, [why] * len(rows))
        for workflow_id, by in self._pauses.items():
            rows = await connection.fetch(sql.pause_steps, [workflow_id], by)
            moves.paused += rows
            _tell(moves, rows, EventType.PAUSED, [""] * len(rows))
        for workflow_id, by in self._releases.items():
            rows = await connection.fetch(sql.release_steps, [workflow_id], by)
            moves.lined_up += [row for row in rows if not row["delay"]]
            _tell(moves, rows, EventType.RELEASED, [""] * len(rows))


def _tell(moves: Moves, rows: Sequence[Record], type_: EventType, messages: Sequence[str]) -> None:
    for row, message in zip(rows, messages, strict=True):
        moves.told.append(event_of(row, type_, message))
