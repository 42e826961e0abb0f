"""The checks of one Python file, statement by statement of the module: of those that stay, what was seen is told again.

A check may look wherever it likes. What it looks at is watched: as long as that lies within the statement, or in the
imports, its answer holds while both stay as they are. Whatever looks further is asked again at each edit.
"""

import ast
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator
from typing import Any, NamedTuple, cast

from server.analysis.budget import Budget, OutOfTime
from server.analysis.parsed import Called
from server.analysis.python.file import PythonFile, first_line, last_line
from server.analysis.rule import Check, Failure, Problem
from server.analysis.source import Source, Span


class Seen(NamedTuple):
    """Of one statement: what holds while it stays, and what was asked that looks further."""

    problems: list[Problem]
    further: list[tuple[Check[PythonFile], ast.AST]]


class Piecewise:
    """Of some checks, sorted by what they look at."""

    def __init__(self, checks: Iterable[Check[PythonFile]]) -> None:
        self._by_type: dict[type[ast.AST], list[Check[PythonFile]]] = defaultdict(list)
        self._by_name: dict[str, list[Check[PythonFile]]] = defaultdict(list)
        for check in checks:
            for kind in check.on:
                if isinstance(kind, Called):
                    self._by_name[kind.name].append(check)
                else:
                    self._by_type[kind].append(check)

    def look(self, file: PythonFile, budget: Budget) -> Iterator[Problem | Failure]:
        """Also keeps what it saw, in `file.seen`."""
        watched = _Watched(file)
        file.tree.watched_by = watched
        try:
            failed = yield from self._look(file, watched, budget)
        finally:
            file.tree.watched_by = None
            watched.end()
        if failed:
            file.seen.clear()

    def _look(
        self, file: PythonFile, watched: "_Watched", budget: Budget
    ) -> Generator[Problem | Failure, None, set[int]]:
        """Gives the checks that failed."""
        failed: set[int] = set()
        for statement, piece in file.pieces.items():
            seen: Seen | None = file.seen.get(statement)
            if seen is not None and not seen.further:
                yield from seen.problems
                continue
            budget.spend()
            watched.begin(statement)
            if seen is not None:
                yield from seen.problems
                yield from _asked(seen.further, watched, Seen([], []), failed)
            else:
                seen = Seen([], [])
                yield from _asked(self._of_piece(piece.by_type, file), watched, seen, failed)
                file.seen[statement] = seen
        module = ((check, file.tree) for check in self._by_type.get(ast.Module, ()))
        yield from _asked(module, watched, Seen([], []), failed)
        return failed

    def _of_piece(
        self, by_type: dict[type[ast.AST], list[ast.AST]], file: PythonFile
    ) -> Iterator[tuple[Check[PythonFile], ast.AST]]:
        for kind, nodes in by_type.items():
            for check in self._by_type.get(kind, ()):
                for node in nodes:
                    yield check, node
        for node in by_type.get(ast.Call, ()):
            for check in self._by_name.get(file.last_name(cast(ast.Call, node).func), ()):
                yield check, node


def _asked(
    asked: Iterable[tuple[Check[PythonFile], ast.AST]], watched: "_Watched", seen: Seen, failed: set[int]
) -> Iterator[Problem | Failure]:
    file = cast(PythonFile, watched)
    for check, node in asked:
        if id(check) in failed:
            continue
        watched.is_further = False
        try:
            hits = list(check.find(node, file))
        except OutOfTime:
            raise
        except Exception as error:
            failed.add(id(check))
            yield Failure(check.rule, error)
            continue
        found = [Problem(check.rule, hit) for hit in hits] if hits else []
        yield from found
        if watched.is_further:
            seen.further.append((check, node))
        elif found:
            seen.problems.extend(found)


class _Watched:
    """A file, as checks see it. What is not named here looks further than the statement."""

    def __init__(self, file: PythonFile) -> None:
        self.is_further = False
        self._file = file
        self.imports, self.parents = file.imports, file.parents
        self.span, self.head_span, self.text = file.span, file.head_span, file.text
        self.dotted, self.is_imported = file.dotted, file.is_imported
        self.ancestors, self.function_of, self.scope_of = file.ancestors, file.function_of, file.scope_of
        self.uses, self.nodes_within, self.places_in = file.uses, file.nodes_within, file.places_in
        self.source = _WatchedSource(file.source, self)

    def begin(self, statement: ast.stmt) -> None:
        self.source.first, self.source.last = first_line(statement), last_line(statement)

    def end(self) -> None:
        """Leave no circle behind: the file would stay until somebody looks for garbage."""
        del self.source

    def __getattr__(self, name: str) -> Any:
        self.is_further = True
        return getattr(self._file, name)


class _WatchedSource:
    """Its text, of which the lines of the statement are near."""

    def __init__(self, source: Source, watched: _Watched) -> None:
        self.path, self.language, self.is_test = source.path, source.language, source.is_test
        self.first = self.last = 0
        self._source = source
        self._watched = watched

    def line(self, number: int) -> str:
        self._look_at(number, number)
        return self._source.line(number)

    def line_span(self, line: int) -> Span:
        self._look_at(line, line)
        return self._source.line_span(line)

    def extract(self, span: Span) -> str:
        self._look_at(span.start_line, span.end_line)
        return self._source.extract(span)

    def _look_at(self, first: int, last: int) -> None:
        if first < self.first or last > self.last:
            self._watched.is_further = True

    def __getattr__(self, name: str) -> Any:
        self._watched.is_further = True
        return getattr(self._source, name)
