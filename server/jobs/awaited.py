"""For which jobs an editor waits: their results come also after it was closed, or the hub restarted.

Knows who waits; the result lies with its job, and `lsp/awaiting.py` shows it.
"""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from server.db import Queries

_SQL = Queries.load("server.jobs", "awaited.sql")

KEPT_SECONDS = 7 * 86400.0

MAX_OF_EDITOR = 20
"""The newest; who asks for more has forgotten the others."""


class Awaited(msgspec.Struct, frozen=True):
    """*kind* is the job's, *uri* the document that it is about, *digest* that of its text when it was asked."""

    job_id: UUID
    kind: str
    uri: str
    digest: str


class AwaitedResults:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def add(self, awaited: Awaited, *, principal: str, editor: str) -> None:
        await self._pool.execute(
            _SQL.await_result, awaited.job_id, principal, editor, awaited.kind, awaited.uri, awaited.digest
        )

    async def of(self, *, principal: str, editor: str) -> Sequence[Awaited]:
        """The oldest first."""
        rows = await self._pool.fetch(_SQL.awaited_by, principal, editor, MAX_OF_EDITOR)
        return [Awaited(**row) for row in rows]

    async def remove(self, job_id: UUID) -> None:
        """It was shown, or nobody wants it any more."""
        await self._pool.execute(_SQL.shown, job_id)

    async def forget(self) -> int:
        status: str = await self._pool.execute(_SQL.forget_awaited, KEPT_SECONDS)
        return int(status.rpartition(" ")[2])
