"""What is written under a leader's or a lock's protection, and who waits for whom in Postgres."""

import asyncio

import asyncpg

WRITTEN = "create table written (seq bigint generated always as identity, token bigint, who text)"

SECONDS = 60.0
"""What takes longer does not happen."""


async def written(pool: asyncpg.Pool) -> list[int]:
    """The tokens, in the order in which they were written."""
    return [row["token"] for row in await pool.fetch("select token from written order by seq")]


async def somebody_waits(pool: asyncpg.Pool) -> None:
    """Until some statement waits for a row of another transaction: nothing signals that."""
    async with asyncio.timeout(SECONDS):
        while True:
            if await pool.fetchval("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"):
                return
            await asyncio.sleep(0.01)
