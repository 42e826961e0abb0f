"""What a person does with the extension, in a real VS Code with a real hub. Screenshots stay in build/screenshots."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from server.launch import ensure_hub
from tests.journeys.scene import CODE, PROJECT, a_scene
from tests.lsp.scripted import TOKEN
from tests.vscode.conftest import HIVE, Journey, Outcome
from tests.vscode.model_hub import ModelDoor
from tests.vscode.scripted_hub import running

# Journeys of an editor, a browser and a hub; on a machine that is busy besides they take minutes.
pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]


def test_a_finding_is_seen_while_typing_then_fixed_or_dismissed(travel: Journey) -> None:
    travel("findings")


def test_the_views_show_findings_and_jobs_and_act_on_them(travel: Journey, workspace: Path) -> None:
    (workspace / "old.py").write_text("def run(text):\n    exec(text)\n")

    travel("views")


def test_a_review_on_demand_can_be_cancelled_even_while_the_hub_hangs(travel: Journey, workspace: Path) -> None:
    (workspace / "total.py").write_text("def total(text):\n    return eval(text)\n")

    travel("review")


def test_a_missing_command_is_told_with_the_way_to_mend_it(travel_alone: Journey) -> None:
    travel_alone("missing", settings={"hive.path": "/nowhere/hive"})


def test_a_command_that_fails_is_given_up_after_a_few_tries(travel_alone: Journey, tmp_path: Path) -> None:
    command = tmp_path / "hive"
    command.write_text("#!/bin/sh\necho 'The disk is full.' >&2\nexit 3\n")
    command.chmod(0o755)

    travel_alone("failing", settings={"hive.path": str(command)}, command=str(command), hive=str(HIVE))


def test_a_hub_that_was_killed_is_started_again_and_nothing_is_lost(travel: Journey, workspace: Path) -> None:
    lines = "\n".join(f"def f{number}(a, b):\n    return a * {number} + b\n" for number in range(100))
    (workspace / "parts").mkdir()
    for number in range(40):
        (workspace / "parts" / f"part{number}.py").write_text(f"# {number}\n{lines}")

    travel("killed")


def test_a_hub_elsewhere_lets_an_editor_in_and_programs_do_there_what_its_person_agrees_to_in_a_trusted_folder(
    travel_alone: Journey, hub_environment: dict[str, str]
) -> None:
    hub = ensure_hub({**os.environ, **hub_environment, "HIVE_IDE_COMMANDS": "ls *"})
    address = {"hive.path": "/nowhere/hive", "hive.address": f"ws://{hub.http}/lsp"}
    settings = {**address, "hive.allowedCommands": ["ls *"]}

    travel_alone("remote", "programs", settings=settings, trusts_all=False, token=hub.token, http=str(hub.http))


async def test_threads_of_a_pull_request_are_answered_applied_resolved_and_dismissed_on_github_too(
    travel_alone: Journey, workspace: Path, data_dir: Path
) -> None:
    async with a_scene(data_dir, workspace) as scene:
        scene.github.permissions["contents"] = "write"  # or GitHub lets nobody resolve a thread
        await scene.reviewed(await scene.open_pull_request({"shop.py": CODE}))
        body = "Questions are text:\n\n```suggestion\ndef answer(question: str):\n```\n"
        scene.github.comment(scene.repository, 1, body, path="shop.py", line=9)
        (workspace / "shop.py").write_text(f"# A line above.\n{CODE}")
        host, port = scene.hub.lsp
        settings = {"hive.path": "/nowhere/hive", "hive.address": f"{host}:{port}"}

        await asyncio.to_thread(travel_alone, "threads", settings=settings, token=scene.hub.token)

        _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&status=dismissed")
        (dismissed,) = page["findings"]
        assert (dismissed["finding"]["rule"], dismissed["dismissal"]["by"]) == ("hive.code-from-text", "local")
        resolved = scene.github.resolved(scene.repository, 1)
        assert sorted(comment["line"] for comment in scene.comments() if comment["id"] in resolved) == [9, 10]
        assert "Good point." in scene.comments()[-1]["body"]


def test_a_model_suggests_where_somebody_types_and_rewrites_what_they_select(
    travel_alone: Journey, workspace: Path
) -> None:
    (workspace / "book.ipynb").write_text(json.dumps(a_notebook("prices = [1]", "")))
    door = ModelDoor("sum(prices)")
    with running(door, thinks=True) as address:
        settings = {"hive.path": "/nowhere/hive", "hive.address": str(address)}
        travel_alone("model", settings=settings, token=TOKEN)

    assert door.instructions == ["def sum_of(prices):"]
    assert door.cancelled.qsize() == 1
    assert door.before[-1] == "prices = [1]\ntotal = "


def a_notebook(*cells: str) -> dict[str, Any]:
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    made = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in cells]
    return {"nbformat": 4, "nbformat_minor": 2, "metadata": kernel, "cells": made}


def test_the_package_holds_what_runs_and_what_is_read_and_is_small(vsix: Path) -> None:
    with ZipFile(vsix) as package:
        names = {name.removeprefix("extension/") for name in package.namelist()}
        page = package.read("extension/readme.md").decode()

    assert {"out/extension.js", "out/panel.js", "package.nls.json", "l10n/bundle.l10n.json", "readme.md"} <= names
    assert not [name for name in names if name.startswith(("src/", "test/", "node_modules/", "media/screenshots/"))]
    assert "](media/" not in page, "a picture that nobody would see"
    assert vsix.stat().st_size < 400_000


def test_the_tests_inside_the_extension_host_pass(run_host_tests: Callable[[], list[Outcome]], workspace: Path) -> None:
    (workspace / ".vscode").mkdir()
    (workspace / ".vscode" / "settings.json").write_text('{"hive.path": "/tmp/evil", "hive.address": "evil:1"}')

    outcomes = run_host_tests()

    failed = [f"{outcome.name}: {outcome.error}" for outcome in outcomes if outcome.error]
    assert outcomes
    assert not failed, "\n".join(failed)
