"""What people showed of findings: a thumb, a thread that they resolved, a suggestion that they took over.

Feedback decides nothing: a person's dismissal does, and stands in `findings.py`. `server/effects/feedback.py` reads it
from GitHub; here it is kept and, by rule, counted, so that whoever runs the hub sees which rules people reject.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

import asyncpg
import msgspec

from server.db import Queries

NEAR_LINES = 50
"""How far a suggestion may have moved when it was taken over together with others."""

_SQL = Queries.load("server.reviews", "feedback.sql")


class FeedbackKind(StrEnum):
    """*resolved*: by a person, as done or as unwanted: nobody says. *applied*: the suggestion stands in the code."""

    LIKED = "liked"
    DISLIKED = "disliked"
    RESOLVED = "resolved"
    APPLIED = "applied"


class Feedback(msgspec.Struct, frozen=True):
    """*by*: `github:<login>`, "" where nobody is named."""

    fingerprint: str
    kind: FeedbackKind
    by: str = ""


class KnownFeedback(msgspec.Struct, frozen=True):
    """As it is kept of one finding. *place*: `pull_request:owner/repo#7`."""

    kind: FeedbackKind
    by: str
    place: str
    at: datetime


class RuleFeedback(msgspec.Struct, frozen=True):
    """How people take one rule: findings by their status, and feedback by its kind.

    *rejected*: findings that were dismissed or got a thumb down, each once.
    """

    rule: str
    findings: int
    fixed: int
    dismissed: int
    liked: int
    disliked: int
    resolved: int
    applied: int
    rejected: int


class FeedbackStore:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def keep(self, project: str, place: str, shown: Collection[Feedback]) -> None:
        """All that is shown at *place* now: what was taken back is gone, but for suggestions that were applied.

        What is said of findings that nobody knows here is not kept.
        """
        columns = [f.fingerprint for f in shown], [f.kind.value for f in shown], [f.by for f in shown]
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL.take_back_feedback, project, place, *columns)
            await connection.execute(_SQL.keep_feedback, project, place, *columns)

    async def of(self, project: str, fingerprint: str) -> Sequence[KnownFeedback]:
        rows = await self._pool.fetch(_SQL.feedback_of, project, fingerprint)
        return [KnownFeedback(FeedbackKind(row["kind"]), row["by"], row["place"], row["at"]) for row in rows]

    async def by_rule(self, *, project: str | None = None, limit: int = 100) -> Sequence[RuleFeedback]:
        """The most rejected first."""
        rows = await self._pool.fetch(_SQL.feedback_by_rule, project, limit)
        return [RuleFeedback(**row) for row in rows]


def suggestion_in(body: str) -> list[str] | None:
    """The lines of the one ```suggestion block of a comment of ours; None where there is none, or several."""
    blocks = list(_SUGGESTION.finditer(body))
    return blocks[0]["content"].split("\n")[:-1] if len(blocks) == 1 else None


def is_applied(suggested: Sequence[str], text: str, line: int) -> bool:
    """Whether the file says, at or near that line, what was suggested. A deletion leaves nothing to be seen."""
    if not any(part.strip() for part in suggested):
        return False
    lines = text.split("\n")
    first, last = max(0, line - 1 - NEAR_LINES), min(len(lines), line + NEAR_LINES)
    return any(lines[at : at + len(suggested)] == list(suggested) for at in range(first, last))


_SUGGESTION = re.compile(r"^(?P<fence>`{3,})suggestion\n(?P<content>(?:.*\n)*?)(?P=fence)$", re.M)
