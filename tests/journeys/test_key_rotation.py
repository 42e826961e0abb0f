"""Keys are rotated and revoked under a running hub, by the command that people use."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hub import HubProcess, hub_process

pytestmark = pytest.mark.journey

REVIEWS = 30


async def test_keys_rotate_while_jobs_run_and_nothing_is_lost(data_dir: Path) -> None:
    async with hub_process(data_dir) as hub:
        (agent,) = hub.children("server.agents")
        asked = []
        for _ in range(3):
            asked += [asyncio.create_task(reviewed(hub, number)) for number in range(REVIEWS)]
            await hive(hub, "keys", "rotate")
        ended = await asyncio.gather(*asked)

        events = (await hive(hub, "keys", "events"))["events"]
        _, letters = await hub.call("GET", "/api/v1/dead-letters")
        assert ended == ["succeeded"] * 3 * REVIEWS
        assert letters["dead_letters"] == []
        assert hub.children("server.agents") == [agent]
        assert {event["operation"] for event in events} >= {"made", "began", "followed"}
        assert hub.errors == []


async def test_who_was_revoked_goes_on_under_new_keys(data_dir: Path) -> None:
    async with hub_process(data_dir) as hub:
        assert await reviewed(hub, 1) == "succeeded"

        await hive(hub, "keys", "revoke", "agent")

        assert await reviewed(hub, 2) == "succeeded"
        events = (await hive(hub, "keys", "events"))["events"]
        assert [event["role"] for event in events if event["operation"] == "revoked"] != []


async def reviewed(hub: HubProcess, number: int) -> str:
    files = [{"path": f"{number}.py", "text": "print(1)\n"}]
    status, accepted = await hub.call("POST", "/api/v1/reviews", {"project": "local/keys", "files": files})
    assert status == 202, accepted
    async with asyncio.timeout(60):
        while True:
            _, job = await hub.call("GET", f"/api/v1/jobs/{accepted['job']}?wait=20")
            if job["state"] in ("succeeded", "dead", "cancelled"):
                return str(job["state"])


async def hive(hub: HubProcess, *arguments: str) -> Any:
    """A command with `--json`; its answer."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", *arguments, "--json",
        env=hub.env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return json.loads(said)
