"""A changed file as a model is shown it: each hunk with the head's line numbers, so that it can cite them. Pure."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from server.agents.showing import shown_lines
from server.reviews.snapshot import LineRange, SourceFile

CONTEXT_LINES = 3
MAX_COMPARED_LINES = 6_000
"""Of a longer file only its head's lines are shown: comparing takes more than linear time."""

MAX_HUNK_LINES = 200
"""A longer one is shown in pieces, so that a part of it may be left out."""


class Hunk(NamedTuple):
    """*lines*: of the head. *text* has a line for each: its number, a sign (`+`, `-` or none), what stands there."""

    path: str
    lines: LineRange
    text: str


def hunks_of(file: SourceFile, within: Sequence[LineRange] | None = None) -> Iterator[Hunk]:
    """The change of one file; all of it where the whole file counts. *within*: only what lies in these lines of it."""
    for shown in _groups(file):
        for run in [shown] if within is None else _runs(shown, within):
            yield from _pieces(file.path, run)


Shown = list[tuple[int, str]]
"""Lines as they are shown, each with its number; what was removed has the number of the line before it."""


def _groups(file: SourceFile) -> Iterator[Shown]:
    head = shown_lines(file.text)
    if file.base is not None and file.changed is not None:
        base = shown_lines(file.base)
        if max(len(head), len(base)) <= MAX_COMPARED_LINES:
            yield from _compared(base, head)
            return
    yield from _without_base(file, head)


def _runs(shown: Shown, within: Sequence[LineRange]) -> Iterator[Shown]:
    """One for each of the ranges that holds some of it."""
    for lines in within:
        if run := [(number, text) for number, text in shown if lines.start <= max(1, number) <= lines.end]:
            yield run


def _compared(base: Sequence[str], head: Sequence[str]) -> Iterator[Shown]:
    for group in SequenceMatcher(None, base, head).get_grouped_opcodes(CONTEXT_LINES):
        shown: Shown = []
        for operation, old_start, old_end, start, end in group:
            if operation in ("replace", "delete"):
                shown += ((start, _removed(line)) for line in base[old_start:old_end])
            sign = " " if operation == "equal" else "+"
            shown += ((number, _shown(number, sign, head)) for number in range(start + 1, end + 1))
        yield shown


def _without_base(file: SourceFile, head: Sequence[str]) -> Iterator[Shown]:
    if file.changed is None:
        yield [(number, _shown(number, " ", head)) for number in range(1, len(head) + 1)]
        return
    added = {number for lines in file.changed for number in range(lines.start, lines.end + 1)}
    for lines in _with_context(file.changed, len(head)):
        numbers = range(lines.start, lines.end + 1)
        yield [(n, _shown(n, "+" if n in added else " ", head)) for n in numbers]


def _with_context(ranges: tuple[LineRange, ...], last: int) -> list[LineRange]:
    merged: list[LineRange] = []
    for lines in ranges:
        start, end = max(1, lines.start - CONTEXT_LINES), min(last, lines.end + CONTEXT_LINES)
        if merged and start <= merged[-1].end + 1:
            merged[-1] = LineRange(merged[-1].start, max(end, merged[-1].end))
        elif start <= end:
            merged.append(LineRange(start, end))
    return merged


def _pieces(path: str, shown: Shown) -> Iterator[Hunk]:
    for first in range(0, len(shown), MAX_HUNK_LINES):
        piece = shown[first : first + MAX_HUNK_LINES]
        lines = LineRange(max(1, piece[0][0]), max(1, piece[-1][0]))
        yield Hunk(path, lines, "\n".join(text for _, text in piece))


def _shown(number: int, sign: str, head: Sequence[str]) -> str:
    return f"{number:>5} {sign} {head[number - 1]}"


def _removed(line: str) -> str:
    return f"      - {line}"
