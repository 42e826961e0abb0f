from __future__ import annotations

import os

import asyncpg


class Store:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def execute(self, sql: str, *args) -> str:
        async with self._pool.acquire() as connection:
            return await connection.execute(sql, *args)

    async def add_hook(self, owner: str, name: str, target: str) -> None:
        await self.execute("INSERT INTO hooks (owner, name, target) VALUES ($1, $2, $3)", owner, name, target)

    async def hooks_of(self, owner: str, order: str) -> list[dict]:
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(f"SELECT name, target FROM hooks WHERE owner = $1 ORDER BY {order}", owner)
        return [dict(row) for row in rows]


_pool: asyncpg.Pool | None = None


async def get_store() -> Store:
    global _pool
    if _pool is None:
        _pool = await asyncpg.create_pool(os.environ["DATABASE_URL"])
    return Store(_pool)
