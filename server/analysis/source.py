"""One file's text and its coordinates.

Parsers count columns in UTF-8 bytes from 0; the core counts Unicode code points from 1. `Source` converts, and is the
only place that does. It parses nothing: the `file.py` of each language does.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from server.analysis.language import Language, is_test_path, language_of

BYTE_ORDER_MARK = "\ufeff"


class Span(NamedTuple):
    """1-based; lines inclusive, *end_column* exclusive; columns are code points."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Source:
    """*text* has no byte order mark: parsers trip over it. *mark* says that there was one."""

    path: str
    text: str
    language: Language
    is_test: bool
    mark: bool = False
    _widths: dict[int, list[int]] = field(default_factory=dict, repr=False, compare=False)
    _absent: set[str] = field(default_factory=set, repr=False, compare=False)

    @classmethod
    def of(cls, path: str, text: str) -> "Source":
        body = text.removeprefix(BYTE_ORDER_MARK)
        return cls(path, body, language_of(path, body), is_test_path(path), mark=body is not text and body != text)

    def afresh(self) -> "Source":
        """The same without what was worked out from its text, which takes several times as much memory."""
        return replace(self, _widths={})

    @cached_property
    def lines(self) -> list[str]:
        """Without their line feeds; a carriage return stays, as it does in the columns of `apply_edits`."""
        return self.text.split("\n")

    @cached_property
    def longest_line(self) -> int:
        return max(map(len, self.lines))

    @cached_property
    def encoded(self) -> bytes:
        return self.text.encode("utf-8")

    def mentions(self, word: str) -> bool:
        """Whether a word, which goes over no line's end, stands anywhere in the text."""
        if word in self._absent:
            return False
        is_there = word in self.text
        if not is_there:
            self._absent.add(word)
        return is_there

    def edited_from(self, before: "Source") -> None:
        """What was not in the text before is in it now only where it was edited."""
        top, bottom = same_lines(before.lines, self.lines)
        edited = "\n".join(self.lines[top : len(self.lines) - bottom])
        self._absent.update(word for word in before._absent if word not in edited)

    def line(self, number: int) -> str:
        """The text of 1-based line *number*, or "" outside the file."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def column(self, line: int, byte_offset: int) -> int:
        """The 1-based code point column of a 0-based UTF-8 byte offset within 1-based *line*."""
        text = self.line(line)
        if text.isascii():
            return byte_offset + 1
        starts = self._widths.get(line)
        if starts is None:
            starts = self._widths[line] = _byte_starts(text)
        return bisect_left(starts, byte_offset) + 1

    def span(self, start_line: int, start_byte: int, end_line: int, end_byte: int) -> Span:
        """From 1-based lines and 0-based byte offsets."""
        return Span(start_line, self.column(start_line, start_byte), end_line, self.column(end_line, end_byte))

    def extract(self, span: Span) -> str:
        """The text that *span* covers."""
        if span.start_line == span.end_line:
            return self.line(span.start_line)[span.start_column - 1 : span.end_column - 1]
        first = self.line(span.start_line)[span.start_column - 1 :]
        middle = self.lines[span.start_line : span.end_line - 1]
        last = self.line(span.end_line)[: span.end_column - 1]
        return "\n".join((first, *middle, last))

    def line_span(self, line: int) -> Span:
        """The text of one line, without the white space around it."""
        text = self.line(line)
        stripped = text.strip()
        start = len(text) - len(text.lstrip()) if stripped else 0
        return Span(line, start + 1, line, start + len(stripped) + 1)


def same_lines(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many are the same at the top, and of the others at the bottom."""
    most = min(len(old), len(new))
    top = next((at for at in range(most) if old[at] != new[at]), most)
    bottom = next((at for at in range(most - top) if old[-1 - at] != new[-1 - at]), most - top)
    return top, bottom


def _byte_starts(text: str) -> list[int]:
    starts, at = [], 0
    for character in text:
        starts.append(at)
        at += len(character.encode("utf-8", "surrogatepass"))
    return starts
