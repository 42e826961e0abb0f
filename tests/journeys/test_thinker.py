"""A hub with a model's key: questions are answered, the talk is kept, and who thinks holds no other credential."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.claude.script import Says, says, uses
from tests.claude.standin import KEY, ClaudeStandIn, claude_stand_in
from tests.hub import REPOSITORY, HubProcess, hub_process
from tests.journeys.processes import environment_of, holds, open_files, tree_of, user_of

pytestmark = pytest.mark.journey

WEBHOOK_SECRET = "webhook-secret-that-nobody-guesses"
CODE = "def read(path):\n    f = open(path)\n    return f.read()\n"
QUESTION = {
    "snapshot": {"project": "github.com/o/r", "files": [{"path": "app.py", "text": CODE}]},
    "question": "What is wrong here?",
}
CITATION = {"path": "app.py", "start_line": 2, "end_line": 2, "quote": "f = open(path)"}


def thoughtful(body: Mapping[str, Any]) -> Says:
    """Looks at the file, then answers with the last of its tools."""
    if len(body["messages"]) == 1:
        return says("Let me look.", uses("read", path="app.py"))
    return says(uses(body["tools"][-1]["name"], text="The file is never closed.", citations=[CITATION]))


async def hive(hub: HubProcess, *argv: str) -> int | None:
    """The command's exit code."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "server", *argv, cwd=REPOSITORY, env=hub.env)
    await process.communicate()
    return process.returncode


def a_pem() -> str:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@pytest.fixture
async def claude() -> AsyncIterator[ClaudeStandIn]:
    async with claude_stand_in() as api:
        api.play = thoughtful
        yield api


