"""Workflows by REST: the list, the graph, and what people wish of them."""

import asyncio
import re
from datetime import UTC, datetime
from uuid import uuid4

from server.api.workflow_drawing import draw_graph
from server.jobs.job import EventType, JobRequest, encode, new_job_id
from server.jobs.kinds import Step, WorkflowKind
from server.jobs.passing import FromStep
from server.jobs.store import JobStore
from server.jobs.wire import Beat
from server.jobs.workflow import StepStanding, StepState, Workflow, WorkflowState
from server.jobs.workflow_views import draw_up
from server.messaging import Role
from tests.api.conftest import KINDS, OTHER, PROJECT, Hub


async def begun(hub: Hub, project: str = PROJECT) -> str:
    """The id of a workflow whose first step waits for an effects process, which is not there."""
    request = JobRequest("review.pull_request", project, encode({"number": 7}))
    async with hub.hearing(str(request.id), EventType.ACCEPTED):
        await hub.parts.door.submit(request)
    return str(request.id)


async def first_job(hub: Hub, workflow: str) -> str:
    graph = await hub.get(f"/api/v1/workflows/{workflow}/graph")
    return str(graph["nodes"][0]["job_ids"][0])


async def state(hub: Hub, workflow: str) -> str:
    return str((await hub.get(f"/api/v1/workflows/{workflow}"))["workflow"]["state"])


async def wish(hub: Hub, workflow: str, verb: str, *, role: str = "write", **body: object) -> int:
    answer = await hub.ask("POST", f"/api/v1/workflows/{workflow}/{verb}", role=role, json=body)
    return answer.status


async def test_workflows_are_listed_the_newest_first_and_page_by_page(hub: Hub) -> None:
    older, newer = await begun(hub), await begun(hub)

    first = await hub.get("/api/v1/workflows?limit=1")
    second = await hub.get(f"/api/v1/workflows?limit=1&cursor={first['next']}")

    assert [page["workflows"][0]["id"] for page in (first, second)] == [newer, older]
    assert first["workflows"][0]["steps"]["review"]["state"] == "waiting"
    assert (await hub.get("/api/v1/workflows?state=dead"))["workflows"] == []
    assert len((await hub.get("/api/v1/workflows?name=review.pull_request&state=running"))["workflows"]) == 2


async def test_one_is_shown_with_its_definition_and_what_it_did(hub: Hub) -> None:
    workflow = await begun(hub)

    shown = await hub.get(f"/api/v1/workflows/{workflow}")

    assert [step["name"] for step in shown["definition"]["steps"]] == ["snapshot", "review", "publish"]
    assert [(event["type"], event["step"]) for event in shown["events"]] == [("begun", ""), ("step_began", "snapshot")]


async def test_one_has_started_when_its_first_step_has(hub: Hub) -> None:
    workflow = await begun(hub)

    before = await hub.get(f"/api/v1/jobs/{workflow}")
    waiting = asyncio.create_task(hub.get(f"/api/v1/jobs/{workflow}?wait=30&until=started"))
    await JobStore(hub.pool, KINDS).beat([Beat(new_job_id(), "fetcher", Role.EFFECTS, ("effects",), 1)])
    job = await waiting

    assert before["started_at"] is None
    assert (job["state"], job["started_at"] is not None) == ("running", True)


async def test_the_graph_has_a_place_for_every_step(hub: Hub) -> None:
    graph = await hub.get(f"/api/v1/workflows/{await begun(hub)}/graph")

    assert [(node["step"], node["x"], node["state"]) for node in graph["nodes"]] == [
        ("snapshot", 0, "running"),
        ("review", 1, "waiting"),
        ("publish", 2, "waiting"),
    ]
    assert {(edge["source"], edge["target"]) for edge in graph["edges"]} == {
        ("snapshot", "review"),
        ("snapshot", "publish"),
        ("review", "publish"),
    }
    assert (graph["width"], graph["height"]) == (3, 2)


