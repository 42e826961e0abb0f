"""`hive workflows`: look at workflows; pause, resume and cancel them, and retry one from a step."""

import os
from datetime import datetime
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.text import Text

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, render_fields, state_text, stdout_console
from server.jobs.workflow import StepStanding, StepState, WorkflowState

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


class Known(msgspec.Struct, frozen=True):
    """A workflow, as the API shows it."""

    id: str
    name: str
    version: int
    project: str
    state: WorkflowState
    steps: dict[str, StepStanding]
    error: str | None
    created_at: datetime
    changed_at: datetime
    finished_at: datetime | None

    @property
    def progress(self) -> str:
        done = sum(step.state is StepState.SUCCEEDED for step in self.steps.values())
        return f"{done} of {len(self.steps)} steps"


class Event(msgspec.Struct, frozen=True):
    type: str
    step: str
    actor: str
    message: str
    at: datetime


class Node(msgspec.Struct, frozen=True):
    """Of the graph what a list of steps shows."""

    step: str
    kind: str
    state: StepState
    x: int
    y: float
    round: int
    jobs: int
    succeeded: int
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def workflows(context: click.Context, is_json: bool) -> None:
    """List, show, pause, resume, cancel and retry workflows. Without a command: list."""
    if context.invoked_subcommand is None:
        context.invoke(list_workflows, is_json=is_json)
    elif is_json:
        raise click.UsageError("--json stands behind the command", context)


@workflows.command("list")
@click.option("--state", type=click.Choice([state.value for state in WorkflowState]), help="Only those in this state.")
@click.option("--name", help="Only those of this name, such as review.pull_request.")
@click.option("--project", help="Only those of this project.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many, the newest first.")
@as_json
def list_workflows(state: str | None, name: str | None, project: str | None, limit: int, is_json: bool) -> None:
    """The newest workflows."""
    page = _client().get(address("workflows"), state=state, name=name, project=project, limit=limit)
    found = msgspec.convert(page["workflows"], list[Known])
    if is_json:
        print_json(page["workflows"])
    elif found:
        table = a_table("id", "state", "workflow", "progress", "project", "created")
        for known in found:
            table.add_row(
                Text(known.id),
                state_text(known.state),
                Text(plain(known.name)),
                known.progress,
                Text(plain(known.project), style="dim"),
                ago(known.created_at),
            )
        stdout_console().print(table)
    else:
        click.echo("no workflows")


@workflows.command()
@click.argument("workflow_id", metavar="ID")
@click.option("--history", is_flag=True, help="Everything it did, in order.")
@as_json
def show(workflow_id: str, history: bool, is_json: bool) -> None:
    """One workflow and its steps."""
    client = _client()
    shown = client.get(address("workflows", workflow_id))
    graph = client.get(address("workflows", workflow_id, "graph"))
    if is_json:
        print_json({**shown, "graph": graph})
        return
    console = stdout_console()
    known = msgspec.convert(shown["workflow"], Known)
    render_fields(console, _fields(known))
    console.print()
    _render_steps(console, msgspec.convert(graph["nodes"], list[Node]))
    if history:
        console.print()
        _render_history(console, msgspec.convert(shown["events"], list[Event]))


@workflows.command()
@click.argument("workflow_id", metavar="ID")
@as_json
def pause(workflow_id: str, is_json: bool) -> None:
    """Let what runs end, and begin nothing until it is resumed."""
    _wish(workflow_id, "pause", "pausing", is_json)


@workflows.command()
@click.argument("workflow_id", metavar="ID")
@as_json
def resume(workflow_id: str, is_json: bool) -> None:
    """Let a paused workflow go on."""
    _wish(workflow_id, "resume", "resuming", is_json)


@workflows.command()
@click.argument("workflow_id", metavar="ID")
@as_json
def cancel(workflow_id: str, is_json: bool) -> None:
    """Stop a workflow and all its steps for good. Nothing is undone."""
    _wish(workflow_id, "cancel", "cancelling", is_json)


@workflows.command()
@click.argument("workflow_id", metavar="ID")
@click.option("--from", "step", metavar="STEP", help="Do this step and all after it anew; else where it stopped.")
@as_json
def retry(workflow_id: str, step: str | None, is_json: bool) -> None:
    """Do a step and all after it anew; results before it are kept."""
    _wish(workflow_id, "retry", "retrying", is_json, {"step": step} if step else {})


def _wish(workflow_id: str, verb: str, doing: str, is_json: bool, body: Any = None) -> None:
    answer = _client().post(address("workflows", workflow_id, verb), body)
    if is_json:
        print_json(answer)
    else:
        known = msgspec.convert(answer, Known)
        click.echo(f"{doing} {plain(known.name)} {known.id}")


def _fields(known: Known) -> list[tuple[str, object]]:
    return [
        ("id", known.id),
        ("workflow", f"{known.name} (version {known.version})"),
        ("state", state_text(known.state)),
        ("error", known.error),
        ("project", known.project),
        ("progress", known.progress),
        ("created", ago(known.created_at)),
        ("changed", ago(known.changed_at)),
        ("finished", ago(known.finished_at) if known.finished_at else None),
    ]


def _render_steps(console: Console, nodes: list[Node]) -> None:
    """Layer by layer, as they follow each other."""
    table = a_table("step", "state", "kind", "jobs", "took", "error")
    for node in sorted(nodes, key=lambda node: (node.x, node.y)):
        again = f" (round {node.round})" if node.round > 1 else ""
        table.add_row(
            Text(plain(node.step) + again),
            state_text(node.state),
            Text(plain(node.kind), style="dim"),
            f"{node.succeeded} of {node.jobs}" if node.jobs > 1 else "",
            _took(node),
            Text(plain(node.error or "")),
        )
    console.print(table)


def _render_history(console: Console, events: list[Event]) -> None:
    table = a_table("when", "what", "step", "by", "why")
    for event in events:
        table.add_row(
            ago(event.at),
            event.type.replace("_", " "),
            Text(plain(event.step)),
            Text(plain(event.actor)),
            Text(plain(event.message)),
        )
    console.print(table)


def _took(node: Node) -> str:
    if node.started_at is None or node.finished_at is None:
        return ""
    return f"{(node.finished_at - node.started_at).total_seconds():.1f} s"


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