async def test_a_question_is_answered_and_the_process_that_thinks_holds_only_the_models_key(
    data_dir: Path, claude: ClaudeStandIn
) -> None:
    pem = a_pem()
    env = {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": claude.url,
        "GITHUB_APP_ID": "7",
        "GITHUB_PRIVATE_KEY": pem,
        "GITHUB_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    async with hub_process(data_dir, env) as hub:
        await _is_answered_and_kept(hub, claude)
        await _holds_only_the_models_key(hub, claude, pem)
        await _counts_what_a_crash_has_cost(hub, claude)
        assert hub.errors == []
    assert KEY not in hub.log


async def test_what_waits_for_a_model_ends_where_its_key_was_taken_away(data_dir: Path, claude: ClaudeStandIn) -> None:
    claude.script(says("This will take a while.", waits_after=4), says("So will this.", waits_after=4))
    async with hub_process(data_dir, {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": claude.url}) as hub:
        _, review = await hub.call("POST", "/api/v1/reviews?thorough=true", QUESTION["snapshot"])
        await claude.waiting.wait()
        claude.waiting.clear()
        _, ask = await hub.call("POST", "/api/v1/asks", QUESTION)
        await claude.waiting.wait()

    async with hub_process(data_dir) as hub:
        _, ended = await hub.call("GET", f"/api/v1/jobs/{review['job']}?wait=60")
        _, report = await hub.call("GET", f"/api/v1/jobs/{review['job']}/result")
        _, refused = await hub.call("GET", f"/api/v1/jobs/{ask['job']}?wait=60")

    assert ended["state"] == "succeeded", ended
    assert report["coverage"]["full"] == ["app.py"]
    assert report["thinking"]["note"] == "without a model: its key was taken away while this waited"
    assert (refused["state"], refused["error"].partition(":")[0]) == ("dead", "the key of the model was taken away")


async def _is_answered_and_kept(hub: HubProcess, claude: ClaudeStandIn) -> None:
    _, accepted = await hub.call("POST", "/api/v1/asks", QUESTION)
    job = f"/api/v1/jobs/{accepted['job']}"
    _, ended = await hub.call("GET", f"{job}?wait=30")
    assert ended["state"] == "succeeded"

    _, told = await hub.call("GET", f"{job}/result")
    _, transcript = await hub.call("GET", f"{job}/transcript")
    _, usage = await hub.call("GET", "/api/v1/usage")
    assert told["text"] == "The file is never closed."
    assert [(call["what"], call["name"]) for call in transcript["calls"]] == [
        ("model", "claude-opus-5-5"),
        ("tool", "read"),
        ("model", "claude-opus-5-5"),
    ]
    cost = transcript["totals"]["cost_microdollars"]
    assert cost == told["bill"]["cost_microdollars"] == usage["totals"]["cost_microdollars"] > 0
    assert claude.refused == []
    asked = claude.attempts
    assert await hive(hub, "jobs", "replay", accepted["job"]) == 0
    assert claude.attempts == asked


async def _holds_only_the_models_key(hub: HubProcess, claude: ClaudeStandIn, pem: str) -> None:
    """Looked at while it is in the middle of an answer; then the job is cancelled, and the provider notices."""
    claude.script(says("This will take a while.", waits_after=4))
    _, accepted = await hub.call("POST", "/api/v1/asks", QUESTION)
    await claude.waiting.wait()

    [thinker] = hub.children("server.agents.thinker")
    foreign = _secrets(hub, pem)
    for pid in tree_of(thinker):
        assert holds(pid, foreign) == set()
        assert environment_of(pid) == b""
        assert not {name for name in open_files(pid) if name.startswith(str(hub.data_dir))} - {str(hub.log_path)}
        assert os.geteuid() != 0 or user_of(pid) == "nobody"
    assert holds(thinker, {"model key": KEY.encode()}) == {"model key"}
    assert holds(hub.pid, foreign) > {"github key", "webhook secret"}  # the search does find what is there

    await hub.call("POST", f"/api/v1/jobs/{accepted['job']}/cancel")
    await claude.left.wait()


async def _counts_what_a_crash_has_cost(hub: HubProcess, claude: ClaudeStandIn) -> None:
    look = says("Let me look.", uses("read", path="app.py"))
    answer = says(uses("answer", text="The file is never closed.", citations=[CITATION]))
    claude.script(look, says("This will take a while.", waits_after=4), look, answer)
    claude.waiting.clear()
    _, accepted = await hub.call("POST", "/api/v1/asks", QUESTION)
    await claude.waiting.wait()

    [thinker] = hub.children("server.agents.thinker")
    os.kill(thinker, signal.SIGKILL)

    job = f"/api/v1/jobs/{accepted['job']}"
    _, ended = await hub.call("GET", f"{job}?wait=60")
    assert (ended["state"], ended["attempt"]) == ("succeeded", 2)
    _, transcript = await hub.call("GET", f"{job}/transcript")
    calls = [(call["attempt"], call["number"], call["what"]) for call in transcript["calls"]]
    assert calls == [(1, 1, "model"), (1, 2, "tool"), (2, 1, "model"), (2, 2, "tool"), (2, 3, "model")]
    of_first = [call["cost_microdollars"] for call in transcript["calls"] if call["attempt"] == 1]
    assert sum(of_first) > 0
    assert transcript["attempt"] == 2


def _secrets(hub: HubProcess, pem: str) -> dict[str, bytes]:
    """By name what must not be found: a part of each that says enough."""
    keys = hub.data_dir / "keys"
    roles = {role: msgspec.json.decode((keys / f"{role}.key").read_bytes()) for role in ("orchestrator", "effects")}
    return {
        "github key": pem.splitlines()[5].encode(),
        "webhook secret": WEBHOOK_SECRET.encode(),
        "way to postgres": bytes(hub.data_dir / "postgres"),
        "api key": hub.token.encode(),
        "key at rest": (keys / "at-rest.key").read_bytes(),
        **{f"{role}'s keys": _longest(content) for role, content in roles.items()},
    }


def _longest(content: Any) -> bytes:
    """Of the texts in it: a private key."""
    if isinstance(content, dict):
        return max(map(_longest, content.values()), key=len, default=b"")
    return content.encode() if isinstance(content, str) else b""