async def test_one_is_paused_resumed_and_cancelled(hub: Hub) -> None:
    workflow = await begun(hub)
    job = await first_job(hub, workflow)

    async with hub.hearing(job, EventType.PAUSED):
        assert await wish(hub, workflow, "pause") == 202
    assert await state(hub, workflow) == "paused"
    assert await wish(hub, workflow, "pause") == 200
    async with hub.hearing(job, EventType.RELEASED):
        assert await wish(hub, workflow, "resume") == 202
    assert await state(hub, workflow) == "running"
    assert await wish(hub, workflow, "resume") == 200
    async with hub.hearing(workflow, EventType.CANCELLED):
        assert await wish(hub, workflow, "cancel") == 202
    assert await state(hub, workflow) == "cancelled"
    assert [await wish(hub, workflow, verb) for verb in ("cancel", "pause", "resume")] == [200, 409, 409]


async def test_a_step_is_done_anew(hub: Hub) -> None:
    workflow = await begun(hub)
    job = await first_job(hub, workflow)
    assert await wish(hub, workflow, "retry") == 409  # nothing is dead
    assert await wish(hub, workflow, "retry", step="publish") == 409  # it has not begun
    assert await wish(hub, workflow, "retry", step="fly") == 404

    async with hub.hearing(job, EventType.CANCELLED):
        assert await wish(hub, workflow, "retry", step="snapshot") == 202

    assert (await hub.get(f"/api/v1/workflows/{workflow}"))["workflow"]["steps"]["snapshot"]["round"] == 2
    assert await first_job(hub, workflow) != job


async def test_a_checkpoint_is_waited_for(hub: Hub) -> None:
    workflow = await begun(hub)

    early = await hub.ask("GET", f"/api/v1/workflows/{workflow}/checkpoints/reviewed?wait=0.1")
    unknown = await hub.ask("GET", f"/api/v1/workflows/{workflow}/checkpoints/fly")
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(hub.ask("GET", f"/api/v1/workflows/{workflow}/checkpoints/reviewed?wait=20"))
        assert await wish(hub, workflow, "cancel") == 202

    assert (early.status, unknown.status, waiting.result().status) == (409, 404, 409)
    assert "is cancelled, and did not succeed with review" in (await waiting.result().json())["detail"]


async def test_a_key_of_one_project_sees_no_workflow_of_another(hub: Hub) -> None:
    mine, others = await begun(hub), await begun(hub, OTHER)

    listed = await hub.get("/api/v1/workflows", role="project read")

    assert [workflow["id"] for workflow in listed["workflows"]] == [mine]
    for address in (others, f"{others}/graph", str(uuid4())):
        assert (await hub.ask("GET", f"/api/v1/workflows/{address}", role="project read")).status == 404
    assert await wish(hub, others, "cancel", role="project write") == 404
    assert (await hub.ask("GET", "/api/v1/workflows/none")).status == 400


async def test_the_status_page_draws_them_and_tells_no_project(hub: Hub) -> None:
    await begun(hub)

    html = await (await hub.ask("GET", "/", role=None)).text()

    assert 'aria-label="review.pull_request is running: snapshot running, review waiting, publish waiting"' in html
    assert html.count('class="edge result"') == 3
    assert PROJECT not in html
    assert not re.search(r"<[^>]+ (style|on\w+)=", html)


def test_nothing_that_varies_can_become_markup() -> None:
    evil = '<script>alert(1)</script>"onload="x'
    kind = WorkflowKind(evil, (Step("a", evil, checkpoint=evil), Step("b", "x", for_each=FromStep("a"))))
    steps = {"a": StepStanding(StepState.DEAD, error=evil), "b": StepStanding()}
    now = datetime.now(UTC)
    workflow = Workflow(new_job_id(), evil, 1, evil, WorkflowState.DEAD, kind, steps, evil, now, now, now)

    drawn = draw_graph(draw_up(workflow, {}))

    assert "<script" not in drawn
    assert 'onload="' not in drawn
