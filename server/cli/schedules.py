"""`hive schedules`: what recurs: list, add, pause, resume, run now and remove."""

import os
import re
from datetime import datetime
from typing import Any

import click
import msgspec

from server.cli.client import HubClient, address, named_or_running_hub
from server.cli.output import a_table, ago, plain, print_json, render_fields, stdout_console
from server.jobs.job import Priority
from server.jobs.recurrence import Recurrence

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")
named = click.argument("name")


class Schedule(msgspec.Struct, frozen=True):
    """As the API shows it. *next_at* None: it is paused."""

    name: str
    kind: str
    project: str
    args: dict[str, Any]
    priority: Priority
    cron: str | None
    every_seconds: float | None
    timezone: str
    missed: str
    next_at: datetime | None
    last_at: datetime | None
    last_job_id: str | None

    @property
    def recurrence(self) -> Recurrence:
        return Recurrence(self.cron, self.every_seconds, self.timezone)


class Change(msgspec.Struct, frozen=True):
    """As the API shows it."""

    type: str
    actor: str
    message: str
    at: datetime


class _Period(click.ParamType[float]):
    """`30s`, `5m`, `12h`, `7d` as seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        match = re.fullmatch(r"(\d{1,6})([smhd])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a time such as 30s, 5m, 12h or 7d", param, ctx)
        return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def schedules(context: click.Context, is_json: bool) -> None:
    """Recurring jobs. Without a command: list."""
    if context.invoked_subcommand is None:
        context.invoke(list_schedules, is_json=is_json)
    elif is_json:
        raise click.UsageError("--json stands behind the command", context)


@schedules.command("list")
@click.option("--project", help="Only those of this project.")
@as_json
def list_schedules(project: str | None, is_json: bool) -> None:
    """All schedules."""
    found = _client().get(address("schedules"), project=project)["schedules"]
    if is_json:
        print_json(found)
    elif found:
        table = a_table("name", "recurs", "kind", "project", "next", "last")
        for one in msgspec.convert(found, list[Schedule]):
            next_run = ago(one.next_at) if one.next_at else "paused"
            recurs, kind = plain(str(one.recurrence)), plain(one.kind)
            table.add_row(plain(one.name), recurs, kind, plain(one.project), next_run, ago(one.last_at))
        stdout_console().print(table)
    else:
        click.echo("no schedules")


@schedules.command()
@named
@as_json
def show(name: str, is_json: bool) -> None:
    """One schedule, and who changed it."""
    answer = _client().get(address("schedules", name))
    if is_json:
        print_json(answer)
        return
    schedule = msgspec.convert(answer["schedule"], Schedule)
    console = stdout_console()
    render_fields(
        console,
        [
            ("name", schedule.name),
            ("recurs", schedule.recurrence),
            ("kind", schedule.kind),
            ("project", schedule.project),
            ("args", msgspec.json.encode(schedule.args).decode()),
            ("priority", schedule.priority.name.lower()),
            ("missed", schedule.missed),
            ("next", ago(schedule.next_at) if schedule.next_at else "paused"),
            ("last", ago(schedule.last_at)),
            ("last job", schedule.last_job_id),
        ],
    )
    table = a_table("when", "what", "who", "")
    for event in msgspec.convert(answer["events"], list[Change]):
        table.add_row(ago(event.at), plain(event.type), plain(event.actor), plain(event.message))
    console.print()
    console.print(table)


@schedules.command()
@named
@click.option("--kind", required=True, help="What kind of job.")
@click.option("--project", required=True, help="In which project, such as github.com/owner/repo.")
@click.option("--cron", help="When: minute, hour, day, month, weekday, such as '30 4 * * 1-5'.")
@click.option("--every", "every_seconds", type=_Period(), help="How often, instead: 30s, 5m, 12h, 7d.")
@click.option("--timezone", default="UTC", show_default=True, help="Of the cron expression, such as Europe/Berlin.")
@click.option("--args", "arguments", default="{}", show_default=True, help="A JSON object, in the kind's own schema.")
@click.option(
    "--priority",
    type=click.Choice([priority.name.lower() for priority in Priority]),
    default="batch",
    show_default=True,
    help="Which line it joins.",
)
@click.option(
    "--missed",
    type=click.Choice(["once", "skip"]),
    default="once",
    show_default=True,
    help="What comes of due times for which no hub was there: one run for all of them, or none.",
)
@as_json
def add(
    name: str,
    kind: str,
    project: str,
    cron: str | None,
    every_seconds: float | None,
    timezone: str,
    arguments: str,
    priority: str,
    missed: str,
    is_json: bool,
) -> None:
    """Ask for a job again and again."""
    wanted = {
        "name": name,
        "kind": kind,
        "project": project,
        "args": _json_object(arguments),
        "cron": cron,
        "every_seconds": every_seconds,
        "timezone": timezone,
        "priority": Priority[priority.upper()],
        "missed": missed,
    }
    made = _client().post(address("schedules"), wanted)
    _print(made, f"added {name}: {_next_run(made)}", is_json)


@schedules.command()
@named
@as_json
def pause(name: str, is_json: bool) -> None:
    """Nothing is due until it is resumed."""
    _print(_client().post(address("schedules", name, "pause")), f"paused {name}", is_json)


@schedules.command()
@named
@as_json
def resume(name: str, is_json: bool) -> None:
    """Go on, without what would have been due meanwhile."""
    resumed = _client().post(address("schedules", name, "resume"))
    _print(resumed, f"resumed {name}: {_next_run(resumed)}", is_json)


@schedules.command()
@named
@as_json
def remove(name: str, is_json: bool) -> None:
    """Forget it. What it asked for already goes on."""
    _print(_client().post(address("schedules", name, "remove")), f"removed {name}", is_json)


@schedules.command()
@named
@as_json
def run(name: str, is_json: bool) -> None:
    """Once more, now."""
    asked = _client().post(address("schedules", name, "run"))
    _print(asked, f"asked for job {asked['job']}", is_json)


def _next_run(schedule: Any) -> str:
    return f"next {ago(msgspec.convert(schedule, Schedule).next_at)}"


def _print(answer: Any, sentence: str, is_json: bool) -> None:
    if is_json:
        print_json(answer)
    else:
        click.echo(sentence)


def _json_object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise click.BadParameter(f"{text[:80]!r} is not a JSON object: {error}", param_hint="--args") from error


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
