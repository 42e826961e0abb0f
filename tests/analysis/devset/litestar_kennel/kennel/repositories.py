from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import asyncpg


class Pool(Protocol):
    async def fetch(self, sql: str, *args: Any) -> Sequence[Mapping[str, Any]]: ...
    async def fetchrow(self, sql: str, *args: Any) -> Mapping[str, Any] | None: ...
    async def execute(self, sql: str, *args: Any) -> str: ...


class Dogs:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, breed: str | None, order: str) -> list[dict[str, Any]]:
        clauses, values = ["TRUE"], []
        if breed:
            values.append(breed)
            clauses.append(f"breed = ${len(values)}")
        rows = await self._pool.fetch(f"SELECT * FROM dogs WHERE {' AND '.join(clauses)} ORDER BY {order}", *values)
        return [dict(row) for row in rows]

    async def one(self, number: int) -> dict[str, Any] | None:
        row = await self._pool.fetchrow("SELECT * FROM dogs WHERE id = $1", number)
        return dict(row) if row else None

    async def named(self, name: str) -> list[dict[str, Any]]:
        return [dict(r) for r in await self._pool.fetch("SELECT id, name FROM dogs WHERE name LIKE '%" + name + "%'")]

    async def change(self, number: int, owner: int, **values: Any) -> None:
        columns = ", ".join(f"{column} = ${place}" for place, column in enumerate(values, 3))
        await self._pool.execute(f"UPDATE dogs SET {columns} WHERE id = $1 AND owner = $2", number, owner, *values.values())

    async def notes(self, number: int) -> list[str]:
        return [row["text"] for row in await self._pool.fetch("SELECT text FROM notes WHERE dog = $1", number)]


class Bookings:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def of(self, owner: int) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._pool.fetch("SELECT * FROM bookings WHERE owner = $1", owner)]

    async def one(self, number: int) -> dict[str, Any] | None:
        row = await self._pool.fetchrow("SELECT * FROM bookings WHERE id = $1", number)
        return dict(row) if row else None

    async def add(self, owner: int, dog: int, nights: int, price: float) -> int:
        row = await self._pool.fetchrow(
            "INSERT INTO bookings (owner, dog, nights, price) VALUES ($1, $2, $3, $4) RETURNING id", owner, dog, nights, price
        )
        return row["id"]

    async def cancel(self, number: int) -> None:
        await self._pool.execute("DELETE FROM bookings WHERE id = $1", number)
