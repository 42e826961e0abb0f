"""Coordinate a workflow from code that runs beside the orchestrator: wait at a checkpoint, face a failure, move work.

What it changes it changes through `JobStore`, and `carry_out` hands out and tells what follows, as for the
orchestrator's own loops. Doors need none of it: their wishes travel as messages.
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec

from server.errors import HiveError
from server.jobs.changes import Changes
from server.jobs.job import Event, EventType
from server.jobs.store import JobStore
from server.jobs.workflow import StepState, Workflow
from server.jobs.workflow_views import WorkflowViews

LOOK_AGAIN_SECONDS = 5.0
"""An event may be lost with a flushed Redis; the workflow in Postgres is not."""

Listen = Callable[[Callable[[Event], None]], Callable[[], None]]
"""As `Door.listen`: calls back for every event from now on; the answer stops it."""


class CheckpointUnreachable(HiveError):
    """The workflow ended, and the steps that meet there did not all succeed."""


class WorkflowCoordinator:
    def __init__(
        self,
        store: JobStore,
        views: WorkflowViews,
        *,
        carry_out: Callable[[Changes], Awaitable[None]],
        listen: Listen,
    ) -> None:
        self._store = store
        self._views = views
        self._carry_out = carry_out
        self._listen = listen

    async def synchronize_checkpoint(self, workflow_id: UUID, checkpoint_id: str) -> dict[str, msgspec.Raw]:
        """Wait until every step that meets at the checkpoint has succeeded; returns their results (JSON) by step.

        Raises `WorkflowNotFound`, `CheckpointNotFound`, or `CheckpointUnreachable` when the workflow ended without it.
        A paused workflow is waited for.
        """
        workflow = await self._views.get(workflow_id)
        changed = asyncio.Event()
        kinds = {workflow.name, *(step.kind for step in workflow.definition.steps)}

        def hear(event: Event) -> None:
            if event.kind in kinds and event.project == workflow.project:
                changed.set()

        unlisten = self._listen(hear)
        try:
            while True:
                changed.clear()
                workflow = await self._views.get(workflow_id)
                if workflow.has_reached(checkpoint_id):
                    return await self._views.results(workflow, workflow.definition.checkpoints[checkpoint_id])
                if workflow.state.is_final or workflow.is_undone:
                    raise _unreachable(workflow, checkpoint_id)
                await _wait(changed, LOOK_AGAIN_SECONDS)
        finally:
            unlisten()

    async def handle_workflow_failure(
        self, workflow_id: UUID, failed_step: str, *, reason: str = "it was reported as failed", by: str = ""
    ) -> Workflow:
        """Take a running step for dead: stop the rest, and undo what succeeded before it where the definition can.

        Returns the workflow as it stands then: compensating, or dead. A failure that was faced already, by the step's
        own job for one, is not faced again. Raises `WorkflowNotFound` or `StepNotFound`.
        """
        await self._views.get(workflow_id)
        await self._carry_out(await self._store.fail_step(workflow_id, failed_step, reason, by=by))
        return await self._views.get(workflow_id)

    async def redistribute_work(self, workflow_id: UUID, failed_agent: UUID) -> int:
        """Give back now what an agent holds of the workflow, as if the agent had vanished; others may take it.

        Returns how many jobs that were. The agent is told to stop them, and what it still reports about them is fenced.
        """
        changes = await self._store.take_from(failed_agent, workflow_id)
        await self._carry_out(changes)
        return sum(event.type in (EventType.CRASHED, EventType.DEAD) for event in changes.events)


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        pass


def _unreachable(workflow: Workflow, checkpoint: str) -> CheckpointUnreachable:
    missing = [
        step
        for step in workflow.definition.checkpoints[checkpoint]
        if workflow.steps[step].state is not StepState.SUCCEEDED
    ]
    return CheckpointUnreachable(
        f"workflow {workflow.name} is {workflow.state}, and did not succeed with {', '.join(missing)} at {checkpoint}",
        hint="hive workflows retry goes on from a step",
    )
