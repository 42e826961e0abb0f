"""`/api/v1/dead-letters/analytics`: what failed over time, by kind, error, agent or project."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import msgspec

from server.api.dead_letters import Moment
from server.api.problems import Problem
from server.api.reading import Limit, Line
from server.api.route import Call
from server.jobs.failures import Bucket, Series, Trait

SHOWN = timedelta(days=7)
MOST_BUCKETS = 800
"""A month by the hour, two years by the day."""
LENGTH = {Bucket.HOUR: timedelta(hours=1), Bucket.DAY: timedelta(days=1)}


class FailuresQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*since* is a week ago, *until* now, unless they are given. *limit*: how many series; the rest is one."""

    since: Moment | None = None
    until: Moment | None = None
    by: Trait = Trait.KIND
    bucket: Bucket = Bucket.HOUR
    kind: Line | None = None
    project: Line | None = None
    limit: Limit = 20


class FailuresOverTime(msgspec.Struct, frozen=True):
    """Attempts that failed, and jobs that died of it: one that fails five times for good counts five times."""

    since: datetime
    until: datetime
    by: Trait
    bucket: Bucket
    failures: int
    series: Sequence[Series]


async def analyze(call: Call[FailuresQuery, None]) -> FailuresOverTime:
    query = call.query
    until = query.until or datetime.now(UTC)
    since = query.since or until - SHOWN
    if not timedelta() < until - since <= MOST_BUCKETS * LENGTH[query.bucket]:
        hint = f"since is before until; at most {MOST_BUCKETS} buckets: ask by the day for longer times"
        raise Problem(HTTPStatus.BAD_REQUEST, "this time is empty or too long", hint=hint)
    series = await call.parts.failures.over_time(
        since=since,
        until=until,
        by=query.by,
        bucket=query.bucket,
        kind=query.kind,
        project=query.project,
        limit=query.limit,
    )
    return FailuresOverTime(since, until, query.by, query.bucket, sum(line.failures for line in series), series)
