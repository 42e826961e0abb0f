"""The snapshot as tools see it: its files by path, without their secrets, and nothing beside them.

A path is a key here, never a place: whatever it says, it leads to what the snapshot holds or nowhere.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property

from server.agents.hostile import redact
from server.agents.tools.tool import ToolRefused
from server.analysis.source import Source
from server.analysis.symbols import Symbols, symbols_of
from server.reviews.snapshot import Snapshot, SourceFile

MAX_PATH = 1_000
MAX_COMPARED = 3_000
"""Paths among which near ones are looked for."""


class Side(StrEnum):
    HEAD = "head"
    BASE = "base"


class Files:
    """*changed*: the files under review; the others of the snapshot only explain them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.changed: dict[str, SourceFile] = {file.path: file for file in snapshot.files}
        around = {file.path: file for file in snapshot.context}
        self._all: dict[str, SourceFile] = {
            **self.changed,
            **{p: f for p, f in around.items() if p not in self.changed},
        }
        self._safe: dict[tuple[str, Side], list[str]] = {}
        self._symbols: dict[str, Symbols] = {}

    def __iter__(self) -> Iterator[str]:
        """Changed ones first."""
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @cached_property
    def skipped(self) -> dict[str, str]:
        """Path -> why its content is not here."""
        return {file.path: file.reason for file in self.snapshot.skipped}

    def find(self, path: str) -> SourceFile:
        """Raises ToolRefused, with what was perhaps meant."""
        plain = path.removeprefix("./")
        if plain in self._all:
            return self._all[plain]
        if plain in self.skipped:
            raise ToolRefused(f"{plain} is part of the change, but its content is not here: {self.skipped[plain]}")
        if leads_outside(path):
            raise ToolRefused(
                f"{path[:MAX_PATH]} is not a path of the repository: there is nothing but the snapshot here",
                suspicious="a path outside the repository was asked for",
            )
        near = self._nearest(plain[:MAX_PATH])
        hint = f"nearest: {', '.join(near)}" if near else "list the files to see what there is"
        raise ToolRefused(f"no such file in the snapshot: {path[:MAX_PATH]}; {hint}")

    def lines(self, path: str, side: Side = Side.HEAD) -> list[str]:
        """Without their line feeds, and without secrets."""
        key = (path, side)
        if key not in self._safe:
            self._safe[key] = redact(self._text(path, side)).split("\n")
        return self._safe[key]

    def count(self, path: str) -> int:
        """Its lines at the head; what follows the last line feed is one if it is there."""
        text = self._all[path].text
        return text.count("\n") + (not text.endswith("\n"))

    def symbols(self, path: str) -> Symbols:
        """What its head defines and uses; nothing of a language without a parser."""
        if path not in self._symbols:
            self._symbols[path] = symbols_of(Source.of(path, self._all[path].text))
        return self._symbols[path]

    def text(self, path: str) -> str:
        """As it is, with its secrets: to be looked through, never to be shown."""
        return self._all[path].text

    def _text(self, path: str, side: Side) -> str:
        file = self._all[path]
        if side is Side.HEAD:
            return file.text
        if file.base is not None:
            return file.base
        if path in self.changed:
            raise ToolRefused(f"{path} is new, or its base is not known: read side=head")
        return file.text

    def _nearest(self, path: str) -> list[str]:
        name = path.rpartition("/")[2]
        same = [other for other in self._all if other.rpartition("/")[2] == name]
        return (same or get_close_matches(path, list(self._all)[:MAX_COMPARED], n=5, cutoff=0.5))[:5]


def leads_outside(path: str) -> bool:
    return path.startswith(("/", "~", "\\", "file:")) or ".." in path.replace("\\", "/").split("/") or "\0" in path
