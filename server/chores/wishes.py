"""Keep which heads people want merged once they are ready. One waits for a pull request at a time.

Merges nothing: `server/effects/chores/merging.py` looks here when an event says that something changed. A wish that
ended stays until people were told how.
"""

from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec

from server.chores.merging import LATER_WISH
from server.db import Queries

_SQL = Queries.load("server.chores", "wishes.sql")


class MergeWish(msgspec.Struct, frozen=True):
    """*by*: `github:ada`, or the key of a program. *ending*: "" while it waits, then how it ended, for people."""

    id: UUID
    project: str
    repository: str
    number: int
    head_sha: str
    by: str
    installation_id: int | None = None
    ending: Annotated[str, msgspec.Meta(max_length=1_000)] = ""

    @property
    def login(self) -> str:
        """Of whom GitHub can be asked what they may; "" of a program."""
        return self.by.removeprefix("github:") if self.by.startswith("github:") else ""


class MergeWishes:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def ask(self, wish: MergeWish) -> None:
        """A wish for another head ends the earlier one; the same wish again changes nothing."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL.end_others, wish.project, wish.number, wish.id, wish.head_sha, LATER_WISH)
            await connection.execute(
                _SQL.insert_wish, wish.id, wish.project, wish.repository, wish.number, wish.head_sha, wish.by,
                wish.installation_id,
            )  # fmt: skip

    async def end(self, project: str, number: int, ending: str) -> bool:
        """Whether one waited."""
        return await self._pool.fetchval(_SQL.end_wish, project, number, ending) is not None

    async def untold(self, project: str, number: int) -> list[MergeWish]:
        """Those that wait, or whose end nobody was told; the oldest first."""
        return [_wish(row) for row in await self._pool.fetch(_SQL.untold_wishes, project, number)]

    async def waiting_for(self, project: str, head_sha: str) -> list[int]:
        """The pull requests of which this head is wanted."""
        return [row["number"] for row in await self._pool.fetch(_SQL.waiting_for, project, head_sha)]

    async def told(self, wish_id: UUID) -> None:
        """People know how it ended."""
        await self._pool.execute(_SQL.forget_wish, wish_id)


def _wish(row: asyncpg.Record) -> MergeWish:
    return MergeWish(**{name: row[name] for name in MergeWish.__struct_fields__})
