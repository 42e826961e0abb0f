"""Learn what people decided about findings: a dismissal and its reason become a context, a reopening takes it away.

The leader does it beside retention. It follows the append-only history of findings, so nothing is missed or learned
twice, whichever door the decision came through.
"""

from typing import Any

import asyncpg
import msgspec

from server.db import Queries
from server.memory.context import ContextKind, ContextRefused, NewContext
from server.memory.contexts import Contexts
from server.reviews.finding import Finding

AT_ONCE = 200
IMPORTANCE = 0.7
MAX_EVIDENCE = 2_000


class Learning:
    def __init__(self, pool: asyncpg.Pool, contexts: Contexts) -> None:
        self._pool = pool
        self._contexts = contexts
        self._sql = Queries.load("server.memory", "contexts.sql")

    async def learn(self) -> int:
        """How many decisions were taken over: all that are new, a page in each transaction."""
        learned = 0
        while page := await self._learn_page():
            learned += page
            if page < AT_ONCE:
                break
        return learned

    async def _learn_page(self) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(self._sql.decisions_to_learn, AT_ONCE)
            for row in rows:
                await self._take_over(connection, row)
            if rows:
                await connection.execute(self._sql.learned, rows[-1]["id"])
        return len(rows)

    async def _take_over(self, connection: Any, row: asyncpg.Record) -> None:
        about = about_finding(row["fingerprint"])
        await connection.execute(self._sql.forget_about, row["project"], about)
        if row["type"] != "dismissed" or row["document"] is None:
            return
        finding = msgspec.json.decode(row["document"], type=Finding)
        try:
            piece = self._contexts.piece_of(_decision(row, finding, about))
        except ContextRefused:  # nothing is left of it once its secrets are out
            return
        await self._contexts.put(connection, row["project"], [piece])


def about_finding(fingerprint: str) -> str:
    return f"finding:{fingerprint}"


def _decision(row: asyncpg.Record, finding: Finding, about: str) -> NewContext:
    text = f"Dismissed: {finding.message}\nRule: {finding.rule}\nWhy: {row['why']}\n\n{finding.evidence[:MAX_EVIDENCE]}"
    return NewContext(
        project=row["project"],
        text=text[:4_000],
        kind=ContextKind.FEEDBACK,
        path=finding.path,
        symbol=finding.rule,
        start_line=finding.start_line,
        end_line=finding.end_line,
        about=about,
        owner=row["by"],
        importance=IMPORTANCE,
    )
