"""Questions that k of n named reviewers must answer alike, and every vote that was given.

Says who may vote, counts, and keeps the record; who the voters are and what follows from a verdict is their callers'.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import asyncpg
import msgspec
from asyncpg import Record

from server.db import Connection, Queries
from server.errors import HiveError

OPEN_SECONDS = 86400.0
"""How long a decision is open unless it is said."""

MAX_VOTERS = 100

_SQL = Queries.load("server.team", "quorum.sql")


class DecisionState(StrEnum):
    """`agreed`: k voters gave the same verdict. `rejected`: no verdict can get k votes any more. `undecided`: the time
    for it ran out before either."""

    OPEN = "open"
    AGREED = "agreed"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


class Vote(msgspec.Struct, frozen=True):
    voter: str
    verdict: str
    why: str
    at: datetime


class Decision(msgspec.Struct, frozen=True):
    """A question to *n* voters of whom *k* must agree. *verdict* is there once they have."""

    id: UUID
    question: str
    project: str
    subject: str
    voters: tuple[str, ...]
    n: int
    k: int
    state: DecisionState
    verdict: str | None
    opened_by: str
    opened_at: datetime
    closes_at: datetime
    decided_at: datetime | None
    votes: tuple[Vote, ...]


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of decisions ended."""

    opened_at: datetime
    id: UUID


class DecisionNotFound(HiveError):
    """No decision has this id."""


class DecisionRefused(HiveError):
    """A decision cannot be opened so."""


class NotAVoter(HiveError):
    """Only those who were named when it was opened may vote."""


class VoteRefused(HiveError):
    """The decision has ended, or the voter has given another verdict before."""


class Quorums:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def open(
        self,
        question: str,
        *,
        project: str,
        subject: str,
        voters: Collection[str],
        k: int,
        by: str,
        closes_in_seconds: float = OPEN_SECONDS,
        decision_id: UUID | None = None,
    ) -> Decision:
        """Ask *voters*. *subject*: what it is about, such as `pull_request:owner/repo#7`.

        With a *decision_id* of the caller's own it may be opened again and again: only the first time counts. Raises
        `DecisionRefused`, also when that id is another question's.
        """
        voters = sorted(voters)
        _refuse_odd(voters, k, closes_in_seconds)
        id_ = decision_id or uuid4()
        await self._pool.execute(_SQL.open_decision, id_, question, project, subject, voters, k, by, closes_in_seconds)
        decision = await self.get(id_)
        asked = (decision.question, decision.project, decision.subject, list(decision.voters), decision.k)
        if asked != (question, project, subject, voters, k):
            raise DecisionRefused(f"decision {id_} is about something else", hint="give each question its own id")
        return decision

    async def vote(self, decision_id: UUID, *, voter: str, verdict: str, why: str = "") -> Decision:
        """Count a vote, and decide when it was the one that decides. The same vote again changes nothing.

        *verdict* is a word of lower-case letters, digits, `_`, `.` and `-`, at most 64. Raises `DecisionNotFound`,
        `NotAVoter`, and `VoteRefused` after the end or for a second, different verdict.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_SQL.lock_decision, decision_id)
            if row is None:
                raise _not_found(decision_id)
            verdicts = {vote["voter"]: vote["verdict"] for vote in await connection.fetch(_SQL.verdicts, decision_id)}
            if verdicts.get(voter) != verdict:
                _refuse_vote(row, verdicts, voter)
                await connection.execute(_SQL.insert_vote, decision_id, voter, verdict, why)
                state, agreed = outcome(row["n"], row["k"], {**verdicts, voter: verdict})
                if state is not DecisionState.OPEN:
                    await connection.execute(_SQL.decide, decision_id, state, agreed)
        return await self.get(decision_id)

    async def get(self, decision_id: UUID) -> Decision:
        """Raises `DecisionNotFound`."""
        row = await self._pool.fetchrow(_SQL.get_decision, decision_id)
        if row is None:
            raise _not_found(decision_id)
        return _decision(row)

    async def list(
        self,
        *,
        project: str | None = None,
        subject: str | None = None,
        state: DecisionState | None = None,
        after: Cursor | None = None,
        limit: int = 50,
    ) -> Sequence[Decision]:
        """A page of decisions, the newest first."""
        cursor = (after.opened_at, after.id) if after else (None, None)
        rows = await self._pool.fetch(_SQL.list_decisions, project, subject, state, *cursor, limit)
        return [_decision(row) for row in rows]


def outcome(n: int, k: int, verdicts: Mapping[str, str]) -> tuple[DecisionState, str | None]:
    """How a decision stands when voters gave these *verdicts*, and what they agreed on."""
    most = Counter(verdicts.values()).most_common(1)
    verdict, count = most[0] if most else (None, 0)
    if count >= k:
        return DecisionState.AGREED, verdict
    outstanding = n - len(verdicts)
    return (DecisionState.OPEN if count + outstanding >= k else DecisionState.REJECTED), None


async def close_overdue_decisions(connection: Connection) -> int:
    """Write down that time ran out, for a leader to do every now and then. Returns for how many."""
    return _count(await connection.execute(_SQL.close_overdue))


async def forget_decisions(connection: Connection, *, older_than_seconds: float) -> int:
    """Retention: decisions that ended so long ago, with their votes, a thousand at a time. Returns how many."""
    return _count(await connection.execute(_SQL.forget_decisions, older_than_seconds))


def _refuse_odd(voters: Sequence[str], k: int, closes_in_seconds: float) -> None:
    if not 1 <= len(voters) <= MAX_VOTERS or len(set(voters)) != len(voters) or "" in voters:
        raise DecisionRefused(f"a decision needs 1 to {MAX_VOTERS} voters, each once and with a name")
    if not 1 <= k <= len(voters):
        raise DecisionRefused(f"{k} of {len(voters)} cannot agree", hint="k is at least 1 and at most the voters")
    if closes_in_seconds <= 0:
        raise DecisionRefused("a decision is open for some time", hint="closes_in_seconds is more than 0")


def _refuse_vote(row: Record, verdicts: Mapping[str, str], voter: str) -> None:
    if voter not in row["voters"]:
        raise NotAVoter(f"{voter} is none of those who were asked")
    if voter in verdicts:
        raise VoteRefused(f"{voter} has voted already: {verdicts[voter]}", hint="a vote cannot be changed")
    if row["state"] != DecisionState.OPEN or row["is_over"]:
        raise VoteRefused("the decision has ended")


def _not_found(decision_id: UUID) -> DecisionNotFound:
    return DecisionNotFound(f"there is no decision {decision_id}")


def _decision(row: Record) -> Decision:
    votes = msgspec.json.decode(row["votes"], type=tuple[Vote, ...])
    return msgspec.convert({**row, "votes": votes}, Decision)


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
