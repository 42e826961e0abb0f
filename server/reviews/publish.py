"""What to say of a review on GitHub, and on which lines. Pure; `server/effects/publishing.py` posts it.

One review with inline comments where the diff shows the lines; what lies outside is told of its file as a whole, or in
the body, because one line that GitHub does not know refuses the whole review. No finding, no review.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from server.reviews.finding import Finding, FindingStatus, Severity
from server.reviews.markdown import plain
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import LineRange, Report, Snapshot, SourceFile, Thinking
from server.reviews.suggestion import replacement_of, suggestion_block

MAX_BODY_LENGTH = 60_000
"""GitHub takes 65,536 characters."""

MAX_FINDINGS = 100
"""More than a person reads in a pull request: the worst are told, the body counts the rest."""

MAX_FILE_COMMENTS = 10
"""Each is a comment by itself, and mail; the others stand in the review's body."""

MAX_SHOWN_FILES = 3_000
"""GitHub knows no further files of a pull request, and takes no comment on them."""

MAX_FLAGS = 10

MAX_COMMENT_LINES = 10
"""A longer finding is shown on its first line: GitHub puts a comment under its last one, out of sight."""

StillParses = Callable[[str, str], bool]
"""Path and text: whether the text is valid in the language of that path."""


class Comment(msgspec.Struct, frozen=True):
    """On lines of the head. *start_line* only when there are several."""

    path: str
    line: int
    body: str
    start_line: int | None = None


class FileComment(msgspec.Struct, frozen=True):
    """On a file of the diff, whose lines the diff does not show."""

    path: str
    body: str
    fingerprint: str


class Review(msgspec.Struct, frozen=True):
    """*commit* is the reviewed head; *fingerprints* are those it speaks of, for the ledger."""

    commit: str
    body: str
    comments: tuple[Comment, ...]
    fingerprints: tuple[str, ...]


def to_review(
    ref: PullRequestRef,
    report: Report,
    snapshot: Snapshot,
    *,
    posted: Collection[str] = (),
    on_files: Collection[str] = (),
    still_parses: StillParses,
    inline: bool = True,
) -> Review | None:
    """The review, or None when there is nothing to say. *posted*: fingerprints that earlier reviews spoke of.

    *on_files*: those of which comments on files tell already. *inline* False puts everything else into the body.
    """
    findings = _to_tell(report, posted)
    if not findings:
        return None
    files = {file.path: file for file in snapshot.files}
    comments: list[Comment] = []
    elsewhere: list[Finding] = []
    for finding in findings:
        if finding.fingerprint in on_files:
            continue
        file = files.get(finding.path)
        comment = _comment(finding, file, still_parses) if file and inline else None
        if comment:
            comments.append(comment)
        else:
            elsewhere.append(finding)
    return Review(
        commit=ref.head_sha,
        body=_body(ref, findings, elsewhere, _left_out(report), report.thinking),
        comments=tuple(comments),
        fingerprints=tuple(finding.fingerprint for finding in findings),
    )


def to_file_comments(
    ref: PullRequestRef, report: Report, snapshot: Snapshot, *, posted: Collection[str] = ()
) -> tuple[FileComment, ...]:
    """Of the findings that the review is to tell, but that no hunk of their file shows."""
    if len(snapshot.files) + len(snapshot.skipped) > MAX_SHOWN_FILES:
        return ()
    files = {file.path: file for file in snapshot.files}
    outside = [f for f in _to_tell(report, posted) if f.path in files and _place(f, files[f.path]) is None]
    return tuple(
        FileComment(finding.path, _words(finding, f"At {link(ref, finding)}."), finding.fingerprint)
        for finding in outside[:MAX_FILE_COMMENTS]
    )


def _to_tell(report: Report, posted: Collection[str]) -> list[Finding]:
    return [finding for finding in open_findings(report)[:MAX_FINDINGS] if finding.fingerprint not in posted]


def _left_out(report: Report) -> int:
    return report.omitted + max(0, len(open_findings(report)) - MAX_FINDINGS)


def open_findings(report: Report) -> list[Finding]:
    """Those that nobody dismissed, worst first as the report has them."""
    return [finding for finding in report.findings if finding.status is FindingStatus.OPEN]


