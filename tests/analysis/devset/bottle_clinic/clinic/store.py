import contextlib
import functools
import sqlite3

FILE = "clinic.sqlite"


@contextlib.contextmanager
def opened():
    connection = sqlite3.connect(FILE)
    connection.row_factory = sqlite3.Row
    with connection:
        yield connection


def rows(sql, *values):
    with opened() as connection:
        return list(map(dict, connection.execute(sql, values)))


def one(sql, *values):
    return next(iter(rows(sql, *values)), None)


def save(table, **values):
    names = ",".join(values)
    marks = ",".join("?" * len(values))
    with opened() as connection:
        return connection.execute(f"INSERT INTO {table}({names}) VALUES({marks})", list(values.values())).lastrowid


@functools.lru_cache
def secret(name):
    return (one("SELECT value FROM secrets WHERE name = ?", name) or {}).get("value")
