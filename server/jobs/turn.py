"""What one transaction does with some workflows: how far they go, what is begun, undone and ended, and writing it all.

`workflow.py` says what may come next, `workflows.py` what happened or is wished. The jobs that begin are inserted by
the store, those that there are follow by `steering.py`, and all the store is to carry on with comes back as `Moves`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from asyncpg import Record

from server.db import Connection, Queries
from server.jobs.changes import event_of
from server.jobs.course import Course, Moves
from server.jobs.job import NULL, EventType, JobState, encode, new_job_id
from server.jobs.kinds import Kinds, Step, UnknownKind, WorkflowKind
from server.jobs.passing import NothingThere, items_at, take
from server.jobs.record import Accepted, Cause, Died, args_of
from server.jobs.steering import Steering
from server.jobs.step_job import StepJob
from server.jobs.step_results import Results, read_results
from server.jobs.workflow import Retried, StepBegan, StepState, WorkflowEventType, WorkflowState

MAX_INPUT_BYTES = 48 * 1024 * 1024
"""Of all results that a job gets: they travel in one message, which has room for 64 MiB."""


class Turn:
    """Note what happened or is wished; then `end` moves the workflows as far as they go, and writes."""

    def __init__(self, kinds: Kinds, sql: Queries, connection: Connection, at: datetime) -> None:
        self._kinds = kinds
        self._sql = sql
        self._connection = connection
        self._at = at
        self.courses: dict[UUID, Course] = {}
        self._requests: dict[UUID, Accepted] = {}
        self._finished: dict[tuple[UUID, StepJob], None] = {}
        self._jobs = Steering(kinds)
        self._moves = Moves()

    # --- what happened --------------------------------------------------------------------------------------------

    def begin(self, request: Accepted, definition: WorkflowKind, *, refusal: str) -> None:
        """A workflow was asked for. *refusal*: what is wrong with its args, if anything."""
        course = self.courses[request.id] = Course.beginning(request, definition, self._at)
        self._requests[request.id] = request
        if refusal:
            course.note(WorkflowEventType.DEAD, message=refusal)

    def workflow_cancelled(self, course: Course, error: str) -> None:
        """It was cancelled or superseded as a job, or, dead, a person let it rest. Nothing is undone."""
        course.ends_itself = False
        for step in course.workflow.names(StepState.COMPENSATING):
            self._jobs.cancel(course, course.jobs_of(step, undoes=True), error)
        self._cancel_running(course, error)
        course.note(WorkflowEventType.CANCELLED, message=error)

    def deadline_passed(self, course: Course) -> None:
        course.error_class = "DeadlineExceeded"
        self._stop(course, "not finished by its deadline")

    def job_changed(self, course: Course, job: StepJob, state: JobState, error: str) -> None:
        """A job of a step ended, or queues again."""
        standing = course.workflow.steps[job.step]
        expected = StepState.COMPENSATING if job.undoes else StepState.RUNNING
        if job.round != standing.round or standing.state is not expected:
            return
        if state is JobState.SUCCEEDED:
            self._finished[course.workflow.id, msgspec.structs.replace(job, item=None)] = None
        elif state is JobState.QUEUED:
            if course.workflow.state is WorkflowState.PAUSED:
                self._jobs.pause(course)
        elif job.undoes:
            self._undoing_failed(course, job, error)
        else:
            self.step_died(course, job.step, error)

    def step_died(self, course: Course, step: str, error: str, *, actor: str = "") -> None:
        self._jobs.cancel(course, course.jobs_of(step), "the step is dead", actor)
        course.note(WorkflowEventType.STEP_DEAD, step, actor=actor, message=error)

    async def note_finished(self) -> None:
        """Steps of which jobs succeeded have succeeded when all of them have."""
        unfinished: set[tuple[UUID, str]] = set()
        if self._finished:
            rows = await self._connection.fetch(
                self._sql.unfinished_jobs,
                [workflow_id for workflow_id, _ in self._finished],
                [job.of_step for _, job in self._finished],
            )
            unfinished = {(row["workflow_id"], row["step"]) for row in rows}
        for workflow_id, job in self._finished:
            course = self.courses[workflow_id]
            state = course.workflow.steps[job.step].state
            if (workflow_id, job.of_step) in unfinished:
                continue
            if state is StepState.COMPENSATING:
                course.note(WorkflowEventType.STEP_COMPENSATED, job.step)
            elif state is StepState.RUNNING:
                course.step_succeeded(job.step)

    # --- what is wished -------------------------------------------------------------------------------------------

    def pause(self, course: Course, by: str) -> None:
        course.note(WorkflowEventType.PAUSED, actor=by)
        self._jobs.pause(course, by)

    def resume(self, course: Course, by: str) -> None:
        course.note(WorkflowEventType.RESUMED, actor=by)
        self._jobs.release(course, by)

    def do_anew(self, course: Course, step: str, by: str) -> None:
        """*step* and all after it; whatever else had stopped goes on where it was."""
        anew = course.workflow.all_after(step)
        names = [course.jobs_of(name).of_step for name in anew]
        for name in anew:
            self._jobs.cancel(course, course.jobs_of(name), f"retried from {step} by {by}", by)
        self._jobs.discard(course, names, by)
        course.goes_on(WorkflowEventType.RETRIED, step, by, encode(Retried(tuple(anew))))
        self._revive_stopped(course, by)
        self._jobs.release(course, by)

    def revive(self, course: Course, by: str) -> None:
        """A person retries a dead workflow: by what it died of. No step is dead of one whose time had run out."""
        workflow = course.workflow
        undoing = workflow.names(StepState.COMPENSATING)
        died_of = undoing or workflow.names(StepState.DEAD)[:1]
        for step in died_of:
            self.revive_dead(course, course.jobs_of(step, undoes=bool(undoing)), by)
        stopped = workflow.names(StepState.CANCELLED)
        if not died_of and stopped and not workflow.is_undone:
            self._go_on(course, stopped[0], by)

    def revive_dead(self, course: Course, job: StepJob, by: str) -> None:
        """A person retries one dead job of a step; what stopped because of it goes on too."""
        workflow, standing = course.workflow, course.workflow.steps[job.step]
        if job.round != standing.round:
            return
        if job.undoes and workflow.state is WorkflowState.DEAD and standing.state is StepState.COMPENSATING:
            self._jobs.revive(course, job, by)
            course.note(WorkflowEventType.COMPENSATION_REVIVED, job.step, actor=by)
            course.goes_on(WorkflowEventType.REVIVED, job.step, by)
        elif not job.undoes and not workflow.is_undone and standing.state is StepState.DEAD:
            unplanned = [step for step in workflow.names(StepState.DEAD) if not workflow.steps[step].jobs]
            for step in unplanned:  # it could not begin: perhaps it can now
                if course.workflow.steps[step].state is StepState.DEAD:
                    self.do_anew(course, step, by)
            if not unplanned:
                self._go_on(course, job.step, by)

    async def leave_those_whose_key_is_taken(self) -> None:
        """A workflow that has ended cannot go on when another one has its key now."""
        ended = [workflow_id for workflow_id, course in self.courses.items() if course.workflow.state.is_final]
        if ended:
            free = {row["id"] for row in await self._connection.fetch(self._sql.may_live_again, ended)}
            for workflow_id in set(ended) - free:
                del self.courses[workflow_id]

    # --- the end of the turn --------------------------------------------------------------------------------------

    async def end(self) -> Moves:
        if not self.courses:
            return self._moves
        self._face_failures()
        await self._begin_steps()
        self._face_failures()
        await self._begin_undoing()
        await self._end_workflows()
        await self._write()
        await self._jobs.write(self._connection, self._sql, self.courses.values(), self._moves)
        await self._end_own_jobs()
        return self._moves

    def _face_failures(self) -> None:
        """A dead step stops its workflow: what runs is cancelled, what succeeded is undone where it can be."""
        for course in self.courses.values():
            dead = course.workflow.names(StepState.DEAD)
            if course.workflow.state is WorkflowState.RUNNING and dead:
                reason = f"{dead[0]}: {course.workflow.steps[dead[0]].error}"
                self._stop(course, reason, "an earlier step is dead")

    async def _begin_steps(self) -> None:
        """Begin whatever is ready. A fan-out over nothing succeeds at once, and may make others ready."""
        planned: dict[tuple[UUID, str], list[Accepted]] = {}
        while starts := [
            (course, step)
            for course in self.courses.values()
            for step in course.workflow.ready()
            if (course.workflow.id, step.name) not in planned
        ]:
            results = await self._results_for(starts)
            await self._read_requests({course.workflow.id for course, _ in starts})
            await self._refuse_heavy(starts)
            for course, step in starts:
                jobs = self._plan(course, step, results)
                if jobs is not None:
                    if course.is_new:
                        jobs = [_not_before(job, self._requests[course.workflow.id]) for job in jobs]
                    planned[course.workflow.id, step.name] = jobs
                    if not jobs:
                        course.note(WorkflowEventType.STEP_BEGAN, step.name, data=encode(StepBegan(0)))
                        course.step_succeeded(step.name)
        for (workflow_id, name), jobs in planned.items():
            course = self.courses[workflow_id]
            if jobs and not course.workflow.names(StepState.DEAD):
                course.note(WorkflowEventType.STEP_BEGAN, name, data=encode(StepBegan(len(jobs))))
                self._moves.steps += jobs

    async def _results_for(self, starts: Sequence[tuple[Course, Step]]) -> Results:
        """The earlier results from which these steps take something."""
        asked = [(course.workflow.id, course.need(name)) for course, step in starts for name in step.reads]
        return await read_results(self._connection, self._sql, asked)

    async def _refuse_heavy(self, starts: Sequence[tuple[Course, Step]]) -> None:
        """A step whose inputs no message can carry is dead, before anybody tries to hand it out."""
        asked = {(course.workflow.id, course.need(name)) for course, step in starts for name in step.needs}
        if not asked:
            return
        rows = await self._connection.fetch(self._sql.result_sizes, *zip(*sorted(asked), strict=True))
        size_bytes = {(row["workflow_id"], row["asked"]): row["bytes"] for row in rows}
        for course, step in starts:
            whole_bytes = sum(size_bytes.get((course.workflow.id, course.need(name)), 0) for name in step.needs)
            if whole_bytes > MAX_INPUT_BYTES:
                error = f"it needs {whole_bytes >> 20} MiB of results, and may get {MAX_INPUT_BYTES >> 20}"
                course.note(WorkflowEventType.STEP_DEAD, step.name, message=error)

    def _plan(self, course: Course, step: Step, results: Results) -> list[Accepted] | None:
        """The jobs of a step; None when it cannot begin, and is dead."""
        if course.workflow.steps[step.name].state is StepState.DEAD:
            return None
        request = self._requests[course.workflow.id]
        read = {name: results[course.workflow.id, course.need(name)] for name in step.reads}
        job = course.jobs_of(step.name)
        needs = tuple(course.need(name) for name in step.needs)
        try:
            if step.for_each is None:
                args = _args(step, request.args, read, default=request.args)
                return [self._job(request, step.kind, job, args, needs)]
            return [
                self._job(
                    request,
                    step.kind,
                    msgspec.structs.replace(job, item=number),
                    _args(step, request.args, read, item, default=item),
                    needs,
                )
                for number, item in enumerate(items_at(step.for_each, read, at_most=step.max_items))
            ]
        except (NothingThere, UnknownKind) as error:
            course.note(WorkflowEventType.STEP_DEAD, step.name, message=str(error))
            return None

    async def _begin_undoing(self) -> None:
        for course in self.courses.values():
            step = course.workflow.next_to_undo()
            if course.workflow.state is not WorkflowState.COMPENSATING or step is None:
                continue
            await self._read_requests({course.workflow.id})
            rows = await self._connection.fetch(
                self._sql.jobs_to_undo, course.workflow.id, course.jobs_of(step.name).of_step
            )
            try:
                jobs = [self._undoing(course, step, row) for row in rows]
            except UnknownKind as error:
                self._undoing_failed(course, course.jobs_of(step.name, undoes=True), str(error))
                continue
            course.note(WorkflowEventType.COMPENSATION_BEGAN, step.name, data=encode(StepBegan(len(jobs))))
            self._moves.steps += jobs

    def _undoing(self, course: Course, step: Step, row: Record) -> Accepted:
        done = StepJob.parse(row["step"])
        args = args_of(row["accepted"])
        job = msgspec.structs.replace(done, undoes=True)
        return self._job(self._requests[course.workflow.id], step.compensate, job, args, (done.name,))

    def _undoing_failed(self, course: Course, job: StepJob, error: str) -> None:
        """Nothing more is undone: a person has to look."""
        self._jobs.cancel(course, job, "the step could not be undone")
        course.note(WorkflowEventType.COMPENSATION_DEAD, job.step, message=error)
        before = course.workflow.error or ""
        course.note(WorkflowEventType.DEAD, message=f"{before}; {job.step} could not be undone: {error}")

    def _job(
        self, request: Accepted, kind_name: str, job: StepJob, args: msgspec.Raw, needs: tuple[str, ...]
    ) -> Accepted:
        kind = self._kinds.get(kind_name)
        return Accepted(
            id=new_job_id(),
            kind=kind.name,
            project=request.project,
            queue=kind.queue,
            args=args,
            priority=request.priority,
            max_attempts=kind.max_attempts,
            requested_by=request.requested_by,
            workflow_id=request.id,
            step=job.name,
            needs=needs,
            slot=kind.slot,
        )

    async def _end_workflows(self) -> None:
        for course in self.courses.values():
            workflow = course.workflow
            succeeded = workflow.names(StepState.SUCCEEDED)
            if workflow.state is WorkflowState.RUNNING and len(succeeded) == len(workflow.steps):
                course.note(WorkflowEventType.SUCCEEDED)
            elif workflow.state is WorkflowState.COMPENSATING and not workflow.names(StepState.COMPENSATING):
                course.note(WorkflowEventType.DEAD, message=workflow.error or "")

    # --- writing --------------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """The rows, and the events of which they are made."""
        moved = [course for course in self.courses.values() if course.events]
        new = [course.workflow for course in moved if course.is_new]
        old = [course.workflow for course in moved if not course.is_new]
        if new:
            await self._connection.execute(
                self._sql.insert_workflows,
                [w.id for w in new],
                [w.name for w in new],
                [w.version for w in new],
                [w.project for w in new],
                [w.state for w in new],
                [_text(w.definition) for w in new],
                [_text(w.steps) for w in new],
                [w.error for w in new],
                [w.finished_at for w in new],
                self._at,
            )
        if old:
            await self._connection.execute(
                self._sql.update_workflows,
                [w.id for w in old],
                [w.state for w in old],
                [_text(w.steps) for w in old],
                [w.error for w in old],
                [w.finished_at for w in old],
                self._at,
            )
        events = [event for course in moved for event in course.events]
        if events:
            await self._connection.execute(
                self._sql.append_workflow_events,
                [e.workflow_id for e in events],
                [e.type for e in events],
                [e.step for e in events],
                [e.actor for e in events],
                [e.message for e in events],
                [None if e.data == NULL else bytes(e.data) for e in events],
                self._at,
            )

    async def _end_own_jobs(self) -> None:
        ended = [
            course.workflow
            for course in self.courses.values()
            if course.events and course.ends_itself and course.workflow.state.is_final
        ]
        if not ended:
            return
        last = {w.id: self.courses[w.id].need(w.definition.steps[-1].name) for w in ended}
        results = await read_results(
            self._connection,
            self._sql,
            [(w.id, last[w.id]) for w in ended if w.state is WorkflowState.SUCCEEDED],
        )
        data = {w.id: results.get((w.id, last[w.id]), encode(Died(Cause.STEP))) for w in ended}
        rows = await self._connection.fetch(
            self._sql.end_workflows,
            [w.id for w in ended],
            [w.state for w in ended],
            [w.error for w in ended],
            [self.courses[w.id].error_class for w in ended],
            [bytes(data[w.id]) for w in ended],
        )
        for row in rows:
            succeeded = row["state"] == JobState.SUCCEEDED
            type_ = EventType.SUCCEEDED if succeeded else EventType.DEAD
            self._moves.told.append(event_of(row, type_, row["error"] or "", data[row["id"]] if succeeded else NULL))

    # --- small steps ----------------------------------------------------------------------------------------------

    def _stop(self, course: Course, reason: str, reason_of_steps: str = "") -> None:
        """It is dead, at once or when what succeeded is undone."""
        self._cancel_running(course, reason_of_steps or reason)
        undoable = course.workflow.next_to_undo() is not None
        course.note(WorkflowEventType.COMPENSATING if undoable else WorkflowEventType.DEAD, message=reason)

    def _cancel_running(self, course: Course, reason: str) -> None:
        for step in course.workflow.names(StepState.RUNNING):
            self._jobs.cancel(course, course.jobs_of(step), reason)
            course.note(WorkflowEventType.STEP_CANCELLED, step, message=reason)

    def _go_on(self, course: Course, step: str, by: str) -> None:
        """By the jobs that had stopped, with another set of attempts."""
        self._revive_stopped(course, by)
        course.goes_on(WorkflowEventType.REVIVED, step, by)
        self._jobs.release(course, by)

    def _revive_stopped(self, course: Course, by: str) -> None:
        for step in course.workflow.names(StepState.DEAD, StepState.CANCELLED):
            if course.workflow.steps[step].jobs:
                self._jobs.revive(course, course.jobs_of(step), by)
                course.note(WorkflowEventType.STEP_REVIVED, step, actor=by)

    async def _read_requests(self, workflow_ids: Collection[UUID]) -> None:
        unread = [workflow_id for workflow_id in workflow_ids if workflow_id not in self._requests]
        if unread:
            for row in await self._connection.fetch(self._sql.requests, unread):
                self._requests[row["job_id"]] = msgspec.json.decode(row["data"], type=Accepted)


def _not_before(job: Accepted, workflow: Accepted) -> Accepted:
    """A workflow that is to start later does so with its first steps."""
    return msgspec.structs.replace(job, run_at=workflow.run_at, delay_seconds=workflow.delay_seconds)


def _args(
    step: Step,
    args: msgspec.Raw,
    results: Mapping[str, msgspec.Raw],
    item: msgspec.Raw = NULL,
    *,
    default: msgspec.Raw,
) -> msgspec.Raw:
    if step.args is None:
        return default
    return encode({name: take(place, args, results, item) for name, place in step.args.items()})


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