def review_marker(head_sha: str) -> str:
    """The first line of a review's body: this head was reviewed."""
    return f"<!-- hive:review {head_sha} -->"


def reviewed_head(body: str) -> str | None:
    """The head that a review's body is about; None when the review is not one of ours."""
    match = re.match(r"<!-- hive:review ([0-9a-f]{40,64}) -->", body)
    return match[1] if match else None


def finding_fingerprints(body: str) -> frozenset[str]:
    """What a comment or a review of ours speaks of. Only the last line counts: above it stands text of others."""
    match = re.search(r"(?:\A|\n)<!-- hive:findings ([0-9a-f ]+) -->\s*\Z", body)
    return frozenset(match[1].split()) if match else frozenset()


class _Place(NamedTuple):
    lines: LineRange
    suggestion: str = ""


def _comment(finding: Finding, file: SourceFile, still_parses: StillParses) -> Comment | None:
    """None when the diff shows none of the finding's lines."""
    place = _place_with_suggestion(finding, file, still_parses) or _place(finding, file)
    return _comment_at(place, finding) if place else None


def suggestion_of(finding: Finding, file: SourceFile, still_parses: StillParses) -> Comment | None:
    """The finding with its fix, to be committed by a click. None when the diff has no room for the fix."""
    place = _place_with_suggestion(finding, file, still_parses)
    return _comment_at(place, finding) if place else None


def _comment_at(place: _Place, finding: Finding) -> Comment:
    lines = place.lines
    return Comment(
        path=finding.path,
        line=lines.end,
        body=_words(finding, place.suggestion),
        start_line=lines.start if lines.start < lines.end else None,
    )


def _words(finding: Finding, more: str) -> str:
    parts = [headline(finding), plain(finding.why), opinion_of(finding), more, _findings_marker([finding])]
    return "\n\n".join(part for part in parts if part)


def _place_with_suggestion(finding: Finding, file: SourceFile, still_parses: StillParses) -> _Place | None:
    """Where the finding and all of its fix fit into one hunk, and the fixed file is still valid."""
    if finding.fix is None:
        return None
    replacement = replacement_of(file.text, finding.fix, LineRange(finding.start_line, finding.end_line))
    if replacement is None or not any(_within(replacement.lines, hunk) for hunk in file.hunks):
        return None
    block = suggestion_block(replacement.new_lines)
    if block is None or not still_parses(file.path, replacement.text):
        return None
    return _Place(replacement.lines, f"{plain(finding.fix.title, limit=200)}:\n\n{block}")


def _place(finding: Finding, file: SourceFile) -> _Place | None:
    """The finding's lines within one hunk, one with changed lines if there is a choice."""
    shown = [part for hunk in file.hunks if (part := _common(LineRange(finding.start_line, finding.end_line), hunk))]
    if not shown:
        return None
    changed = file.changed or ()
    lines = next((part for part in shown if any(_common(part, c) for c in changed)), shown[0])
    if lines.end - lines.start >= MAX_COMMENT_LINES:
        lines = LineRange(lines.start, lines.start)
    return _Place(lines)


def _within(inner: LineRange, outer: LineRange) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _common(one: LineRange, other: LineRange) -> LineRange | None:
    start, end = max(one.start, other.start), min(one.end, other.end)
    return LineRange(start, end) if start <= end else None


def _body(
    ref: PullRequestRef,
    findings: Sequence[Finding],
    elsewhere: Sequence[Finding],
    omitted: int,
    thinking: Thinking | None,
) -> str:
    head = f"{review_marker(ref.head_sha)}\n**Agent Hive** found {counted(findings)} in {ref.head_sha[:12]}."
    left_out = f"{omitted} more of lesser weight are left out." if omitted else ""
    notes = "\n\n".join(filter(None, (left_out, thinking_note(thinking))))
    listed = _list_elsewhere(ref, elsewhere, MAX_BODY_LENGTH - len(head) - len(notes))
    return "\n\n".join(part for part in (head, listed, notes, _findings_marker(elsewhere)) if part)


