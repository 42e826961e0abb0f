"""What sleep is for: what says nearly the same becomes one, what fades is forgotten. Of notes and decisions only.

Code and prose follow their files and need none of it. Agents have no Postgres, so while they sleep the leader does this
for them, beside retention; each step is one short transaction, and all of it may be done again at any time.
"""

from uuid import UUID

import asyncpg
import structlog

from server.db import Queries

TWINS_WITHIN = 0.08
"""Of the cosine distance: the same sentence with another word or two."""

NEW_SECONDS = 3_600.0
NEW_AT_ONCE = 200

FORGOTTEN_BELOW = 0.03
"""Of what is left of an importance: a note of importance 0.5 that nobody used gets there in a year."""

MERGED_KEPT_SECONDS = 30 * 86400.0
FADED_AT_ONCE = 1_000

log = structlog.get_logger("hive.memory")


class Consolidation:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._sql = Queries.load("server.memory", "contexts.sql")

    async def consolidate(self) -> int:
        """How many contexts are searched no more: merged into their like, or faded."""
        merged = await self._merge()
        faded = len(await self._pool.fetch(self._sql.faded, FORGOTTEN_BELOW, MERGED_KEPT_SECONDS, FADED_AT_ONCE))
        if merged or faded:
            log.info("contexts consolidated", merged=merged, faded=faded)
        return merged + faded

    async def _merge(self) -> int:
        """The strongest of those that say the same speaks for all; of equals the oldest."""
        merged = 0
        gone: set[UUID] = set()
        for new in await self._pool.fetch(self._sql.newest_to_consolidate, NEW_SECONDS, NEW_AT_ONCE):
            if new["id"] in gone:
                continue
            twins = await self._pool.fetch(
                self._sql.twins, new["project"], new["kind"], new["model"], new["embedding"], new["id"], TWINS_WITHIN
            )
            if not twins:
                continue
            everyone = sorted(
                [new, *twins], key=lambda row: (-row["importance"], -row["uses"], row["created_at"], row["id"])
            )
            speaker, *others = [row["id"] for row in everyone]
            done = await self._pool.fetch(self._sql.consolidate, new["project"], speaker, others)
            gone.update(row["context"] for row in done)
            merged += len(done)
        return merged
