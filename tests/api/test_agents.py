"""Agents by HTTP: who works here, and what an admin wishes of each."""

import asyncio
from urllib.parse import quote

from tests.api.conftest import Hub

NAME = "the test's"
AT = f"/api/v1/agents/{quote(NAME, safe='')}"


async def listed(hub: Hub) -> dict[str, dict[str, object]]:
    return {agent["name"]: agent for agent in (await hub.get("/api/v1/agents"))["agents"]}


async def begun(hub: Hub, job: str) -> None:
    """Returns when an agent has the job."""
    answer = await hub.ask("GET", f"/api/v1/jobs/{job}/events")
    async for line in answer.content:
        if line.startswith(b"data: ") and (b'"type":"progress"' in line or b'"state":"running"' in line):
            answer.close()
            return


async def waiting_review(hub: Hub) -> str:
    """The first review that is not handed out though there is room: hubs need a moment to hear of a wish."""
    async with asyncio.timeout(60):
        while True:
            job = await hub.review("waiting.py")
            while (answer := await hub.ask("GET", f"/api/v1/jobs/{job}")).status == 404:
                pass  # still on its way to Postgres
            if (await answer.json())["state"] == "queued":
                assert (await listed(hub))[NAME]["held"] != 8, "it was handed all that it has room for"
                return job


async def wish(hub: Hub, verb: str) -> dict[str, object]:
    answer = await hub.ask("POST", f"{AT}/{verb}")
    assert answer.status == 200, await answer.text()
    agent: dict[str, object] = (await answer.json())["agents"][0]
    return agent


async def test_who_works_is_listed_with_what_it_holds(hub: Hub) -> None:
    await hub.reviewed()

    agent = (await listed(hub))[NAME]

    assert {name: agent[name] for name in ("state", "queues", "capacity", "held", "wanted")} == {
        "state": "awake", "queues": ["review"], "capacity": 8, "held": 0, "wanted": "work"
    }  # fmt: skip


async def test_a_draining_agent_finishes_what_it_holds_and_gets_the_rest_when_it_may(hub: Hub) -> None:
    hub.may_finish.clear()
    held = await hub.review("held.py")
    await begun(hub, held)

    drained = await wish(hub, "drain")
    waiting = await waiting_review(hub)
    hub.may_finish.set()

    assert (drained["state"], drained["held"]) == ("draining", 1)
    assert (await hub.get(f"/api/v1/jobs/{held}?wait=20"))["state"] == "succeeded"
    assert (await hub.get(f"/api/v1/jobs/{waiting}"))["state"] == "queued"
    assert (await wish(hub, "resume"))["state"] == "awake"
    assert (await hub.get(f"/api/v1/jobs/{waiting}?wait=20"))["state"] == "succeeded"


async def test_a_name_is_announced_before_its_process_comes(hub: Hub) -> None:
    answer = await hub.ask("POST", "/api/v1/agents", json={"name": "gpu@far", "queues": ["review"], "capacity": 2})

    assert answer.status == 201
    told = await answer.text()
    assert "key" not in told, "who is announced gets nothing"
    expected = (await listed(hub))["gpu@far"]
    assert (expected["state"], expected["id"], expected["capacity"]) == ("expected", None, 2)
    shown = await hub.get("/api/v1/agents/gpu@far")
    assert [(event["type"], event["actor"]) for event in shown["events"]] == [("announced", "admin")]


async def test_what_became_of_an_agent_is_told_with_who_wished_it(hub: Hub) -> None:
    await hub.reviewed()
    await wish(hub, "drain")
    await wish(hub, "resume")

    events = (await hub.get(AT))["events"]

    assert [(event["type"], event["actor"]) for event in reversed(events)] == [
        ("awake", ""), ("draining", ""), ("drain", "admin"), ("awake", ""), ("resume", "admin")
    ]  # fmt: skip


async def test_nobody_is_drained_who_is_not_there(hub: Hub) -> None:
    answer = await hub.ask("POST", "/api/v1/agents/nobody/drain")

    assert answer.status == 404
    assert "hive agents list" in (await answer.json())["hint"]
