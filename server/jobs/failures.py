"""What failed: dead jobs, found by what they have in common, and how failures came over time.

Only reads, as `views.py` does. Messages that nobody could open are no jobs: they lie with the API's `dead_messages.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Pool, Record

from server.db import Queries
from server.jobs.job import Priority
from server.jobs.record import Cause


class DeadFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What dead jobs have in common; None for any. *since* is included, *until* is not."""

    id: UUID | None = None
    kind: str | None = None
    project: str | None = None
    queue: str | None = None
    error_class: str | None = None
    agent_id: UUID | None = None
    cause: Cause | None = None
    since: datetime | None = None
    until: datetime | None = None


class DeadJob(msgspec.Struct, frozen=True):
    """*cause*: None for what died under an earlier release. *agent_id*: who ran its last attempt."""

    id: UUID
    kind: str
    project: str
    queue: str
    priority: Priority
    attempt: int
    failures: int
    crashes: int
    error: str | None
    error_class: str | None
    cause: Cause | None
    agent_id: UUID | None
    workflow_id: UUID | None
    step: str | None
    requested_by: str
    created_at: datetime
    died_at: datetime


class DeadPlace(NamedTuple):
    """Behind which dead job a list goes on."""

    died_at: datetime
    id: UUID


class Failure(msgspec.Struct, frozen=True):
    """One event: an attempt that will be made again (`retry`, `crashed`, `lost`), or a job's end (`dead`)."""

    job_id: UUID
    type: str
    attempt: int
    kind: str
    project: str
    message: str
    error_class: str | None
    agent_id: UUID | None
    at: datetime


class Bucket(StrEnum):
    HOUR = "hour"
    DAY = "day"


class Trait(StrEnum):
    """What failures may have in common."""

    KIND = "kind"
    ERROR = "error"
    AGENT = "agent"
    PROJECT = "project"


class Point(msgspec.Struct, frozen=True):
    began_at: datetime
    failures: int


class Series(msgspec.Struct, frozen=True):
    """Failures that share *what*; None: all that are not among the most frequent. *name* is for people."""

    what: str | None
    name: str
    failures: int
    by_type: Mapping[str, int]
    points: Sequence[Point]


class FailureViews:
    """*pool* may be, and should be, read-only."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = Queries.load("server.jobs", "failures.sql")

    async def dead(self, filter_: DeadFilter, *, before: DeadPlace | None = None, limit: int = 50) -> list[DeadJob]:
        """The newest first."""
        died_at, job_id = before or (None, None)
        rows = await self._pool.fetch(self._sql.list_dead, *_places(filter_), died_at, job_id, limit)
        return [msgspec.convert(dict(row), DeadJob) for row in rows]

    async def count_dead(self, filter_: DeadFilter) -> int:
        count: int = await self._pool.fetchval(self._sql.count_dead, *_places(filter_))
        return count

    async def over_time(
        self,
        *,
        since: datetime,
        until: datetime,
        by: Trait,
        bucket: Bucket,
        kind: str | None = None,
        project: str | None = None,
        limit: int = 20,
    ) -> list[Series]:
        """The *limit* most frequent, the worst first, and the rest as one."""
        rows = await self._pool.fetch(
            self._sql.failures_over_time, since, until, bucket.value, by.value, kind, project, limit
        )
        names = await self._names(rows) if by is Trait.AGENT else {}
        return _series(rows, names)

    async def recent(self, *, limit: int) -> list[Failure]:
        rows = await self._pool.fetch(self._sql.recent_failures, limit)
        return [msgspec.convert(dict(row), Failure) for row in rows]

    async def _names(self, rows: Iterable[Record]) -> dict[str, str]:
        ids = {row["what"] for row in rows if row["what"]}
        return {str(row["id"]): row["name"] for row in await self._pool.fetch(self._sql.names_of_agents, list(ids))}


def _places(filter_: DeadFilter) -> tuple[object, ...]:
    """In the order in which the queries have them."""
    return (
        filter_.kind, filter_.project, filter_.queue, filter_.error_class, filter_.agent_id, filter_.cause,
        filter_.since, filter_.until, filter_.id,
    )  # fmt: skip


def _series(rows: Iterable[Record], names: Mapping[str, str]) -> list[Series]:
    types: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    points: defaultdict[str | None, Counter[datetime]] = defaultdict(Counter)
    for row in rows:
        types[row["what"]][row["type"]] += row["failures"]
        points[row["what"]][row["began_at"]] += row["failures"]
    made = [
        Series(
            what=what,
            name="all others" if what is None else names.get(what, what),
            failures=by_type.total(),
            by_type=dict(by_type),
            points=[Point(at, count) for at, count in sorted(points[what].items())],
        )
        for what, by_type in types.items()
    ]
    return sorted(made, key=lambda series: (series.what is None, -series.failures))
