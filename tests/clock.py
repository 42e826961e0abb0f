"""A hand on the database's clock."""

import asyncpg


class Clock:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def advance(self, seconds: float) -> None:
        """Negative: it is set back."""
        await self._pool.execute(
            "insert into clock (ahead) values (make_interval(secs => $1)) "
            "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
            seconds,
        )
