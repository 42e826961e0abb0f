"""Dead letters by HTTP: jobs that gave up, and messages that nobody could open."""

from typing import Any

import pytest
from redis.asyncio import Redis

from server.jobs.job import EventType
from server.messaging import INTAKE
from tests.api.conftest import Hub


@pytest.fixture
async def forged_message(hub: Hub, redis_urls: dict[str, str]) -> dict[str, Any]:
    """What somebody who can write to Redis, but has no key, put into the intake."""
    async with Redis.from_url(redis_urls["admin"]) as redis:
        await redis.xadd(INTAKE.stream, {"e": b"nonsense"})
    await hub.reviewed()  # entries are read in order: once this one is done, the forged one was tried
    letter: dict[str, Any] = (await hub.get("/api/v1/dead-letters"))["dead_letters"][0]
    return letter


async def test_a_dead_job_is_retried(hub: Hub) -> None:
    job = await hub.dead_job()
    letters = (await hub.get("/api/v1/dead-letters"))["dead_letters"]
    assert [(letter["id"], letter["type"], letter["reason"]) for letter in letters] == [
        (job, "job", "nothing can be done")
    ]

    async with hub.hearing(job, EventType.DEAD):
        answer = await hub.ask("POST", f"/api/v1/dead-letters/{job}/retry")

    assert answer.status == 202
    assert (await hub.get(f"/api/v1/jobs/{job}"))["attempt"] == 2


async def test_a_dead_job_is_discarded(hub: Hub) -> None:
    job = await hub.dead_job()

    async with hub.hearing(job, EventType.DISCARDED):
        answer = await hub.ask("POST", f"/api/v1/dead-letters/{job}/discard")

    assert answer.status == 202
    assert (await hub.get("/api/v1/dead-letters"))["dead_letters"] == []
    assert (await hub.get(f"/api/v1/jobs/{job}"))["state"] == "cancelled"


async def test_a_job_that_is_not_dead_is_no_dead_letter(hub: Hub) -> None:
    job = await hub.reviewed()

    assert (await hub.ask("POST", f"/api/v1/dead-letters/{job}/retry")).status == 409


async def test_a_message_that_nobody_could_open_is_discarded(hub: Hub, forged_message: dict[str, Any]) -> None:
    assert forged_message["type"] == "message"
    assert forged_message["what"] == INTAKE.stream

    answer = await hub.ask("POST", f"/api/v1/dead-letters/{forged_message['id']}/discard")

    assert answer.status == 202
    assert (await hub.get("/api/v1/dead-letters"))["dead_letters"] == []
    assert (await hub.ask("POST", f"/api/v1/dead-letters/{forged_message['id']}/discard")).status == 404


async def test_a_message_cannot_be_retried(hub: Hub, forged_message: dict[str, Any]) -> None:
    assert (await hub.ask("POST", f"/api/v1/dead-letters/{forged_message['id']}/retry")).status == 409


@pytest.mark.parametrize("name", ["intake@x", "intake@", "elsewhere@1-1", "intake@1-1", "@", "intake@1-1-1"])
async def test_no_dead_message_has_this_name(hub: Hub, name: str) -> None:
    assert (await hub.ask("POST", f"/api/v1/dead-letters/{name}/discard")).status == 404
