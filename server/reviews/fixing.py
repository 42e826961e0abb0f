"""Which findings of a pull request are fixed at a person's command, by which edits, and what is said of it. Pure.

A fix of a rule belongs to the text in which the rule found it, so that the head is reviewed again first. What a model
offers comes on top, whole or not at all. `server/effects/fixing.py` commits the result.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, NamedTuple

import msgspec

from server.reviews.asks import FixOffer
from server.reviews.diff import diff_of
from server.reviews.finding import Edit, Finding, apply_edits
from server.reviews.markdown import plain
from server.reviews.publish import Comment, StillParses, open_findings, suggestion_of
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import Report, Snapshot

EXACT = "comment.fix"
THOUGHT = "comment.mend"
"""Two kinds: only what has no fix of its own waits for a model."""

MAX_FINDINGS = 100
MAX_DIFF_LENGTH = 40_000
MAX_LISTED = 20

NEEDS_MODEL = "it has no exact fix, and no model is configured: set `ANTHROPIC_API_KEY` where the hub starts"


class FixRef(PullRequestRef, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The args of `comment.fix` and `comment.mend`. *findings*: as they were last met. *login*: who commands it.

    *asked_by*: `CommandRef.asked_by`. *thread_id*: where it was commanded, if not in the conversation.
    """

    findings: Annotated[tuple[Finding, ...], msgspec.Meta(min_length=1, max_length=MAX_FINDINGS)]
    login: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}\Z")]
    asked_by: Annotated[str, msgspec.Meta(pattern=r"^[a-z ]{1,20} [0-9a-f]{1,64}\Z")]
    thread_id: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Left(NamedTuple):
    """A finding that is not fixed. *why*: a phrase in our own words, or a model's."""

    finding: Finding
    why: str


class Plan(NamedTuple):
    """*texts*: the files as they are to be, by path. *tests*: how the project's ended with a model's fix, if any."""

    texts: Mapping[str, str]
    mended: tuple[Finding, ...]
    left: tuple[Left, ...]
    tests: str = ""


def at_head(asked: Iterable[Finding], report: Report, snapshot: Snapshot) -> tuple[list[Finding], list[Left]]:
    """The findings as the head has them now, and those that it has no more.

    What a model claimed no rule finds again: it stands as long as its lines do.
    """
    found = {finding.fingerprint: finding for finding in open_findings(report)}
    texts = {file.path: file.text.split("\n") for file in snapshot.files}
    here, gone = [], []
    for finding in asked:
        if (again := found.get(finding.fingerprint)) is not None:
            here.append(again)
        elif finding.is_from_model and _stands(finding, texts.get(finding.path, [])):
            here.append(finding)
        else:
            gone.append(Left(finding, "the head does not have it any more"))
    return here, gone


def to_plan(
    asked: Iterable[Finding], report: Report, snapshot: Snapshot, offer: FixOffer | None, still_parses: StillParses
) -> Plan:
    """As many of the fixes as go together: one that overlaps another waits for the next command."""
    here, left = at_head(asked, report, snapshot)
    edited = _Edited({file.path: file.text for file in (*snapshot.context, *snapshot.files)}, still_parses)
    mended: list[Finding] = []
    for finding in here:
        if finding.fix is None:
            continue
        if problem := edited.take({finding.path: finding.fix.edits}):
            left.append(Left(finding, problem))
        else:
            mended.append(finding)
    others = [finding for finding in here if finding.fix is None]
    if offer is None:
        return Plan(edited.texts, tuple(mended), (*left, *(Left(finding, NEEDS_MODEL) for finding in others)))
    problem = edited.take({file.path: file.fix.edits for file in offer.files}) if offer.files else offer.why
    reached = set() if problem else {*offer.mended, *offer.unproven}
    mended += (finding for finding in others if finding.fingerprint in reached)
    left += (Left(f, problem or offer.why) for f in others if f.fingerprint not in reached)
    return Plan(edited.texts, tuple(mended), tuple(left), offer.tests if reached else "")


