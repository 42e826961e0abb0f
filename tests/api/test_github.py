"""An operation on GitHub is a job of the effects process, and its result the answer. The effects are a stand-in."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from server.api.app import make_app
from server.api.github_routes import GITHUB_ROUTES
from server.effects.operations import ACTS
from server.github.operation import Asked, Operation, WishRefused
from server.github.operations import OPERATIONS
from server.github.protection import SHOW, BranchNamed, Protection, Rules
from server.jobs.job import GiveUp, new_job_id
from server.jobs.worker import Work, Worker
from server.messaging import Role, inbox
from tests.api.conftest import Hub
from tests.streams import Streams, running

SHOWN = Protection("octo/app", "main", Rules(approvals=1), (), "d" * 32)


@pytest.fixture
async def effects(hub: Hub, streams: Streams) -> AsyncIterator[None]:
    """A worker that knows the protection of every branch but two."""

    async def show(work: Work) -> Protection:
        asked = msgspec.json.decode(work.args, type=Asked[BranchNamed])
        assert asked.repository == "octo/app"
        if asked.wish.branch == "gone":
            raise GiveUp("GitHub answered 404")
        if asked.wish.branch == "odd":
            raise WishRefused("not as it is wished")
        return SHOWN

    worker = Worker(
        (agent_id := new_job_id()),
        "effects",
        ("effects",),
        {SHOW.kind: show},
        role=Role.EFFECTS,
        writer=streams.writer(Role.EFFECTS),
        inbox=streams.inbox(inbox(Role.EFFECTS, agent_id)),
        capacity=2,
    )
    async with running(worker.run()):
        yield


@pytest.mark.usefixtures("effects")
async def test_the_answer_is_the_result_of_the_job(hub: Hub):
    answer = await hub.ask("GET", "/api/v1/github/octo/app/protection?branch=main")

    assert (answer.status, await answer.json()) == (200, msgspec.json.decode(msgspec.json.encode(SHOWN)))
    job = await hub.get(answer.headers["Location"])
    assert (job["kind"], job["project"], job["requested_by"]) == (SHOW.kind, "github.com/octo/app", "admin")


@pytest.mark.parametrize(
    ("branch", "expected"), [("gone", (502, "GitHub answered 404")), ("odd", (409, "not as it is wished"))]
)
@pytest.mark.usefixtures("effects")
async def test_what_cannot_be_done_is_answered_with_its_reason(hub: Hub, branch: str, expected: tuple[int, str]):
    answer = await hub.ask("GET", f"/api/v1/github/octo/app/protection?branch={branch}")

    assert (answer.status, (await answer.json())["detail"]) == expected


async def test_who_does_not_wait_gets_the_job(hub: Hub):
    answer = await hub.ask("GET", "/api/v1/github/octo/app/protection?branch=main&wait=0")

    assert answer.status == 202
    assert answer.headers["Location"] == f"/api/v1/jobs/{(await answer.json())['job']}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("octo/app/protection", 400),
        ("octo/app/protection?branch=a..b", 400),
        ("octo/app/protection?branch=/a", 400),
        ("octo/%2e%2e/protection?branch=main", 404),
        ("octo/a%20b/protection?branch=main", 404),
    ],
)
async def test_what_is_no_repository_or_no_branch_never_becomes_a_job(hub: Hub, path: str, status: int):
    assert (await hub.ask("GET", f"/api/v1/github/{path}")).status == status


async def test_a_key_of_another_project_may_not_ask(hub: Hub):
    answer = await hub.ask("GET", "/api/v1/github/octo/other/protection?branch=main", role="project read")

    assert answer.status == 403


async def test_a_hub_that_is_no_app_says_how_to_become_one(hub: Hub):
    async with TestClient[Any, Any](TestServer(make_app(replace(hub.parts, github="")))) as client:
        headers = {"Authorization": f"Bearer {hub.keys['admin']}"}
        answer = await client.get("/api/v1/github/octo/app/protection?branch=main", headers=headers)

        assert answer.status == 409
        assert "GITHUB_APP_ID" in (await answer.json())["hint"]


def test_every_operation_is_carried_out_and_has_an_address():
    addressed = {cell for route in GITHUB_ROUTES for cell in _operations_of(route.handle)}

    assert set(OPERATIONS) == set(ACTS) == addressed
    assert len({operation.kind for operation in OPERATIONS}) == len(OPERATIONS)


def _operations_of(handle: Any) -> list[Any]:
    return [cell.cell_contents for cell in handle.__closure__ if isinstance(cell.cell_contents, Operation)]
