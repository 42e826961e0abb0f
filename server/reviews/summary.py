"""The one comment that says how a pull request stands, written anew at every review. Pure.

The findings stand at their lines and in the check run; this is where a person sees them all, what became of those from
before, and how far was looked. `server/effects/summarizing.py` posts it.
"""

import re
from collections.abc import Iterable, Sequence

import msgspec

from server.reviews.check_run import to_verdict
from server.reviews.finding import FindingStatus
from server.reviews.markdown import plain
from server.reviews.publish import fingerprints_marker, flags_note, headline, link, thinking_note
from server.reviews.pull_request import PullRequestRef
from server.reviews.rounds import Round, Spoken
from server.reviews.snapshot import Report, SkippedFile, Thinking

MAX_LENGTH = 60_000
"""GitHub takes 65,536 characters."""

MAX_QUIET = 100
"""Remembered in the last line of the comment; what is beyond would be called new again."""

FINDINGS_ROOM = 24_000
FILES_ROOM = 8_000
MODEL_ROOM = 8_000
GONE_ROOM = 6_000


def is_worth_saying(report: Report) -> bool:
    """Whether a pull request that has no summary yet is to get one: nobody wants mail that says that all is well."""
    is_open = any(finding.status is FindingStatus.OPEN for finding in report.findings)
    return is_open or bool(report.omitted) or bool(report.thinking and report.thinking.flags)


def to_summary(
    ref: PullRequestRef, report: Report, round_: Round, *, ran: Sequence[str], notes: Sequence[str] = ()
) -> str:
    """The comment's body. *ran*: what looked at it, with versions. *notes*: what could not be done, for people."""
    _, verdict = to_verdict(report)
    parts = [
        f"{summary_marker(ref.head_sha)}\n### Agent Hive: {verdict}",
        _since_before(round_),
        *(plain(note, limit=500) for note in notes),
        _findings(ref, round_),
        flags_note(report.thinking.flags) if report.thinking else "",
        _folded("No longer found", _gone(round_.gone), GONE_ROOM),
        _coverage(report),
        _thought(report.thinking),
        _folded("This review", _details(ref, report, ran), MODEL_ROOM),
    ]
    body = "\n\n".join(part for part in parts if part)
    # The rooms add up to less; this is for what nobody foresaw.
    body = body if len(body) <= MAX_LENGTH else body[: MAX_LENGTH - 1] + "…"
    return "\n\n".join(filter(None, (body, fingerprints_marker(sorted(round_.quiet)[:MAX_QUIET]))))


def summary_marker(head_sha: str) -> str:
    """The first line: which head it speaks of."""
    return f"<!-- hive:summary {head_sha} -->"


def summarized_head(body: str) -> str | None:
    """The head that a summary speaks of; None when it is not one of ours."""
    match = re.match(r"<!-- hive:summary ([0-9a-f]{40,64}) -->", body)
    return match[1] if match else None


def _since_before(round_: Round) -> str:
    if round_.is_first:
        return ""
    gone = f"{len(round_.gone)} no longer found (fixed, or no longer part of the change)"
    return f"**Since the last review:** {len(round_.new)} new, {len(round_.still)} still there, {gone}."


def _findings(ref: PullRequestRef, round_: Round) -> str:
    """Worst first, the new ones marked once there are old ones."""
    new = {finding.fingerprint for finding in round_.new} if not round_.is_first else set()
    ranked = sorted((*round_.new, *round_.still), key=lambda f: (f.severity.rank, f.path, f.start_line))
    lines = []
    for finding in ranked:
        marks = [" · new"] if finding.fingerprint in new else []
        marks += [" · its lines did not change since the last review"] if finding.fingerprint in round_.quiet else []
        lines.append(f"- {headline(finding, limit=300)}: {link(ref, finding)}{''.join(marks)}")
    return "\n".join(_fitting(lines, FINDINGS_ROOM))


def _gone(gone: Iterable[Spoken]) -> list[str]:
    """Those of a review's body have no address of their own."""
    lines = [f"- [{plain(said.path, limit=200)}]({said.html_url})" for said in gone if said.html_url]
    elsewhere = sum(not said.html_url for said in gone)
    return [*lines, f"- {elsewhere} that had no line of the diff"] if elsewhere else lines


def _coverage(report: Report) -> str:
    coverage = report.coverage
    title = f"Read in full: {len(coverage.full)} · in part: {len(coverage.partial)} · not read: {len(coverage.skipped)}"
    lines = [
        *_files("Read in part", coverage.partial),
        *_files("Not read", coverage.skipped),
        *_group("Read in full", [f"- {plain(path, limit=300)}" for path in coverage.full]),
    ]
    return _folded(title, lines, FILES_ROOM)


def _files(title: str, files: Sequence[SkippedFile]) -> list[str]:
    return _group(title, [f"- {plain(file.path, limit=300)}: {plain(file.reason, limit=200)}" for file in files])


def _group(title: str, lines: list[str]) -> list[str]:
    return [f"\n**{title}**\n", *lines] if lines else []


def _thought(thinking: Thinking | None) -> str:
    if thinking is None:
        return ""
    unseen = [f"- {plain(what, limit=300)}" for what in thinking.unseen]
    said = [thinking_note(msgspec.structs.replace(thinking, flags=())), "", plain(thinking.summary, limit=5_000)]
    return _folded("What the model says", [*said, *_group("Not looked at by the model", unseen)], MODEL_ROOM)


def _took(report: Report) -> list[str]:
    """Rules and model one after the other; the rest of the time is GitHub's."""
    thinking = report.thinking.seconds if report.thinking else 0.0
    parts = [f"rules {report.seconds:g} s"] if report.seconds else []
    parts += [f"model {thinking:g} s"] if thinking else []
    return [f"- Took {', '.join(parts)}"] if parts else []


def _details(ref: PullRequestRef, report: Report, ran: Sequence[str]) -> list[str]:
    dismissed = sum(finding.status is FindingStatus.DISMISSED for finding in report.findings)
    cost = report.thinking.cost_microdollars if report.thinking else 0
    return [
        f"- Base {ref.base_sha}",
        f"- Head {ref.head_sha}",
        f"- Read by {', '.join(ran)}",
        *_took(report),
        f"- Cost ${cost / 1_000_000:.2f}" if cost else "- No cost: no model was paid",
        *([f"- Dismissed by people: {dismissed}"] if dismissed else []),
        *([f"- Of lesser weight and left out: {report.omitted}"] if report.omitted else []),
    ]


def _folded(title: str, lines: Sequence[str], room: int) -> str:
    """Shown only to those who want to see it; "" when there is nothing within."""
    if not any(lines):
        return ""
    content = "\n".join(_fitting(lines, room)).strip("\n")
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    """As many as there is room for, and how many more there are."""
    shown: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return [*shown, f"- … and {len(lines) - len(shown)} more: see the check run"]
        shown.append(line)
    return shown
