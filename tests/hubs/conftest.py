"""A table to write under somebody's protection."""

import asyncpg
import pytest_asyncio

from tests.hubs.rows import WRITTEN


@pytest_asyncio.fixture
async def pool(pool: asyncpg.Pool) -> asyncpg.Pool:
    await pool.execute(WRITTEN)
    return pool
