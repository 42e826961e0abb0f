"""Which pull requests another one waits for, as its description says (`Depends on #12`), and what its check says.

The words are its author's, and are only numbers to us. `server/effects/chores/dependencies.py` sets the check.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from server.db import Queries
from server.reviews.commands import own_lines

CHECK_NAME = "Agent Hive: depends on"
MAX_DEPENDENCIES = 20

_SQL = Queries.load("server.chores", "dependencies.sql")


def dependencies_of(body: str, *, number: int) -> tuple[int, ...]:
    """Each once, without itself. What is quoted or in code counts for nothing."""
    named: dict[int, None] = {}
    for line in own_lines(body):
        if match := _DEPENDS.fullmatch(line):
            named |= dict.fromkeys(int(found) for found in _NUMBER.findall(match[1]))
    named.pop(number, None)
    return tuple(named)[:MAX_DEPENDENCIES]


_DEPENDS = re.compile(r"\s*(?:[-*+] +)?(?:\[[ xX]\] +)?depends[ -]on:? +(#[0-9].*)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w/])#([1-9][0-9]{0,8})\b", re.ASCII)


class Dependency(NamedTuple):
    """*state*: `merged`, `open`, `closed` (without a merge) or `unknown`: there is no such pull request."""

    number: int
    state: str


class Standing(NamedTuple):
    """What the check says. *is_over*: all are merged, or none is named any more."""

    is_over: bool
    title: str
    summary: str


def standing_of(dependencies: Sequence[Dependency]) -> Standing:
    if not dependencies:
        return Standing(True, "Depends on nothing any more", "The description names no pull request to wait for.")
    told = "\n".join(f"- #{one.number}: {_STATES[one.state]}" for one in dependencies)
    open_ = [one for one in dependencies if one.state != "merged"]
    if not open_:
        return Standing(True, "All that it depends on is merged", told)
    waits = ", ".join(f"#{one.number}" for one in open_)
    return Standing(
        False, f"Waits for {waits}", f"{told}\n\nA line `Depends on #N` in the description says what counts."
    )


_STATES = {
    "merged": "merged",
    "open": "open",
    "closed": "closed without a merge: edit the description if it is not needed any more",
    "unknown": "no pull request of this repository: edit the description",
}


class Dependencies:
    """What is kept of them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, project: str, number: int) -> tuple[int, ...]:
        rows = await self._pool.fetch(_SQL.dependencies, project, number)
        return tuple(row["depends_on"] for row in rows)

    async def waiting_for(self, project: str, number: int) -> tuple[int, ...]:
        rows = await self._pool.fetch(_SQL.dependents, project, number)
        return tuple(row["number"] for row in rows)

    async def keep(self, project: str, number: int, named: Sequence[int]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL.forget_dependencies, project, number, list(named))
            await connection.execute(_SQL.keep_dependencies, project, number, list(named))
