import sqlite3

import bcrypt

ORDERS = {"name": "name", "newest": "id DESC"}


class Store:
    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path)
        self._db.row_factory = sqlite3.Row

    def check(self, name: str, password: str) -> int | None:
        row = self._db.execute("SELECT id, digest FROM users WHERE name = ?", (name,)).fetchone()
        if row is None or not bcrypt.checkpw(password.encode(), row["digest"]):
            return None
        return row["id"]

    def items(self, owner: int, sort: str) -> list[dict]:
        order = ORDERS.get(sort)
        if order is None:
            order = "name"
        rows = self._db.execute(f"SELECT id, name FROM items WHERE owner = ? ORDER BY {order}", (owner,))
        return [dict(row) for row in rows]

    def item(self, owner: int, number: int) -> dict | None:
        row = self._db.execute("SELECT id, name FROM items WHERE id = ? AND owner = ?", (number, owner)).fetchone()
        return dict(row) if row else None

    def add(self, owner: int, name: str) -> int:
        with self._db:
            return self._db.execute("INSERT INTO items (owner, name) VALUES (?, ?)", (owner, name)).lastrowid

    def remove(self, owner: int, number: int) -> None:
        with self._db:
            self._db.execute("DELETE FROM items WHERE id = ? AND owner = ?", (number, owner))
