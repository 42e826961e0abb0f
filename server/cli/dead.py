"""`hive dead`: what failed for good, and what nobody could open."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console
from rich.text import Text

from server.cli.client import HubClient, HubRefused, address, named_or_running_hub
from server.cli.jobs import render_history
from server.cli.moments import Moment, sparkline
from server.cli.output import a_table, ago, is_on_terminal, plain, print_json, render_fields, stdout_console
from server.jobs.record import Cause

PAGE = 200
STATS_WIDTH = 40
"""Columns of a sparkline at most; several buckets share one where there are more."""

F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


class Dead(msgspec.Struct, frozen=True):
    """As the API shows it: *type* is `job` or `message`, *what* its kind or its stream."""

    id: str
    type: str
    what: str
    project: str
    reason: str
    died_at: datetime
    queue: str = ""
    error_class: str | None = None
    cause: str | None = None
    agent_id: str | None = None
    attempt: int = 0
    failures: int = 0
    crashes: int = 0


class Series(msgspec.Struct, frozen=True):
    """Failures that have *what* in common."""

    what: str | None
    name: str
    failures: int
    by_type: Mapping[str, int]
    points: Sequence["Point"]


class Point(msgspec.Struct, frozen=True):
    began_at: datetime
    failures: int


class Stats(msgspec.Struct, frozen=True):
    since: datetime
    until: datetime
    by: str
    bucket: str
    failures: int
    series: Sequence[Series]


def by_filter(command: F) -> F:
    """The options that say what dead letters have in common; the command gets them as *filter_*."""
    for option in reversed(
        (
            click.option("--type", type=click.Choice(["job", "message"]), help="Jobs, or messages nobody could open."),
            click.option("--kind", help="Jobs of this kind."),
            click.option("--project", help="Jobs of this project."),
            click.option("--queue", help="Jobs of this queue."),
            click.option("--error", help="Jobs that died of this class of error."),
            click.option("--agent", metavar="ID", help="Jobs whose last attempt this agent ran."),
            click.option("--cause", type=click.Choice([cause.value for cause in Cause]), help="How they died."),
            click.option("--since", type=Moment(), help="Died since then: 7d, 24h, 2026-11-22."),
            click.option("--until", type=Moment(), help="Died before then."),
        )
    ):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def dead(context: click.Context, is_json: bool) -> None:
    """Dead letters: jobs that failed for good, messages that nobody could open. Without a command: list."""
    if context.invoked_subcommand is None:
        context.invoke(list_dead, limit=50, is_json=is_json)
    elif is_json:
        raise click.UsageError("--json stands behind the command", context)


@dead.command("list")
@by_filter
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many, newest first.")
@as_json
def list_dead(limit: int, is_json: bool, **given: Any) -> None:
    """The newest dead letters, or those that have something in common."""
    letters = _letters(_client(), _filter(given), limit)
    if is_json:
        print_json(letters)
    elif letters:
        table = a_table("id", "what", "cause", "reason", "died")
        for letter in letters:
            reason = Text.assemble((f"{plain(letter.error_class)}: ", "dim") if letter.error_class else "")
            reason.append(plain(letter.reason))
            table.add_row(plain(letter.id), plain(letter.what), letter.cause or "", reason, ago(letter.died_at))
        stdout_console().print(table)
    else:
        click.echo("no dead letters")


@dead.command()
@click.argument("dead_id", metavar="ID")
@as_json
def show(dead_id: str, is_json: bool) -> None:
    """One dead letter, with all that happened to it."""
    try:
        shown = _client().get(address("dead-letters", dead_id))
    except HubRefused as refusal:
        if refusal.status != 404:
            raise
        hint = refusal.hint or "hive dead list shows their ids"
        raise HubRefused(404, f"there is no dead letter {dead_id}", hint=hint) from refusal
    if is_json:
        print_json(shown)
    else:
        console = stdout_console()
        render_fields(console, _fields(msgspec.convert(shown["dead_letter"], Dead)))
        if shown["history"]:
            console.print()
            render_history(console, shown["history"])


@dead.command(short_help="Give dead jobs a full set of attempts again.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@by_filter
@click.option("--all", "is_all", is_flag=True, help="All dead jobs.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def retry(ids: tuple[str, ...], is_all: bool, dry_run: bool, yes: bool, is_json: bool, **given: Any) -> None:
    """Give dead jobs a full set of attempts again: those named, or all that have something in common."""
    _Wish("retry", "retrying", "retried", is_json).carry_out(
        ids, _filter(given), is_all=is_all, dry_run=dry_run, sure=yes
    )


@dead.command(short_help="Let dead letters rest: they are listed no more.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@by_filter
@click.option("--all", "is_all", is_flag=True, help="All dead letters.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def discard(ids: tuple[str, ...], is_all: bool, dry_run: bool, yes: bool, is_json: bool, **given: Any) -> None:
    """Let dead letters rest, by id or by what they have in common: they are listed no more."""
    _Wish("discard", "discarding", "discarded", is_json).carry_out(
        ids, _filter(given), is_all=is_all, dry_run=dry_run, sure=yes
    )


@dead.command(short_help="What failed over time.")
@click.option("--since", type=Moment(), default="7d", show_default=True, help="From when on.")
@click.option("--until", type=Moment(), help="Up to when; now, unless it is given.")
@click.option("--by", type=click.Choice(["kind", "error", "agent", "project"]), default="kind", show_default=True)
@click.option("--bucket", type=click.Choice(["hour", "day"]), default="hour", show_default=True)
@click.option("--kind", help="Only jobs of this kind.")
@click.option("--project", help="Only jobs of this project.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many; the rest is one.")
@as_json
def stats(since: datetime, until: datetime | None, is_json: bool, **query: Any) -> None:
    """What failed over time: attempts that are made again, and jobs that died of it."""
    moments = {"since": since.isoformat(), "until": until.isoformat() if until else None}
    answer = _client().get(address("dead-letters", "analytics"), **moments, **query)
    if is_json:
        print_json(answer)
    else:
        _render_stats(stdout_console(), msgspec.convert(answer, Stats))


class _Wish:
    """*verb* as the API has it, *doing* and *done* as people are told."""

    def __init__(self, verb: str, doing: str, done: str, is_json: bool) -> None:
        self._verb = verb
        self._doing = doing
        self._done = done
        self._is_json = is_json

    def carry_out(
        self, ids: tuple[str, ...], filter_: Mapping[str, Any], *, is_all: bool, dry_run: bool, sure: bool
    ) -> None:
        if ids and (filter_ or is_all or dry_run):
            raise click.UsageError("name dead letters by their ids or by what they have in common, not both")
        if ids:
            self._one_by_one(_client(), ids)
        elif filter_ or is_all:
            self._in_bulk(_client(), filter_, dry_run=dry_run, sure=sure)
        else:
            raise click.UsageError(f"name what to {self._verb}: ids, a filter such as --kind, or --all")

    def _one_by_one(self, client: HubClient, ids: tuple[str, ...]) -> None:
        """What is refused keeps nothing from the others; the first refusal is how it ends."""
        done: list[Any] = []
        refusals: list[HubRefused] = []
        for dead_id in ids:
            try:
                done.append(client.post(address("dead-letters", dead_id, self._verb)))
            except HubRefused as refusal:
                refusals.append(HubRefused(refusal.status, f"{plain(dead_id)}: {refusal}", hint=refusal.hint))
        if self._is_json:
            print_json(done)
        elif done:
            click.echo("\n".join(f"{self._doing} {one['id']}" for one in done))
        for another in refusals[1:]:
            click.echo(str(another), err=True)
        if refusals:
            raise refusals[0]

    def _in_bulk(self, client: HubClient, filter_: Mapping[str, Any], *, dry_run: bool, sure: bool) -> None:
        where = address("dead-letters", self._verb)
        matched = int(client.post(where, {"filter": filter_, "dry_run": True})["matched"])
        if dry_run or not matched:
            self._say(matched, 0, 0, f"{_letters_text(matched)} would be {self._done}")
            return
        if not sure:
            self._ask(matched)
        asked, settled = 0, 0
        body: dict[str, Any] = {"filter": filter_}
        with click.progressbar(length=matched, label=self._doing, hidden=self._is_json or not is_on_terminal()) as bar:
            while True:
                page = client.post(where, body)
                asked, settled = asked + len(page["ids"]), settled + page["settled"]
                bar.update(len(page["ids"]))
                if page["next"] is None:
                    break
                body["cursor"] = page["next"]
        unheard = f"; of {asked - settled:,} nothing was heard yet: see hive dead" if settled < asked else ""
        self._say(matched, asked, settled, f"{self._doing} {_letters_text(asked)}{unheard}")

    def _ask(self, matched: int) -> None:
        if self._is_json or not is_on_terminal():
            raise click.UsageError(
                f"this would {self._verb} {_letters_text(matched)}: add --yes, or look with --dry-run"
            )
        click.confirm(f"{self._verb.capitalize()} {_letters_text(matched)}?", abort=True)

    def _say(self, matched: int, asked: int, settled: int, text: str) -> None:
        if self._is_json:
            print_json({"matched": matched, "asked": asked, "settled": settled})
        else:
            click.echo(text)


def _letters_text(number: int) -> str:
    return f"{number:,} dead letter" + ("" if number == 1 else "s")


def _letters(client: HubClient, filter_: Mapping[str, Any], limit: int) -> list[Dead]:
    """As many pages as it takes."""

    def pages() -> Any:
        cursor = None
        while True:
            page = client.get(address("dead-letters"), **filter_, limit=min(PAGE, limit), cursor=cursor)
            yield from page["dead_letters"]
            cursor = page["next"]
            if cursor is None:
                return

    return msgspec.convert(list(islice(pages(), limit)), list[Dead])


def _filter(given: Mapping[str, Any]) -> dict[str, Any]:
    """As the API takes it: only what was given."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in given.items()
        if value is not None
    }


