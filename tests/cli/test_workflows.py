"""`hive workflows` against a real API."""

import asyncio
import json
import os
from typing import Any

from server.jobs.job import EventType
from tests.api.conftest import Hub, hub, limits  # noqa: F401 - fixtures
from tests.api.test_workflows import begun, first_job
from tests.cli.hive import HIVE
from tests.cli.test_commands import loaded_by

HEAVY = {"aiohttp", "asyncpg", "redis", "pygls", "structlog", "cryptography"}


async def run(hub: Hub, *argv: str) -> tuple[int, str]:  # noqa: F811
    """Exit code, and all that it printed."""
    url = str(hub.client.make_url("")).rstrip("/")
    env = {"PATH": os.environ["PATH"], "HIVE_URL": url, "HIVE_TOKEN": hub.keys["admin"]}
    process = await asyncio.create_subprocess_exec(
        HIVE, "workflows", *argv, env=env, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


async def run_json(hub: Hub, *argv: str) -> Any:  # noqa: F811
    code, out = await run(hub, *argv, "--json")
    assert code == 0, out
    return json.loads(out)


def test_the_command_loads_nothing_of_the_hub() -> None:
    assert not HEAVY & loaded_by("workflows", "--help")


async def test_they_are_listed_and_shown_step_by_step(hub: Hub) -> None:  # noqa: F811
    assert await run(hub) == (0, "no workflows\n")
    workflow = await begun(hub)

    _, listed = await run(hub, "list")
    _, shown = await run(hub, "show", workflow, "--history")

    for said in (workflow, "review.pull_request", "running", "0 of 3 steps"):
        assert said in listed
    for said in ("version 2", "snapshot.fetch", "waiting", "step began"):
        assert said in shown
    assert [known["id"] for known in await run_json(hub, "list", "--state", "running")] == [workflow]
    assert (await run_json(hub, "show", workflow))["graph"]["width"] == 3


async def test_a_person_pauses_resumes_retries_and_cancels_one(hub: Hub) -> None:  # noqa: F811
    workflow = await begun(hub)
    job = await first_job(hub, workflow)

    async with hub.hearing(job, EventType.PAUSED):
        assert await run(hub, "pause", workflow) == (0, f"pausing review.pull_request {workflow}\n")
    async with hub.hearing(job, EventType.RELEASED):
        await run(hub, "resume", workflow)
    async with hub.hearing(job, EventType.CANCELLED):
        await run(hub, "retry", workflow, "--from", "snapshot")
    async with hub.hearing(workflow, EventType.CANCELLED):
        assert (await run_json(hub, "cancel", workflow))["id"] == workflow

    code, said = await run(hub, "retry", workflow, "--from", "fly")
    assert (code, "has no step fly" in said, "its steps: snapshot, review, publish" in said) == (2, True, True)
