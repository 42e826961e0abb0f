"""`/api/v1/workflows`: look at workflows and at their graphs; pause, resume, cancel them, or retry one from a step.

Reads Postgres; what changes a workflow is a wish that goes through the door to the orchestrator. A workflow is a job
too: its result, its events as they happen, and waiting for its end are at `/api/v1/jobs/{id}`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec

from server.api.problems import Problem
from server.api.reading import Limit, Line, decode_cursor, encode_cursor
from server.api.route import Answer, Call
from server.jobs.kinds import WorkflowKind
from server.jobs.workflow import StepStanding, StepState, Workflow, WorkflowNotFound, WorkflowState
from server.jobs.workflow_views import Graph
from server.jobs.workflows import refusal_to_retry

LOOK_SECONDS = 10.0
"""Enough to read what is there already."""


class WorkflowsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: WorkflowState | None = None
    name: Line | None = None
    project: Line | None = None
    limit: Limit = 50
    cursor: str | None = None


class KnownWorkflow(msgspec.Struct, frozen=True):
    """How it stands. *steps*: by name; *version*: of the definition with which it began."""

    id: UUID
    name: str
    version: int
    project: str
    state: WorkflowState
    steps: Mapping[str, StepStanding]
    error: str | None
    created_at: datetime
    changed_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, workflow: Workflow) -> "KnownWorkflow":
        return cls(**{field: getattr(workflow, field) for field in cls.__struct_fields__})


class WorkflowsPage(msgspec.Struct, frozen=True):
    """*next* is the cursor of the page after, null on the last."""

    workflows: list[KnownWorkflow]
    next: str | None


class RecordedWorkflowEvent(msgspec.Struct, frozen=True):
    """What a workflow did. *actor* is the person or key whose wish it was; empty for the orchestrator itself."""

    seq: int
    type: str
    step: str
    actor: str
    message: str
    at: datetime


class WorkflowWithHistory(msgspec.Struct, frozen=True):
    """*definition*: that with which it began; *events*: all that it did, in order."""

    workflow: KnownWorkflow
    definition: WorkflowKind
    events: Sequence[RecordedWorkflowEvent]


class CheckpointQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*wait*: for so many seconds at most, until the checkpoint is reached."""

    wait: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0


class CheckpointReached(msgspec.Struct, frozen=True):
    """*results*: of the steps that meet there, by name; of a fan-out the list."""

    checkpoint: str
    results: dict[str, msgspec.Raw]


class Retrying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*step*: from which on everything is done anew; without it, the step that is dead, or was stopped."""

    step: Line | None = None


async def list_workflows(call: Call[WorkflowsQuery, None]) -> WorkflowsPage:
    query = call.query
    before = decode_cursor(query.cursor, UUID) if query.cursor else None
    workflows = await call.parts.workflows.list(
        state=query.state, name=query.name, project=call.within(query.project), before=before, limit=query.limit
    )
    following = encode_cursor(workflows[-1].id) if len(workflows) == query.limit else None
    return WorkflowsPage([KnownWorkflow.of(workflow) for workflow in workflows], following)


async def get_workflow(call: Call[Any, None]) -> WorkflowWithHistory:
    workflow = await _visible_workflow(call)
    events = [
        RecordedWorkflowEvent(event.seq, event.type, event.step, event.actor, event.message, event.at)
        for event in await call.parts.workflows.events(workflow.id)
    ]
    return WorkflowWithHistory(KnownWorkflow.of(workflow), workflow.definition, events)


async def get_graph(call: Call[Any, None]) -> Graph:
    (graph,) = await call.parts.workflows.graphs([await _visible_workflow(call)])
    return graph


async def get_checkpoint(call: Call[CheckpointQuery, None]) -> CheckpointReached:
    workflow, checkpoint = await _visible_workflow(call), call.path("checkpoint")
    reached = workflow.has_reached(checkpoint)
    try:
        async with asyncio.timeout(LOOK_SECONDS if reached else call.query.wait):
            results = await call.parts.coordinator.synchronize_checkpoint(workflow.id, checkpoint)
    except TimeoutError as error:
        raise Problem(
            HTTPStatus.CONFLICT,
            f"the workflow has not reached {checkpoint}: it is {workflow.state.value}",
            hint="ask with ?wait=30",
        ) from error
    return CheckpointReached(checkpoint, results)


async def pause_workflow(call: Call[Any, None]) -> Answer:
    wish = call.parts.door.pause
    return await _move(call, WorkflowState.RUNNING, WorkflowState.PAUSED, wish, "only what runs can be paused")


async def resume_workflow(call: Call[Any, None]) -> Answer:
    wish = call.parts.door.resume
    return await _move(call, WorkflowState.PAUSED, WorkflowState.RUNNING, wish, "only what is paused can be resumed")


async def _move(
    call: Call[Any, None], before: WorkflowState, after: WorkflowState, wish: Callable[..., Awaitable[None]], why: str
) -> Answer:
    """Ask for a workflow to go from *before* to *after*; one that is there already has nothing to be asked for."""
    workflow = await _visible_workflow(call)
    if workflow.state is after:
        return Answer(KnownWorkflow.of(workflow))
    _refuse_unless(workflow, before, why)
    await wish([workflow.id], by=call.principal.name)
    return Answer(KnownWorkflow.of(workflow), HTTPStatus.ACCEPTED)


async def cancel_workflow(call: Call[Any, None]) -> Answer:
    workflow = await _visible_workflow(call)
    if workflow.state is WorkflowState.CANCELLED:
        return Answer(KnownWorkflow.of(workflow))
    if workflow.state.is_final:
        raise Problem(HTTPStatus.CONFLICT, f"the workflow has already ended: it is {workflow.state.value}")
    await call.parts.door.cancel([workflow.id], by=call.principal.name)
    return Answer(KnownWorkflow.of(workflow), HTTPStatus.ACCEPTED)


async def retry_workflow(call: Call[Any, Retrying]) -> Answer:
    workflow = await _visible_workflow(call)
    stopped = workflow.names(StepState.DEAD) or workflow.names(StepState.CANCELLED)
    step = call.body.step or next(iter(stopped), None)
    if step is None:
        raise Problem(HTTPStatus.CONFLICT, "no step is dead or was stopped", hint='name one: {"step": "…"}')
    refusal = refusal_to_retry(workflow, step)
    if refusal:
        raise Problem(HTTPStatus.CONFLICT, f"the workflow cannot be retried from there: {refusal}")
    await call.parts.door.retry_from(workflow.id, step, by=call.principal.name)
    return Answer(KnownWorkflow.of(workflow), HTTPStatus.ACCEPTED)


def _refuse_unless(workflow: Workflow, state: WorkflowState, why: str) -> None:
    if workflow.state is not state:
        raise Problem(HTTPStatus.CONFLICT, f"the workflow is {workflow.state.value}: {why}")


async def _visible_workflow(call: Call[Any, Any]) -> Workflow:
    """Another project's workflow is as good as none."""
    try:
        workflow_id = UUID(call.path("id"))
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "a workflow's id is a UUID") from error
    workflow = await call.parts.workflows.get(workflow_id)
    if not call.principal.may_see(workflow.project):
        raise WorkflowNotFound(f"there is no workflow {workflow_id}")
    return workflow
