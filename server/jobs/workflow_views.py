"""What anybody may know about workflows: the list, one with its history, its results, and its graph for drawing.

Changes nothing, and could not: its pool is opened read-only. What changes a workflow is a wish through a `Door`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from asyncpg import Pool, Record

from server.db import Queries
from server.jobs.job import JobState
from server.jobs.layout import Point, lay_out
from server.jobs.step_job import StepJob
from server.jobs.step_results import need_of, read_results
from server.jobs.workflow import (
    StepState,
    Workflow,
    WorkflowEvent,
    WorkflowEventType,
    WorkflowNotFound,
    WorkflowState,
)
from server.jobs.workflows import workflow_of


class EdgeType(StrEnum):
    """`result`: the later step gets the earlier one's whole result. `value`: it takes something from it. `each`: it
    fans out over it. `after`: it waits for it at a checkpoint.
    """

    RESULT = "result"
    VALUE = "value"
    EACH = "each"
    AFTER = "after"


class Node(msgspec.Struct, frozen=True):
    """A step. *jobs*: how many it has, of *round*; *succeeded* of them have; *job_ids*: the first twenty.

    *x* is its layer from the left, *y* its place in it, 0 being the middle.
    """

    step: str
    kind: str
    state: StepState
    x: int
    y: float
    round: int
    jobs: int
    succeeded: int
    job_ids: list[UUID]
    is_fan_out: bool
    checkpoint: str
    compensate: str
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None


class Edge(msgspec.Struct, frozen=True):
    """*points*: through which it runs, its ends included; it may be drawn as a line through them."""

    source: str
    target: str
    type: EdgeType
    points: list[Point]


class Graph(msgspec.Struct, frozen=True):
    """*width* layers of at most *height* steps."""

    id: UUID
    name: str
    version: int
    state: WorkflowState
    created_at: datetime
    width: int
    height: int
    nodes: list[Node]
    edges: list[Edge]


class StepJobs(msgspec.Struct, frozen=True):
    """The jobs of one step and round: how many in each state, and the ids of the first."""

    by_state: dict[JobState, int]
    ids: list[UUID]


class WorkflowViews:
    """*pool* may be, and should be, read-only."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = Queries.load("server.jobs", "workflows.sql")

    async def get(self, workflow_id: UUID) -> Workflow:
        """Raises `WorkflowNotFound`."""
        row = await self._pool.fetchrow(self._sql.get_workflow, workflow_id)
        if row is None:
            raise WorkflowNotFound(f"there is no workflow {workflow_id}", hint="hive workflows list shows their ids")
        return workflow_of(row)

    async def list(
        self,
        *,
        state: WorkflowState | None = None,
        name: str | None = None,
        project: str | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> list[Workflow]:
        """Newest first; go on with *before* = the last id."""
        rows = await self._pool.fetch(self._sql.list_workflows, state, name, project, before, limit)
        return [workflow_of(row) for row in rows]

    async def events(self, workflow_id: UUID) -> Sequence[WorkflowEvent]:
        """Everything it did, in order; empty for a workflow that nobody knows."""
        rows = await self._pool.fetch(self._sql.list_workflow_events, workflow_id)
        return [_event(row) for row in rows]

    async def results(self, workflow: Workflow, steps: Iterable[str]) -> dict[str, msgspec.Raw]:
        """By step its result as JSON, of a fan-out the list; those that have none are left out."""
        needs = {step: need_of(workflow, step) for step in steps}
        found = await read_results(self._pool, self._sql, [(workflow.id, need) for need in needs.values()])
        return {step: found[workflow.id, need] for step, need in needs.items() if (workflow.id, need) in found}

    async def graphs(self, workflows: Iterable[Workflow]) -> Sequence[Graph]:
        """One for each, in their order."""
        workflows = [*workflows]
        jobs: dict[UUID, dict[str, StepJobs]] = {workflow.id: {} for workflow in workflows}
        for row in await self._pool.fetch(self._sql.count_step_jobs, list(jobs)):
            of_step = jobs[row["workflow_id"]].setdefault(row["step"], StepJobs({}, []))
            of_step.by_state[JobState(row["state"])] = row["jobs"]
            of_step.ids.extend(row["ids"])
        return [draw_up(workflow, jobs[workflow.id]) for workflow in workflows]


def draw_up(workflow: Workflow, jobs: Mapping[str, StepJobs]) -> Graph:
    """The graph of *workflow*. *jobs*: what it has of each step and round, by `StepJob.of_step`."""
    definition = workflow.definition
    layout = lay_out(definition.dependencies)
    nodes = []
    for step in definition.steps:
        standing, point = workflow.steps[step.name], layout.nodes[step.name]
        undoes = standing.state is StepState.COMPENSATING
        of_step = jobs.get(StepJob(step.name, standing.round, undoes=undoes).of_step, StepJobs({}, []))
        nodes.append(
            Node(
                step=step.name,
                kind=step.compensate if undoes else step.kind,
                state=standing.state,
                x=point.x,
                y=point.y,
                round=standing.round,
                jobs=standing.jobs,
                succeeded=of_step.by_state.get(JobState.SUCCEEDED, 0),
                job_ids=sorted(of_step.ids)[:20],
                is_fan_out=step.for_each is not None,
                checkpoint=step.checkpoint,
                compensate=step.compensate,
                error=standing.error,
                started_at=standing.started_at,
                finished_at=standing.finished_at,
            )
        )
    edges = [
        Edge(source, target, _edge_type(workflow, source, target), list(points))
        for (source, target), points in layout.edges.items()
    ]
    return Graph(
        id=workflow.id,
        name=workflow.name,
        version=workflow.version,
        state=workflow.state,
        created_at=workflow.created_at,
        width=layout.width,
        height=layout.height,
        nodes=nodes,
        edges=edges,
    )


def _edge_type(workflow: Workflow, source: str, target: str) -> EdgeType:
    step = workflow.definition.step(target)
    if step.for_each is not None and step.for_each.step == source:
        return EdgeType.EACH
    if source in step.needs:
        return EdgeType.RESULT
    return EdgeType.VALUE if source in step.reads else EdgeType.AFTER


def _event(row: Record) -> WorkflowEvent:
    return WorkflowEvent(
        row["workflow_id"],
        WorkflowEventType(row["type"]),
        row["at"],
        row["step"],
        row["actor"],
        row["message"],
        msgspec.Raw(row["data"] or b"null"),
        row["seq"],
    )
