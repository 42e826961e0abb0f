"""The findings of one open document, kept at the right place while it is edited.

Pure. A finding that an edit touches is let go; every other one moves along (`moving.py`). What a review of an older
version found is moved through all edits since, so what is shown always belongs to the version it is shown for.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from lsp.moving import Moves, Step, all_moved, as_steps
from server.reviews.finding import Edit, Finding, FindingStatus


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

    def edited(self, edits: Sequence[Edit]) -> None:
        every = (self._alone, self._together, self._by_model)
        steps = as_steps(edits, sum(len(reviewed.findings) for reviewed in every))
        for reviewed in every:
            reviewed.edited(steps)

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
        self._moves = Moves()
        self._decisions: dict[str, FindingStatus] = {}

    def submitted(self) -> None:
        self._moves = Moves()
        self._decisions.clear()

    def edited(self, steps: Sequence[Step]) -> None:
        self._moves.add(steps)
        self.findings = all_moved(self.findings, steps)

    def answered(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        for fingerprint, status in self._decisions.items():
            self._decide({fingerprint}, status)
        self.findings = self._moves.moved(self.findings)

    def decided(self, fingerprints: Collection[str], status: FindingStatus) -> None:
        self._decisions |= dict.fromkeys(fingerprints, status)
        self._decide(fingerprints, status)

    def _decide(self, fingerprints: Collection[str], status: FindingStatus) -> None:
        self.findings = tuple(
            msgspec.structs.replace(f, status=status) if f.fingerprint in fingerprints else f for f in self.findings
        )
