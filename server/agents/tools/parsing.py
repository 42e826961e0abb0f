"""What a file is made of, by the same parsers that the deterministic reviewer has: definitions, calls, other uses.

By name alone: which of two functions of a name a call means, is not said.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from server.analysis.admission import Depth, admit
from server.analysis.flow.analysis import lower
from server.analysis.flow.program import (
    Assign,
    Attr,
    Call,
    Class,
    Function,
    Import,
    Module,
    Name,
)
from server.analysis.parsed import CannotParse
from server.analysis.review import READERS
from server.analysis.source import Source

MAX_OCCURRENCES = 200_000
"""Of one file."""


class Kind(StrEnum):
    DEFINITION = "definition"
    CALL = "call"
    IMPORT = "import"
    USE = "use"


class Occurrence(NamedTuple):
    """*within*: the function or class around, dotted; the module at its top. *end_line*: of a definition."""

    name: str
    line: int
    kind: Kind
    within: str
    end_line: int = 0


class Symbol(NamedTuple):
    """*depth*: 0 at the top of the file."""

    name: str
    start_line: int
    end_line: int
    depth: int


class Parsed:
    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def module(self) -> Module | None:
        """None of what no parser reads that knows names, or cannot be read by it."""
        reader = READERS.get(self.source.language)
        if reader is None or admit(self.source).depth is not Depth.FULL:
            return None
        try:
            return lower(reader.parser.parse(self.source))
        except (CannotParse, RecursionError):
            return None

    @cached_property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """In the order of the lines. () where nothing could be parsed."""
        if self.module is None:
            return ()
        found = []
        for occurrence in _walk(self.module):
            found.append(occurrence)
            if len(found) == MAX_OCCURRENCES:
                break
        return tuple(sorted(dict.fromkeys(found), key=lambda one: one.line))

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """Functions and classes, and what the top of the file assigns."""
        if self.module is None:
            return ()
        found = [*_definitions(self.module.body, 0), *_variables(self.module)]
        return tuple(sorted(dict.fromkeys(found), key=lambda symbol: (symbol.start_line, symbol.depth)))


def _walk(module: Module) -> Iterator[Occurrence]:
    """No recursion: hostile code nests deeply."""
    waiting: list[tuple[Any, str]] = [(module.body, module.name)]
    while waiting:
        node, within = waiting.pop()
        if isinstance(node, (list, tuple)):
            waiting.extend((item, within) for item in node)
        elif isinstance(node, (Function, Class)):
            if node.name.isidentifier():
                yield Occurrence(node.name, node.line, Kind.DEFINITION, within, node.end_line)
            waiting.extend((part, node.qualified) for part in _parts(node))
        elif isinstance(node, Import):
            for name, target in node.bindings:
                for one in {name, target.rpartition(".")[2]}:
                    yield Occurrence(one, node.line, Kind.IMPORT, within)
        elif isinstance(node, Call):
            called = node.callee
            if isinstance(called, Name):
                yield Occurrence(called.id, called.line, Kind.CALL, within)
            elif isinstance(called, Attr):
                yield Occurrence(called.name, called.line, Kind.CALL, within)
                waiting.append((called.base, within))
            else:
                waiting.append((called, within))
            waiting.extend(((node.args, within), (node.keywords, within)))
        elif isinstance(node, Name):
            yield Occurrence(node.id, node.line, Kind.USE, within)
        else:
            if isinstance(node, Attr):
                yield Occurrence(node.name, node.line, Kind.USE, within)
            waiting.extend((part, within) for part in _parts(node))


def _parts(node: Any) -> Iterator[Any]:
    """What a node of a program is made of; nothing of plain values."""
    for name in getattr(node, "__slots__", ()):
        part = getattr(node, name)
        if isinstance(part, (list, tuple)) or hasattr(part, "__slots__"):
            yield part


def _definitions(body: Any, depth: int) -> Iterator[Symbol]:
    waiting: list[tuple[Any, int]] = [(body, depth)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, (list, tuple)):
            waiting.extend((item, depth) for item in node)
        elif isinstance(node, (Function, Class)):
            if node.name.isidentifier():
                yield Symbol(node.name, node.line, node.end_line, depth)
            waiting.extend((part, depth + 1) for part in _parts(node))
        else:
            waiting.extend((part, depth) for part in _parts(node))


def _variables(module: Module) -> Iterator[Symbol]:
    for statement in module.body:
        if isinstance(statement, Assign):
            for target in statement.targets:
                if isinstance(target, Name) and target.id.isidentifier():
                    yield Symbol(target.id, statement.line, statement.span.end_line, 0)
