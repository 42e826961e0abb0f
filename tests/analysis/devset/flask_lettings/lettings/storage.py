"""Everything that talks to SQLite."""

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Criteria:
    parts: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def where(self, column, value):
        self.parts.append(f"{column} = ?")
        self.values.append(value)
        return self

    def text(self, column, value):
        self.parts.append(f"{column} LIKE '%{value}%'")
        return self

    def sql(self):
        return " AND ".join(self.parts) or "1 = 1"


class Store:
    def __init__(self, path):
        self._path = path

    @contextmanager
    def cursor(self):
        connection = sqlite3.connect(self._path)
        connection.row_factory = sqlite3.Row
        try:
            yield connection.cursor()
            connection.commit()
        finally:
            connection.close()

    def rows(self, sql, values=()):
        with self.cursor() as cursor:
            return [dict(row) for row in cursor.execute(sql, values)]

    def one(self, sql, values=()):
        with self.cursor() as cursor:
            return cursor.execute(sql, values).fetchone()

    def person(self, number):
        return self.one("SELECT * FROM people WHERE id = ?", (number,))

    def person_named(self, name):
        return self.one("SELECT * FROM people WHERE name = ?", (name,))

    def flats(self, criteria, order="rent"):
        return self.rows(f"SELECT * FROM flats WHERE {criteria.sql()} ORDER BY {order}", criteria.values)

    def change(self, table, number, **changes):
        columns = ", ".join(f"{name} = :{name}" for name in changes)
        with self.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {columns} WHERE id = :id", {**changes, "id": number})

    def add(self, table, **row):
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        with self.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)
            return cursor.lastrowid
