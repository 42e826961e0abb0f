"""`hive agents`: who works here, who is expected, and what an admin wishes of each."""

import os
from datetime import datetime

import click
import msgspec
from rich.text import Text

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, stdout_console
from server.jobs.agent_state import AgentState

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")
named = click.argument("name")

_STYLES = {
    AgentState.AWAKE: "green",
    AgentState.SLEEPING: "dim",
    AgentState.DRAINING: "yellow",
    AgentState.ERROR: "red",
    AgentState.LOST: "red",
}


class Member(msgspec.Struct, frozen=True):
    """As the API shows it: a process, or a name of which one is expected. *wanted*: `work`, `drain` or `retire`."""

    name: str
    queues: list[str]
    capacity: int
    state: AgentState
    note: str
    wanted: str
    held: int
    seen_at: datetime | None


class Told(msgspec.Struct, frozen=True):
    """As the API shows it: a state that it came to, or what *actor* wished of it."""

    type: str
    actor: str
    message: str
    at: datetime


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def agents(context: click.Context, is_json: bool) -> None:
    """Agents: list, expect, drain, resume and retire them. Without a command: list."""
    if context.invoked_subcommand is None:
        context.invoke(list_agents, is_json=is_json)
    elif is_json:
        raise click.UsageError("--json stands behind the command", context)


@agents.command("list")
@as_json
def list_agents(is_json: bool) -> None:
    """Who is here, and who is expected."""
    found = _client().get(address("agents"))["agents"]
    if is_json:
        print_json(found)
    elif found:
        _render(msgspec.convert(found, list[Member]))
    else:
        click.echo("no agents")


@agents.command()
@named
@click.option("--queue", "queues", multiple=True, help="It takes work of this queue only; may be given again.")
@click.option("--capacity", type=click.IntRange(1, 10_000), help="It runs so many attempts at a time at most.")
@as_json
def announce(name: str, queues: tuple[str, ...], capacity: int | None, is_json: bool) -> None:
    """Expect a process of this name. It has its keys from who starts it."""
    answer = _client().post(address("agents"), {"name": name, "queues": queues or None, "capacity": capacity})
    if is_json:
        print_json(answer)
    else:
        click.echo(f"{name} is expected")


@agents.command()
@named
@as_json
def drain(name: str, is_json: bool) -> None:
    """Hand it nothing more; it finishes what it holds."""
    _wish(name, "drain", is_json)


@agents.command()
@named
@as_json
def resume(name: str, is_json: bool) -> None:
    """Hand it work again. A process that has retired does not come back by itself."""
    _wish(name, "resume", is_json)


@agents.command()
@named
@as_json
def retire(name: str, is_json: bool) -> None:
    """Drain it, then end its process for good."""
    _wish(name, "retire", is_json)


@agents.command()
@named
@as_json
def messages(name: str, is_json: bool) -> None:
    """What it said of itself and what was said to it, the newest last."""
    answer = _client().get(address("agents", name))
    if is_json:
        print_json(answer["events"])
        return
    table = a_table("when", "what", "who", "")
    for event in reversed(msgspec.convert(answer["events"], list[Told])):
        table.add_row(ago(event.at), plain(event.type), plain(event.actor), plain(event.message))
    stdout_console().print(table)


def _render(members: list[Member]) -> None:
    table = a_table("name", "state", "queues", "holds", "last heard", "")
    for member in members:
        state = Text(member.state.value, style=_STYLES.get(member.state, ""))
        heard = ago(member.seen_at)
        note = f"to {member.wanted}" if member.wanted != "work" else member.note
        holds = f"{member.held} of {member.capacity}"
        table.add_row(plain(member.name), state, plain(" ".join(member.queues)), holds, heard, plain(note))
    stdout_console().print(table)


def _wish(name: str, verb: str, is_json: bool) -> None:
    answer = _client().post(address("agents", name, verb))
    if is_json:
        print_json(answer)
        return
    for member in msgspec.convert(answer["agents"], list[Member]):
        holds = f", holds {member.held}" if member.held else ""
        click.echo(f"{name} is {member.state}{holds}")
        if verb == "resume" and member.state is AgentState.EXPECTED:
            click.echo("a process that retired has ended: whoever starts it (the hub, at its own start) brings it back")


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
