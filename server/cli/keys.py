"""`hive keys`: make, list and revoke API keys; rotate and revoke the keys that sign and open messages.

API keys are the hub's and go through its API. The others are files in the data directory: they are changed here, on
their machine, and a running hub follows them within a second.
"""

import asyncio
import getpass
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import click
import msgspec
from rich.text import Text

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, stdout_console
from server.config import Settings
from server.db import connect, migrate
from server.embedded import borrow_database
from server.messaging import Keyring, Role
from server.messaging.key_events import KeyEvent, KeyEvents, Operation, standings

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


class Key(msgspec.Struct, frozen=True):
    """As the API shows it; the key itself is shown once, when it is made."""

    id: str
    name: str
    scopes: list[str]
    project: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class _Lifetime(click.ParamType[float]):
    """`90d`, `12h`, `30m` as seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        match = re.fullmatch(r"(\d{1,6})([dhm])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a time such as 90d, 12h or 30m", param, ctx)
        return float(match[1]) * {"d": 86400, "h": 3600, "m": 60}[match[2]]


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def keys(context: click.Context, is_json: bool) -> None:
    """Keys of the API, and the keys that sign and open messages. Without a command: list those of the API."""
    if context.invoked_subcommand is None:
        context.invoke(list_keys, is_json=is_json)
    elif is_json:
        raise click.UsageError("--json stands behind the command", context)


@keys.command("list")
@click.option(
    "--messages", "of_messages", is_flag=True, help="Those that sign and open messages, of this machine's hub."
)
@as_json
def list_keys(is_json: bool, of_messages: bool = False) -> None:
    """All keys, never the secret part."""
    if of_messages:
        _list_message_keys(is_json)
        return
    found = msgspec.convert(_client().get(address("keys"))["keys"], list[Key])
    if is_json:
        print_json(found)
        return
    table = a_table("id", "name", "scopes", "project", "state", "last used")
    for key in found:
        project = plain(key.project) if key.project else "all"
        used = ago(key.last_used_at) if key.last_used_at else "never"
        table.add_row(plain(key.id), plain(key.name), " ".join(key.scopes), project, _state(key), used)
    stdout_console().print(table)


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["read", "write", "admin"]),
    default=("read", "write"),
    show_default=True,
    help="What the key may do; may be given more than once.",
)
@click.option("--project", help="Only for this project, such as github.com/owner/repo.")
@click.option("--expires-in", type=_Lifetime(), help="After this time it is refused: 90d, 12h, 30m. Default: never.")
@as_json
def create(name: str, scopes: tuple[str, ...], project: str | None, expires_in: float | None, is_json: bool) -> None:
    """Make a key and print it: the only time that it is shown."""
    wish = {"name": name, "scopes": scopes, "project": project, "lifetime_seconds": expires_in}
    made = _client().post(address("keys"), wish)
    if is_json:
        print_json(made)
    else:
        click.echo(f"key {made['key']['id']} ({', '.join(scopes)}); keep it now, it cannot be shown again:", err=True)
        click.echo(made["token"])


@keys.command()
@click.argument("roles", metavar="[ROLE]...", nargs=-1, type=click.Choice([role.value for role in Role]))
@as_json
def rotate(roles: tuple[str, ...], is_json: bool) -> None:
    """Let the next keys for messages become the current ones: of every role, or of those named.

    Nothing is lost: everybody knows the next keys already, and what was sealed before still opens for a day.
    """
    _change_message_keys(lambda keyring: keyring.rotate(*map(Role, roles)), is_json)


@keys.command()
@click.argument("key_id", metavar="ID|ROLE")
@as_json
def revoke(key_id: str, is_json: bool) -> None:
    """Refuse a key from now on.

    ID is that of a key of the API, or of one key for messages. ROLE: nothing that it signed so far counts any more; it
    gets new keys. What it sent and nobody read yet goes to the dead letters.
    """
    if key_id in {role.value for role in Role}:
        _change_message_keys(lambda keyring: keyring.revoke(Role(key_id)), is_json)
        return
    if re.fullmatch(r"[0-9a-f]{16}", key_id):
        _change_message_keys(lambda keyring: keyring.revoke_key(bytes.fromhex(key_id)), is_json)
        return
    key = _client().post(address("keys", key_id, "revoke"))
    if is_json:
        print_json(key)
    else:
        click.echo(f"revoked {key_id}")


@keys.command()
@click.option("--after", default=0, show_default=True, help="Only those behind this number.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@as_json
def events(after: int, limit: int, is_json: bool) -> None:
    """What was done with keys, when and by whom."""
    found = asyncio.run(_events(after, limit))
    if is_json:
        print_json({"events": found})
    else:
        _print_events(found)


def _list_message_keys(is_json: bool) -> None:
    registry = Keyring.open(Settings.load(os.environ).data_dir / "keys").registry()
    found = [each._asdict() | {"state": _STATES[each.operation]} for each in standings(registry)]
    if is_json:
        print_json(
            {"generation": registry.generation, "keys": found, "revoked": [key.hex() for key in registry.revoked]}
        )
        return
    table = a_table("id", "role", "for", "state")
    for each in found:
        table.add_row(each["key_id"], each["role"], each["purpose"], each["state"])
    for key in registry.revoked:
        table.add_row(key.hex(), "", "", Text("revoked", style="red"))
    stdout_console().print(table)


_STATES = {Operation.MADE: "next", Operation.BEGAN: "current", Operation.FOLLOWED: "previous"}


def _change_message_keys(change: Callable[[Keyring], object], is_json: bool) -> None:
    recorded = asyncio.run(_changed(change))
    if is_json:
        print_json({"events": recorded})
    else:
        _print_events(recorded)


async def _changed(change: Callable[[Keyring], object]) -> list[KeyEvent]:
    """Postgres first: keys are changed only where that can be written down."""
    async with _key_events() as (settings, key_events):
        keyring = Keyring.open(settings.data_dir / "keys")
        async with key_events.alone():
            await key_events.record(keyring.registry(), actor="hub")  # what nobody has written down yet was not us
            before = await key_events.last()
            change(keyring)
            await key_events.record(keyring.registry(), actor=_who())
        return await key_events.list(after=before)


async def _events(after: int, limit: int) -> list[KeyEvent]:
    async with _key_events() as (_, key_events):
        return await key_events.list(after=after, limit=limit)


@asynccontextmanager
async def _key_events() -> AsyncIterator[tuple[Settings, KeyEvents]]:
    settings = Settings.load(os.environ)
    async with borrow_database(settings) as url:
        await migrate(url)
        async with connect(url) as connection:
            yield settings, KeyEvents(connection)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _print_events(found: list[KeyEvent]) -> None:
    table = a_table("#", "when", "who", "operation", "role", "for", "key")
    for event in found:
        what = Text(event.operation, style="red" if event.operation is Operation.REVOKED else "")
        table.add_row(
            str(event.seq), ago(event.at), plain(event.actor), what, event.role, event.purpose, plain(event.key_id)
        )
    stdout_console().print(table)


def _state(key: Key) -> Text:
    if key.revoked_at is not None:
        return Text(f"revoked {ago(key.revoked_at)}", style="red")
    if key.expires_at is not None:
        return Text(f"expires {ago(key.expires_at)}", style="yellow")
    return Text("good", style="green")


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
