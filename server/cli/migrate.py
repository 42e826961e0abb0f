"""`hive migrate`: the database's schema. `hive up` does the same at every start."""

import asyncio
import os

import click

from server.cli.output import a_table, ago, plain, print_json, stdout_console
from server.config import Settings
from server.db import MigrationState, migration_states
from server.db import migrate as apply
from server.embedded import borrow_database

EXIT_PENDING = 1


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Show every migration and its state; change nothing. Exit 1 if any waits."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def migrate(dry_run: bool, is_json: bool) -> int:
    """Bring the database's schema up to date, forward only.

    Each file is applied once, in a transaction of its own, however many hubs and commands do it at the same time.
    """
    settings = Settings.load(os.environ)
    if dry_run:
        return _show(asyncio.run(_states(settings)), is_json)
    applied = asyncio.run(_apply(settings))
    if is_json:
        print_json({"applied": applied})
    else:
        click.echo("\n".join(f"applied {name}" for name in applied) or "the schema is up to date")
    return 0


async def _apply(settings: Settings) -> list[str]:
    async with borrow_database(settings) as url:
        return await apply(url)


async def _states(settings: Settings) -> list[MigrationState]:
    async with borrow_database(settings) as url:
        return await migration_states(url)


def _show(states: list[MigrationState], is_json: bool) -> int:
    if is_json:
        print_json({"migrations": states})
    else:
        table = a_table("migration", "state", "applied")
        for state in states:
            table.add_row(plain(state.name), state.state, ago(state.applied_at))
        stdout_console().print(table)
    return EXIT_PENDING if any(state.state in ("pending", "edited") for state in states) else 0
