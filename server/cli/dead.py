"""`hive dead`: what failed for good, and what nobody could open."""

import os
from datetime import datetime

import click
import msgspec

from server.cli.client import HubClient, HubRefused, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, render_fields, stdout_console

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


class Dead(msgspec.Struct, frozen=True):
    """As the API shows it: *type* is `job` or `message`, *what* its kind or its stream."""

    id: str
    type: str
    what: str
    project: str
    reason: str
    died_at: datetime | None


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def dead(context: click.Context, is_json: bool) -> None:
    """Dead letters: jobs that failed for good, messages that nobody could open. Without a command: list."""
    if context.invoked_subcommand is None:
        context.invoke(list_dead, is_json=is_json)
    elif is_json:
        raise click.UsageError("--json stands behind the command", context)


@dead.command("list")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many, the newest first.")
@as_json
def list_dead(limit: int, is_json: bool) -> None:
    """The newest dead letters."""
    letters = _letters(_client(), limit)
    if is_json:
        print_json(letters)
    elif letters:
        table = a_table("id", "what", "reason", "died")
        for letter in letters:
            table.add_row(plain(letter.id), plain(letter.what), plain(letter.reason), ago(letter.died_at))
        stdout_console().print(table)
    else:
        click.echo("no dead letters")


@dead.command()
@click.argument("dead_id", metavar="ID")
@as_json
def show(dead_id: str, is_json: bool) -> None:
    """One dead letter."""
    letter = next((letter for letter in _letters(_client(), 200) if letter.id == dead_id), None)
    if letter is None:
        raise HubRefused(404, f"there is no dead letter {dead_id}", hint="hive dead list shows their ids")
    if is_json:
        print_json(letter)
    else:
        fields = msgspec.structs.asdict(letter) | {"died_at": ago(letter.died_at)}
        render_fields(stdout_console(), ((name.replace("_at", ""), value) for name, value in fields.items()))


@dead.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@as_json
def retry(ids: tuple[str, ...], is_json: bool) -> None:
    """Give dead jobs a full set of attempts again."""
    _tell_all("retry", ids, "retrying", is_json)


@dead.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@as_json
def discard(ids: tuple[str, ...], is_json: bool) -> None:
    """Let dead letters rest: they are listed no more."""
    _tell_all("discard", ids, "discarding", is_json)


def _tell_all(verb: str, ids: tuple[str, ...], doing: str, is_json: bool) -> None:
    client = _client()
    done = [client.post(address("dead-letters", dead_id, verb)) for dead_id in ids]
    if is_json:
        print_json(done)
    else:
        click.echo("\n".join(f"{doing} {dead_id}" for dead_id in ids))


def _letters(client: HubClient, limit: int) -> list[Dead]:
    return msgspec.convert(client.get(address("dead-letters"), limit=limit)["dead_letters"], list[Dead])


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
