"""A person works on GitHub through `hive github`: a real hub that is the App, and GitHub's stand-in."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.hive import HIVE
from tests.journeys.scene import Scene

pytestmark = pytest.mark.journey

WISH = 'approvals = 1\nchecks = ["ci"]\n'


async def hive(scene: Scene, *argv: str) -> tuple[int, str, str]:
    """The command's exit code and what it printed."""
    env = {"HIVE_URL": scene.hub.url, "HIVE_TOKEN": scene.hub.token, "PATH": "/usr/bin:/bin"}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(HIVE, *argv, env=env, stdout=pipe, stderr=pipe)
    out, error = await process.communicate()
    return process.returncode or 0, out.decode(), error.decode()


async def told(scene: Scene, *argv: str) -> Any:
    code, out, error = await hive(scene, *argv, "--json")
    assert code == 0, error
    return json.loads(out)


async def test_a_branch_is_protected_a_commit_deployed_and_the_history_read(scene: Scene, tmp_path: Path) -> None:
    scene.github.permissions |= {"administration": "write", "deployments": "write", "statuses": "write"}
    (wish := tmp_path / "wish.toml").write_text(WISH)
    sha = scene.project.git("rev-parse", "main")

    dry = await hive(scene, "github", "protection", "apply", "octo/demo", "main", "--file", str(wish))
    applied = await told(scene, "github", "protection", "apply", "octo/demo", "main", "--file", str(wish), "--yes")
    shown = await hive(scene, "github", "protection", "show", "octo/demo", "main")
    odd = await hive(scene, "github", "protection", "plan", "octo/demo", "main", "--file", str(tmp_path / "none"))

    assert "approvals: no pull request needed -> 1" in dry[1]
    assert dry[1].endswith("a dry run: nothing was changed; --yes applies it\n")
    assert (applied["is_applied"], applied["plan"]["creates"]) == (True, True)
    assert "checks: ci" in shown[1]
    assert odd[0] == 2

    status = await told(scene, "github", "status", "octo/demo", sha, "success", "--context", "ci")
    deployment = await told(scene, "github", "deployments", "create", "octo/demo", sha, "staging")
    await told(scene, "github", "deployments", "status", "octo/demo", str(deployment["id"]), "success")
    listed = await hive(scene, "github", "deployments", "list", "octo/demo")
    assert (status["state"], deployment["sha"]) == ("success", sha)
    assert "staging  success" in listed[1]

    history = await told(scene, "github", "analytics", "octo/demo", "--since", "2y")
    assert (history["history"]["head_sha"], history["pulls"]["merged"]) == (sha, 0)

    answer = await scene.hub.call("GET", "/api/v1/github/octo/demo/protection?branch=main")
    assert (answer[0], answer[1]["rules"]["approvals"]) == (200, 1)
