from contextlib import contextmanager

import psycopg
from flask import Flask, current_app, g
from psycopg.rows import dict_row


def init_app(app: Flask) -> None:
    app.teardown_appcontext(close)


def connection() -> psycopg.Connection:
    if "connection" not in g:
        g.connection = psycopg.connect(current_app.config["DATABASE"], row_factory=dict_row)
    return g.connection


def close(_error=None) -> None:
    opened = g.pop("connection", None)
    if opened is not None:
        opened.close()


@contextmanager
def transaction():
    with connection().transaction():
        yield connection()


class Repository:
    """What all tables have in common. *table* and *columns* are written in the subclass."""

    table = ""
    columns: tuple[str, ...] = ()

    @classmethod
    def get(cls, key: int) -> dict | None:
        return connection().execute(f"SELECT * FROM {cls.table} WHERE id = %s", (key,)).fetchone()

    @classmethod
    def of(cls, owner: int, limit: int = 100) -> list[dict]:
        sql = f"SELECT * FROM {cls.table} WHERE owner_id = %s ORDER BY id LIMIT %s"
        return connection().execute(sql, (owner, limit)).fetchall()

    @classmethod
    def create(cls, **values) -> int:
        names = [name for name in cls.columns if name in values]
        marks = ", ".join(["%s"] * len(names))
        sql = f"INSERT INTO {cls.table} ({', '.join(names)}) VALUES ({marks}) RETURNING id"
        row = connection().execute(sql, [values[name] for name in names]).fetchone()
        connection().commit()
        return row["id"]

    @classmethod
    def update(cls, key: int, **values) -> None:
        names = [name for name in values if name in cls.columns]
        assignments = ", ".join(f"{name} = %s" for name in names)
        connection().execute(f"UPDATE {cls.table} SET {assignments} WHERE id = %s", [values[n] for n in names] + [key])
        connection().commit()

    @classmethod
    def search(cls, text: str, order: str) -> list[dict]:
        sql = f"SELECT * FROM {cls.table} WHERE name ILIKE %s ORDER BY {order}"
        return connection().execute(sql, (f"%{text}%",)).fetchall()