def _list_elsewhere(ref: PullRequestRef, findings: Sequence[Finding], room: int) -> str:
    """As many as there is room for; the check run's annotations have them all."""
    if not findings:
        return ""
    lines = ["### On lines that the diff does not show"]
    room -= len(findings) * 33 + 200
    for finding in findings:
        why = " ".join(filter(None, (plain(finding.why, limit=500), opinion_of(finding, limit=300))))
        line = f"- {link(ref, finding)}: {headline(finding)}\n  {why}".rstrip()
        room -= len(line)
        if room < 0:
            lines.append("- … the rest is in the check run")
            break
        lines.append(line)
    return "\n".join(lines)


def link(ref: PullRequestRef, finding: Finding) -> str:
    """Where it stands at the head."""
    host = ref.project.partition("/")[0]
    lines = f"L{finding.start_line}-L{finding.end_line}"
    name = plain(f"{finding.path}:{finding.start_line}", limit=200)
    return f"[{name}](https://{host}/{ref.repository}/blob/{ref.head_sha}/{quote(finding.path)}#{lines})"


def headline(finding: Finding, *, limit: int = 2_000) -> str:
    """How bad, what, and by which rule."""
    rule = plain(f"`{finding.rule}`", limit=100)
    cwe = f", [CWE-{finding.cwe}](https://cwe.mitre.org/data/definitions/{finding.cwe}.html)" if finding.cwe else ""
    return f"**{finding.severity.capitalize()}** · {plain(finding.message, limit=limit)} ({rule}{cwe})"


def _findings_marker(findings: Sequence[Finding]) -> str:
    return fingerprints_marker([finding.fingerprint for finding in findings])


def fingerprints_marker(fingerprints: Sequence[str]) -> str:
    """The last line of whatever speaks of findings, "" of none."""
    return f"<!-- hive:findings {' '.join(fingerprints)} -->" if fingerprints else ""


def opinion_of(finding: Finding, *, limit: int = 1_000) -> str:
    """What a model says of what a rule found, "" when it said nothing."""
    if finding.opinion is None:
        return ""
    verdict = "A model confirms it" if finding.opinion.is_confirmed else "A model doubts it"
    return f"{verdict}: {plain(finding.opinion.why, limit=limit)}"


def thinking_note(thinking: Thinking | None) -> str:
    """Who has looked besides the rules, how far, and what was hidden from people; "" when nobody was to."""
    if thinking is None:
        return ""
    return "\n".join(filter(None, (_who_thought(thinking), flags_note(thinking.flags))))


def flags_note(flags: Sequence[str]) -> str:
    """What was noticed of attempts to lead a model, "" when nothing was."""
    told = [f"- {plain(flag, limit=300)}" for flag in flags[:MAX_FLAGS]]
    return "\n".join(("Written to a model, or hidden from people:", *told)) if told else ""


def _who_thought(thinking: Thinking) -> str:
    if not thinking.model and thinking.since and not thinking.note:
        return f"Nothing that a model would look at was pushed since {thinking.since[:12]}; {_kept(thinking)}."
    if not thinking.model:
        return plain(f"Reviewed {thinking.note or 'without a model'}.", limit=500)
    cost = f"${thinking.cost_microdollars / 1_000_000:.2f}"
    facts = [f"Read by rules and by {plain(thinking.model, limit=100)} ({cost})"]
    if thinking.since:
        facts.append(f"only what was pushed since {thinking.since[:12]} was looked at, {_kept(thinking)}")
    if thinking.note:
        facts.append(plain(thinking.note, limit=500))
    if thinking.unseen:
        facts.append(f"not shown to the model, or not looked at: {len(thinking.unseen)}")
    if thinking.refused:
        facts.append(f"claims left out because what they cite does not stand in the code: {thinking.refused}")
    return "; ".join(facts) + "."


def _kept(thinking: Thinking) -> str:
    return f"{thinking.kept} of its findings of before still stand"


def counted(findings: Iterable[Finding]) -> str:
    """`3 problems (1 critical, 2 medium)`."""
    by_severity = Counter(finding.severity for finding in findings)
    total = by_severity.total()
    each = ", ".join(f"{by_severity[severity]} {severity}" for severity in Severity if by_severity[severity])
    return f"{total} problem{'s' if total != 1 else ''}" + (f" ({each})" if each else "")
