"""`hive replay`: rebuild the tables from their events, and prove that they are equal."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from server.cli.output import a_table, plain, print_json, stdout_console
from server.config import Settings
from server.db import connect
from server.embedded import borrow_database
from server.jobs.projections import Comparison, Projection, Told
from server.jobs.projections import replay as replay_events
from server.jobs.replay import JOBS, WORKFLOWS

EXIT_UNEQUAL = 1

PROJECTIONS: Sequence[Projection[Any, Any]] = (JOBS, WORKFLOWS)
"""Every table that is a fold of its events."""

MAX_VALUE = 200


@click.command(epilog="Exit codes: 0 equal, 1 not equal, 3 no database.")
@click.option("--verify", is_flag=True, help="Compare, and leave nothing behind.")
@click.option("--into", "schema", metavar="SCHEMA", help="Keep what was rebuilt in a new schema of this name.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def replay(verify: bool, schema: str | None, is_json: bool) -> int:
    """Rebuild jobs and workflows from their events and compare them with the tables.

    Reads one moment of the database; a hub may go on meanwhile. With --into what was rebuilt can be looked at.
    """
    if not verify and schema is None:
        raise click.UsageError("say --verify, or --into SCHEMA to keep what is rebuilt")
    compared = asyncio.run(_replay(Settings.load(os.environ), schema))
    if is_json:
        print_json({"equal": _are_equal(compared), "tables": compared})
    else:
        _render(stdout_console(), compared)
        if schema is not None:
            click.echo(f"rebuilt in the schema {plain(schema)}")
    return 0 if _are_equal(compared) else EXIT_UNEQUAL


async def _replay(settings: Settings, schema: str | None) -> list[Comparison]:
    async with borrow_database(settings) as url, connect(url) as connection:
        with _progress() as told:
            return await replay_events(connection, PROJECTIONS, told=told, keep_as=schema)


@contextmanager
def _progress() -> Iterator[Told]:
    """A bar for each table, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def told(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = progress.add_task(f"events of {table}")
            progress.update(tasks[table], completed=done, total=total)

        yield told


def _are_equal(compared: Sequence[Comparison]) -> bool:
    return all(each.is_equal for each in compared)


def _render(console: Console, compared: Sequence[Comparison]) -> None:
    for each in compared:
        mark = "✓" if each.is_equal else "✗"
        verdict = "equal" if each.is_equal else "not equal"
        console.print(
            f"{mark} {each.table}: {verdict}: {each.rows:,} rows, {each.events:,} events",
            style="green" if each.is_equal else "bold red",
        )
        if not each.is_equal:
            _render_differences(console, each)


def _render_differences(console: Console, each: Comparison) -> None:
    counts = (
        (each.different, "differ"),
        (each.only_in_table, "only in the table"),
        (each.only_in_events, "only in the events"),
        (each.impossible, "impossible events"),
    )
    console.print("  " + ", ".join(f"{count:,} {what}" for count, what in counts if count))
    for event in each.first_impossible:
        console.print(f"  {plain(event)}")
    if each.differences:
        table = a_table("row", "column", "in the table", "by the events")
        for difference in each.differences:
            sides = (plain(side[:MAX_VALUE]) for side in (difference.table, difference.events))
            table.add_row(plain(difference.id), difference.column, *sides)
        console.print(table)
