import sqlite3
import threading
from contextlib import closing


class Database:
    def __init__(self, dsn):
        self.dsn = dsn
        self.local = threading.local()

    @property
    def connection(self):
        if not hasattr(self.local, "connection"):
            self.local.connection = sqlite3.connect(self.dsn)
            self.local.connection.row_factory = sqlite3.Row
        return self.local.connection

    def all(self, sql, *values):
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(sql, values)
            return [dict(row) for row in cursor.fetchall()]

    def run(self, sql, *values):
        with self.connection:
            return self.connection.execute(sql, values).lastrowid


class Query:
    """A little builder: Query("items").where(kind="box").order("name")."""

    def __init__(self, table):
        self.table = table
        self.conditions = []
        self.values = []
        self.ordering = ""

    def where(self, **conditions):
        for name, value in conditions.items():
            self.conditions.append(f"{name} = ?")
            self.values.append(value)
        return self

    def raw(self, condition):
        self.conditions.append(condition)
        return self

    def order(self, column):
        self.ordering = f" ORDER BY {column}"
        return self

    def run(self, database):
        where = " WHERE " + " AND ".join(self.conditions) if self.conditions else ""
        return database.all(f"SELECT * FROM {self.table}{where}{self.ordering}", *self.values)
