"""`hive agents`, `hive sessions` and `hive schedules` against a real hub, whose agent falls asleep after a second."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.hive import Hive, a_hive
from tests.cli.test_commands import loaded_by

pytestmark = pytest.mark.journey

HEAVY = {"aiohttp", "asyncpg", "redis", "pygls", "structlog", "cryptography", "rich.progress"}


@pytest.fixture(scope="module")
def hive() -> Iterator[Hive]:
    """With a hub that runs."""
    with a_hive() as hive:
        hive.env["HIVE_SLEEP_AFTER"] = "1"
        hive.run("review", str(Path(__file__)))
        yield hive


def until(what: Callable[[], bool]) -> None:
    """Other processes, which nothing signals to us."""
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def the_agent(hive: Hive) -> str:
    [agent] = hive.json("agents")
    return str(agent["name"])


def state(hive: Hive) -> str:
    [agent] = hive.json("agents", "list")
    return str(agent["state"])


@pytest.mark.parametrize("command", ["agents", "sessions", "schedules"])
def test_a_command_loads_nothing_of_the_hub(command: str) -> None:
    assert not HEAVY & loaded_by(command, "--help")


def flat(table: str) -> str:
    """In one line: a cell may have several, by how long its text is."""
    return " ".join(table.split())


def test_an_idle_agent_sleeps_until_work_comes(hive: Hive) -> None:
    # What an agent did comes a moment after its state.
    until(lambda: re.search(r"sleeping review .* and no linter", flat(hive.run("agents").stdout)) is not None)

    assert hive.run("review", str(Path(__file__))).returncode == 0

    told = flat(hive.run("agents", "messages", the_agent(hive)).stdout)
    assert re.search(r"sleeping consolidated in \d+\.\d+ s: \d+ -> \d+ MiB.* preparing_wake work came", told)
    assert re.search(r"awake woke in \d+\.\d+ s", told)


def test_a_schedule_is_added_run_paused_resumed_and_removed(hive: Hive) -> None:
    project = ["--kind", "review", "--project", "local/demo"]
    snapshot = '{"project": "local/demo", "files": []}'
    added = hive.run("schedules", "add", "often", *project, "--every", "2s", "--args", snapshot)
    nightly = hive.run("schedules", "add", "nightly", *project, "--cron", "30 2 * * *", "--timezone", "Europe/Berlin")
    until(lambda: any(job["requested_by"] == "schedule:often" for job in hive.json("jobs")))
    asked = hive.run("schedules", "run", "nightly")

    assert added.stdout.startswith("added often: next in ")
    assert re.fullmatch(r"asked for job [0-9a-f-]{36}\n", asked.stdout)
    listed = hive.run("schedules").stdout
    assert re.search(r"nightly +30 2 \* \* \* \(Europe/Berlin\) +review +local/demo", listed)
    assert re.search(r"often +every 2 s", listed)
    assert hive.run("schedules", "pause", "often").stdout == "paused often\n"
    assert hive.json("schedules", "show", "often")["schedule"]["next_at"] is None
    assert hive.run("schedules", "resume", "often").stdout.startswith("resumed often: next in ")
    for name in ("often", "nightly"):
        hive.run("schedules", "remove", name)
    assert hive.run("schedules").stdout == "no schedules\n"
    assert nightly.returncode == 0


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["schedules", "add", "x", "--kind", "launch", "--project", "p", "--every", "1m"], "no kind of job 'launch'"),
        (
            ["schedules", "add", "x", "--kind", "review", "--project", "p", "--cron", "daily"],
            "does not have five fields",
        ),
        (["schedules", "add", "x", "--kind", "review", "--project", "p", "--every", "soon"], "is not a time such as"),
        (["schedules", "run", "nobody"], "there is no schedule nobody"),
        (["agents", "drain", "nobody"], "there is no agent nobody"),
        (["sessions", "yesterday"], "a session's id is a UUID"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_explained(hive: Hive, argv: list[str], complaint: str) -> None:
    done = hive.run(*argv)

    assert done.returncode == 2
    assert complaint in done.stderr


def test_whose_work_was_when(hive: Hive) -> None:
    until(lambda: {session["owner"] for session in hive.json("sessions")} >= {"local", the_agent(hive)})
    [session, *_] = hive.json("sessions", "--kind", "agent")

    shown = hive.run("sessions", session["id"]).stdout

    assert re.search(r"who +" + re.escape(the_agent(hive)), shown)
    assert re.search(r"happened +.*\d+ succeeded", shown)


def test_the_last_of_all_an_agent_is_drained_resumed_and_retired_for_good(hive: Hive) -> None:
    name = the_agent(hive)
    [pid] = hive.agents()

    drained, resumed = hive.run("agents", "drain", name), hive.run("agents", "resume", name)
    hive.run("agents", "retire", name)
    until(lambda: state(hive) == "retired")

    assert (drained.stdout, resumed.stdout) == (f"{name} is draining\n", f"{name} is awake\n")
    until(lambda: not Path(f"/proc/{pid}").exists())
    assert hive.agents() == []
    told = hive.json("agents", "messages", name)
    assert [event["type"] for event in told if event["actor"]] == ["retire", "resume", "drain"]
