"""What merged pull requests tell of how long changes take. Pure.

- Lead time for changes: from the first commit to the merge (DORA counts until production). A commit that was rebased
  keeps the time at which it was written.
- Open time: from the opening of the pull request to the merge.
- Review time: from the opening to the first review by another person; bots do not count.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from server.history.figures import Spread, spread


class PullTimes(msgspec.Struct, frozen=True):
    """Of a pull request that is merged: none of it changes any more."""

    number: int
    opened_at: datetime
    merged_at: datetime
    first_commit_at: datetime | None = None
    first_review_at: datetime | None = None


class PullFigures(msgspec.Struct, frozen=True):
    """*merged*: since then. *read*: so many of them are in the figures. *unreviewed*: merged without a review."""

    merged: int
    read: int
    unreviewed: int
    lead_time: Spread | None
    open_time: Spread | None
    review_time: Spread | None


def pull_figures(times: Sequence[PullTimes], merged: int) -> PullFigures:
    return PullFigures(
        merged=merged,
        read=len(times),
        unreviewed=sum(t.first_review_at is None for t in times),
        lead_time=_spread((t.first_commit_at, t.merged_at) for t in times),
        open_time=_spread((t.opened_at, t.merged_at) for t in times),
        review_time=_spread((t.opened_at, t.first_review_at) for t in times),
    )


def _spread(pairs: Iterable[tuple[datetime | None, datetime | None]]) -> Spread | None:
    return spread(max(0.0, (end - begin).total_seconds()) for begin, end in pairs if begin and end)
