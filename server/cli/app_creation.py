"""Have GitHub make the App from our manifest, and keep what it answers: its id, its key, the webhook's secret.

A page on this machine hands the manifest to GitHub, a person agrees there, and GitHub sends the browser back with a
code that is good once, for an hour. What is kept is readable for the owner of the data directory alone.
https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import asyncio
import html
import json
import os
import re
import secrets
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec
from aiohttp import web

from server.cli.github_app import manifest
from server.effects.api import Api, read_answer
from server.effects.hosts import site_of
from server.errors import ConfigurationInvalid

EXCHANGE = "/app-manifests/{code}/conversions"
KEY_FILE = "github-app.pem"
SETTINGS_FILE = "hive.toml"
KEYS = ("github_app_id", "github_private_key", "github_webhook_secret")
PATIENCE_SECONDS = 3600.0
"""For so long GitHub's code is good."""

Say = Callable[[str], None]


class CreatedApp(msgspec.Struct, frozen=True):
    """What GitHub says once, and never again. The repr shows no secret."""

    id: int
    slug: str
    html_url: str
    pem: str
    webhook_secret: str

    def __repr__(self) -> str:
        return f"CreatedApp(id={self.id}, slug={self.slug!r})"


def refuse_to_overwrite(data_dir: Path, env_app_id: int | None) -> None:
    """Before anything is asked of GitHub: its answer comes once, so there must be a place for it."""
    if env_app_id is not None:
        hint = "hive github setup --url ... proves it; to make another, take GITHUB_APP_ID away first"
        raise ConfigurationInvalid("a GitHub App is configured here already", hint=hint)
    file = data_dir / SETTINGS_FILE
    given = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if any(key in given for key in KEYS) or (data_dir / KEY_FILE).exists():
        hint = f"take {', '.join(KEYS)} out of {file} and move {data_dir / KEY_FILE} away first"
        raise ConfigurationInvalid(f"{data_dir} holds parts of a GitHub App already", hint=hint)


async def exchange(api_url: str, code: str) -> CreatedApp:
    """What the code stands for. Raises GitHubRefused for one that is used up, too old or none."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", code):
        raise ConfigurationInvalid("this is no code of GitHub's", hint="it is what stands after code= in the address")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        answer, _ = await Api(session, base_url=api_url).ask("POST", EXCHANGE, {"code": code})
    return read_answer(answer, CreatedApp)


def keep(data_dir: Path, created: CreatedApp, api_url: str) -> None:
    """The key in a file of its own, the rest in the settings of this data directory."""
    data_dir.mkdir(parents=True, exist_ok=True)
    key = data_dir / KEY_FILE
    _write(key, os.O_CREAT | os.O_EXCL, created.pem)
    lines = [
        f"github_app_id = {created.id}",
        f"github_private_key = {json.dumps(str(key))}",
        f"github_webhook_secret = {json.dumps(created.webhook_secret)}",
        *([f"github_api_url = {json.dumps(api_url)}"] if site_of(api_url) != "https://github.com" else []),
    ]
    settings = data_dir / SETTINGS_FILE
    before = settings.read_text(encoding="utf-8") if settings.exists() else ""
    draft = data_dir / f"{SETTINGS_FILE}.new"
    # Before what stands there: after a table's header, they would be a part of it.
    _write(draft, os.O_CREAT | os.O_TRUNC, "\n".join(lines) + "\n" + before)
    draft.replace(settings)


async def create(api_url: str, name: str, hub_url: str, organization: str, data_dir: Path, say: Say) -> CreatedApp:
    """Show the page, wait until GitHub sends the browser back, and keep the App. Raises TimeoutError."""
    done: asyncio.Future[CreatedApp] = asyncio.get_running_loop().create_future()
    state = secrets.token_urlsafe(24)
    app = web.Application()

    async def show(request: web.Request) -> web.Response:
        wanted = manifest(name, hub_url) | {"redirect_url": f"http://{request.host}/created"}
        return _page(_form(_form_address(api_url, organization, state), wanted))

    async def created(request: web.Request) -> web.Response:
        if not secrets.compare_digest(request.query.get("state", "").encode(), state.encode()) or done.done():
            return _page("<p>This is not the answer that was waited for.</p>", status=400)
        try:
            made = await exchange(api_url, request.query.get("code", ""))
            keep(data_dir, made, api_url)
        except Exception as error:
            done.set_exception(error)
            return _page("<p>It did not work: the terminal says why.</p>", status=502)
        done.set_result(made)
        return _page(f"<p>{html.escape(made.slug)} is made. Go on in the terminal.</p>")

    app.router.add_get("/", show)
    app.router.add_get("/created", created)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        say(f"Open this on this machine, and agree on GitHub's page: http://127.0.0.1:{runner.addresses[0][1]}/")
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await done
    finally:
        await runner.cleanup()


def _form_address(api_url: str, organization: str, state: str) -> str:
    account = f"organizations/{quote(organization, safe='')}/" if organization else ""
    return f"{site_of(api_url)}/{account}settings/apps/new?state={state}"


def _form(address: str, wanted: dict[str, Any]) -> str:
    return (
        f'<form action="{html.escape(address)}" method="post">'
        f'<input type="hidden" name="manifest" value="{html.escape(json.dumps(wanted))}">'
        "<p>GitHub asks once more before it makes anything.</p><button>Make the App on GitHub</button></form>"
    )


def _page(body: str, *, status: int = 200) -> web.Response:
    text = f"<!doctype html><meta charset=utf-8><title>Agent Hive</title>{body}"
    return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


def _write(path: Path, how: int, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | how, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
