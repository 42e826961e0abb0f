"""What a review brings, held against what earlier reviews of the same pull request spoke of. Pure.

Known by fingerprint, from what stands on GitHub: a pull request is told of a finding once, and never again.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from server.reviews.finding import MODEL_RULES, Finding
from server.reviews.publish import finding_fingerprints, open_findings
from server.reviews.snapshot import LineRange, Report

UNLISTED = "…"
"""The path of a `SkippedFile` that stands for files whose names nobody told."""


ChangedSince = Mapping[str, tuple[LineRange, ...]]
"""The lines of a head, by path, that a push has changed."""


class Spoken(msgspec.Struct, frozen=True):
    """A finding that a review spoke of before. *path* "" where it stands in a review's body, not at a line.

    *is_outdated*: GitHub says that its lines were changed since. *is_from_model*: whether it is seen again is up to
    the model. *is_in_summary*: it has no comment, but was listed in the summary.
    """

    fingerprint: str
    comment_id: int = 0
    path: str = ""
    html_url: str = ""
    is_outdated: bool = False
    is_from_model: bool = False
    is_in_summary: bool = False


class Thread(NamedTuple):
    """*comment_id*: of the comment that began it. *resolved_by*: "" where GitHub names no person."""

    id: str
    comment_id: int
    is_resolved: bool
    resolved_by: str


class Round(NamedTuple):
    """*gone*: fixed, or no longer part of the change. What was not looked at this time is in none of the three.

    *again*: what was said before of *still*. *quiet*: fingerprints of those that only the summary tells of, because
    their lines did not change since the last review, and nobody reopened them.
    """

    new: tuple[Finding, ...]
    still: tuple[Finding, ...]
    gone: tuple[Spoken, ...]
    again: tuple[Spoken, ...] = ()
    quiet: frozenset[str] = frozenset()

    @property
    def is_first(self) -> bool:
        return not self.still and not self.gone


def spoken_of(
    body: str,
    *,
    comment_id: int = 0,
    path: str = "",
    html_url: str = "",
    is_outdated: bool = False,
    is_in_summary: bool = False,
) -> list[Spoken]:
    """The findings that a comment, or the body of a review, speaks of."""
    is_from_model = _MODEL_RULE.search(body.partition("\n")[0]) is not None
    return [
        Spoken(fingerprint, comment_id, path, html_url, is_outdated, is_from_model, is_in_summary)
        for fingerprint in sorted(finding_fingerprints(body))
    ]


def to_round(report: Report, before: Iterable[Spoken], since: ChangedSince | None = None) -> Round:
    """*before*: what was said in earlier reviews, not in this one. *since*: what was changed since then, if known."""
    spoken = {said.fingerprint: said for said in before}
    findings = open_findings(report)
    still = tuple(finding for finding in findings if finding.fingerprint in spoken)
    new = tuple(finding for finding in findings if finding.fingerprint not in spoken)
    again = tuple(spoken[finding.fingerprint] for finding in still)
    return Round(
        new=new,
        still=still,
        gone=tuple(said for said in spoken.values() if _is_gone(said, report)),
        again=again,
        quiet=frozenset(
            [said.fingerprint for said in again if said.is_in_summary]
            + [finding.fingerprint for finding in new if since is not None and not _is_loud(finding, since)]
        ),
    )


def _is_loud(finding: Finding, since: ChangedSince) -> bool:
    return finding.is_reopened or _is_touched(finding, since)


def _is_touched(finding: Finding, since: ChangedSince) -> bool:
    """Whether the change reaches the finding, or a place that explains it."""
    places = [(finding.path, finding.start_line, finding.end_line)]
    places += [(related.path, related.start_line, related.end_line) for related in finding.related]
    return any(
        lines.start <= end and start <= lines.end for path, start, end in places for lines in since.get(path, ())
    )


def threads_to_resolve(round_: Round, threads: Iterable[Thread]) -> list[Thread]:
    gone = {said.comment_id for said in round_.gone}
    return [thread for thread in threads if thread.comment_id in gone and not thread.is_resolved]


def threads_to_reopen(round_: Round, threads: Iterable[Thread], *, login: str) -> list[Thread]:
    """Only what the App resolved itself (*login*; GraphQL names no App, or without its `[bot]`): people decide."""
    again = {said.comment_id for said in round_.again}
    ours = ("", login, login.removesuffix("[bot]"))
    return [t for t in threads if t.comment_id in again and t.is_resolved and t.resolved_by in ours]


def _is_gone(said: Spoken, report: Report) -> bool:
    """Only what was looked at can be gone, and a model that is silent has not looked."""
    if report.omitted or any(said.fingerprint == finding.fingerprint for finding in report.findings):
        return False
    if said.is_from_model and not said.is_outdated:
        return False
    unread = {file.path for file in (*report.coverage.partial, *report.coverage.skipped) if file.reason != "deleted"}
    if not said.path:
        return not unread
    return said.path not in unread and (said.path in report.coverage.full or UNLISTED not in unread)


_MODEL_RULE = re.compile(rf"\(`{re.escape(MODEL_RULES)}")
