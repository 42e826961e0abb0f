"""What needs a model: offered where there is one, and refused with what to set where there is none."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from server.api.app import make_app
from server.reviews.asks import Question
from tests.api.conftest import PROJECT, Hub, finding_of

SNAPSHOT = {"project": PROJECT, "files": [{"path": "a.py", "text": "a = 1\n"}]}
FINDING = msgspec.to_builtins(finding_of("a.py"))
ASKED: dict[str, Any] = {
    "/api/v1/asks": {"snapshot": SNAPSHOT, "question": "What is a?"},
    "/api/v1/explanations": {"snapshot": SNAPSHOT, "finding": FINDING},
    "/api/v1/fixes": {"snapshot": SNAPSHOT, "findings": [FINDING]},
    "/api/v1/rewrites": {
        "snapshot": SNAPSHOT | {"files": [{"path": "a.py", "text": "a = 1\n", "changed": [[1, 1]]}]},
        "instruction": "Name it.",
    },
    "/api/v1/descriptions": SNAPSHOT,
    "/api/v1/triages": {"snapshot": SNAPSHOT, "title": "It crashes"},
    "/api/v1/reviews?thorough=true": SNAPSHOT,
}
KINDS = ("ask", "explain", "fix", "rewrite", "describe", "triage", "review.thorough")


@pytest_asyncio.fixture
async def thinking(hub: Hub) -> AsyncIterator[Any]:
    """The same hub, as if a model were configured."""
    async with TestClient(TestServer(make_app(replace(hub.parts, thinks=True)))) as client:
        yield client


async def test_without_a_model_everybody_is_told_what_to_set(hub: Hub, subtests: pytest.Subtests) -> None:
    for address, asked in ASKED.items():
        with subtests.test(address):
            answer = await hub.client.post(address, json=asked, headers=_key(hub, "write"))

            assert answer.status == 409
            problem = await answer.json()
            assert (problem["detail"], "ANTHROPIC_API_KEY" in problem["hint"]) == (
                "no model is configured, and this needs one",
                True,
            )


async def test_capabilities_say_what_can_be_asked_for(hub: Hub, thinking: Any) -> None:
    without = await (await hub.client.get("/api/v1/capabilities", headers=_key(hub, "read"))).json()
    with_model = await (await thinking.get("/api/v1/capabilities", headers=_key(hub, "read"))).json()

    assert (without["thinks"], without["kinds"]) == (False, [])
    assert with_model["thinks"]
    assert set(with_model["kinds"]) == set(KINDS)


async def test_with_a_model_a_job_is_made(hub: Hub, thinking: Any, subtests: pytest.Subtests) -> None:
    for address, kind in zip(ASKED, KINDS, strict=True):
        with subtests.test(kind):
            answer = await thinking.post(address, json=ASKED[address], headers=_key(hub, "write"))

            assert answer.status == 202, await answer.text()
            job = await (await thinking.get(answer.headers["Location"], headers=_key(hub, "read"))).json()
            assert (job["kind"], job["project"]) == (kind, PROJECT)


async def test_what_is_remembered_of_the_question_comes_along(hub: Hub, thinking: Any) -> None:
    note = {"project": PROJECT, "text": "Prices of the checkout are in cents, never in euros."}
    assert (await hub.ask("POST", "/api/v1/contexts", json=note)).status in (200, 201)

    asked = ASKED["/api/v1/asks"] | {"question": "Are prices of the checkout in cents?"}
    answer = await thinking.post("/api/v1/asks", json=asked, headers=_key(hub, "write"))

    asked_for = "select data from job_events where job_id = $1 and type = 'accepted'"
    data = await hub.pool.fetchval(asked_for, UUID((await answer.json())["job"]))
    (memory,) = msgspec.convert(msgspec.json.decode(data)["args"], Question).snapshot.memories
    assert memory.text == note["text"]


async def test_only_of_a_fix_that_was_offered_it_can_be_said_that_it_was_applied(hub: Hub, thinking: Any) -> None:
    waits = await thinking.post("/api/v1/fixes", json=ASKED["/api/v1/fixes"], headers=_key(hub, "write"))
    fix = (await waits.json())["job"]
    jobs = {await hub.reviewed("a.py"): 409, fix: 409, str(UUID(int=1)): 404}

    said = {job: (await hub.ask("POST", f"/api/v1/fixes/{job}/accept", role="write")).status for job in jobs}

    assert said == jobs


ODD_QUESTIONS: dict[str, tuple[dict[str, Any], int]] = {
    "empty": ({"question": ""}, 400),
    "long": ({"question": "x" * 5_000}, 400),
    "path outside": ({"snapshot": SNAPSHOT | {"context": [{"path": "../b.py", "text": ""}]}}, 400),
    "another project": ({"snapshot": SNAPSHOT | {"project": "github.com/other/one"}}, 403),
}


async def test_odd_questions_are_refused(hub: Hub, thinking: Any, subtests: pytest.Subtests) -> None:
    for name, (change, status) in ODD_QUESTIONS.items():
        with subtests.test(name):
            asked = ASKED["/api/v1/asks"] | change
            answer = await thinking.post("/api/v1/asks", json=asked, headers=_key(hub, "project write"))

            assert answer.status == status, await answer.text()


def _key(hub: Hub, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {hub.keys[role]}"}
