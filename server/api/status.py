"""What the status page tells: counts and states, of no project in particular, and no code.

Gathers; `status_page.py` draws. However many people look, Postgres is asked at most once a second.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from server.api.parts import Parts, PartState
from server.db import DATABASE_AWAY
from server.errors import HiveError
from server.jobs.job import Job, JobState
from server.reviews.finding import FindingStatus, Severity

FRESH_SECONDS = 1.0
RECENT_JOBS = 12

_AWAY: tuple[type[Exception], ...] = (HiveError, *DATABASE_AWAY)


class AgentLine(msgspec.Struct, frozen=True):
    queue: str
    capacity: int
    running: int
    silent_seconds: float


class RecentJob(msgspec.Struct, frozen=True):
    """*seconds*: how long it ran, or runs; None while it has not started."""

    kind: str
    state: JobState
    created_at: datetime
    seconds: float | None


class Kept(msgspec.Struct, frozen=True):
    """What only Postgres knows."""

    jobs: Mapping[str, Mapping[JobState, int]]
    recent: Sequence[RecentJob]
    findings: Mapping[FindingStatus, Mapping[Severity, int]]
    agents: Sequence[AgentLine]


class Status(msgspec.Struct, frozen=True):
    """*kept* is None while Postgres does not answer."""

    at: datetime
    parts: Mapping[str, PartState]
    doors: Mapping[str, str]
    kept: Kept | None

    @property
    def ready(self) -> bool:
        return all(part.ready for part in self.parts.values())


class StatusBoard:
    """The status of now, or of less than a second ago."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = asyncio.Lock()
        self._gathered: tuple[float, Status] | None = None

    async def look(self) -> Status:
        async with self._lock:
            if self._gathered is None or time.monotonic() - self._gathered[0] > FRESH_SECONDS:
                self._gathered = (time.monotonic(), await self._gather())
            return self._gathered[1]

    async def _gather(self) -> Status:
        ready = await self._parts.readiness()
        try:
            kept = await self._read()
        except _AWAY:
            kept = None
        return Status(datetime.now(UTC), ready, self._parts.doors, kept)

    async def _read(self) -> Kept:
        parts = self._parts
        jobs, recent, findings, agents = await asyncio.gather(
            parts.jobs.counts(), parts.jobs.list(limit=RECENT_JOBS), parts.findings.counts(), parts.jobs.agents()
        )
        by_kind: dict[str, dict[JobState, int]] = {}
        for line in jobs:
            by_kind.setdefault(line["kind"], {})[JobState(line["state"])] = line["jobs"]
        by_status: dict[FindingStatus, Counter[Severity]] = {status: Counter() for status in FindingStatus}
        for (status, severity), count in findings.items():
            by_status[status][severity] += count
        return Kept(
            jobs=by_kind,
            recent=[_recent(job) for job in recent],
            findings=by_status,
            agents=[
                AgentLine(line["queue"], line["capacity"], line["running"], line["silent_seconds"]) for line in agents
            ],
        )


def _recent(job: Job) -> RecentJob:
    seconds = None
    if job.started_at is not None:
        seconds = max(0.0, ((job.finished_at or datetime.now(UTC)) - job.started_at).total_seconds())
    return RecentJob(job.kind, job.state, job.created_at, seconds)
