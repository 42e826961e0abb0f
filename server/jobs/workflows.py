"""Workflows, as `JobStore` moves them on within its transactions: begin, go on, pause, resume, retry, fail.

The store calls it whenever a workflow was accepted or a job of one has changed, and carries on with the `Moves`. Every
change of a workflow is an event in `workflow_events`, every change of a job one in `job_events`. A step has no job
before it may begin. How far a workflow goes is `turn.py`; what it may do next is `workflow.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from asyncpg import Pool, Record

from server.db import Connection, Queries
from server.jobs.course import Course, Moves
from server.jobs.job import JobState
from server.jobs.kinds import Kinds, WorkflowKind
from server.jobs.record import Accepted
from server.jobs.step_job import StepJob
from server.jobs.step_results import read_results
from server.jobs.turn import Turn
from server.jobs.workflow import StepNotFound, StepState, Workflow, WorkflowState

NEVER = datetime.min.replace(tzinfo=UTC)


class Workflows:
    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._sql = Queries.load("server.jobs", "workflows.sql")

    async def begin(self, connection: Connection, accepted: Sequence[Accepted]) -> Moves:
        """These workflows were inserted just now: their first steps begin. Others among *accepted* are let be."""
        known = [(request, self._kinds.workflow(request.kind)) for request in accepted]
        begun = [(request, definition) for request, definition in known if definition is not None]
        if not begun:
            return Moves()
        turn = Turn(self._kinds, self._sql, connection, await connection.fetchval(self._sql.now))
        for request, definition in begun:
            reason = self._misfit(request.args, definition.args)
            turn.begin(request, definition, refusal=f"args refused: {reason}" if reason else "")
        return await turn.end()

    async def take(self, connection: Connection, job_ids: Sequence[UUID]) -> None:
        """These jobs are about to be changed: their workflows are ours until the transaction ends."""
        await connection.fetch(self._sql.lock_workflows_of, job_ids)

    async def take_held_by(self, connection: Connection, agent_ids: Sequence[UUID]) -> None:
        """The same for the jobs that these agents hold."""
        await connection.fetch(self._sql.lock_workflows_held_by, agent_ids)

    async def changed(self, connection: Connection, job_ids: Sequence[UUID]) -> Moves:
        """Steps' jobs that ended or queue again, and workflows that were cancelled, all recorded: what follows."""
        rows = await connection.fetch(self._sql.changed_jobs, job_ids)
        turn = await self._turn(connection, (row["workflow_id"] or row["id"] for row in rows))
        for row in sorted(rows, key=lambda row: row["workflow_id"] is not None):
            course = turn.courses.get(row["workflow_id"] or row["id"])
            if course is None:
                continue
            state, error = JobState(row["state"]), row["error"] or ""
            if row["workflow_id"] is None:
                turn.workflow_cancelled(course, error)
            elif not course.workflow.state.is_final:
                turn.job_changed(course, StepJob.parse(row["step"]), state, error)
        await turn.note_finished()
        return await turn.end()

    async def pause(self, connection: Connection, workflow_ids: Iterable[UUID], *, by: str) -> Moves:
        """What runs ends, and nothing begins until `resume`. Those that do not run stay as they are."""
        turn = await self._turn(connection, workflow_ids)
        for course in turn.courses.values():
            if course.workflow.state is WorkflowState.RUNNING:
                turn.pause(course, by)
        return await turn.end()

    async def resume(self, connection: Connection, workflow_ids: Iterable[UUID], *, by: str) -> Moves:
        turn = await self._turn(connection, workflow_ids)
        for course in turn.courses.values():
            if course.workflow.state is WorkflowState.PAUSED:
                turn.resume(course, by)
        return await turn.end()

    async def retry_from(self, connection: Connection, workflow_id: UUID, step: str, *, by: str) -> Moves:
        """*step* and all after it are done anew, whatever became of them; results before are kept.

        Whatever else had stopped goes on too. Nothing happens where `refusal_to_retry` has something to say.
        """
        turn = await self._turn(connection, [workflow_id])
        await turn.leave_those_whose_key_is_taken()
        for course in turn.courses.values():
            if step in course.workflow.steps and not refusal_to_retry(course.workflow, step):
                turn.do_anew(course, step, by)
        return await turn.end()

    async def revive(self, connection: Connection, job_ids: Sequence[UUID], *, by: str) -> Moves:
        """Dead workflows, or dead jobs of their steps, get another full set of attempts, where they still can."""
        rows = await connection.fetch(self._sql.changed_jobs, job_ids)
        turn = await self._turn(connection, (row["workflow_id"] or row["id"] for row in rows))
        await turn.leave_those_whose_key_is_taken()
        for row in rows:
            course = turn.courses.get(row["workflow_id"] or row["id"])
            if course is None or row["state"] != JobState.DEAD:
                continue
            if row["workflow_id"] is None:
                turn.revive(course, by)
            else:
                turn.revive_dead(course, StepJob.parse(row["step"]), by)
        return await turn.end()

    async def fail(self, connection: Connection, workflow_id: UUID, step: str, reason: str, *, by: str) -> Moves:
        """Take *step* for dead: what succeeded before it is undone, where it can be, and the workflow is dead.

        Nothing happens to a step that has not begun or has ended. Raises `StepNotFound`.
        """
        turn = await self._turn(connection, [workflow_id])
        for course in turn.courses.values():
            _refuse_unknown(course.workflow, step)
            if course.workflow.steps[step].state is StepState.RUNNING:
                turn.step_died(course, step, reason, actor=by)
                _face_it_though_paused(turn, course, by)
        return await turn.end()

    async def end_overdue(self, connection: Connection, *, at_most: int) -> Moves:
        """Those that did not end by their deadline are dead, and what succeeded is undone, where it can be."""
        rows = await connection.fetch(self._sql.overdue_workflows, at_most)
        turn = await self._turn(connection, (row["id"] for row in rows))
        for course in turn.courses.values():
            if course.workflow.state in (WorkflowState.RUNNING, WorkflowState.PAUSED):
                turn.deadline_passed(course)
        return await turn.end()

    async def inputs(
        self, connection: "Connection | Pool", claimed: Iterable[Record]
    ) -> dict[UUID, dict[str, msgspec.Raw]]:
        """By job the results that it needs, by the step they are of. *claimed*: rows with id, workflow_id and needs."""
        rows = [row for row in claimed if row["needs"]]
        asked = [(row["workflow_id"], need) for row in rows for need in row["needs"]]
        results = await read_results(connection, self._sql, asked)
        return {
            row["id"]: {
                StepJob.parse(need).step: results[row["workflow_id"], need]
                for need in row["needs"]
                if (row["workflow_id"], need) in results
            }
            for row in rows
        }

    async def refusals(self, connection: Connection, results: Mapping[UUID, bytes]) -> dict[UUID, str]:
        """Of the results (JSON) that jobs came back with, those that are not what their step declares, and why."""
        refused: dict[UUID, str] = {}
        if not results:
            return refused
        for row in await connection.fetch(self._sql.typed_steps, list(results)):
            job = StepJob.parse(row["step"])
            definition = msgspec.json.decode(row["definition"], type=WorkflowKind)
            reason = "" if job.undoes else self._misfit(results[row["id"]], definition.step(job.step).result)
            if reason:
                refused[row["id"]] = reason
        return refused

    def _misfit(self, value: bytes, type_name: str) -> str:
        """Why *value* (JSON) is not of the type; empty when it is, or when none is declared."""
        if not type_name:
            return ""
        type_ = self._kinds.type(type_name)
        if type_ is None:  # of another release: what nobody can check is not passed on
            return f"nobody here knows the type {type_name}"
        try:
            msgspec.json.decode(value, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return f"it is no {type_name}: {error}"
        return ""

    async def _turn(self, connection: Connection, workflow_ids: Iterable[UUID]) -> Turn:
        """These workflows as they stand, ours until the transaction ends."""
        ids = sorted(set(workflow_ids))
        rows = await connection.fetch(self._sql.lock_workflows, ids) if ids else []
        turn = Turn(self._kinds, self._sql, connection, rows[0]["now"] if rows else NEVER)
        turn.courses = {row["id"]: Course(workflow_of(row), row["now"]) for row in rows}
        return turn


def refusal_to_retry(workflow: Workflow, step: str) -> str:
    """Why *workflow* cannot be retried from *step*; empty when it can. Raises `StepNotFound`."""
    _refuse_unknown(workflow, step)
    if workflow.is_undone:
        return "what its steps did was undone"
    if workflow.steps[step].state is StepState.WAITING:
        return f"step {step} has not begun yet"
    return ""


def refusal_to_revive(workflow: Workflow, job: StepJob | None = None) -> str:
    """Why a dead *workflow* cannot go on where it died, or by a dead *job* of it; empty when it can."""
    if job is not None and job.round != workflow.steps[job.step].round:
        return f"step {job.step} was done anew since"
    if job is not None and job.undoes and workflow.state is not WorkflowState.DEAD:
        return f"the workflow is {workflow.state.value}"
    if job is not None and not job.undoes and workflow.is_undone:
        return "what its steps did was undone"
    if workflow.names(StepState.COMPENSATING):  # its undoing failed, and may be tried again
        return ""
    if workflow.is_undone:
        return "what its steps did was undone"
    return "" if workflow.names(StepState.DEAD, StepState.CANCELLED) else "its args were refused"


def workflow_of(row: Record) -> Workflow:
    """From a row of `workflows`; its steps in the definition's order, which Postgres does not keep."""
    definition, steps = msgspec.json.decode(row["definition"]), msgspec.json.decode(row["steps"])
    in_order = {step["name"]: steps[step["name"]] for step in definition["steps"]}
    return msgspec.convert({**row, "definition": definition, "steps": in_order}, Workflow)


def _refuse_unknown(workflow: Workflow, step: str) -> None:
    if step not in workflow.steps:
        known = ", ".join(step.name for step in workflow.definition.steps)
        raise StepNotFound(f"workflow {workflow.name} has no step {step}", hint=f"its steps: {known}")


def _face_it_though_paused(turn: Turn, course: Course, by: str) -> None:
    if course.workflow.state is WorkflowState.PAUSED:
        turn.resume(course, by)
