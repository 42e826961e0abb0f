"""`/api/v1/sessions`: the work of a person on a project, or of an agent, over time."""

from typing import Any
from uuid import UUID

import msgspec

from server.api.reading import Limit, Line, decode_cursor, encode_cursor
from server.api.route import Call
from server.jobs.job import Job
from server.jobs.life import Summary
from server.reviews.finding import FindingStatus
from server.team.sessions import Cursor, Session, SessionKind, SessionNotFound


class SessionsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: SessionKind | None = None
    owner: Line | None = None
    project: Line | None = None
    limit: Limit = 50
    cursor: str | None = None


class SessionsPage(msgspec.Struct, frozen=True):
    """*next* is the cursor of the page after, null on the last."""

    sessions: list[Session]
    next: str | None


class SessionWithWork(msgspec.Struct, frozen=True):
    """*counts*: what happened, by kind of job and type of event; *totals*: of all kinds together.

    *findings*: how those that were first met meanwhile, in its project or in all, stand now. *jobs*: the newest.
    *processes*: of an agent, what each of its processes had done when it last fell asleep, by the process's id.
    """

    session: Session
    totals: dict[str, int]
    counts: dict[str, dict[str, int]]
    findings: dict[FindingStatus, int]
    jobs: list[Job]
    processes: dict[str, Summary]


async def list_sessions(call: Call[SessionsQuery, None]) -> SessionsPage:
    query = call.query
    sessions = await call.parts.sessions.list(
        kind=query.kind,
        owner=query.owner,
        project=call.within(query.project),
        after=decode_cursor(query.cursor, Cursor) if query.cursor else None,
        limit=query.limit,
    )
    is_full = len(sessions) == query.limit
    return SessionsPage(
        [*sessions], encode_cursor(Cursor(sessions[-1].last_seen_at, sessions[-1].id)) if is_full else None
    )


async def get_session(call: Call[Any, None]) -> SessionWithWork:
    """Another project's session is as good as none; so is an agent's for who sees one project."""
    session_id = _session_id(call)
    details = await call.parts.sessions.get(session_id)
    session = details.session
    if not call.principal.may_see(session.project):
        raise SessionNotFound(f"there is no session {session_id}")
    totals: dict[str, int] = {}
    for of_kind in details.counts.values():
        for type_, events in of_kind.items():
            totals[type_] = totals.get(type_, 0) + events
    met = await call.parts.findings.met_between(session.started_at, session.last_seen_at, session.project or None)
    return SessionWithWork(session, totals, details.counts, {**met}, details.jobs, details.processes)


def _session_id(call: Call[Any, None]) -> UUID:
    try:
        return UUID(call.path("id"))
    except ValueError as error:
        raise SessionNotFound("a session's id is a UUID") from error
