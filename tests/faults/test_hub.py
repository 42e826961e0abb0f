"""The whole hub as its user starts, stops and kills it."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from server.db import connect
from server.messaging.routes import INTAKE, Role
from tests.hub import HubProcess, hub_process

pytestmark = pytest.mark.journey

A_REVIEW = {
    "project": "local/scene",
    "base_sha": "",
    "head_sha": "",
    "files": [{"path": "a.py", "text": "import os\n\n\ndef run(x):\n    os.system('ls ' + x)\n"}],
}


async def review(hub: HubProcess) -> list[str]:
    """The rules that the hub finds in a small file, by the API."""
    status, started = await hub.call("POST", "/api/v1/reviews", A_REVIEW)
    assert status == 202, started
    status, job = await hub.call("GET", f"/api/v1/jobs/{started['job']}?wait=30")
    assert (status, job["state"]) == (200, "succeeded")
    _, report = await hub.call("GET", f"/api/v1/jobs/{started['job']}/result")
    return [finding["rule"] for finding in report["findings"]]


async def test_a_hub_reviews_stops_cleanly_and_goes_on_with_its_data(data_dir: Path) -> None:
    async with hub_process(data_dir) as hub:
        found = await review(hub)
        code = await hub.stop()
        assert code == 0
        await hub.start()
        _, listed = await hub.call("GET", "/api/v1/findings?project=local/scene")

    assert found
    assert {item["finding"]["rule"] for item in listed["findings"]} == set(found)
    assert not (data_dir / "run" / "hub.json").exists()


@pytest.mark.parametrize("secret", ["", "a secret"], ids=["without a secret", "with a secret"])
async def test_the_status_page_says_when_every_delivery_is_refused(data_dir: Path, secret: str) -> None:
    async with hub_process(data_dir, {"GITHUB_WEBHOOK_SECRET": secret}) as hub, aiohttp.ClientSession() as browser:
        page = await (await browser.get(hub.url)).text()

    assert "/webhooks/github" in page
    assert ("no secret set: deliveries are refused" in page) is (not secret)


async def test_a_second_hub_on_the_same_data_is_refused_and_says_who_has_it(hub: HubProcess) -> None:
    second = HubProcess(hub.data_dir)

    with pytest.raises(AssertionError, match=f"process {hub.pid}"):
        await second.start()

    assert await review(hub)


async def test_after_kill_9_of_the_hub_the_next_start_goes_on_and_no_worker_is_left(data_dir: Path) -> None:
    hub = HubProcess(data_dir)
    await hub.start()
    found = await review(hub)
    workers = hub.children("server.agents")
    assert len(workers) == 1

    await hub.kill()
    await hub.start()
    try:
        assert await review(hub) == found
        assert not [pid for pid in workers if _is_alive(pid)]
    finally:
        await hub.stop()


async def test_a_hub_killed_with_9_amid_its_start_leaves_no_worker_and_no_traceback(data_dir: Path) -> None:
    hub = HubProcess(data_dir)
    starting = asyncio.create_task(hub.start())
    while True:
        if workers := hub.children("server.agents"):
            break
        await asyncio.sleep(0.01)  # a process of the hub's: nothing signals us

    await hub.kill()
    with pytest.raises(AssertionError, match="ended while starting"):
        await starting
    await hub.start()
    try:
        assert await review(hub)
        assert not [pid for pid in workers if _is_alive(pid)]
        assert "Traceback" not in hub.log
    finally:
        await hub.stop()


async def test_an_agent_killed_with_9_is_replaced_and_its_work_is_done(hub: HubProcess) -> None:
    (agent,) = hub.children("server.agents")
    many = [{"path": f"f{n}.py", "text": "import os\nos.system(input())\n" * 200} for n in range(40)]
    _, started = await hub.call("POST", "/api/v1/reviews", {**A_REVIEW, "files": many})
    while True:
        _, job = await hub.call("GET", f"/api/v1/jobs/{started['job']}")
        if job["state"] == "running":
            break

    os.kill(agent, signal.SIGKILL)
    _, job = await hub.call("GET", f"/api/v1/jobs/{started['job']}?wait=60")

    assert (job["state"], job["attempt"]) == ("succeeded", 2)


async def test_the_agent_has_no_environment_no_files_and_no_secret_of_the_hub(data_dir: Path) -> None:
    secrets = {"GITHUB_WEBHOOK_SECRET": "wh-5e5c2b8d7a", "ANTHROPIC_API_KEY": "sk-ant-0f1e2d3c4b5a"}
    async with hub_process(data_dir, secrets) as hub:
        (agent,) = hub.children("server.agents")
        process = Path(f"/proc/{agent}")

        assert (process / "environ").read_bytes() == b""
        assert not [secret for secret in secrets.values() if _memory_holds(agent, secret.encode())]
        assert not _memory_holds(agent, hub.token.encode())
        assert _memory_holds(hub.pid, secrets["GITHUB_WEBHOOK_SECRET"].encode())  # the search itself works
        if os.geteuid() == 0:
            uids = next(line for line in (process / "status").read_text().splitlines() if line.startswith("Uid"))
            assert set(uids.split()[1:]) == {"65534"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's agents become another user")
async def test_an_agent_works_although_it_may_not_read_its_own_program_files(data_dir: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "env").symlink_to(sys.prefix)
    hub = HubProcess(data_dir, python=str(closed / "env" / "bin" / "python"))
    await hub.start()
    try:
        assert await review(hub)
        assert hub.errors == []
    finally:
        await hub.stop()


async def test_what_is_said_in_a_review_stands_neither_in_the_aof_nor_in_a_log(data_dir: Path) -> None:
    said = "correct-horse-battery-staple"
    text = f"password = '{said}'\n"
    async with hub_process(data_dir) as hub:
        _, started = await hub.call("POST", "/api/v1/reviews", {**A_REVIEW, "files": [{"path": "a.py", "text": text}]})
        await hub.call("GET", f"/api/v1/jobs/{started['job']}?wait=30")
        await hub.stop()

    files = [path for name in ("redis", "logs") for path in (data_dir / name).rglob("*") if path.is_file()]
    aof = [path for path in files if path.parent.name == "redis" and INTAKE.stream.encode() in path.read_bytes()]
    assert aof, "the AOF is not where this test looks"
    assert not [path for path in [*files, data_dir / "test-hub.log"] if said.encode() in path.read_bytes()]


async def test_a_hub_uses_the_servers_that_its_settings_name(
    data_dir: Path, postgres_url: str, redis_urls: dict[str, str]
) -> None:
    urls = {f"REDIS_URL_{role.upper()}": redis_urls[role] for role in Role}
    async with hub_process(data_dir, {"DATABASE_URL": postgres_url, **urls}) as hub:
        assert await review(hub)

        async with connect(postgres_url) as database:
            assert await database.fetchval("select count(*) from jobs where state = 'succeeded'") == 1
        assert not [name for name in ("postgres", "redis") if (data_dir / name).exists()]


async def test_ready_and_health_say_how_the_parts_are(hub: HubProcess) -> None:
    status, parts = await hub.call("GET", "/ready")

    assert status == 200
    assert json.dumps(parts).count("true") >= 3
    assert (await hub.call("GET", "/health"))[0] == 200


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/exe").exists()


def _memory_holds(pid: int, needle: bytes) -> bool:
    """Whether any readable, writable page of the process holds *needle*."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(edge, 16) for edge in span.split("-"))
            memory.seek(start)
            try:
                if needle in memory.read(end - start):
                    return True
            except OSError:
                continue
    return False