class _Edited:
    """Texts with the edits that were taken so far."""

    def __init__(self, before: Mapping[str, str], still_parses: StillParses) -> None:
        self.texts: dict[str, str] = {}
        self._before = before
        self._still_parses = still_parses
        self._edits: dict[str, tuple[Edit, ...]] = {}

    def take(self, edits: Mapping[str, Sequence[Edit]]) -> str:
        """All of them or none: "" when they were taken, else why not. The same edit twice is one."""
        together = {path: tuple(dict.fromkeys((*self._edits.get(path, ()), *new))) for path, new in edits.items()}
        try:
            texts = {path: apply_edits(self._before[path], every) for path, every in together.items()}
        except KeyError:
            return "its file is not read"
        except ValueError:
            return "its fix overlaps another one: command it again after this one"
        if all(texts[path] == self._before[path] for path in texts):
            return "its fix changes nothing"
        for path, text in texts.items():
            if self._still_parses(path, self._before[path]) and not self._still_parses(path, text):
                return "with its fix the file would not parse any more"
        self.texts |= texts
        self._edits |= together
        return ""


def _stands(finding: Finding, lines: Sequence[str]) -> bool:
    """Whether its lines still say what was quoted."""
    there = "\n".join(lines[finding.start_line - 1 : finding.end_line])
    return bool(finding.evidence.strip()) and " ".join(there.split()).startswith(" ".join(finding.evidence.split()))


# What is said.


def commit_message(plan: Plan, ref: FixRef) -> str:
    """Its last line finds it again. Holds nothing that the change's author wrote."""
    rules = sorted({"".join(c for c in finding.rule if c.isalnum() or c in ".-_") for finding in plan.mended})
    head = f"Fix {_counted(len(plan.mended))} that Agent Hive found"
    return f"{head}\n\n{', '.join(rules)[:2_000]}\n\nRequested-by: {ref.login}\n{_trailer(ref.asked_by)}"


def is_message_of(message: str, asked_by: str) -> bool:
    return message.rstrip().rpartition("\n")[2] == _trailer(asked_by)


def _trailer(asked_by: str) -> str:
    return f"Hive-Fix: {asked_by}"


def pushed_text(ref: FixRef, plan: Plan, commit: str) -> str:
    host = ref.project.partition("/")[0]
    address = f"https://{host}/{ref.repository}/pull/{ref.number}/commits/{commit}"
    tests = f"Tests of the project: {plain(plan.tests, limit=300)}." if plan.tests else ""
    fixed = f"[{commit[:12]}]({address}) fixes {_counted(len(plan.mended))}."
    return "\n\n".join(filter(None, (fixed, tests, _left(plan))))


def nothing_text(plan: Plan) -> str:
    return "\n\n".join(filter(None, ("Nothing was changed.", _left(plan))))


def suggestions(ref: FixRef, plan: Plan, snapshot: Snapshot, still_parses: StillParses) -> tuple[Comment, ...]:
    """Of the findings whose fix the diff has room for: a person may commit those by a click."""
    files = {file.path: file for file in snapshot.files}
    return tuple(
        comment
        for finding in plan.mended
        if finding.path in files and (comment := suggestion_of(finding, files[finding.path], still_parses))
    )


def offered_text(plan: Plan, snapshot: Snapshot, why: str) -> str:
    """*why* it was not pushed; then all of it as a diff, to be applied by hand."""
    before = {file.path: file.text for file in (*snapshot.context, *snapshot.files)}
    diff = "".join(diff_of(path, before[path], text) for path, text in plan.texts.items())
    said = f"Nothing was pushed: {plain(why, limit=500)}."
    if len(diff) > MAX_DIFF_LENGTH:
        shown = "The fix is longer than fits here."
    else:
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", diff)), default=0))
        shown = f"This fixes {_counted(len(plan.mended))} (`git apply`):\n\n{fence}diff\n{diff}{fence}"
    return "\n\n".join(filter(None, (said, shown, _left(plan))))


def _left(plan: Plan) -> str:
    lines = [
        f"- {plain(f'`{left.finding.rule}`', limit=100)} in {plain(left.finding.path, limit=200)}"
        f" (`{left.finding.fingerprint[:12]}`): {plain(left.why, limit=300)}"
        for left in plan.left[:MAX_LISTED]
    ]
    more = len(plan.left) - MAX_LISTED
    return "\n".join(("Left as they are:", *lines, *([f"- … and {more} more"] if more > 0 else []))) if lines else ""


def _counted(number: int) -> str:
    return f"{number} problem{'s' if number != 1 else ''}"
