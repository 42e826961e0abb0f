"""Saved deliveries go through the real door, signed; what cannot be one is refused before anything is sent."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.cli.saved_deliveries import (
    Answer,
    DoorAway,
    NotADelivery,
    SavedDelivery,
    Sender,
    files_of,
    read_delivery,
    send_all,
)
from server.jobs.job import Delivery
from tests.cli.hive import Hive
from tests.github.payloads import example
from webhooks.receiver import Receiver

SECRET = "It's a Secret to Everybody"


class Door:
    """The hub's own, without a hub behind it."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.url = ""

    async def keep(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door()
    app = web.Application()
    app.router.add_post("/webhooks/github", Receiver([SECRET.encode()], door.keep).handle)
    async with TestServer(app) as server:
        door.url = str(server.make_url("/"))
        yield door


async def send(path: Path, door: Door, secret: str = SECRET) -> list[Answer]:
    sender = Sender(door.url, secret)
    return await asyncio.to_thread(lambda: [answer for _, _, answer in send_all(files_of(path), sender)])


async def test_a_folder_of_payloads_is_taken_as_if_github_had_sent_it(door: Door, tmp_path: Path) -> None:
    (tmp_path / "pull_request.opened.json").write_text(json.dumps(example("pull_request", "opened")))
    (tmp_path / "star-1.json").write_text('{"action": "created"}')

    opened, starred = await send(tmp_path, door)

    assert [delivery.event for delivery in door.deliveries] == ["pull_request", "star"]
    job = door.deliveries[0].job
    assert job is not None
    assert opened == Answer(202, str(job.id))
    assert starred == Answer(202, note="nothing is done on star events")


async def test_a_delivery_of_githubs_log_keeps_its_guid_and_its_bytes(door: Door, tmp_path: Path) -> None:
    logged = {"id": 7, "guid": "0b989ba4-242f-11e5-81e1", "event": "ping", "request": {"headers": {}, "payload": {}}}
    file = tmp_path / "7.json"
    file.write_text(json.dumps(logged).replace('"payload": {}', '"payload": {"zen":  "Ünïcode"}'))

    assert read_delivery(file) == SavedDelivery("0b989ba4-242f-11e5-81e1", "ping", '{"zen":  "Ünïcode"}'.encode())
    assert [answer.status for answer in await send(file, door)] == [200]


async def test_a_payload_that_is_sent_twice_is_one_delivery(door: Door, tmp_path: Path) -> None:
    file = tmp_path / "star.json"
    file.write_text("{}")

    await send(file, door)
    await send(file, door)

    assert len({delivery.id for delivery in door.deliveries}) == 1


async def test_another_secret_opens_no_door(door: Door, tmp_path: Path) -> None:
    (tmp_path / "star.json").write_text("{}")

    [answer] = await send(tmp_path, door, secret="guessed")

    assert (answer.status, door.deliveries) == (401, [])
    assert "does not fit" in answer.note


NO_DELIVERIES = {
    "no JSON": ("star.json", "<html>", "not a JSON object"),
    "a list": ("star.json", "[]", "not a JSON object"),
    "deep": ("star.json", '{"a":' * 5_000, "not a JSON object"),
    "no event": ("Some File.json", "{}", "tells no event"),
    "half a log": ("a.json", '{"guid": 7, "event": "ping", "request": {}}', "not a delivery of GitHub's log"),
}


@pytest.mark.parametrize(("name", "content", "reason"), NO_DELIVERIES.values(), ids=NO_DELIVERIES)
async def test_one_file_that_is_none_keeps_all_from_being_sent(
    door: Door, tmp_path: Path, name: str, content: str, reason: str
) -> None:
    (tmp_path / "a_first.json").write_text("{}")
    (tmp_path / name).write_text(content)

    with pytest.raises(NotADelivery, match=reason):
        await send(tmp_path, door)

    assert door.deliveries == []


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotADelivery, match="no JSON file"):
        files_of(tmp_path)


def test_a_hub_that_is_away_is_told() -> None:
    with pytest.raises(DoorAway, match="does not answer"):
        Sender("http://127.0.0.1:1", SECRET).send(SavedDelivery("a", "ping", b"{}"))


def test_without_the_secret_nothing_is_sent_wherever_the_hub_is(tmp_path: Path) -> None:
    (tmp_path / "star.json").write_text("{}")
    hive = Hive(tmp_path / "data")
    hive.env |= {"HIVE_URL": "http://127.0.0.1:1", "HIVE_TOKEN": "a"}

    refused = hive.run("github", "replay", str(tmp_path), GITHUB_WEBHOOK_SECRET="")
    sent = hive.run("github", "replay", str(tmp_path), GITHUB_WEBHOOK_SECRET="a")

    assert "GITHUB_WEBHOOK_SECRET is not set" in refused.stderr
    assert "127.0.0.1:1 does not answer" in sent.stderr
    assert 0 not in (refused.returncode, sent.returncode)
