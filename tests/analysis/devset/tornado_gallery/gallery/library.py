"""Pictures and people in one SQLite file."""

import sqlite3
from collections import namedtuple
from pathlib import Path

Found = namedtuple("Found", "id owner title file")


class Library:
    def __init__(self, root):
        self.root = Path(root)
        self.db = sqlite3.connect(self.root / "gallery.db")

    def __getattr__(self, name):
        if not name.startswith("find_by_"):
            raise AttributeError(name)
        column = name.removeprefix("find_by_")
        return lambda value: self._find(f"{column} = ?", value)

    def _find(self, condition, *values):
        rows = self.db.execute("SELECT id, owner, title, file FROM pictures WHERE " + condition, values)
        return list(map(Found._make, rows))

    def titled(self, text):
        return self._find("title LIKE '%" + text + "%'")

    def number(self, key):
        return self._find("id = ?", key)

    def add(self, owner, title, file):
        with self.db:
            return self.db.execute(
                "INSERT INTO pictures (owner, title, file) VALUES (?, ?, ?)", (owner, title, file)
            ).lastrowid

    def tagged(self, tags):
        marks = ",".join("?" * len(tags))
        return self.db.execute(f"SELECT picture FROM tags WHERE tag IN ({marks})", tags).fetchall()

    def person(self, name):
        return self.db.execute("SELECT id, name, password, admin FROM people WHERE name = ?", (name,)).fetchone()

    def open_file(self, name, mode="rb"):
        return open(self.root / name, mode)
