"""Every door of one real hub is sent everything bad that its own tests know; each refuses it, and all go on."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.api.test_refusals import BAD_REVIEWS
from tests.faults.test_hub import A_REVIEW, review
from tests.github.payloads import example
from tests.github.signing import signed_delivery
from tests.hub import HubProcess, hub_process
from tests.lsp.test_door import GARBAGE
from tests.lsp.wire import Editor, ErrorAnswer
from tests.webhooks.test_receiver import REFUSED, SECRET

pytestmark = pytest.mark.journey

MANY_BYTES = 10 * 1024 * 1024

OPENED = signed_delivery(SECRET, "pull_request", example("pull_request", "opened"))


@pytest.fixture
async def hub(data_dir: Path) -> AsyncIterator[HubProcess]:
    async with hub_process(data_dir, {"GITHUB_WEBHOOK_SECRET": SECRET}) as hub:
        yield hub


async def test_all_bad_input_is_refused_by_a_hub_that_goes_on(hub: HubProcess, tmp_path: Path) -> None:
    bystander = await Editor.connect(hub.lsp[1])
    await bystander.start(hub.token, tmp_path)
    uri = (tmp_path / "a.py").as_uri()
    bystander.open(uri, "eval(input())\n")
    assert len(await bystander.diagnostics(uri, 1)) == 1

    assert await answers_to_deliveries(hub) == {name: status for name, (status, _) in REFUSED.items()}
    assert await answers_to_reviews(hub) == {name: status for name, (_, _, status) in BAD_REVIEWS.items()}
    for garbage in GARBAGE.values():
        await send_garbage(hub, garbage)
    with pytest.raises(ErrorAnswer, match="token"):
        await introduce(hub, token="hive_wrong")

    bystander.change(uri, 2, ((1, 0), (1, 0), "exec(input())\n"))
    assert len(await bystander.diagnostics(uri, 2)) == 2
    _, page = await hub.call("GET", "/api/v1/deliveries")
    assert page["deliveries"] == []
    assert await review(hub)
    assert (await hub.call("GET", "/ready"))[0] == 200
    await bystander.close()
    assert not hub.errors


async def test_files_that_cannot_be_read_are_named_and_the_others_are_reviewed(hub: HubProcess) -> None:
    files = [
        {"path": "large.py", "text": "x = 1\n" * (MANY_BYTES // 6)},
        {"path": "binary.py", "text": "\0\1\2" * 1000},
        *A_REVIEW["files"],
    ]

    _, started = await hub.call("POST", "/api/v1/reviews", {**A_REVIEW, "files": files})
    await hub.call("GET", f"/api/v1/jobs/{started['job']}?wait=30")
    _, report = await hub.call("GET", f"/api/v1/jobs/{started['job']}/result")

    skipped = {file["path"]: file["reason"] for file in report["coverage"]["skipped"]}
    assert skipped == {"large.py": "larger than 2 MiB", "binary.py": "binary"}
    assert report["coverage"]["full"] == ["a.py"]
    assert report["findings"]


def connections(hub: HubProcess) -> aiohttp.ClientSession:
    """One for each request: the hub hangs up on whoever sends what cannot be read."""
    return aiohttp.ClientSession(hub.url, connector=aiohttp.TCPConnector(force_close=True))


async def answers_to_deliveries(hub: HubProcess) -> dict[str, int]:
    statuses = {}
    async with connections(hub) as session:
        for name, (_, change) in REFUSED.items():
            bad = change(OPENED)
            async with session.post("/webhooks/github", data=bad.body, headers=bad.headers) as answer:
                statuses[name] = answer.status
    return statuses


async def answers_to_reviews(hub: HubProcess) -> dict[str, int]:
    statuses = {}
    token = {"Authorization": f"Bearer {hub.token}"}
    async with connections(hub) as session:
        for name, (body, headers, _) in BAD_REVIEWS.items():
            async with session.post("/api/v1/reviews", data=body, headers={**token, **headers}) as answer:
                statuses[name] = answer.status
    return statuses


async def send_garbage(hub: HubProcess, garbage: bytes) -> None:
    vandal = await Editor.connect(hub.lsp[1])
    vandal.send_bytes(garbage)
    await vandal.end()
    await vandal.close()


async def introduce(hub: HubProcess, token: str) -> None:
    stranger = await Editor.connect(hub.lsp[1])
    try:
        await stranger.start(token)
    finally:
        await stranger.close()
