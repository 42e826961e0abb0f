"""Keep which pull requests people paused: those are reviewed only when somebody asks for it.

Reviews nothing and stops nothing: `server/effects/handlers.py` looks here before it reads a pull request by itself.
"""

import asyncpg

from server.db import Queries

_SQL = Queries.load("server.reviews", "pauses.sql")


class Pauses:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def pause(self, project: str, number: int, *, by: str) -> None:
        """A second pause changes nothing."""
        await self._pool.execute(_SQL.pause, project, number, by)

    async def resume(self, project: str, number: int) -> None:
        """Of one that is not paused it changes nothing."""
        await self._pool.execute(_SQL.resume, project, number)

    async def paused_by(self, project: str, number: int) -> str:
        """ "" when it is not paused."""
        return await self._pool.fetchval(_SQL.paused_by, project, number) or ""
