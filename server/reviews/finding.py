"""What a reviewer saw, and its identity.

Pure values. Lines and columns are 1-based; lines are inclusive, `end_column` is exclusive; columns count Unicode
code points. `lsp/convert.py` alone knows what LSP makes of them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How bad, by exploitability and harm; ordered by `rank`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class FindingStatus(StrEnum):
    """Shared by every place in which the finding is met."""

    OPEN = "open"
    DISMISSED = "dismissed"
    FIXED = "fixed"


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Replace [start, end) with *text*. An insertion has start == end."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    text: str


class Fix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exact edits within the finding's file, not overlapping, in order. *safe*: meaning is kept."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Location(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another place that explains a finding: a source of tainted data, an earlier definition."""

    path: str
    start_line: int
    end_line: int
    message: str


MODEL_RULES = "model."
"""What the rules of findings begin with that a model made."""


class Opinion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model says of a finding that a rule made."""

    is_confirmed: bool
    why: str


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One problem at one place.

    *rule* is stable (`hive.hardcoded-secret`, `ruff.S608`, `model.cwe-639`); *cwe* is its number, where one applies,
    *also* are other numbers under which people know the same weakness. *is_flow*: *related* are the steps of a value,
    its source first. *is_reopened*: a person took its dismissal back, at least once.
    """

    fingerprint: str
    rule: str
    severity: Severity
    confidence: Confidence
    path: str
    start_line: int
    end_line: int
    start_column: int
    end_column: int
    message: str
    why: str
    evidence: str
    cwe: int | None = None
    fix: Fix | None = None
    related: tuple[Location, ...] = ()
    status: FindingStatus = FindingStatus.OPEN
    also: tuple[int, ...] = ()
    is_flow: bool = False
    opinion: Opinion | None = None
    is_reopened: bool = False

    @property
    def is_from_model(self) -> bool:
        return self.rule.startswith(MODEL_RULES)


def fingerprint(rule: str, path: str, evidence: str, occurrence: int) -> str:
    """Identity of a finding: 32 hex digits that survive moved lines, re-indentation and rebases.

    *evidence* is the flagged source text; white space is folded. *occurrence* (first is 0) tells apart findings of one
    rule on the same text in one file, counted from the top of the whole file - never of a diff - so that an editor and
    a pull request agree.
    """
    folded = " ".join(evidence.split())
    material = "\x1f".join((rule, path, folded, str(occurrence)))
    return hashlib.sha256(material.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits. Raises ValueError when one lies outside the text or two overlap."""
    starts = _line_starts(text)
    spans = sorted(
        (_offset(starts, text, e.start_line, e.start_column), _offset(starts, text, e.end_line, e.end_column), e.text)
        for e in edits
    )
    out: list[str] = []
    at = 0
    for start, end, replacement in spans:
        if start < at or end < start:
            raise ValueError("edits overlap")
        out += (text[at:start], replacement)
        at = end
    out.append(text[at:])
    return "".join(out)


def _line_starts(text: str) -> list[int]:
    starts = [0]
    starts.extend(i + 1 for i, c in enumerate(text) if c == "\n")
    return starts


def _offset(starts: Sequence[int], text: str, line: int, column: int) -> int:
    if not 1 <= line <= len(starts):
        raise ValueError(f"line {line} is outside the text")
    start = starts[line - 1]
    end = starts[line] - 1 if line < len(starts) else len(text)
    if not 1 <= column <= end - start + 1:
        raise ValueError(f"column {column} is outside line {line}")
    return start + column - 1
