"""A running workflow as a value: how each step stands, what may come next, and what each recorded event makes of it.

Pure. The row in `workflows` is what `after` makes of its events, one by one; so replaying them rebuilds it.
`workflows.py` decides and writes; `kinds.py` has the definitions.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from server.errors import HiveError
from server.jobs.dag import in_order, with_all_after
from server.jobs.job import NULL
from server.jobs.kinds import Step, WorkflowKind


class WorkflowState(StrEnum):
    """`paused`: what runs ends, nothing begins. `compensating`: a step is dead, and those before it are being undone.

    The last three are final, until a person retries.
    """

    RUNNING = "running"
    PAUSED = "paused"
    COMPENSATING = "compensating"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (WorkflowState.SUCCEEDED, WorkflowState.DEAD, WorkflowState.CANCELLED)


class StepState(StrEnum):
    """`waiting`: it has no job yet. `running`: its jobs are queued or run."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"
    COMPENSATING = "compensating"
    COMPENSATED = "compensated"


class StepStanding(msgspec.Struct, frozen=True):
    """*round* counts up whenever it is done anew; *jobs*: how many it has, of this round."""

    state: StepState = StepState.WAITING
    round: int = 1
    jobs: int = 0
    error: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Workflow(msgspec.Struct, frozen=True):
    """A row of `workflows`."""

    id: UUID
    name: str
    version: int
    project: str
    state: WorkflowState
    definition: WorkflowKind
    steps: dict[str, StepStanding]
    error: str | None
    created_at: datetime
    changed_at: datetime
    finished_at: datetime | None

    def ready(self) -> list[Step]:
        """The steps that may begin now."""
        standing = self.steps.values()
        if self.state is not WorkflowState.RUNNING or any(step.state is StepState.DEAD for step in standing):
            return []
        dependencies = self.definition.dependencies
        return [
            step
            for step in self.definition.steps
            if self.steps[step.name].state is StepState.WAITING
            and all(self.steps[name].state is StepState.SUCCEEDED for name in dependencies[step.name])
        ]

    def next_to_undo(self) -> Step | None:
        """The last step that succeeded and has not been undone; None when there is none, or one is being undone."""
        if any(step.state is StepState.COMPENSATING for step in self.steps.values()):
            return None
        place = {name: number for number, name in enumerate(in_order(self.definition.dependencies))}
        undoable = [
            (standing.finished_at or self.created_at, place[step.name], step)
            for step in self.definition.steps
            if step.compensate and (standing := self.steps[step.name]).state is StepState.SUCCEEDED and standing.jobs
        ]
        return max(undoable, key=lambda candidate: candidate[:2])[2] if undoable else None

    def all_after(self, step: str) -> list[str]:
        """*step* and every step that comes after it, in the definition's order."""
        affected = with_all_after(self.definition.dependencies, [step])
        return [step.name for step in self.definition.steps if step.name in affected]

    def names(self, *states: StepState) -> list[str]:
        """The steps in one of *states*, in the definition's order."""
        return [step.name for step in self.definition.steps if self.steps[step.name].state in states]

    def has_reached(self, checkpoint: str) -> bool:
        """Raises `CheckpointNotFound`."""
        meeting = self.definition.checkpoints
        if checkpoint not in meeting:
            known = ", ".join(meeting) or "it has none"
            raise CheckpointNotFound(f"workflow {self.name} has no checkpoint {checkpoint}", hint=f"its own: {known}")
        return all(self.steps[name].state is StepState.SUCCEEDED for name in meeting[checkpoint])

    @property
    def is_undone(self) -> bool:
        """Whether steps were undone, so that it cannot go on from them."""
        return bool(self.names(StepState.COMPENSATING, StepState.COMPENSATED))


class WorkflowNotFound(HiveError):
    """No workflow has this id."""


class StepNotFound(HiveError):
    """The workflow has no such step."""


class CheckpointNotFound(HiveError):
    """The workflow has no such checkpoint."""


class WorkflowEventType(StrEnum):
    """What a workflow did. `begun` carries `Begun`, `step_began` carries `StepBegan`, `retried` carries `Retried`.

    `step_revived`: its jobs got another set of attempts. `revived`: so the workflow goes on. `imported` carries a whole
    row of an earlier release. Of `checkpoint_reached` the step is the checkpoint; it changes nothing.
    """

    BEGUN = "begun"
    STEP_BEGAN = "step_began"
    STEP_SUCCEEDED = "step_succeeded"
    STEP_DEAD = "step_dead"
    STEP_CANCELLED = "step_cancelled"
    STEP_REVIVED = "step_revived"
    CHECKPOINT_REACHED = "checkpoint_reached"
    COMPENSATING = "compensating"
    COMPENSATION_BEGAN = "compensation_began"
    COMPENSATION_DEAD = "compensation_dead"
    COMPENSATION_REVIVED = "compensation_revived"
    STEP_COMPENSATED = "step_compensated"
    PAUSED = "paused"
    RESUMED = "resumed"
    RETRIED = "retried"
    REVIVED = "revived"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"
    IMPORTED = "imported"


