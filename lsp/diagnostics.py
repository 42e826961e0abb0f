"""The findings of one open document, kept at the right place while it is edited.

Pure. A finding that an edit touches is let go; every other one moves along. What a review of an older version found is
moved through all edits since, so what is shown always belongs to the version it is shown for.
"""

from collections.abc import Collection, Iterable

import msgspec

from lsp.convert import Point, split_lines
from server.reviews.finding import Edit, Finding, FindingStatus, Fix, Location


class DocumentFindings:
    """Everything known about the document's current version.

    Two reviews speak of it: a quick one at every pause, of the document *alone*, and after a rest one of it *together*
    with the files around it. What only the second can know stays until the second says otherwise. What a model found
    when it was asked stays until its lines are edited, or until it is asked again.
    """

    def __init__(self) -> None:
        self._alone, self._together, self._by_model = _Reviewed(), _Reviewed(), _Reviewed()
        self._alone_then: frozenset[str] = frozenset()
        self._seen_by_both: frozenset[str] = frozenset()
        self._refuted: frozenset[str] = frozenset()

    @property
    def open(self) -> tuple[Finding, ...]:
        return tuple(f for f in self._all() if f.status is FindingStatus.OPEN)

    @property
    def dismissed(self) -> tuple[Finding, ...]:
        return tuple(f for f in self._all() if f.status is FindingStatus.DISMISSED)

    @property
    def by_model(self) -> tuple[Finding, ...]:
        return self._by_model.findings

    def get(self, fingerprint: str) -> Finding | None:
        return next((f for f in self._all() if f.fingerprint == fingerprint), None)

    def submitted(self) -> None:
        """The current version went to review; the next answer is about it."""
        self._alone.submitted()

    def submitted_together(self) -> None:
        """The current version, of which a review alone has answered, went to review with the files around it."""
        self._together.submitted()
        self._alone_then = frozenset(finding.fingerprint for finding in self._alone.findings)

    def submitted_to_model(self) -> None:
        """The current version went to a model."""
        self._by_model.submitted()

    def edited(self, edits: Iterable[Edit]) -> None:
        for edit in edits:
            self._alone.edited(edit)
            self._together.edited(edit)
            self._by_model.edited(edit)

    def answered(self, findings: Iterable[Finding]) -> None:
        """The review of the submitted version is here."""
        self._alone.answered(findings)

    def answered_together(self, findings: Iterable[Finding], *, is_whole: bool) -> bool:
        """The other review is here. True when that changes what is known. *is_whole*: all of the document was read."""
        before, found = self._all(), tuple(findings)
        marks = frozenset(finding.fingerprint for finding in found)
        self._seen_by_both = marks & self._alone_then
        self._refuted = self._alone_then - marks if is_whole else frozenset()
        self._together.answered(found)
        return self._all() != before

    def answered_by_model(self, findings: Iterable[Finding]) -> None:
        """What it found besides the rules."""
        self._by_model.answered(findings)

    def decided(self, fingerprints: Collection[str], status: FindingStatus) -> bool:
        """Somebody dismissed or reopened findings somewhere. True when ours are among them."""
        before = self._all()
        self._alone.decided(fingerprints, status)
        self._together.decided(fingerprints, status)
        self._by_model.decided(fingerprints, status)
        return self._all() != before

    def replace(self, findings: Iterable[Finding]) -> None:
        """These are of the current version, alone."""
        self._alone.findings = tuple(findings)

    def _all(self) -> tuple[Finding, ...]:
        alone = {finding.fingerprint: finding for finding in self._alone.findings}
        together = {finding.fingerprint: finding for finding in self._together.findings}
        kept = (together.get(mark, finding) for mark, finding in alone.items() if mark not in self._refuted)
        added = (f for mark, f in together.items() if mark not in alone and mark not in self._seen_by_both)
        by_model = (finding for finding in self._by_model.findings if finding.fingerprint not in alone)
        return (*kept, *added, *by_model)


class _Reviewed:
    """What one kind of review found, and what happened since its last text was sent."""

    def __init__(self) -> None:
        self.findings: tuple[Finding, ...] = ()
        self._edits: list[Edit] = []
        self._decisions: dict[str, FindingStatus] = {}

    def submitted(self) -> None:
        self._edits.clear()
        self._decisions.clear()

    def edited(self, edit: Edit) -> None:
        self._edits.append(edit)
        self.findings = _all_moved(self.findings, edit)

    def answered(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        for fingerprint, status in self._decisions.items():
            self._decide({fingerprint}, status)
        for edit in self._edits:
            self.findings = _all_moved(self.findings, edit)

    def decided(self, fingerprints: Collection[str], status: FindingStatus) -> None:
        self._decisions |= dict.fromkeys(fingerprints, status)
        self._decide(fingerprints, status)

    def _decide(self, fingerprints: Collection[str], status: FindingStatus) -> None:
        self.findings = tuple(
            msgspec.structs.replace(f, status=status) if f.fingerprint in fingerprints else f for f in self.findings
        )


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


def _is_untouched(finding: Finding, edit: Edit) -> bool:
    """Most of what is typed stays in one line, and most findings are of other lines: nothing of them is made anew."""
    adds_lines = edit.end_line - edit.start_line != edit.text.count("\n") or "\r" in edit.text
    parts: tuple[Finding | Edit, ...] = (finding, *(finding.fix.edits if finding.fix is not None else ()))
    if any(part.end_line >= edit.start_line and (adds_lines or part.start_line <= edit.end_line) for part in parts):
        return False
    return not adds_lines or not finding.related


def _all_moved(findings: tuple[Finding, ...], edit: Edit) -> tuple[Finding, ...]:
    return tuple(after for before in findings if (after := moved(before, edit)) is not None)


def moved_fix(fix: Fix, edit: Edit) -> Fix | None:
    """Where *fix* is to be made after *edit*; None when the edit went into one of its places."""
    edits = []
    for part in fix.edits:
        span = _moved_span(_start(part), _end(part), edit)
        if span is None:
            return None
        edits.append(Edit(*span[0], *span[1], part.text))
    return msgspec.structs.replace(fix, edits=tuple(edits))


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
