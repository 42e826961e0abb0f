"""`hive github setup`: what the App is to be, and whether it is so, held against the stand-in of GitHub."""

import asyncio
import html
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.cli.app_creation import create, exchange, refuse_to_overwrite
from server.cli.checks import Check, State
from server.cli.checks.github_app import examine
from server.cli.github_app import EVENTS, PERMISSIONS, manifest, registration_address
from server.config import Secret, Settings
from server.effects.api import GitHubRefused
from server.errors import ConfigurationInvalid
from server.jobs.job import Delivery
from tests.cli.hive import Hive
from tests.github.standin import GitHubStandIn
from webhooks.events import HANDLERS
from webhooks.receiver import Receiver

URL = "https://hive.example.com"


class Door:
    def __init__(self, secret: str) -> None:
        self.deliveries: list[Delivery] = []
        self.receiver = Receiver([secret.encode()], self._keep)
        self.url = ""

    async def _keep(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)


@pytest.fixture
async def door(standin: GitHubStandIn) -> AsyncIterator[Door]:
    """A hub's, which GitHub sends to as it should."""
    door = Door(standin.webhook_secret)
    app = web.Application()
    app.router.add_post("/webhooks/github", door.receiver.handle)
    async with TestServer(app) as server:
        door.url = str(server.make_url("/")).rstrip("/")
        standin.hook.url = f"{door.url}/webhooks/github"
        standin.permissions = {name: wanted.level for name, wanted in PERMISSIONS.items()}
        standin.events = [*EVENTS]
        yield door


async def states(standin: GitHubStandIn, door: Door, *, app_id: int = 0, secret: str = "") -> dict[str, Check]:
    settings = Settings(
        Path("/nowhere"),
        github_api_url=standin.url,
        github_webhook_secrets=(Secret(secret or standin.webhook_secret),),
    )
    checks = await examine(settings, app_id or standin.app_id, Secret(standin.private_key_pem), door.url)
    return {check.name: check for check in checks}


async def test_an_app_as_it_should_be_passes_and_the_hub_heard_a_ping(standin: GitHubStandIn, door: Door) -> None:
    checks = await states(standin, door)

    assert {name: check.state for name, check in checks.items()} == dict.fromkeys(
        ("key", "permissions", "events", "webhook", "ping"), State.OK
    )
    assert [delivery.event for delivery in door.deliveries] == ["ping"]


async def test_what_is_missing_is_named(standin: GitHubStandIn, door: Door) -> None:
    standin.permissions["checks"] = "read"
    del standin.permissions["issues"]
    standin.events.remove("push")
    standin.hook.url = "https://elsewhere.example.com/webhooks/github"

    checks = await states(standin, door)

    assert checks["permissions"].detail == "missing: checks: write, issues: write"
    assert checks["events"].detail == "missing: push"
    assert "GitHub sends to https://elsewhere.example.com" in checks["webhook"].detail
    assert {checks[name].state for name in ("permissions", "events", "webhook")} == {State.FAILED}


async def test_code_that_may_only_be_read_is_a_warning(standin: GitHubStandIn, door: Door) -> None:
    standin.permissions["contents"] = "read"

    assert (await states(standin, door))["permissions"].state is State.WARNING


async def test_a_key_of_another_app_and_a_secret_of_another_hub_are_found(standin: GitHubStandIn, door: Door) -> None:
    checks = await states(standin, door, app_id=1, secret="guessed")

    assert {name: check.state for name, check in checks.items()} == {"key": State.FAILED, "ping": State.FAILED}
    assert "the signature does not fit" in checks["ping"].detail
    assert door.deliveries == []


def test_the_address_and_the_manifest_ask_for_the_same() -> None:
    address = registration_address("https://api.github.com", "Our Hive", URL, "octo org")
    asked = parse_qsl(urlsplit(address).query)
    told = manifest("Our Hive", URL)

    assert address.startswith("https://github.com/organizations/octo%20org/settings/apps/new?")
    assert [event for name, event in asked if name == "events[]"] == told["default_events"] == [*EVENTS]
    assert {name: level for name, level in asked if name in PERMISSIONS} == told["default_permissions"]
    assert dict(asked)["webhook_url"] == told["hook_attributes"]["url"] == f"{URL}/webhooks/github"


def test_every_event_that_is_handled_is_asked_for() -> None:
    assert HANDLERS.keys() <= EVENTS.keys()


def test_the_command_explains_each_permission_and_event(tmp_path: Path) -> None:
    done = Hive(tmp_path / "data").run("github", "setup", "--url", f"{URL}/")

    assert done.returncode == 0
    assert registration_address("https://api.github.com", "Agent Hive", URL) in done.stdout
    assert all(wanted.why in done.stdout for wanted in PERMISSIONS.values())
    assert all(why in done.stdout for why in EVENTS.values())


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    done = Hive(tmp_path / "data").run("github", "setup", "--url", "hive.example.com")

    assert (done.returncode, done.stdout) == (2, "")


class Browser:
    """Of a person who opens the page and agrees on GitHub's."""

    def __init__(self, standin: GitHubStandIn) -> None:
        self._standin = standin
        self.going: asyncio.Task[int] | None = None

    def __call__(self, said: str) -> None:
        self.going = asyncio.create_task(self.agree(said.split()[-1]))

    async def agree(self, address: str) -> int:
        async with aiohttp.ClientSession() as session:
            async with session.get(address) as answer:
                page = html.unescape(await answer.text())
            asked = json.loads(page.partition('value="')[2].partition('">')[0])
            state = page.partition("state=")[2].partition('"')[0]
            self._standin.manifests["agreed-1"] = asked
            back = asked["redirect_url"]
            async with session.get(back, params={"code": "agreed-1", "state": "guessed"}) as refused:
                assert refused.status == 400
            async with session.get(back, params={"code": "agreed-1", "state": state}) as answer:
                return answer.status


def modes(directory: Path) -> set[int]:
    return {file.stat().st_mode & 0o777 for file in directory.iterdir()}


async def test_github_makes_the_app_and_what_it_answers_is_kept_for_the_owner_alone(
    standin: GitHubStandIn, tmp_path: Path
) -> None:
    (tmp_path / "hive.toml").write_text('log = "json"\n')
    browser = Browser(standin)

    created = await create(standin.url, "Our Hive", URL, "", tmp_path, browser)

    assert browser.going is not None
    assert await browser.going == 200
    settings = Settings.load({"HIVE_DATA": str(tmp_path)})
    assert settings.github_app_id == created.id == standin.app_id
    assert settings.github_private_key is not None
    assert settings.github_private_key.reveal() == standin.private_key_pem
    assert [secret.reveal() for secret in settings.github_webhook_secrets] == [standin.webhook_secret]
    assert settings.log == "json"
    assert modes(tmp_path) == {0o600}
    assert standin.webhook_secret not in repr(created)
    with pytest.raises(ConfigurationInvalid, match="already"):
        refuse_to_overwrite(tmp_path, None)


def test_the_command_takes_a_code_and_says_what_is_next(tmp_path: Path) -> None:
    done = Hive(tmp_path / "data").run("github", "setup", "--url", URL, "--code", "no/code")

    assert done.returncode != 0
    assert "code=" in done.stderr
    assert "--create" in Hive(tmp_path / "data").run("github", "setup", "--url", URL).stdout


async def test_a_code_is_good_once(standin: GitHubStandIn, tmp_path: Path) -> None:
    standin.manifests["agreed-1"] = manifest("Our Hive", URL)
    await exchange(standin.url, "agreed-1")

    with pytest.raises(GitHubRefused, match="404"):
        await exchange(standin.url, "agreed-1")
