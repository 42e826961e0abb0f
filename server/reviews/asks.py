"""What people ask of who thinks with a model, and what comes back: explanations, answers, fixes, rewritten lines,
descriptions, triage, completions.

Pure values. What is asked about is a Snapshot, hostile as ever; what comes back was checked against it.
"""

from typing import Annotated

import msgspec

from server.reviews.finding import Finding, Fix, Severity
from server.reviews.snapshot import LineRange, Memory, Snapshot

MAX_QUESTION_LENGTH = 4_000
MAX_FINDINGS_TO_FIX = 20

MAX_BEFORE_CURSOR = 16_000
MAX_AFTER_CURSOR = 8_000
"""Characters; more than a model is shown, so that a secret which begins further away is known as one."""
MAX_ALIKE = 4

QuestionText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_QUESTION_LENGTH)]


class Bill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What it cost, and which models were asked."""

    model: str = ""
    cost_microdollars: int = 0


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `ask`: a person's question about the code."""

    snapshot: Snapshot
    question: QuestionText


class FindingQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `explain`. *question*: what the person wants to know of the finding, if it said so."""

    snapshot: Snapshot
    finding: Finding
    question: Annotated[str, msgspec.Meta(max_length=MAX_QUESTION_LENGTH)] = ""


class Citation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*quote*: the exact text of the lines, or of a part of them."""

    path: str
    start_line: int
    end_line: int
    quote: str


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of `ask` and `explain`. Every citation stands in the snapshot. *flags* as in `Thinking`."""

    text: str
    citations: tuple[Citation, ...]
    bill: Bill
    unseen: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class FixWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `fix`."""

    snapshot: Snapshot
    findings: Annotated[tuple[Finding, ...], msgspec.Meta(min_length=1, max_length=MAX_FINDINGS_TO_FIX)]


class FileFix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*diff* shows what *fix* does to the file as the snapshot has it."""

    path: str
    fix: Fix
    diff: str


class FixOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of `fix`. Every file still parses, and rules find nothing new in them.

    *mended*: fingerprints of what rules do not find any more; *unproven*: of what no rule found, so that none can tell.
    *left*: the others. *tests*: a phrase for people: how the project's tests ended, or why none ran.
    """

    files: tuple[FileFix, ...]
    why: str
    mended: tuple[str, ...]
    unproven: tuple[str, ...]
    left: tuple[str, ...]
    tests: str
    bill: Bill


class RewriteWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `rewrite`, whose result is a `FixOffer`. Of *snapshot*'s one file the changed lines are selected."""

    snapshot: Snapshot
    instruction: QuestionText

    def __post_init__(self) -> None:
        """Raises ValueError, which is a `msgspec.ValidationError` where it is decoded."""
        if len(self.snapshot.files) != 1 or len(self.snapshot.files[0].changed or ()) != 1:
            raise ValueError("a rewriting is of one file, in which one range of lines is marked as changed")

    @property
    def selected(self) -> tuple[str, LineRange]:
        (file,) = self.snapshot.files
        assert file.changed is not None
        return file.path, file.changed[0]


class DescribedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    what: str


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of `describe`, whose args are a Snapshot."""

    title: str
    summary: str
    files: tuple[DescribedFile, ...]
    risks: tuple[str, ...]
    bill: Bill
    unseen: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class KnownIssue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    title: str


class Issue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `triage`. *labels*: those that the project has; *others*: its other issues."""

    snapshot: Snapshot
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    body: Annotated[str, msgspec.Meta(max_length=60_000)] = ""
    labels: Annotated[tuple[str, ...], msgspec.Meta(max_length=200)] = ()
    others: Annotated[tuple[KnownIssue, ...], msgspec.Meta(max_length=500)] = ()


class Triage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of `triage`, a suggestion: nothing happens because of it. None: a question, or a wish."""

    labels: tuple[str, ...]
    severity: Severity | None
    duplicates: tuple[int, ...]
    why: str
    bill: Bill
    flags: tuple[str, ...] = ()


class CompletionWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `complete`: the file at *path* up to the cursor and from there on. LF alone ends the lines.

    *alike*: code elsewhere in the project that is like what stands before the cursor.
    """

    path: str
    before: Annotated[str, msgspec.Meta(max_length=MAX_BEFORE_CURSOR)]
    after: Annotated[str, msgspec.Meta(max_length=MAX_AFTER_CURSOR)]
    alike: Annotated[tuple[Memory, ...], msgspec.Meta(max_length=MAX_ALIKE)] = ()


class Completion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The result of `complete`. *text*: what may be inserted at the cursor, "" for nothing.

    *note*: why nothing comes, for people, where it is not the code's fault. *pause_seconds*: nobody needs to ask again
    by itself before.
    """

    text: str
    bill: Bill
    note: str = ""
    pause_seconds: float = 0.0
