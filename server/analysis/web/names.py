"""The names of a web application's functions and classes, over all its files.

Kept from one look at a project to the next: of what changed, only the names of the files that did are put in again.
Where several files have a name, they come in the order of their paths, whichever was put in last.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from typing import Generic, TypeVar

from server.analysis.web.facts import Class, Function, WebFacts

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Table(Generic[KeyT, ValueT]):
    """By a name: the paths that have it, each with what it means there."""

    def __init__(self) -> None:
        self._entries: dict[KeyT, list[tuple[str, ValueT]]] = {}

    def put(self, name: KeyT, path: str, value: ValueT) -> None:
        entries = self._entries.setdefault(name, [])
        if not entries or entries[-1][0] <= path:
            entries.append((path, value))
        else:
            insort(entries, (path, value), key=_path)

    def drop(self, name: KeyT, path: str) -> None:
        left = [entry for entry in self._entries.get(name, ()) if entry[0] != path]
        if left:
            self._entries[name] = left
        else:
            self._entries.pop(name, None)

    def all(self, name: KeyT) -> list[tuple[str, ValueT]]:
        return self._entries.get(name, [])

    def first(self, name: KeyT) -> tuple[str, ValueT] | None:
        entries = self._entries.get(name)
        return entries[0] if entries else None


def _path(entry: tuple[str, object]) -> str:
    return entry[0]


class Names:
    """*owned*: (name, class or last part of the module); *packaged*: (name, a package above the module), of what is
    in no class, as *plain* and *named*; *classes*: by their names.
    """

    def __init__(self) -> None:
        self._files: dict[str, WebFacts] = {}
        self._here: dict[str, dict[str, list[Function]]] = {}
        self.owned: Table[tuple[str, str], Function] = Table()
        self.packaged: Table[tuple[str, str], Function] = Table()
        self.plain: Table[str, Function] = Table()
        self.named: Table[str, Function] = Table()
        """Of all functions, methods too."""
        self.classes: Table[str, Class] = Table()

    def follow(self, files: Mapping[str, WebFacts]) -> None:
        """Have the names of these files, and no others."""
        for path in [path for path, facts in self._files.items() if files.get(path) is not facts]:
            self._drop(path, self._files.pop(path))
        for path, facts in files.items():
            if path not in self._files:
                self._files[path] = facts
                self._put(path, facts)

    def here(self, path: str, qualified: str) -> list[Function]:
        """The functions of that name in one file."""
        known = self._here.get(path)
        if known is None:
            known = self._here[path] = defaultdict(list)
            for function in self._files[path].functions if path in self._files else ():
                known[function.qualified].append(function)
        return known.get(qualified, [])

    def _put(self, path: str, facts: WebFacts) -> None:
        for function in facts.functions:
            self.named.put(function.name, path, function)
            self.owned.put((function.name, _owner(function, facts)), path, function)
            if "." not in function.qualified:
                self.plain.put(function.name, path, function)
                for package in _packages(facts):
                    self.packaged.put((function.name, package), path, function)
        for cls in facts.classes:
            self.classes.put(cls.name, path, cls)

    def _drop(self, path: str, facts: WebFacts) -> None:
        self._here.pop(path, None)
        for owned in {(function.name, _owner(function, facts)) for function in facts.functions}:
            self.owned.drop(owned, path)
        for name in {function.name for function in facts.functions}:
            self.named.drop(name, path)
            self.plain.drop(name, path)
            for package in _packages(facts):
                self.packaged.drop((name, package), path)
        for cls in facts.classes:
            self.classes.drop(cls.name, path)


def _owner(function: Function, facts: WebFacts) -> str:
    return function.qualified.rpartition(".")[0] or facts.module.rpartition(".")[2]


def _packages(facts: WebFacts) -> Iterator[str]:
    yield from facts.module.split(".")[:-1]
