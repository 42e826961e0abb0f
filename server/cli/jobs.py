"""`hive jobs`: look at jobs, wait for one, cancel one."""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import click
import msgspec
from rich.console import Console
from rich.text import Text

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import WIDE, a_table, ago, plain, print_json, render_fields, state_text, stdout_console
from server.cli.transcripts import ShownTranscript, render_calls, render_talk
from server.jobs.job import Job, JobState

EXIT_NOT_SUCCEEDED = 1
UUID_WIDTH = 36
WAIT_SECONDS = 30.0
"""Of one question; asked again until the answer is there."""


class Happened(msgspec.Struct, frozen=True):
    """An event of a job's record, as the API shows it."""

    type: str
    attempt: int
    message: str
    at: datetime
    actor: str
    agent_id: str | None
    error_class: str | None


as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def jobs(context: click.Context, is_json: bool) -> None:
    """List, show, wait for and cancel jobs. Without a command: list."""
    if context.invoked_subcommand is None:
        context.invoke(list_jobs, is_json=is_json)
    elif is_json:
        raise click.UsageError("--json stands behind the command", context)


@jobs.command("list")
@click.option("--state", type=click.Choice([state.value for state in JobState]), help="Only those in this state.")
@click.option("--kind", help="Only those of this kind, such as review.pull_request.")
@click.option("--project", help="Only those of this project.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many, the newest first.")
@as_json
def list_jobs(state: str | None, kind: str | None, project: str | None, limit: int, is_json: bool) -> None:
    """The newest jobs."""
    page = _client().get(address("jobs"), state=state, kind=kind, project=project, limit=limit)
    found = msgspec.convert(page["jobs"], list[Job])
    if is_json:
        print_json(found)
    elif found:
        _render_jobs(stdout_console(), found)
    else:
        click.echo("no jobs")


@jobs.command(short_help="One job; with --transcript what was said with a model.")
@click.argument("job_id", metavar="ID")
@click.option("--result", is_flag=True, help="Print what the job returned, as JSON.")
@click.option("--history", is_flag=True, help="All that happened to it.")
@click.option("--transcript", is_flag=True, help="What it asked of a model and of its tools, and what was said.")
@as_json
def show(job_id: str, result: bool, history: bool, transcript: bool, is_json: bool) -> None:
    """One job; of one that asked a model also each call, with tokens and cost."""
    client = _client()
    if result:
        print_json(client.get(address("jobs", job_id, "result")))
        return
    if history:
        events = client.get(address("jobs", job_id, "history"))["events"]
        if is_json:
            print_json(events)
        else:
            render_history(stdout_console(), events)
        return
    if transcript:
        said = client.get(address("jobs", job_id, "transcript"))
        if is_json:
            print_json(said)
        else:
            render_talk(stdout_console(), _transcript(said))
        return
    job = client.job(job_id)
    if is_json:
        print_json(job)
    else:
        render_fields(stdout_console(), _fields(job))
        render_calls(stdout_console(), _transcript(client.get(address("jobs", job_id, "transcript"))))


@jobs.command()
@click.argument("job_id", metavar="ID")
@as_json
def cancel(job_id: str, is_json: bool) -> None:
    """Cancel a job that has not ended."""
    job = _client().cancel(job_id)
    if is_json:
        print_json(job)
    else:
        is_over = job.state is JobState.CANCELLED
        click.echo(f"{job.kind} {job.id} was cancelled before" if is_over else f"cancelling {job.kind} {job.id}")


@jobs.command(
    short_help="Wait until a job has ended, or has come as far as you say.",
    epilog="Exit codes: 0 succeeded (or came so far), 1 ended otherwise, 2 no such job, 3 no hub.",
)
@click.argument("job_id", metavar="ID")
@click.option(
    "--until",
    type=click.Choice(["accepted", "started", "ended"]),
    default="ended",
    show_default=True,
    help="Accepted: its record is kept. Started: an agent has it.",
)
@as_json
def wait(job_id: str, until: str, is_json: bool) -> int:
    """Wait until a job has ended, or has come as far as you say, then show it."""
    job = _client().wait(job_id) if until == "ended" else _wait_until(_client(), job_id, until)
    if is_json:
        print_json(job)
    else:
        render_fields(stdout_console(), _fields(job))
    is_well = job.state is JobState.SUCCEEDED or (until != "ended" and not job.state.is_final)
    return 0 if is_well else EXIT_NOT_SUCCEEDED


@jobs.command(
    short_help="Do a job again with what a model said then, and compare.",
    epilog="Exit codes: 0 the same, 1 it differs, 2 no such job, 3 no database.",
)
@click.argument("job_id", metavar="ID", type=click.UUID)
@as_json
def replay(job_id: UUID, is_json: bool) -> int:
    """Do a job that asked a model again with what was said then, and compare the results.

    No model is asked and nothing is written. Reads the hub's database and its key at rest, so it runs beside the hub.
    """
    from server.cli.replay_job import replay_job  # it loads all that thinks

    return 0 if replay_job(job_id, is_json=is_json) else EXIT_NOT_SUCCEEDED


def _wait_until(client: HubClient, job_id: str, stage: str) -> Job:
    while True:
        job = msgspec.convert(client.get(address("jobs", job_id), wait=WAIT_SECONDS, until=stage), Job)
        if stage == "accepted" or job.started_at is not None or job.state.is_final:
            return job


def render_history(console: Console, events: Sequence[Any]) -> None:
    """*events* as the API gave them."""
    table = a_table("at", "event", "attempt", "who", "message")
    for event in msgspec.convert(events, list[Happened]):
        error = f"{event.error_class}: " if event.error_class and event.message else event.error_class or ""
        table.add_row(
            f"{event.at:%Y-%m-%d %H:%M:%S}",
            plain(event.type),
            str(event.attempt or ""),
            plain(event.actor or (event.agent_id or "")[:8]),
            Text.assemble((plain(error), "dim"), plain(event.message)),
        )
    console.print(table)


def _transcript(said: object) -> ShownTranscript:
    return msgspec.convert(said, ShownTranscript, strict=False)  # JSON has texts for numbers as keys


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))


def _render_jobs(console: Console, jobs: list[Job]) -> None:
    wide = console.width >= WIDE
    table = a_table("id", "state", "kind", "project", "created") if wide else a_table("id", "state", "kind", "created")
    table.columns[0].width = UUID_WIDTH  # the project folds below it
    table.columns[0].no_wrap = False
    for job in jobs:
        row = [Text(str(job.id)), state_text(job.state), Text(plain(job.kind)), Text(ago(job.created_at))]
        project = Text(plain(job.project), style="dim")
        if wide:
            row.insert(3, project)
        else:
            row[0] = Text("\n").join([row[0], project])
        table.add_row(*row)
    console.print(table)


def _fields(job: Job) -> list[tuple[str, object]]:
    return [
        ("id", job.id),
        ("kind", job.kind),
        ("state", state_text(job.state)),
        ("error", job.error),
        ("project", job.project),
        ("priority", job.priority.name.lower()),
        ("attempt", job.attempt),
        ("agent", job.agent_id),
        ("requested by", job.requested_by),
        ("workflow", job.workflow_id),
        ("step", job.step),
        ("created", ago(job.created_at)),
        ("runs", ago(job.run_at) if job.state is JobState.QUEUED else None),
        ("took", _took(job)),
    ]


def _took(job: Job) -> str | None:
    if job.started_at is None or job.finished_at is None:
        return None
    return f"{(job.finished_at - job.started_at).total_seconds():.2f} s"
