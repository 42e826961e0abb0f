"""Keep what was read for a repository's figures: a history by its head, the times of a merged pull request for good.

A cache: what is not there is read again.
"""

from collections.abc import Collection
from datetime import datetime

import asyncpg
import msgspec

from server.db import Queries
from server.history.figures import History
from server.history.pulls import PullTimes

_SQL = Queries.load("server.effects", "repository_figures.sql")


class RepositoryFigures:
    def __init__(self, pool: asyncpg.Pool, project: str) -> None:
        self._pool = pool
        self._project = project

    async def since(self, days: int) -> datetime:
        """The midnight (UTC) before which nothing counts."""
        since: datetime = await self._pool.fetchval(_SQL.since, days)
        return since

    async def history(self, days: int, head_sha: str, since: datetime) -> History | None:
        """What a release before this one kept in another shape is as good as nothing."""
        kept = await self._pool.fetchval(_SQL.find_history, self._project, days, head_sha, since)
        try:
            return msgspec.json.decode(kept, type=History) if kept else None
        except msgspec.ValidationError:
            return None

    async def keep_history(self, days: int, history: History) -> None:
        content = msgspec.json.encode(history).decode()
        await self._pool.execute(_SQL.keep_history, self._project, days, history.head_sha, history.since, content)

    async def times(self, numbers: Collection[int]) -> dict[int, PullTimes]:
        """Those that are known, by their number."""
        rows = await self._pool.fetch(_SQL.find_times, self._project, list(numbers))
        return {row["number"]: PullTimes(**row) for row in rows}

    async def keep_times(self, times: PullTimes) -> None:
        await self._pool.execute(_SQL.keep_times, self._project, *msgspec.structs.astuple(times))

    async def forget_old_times(self) -> None:
        await self._pool.execute(_SQL.forget_old_times, self._project)
