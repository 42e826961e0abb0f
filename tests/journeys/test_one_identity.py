"""One finding, wherever a person meets it: in the editor, in the terminal, on the pull request, in the API."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.scene import CODE, PATIENCE_SECONDS, PROJECT, RULES, Scene, said
from tests.lsp.wire import Editor

pytestmark = pytest.mark.journey


@pytest.fixture
async def editor(scene: Scene) -> AsyncIterator[Editor]:
    """With the repository as its workspace."""
    editor = await Editor.connect(scene.hub.lsp[1])
    await editor.start(scene.hub.token, scene.project.directory)
    yield editor
    await editor.close()


async def test_the_same_code_is_the_same_findings_everywhere_and_so_is_what_people_decide(
    scene: Scene, editor: Editor
) -> None:
    opened = await scene.open_pull_request({"shop.py": CODE})
    file = scene.project.directory / "shop.py"
    editor.open(file.as_uri(), CODE)
    everywhere = await shown(editor, file, count=len(RULES))
    assert await reviewed_in_terminal(scene) == everywhere
    by_rule = {diagnostic["code"]: diagnostic["data"]["fingerprint"] for diagnostic in last_diagnostics(editor, file)}
    dismissed = by_rule["hive.shell-command"]
    others = everywhere - {dismissed}

    # Dismissed in the editor: gone there, in the terminal, in the API's open findings, and never on the pull request.
    arguments = [file.as_uri(), dismissed, "an operator's own command"]
    await editor.ask("workspace/executeCommand", {"command": "hive.dismiss", "arguments": arguments})
    assert await shown(editor, file, count=2) == others
    assert await reviewed_in_terminal(scene) == others
    assert await open_findings(scene) == others
    await scene.reviewed(opened)
    (review,) = scene.reviews()
    assert said(review) == others

    # Reopened by the API: back in the editor and in the terminal, and on the pull request with its next push.
    status, _ = await scene.hub.call("POST", f"/api/v1/findings/{dismissed}/reopen?project={PROJECT}")
    assert status == 200
    assert await shown(editor, file, count=len(RULES)) == everywhere
    assert await reviewed_in_terminal(scene) == everywhere
    await scene.reviewed(await scene.push({"README.md": "A shop.\n"}))
    _, again = scene.reviews()
    assert said(again) == {dismissed}

    # Dismissed by the API: gone everywhere else.
    address = f"/api/v1/findings/{by_rule['hive.code-from-text']}/dismiss?project={PROJECT}"
    status, _ = await scene.hub.call("POST", address, {"why": "our own questions"})
    assert status == 200
    left = everywhere - {by_rule["hive.code-from-text"]}
    assert await shown(editor, file, count=2) == left
    assert await reviewed_in_terminal(scene) == left
    await scene.reviewed(await scene.push({"README.md": "The shop.\n"}))
    annotated = {annotation["start_line"] for annotation in scene.check_run(scene.head_sha)["annotations"]}
    assert annotated == {4, 14}
    assert len(scene.reviews()) == 2


async def shown(editor: Editor, file: Path, *, count: int) -> set[str]:
    """What the editor shows of the file, once these are *count* findings."""
    await editor.until(lambda _: len(last_diagnostics(editor, file)) == count)
    return {diagnostic["data"]["fingerprint"] for diagnostic in last_diagnostics(editor, file)}


def last_diagnostics(editor: Editor, file: Path) -> list[dict[str, Any]]:
    published = [
        message["params"]["diagnostics"]
        for message in editor.heard
        if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == file.as_uri()
    ]
    return list(published[-1]) if published else []


async def reviewed_in_terminal(scene: Scene) -> set[str]:
    """The open findings of `hive review --base main` in the working tree."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "review", "--base", "main", "--format", "json", "--fail-on", "never",
        cwd=scene.project.directory, env=scene.hub.env, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_SECONDS):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return {finding["fingerprint"] for finding in json.loads(out)["findings"] if finding["status"] == "open"}


async def open_findings(scene: Scene) -> set[str]:
    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&status=open")
    return {known["finding"]["fingerprint"] for known in page["findings"]}
