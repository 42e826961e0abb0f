"""`hive events`: what happens to jobs, as it is recorded."""

import os
from datetime import datetime
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.text import Text

from server.cli.client import HubClient, ServerSent, address, named_or_running_hub
from server.cli.output import plain, print_json, stdout_console

TYPE_STYLES = {
    "started": "bold cyan",
    "succeeded": "green",
    "retry": "yellow",
    "crashed": "yellow",
    "lost": "yellow",
    "dead": "red",
    "cancelled": "dim",
    "superseded": "dim",
    "expired": "dim",
    "discarded": "dim",
}


class Happened(msgspec.Struct, frozen=True):
    """As the API shows it."""

    seq: int
    type: str
    job_id: str
    kind: str
    project: str
    attempt: int
    at: datetime
    message: str
    actor: str


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on with whatever happens, until interrupted.")
@click.option("--after", type=click.IntRange(min=0), metavar="N", help="Those after number N; 0 for all that are kept.")
@click.option(
    "--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many; not with --follow."
)
@click.option("--project", help="Only those of this project.")
@click.option("--kind", help="Only jobs of this kind, or of several with commas between.")
@click.option("--type", "type_", help="Only of this type, such as dead, or of several with commas between.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON; with --follow one object a line.")
def events(
    follow: bool, after: int | None, limit: int, project: str | None, kind: str | None, type_: str | None, is_json: bool
) -> None:
    """What happened to jobs, the newest last; with --follow also what comes.

    Every event has a number. --follow --after N goes on where an earlier call ended: nothing is missed or told twice.
    """
    client = HubClient(lambda: named_or_running_hub(os.environ))
    if follow:
        for sent in client.follow_events(after, project=project, kind=kind, type=type_):
            _show_sent(sent, is_json)
        return
    page = client.get(address("events"), after=after, limit=limit, project=project, kind=kind, type=type_)
    if is_json:
        print_json(page)
        return
    if page["truncated"]:
        _tell_truncated(page["complete_after"])
    for event in page["events"]:
        _show(stdout_console(), event)
    if not page["events"]:
        click.echo("no events")


def _show_sent(sent: ServerSent, is_json: bool) -> None:
    if not sent.data:
        return
    if sent.name == "truncated":
        _tell_truncated(msgspec.json.decode(sent.data)["complete_after"])
    elif is_json:
        click.echo(sent.data)
    else:
        _show(stdout_console(), msgspec.json.decode(sent.data))


def _tell_truncated(complete_after: int) -> None:
    click.echo(f"events up to {complete_after} are not all kept any more", err=True)


def _show(console: Console, event: Any) -> None:
    happened = msgspec.convert(event, Happened)
    attempt = f" #{happened.attempt}" if happened.attempt else ""
    actor = f" by {plain(happened.actor)}" if happened.actor else ""
    line = Text.assemble(
        (f"{happened.seq:>8} {happened.at.astimezone():%H:%M:%S} ", "dim"),
        (f"{plain(happened.type):<10} ", TYPE_STYLES.get(happened.type, "")),
        f"{plain(happened.kind)} {plain(happened.job_id)}{attempt}",
        (f" {plain(happened.project)}{actor}", "dim"),
        f"  {plain(happened.message)}" if happened.message else "",
    )
    console.print(line, soft_wrap=True)
