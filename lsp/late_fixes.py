"""Where a fix is to be made that was thought of while somebody went on typing. Pure."""

from collections.abc import Iterator, Sequence

import msgspec

from lsp.documents import difference, same_ends
from lsp.moving import moved_fix
from server.reviews.finding import Edit, Fix


def as_it_is_now(fix: Fix, then: Sequence[str], now: Sequence[str]) -> Fix | None:
    """*fix* of the lines of *then* in those of *now*; None where its code was edited, or stands there twice.

    Outside of what was edited lines are where they were. Within, a place is found again by its whole lines, if they
    stand there once, before and now, and still beside one of their neighbours.
    """
    if (moved := moved_fix(fix, difference(then, now))) is not None:
        return moved
    top, bottom = same_ends(then, now)
    found: list[Edit] = []
    for edit in sorted(fix.edits, key=_start):
        by = _moved_by(edit, then, now, top, bottom)
        if by is None:
            return None
        found.append(msgspec.structs.replace(edit, start_line=edit.start_line + by, end_line=edit.end_line + by))
        if len(found) > 1 and _start(found[-1]) < (found[-2].end_line, found[-2].end_column):
            return None  # what was in order is not any more
    return msgspec.structs.replace(fix, edits=tuple(found))


def _moved_by(edit: Edit, then: Sequence[str], now: Sequence[str], top: int, bottom: int) -> int | None:
    """How many lines its own are further down."""
    first, last = edit.start_line - 1, edit.end_line
    if last <= top:
        return 0
    if first >= len(then) - bottom:
        return len(now) - len(then)
    own, margin = then[first:last], last - first - 1
    before = _places(own, then, top - margin, len(then) - bottom + margin)
    after = _places(own, now, top - margin, len(now) - bottom + margin)
    if not len(before) == len(after) == 1:
        return None
    (at,) = after
    beside = set(_beside(then, first, last)).intersection(_beside(now, at, at + len(own)))
    return at - first if beside else None


def _places(own: Sequence[str], lines: Sequence[str], begin: int, end: int) -> list[int]:
    """At which of these lines they begin."""
    last = min(end, len(lines)) - len(own)
    return [at for at in range(max(begin, 0), last + 1) if lines[at] == own[0] and lines[at : at + len(own)] == own]


def _beside(lines: Sequence[str], first: int, last: int) -> Iterator[tuple[str, str]]:
    """The line above, and the one below."""
    if first > 0:
        yield "above", lines[first - 1]
    if last < len(lines):
        yield "below", lines[last]


def _start(edit: Edit) -> tuple[int, int]:
    return edit.start_line, edit.start_column
