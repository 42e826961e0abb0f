"""The keys that sign and open messages, for `hive keys`: files in the data directory, and their events in Postgres.

A running hub follows the files within a second.
"""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from rich.text import Text

from server.cli.output import a_table, ago, plain, print_json, stdout_console
from server.config import Settings
from server.db import connect, migrate
from server.embedded import borrow_database
from server.messaging import Keyring, Role
from server.messaging.key_events import KeyEvent, KeyEvents, Operation, standings


def show(is_json: bool) -> None:
    registry = Keyring.open(Settings.load(os.environ).keys).registry()
    found = [each._asdict() | {"state": _STATES[each.operation]} for each in standings(registry)]
    if is_json:
        print_json(
            {"generation": registry.generation, "keys": found, "revoked": [key.hex() for key in registry.revoked]}
        )
        return
    table = a_table("id", "role", "for", "state")
    for each in found:
        table.add_row(each["key_id"], each["role"], each["purpose"], each["state"])
    for key in registry.revoked:
        table.add_row(key.hex(), "", "", Text("revoked", style="red"))
    stdout_console().print(table)


def rotate(roles: Sequence[str], is_json: bool) -> None:
    """Of all roles when none is named."""
    _change(lambda keyring: keyring.rotate(*map(Role, roles)), is_json)


def revoke(which: str, is_json: bool) -> None:
    """*which*: a role, or the id of one key."""
    if which in {role.value for role in Role}:
        _change(lambda keyring: keyring.revoke(Role(which)), is_json)
    else:
        _change(lambda keyring: keyring.revoke_key(bytes.fromhex(which)), is_json)


def show_events(after: int, limit: int, is_json: bool) -> None:
    found = asyncio.run(_events(after, limit))
    if is_json:
        print_json({"events": found})
    else:
        _print_events(found)


_STATES = {Operation.MADE: "next", Operation.BEGAN: "current", Operation.FOLLOWED: "previous"}


def _change(change: Callable[[Keyring], object], is_json: bool) -> None:
    recorded = asyncio.run(_changed(change))
    if is_json:
        print_json({"events": recorded})
    else:
        _print_events(recorded)


async def _changed(change: Callable[[Keyring], object]) -> list[KeyEvent]:
    """Postgres first: keys are changed only where that can be written down."""
    async with _key_events() as (settings, key_events):
        keyring = Keyring.open(settings.keys)
        async with key_events.alone():
            await key_events.record(keyring.registry(), actor="hub")  # what nobody has written down yet was not us
            before = await key_events.last()
            change(keyring)
            await key_events.record(keyring.registry(), actor=_who())
        return await key_events.list(after=before)


async def _events(after: int, limit: int) -> list[KeyEvent]:
    async with _key_events() as (_, key_events):
        return await key_events.list(after=after, limit=limit)


@asynccontextmanager
async def _key_events() -> AsyncIterator[tuple[Settings, KeyEvents]]:
    settings = Settings.load(os.environ)
    async with borrow_database(settings) as url:
        await migrate(url)
        async with connect(url) as connection:
            yield settings, KeyEvents(connection)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _print_events(found: list[KeyEvent]) -> None:
    table = a_table("#", "when", "who", "operation", "role", "for", "key")
    for event in found:
        what = Text(event.operation, style="red" if event.operation is Operation.REVOKED else "")
        table.add_row(
            str(event.seq), ago(event.at), plain(event.actor), what, event.role, event.purpose, plain(event.key_id)
        )
    stdout_console().print(table)
