"""`hive github`: make the GitHub App that a hub works as, prove that it is right, and feed a hub saved deliveries.

What a hub does on GitHub as that App has modules of its own, beside `operations`.
"""

import asyncio
import os
from pathlib import Path
from urllib.parse import urlsplit

import click

from server.cli.client import named_or_running_hub
from server.cli.deployments import commit_status, deployments
from server.cli.github_analytics import github_analytics
from server.cli.github_app import EVENTS, OPTIONAL, PERMISSIONS, manifest, registration_address
from server.cli.merging import merge
from server.cli.output import plain, print_json, stdout_console
from server.cli.protection import protection
from server.cli.saved_deliveries import Sender, files_of, send_all
from server.config import Settings
from server.errors import ConfigurationInvalid

EXIT_REFUSED = 1


@click.group()
def github() -> None:
    """The GitHub App, its deliveries, and what it does on GitHub."""


github.add_command(protection)
github.add_command(deployments)
github.add_command(commit_status)
github.add_command(merge)
github.add_command(github_analytics)


@github.command()
@click.option("--url", required=True, help="Where GitHub finds the hub: https://hive.example.com.")
@click.option("--name", default="Agent Hive", show_default=True, help="What the App is called; GitHub wants it unique.")
@click.option("--organization", default="", help="Whose the App is to be, if not yours.")
@click.option("--manifest", "as_manifest", is_flag=True, help="Print the App's manifest as JSON, and nothing else.")
@click.option("--create", "is_to_create", is_flag=True, help="Have GitHub make it, and keep its id, key and secret.")
@click.option("--code", help="The same from another machine: what stands after code= where GitHub sent the browser.")
def setup(url: str, name: str, organization: str, as_manifest: bool, is_to_create: bool, code: str | None) -> int:
    """Make the GitHub App, or prove that it is right.

    Without GITHUB_APP_ID: what the App may do and hear, why, and the address at which GitHub makes it. With it: asks
    GitHub about its key, permissions, events and webhook, and sends the hub at --url a signed ping. Changes nothing.

    --create shows a page on this machine that hands all of it to GitHub. You agree there, and what GitHub answers is
    kept in the data directory, readable for you alone: the key in github-app.pem, the rest in hive.toml.
    """
    settings, hub_url = Settings.load(os.environ), _hub_url(url)
    if as_manifest:
        print_json(manifest(name, hub_url))
        return 0
    if is_to_create or code:
        return _create(settings, name, hub_url, organization, code)
    if settings.github_app_id is None or settings.github_private_key is None:
        for line in _how_to(registration_address(settings.github_api_url, name, hub_url, organization)):
            click.echo(plain(line))
        return 0
    from server.cli.checks import State, github_app  # here: it speaks HTTP, which takes long to load
    from server.cli.doctor import render

    checks = asyncio.run(github_app.examine(settings, settings.github_app_id, settings.github_private_key, hub_url))
    render(stdout_console(), checks)
    return EXIT_REFUSED if any(check.state is State.FAILED for check in checks) else 0


def _create(settings: Settings, name: str, hub_url: str, organization: str, code: str | None) -> int:
    from server.cli import app_creation  # here: it speaks HTTP, which takes long to load

    data_dir, api_url = settings.data_dir, settings.github_api_url
    app_creation.refuse_to_overwrite(data_dir, settings.github_app_id)
    if code:
        created = asyncio.run(app_creation.exchange(api_url, code))
        app_creation.keep(data_dir, created, api_url)
    else:
        try:
            created = asyncio.run(app_creation.create(api_url, name, hub_url, organization, data_dir, click.echo))
        except TimeoutError:
            raise ConfigurationInvalid("nobody agreed within an hour", hint="run the same command again") from None
    for line in (
        f"{created.slug} is made, with the id {created.id}: {created.html_url}",
        f"Its key is in {data_dir / app_creation.KEY_FILE},",
        f"its id and the webhook's secret are in {data_dir / app_creation.SETTINGS_FILE}.",
        f"1. Install it on your repositories: {created.html_url}/installations/new",
        "2. hive up (or hive down first, where a hub runs already)",
        f"3. Prove it: hive github setup --url {hub_url}",
    ):
        click.echo(plain(line))
    return 0


def _hub_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.query or parts.fragment:
        raise click.BadParameter("expected an address such as https://hive.example.com", param_hint="--url")
    return url.rstrip("/")


def _how_to(address: str) -> list[str]:
    width = max(map(len, (*PERMISSIONS, *EVENTS)))
    return [
        "What the App may do:",
        *(f"  {named.ljust(width)}  {wanted.level:5}  {wanted.why}" for named, wanted in PERMISSIONS.items()),
        "What it needs besides, only for what you use of it:",
        *(f"  {named.ljust(width)}  {wanted.level:5}  {wanted.why}" for named, wanted in OPTIONAL.items()),
        "What GitHub tells it:",
        *(f"  {event.ljust(width)}  {why}" for event, why in EVENTS.items()),
        "",
        "hive github setup --create with the same --url does 1 and 3 for you. By hand:",
        "1. Open this address; all of it is filled in. Put a long random text as the webhook's secret:",
        f"   {address}",
        "2. On the App's page generate a private key, and install the App on your repositories.",
        "3. Where the hub starts, set GITHUB_APP_ID, GITHUB_PRIVATE_KEY (the .pem file's path) and",
        "   GITHUB_WEBHOOK_SECRET; then: hive up",
        "4. Prove it with this same command.",
    ]


@github.command(short_help="Send saved deliveries to the hub, as GitHub would.")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def replay(path: Path, is_json: bool) -> int:
    """Send the delivery saved in the file PATH, or all in that folder, through the hub's own door.

    Signed with this machine's GITHUB_WEBHOOK_SECRET, without which no hub takes it. What the hub knows already is
    counted, and nothing is done for it again. Exit 1 when it refused one.
    """
    secrets = Settings.load(os.environ).github_webhook_secrets
    if not secrets:
        raise ConfigurationInvalid(
            "GITHUB_WEBHOOK_SECRET is not set here, so that no delivery can be signed",
            hint="set it to the secret of the hub that is to take them",
        )
    sender = Sender(named_or_running_hub(os.environ).url, secrets[0].reveal())
    sent, is_refused = [], False
    for file, delivery, answer in send_all(files_of(path), sender):
        sent.append({"file": str(file), "delivery": delivery.guid, "event": delivery.event, "answer": answer})
        if not is_json:
            came = f"job {answer.job}" if answer.job else answer.note or "taken"
            click.echo(plain(f"{answer.status} {delivery.event} {file}: {came}"))
        is_refused |= answer.status >= 400
    if is_json:
        print_json(sent)
    return EXIT_REFUSED if is_refused else 0
