"""Redis and Postgres fail under 200 jobs: every job is done, and none is done twice."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from server.db import connect
from server.embedded.postgres import EmbeddedPostgres
from server.messaging.routes import Role
from tests.hub import HubProcess, hub_process

pytestmark = pytest.mark.journey

JOBS = 200

PATIENCE_SECONDS = 240.0

TEXT = "".join(f"value_{line} = {line}\n" for line in range(400)) + "eval(input())\n"
"""One finding, and enough before it to keep the agent for a moment."""


async def test_a_redis_that_is_flushed_again_and_again_loses_no_job(data_dir: Path, redis_urls: dict[str, str]) -> None:
    named = {f"REDIS_URL_{role.upper()}": redis_urls[role] for role in Role}
    admin = Redis.from_url(redis_urls["admin"])
    async with admin, hub_process(data_dir, named) as hub, many_jobs(hub) as jobs:
        async with jobs_locked(hub):
            await jobs.asked(JOBS)
            await admin.flushall()  # requests that nobody has read yet
        await handed_out(hub)
        await admin.flushall()  # work that was handed out, and not taken
        jobs.begin()
        for count in range(20, JOBS, 40):
            await jobs.ended(count)
            await admin.flushall()  # results, beats, more work: whatever is on its way


async def test_a_postgres_that_stops_at_once_loses_no_job(hub: HubProcess) -> None:
    """As by `pg_ctl stop -m immediate`; the hub starts it again, and it recovers what was committed."""
    async with many_jobs(hub) as jobs:
        await jobs.asked(JOBS)
        jobs.begin()
        await jobs.ended(20)
        await hub.fail_engine("postgres", signal.SIGQUIT)


async def test_a_redis_killed_with_9_loses_no_job(hub: HubProcess) -> None:
    async with many_jobs(hub) as jobs:
        await jobs.asked(JOBS)
        jobs.begin()
        await jobs.ended(20)
        await hub.fail_engine("redis", signal.SIGKILL)


class Jobs:
    """Reviews, asked for all at once. The agent stands still until `begin`."""

    def __init__(self, hub: HubProcess, agent: int) -> None:
        self._agent = agent
        self._asked = [asyncio.create_task(_start_review(hub, number)) for number in range(JOBS)]
        self._ended = [asyncio.create_task(_ended(hub, asked)) for asked in self._asked]

    def begin(self) -> None:
        os.kill(self._agent, signal.SIGCONT)

    async def asked(self, count: int) -> None:
        """Wait until so many requests were answered."""
        await _so_many(self._asked, count)

    async def ended(self, count: int) -> None:
        """Wait until so many jobs have, and see that more are to come."""
        await _so_many(self._ended, count)
        assert count == JOBS or not all(wait.done() for wait in self._ended), "the jobs were faster than the fault"

    def ids(self) -> list[str]:
        return [asked.result() for asked in self._asked]

    def forget(self) -> None:
        for task in (*self._asked, *self._ended):
            task.cancel()


@asynccontextmanager
async def many_jobs(hub: HubProcess) -> AsyncIterator[Jobs]:
    """What breaks in the block loses nothing and doubles nothing."""
    (agent,) = hub.children("server.agents")
    os.kill(agent, signal.SIGSTOP)
    jobs = Jobs(hub, agent)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield jobs
            await jobs.ended(JOBS)
    finally:
        jobs.forget()
    assert await _states(hub) == Counter(succeeded=JOBS)
    assert await _succeeded_events(hub) == dict.fromkeys(jobs.ids(), 1)
    assert await _findings(hub) == {f"f{number}.py": 1 for number in range(JOBS)}
    assert not hub.errors


@asynccontextmanager
async def jobs_locked(hub: HubProcess) -> AsyncIterator[None]:
    """The orchestrator cannot take anything in, so that what it is asked stays in Redis."""
    async with _database(hub) as connection, connection.transaction():
        await connection.execute("lock table jobs")
        yield


async def handed_out(hub: HubProcess) -> None:
    """Wait until work is on its way to the agent."""
    while True:
        if (await _states(hub))["running"]:
            return
        await asyncio.sleep(0.05)  # its signal is lost with the Redis that was flushed


async def _so_many(tasks: Sequence[asyncio.Task[Any]], count: int) -> None:
    waiting = set(tasks)
    while len(tasks) - len(waiting) < count:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


async def _start_review(hub: HubProcess, number: int) -> str:
    files = [{"path": f"f{number}.py", "text": TEXT}]
    status, started = await hub.call("POST", "/api/v1/reviews", {"project": "local/scene", "files": files})
    assert status == HTTPStatus.ACCEPTED, started
    return str(started["job"])


async def _ended(hub: HubProcess, asked: asyncio.Task[str]) -> None:
    """By long polls; a hub that cannot look into Postgres is asked again."""
    job_id = await asked
    while True:
        status, job = await hub.call("GET", f"/api/v1/jobs/{job_id}?wait=30")
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            await asyncio.sleep(0.2)
            continue
        assert status == HTTPStatus.OK, job
        if job["state"] not in ("queued", "running"):
            return


async def _states(hub: HubProcess) -> Counter[str]:
    _, page = await hub.call("GET", f"/api/v1/jobs?project=local/scene&limit={JOBS}")
    return Counter(job["state"] for job in page["jobs"])


async def _succeeded_events(hub: HubProcess) -> dict[str, int]:
    """How often each job succeeded, as Postgres recorded it."""
    async with _database(hub) as connection:
        rows = await connection.fetch("select job_id from job_events where type = 'succeeded'")
    return Counter(str(row["job_id"]) for row in rows)


def _database(hub: HubProcess) -> AbstractAsyncContextManager[asyncpg.Connection]:
    return connect(EmbeddedPostgres(hub.data_dir / "postgres").url)


async def _findings(hub: HubProcess) -> dict[str, int]:
    """How many each file has."""
    _, page = await hub.call("GET", f"/api/v1/findings?project=local/scene&rule=hive.code-from-text&limit={JOBS}")
    return Counter(known["finding"]["path"] for known in page["findings"])
