"""`/api/v1/findings`: what was found, and what people decide about it.

A fingerprint names a finding only together with its project, so the project is always in the query.
"""

from typing import Annotated, Any

import msgspec

from server.api.reading import Limit, Line, Prose, decode_cursor, encode_cursor
from server.api.route import Call
from server.reviews.feedback import KnownFeedback, RuleFeedback
from server.reviews.finding import FindingStatus, Severity
from server.reviews.findings import Cursor, Decision, FindingNotFound, KnownFinding


class FindingsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*place*: `editor`, `api` or `pull_request:owner/repo#7`."""

    project: Line | None = None
    status: FindingStatus | None = None
    severity: Severity | None = None
    rule: Line | None = None
    path: str | None = None
    place: Line | None = None
    limit: Limit = 50
    cursor: str | None = None


class FindingsPage(msgspec.Struct, frozen=True):
    findings: list[KnownFinding]
    next: str | None


class FindingQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    project: Line


class FindingWithHistory(msgspec.Struct, frozen=True):
    finding: KnownFinding
    history: list[Decision]
    feedback: list[KnownFeedback]


class FeedbackQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    project: Line | None = None
    limit: Limit = 50


class FeedbackByRule(msgspec.Struct, frozen=True):
    rules: list[RuleFeedback]


class Dismissing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: Prose


class Reopening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^[^\x00]*$")] = ""


async def list_findings(call: Call[FindingsQuery, None]) -> FindingsPage:
    query = call.query
    found = await call.parts.findings.list(
        project=call.within(query.project),
        status=query.status,
        severity=query.severity,
        rule=query.rule,
        path=query.path,
        place=query.place,
        after=decode_cursor(query.cursor, Cursor) if query.cursor else None,
        limit=query.limit,
    )
    return FindingsPage(found, _cursor_after(found[-1]) if len(found) == query.limit else None)


async def get_finding(call: Call[FindingQuery, None]) -> FindingWithHistory:
    project, fingerprint = _named(call)
    known = await call.parts.findings.get(project, fingerprint)
    history = list(await call.parts.findings.history(project, fingerprint))
    return FindingWithHistory(known, history, list(await call.parts.feedback.of(project, fingerprint)))


async def list_feedback(call: Call[FeedbackQuery, None]) -> FeedbackByRule:
    """How people take each rule, the most rejected first."""
    project = call.within(call.query.project)
    return FeedbackByRule(list(await call.parts.feedback.by_rule(project=project, limit=call.query.limit)))


async def dismiss_finding(call: Call[FindingQuery, Dismissing]) -> KnownFinding:
    project, fingerprint = _named(call)
    return await call.parts.findings.dismiss(project, fingerprint, by=call.principal.name, why=call.body.why)


async def reopen_finding(call: Call[FindingQuery, Reopening]) -> KnownFinding:
    project, fingerprint = _named(call)
    return await call.parts.findings.reopen(project, fingerprint, by=call.principal.name, why=call.body.why)


def _named(call: Call[FindingQuery, Any]) -> tuple[str, str]:
    """Another project's finding is as good as none."""
    project, fingerprint = call.query.project, call.path("fingerprint")
    if not call.principal.may_see(project):
        raise FindingNotFound(
            f"{project} has no finding {fingerprint}", hint="fingerprints are per project: check both"
        )
    return project, fingerprint


def _cursor_after(known: KnownFinding) -> str:
    return encode_cursor(Cursor(known.first_seen_at, known.project, known.finding.fingerprint))
