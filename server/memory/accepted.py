"""Learn which fixes people took: what was wrong, and the edit that mended it, become a context about the finding.

Only of what a model offered and a person then applied, in whatever place: what rules mend by themselves is no news.
"""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from server.db import Queries
from server.jobs.record import args_of
from server.memory.context import ContextKind, ContextRefused, NewContext
from server.memory.contexts import Contexts
from server.memory.learning import about_finding
from server.reviews.asks import FixOffer
from server.reviews.finding import Finding

IMPORTANCE = 0.7
MAX_TEXT = 4_000


class _Asked(msgspec.Struct):
    """Of the args of `fix`, in whichever workflow; the snapshot is skipped."""

    findings: tuple[Finding, ...]


class _Published(msgspec.Struct):
    commit: str = ""


class _Command(msgspec.Struct):
    login: str


class AcceptedFixes:
    """An `OnSucceeded` for `fix.publish`: what stands in a commit on the branch was taken by who commanded it."""

    def __init__(self, pool: asyncpg.Pool, contexts: Contexts) -> None:
        self._pool = pool
        self._contexts = contexts
        self._sql = Queries.load("server.memory", "contexts.sql")

    async def __call__(self, connection: Any, job: asyncpg.Record, result: bytes) -> bytes:
        if job["workflow_id"] is not None and msgspec.json.decode(result, type=_Published).commit:
            login = msgspec.json.decode(job["args"], type=_Command).login
            row = await connection.fetchrow(self._sql.offered_fix, None, job["workflow_id"])
            await self._learn(connection, row, by=f"github:{login}")
        return result

    async def take(self, fix_job: UUID, *, by: str) -> int:
        """Somebody applied what the job offered. How many findings it mends; again, it changes nothing."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await self._learn(connection, await connection.fetchrow(self._sql.offered_fix, fix_job, None), by=by)

    async def _learn(self, connection: Any, row: asyncpg.Record | None, *, by: str) -> int:
        """Of a job that is forgotten already, nothing."""
        if row is None:
            return 0
        offer = msgspec.json.decode(row["result"], type=FixOffer)
        reached = {*offer.mended, *offer.unproven}
        asked = msgspec.json.decode(args_of(row["accepted"]), type=_Asked).findings
        mended = {finding.fingerprint: finding for finding in asked if finding.fingerprint in reached}
        for finding in mended.values():
            about = about_finding(finding.fingerprint)
            await connection.execute(self._sql.forget_about, row["project"], about)
            try:
                piece = self._contexts.piece_of(_taken(row["project"], finding, offer, by, about))
            except ContextRefused:  # nothing is left of it once its secrets are out
                continue
            await self._contexts.put(connection, row["project"], [piece])
        return len(mended)


def _taken(project: str, finding: Finding, offer: FixOffer, by: str, about: str) -> NewContext:
    diffs = "\n".join(file.diff for file in offer.files if file.path == finding.path)
    text = f"Fixed: {finding.message}\nRule: {finding.rule}\nWhy: {offer.why}\nTests: {offer.tests}\n\n{diffs}"
    return NewContext(
        project=project,
        text=text[:MAX_TEXT],
        kind=ContextKind.FEEDBACK,
        path=finding.path,
        symbol=finding.rule,
        start_line=finding.start_line,
        end_line=finding.end_line,
        about=about,
        owner=by,
        importance=IMPORTANCE,
    )
