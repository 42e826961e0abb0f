"""Where findings are after edits. Pure.

A finding that an edit touches is let go; every other one moves along, by columns too. Where that were too much work for
one moment, because somebody replaced a word in a thousand places, whole lines are looked at instead: then a finding
goes with every line of it that was touched.
"""

from collections.abc import Iterable, Sequence

import msgspec

from lsp.convert import Point, split_lines
from lsp.line_moves import LineMoves
from server.reviews.finding import Edit, Finding, Fix, Location

MAX_EXACT_MOVES = 1_000
"""Findings times edits: some milliseconds of the loop that all editors share."""

MAX_EXACT_EDITS = 100
"""Kept as they were made, since a text was sent."""

MAX_TYPED_CHARACTERS = 1_000
"""In one go, kept as one edit."""


Step = Edit | LineMoves


class Moves:
    """What happened to a text since some moment, in order, and what that does to findings of then."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._edits = 0

    def add(self, steps: Iterable[Step]) -> None:
        for step in steps:
            before = self._steps[-1] if self._steps else None
            if isinstance(before, Edit) and isinstance(step, Edit) and (typed := _typed_on(before, step)) is not None:
                self._steps[-1] = typed
            else:
                self._steps.append(step)
                self._edits += isinstance(step, Edit)
        if self._edits > MAX_EXACT_EDITS:
            self._steps, self._edits = _by_lines(self._steps), 0

    def moved(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        exact = self._edits * len(findings) <= MAX_EXACT_MOVES
        return all_moved(findings, self._steps if exact else _by_lines(self._steps))


def as_steps(edits: Sequence[Edit], findings: int) -> Sequence[Step]:
    """For so many findings: exact where that is little work."""
    return edits if len(edits) * findings <= MAX_EXACT_MOVES or len(edits) == 1 else _by_lines(edits)


def all_moved(findings: tuple[Finding, ...], steps: Iterable[Step]) -> tuple[Finding, ...]:
    for step in steps:
        places = map(step.moved, findings) if isinstance(step, LineMoves) else (moved(one, step) for one in findings)
        findings = tuple(place for place in places if place is not None)
    return findings


def _by_lines(steps: Iterable[Step]) -> list[Step]:
    """Edits that follow each other as one."""
    packed: list[Step] = []
    edits: list[Edit] = []
    for step in (*steps, None):
        if isinstance(step, Edit):
            edits.append(step)
            continue
        packed += [LineMoves(edits)] if edits else []
        packed += [step] if step is not None else []
        edits = []
    return packed


def moved(finding: Finding, edit: Edit) -> Finding | None:
    """Where *finding* is after *edit*; None when the edit went into it. A fix whose place was touched is gone."""
    if _is_untouched(finding, edit):
        return finding
    span = _moved_span(_start(finding), _end(finding), edit)
    if span is None:
        return None
    (start_line, start_column), (end_line, end_column) = span
    return msgspec.structs.replace(
        finding,
        start_line=start_line,
        start_column=start_column,
        end_line=end_line,
        end_column=end_column,
        fix=finding.fix and moved_fix(finding.fix, edit),
        related=tuple(
            _moved_location(place, edit) if place.path == finding.path else place for place in finding.related
        ),
    )


def moved_fix(fix: Fix, edit: Edit) -> Fix | None:
    """Where *fix* is to be made after *edit*; None when the edit went into one of its places."""
    edits = []
    for part in fix.edits:
        span = _moved_span(_start(part), _end(part), edit)
        if span is None:
            return None
        edits.append(Edit(*span[0], *span[1], part.text))
    return msgspec.structs.replace(fix, edits=tuple(edits))


def _is_untouched(finding: Finding, edit: Edit) -> bool:
    """Most of what is typed stays in one line, and most findings are of other lines: nothing of them is made anew."""
    adds_lines = edit.end_line - edit.start_line != edit.text.count("\n") or "\r" in edit.text
    parts: tuple[Finding | Edit, ...] = (finding, *(finding.fix.edits if finding.fix is not None else ()))
    if any(part.end_line >= edit.start_line and (adds_lines or part.start_line <= edit.end_line) for part in parts):
        return False
    return not adds_lines or not finding.related


def _typed_on(before: Edit, edit: Edit) -> Edit | None:
    """Both as one, where *edit* goes on typing at the end of what *before* wrote."""
    start = _start(edit)
    if start != _end(edit) or len(before.text) > MAX_TYPED_CHARACTERS or start != _end_after(before):
        return None
    return msgspec.structs.replace(before, text=before.text + edit.text)


def _moved_location(place: Location, edit: Edit) -> Location:
    """Only an explanation: good to the line will do."""
    if place.start_line <= edit.end_line:
        return place
    by = _end_after(edit).line - edit.end_line
    return msgspec.structs.replace(place, start_line=place.start_line + by, end_line=place.end_line + by)


def _moved_span(start: Point, end: Point, edit: Edit) -> tuple[Point, Point] | None:
    if end <= _start(edit):
        return start, end
    if start >= _end(edit):
        return _moved_point(start, edit), _moved_point(end, edit)
    return None


def _moved_point(point: Point, edit: Edit) -> Point:
    """Of a point at or after the edit's end."""
    after = _end_after(edit)
    column = point.column - edit.end_column + after.column if point.line == edit.end_line else point.column
    return Point(point.line - edit.end_line + after.line, column)


def _end_after(edit: Edit) -> Point:
    """Where the new text ends."""
    lines = split_lines(edit.text)
    column = len(lines[-1]) + (edit.start_column if len(lines) == 1 else 1)
    return Point(edit.start_line + len(lines) - 1, column)


def _start(of: Finding | Edit) -> Point:
    return Point(of.start_line, of.start_column)


def _end(of: Finding | Edit) -> Point:
    return Point(of.end_line, of.end_column)
