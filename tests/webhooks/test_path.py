"""From GitHub's POST to the row in Postgres: receiver, door, sealed stream in a real Redis, intake."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis
from structlog.testing import capture_logs

from server.jobs.door import Door
from server.jobs.job import Event, JobRequest, encode
from server.jobs.orchestrator import Orchestrator
from server.jobs.store import JobStore
from server.messaging import INTAKES, OUTCOMES, Role
from server.reviews import deliveries
from server.reviews.chore_kinds import DEPENDENCIES
from server.reviews.deliveries import DeliveryState, DeliveryStore
from server.reviews.workflow import KINDS
from tests.github.payloads import example, examples
from tests.github.signing import SignedDelivery, signed_delivery
from tests.streams import Streams, running
from webhooks.receiver import Receiver

SECRET = "a secret"


@dataclass
class Hive:
    github: TestClient[Any, Any]
    door: Door
    deliveries: DeliveryStore
    pool: asyncpg.Pool
    redis: "Redis"

    async def post(self, delivery: SignedDelivery) -> int:
        """Returns the status."""
        async with self.github.post("/webhooks/github", data=delivery.body, headers=delivery.headers) as response:
            await response.read()
            return response.status

    async def all_taken_in(self) -> None:
        """Until what was posted so far is in Postgres: a job that was submitted after it is accepted."""
        marker = JobRequest("review", "local/marker", encode({}))
        accepted: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

        def hear(event: Event) -> None:
            if event.job_id == marker.id and not accepted.done():
                accepted.set_result(event)

        unlisten = self.door.listen(hear)
        await self.door.submit(marker)
        async with asyncio.timeout(30):
            await accepted
        unlisten()


@pytest.fixture
async def hive(pool: asyncpg.Pool, streams: Streams) -> AsyncIterator[Hive]:
    orchestrator = Orchestrator(
        JobStore(pool, KINDS, record_deliveries=deliveries.record),
        writer=streams.writer(Role.ORCHESTRATOR),
        intakes=[streams.reader(*INTAKES)],
        outcomes=streams.reader(OUTCOMES),
    )
    door = Door(streams.writer(Role.DOOR), streams.events())
    app = web.Application()
    app.router.add_post("/webhooks/github", Receiver([SECRET.encode()], door.submit_delivery).handle)
    async with TestClient(TestServer(app)) as github, running(orchestrator.run(), door.run()):
        yield Hive(github, door, DeliveryStore(pool), pool, streams.admin)


async def test_every_example_sent_three_times_at_once_is_recorded_once(hive: Hive) -> None:
    sent = [signed_delivery(SECRET, each.event, each.payload) for each in examples()]
    turns = asyncio.Semaphore(1)  # a busy machine is slow, and the door lets nobody wait for long

    async def send(delivery: SignedDelivery) -> list[int]:
        async with turns:
            return await asyncio.gather(*(hive.post(delivery) for _ in range(3)))

    with capture_logs() as logs:
        answers = [answer for batch in await asyncio.gather(*map(send, sent)) for answer in batch]
        await hive.all_taken_in()

    assert set(answers) == {200, 202}
    known = {d.id: d for d in await hive.deliveries.list(limit=1_000)}
    assert known.keys() == {delivery.id for delivery in sent}
    assert {delivery.times_received for delivery in known.values()} == {3}
    # GitHub's examples hold some bodies twice; under another GUID those are replays.
    distinct = len({delivery.body for delivery in sent})
    assert Counter(d.state is DeliveryState.DUPLICATE for d in known.values())[True] == len(sent) - distinct
    assert not [entry for entry in logs if entry["log_level"] in ("error", "critical")]


async def test_one_job_comes_of_a_delivery_and_its_redeliveries(hive: Hive) -> None:
    payload = example("pull_request", "opened")
    sent = signed_delivery(SECRET, "pull_request", payload)
    replayed = signed_delivery(SECRET, "pull_request", payload)

    for delivery in (sent, sent, replayed):
        await hive.post(delivery)
    await hive.all_taken_in()

    jobs = await hive.pool.fetch("select id, state from jobs where kind = 'review.pull_request'")
    assert [tuple(row) for row in jobs] == [((await hive.deliveries.get(sent.id)).job, "running")]
    assert await hive.pool.fetchval("select count(*) from jobs where kind = $1", DEPENDENCIES) == 1  # what is beside it
    assert (await hive.deliveries.get(replayed.id)).state is DeliveryState.DUPLICATE


async def test_two_events_of_one_head_make_one_job(hive: Hive) -> None:
    opened = signed_delivery(SECRET, "pull_request", example("pull_request", "opened"))
    reopened = signed_delivery(SECRET, "pull_request", example("pull_request", "opened") | {"action": "reopened"})

    await asyncio.gather(hive.post(opened), hive.post(reopened))
    await hive.all_taken_in()

    jobs = await hive.pool.fetch("select id, state from jobs where kind = 'review.pull_request'")
    named = {(await hive.deliveries.get(delivery.id)).job for delivery in (opened, reopened)}
    assert [(row["id"], row["state"]) for row in jobs] == [(named.pop(), "running")]
    assert not named


async def test_a_delivery_that_redis_cannot_keep_is_answered_with_503(hive: Hive) -> None:
    await hive.redis.config_set("maxmemory", "1")
    try:
        status = await hive.post(signed_delivery(SECRET, "pull_request", example("pull_request", "opened")))
    finally:
        await hive.redis.config_set("maxmemory", "0")

    assert status == 503
