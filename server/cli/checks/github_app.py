"""Checks of the GitHub App as GitHub has it: its key, its permissions and events, its webhook; and a ping to ourselves.

Asked by `hive github setup` alone: it needs GitHub, and the hub's address as GitHub sees it.
"""

import asyncio
from collections.abc import Mapping
from uuid import uuid4

import aiohttp
import msgspec

from server.cli.checks import Check, failed, ok, warning
from server.cli.github_app import DOOR, missing_events, missing_permissions
from server.cli.saved_deliveries import DoorAway, SavedDelivery, Sender
from server.config import Secret, Settings
from server.effects.api import GitHubRefused, GitHubUnavailable, read_answer
from server.effects.app import GitHubApp
from server.errors import HiveError
from server.jobs.job import Snooze

PAGE = "change it on the App's settings page; who installed it has to agree to new permissions"
TIMEOUT = aiohttp.ClientTimeout(total=10)


class _App(msgspec.Struct):
    slug: str
    permissions: dict[str, str] = {}
    events: list[str] = []


class _Webhook(msgspec.Struct):
    url: str = ""
    content_type: str = ""


async def examine(settings: Settings, app_id: int, key: Secret, hub_url: str) -> list[Check]:
    """*hub_url*: where GitHub is to find the hub."""
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            app = GitHubApp(session, app_id=app_id, private_key=key, api_url=settings.github_api_url)
            checks = [*await _registered(app), await _webhook(app, hub_url)]
    except (HiveError, Snooze) as error:
        checks = [failed("key", error if isinstance(error, HiveError) else f"GitHub asks us to wait: {error}")]
    return [*checks, await _ping(settings, hub_url)]


async def _registered(app: GitHubApp) -> list[Check]:
    answer, _ = await app.ask("GET", "/app", {})
    found = read_answer(answer, _App)
    events = missing_events(found.events)
    return [
        ok("key", f"good: posts as {found.slug}[bot]"),
        _permissions(found.permissions),
        failed("events", f"missing: {', '.join(events)}", hint=PAGE) if events else ok("events", "all"),
    ]


def _permissions(granted: Mapping[str, str]) -> Check:
    missing = missing_permissions(granted)
    if missing == ["contents: write"] and granted.get("contents") == "read":
        return warning("permissions", "contents is read only: threads of what was fixed stay open", hint=PAGE)
    return failed("permissions", f"missing: {', '.join(missing)}", hint=PAGE) if missing else ok("permissions", "all")


async def _webhook(app: GitHubApp, hub_url: str) -> Check:
    try:
        answer, _ = await app.ask("GET", "/app/hook/config", {})
        webhook = read_answer(answer, _Webhook)
    except (GitHubRefused, GitHubUnavailable) as error:
        return failed("webhook", error)
    expected = f"{hub_url}{DOOR}"
    if webhook.url != expected:
        return failed("webhook", f"GitHub sends to {webhook.url or 'nowhere'}, not to {expected}")
    if webhook.content_type != "json":
        return warning("webhook", "sends forms, which are twice as large", hint="set its content type to JSON")
    return ok("webhook", f"GitHub sends to {expected}")


async def _ping(settings: Settings, hub_url: str) -> Check:
    """What GitHub does when the webhook is made: the secret, the address and the door are right, or not."""
    if not settings.github_webhook_secrets:
        return failed("ping", "GITHUB_WEBHOOK_SECRET is not set", hint="it is the secret of the App's webhook")
    body = msgspec.json.encode({"zen": "hive github setup", "at": str(uuid4())})
    sender = Sender(hub_url, settings.github_webhook_secrets[0].reveal())
    try:
        answer = await asyncio.to_thread(sender.send, SavedDelivery(str(uuid4()), "ping", body))
    except DoorAway as away:
        return failed("ping", away)
    if answer.status != 200:
        return failed("ping", f"the hub at {hub_url} answered {answer.status}: {answer.note}")
    return ok("ping", f"the hub at {hub_url} took a delivery signed with this secret")