class Begun(msgspec.Struct, frozen=True):
    project: str
    definition: WorkflowKind


class StepBegan(msgspec.Struct, frozen=True):
    jobs: int


class Retried(msgspec.Struct, frozen=True):
    """The steps that are done anew."""

    steps: tuple[str, ...]


class WorkflowEvent(msgspec.Struct, frozen=True):
    """A row of `workflow_events`. *data* is JSON; *seq* is 0 until it is written."""

    workflow_id: UUID
    type: WorkflowEventType
    at: datetime
    step: str = ""
    actor: str = ""
    message: str = ""
    data: msgspec.Raw = NULL
    seq: int = 0


def after(workflow: Workflow | None, event: WorkflowEvent) -> Workflow:
    """The workflow as it stands after one more event. *workflow* is None before its first."""
    if event.type is WorkflowEventType.IMPORTED:
        return msgspec.json.decode(event.data, type=Workflow)
    if workflow is None:
        return _begun(event)
    workflow = msgspec.structs.replace(workflow, changed_at=event.at)
    if event.type in _STEP_AFTER:
        return _with_step(workflow, event)
    match event.type:
        case WorkflowEventType.CHECKPOINT_REACHED:
            return workflow
        case WorkflowEventType.RETRIED:
            anew = msgspec.json.decode(event.data, type=Retried).steps
            steps = {name: _anew(step) if name in anew else step for name, step in workflow.steps.items()}
            return _in_state(msgspec.structs.replace(workflow, steps=steps), WorkflowState.RUNNING, event)
        case WorkflowEventType.REVIVED if workflow.names(StepState.COMPENSATING):
            return _in_state(workflow, WorkflowState.COMPENSATING, event)
        case _:
            return _in_state(workflow, _STATE_AFTER[event.type], event)


def _begun(event: WorkflowEvent) -> Workflow:
    begun = msgspec.json.decode(event.data, type=Begun)
    return Workflow(
        id=event.workflow_id,
        name=begun.definition.name,
        version=begun.definition.version,
        project=begun.project,
        state=WorkflowState.RUNNING,
        definition=begun.definition,
        steps={step.name: StepStanding() for step in begun.definition.steps},
        error=None,
        created_at=event.at,
        changed_at=event.at,
        finished_at=None,
    )


def _in_state(workflow: Workflow, state: WorkflowState, event: WorkflowEvent) -> Workflow:
    failed = state in (WorkflowState.COMPENSATING, WorkflowState.DEAD, WorkflowState.CANCELLED)
    return msgspec.structs.replace(
        workflow,
        state=state,
        error=(event.message or workflow.error) if failed else None,
        finished_at=event.at if state.is_final else None,
    )


def _with_step(workflow: Workflow, event: WorkflowEvent) -> Workflow:
    standing = workflow.steps[event.step]
    changes: dict[str, Any] = {"state": _STEP_AFTER[event.type], "error": event.message or None}
    match event.type:
        case WorkflowEventType.STEP_BEGAN:
            changes |= {"jobs": msgspec.json.decode(event.data, type=StepBegan).jobs, "started_at": event.at}
        case WorkflowEventType.STEP_SUCCEEDED | WorkflowEventType.STEP_DEAD | WorkflowEventType.STEP_CANCELLED:
            changes["finished_at"] = event.at
        case WorkflowEventType.STEP_REVIVED:
            changes["finished_at"] = None
    step = msgspec.structs.replace(standing, **changes)
    return msgspec.structs.replace(workflow, steps={**workflow.steps, event.step: step})


def _anew(step: StepStanding) -> StepStanding:
    return step if step.state is StepState.WAITING else StepStanding(round=step.round + 1)


_STEP_AFTER: Mapping[WorkflowEventType, StepState] = {
    WorkflowEventType.STEP_BEGAN: StepState.RUNNING,
    WorkflowEventType.STEP_SUCCEEDED: StepState.SUCCEEDED,
    WorkflowEventType.STEP_DEAD: StepState.DEAD,
    WorkflowEventType.STEP_CANCELLED: StepState.CANCELLED,
    WorkflowEventType.STEP_REVIVED: StepState.RUNNING,
    WorkflowEventType.COMPENSATION_BEGAN: StepState.COMPENSATING,
    WorkflowEventType.COMPENSATION_DEAD: StepState.COMPENSATING,
    WorkflowEventType.COMPENSATION_REVIVED: StepState.COMPENSATING,
    WorkflowEventType.STEP_COMPENSATED: StepState.COMPENSATED,
}

_STATE_AFTER: Mapping[WorkflowEventType, WorkflowState] = {
    WorkflowEventType.COMPENSATING: WorkflowState.COMPENSATING,
    WorkflowEventType.PAUSED: WorkflowState.PAUSED,
    WorkflowEventType.RESUMED: WorkflowState.RUNNING,
    WorkflowEventType.REVIVED: WorkflowState.RUNNING,
    WorkflowEventType.SUCCEEDED: WorkflowState.SUCCEEDED,
    WorkflowEventType.DEAD: WorkflowState.DEAD,
    WorkflowEventType.CANCELLED: WorkflowState.CANCELLED,
}
