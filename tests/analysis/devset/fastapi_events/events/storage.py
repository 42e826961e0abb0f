from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from databases import Database

from events.config import settings

database = Database(settings.database_url)


@dataclass
class Page:
    limit: int = 20
    offset: int = 0


class Table:
    def __init__(self, name: str, columns: tuple[str, ...]) -> None:
        self.name = name
        self.columns = columns

    async def one(self, key: int) -> dict[str, Any] | None:
        row = await database.fetch_one(f"SELECT * FROM {self.name} WHERE id = :id", {"id": key})
        return dict(row._mapping) if row else None

    async def insert(self, values: dict[str, Any]) -> int:
        names = [name for name in self.columns if name in values]
        statement = f"INSERT INTO {self.name} ({', '.join(names)}) VALUES ({', '.join(':' + n for n in names)}) RETURNING id"
        return await database.execute(statement, {name: values[name] for name in names})

    async def filtered(self, filters: dict[str, str], page: Page) -> list[dict[str, Any]]:
        conditions = " AND ".join(f"{name} = '{value}'" for name, value in filters.items()) or "true"
        rows = await database.fetch_all(f"SELECT * FROM {self.name} WHERE {conditions} LIMIT {page.limit} OFFSET {page.offset}")
        return [dict(row._mapping) for row in rows]

    async def delete(self, key: int) -> None:
        await database.execute(f"DELETE FROM {self.name} WHERE id = :id", {"id": key})


events = Table("events", ("title", "text", "place", "starts_at", "owner_id"))
bookings = Table("bookings", ("event_id", "user_id", "seats"))
users = Table("users", ("email", "digest", "role"))


async def user_by_email(email: str) -> dict[str, Any] | None:
    row = await database.fetch_one("SELECT * FROM users WHERE email = :email", {"email": email})
    return dict(row._mapping) if row else None
