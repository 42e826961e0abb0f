"""Where whole lines are after any number of edits: exact columns are `moving.py`'s. Pure.

An edit costs as much as there are places that were edited, a look a bisection.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

import msgspec

from lsp.convert import split_lines
from server.reviews.finding import Edit, Finding, Fix, Location

MAX_RUNS = 2_000
"""Beyond, all between the first and the last place that was edited counts as touched."""

ENDLESS = 1 << 60
"""Lines after the last edit: how many does not matter."""


class LineMoves:
    """The lines of now as runs: how many each has, and the first line of before that it was; 0: touched, or new."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._sizes, self._before = [ENDLESS], [1]
        self._kept: list[tuple[int, int, int]] | None = None
        for edit in edits:
            self.edited(edit)

    def edited(self, edit: Edit) -> None:
        first, last, new = edit.start_line, edit.end_line, len(split_lines(edit.text))
        if edit.start_column == edit.end_column == 1 and (not edit.text or edit.text.endswith("\n")):
            last, new = last - 1, new - 1  # whole lines: the one after them is as it was
        ends = [0, *accumulate(self._sizes)]
        left, right = bisect_left(ends, first) - 1, bisect_left(ends, last + 1) - 1
        above, cut = first - 1 - ends[left], last - ends[right]
        below = self._before[right] and self._before[right] + cut
        runs = [(above, self._before[left]), (new, 0), (self._sizes[right] - cut, below)]
        if left:  # it may be joined with what stands above
            left -= 1
            runs.insert(0, (self._sizes[left], self._before[left]))
        runs = _joined(runs)
        self._sizes[left : right + 1] = [size for size, _ in runs]
        self._before[left : right + 1] = [before for _, before in runs]
        if len(self._sizes) > MAX_RUNS:
            self._sizes[1:-1], self._before[1:-1] = [sum(self._sizes[1:-1])], [0]
        self._kept = None

    def moved(self, finding: Finding) -> Finding | None:
        """Where *finding* is now; None when one of its lines was touched."""
        by = self._by(finding.start_line, finding.end_line)
        if by is None:
            return None
        return msgspec.structs.replace(
            finding,
            start_line=finding.start_line + by,
            end_line=finding.end_line + by,
            fix=finding.fix and self._moved_fix(finding.fix),
            related=tuple(self._moved_location(one) if one.path == finding.path else one for one in finding.related),
        )

    def _moved_fix(self, fix: Fix) -> Fix | None:
        edits = []
        for part in fix.edits:
            by = self._by(part.start_line, part.end_line)
            if by is None:
                return None
            edits.append(msgspec.structs.replace(part, start_line=part.start_line + by, end_line=part.end_line + by))
        return msgspec.structs.replace(fix, edits=tuple(edits))

    def _moved_location(self, place: Location) -> Location:
        """Only an explanation: one that was touched stays where it was."""
        by = self._by(place.start_line, place.end_line) or 0
        return msgspec.structs.replace(place, start_line=place.start_line + by, end_line=place.end_line + by)

    def _by(self, first: int, last: int) -> int | None:
        """How far these lines of before have moved, all alike; None when one of them was touched."""
        if self._kept is None:
            self._kept = list(_kept(zip(self._sizes, self._before, strict=True)))
        place = bisect_right(self._kept, (first, ENDLESS, 0)) - 1
        if place < 0:
            return None
        begin, end, by = self._kept[place]
        return by if begin <= first and last < end else None


def _joined(runs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without empty ones, and those that were touched as one where they meet."""
    joined: list[tuple[int, int]] = []
    for size, before in runs:
        if size and joined and not before and not joined[-1][1]:
            joined[-1] = (joined[-1][0] + size, 0)
        elif size:
            joined.append((size, before))
    return joined


def _kept(runs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Of lines of before: from, up to, and by how much they moved."""
    line = 1
    for size, before in runs:
        if before:
            yield before, before + size, line - before
        line += size
