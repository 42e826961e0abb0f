"""`/api/v1/decisions`: questions that k of n reviewers answer alike, and their votes.

Who votes is the name of the key that asks: nobody votes for another.
"""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec

from server.api.reading import Limit, Line, Prose, decode_cursor, encode_cursor
from server.api.route import Answer, Call
from server.team.quorum import MAX_VOTERS, OPEN_SECONDS, Cursor, Decision, DecisionNotFound, DecisionState

MAX_OPEN_SECONDS = 90 * 86400.0


class DecisionsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*subject*: what it is about, such as `pull_request:owner/repo#7`."""

    project: Line | None = None
    subject: Line | None = None
    state: DecisionState | None = None
    limit: Limit = 50
    cursor: str | None = None


class DecisionsPage(msgspec.Struct, frozen=True):
    decisions: list[Decision]
    next: str | None


class NewDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*voters*: the names of the keys that may vote, of which *k* must agree.

    With an *id* of the caller's own it may be sent again: it is opened once.
    """

    question: Prose
    project: Line
    subject: Line
    voters: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=MAX_VOTERS)]
    k: Annotated[int, msgspec.Meta(ge=1, le=MAX_VOTERS)]
    closes_in_seconds: Annotated[float, msgspec.Meta(gt=0, le=MAX_OPEN_SECONDS)] = OPEN_SECONDS
    id: UUID | None = None


class NewVote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verdict: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$(?!\n)")]
    why: Prose


async def list_decisions(call: Call[DecisionsQuery, None]) -> DecisionsPage:
    query = call.query
    found = await call.parts.decisions.list(
        project=call.within(query.project),
        subject=query.subject,
        state=query.state,
        after=decode_cursor(query.cursor, Cursor) if query.cursor else None,
        limit=query.limit,
    )
    last = found[-1] if len(found) == query.limit else None
    return DecisionsPage(list(found), encode_cursor(Cursor(last.opened_at, last.id)) if last else None)


async def get_decision(call: Call[Any, Any]) -> Decision:
    """Another project's decision is as good as none."""
    id_ = _decision_id(call)
    decision = await call.parts.decisions.get(id_)
    if not call.principal.may_see(decision.project):
        raise _not_found(id_)
    return decision


async def open_decision(call: Call[None, NewDecision]) -> Answer:
    new = call.body
    call.within(new.project)
    decision = await call.parts.decisions.open(
        new.question,
        project=new.project,
        subject=new.subject,
        voters=new.voters,
        k=new.k,
        by=call.principal.name,
        closes_in_seconds=new.closes_in_seconds,
        decision_id=new.id,
    )
    return Answer(decision, HTTPStatus.CREATED, {"Location": f"/api/v1/decisions/{decision.id}"})


async def vote(call: Call[None, NewVote]) -> Decision:
    decision = await get_decision(call)
    return await call.parts.decisions.vote(
        decision.id, voter=call.principal.name, verdict=call.body.verdict, why=call.body.why
    )


def _decision_id(call: Call[Any, Any]) -> UUID:
    text = call.path("id")
    try:
        return UUID(text)
    except ValueError as error:
        raise _not_found(text) from error


def _not_found(id_: UUID | str) -> DecisionNotFound:
    return DecisionNotFound(f"there is no decision {id_}")
