"""`hive events` and `hive replay` from end to end: what a hub recorded, and whether its tables say the same."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.config import Settings
from server.db import connect
from server.embedded import borrow_database
from tests.cli.hive import Hive, a_hive

pytestmark = pytest.mark.journey  # whole hubs

STORY = ["accepted", "started", "succeeded"]


@pytest.fixture(scope="module")
def hive() -> Iterator[Hive]:
    """Whose hub has done something."""
    with a_hive() as hive:
        reviewed = hive.run("review", str(Path(__file__)))
        assert reviewed.returncode in (0, 1), reviewed.stderr
        yield hive


def test_events_are_listed(hive: Hive) -> None:
    page = hive.json("events", "--after", "0")
    shown = hive.run("events", "--type", "succeeded")

    assert [event["type"] for event in page["events"]] == STORY
    assert "succeeded  review" in shown.stdout
    assert "started" not in shown.stdout


def test_events_are_followed_from_any_number_on(hive: Hive) -> None:
    following = hive.popen("events", "--follow", "--after", "1", "--json", stdout=-1)
    assert following.stdout is not None
    try:
        was = [json.loads(following.stdout.readline()) for _ in range(2)]
        hive.run("review", str(Path(__file__)))
        comes = [json.loads(following.stdout.readline()) for _ in range(3)]
    finally:
        following.terminate()
        following.communicate()

    assert [event["type"] for event in (*was, *comes)] == STORY[1:] + STORY
    assert [event["seq"] for event in (*was, *comes)] == list(range(2, 7))


def test_tables_are_what_their_events_say_until_somebody_changes_one(hive: Hive) -> None:
    equal = hive.run("replay", "--verify")
    asyncio.run(change(hive, "update jobs set failures = 7 where created_at = (select min(created_at) from jobs)"))
    unequal = hive.run("replay", "--verify")
    told = hive.json("replay", "--verify")
    asyncio.run(change(hive, "update jobs set failures = 0"))

    assert (equal.returncode, unequal.returncode) == (0, 1)
    assert "jobs: equal" in equal.stdout
    assert "jobs: not equal" in unequal.stdout
    assert "failures" in unequal.stdout
    assert (told["equal"], told["tables"][0]["different"]) == (False, 1)
    assert [(each["table"], each["events"]) for each in told["tables"][0]["differences"]] == [("7", "0")]


def test_what_was_rebuilt_can_be_looked_at(hive: Hive) -> None:
    rebuilt = hive.run("replay", "--into", "rebuilt")
    again = hive.run("replay", "--into", "rebuilt")

    assert (rebuilt.returncode, again.returncode) == (0, 3)
    assert "there is a schema rebuilt already" in again.stderr


def test_replay_wants_to_know_what_for(hive: Hive) -> None:
    done = hive.run("replay")

    assert done.returncode == 2
    assert "--verify" in done.stderr


async def change(hive: Hive, statement: str) -> None:
    async with borrow_database(Settings.load(hive.env)) as url, connect(url) as connection:
        await connection.execute(statement)
