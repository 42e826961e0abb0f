"""`hive dead` and `hive top` against a real API."""

import asyncio
import json
import os
from typing import Any
from uuid import uuid4

import pytest

from server.jobs.job import EventType
from tests.api.conftest import Hub, hub, limits  # noqa: F401 - fixtures
from tests.cli.hive import HIVE
from tests.cli.terminal import Terminal


def env_of(hub: Hub) -> dict[str, str]:  # noqa: F811
    url = str(hub.client.make_url("")).rstrip("/")
    return {"PATH": os.environ["PATH"], "HIVE_URL": url, "HIVE_TOKEN": hub.keys["admin"]}


async def run(hub: Hub, *argv: str) -> tuple[int, str, str]:  # noqa: F811
    """Exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        HIVE, *argv, env=env_of(hub), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def run_json(hub: Hub, *argv: str) -> Any:  # noqa: F811
    code, out, err = await run(hub, *argv, "--json")
    assert code == 0, err
    return json.loads(out)


async def test_dead_letters_are_listed_by_what_they_have_in_common(hub: Hub) -> None:  # noqa: F811
    job = await hub.dead_job()

    for argv, found in ((["--error", "GiveUp", "--since", "1h"], [job]), (["--cause", "crashed"], [])):
        assert [letter["id"] for letter in await run_json(hub, "dead", "list", *argv)] == found
    _, out, _ = await run(hub, "dead")
    assert job in out
    assert "gave_up" in out


async def test_one_is_shown_with_its_history(hub: Hub) -> None:  # noqa: F811
    job = await hub.dead_job()

    code, out, _ = await run(hub, "dead", "show", job)

    assert code == 0
    for said in (job, "nothing can be done", "accepted", "started", "dead", "GiveUp"):
        assert said in out
    assert (await run(hub, "dead", "show", str(uuid4())))[0] == 2


async def test_all_are_discarded_after_a_look(hub: Hub) -> None:  # noqa: F811
    for _ in range(3):
        await hub.dead_job()

    assert (await run(hub, "dead", "discard", "--all", "--dry-run"))[1] == "3 dead letters would be discarded\n"
    code, _, err = await run(hub, "dead", "discard", "--all")
    assert (code, "--yes" in err) == (2, True)

    done = await run_json(hub, "dead", "discard", "--kind", "review", "--yes")

    assert done == {"matched": 3, "asked": 3, "settled": 3}
    assert await run_json(hub, "dead", "list") == []


async def test_what_is_refused_is_named_and_keeps_nothing_from_the_others(hub: Hub) -> None:  # noqa: F811
    reviewed, job = await hub.reviewed(), await hub.dead_job()

    async with hub.hearing(job, EventType.DISCARDED):
        code, out, err = await run(hub, "dead", "discard", reviewed, job)

    assert (code, out) == (2, f"discarding {job}\n")
    assert f"{reviewed}: the job is not dead" in err


async def test_on_a_terminal_a_person_is_asked(hub: Hub) -> None:  # noqa: F811
    job = await hub.dead_job()

    def refuse_and_agree() -> tuple[int, int]:
        codes = []
        for answer in ("n\n", "y\n"):
            with Terminal([HIVE, "dead", "retry", "--all"], env_of(hub)) as terminal:
                terminal.see("Retry 1 dead letter? [y/N]")
                terminal.type(answer)
                codes.append(terminal.ended())
        return codes[0], codes[1]

    async with hub.hearing(job, EventType.DEAD):
        assert await asyncio.to_thread(refuse_and_agree) == (130, 0)

    assert (await hub.get(f"/api/v1/jobs/{job}"))["attempt"] == 2


@pytest.mark.parametrize(
    "argv",
    [["retry"], ["retry", "x", "--kind", "review"], ["discard", "x", "--all"], ["list", "--since", "yesterday"]],
    ids=" ".join,
)
async def test_what_is_meant_must_be_said(hub: Hub, argv: list[str]) -> None:  # noqa: F811
    code, _, err = await run(hub, "dead", *argv)

    assert code == 2
    assert "Usage: hive dead" in err


async def test_failures_are_told_over_time(hub: Hub) -> None:  # noqa: F811
    assert (await run(hub, "dead", "stats"))[1] == "no failures in this time\n"
    await hub.dead_job()

    code, out, _ = await run(hub, "dead", "stats", "--by", "error", "--since", "2d", "--bucket", "day")

    assert code == 0
    assert "GiveUp" in out
    assert "█" in out
    assert (await run_json(hub, "dead", "stats"))["failures"] == 1


async def test_a_stage_of_a_job_is_waited_for(hub: Hub) -> None:  # noqa: F811
    hub.may_finish.clear()
    job = await hub.review()

    code, out, _ = await run(hub, "jobs", "wait", job, "--until", "started")

    assert (code, "running" in out) == (0, True)


async def test_top_shows_once_without_a_terminal(hub: Hub) -> None:  # noqa: F811
    await hub.dead_job()

    code, out, _ = await run(hub, "top", "--once")
    overview = await run_json(hub, "top", "--once")

    assert code == 0
    assert "dead: 1 jobs, 0 messages" in out
    assert "quit" not in out
    assert overview["load"]["dead"]["jobs"] == 1
    for argv, said in ((["top"], "needs a terminal"), (["top", "--json"], "goes with --once")):
        code, _, err = await run(hub, *argv)
        assert (code, said in err) == (2, True)


@pytest.mark.parametrize("key", ["q", "\x03"], ids=["q", "Ctrl-C"])
async def test_top_obeys_keys_and_leaves_the_terminal_as_it_was(hub: Hub, key: str) -> None:  # noqa: F811
    def watch() -> tuple[int, bool]:
        with Terminal([HIVE, "top"], env_of(hub)) as terminal:
            terminal.see("by name")
            terminal.type("s")
            terminal.see("by load")
            terminal.type("p")
            terminal.see("paused")
            terminal.type(key)
            return terminal.ended(), terminal.is_as_before

    assert await asyncio.to_thread(watch) == (0, True)