def _fields(letter: Dead) -> list[tuple[str, object]]:
    attempts = f"{letter.attempt}: {letter.failures} failed, {letter.crashes} crashed" if letter.attempt else None
    return [
        ("id", letter.id),
        ("what", letter.what),
        ("project", letter.project),
        ("queue", letter.queue),
        ("died", ago(letter.died_at)),
        ("cause", letter.cause),
        ("error", letter.error_class),
        ("reason", letter.reason),
        ("agent", letter.agent_id),
        ("attempts", attempts),
    ]


def _render_stats(console: Console, stats: Stats) -> None:
    if not stats.series:
        click.echo("no failures in this time")
        return
    table = a_table(stats.by, "failures", "retry", "crashed", "lost", "dead", _period(stats))
    for column in table.columns[1:6]:
        column.justify = "right"
    for series in stats.series:
        counts = [str(series.by_type.get(type_) or "") for type_ in ("retry", "crashed", "lost", "dead")]
        name = series.name if series.what != "" else "(none)"
        table.add_row(plain(name), f"{series.failures:,}", *counts, Text(sparkline(_columns(stats, series)), "yellow"))
    console.print(table)


def _period(stats: Stats) -> str:
    return f"{stats.since:%m-%d %H:%M} to {stats.until:%m-%d %H:%M}"


def _columns(stats: Stats, series: Series) -> list[float]:
    """The failures of each bucket, or of several that share a column."""
    length = timedelta(hours=1) if stats.bucket == "hour" else timedelta(days=1)
    first = stats.since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    first = first if stats.bucket == "hour" else first.replace(hour=0)
    buckets = max(1, -(-(stats.until - first) // length))
    share = -(-buckets // STATS_WIDTH)
    columns = [0.0] * -(-buckets // share)
    for point in series.points:
        columns[(point.began_at - first) // length // share] += point.failures
    return columns


def _client() -> HubClient:
    return HubClient(lambda: named_or_running_hub(os.environ))
