"""Every example payload of GitHub's, at a real hub: answered, recorded once, and nothing breaks over it."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.github.payloads import examples
from tests.github.signing import SignedDelivery, signed_delivery
from tests.github.standin import GitHubStandIn
from tests.hub import HubProcess, hub_process
from tests.journeys.scene import PATIENCE_SECONDS, Json, app_settings

pytestmark = pytest.mark.journey

SENDERS = 4
"""Each sends a delivery three times at once: a dozen requests are under way."""


async def test_every_example_sent_three_times_at_once_is_recorded_once(data_dir: Path) -> None:
    async with GitHubStandIn() as github, hub_process(data_dir, app_settings(github)) as hub:
        deliveries = [signed_delivery(github.webhook_secret, each.event, each.payload) for each in examples()]

        answers = await send_thrice(hub, deliveries)
        jobs = await jobs_ended(hub)
        recorded = await all_deliveries(hub)
        exit_code = await hub.stop()

    assert len(deliveries) == 329
    assert set(answers) == {200, 202}
    assert sorted(delivery["id"] for delivery in recorded) == sorted(delivery.id for delivery in deliveries)
    assert {delivery["times_received"] for delivery in recorded} == {3}
    # Each that is not ignored asked for a job; some asked for others beside it.
    assert {delivery["job"] for delivery in recorded if delivery["state"] == "accepted"} <= {job["id"] for job in jobs}
    # Their repository is not on GitHub's stand-in: a review is dead, and its head may be asked about again. Of labels
    # in a row the last one counts.
    reviews = [job for job in jobs if job["kind"] == "review.pull_request"]
    head = "Codertocat/Hello-World#2@ec26c3e57ca3a959ca5aad62de7213c562f8c821"
    assert {(job["key"], job["state"]) for job in reviews if job["key"]} == {(head, "dead"), (f"{head} again", "dead")}
    labels = [job["state"] for job in reviews if job["key"] is None]
    assert len(labels) == 4
    assert labels[0] == "dead"  # the newest comes first
    assert set(labels) <= {"dead", "cancelled"}
    assert github.violations == []
    assert exit_code == 0
    assert not hub.errors


async def send_thrice(hub: HubProcess, deliveries: list[SignedDelivery]) -> list[int]:
    """The status of every answer."""
    waiting = iter(deliveries)
    answers: list[int] = []

    async def post(session: aiohttp.ClientSession, delivery: SignedDelivery) -> None:
        async with session.post("/webhooks/github", data=delivery.body, headers=delivery.headers) as answer:
            await answer.read()
            answers.append(answer.status)

    async def send(session: aiohttp.ClientSession) -> None:
        for delivery in waiting:
            await asyncio.gather(*(post(session, delivery) for _ in range(3)))

    async with aiohttp.ClientSession(hub.url) as session:
        await asyncio.gather(*(send(session) for _ in range(SENDERS)))
    return answers


async def jobs_ended(hub: HubProcess) -> list[Json]:
    """All that the deliveries asked for. Everything sent before is in Postgres once a later request is."""
    _, marker = await hub.call("POST", "/api/v1/reviews", {"project": "local/marker", "files": []})
    await hub.call("GET", f"/api/v1/jobs/{marker['job']}?wait={PATIENCE_SECONDS}")
    _, page = await hub.call("GET", "/api/v1/jobs?limit=200")
    assert page["next"] is None
    waits = [hub.call("GET", f"/api/v1/jobs/{job['id']}?wait={PATIENCE_SECONDS}") for job in page["jobs"]]
    return [job for _, job in await asyncio.gather(*waits)]


async def all_deliveries(hub: HubProcess) -> list[Json]:
    """As the API lists them, page by page."""
    recorded: list[Json] = []
    cursor = ""
    while True:
        status, page = await hub.call("GET", f"/api/v1/deliveries?limit=100{cursor}")
        assert status == 200, page
        recorded += page["deliveries"]
        if page["next"] is None:
            return recorded
        cursor = f"&cursor={page['next']}"
