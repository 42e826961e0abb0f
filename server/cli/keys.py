"""`hive keys`: make, list and revoke API keys; rotate and revoke the keys that sign and open messages.

API keys are the hub's and go through its API. The others are files in the data directory: `message_keys.py` changes
them, on their machine. It is imported only where it is needed, for it loads much of the hub.
"""

import os
import re
from datetime import datetime
from typing import Any

import click
import msgspec
from rich.text import Text

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, stdout_console
from server.config import ROLES_WITH_REDIS_URL as ROLES

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
        from server.cli import message_keys

        message_keys.show(is_json)
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


@keys.command(short_help="Let the next keys for messages become the current ones.")
@click.argument("roles", metavar="[ROLE]...", nargs=-1, type=click.Choice(ROLES))
@as_json
def rotate(roles: tuple[str, ...], is_json: bool) -> None:
    """Let the next keys for messages become the current ones: of every role, or of those named.

    Nothing is lost: everybody knows the next keys already, and what was sealed before still opens for a day.
    """
    from server.cli import message_keys

    message_keys.rotate(roles, is_json)


@keys.command()
@click.argument("key_id", metavar="ID|ROLE")
@as_json
def revoke(key_id: str, is_json: bool) -> None:
    """Refuse a key from now on.

    ID is that of a key of the API, or of one key for messages. ROLE: nothing that it signed so far counts any more; it
    gets new keys. What it sent and nobody read yet goes to the dead letters.
    """
    if key_id in ROLES or re.fullmatch(r"[0-9a-f]{16}", key_id):
        from server.cli import message_keys

        message_keys.revoke(key_id, is_json)
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
    from server.cli import message_keys

    message_keys.show_events(after, limit, is_json)


def _state(key: Key) -> Text:
    if key.revoked_at is not None:
        return Text(f"revoked {ago(key.revoked_at)}", style="red")
    if key.expires_at is not None:
        return Text(f"expires {ago(key.expires_at)}", style="yellow")
    return Text("good", style="green")


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
