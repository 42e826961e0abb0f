"""A snapshot as a reader goes through it: lines with their numbers, what is defined where, who uses it. Pure.

Only looks things up; what of it a model is shown `assembly.py` and the tools decide.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from server.agents.showing import shown_lines
from server.analysis.source import Source
from server.analysis.symbols import FUNCTION, Symbol, Symbols, symbols_of
from server.reviews.snapshot import LineRange, Snapshot, SourceFile

MAX_NAMESAKES = 3
"""A name that is defined more often says nothing about which of them is meant."""


class Use(NamedTuple):
    path: str
    line: int


class Code:
    """All files whose text came with the snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.files = {file.path: file for file in (*snapshot.context, *snapshot.files)}
        self._sources: dict[str, Source] = {}
        self._symbols: dict[str, Symbols] = {}

    def source(self, path: str) -> Source:
        """Raises KeyError."""
        if path not in self._sources:
            self._sources[path] = Source.of(path, self.files[path].text)
        return self._sources[path]

    def symbols(self, path: str) -> Symbols:
        if path not in self._symbols:
            self._symbols[path] = symbols_of(self.source(path))
        return self._symbols[path]

    def shown(self, path: str) -> Sequence[str]:
        """Its lines as a model may see them."""
        return shown_lines(self.files[path].text)

    def last_line(self, path: str) -> int:
        return len(self.shown(path))

    def numbered(self, path: str, first: int, last: int) -> str:
        """Lines as a model may see them, with their numbers."""
        lines = self.shown(path)[first - 1 : last]
        return "\n".join(f"{number:>5}   {line}" for number, line in enumerate(lines, first))

    @cached_property
    def _defined(self) -> dict[str, list[Symbol]]:
        defined: dict[str, list[Symbol]] = defaultdict(list)
        for path in self.files:
            for symbol in self.symbols(path).defined:
                defined[symbol.last_name].append(symbol)
        return defined

    @cached_property
    def _uses(self) -> dict[str, list[Use]]:
        uses: dict[str, list[Use]] = defaultdict(list)
        for path in self.files:
            for name, lines in self.symbols(path).uses.items():
                if name in self._defined:
                    uses[name] += (Use(path, line) for line in lines)
        return uses

    def definitions(self, name: str) -> Sequence[Symbol]:
        return self._defined.get(name, ())

    def uses(self, name: str) -> Sequence[Use]:
        """Of a name that is defined here: where it stands, its definitions too."""
        return self._uses.get(name, ())

    def touched(self, file: SourceFile) -> list[Symbol]:
        """The functions and classes in which lines of the change lie, the innermost of each line."""
        ranges = file.changed if file.changed is not None else ()
        symbols = self.symbols(file.path)
        around = {symbols.around(line) for lines in ranges for line in range(lines.start, lines.end + 1)}
        return sorted((symbol for symbol in around if symbol), key=lambda symbol: symbol.first_line)

    def called_from(self, file: SourceFile, ranges: Sequence[LineRange]) -> Iterator[Symbol]:
        """What is defined elsewhere and named on these lines."""
        for name, lines in sorted(self.symbols(file.path).uses.items()):
            defined = self.definitions(name)
            if 0 < len(defined) <= MAX_NAMESAKES and any(_is_in(line, ranges) for line in lines):
                yield from (s for s in defined if s.path != file.path or not _is_in(s.first_line, ranges))

    def callers_of(self, symbol: Symbol) -> Iterator[Symbol]:
        """The functions in which its name stands, itself left out."""
        if len(self.definitions(symbol.last_name)) > MAX_NAMESAKES:
            return
        seen = {symbol}
        for use in self.uses(symbol.last_name):
            around = self.symbols(use.path).around(use.line)
            if around is not None and around.kind == FUNCTION and around not in seen:
                seen.add(around)
                yield around


def _is_in(line: int, ranges: Sequence[LineRange]) -> bool:
    return any(lines.start <= line <= lines.end for lines in ranges)
