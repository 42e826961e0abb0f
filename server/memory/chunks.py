"""Cut a file into what is remembered apart: functions and classes, sections of prose, else some lines. Pure.

A chunk is at most a screen or two; what is longer goes on in another one of the same name.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from server.analysis.admission import Depth, admit
from server.analysis.language import Language
from server.analysis.source import Source
from server.analysis.symbols import Symbol, symbols_of

MAX_LINES = 120
MAX_CHARACTERS = 4_000
"""Of one chunk; Postgres keeps at most 16 KiB of UTF-8."""

LINES_WITHOUT_NAMES = 60
"""Of a chunk where nothing tells what belongs together."""

LEAST_LETTERS = 12
"""Below, there is nothing to find: a closing bracket, an empty class."""

MAX_CHUNKS = 2_000
"""Of one file."""

CODE, PROSE = "code", "prose"

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(?P<title>\S.*?)[ \t]*#*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_LETTER = re.compile(r"\w")


class Chunk(NamedTuple):
    """*symbol*: with what is around it; of prose its heading. *around*: the symbol that holds it, "" for none."""

    kind: str
    symbol: str
    start_line: int
    end_line: int
    text: str
    around: str = ""


def chunks_of(path: str, text: str) -> list[Chunk]:
    """In the order of the text. Nothing of what nobody wrote by hand."""
    source = Source.of(path, text)
    if admit(source).depth is not Depth.FULL and source.language not in (Language.PROSE, Language.OTHER):
        return []
    pieces: list[Chunk] = []
    for piece in _pieces(source):
        if sum(1 for _ in zip(_LETTER.finditer(piece.text), range(LEAST_LETTERS), strict=False)) == LEAST_LETTERS:
            pieces.append(piece)
        if len(pieces) == MAX_CHUNKS:
            break
    return pieces


def _pieces(source: Source) -> Iterator[Chunk]:
    if source.language is Language.PROSE:
        yield from _sections(source)
        return
    symbols = symbols_of(source).defined
    if symbols:
        yield from _by_symbol(source, symbols)
    else:
        yield from _cut(source, CODE, "", 1, len(source.lines), "", LINES_WITHOUT_NAMES)


def _by_symbol(source: Source, symbols: tuple[Symbol, ...]) -> Iterator[Chunk]:
    """Each line belongs to one chunk: the innermost of the symbols that are large enough to stand alone.

    A function within a function stays in it: what it does is a part of what the outer one does.
    """
    owners: list[Symbol | None] = [None] * (len(source.lines) + 1)
    alone: list[tuple[Symbol, Symbol | None]] = []
    for symbol in symbols:  # the outer ones first
        around = owners[symbol.first_line] if symbol.first_line < len(owners) else None
        if around is not None and around.kind == "function":
            continue
        alone.append((symbol, around))
        for line in range(symbol.first_line, min(symbol.last_line, len(source.lines)) + 1):
            owners[line] = symbol
    outer = {symbol: around.name if around is not None else "" for symbol, around in alone}
    first = 1
    for line in range(2, len(owners) + 1):
        owner = owners[first]
        if line == len(owners) or owners[line] is not owner:
            name, held_by = (owner.name, outer[owner]) if owner is not None else ("", "")
            yield from _cut(source, CODE, name, first, line - 1, held_by, MAX_LINES)
            first = line


def _sections(source: Source) -> Iterator[Chunk]:
    """By headings, each named with those above it; a `#` in a fenced block is none."""
    first, titles, fence = 1, [(0, "")], ""
    for number, line in enumerate(source.lines, 1):
        fenced = _FENCE.match(line)
        if fenced and fence in ("", fenced[1]):
            fence = "" if fence else fenced[1]
        heading = _HEADING.match(line) if not fence else None
        if heading is None:
            continue
        if number > first:
            yield from _cut(source, PROSE, _path_of(titles), first, number - 1, "", LINES_WITHOUT_NAMES)
        level = len(line.lstrip()) - len(line.lstrip().lstrip("#"))
        titles = [title for title in titles if title[0] < level] + [(level, heading["title"][:120])]
        first = number
    yield from _cut(source, PROSE, _path_of(titles), first, len(source.lines), "", LINES_WITHOUT_NAMES)


def _path_of(titles: list[tuple[int, str]]) -> str:
    return " / ".join(title for _, title in titles if title)


def _cut(source: Source, kind: str, symbol: str, first: int, last: int, around: str, most: int) -> Iterator[Chunk]:
    """In pieces of so many lines and characters; a line too long for one is cut off."""
    start, size = first, 0
    for line in range(first, last + 1):
        length = min(len(source.line(line)), MAX_CHARACTERS) + 1
        if line > start and (line - start >= most or size + length > MAX_CHARACTERS):
            yield _chunk(source, kind, symbol, start, line - 1, around)
            start, size = line, 0
        size += length
    if start <= last:
        yield _chunk(source, kind, symbol, start, last, around)


def _chunk(source: Source, kind: str, symbol: str, first: int, last: int, around: str) -> Chunk:
    """Without the empty lines at its ends."""
    while first < last and not source.line(first).strip():
        first += 1
    while last > first and not source.line(last).strip():
        last -= 1
    text = "\n".join(source.line(line)[:MAX_CHARACTERS] for line in range(first, last + 1))
    return Chunk(kind, symbol, first, last, text.replace("\0", ""), around)
