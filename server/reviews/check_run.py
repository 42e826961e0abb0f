"""What the check run says: the verdict on one head, every open finding, and what was not read. Pure.

Skipped is never success: a head counts as clean only when everything in it was read.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from server.reviews.finding import Finding, FindingStatus, Severity
from server.reviews.markdown import plain
from server.reviews.publish import counted, open_findings, thinking_note
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import Report, SkippedFile, Thinking

CHECK_NAME = "Agent Hive"

MAX_LISTED_FILES = 100
MAX_ANNOTATIONS = 500
"""Ten requests to GitHub: the worst, the summary counts all."""

MAX_SUMMARY_LENGTH = 60_000
"""GitHub takes 65,535 characters."""

NOTHING_TO_READ = "deleted"
"""The reason of `SkippedFile` that leaves nothing unread."""


class Conclusion(StrEnum):
    """As GitHub names them. A required check lets `neutral` pass, and says so; only `failure` blocks."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"


class Annotation(msgspec.Struct, frozen=True):
    """As GitHub takes it, column-less: columns would need one line."""

    path: str
    start_line: int
    end_line: int
    annotation_level: str
    title: str
    message: str


class Action(msgspec.Struct, frozen=True):
    """A button beside "Re-run": GitHub tells us *identifier* when somebody presses it."""

    label: str
    description: str
    identifier: str


FIX = Action("Fix this", "Commit the exact fixes to the head", "fix")


class CheckRun(msgspec.Struct, frozen=True):
    """*external_id* finds it again."""

    head_sha: str
    external_id: str
    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...]
    actions: tuple[Action, ...] = ()


def to_check_run(ref: PullRequestRef, report: Report, *, note: str = "", rerun: str = "") -> CheckRun:
    """The verdict on the head, from the report alone. *note* goes first. *rerun* tells apart those of one head."""
    findings = open_findings(report)
    conclusion, title = to_verdict(report)
    return CheckRun(
        head_sha=ref.head_sha,
        external_id=f"{ref.key} {rerun}".rstrip(),
        conclusion=conclusion,
        title=title,
        summary=_summary(ref, report, findings, note),
        annotations=tuple(map(_annotation, findings[:MAX_ANNOTATIONS])),
        actions=(FIX,) if any(finding.fix for finding in findings) else (),
    )


def to_verdict(report: Report) -> tuple[Conclusion, str]:
    """How the head stands, and in one line why."""
    findings = open_findings(report)
    unread = [*report.coverage.partial, *_unread(report)]
    read = f"{len(report.coverage.full)} file{'s' if len(report.coverage.full) != 1 else ''}"
    if findings:
        blocks = any(f.severity.rank <= Severity.HIGH.rank for f in findings)
        return (Conclusion.FAILURE if blocks else Conclusion.NEUTRAL), counted(findings)
    if report.omitted:
        return Conclusion.NEUTRAL, f"{report.omitted} problems over the limit of what is shown"
    if unread:
        return Conclusion.NEUTRAL, f"No problem in {read}, but {len(unread)} not read in full"
    return Conclusion.SUCCESS, f"No problem in {read}"


def _unread(report: Report) -> list[SkippedFile]:
    return [file for file in report.coverage.skipped if file.reason != NOTHING_TO_READ]


def _summary(ref: PullRequestRef, report: Report, findings: Sequence[Finding], note: str) -> str:
    dismissed = sum(finding.status is FindingStatus.DISMISSED for finding in report.findings)
    coverage = report.coverage
    facts = [
        plain(note),
        _reviewed(ref.head_sha, ref.base_sha),
        f"Found {counted(findings)}" + (f"; {dismissed} dismissed." if dismissed else "."),
        f"{report.omitted} more of lesser weight are left out." if report.omitted else "",
        f"Read in full: {len(coverage.full)}. In part: {len(coverage.partial)}. Not read: {len(coverage.skipped)}.",
        _thought(report.thinking),
        _THOUGHT if report.thinking and not report.thinking.note else "",
        _listed("Read in part", coverage.partial),
        _listed("Not read", coverage.skipped),
    ]
    summary = "\n\n".join(fact for fact in facts if fact)
    return summary if len(summary) <= MAX_SUMMARY_LENGTH else summary[: MAX_SUMMARY_LENGTH - 1] + "…"


def _reviewed(head_sha: str, base_sha: str) -> str:
    return f"Reviewed head {head_sha} against base {base_sha}."


def is_against(summary: str, base_sha: str) -> bool:
    """Whether the review that this summary of ours speaks of was of a change since that commit."""
    return (said := _REVIEWED.search(summary)) is not None and said["base"] == base_sha


def carried(
    ref: PullRequestRef, from_sha: str, conclusion: str, title: str, summary: str, annotations: Sequence[Annotation]
) -> CheckRun:
    """The same verdict on another head of which the change is the same."""
    since = f"{_reviewed(ref.head_sha, ref.base_sha)} The change is the one that was reviewed at {from_sha}."
    return CheckRun(
        head_sha=ref.head_sha,
        external_id=ref.key,
        conclusion=Conclusion(conclusion),
        title=title,
        summary=_REVIEWED.sub(since, summary, count=1),
        annotations=tuple(annotations),
        actions=(FIX,) if annotations else (),
    )


def was_thought_about(summary: str) -> bool:
    """Whether a model has looked at all that it was to look at."""
    return _THOUGHT in summary


_THOUGHT = "<!-- hive:thought -->"
_REVIEWED = re.compile(
    r"Reviewed head [0-9a-f]+ against base (?P<base>[0-9a-f]+)\.( The change is the one that was reviewed at \w+\.)?"
)


def _thought(thinking: Thinking | None) -> str:
    if thinking is None:
        return ""
    unseen = [f"- {plain(what, limit=300)}" for what in thinking.unseen[:MAX_LISTED_FILES]]
    listed = "\n".join(("#### Not looked at by the model", *unseen)) if unseen else ""
    return "\n\n".join(filter(None, (thinking_note(thinking), plain(thinking.summary, limit=5_000), listed)))


def _listed(title: str, files: Sequence[SkippedFile]) -> str:
    if not files:
        return ""
    lines = [f"- {plain(file.path, limit=300)}: {plain(file.reason, limit=200)}" for file in files[:MAX_LISTED_FILES]]
    rest = [f"- … and {len(files) - MAX_LISTED_FILES} more"] if len(files) > MAX_LISTED_FILES else []
    return "\n".join([f"#### {title}", *lines, *rest])


_LEVELS = {Severity.CRITICAL: "failure", Severity.HIGH: "failure", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def _annotation(finding: Finding) -> Annotation:
    return Annotation(
        path=finding.path,
        start_line=finding.start_line,
        end_line=finding.end_line,
        annotation_level=_LEVELS[finding.severity],
        title=finding.rule[:255],
        message=_plain_message(finding),
    )


def _plain_message(finding: Finding) -> str:
    """Shown as plain text, not as Markdown."""
    parts = [finding.message[:2_000], finding.why[:4_000], finding.opinion.why[:1_000] if finding.opinion else ""]
    return "\n\n".join(part for part in parts if part)
