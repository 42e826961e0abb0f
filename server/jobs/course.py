"""What one transaction did with a workflow, noted as events, and with its jobs, for the store to carry on.

Pure: `turn.py` says what happens, and writes it.
"""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from asyncpg import Record

from server.jobs.job import NULL, Event, encode
from server.jobs.kinds import WorkflowKind
from server.jobs.record import Accepted
from server.jobs.step_job import StepJob
from server.jobs.step_results import need_of
from server.jobs.workflow import Begun, Workflow, WorkflowEvent, WorkflowEventType, after


@dataclass
class Moves:
    """What became of workflows in a transaction, for the store to carry on.

    *steps* are to be inserted. *told* are events that are recorded already. *cancelled* are jobs that nobody wants any
    more, *paused* jobs that left the line, *lined_up* jobs that may run again: rows with id, kind, project, queue,
    attempt, slot; a cancelled one also has the agent_id that held it.
    """

    steps: list[Accepted] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    cancelled: list[Record] = field(default_factory=list)
    paused: list[Record] = field(default_factory=list)
    lined_up: list[Record] = field(default_factory=list)


@dataclass
class Course:
    """One workflow within the transaction, and what it did there. *ends_itself* unless others ended its own job.

    *error_class*: of what it dies of, when that is no step.
    """

    workflow: Workflow
    at: datetime
    is_new: bool = False
    is_revived: bool = False
    ends_itself: bool = True
    error_class: str | None = None
    events: list[WorkflowEvent] = field(default_factory=list)

    @classmethod
    def beginning(cls, request: Accepted, definition: WorkflowKind, at: datetime) -> "Course":
        begun = WorkflowEvent(
            request.id,
            WorkflowEventType.BEGUN,
            at,
            actor=request.requested_by,
            data=encode(Begun(request.project, definition)),
        )
        return cls(after(None, begun), at, is_new=True, events=[begun])

    def note(
        self, type_: WorkflowEventType, step: str = "", *, actor: str = "", message: str = "", data: msgspec.Raw = NULL
    ) -> None:
        event = WorkflowEvent(self.workflow.id, type_, self.at, step, actor, message, data)
        self.workflow = after(self.workflow, event)
        self.events.append(event)

    def step_succeeded(self, step: str) -> None:
        self.note(WorkflowEventType.STEP_SUCCEEDED, step)
        checkpoint = self.workflow.definition.step(step).checkpoint
        if checkpoint and self.workflow.has_reached(checkpoint):
            self.note(WorkflowEventType.CHECKPOINT_REACHED, checkpoint)

    def goes_on(self, type_: WorkflowEventType, step: str, actor: str, data: msgspec.Raw = NULL) -> None:
        """By a person's wish, though it may have ended."""
        self.is_revived = self.is_revived or self.workflow.state.is_final
        self.note(type_, step, actor=actor, data=data)

    def jobs_of(self, step: str, *, undoes: bool = False) -> StepJob:
        """The jobs of the step's current round."""
        return StepJob(step, self.workflow.steps[step].round, undoes=undoes)

    def need(self, step: str) -> str:
        return need_of(self.workflow, step)
