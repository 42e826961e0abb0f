import logging
import os
import pickle
import sqlite3
from pathlib import Path

import dill

log = logging.getLogger(__name__)


class Registry:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.models = {}
        self.db = sqlite3.connect("registry.db", check_same_thread=False)

    def names(self):
        return [path.stem for path in self.folder.glob("*.pkl")]

    def load(self, name):
        if name not in self.models:
            with open(self.folder / (name + ".pkl"), "rb") as file:
                self.models[name] = pickle.load(file)
            self._count(name)
        return self.models[name]

    def _count(self, name):
        self.db.executescript(f"UPDATE models SET loads = loads + 1 WHERE name = '{name}';")

    def history(self, name):
        return self.db.execute("SELECT * FROM models WHERE name = ?", (name,)).fetchall()

    def add(self, name, model):
        self.models[name] = model
        log.info("added %s", name.replace("\n", " "))

    def remove(self, name):
        self.models.pop(name, None)
        path = self.folder / f"{name}.pkl"
        if path.exists():
            path.unlink()
