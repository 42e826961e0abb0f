"""Any file as plain text: what every language has in common."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar, Self

from server.analysis.source import Source, Span


@dataclass(frozen=True)
class TextFile:
    source: Source

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        return cls(source)

    def nodes(self, kind: Any) -> "Sequence[TextFile]":
        """A check on `TextFile` gets the whole file."""
        return (self,) if kind is TextFile else ()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.source.lines)]

    def line_of(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def span(self, start: int, end: int) -> Span:
        """From 0-based character offsets."""
        first, last = self.line_of(start), self.line_of(end)
        return Span(first, start - self._starts[first - 1] + 1, last, end - self._starts[last - 1] + 1)
