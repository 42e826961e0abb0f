"""Two whole hubs, as processes of their own, over one Postgres and one Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from server.messaging import Role
from tests.hub import HubProcess

pytestmark = pytest.mark.journey

REVIEWS = 40
PATIENCE_SECONDS = 180.0


@pytest.fixture
async def hubs(postgres_url: str, redis_urls: dict[str, str], data_dir: Path) -> AsyncIterator[list[HubProcess]]:
    shared = {
        "DATABASE_URL": postgres_url,
        "HIVE_KEYS": str(data_dir / "keys"),
        **{f"REDIS_URL_{role.upper()}": redis_urls[role] for role in Role},
    }
    async with AsyncExitStack() as stack:
        hubs = []
        for name in ("one", "other"):
            (data_dir / name).mkdir(mode=0o711)
            hubs.append(HubProcess(data_dir / name, shared))
            stack.push_async_callback(hubs[-1].stop)
        await asyncio.gather(*(hub.start() for hub in hubs))
        yield hubs


async def test_two_hubs_share_the_work_and_one_goes_on_when_the_other_is_killed(
    hubs: list[HubProcess], postgres_url: str
) -> None:
    one, other = hubs
    asked = [job for pair in zip(await submit(one), await submit(other), strict=True) for job in pair]

    await one.kill()

    ended = await asyncio.gather(*(the_end(other, job) for job in asked))
    connection = await asyncpg.connect(postgres_url)
    finals = await connection.fetch(
        "select count(*) filter (where type = 'succeeded') as ends from job_events group by job_id"
    )
    leader = await connection.fetchval("select count(*) from leadership where hub_id in (select id from hubs)")
    await connection.close()
    assert ended == ["succeeded"] * 2 * REVIEWS
    assert [row["ends"] for row in finals] == [1] * 2 * REVIEWS
    assert leader == 1


async def test_every_agent_of_every_hub_has_a_mailbox(hubs: list[HubProcess], redis_urls: dict[str, str]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), Redis.from_url(redis_urls["admin"]) as redis:
        while True:
            if len(await redis.keys("hive:{agent.*}:card")) == len(hubs):
                return
            await asyncio.sleep(0.05)  # other processes lay them out: nothing signals us


async def submit(hub: HubProcess) -> list[str]:
    async def one(number: int) -> str:
        files = [{"path": f"{number}.py", "text": "print(1)\n"}]
        status, accepted = await hub.call("POST", "/api/v1/reviews", {"project": f"p{number % 3}", "files": files})
        assert status == 202, accepted
        return str(accepted["job"])

    return list(await asyncio.gather(*map(one, range(REVIEWS))))


async def the_end(hub: HubProcess, job: str) -> Any:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            _, found = await hub.call("GET", f"/api/v1/jobs/{job}?wait=20")
            if found["state"] in ("succeeded", "dead", "cancelled"):
                return found["state"]
