from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (name TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entries_digest ON entries (digest);
"""
_COLUMNS = ("name", "digest", "size")


class Index:
    """Which name is which blob."""

    def __init__(self, path: str = ":memory:") -> None:
        self._connection = sqlite3.connect(path)
        self._connection.executescript(SCHEMA)

    def add(self, name: str, digest: str, size: int) -> None:
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", (name, digest, size))

    def find(self, name: str) -> str | None:
        row = self._connection.execute("SELECT digest FROM entries WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def find_all(self, names: Sequence[str]) -> dict[str, str]:
        marks = ", ".join("?" * len(names))
        rows = self._connection.execute(f"SELECT name, digest FROM entries WHERE name IN ({marks})", list(names))
        return dict(rows)

    def ordered(self, column: str = "name") -> Iterable[tuple[str, str, int]]:
        if column not in _COLUMNS:
            raise ValueError(column)
        return self._connection.execute(f"SELECT name, digest, size FROM entries ORDER BY {column}")

    def count(self) -> int:
        return self._connection.execute("SELECT count(*) FROM entries").fetchone()[0]
