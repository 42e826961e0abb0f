"""What the status page tells: counts and states, of no project in particular, and no code.

Gathers; `status_page.py` draws.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from server.api.board import Board
from server.api.overview import AWAY, QueueLoad, queue_loads
from server.api.parts import Parts, PartState
from server.jobs.job import Job, JobState
from server.jobs.views import KnownAgent
from server.jobs.workflow_views import Graph
from server.reviews.finding import FindingStatus, Severity

RECENT_JOBS = 12
RECENT_WORKFLOWS = 20
WORKFLOWS_SHOWN = 3


class RecentJob(msgspec.Struct, frozen=True):
    """*seconds*: how long it ran, or runs; None while it has not started. *cost_microdollars*: None without a model."""

    kind: str
    state: JobState
    created_at: datetime
    seconds: float | None
    cost_microdollars: int | None = None


class ModelUse(msgspec.Struct, frozen=True):
    """Of one model today (UTC), for all projects together."""

    model: str
    calls: int
    tokens: int
    cost_microdollars: int


class Kept(msgspec.Struct, frozen=True):
    """What only Postgres knows. *has_more*: of the jobs that ended only the newest are counted."""

    jobs: Mapping[str, Mapping[JobState, int]]
    recent: Sequence[RecentJob]
    findings: Mapping[FindingStatus, Mapping[Severity, int]]
    agents: Sequence[KnownAgent]
    queues: Sequence[QueueLoad] = ()
    workflows: Sequence[Graph] = ()
    has_more: bool = False
    models: Sequence[ModelUse] = ()
    budget_microdollars: int = 0
    """Of a day."""


class Status(msgspec.Struct, frozen=True):
    """*kept* is None while Postgres does not answer."""

    at: datetime
    parts: Mapping[str, PartState]
    doors: Mapping[str, str]
    kept: Kept | None

    @property
    def ready(self) -> bool:
        return all(part.ready for part in self.parts.values())


def status_board(parts: Parts) -> Board[Status]:
    async def gather() -> Status:
        return Status(datetime.now(UTC), await parts.readiness(), parts.doors, await _kept_or_none(parts))

    return Board(gather)


async def _kept_or_none(parts: Parts) -> Kept | None:
    try:
        return await _kept(parts)
    except AWAY:
        return None


async def _kept(parts: Parts) -> Kept:
    jobs, recent, findings, agents = await asyncio.gather(
        parts.jobs.counts(), parts.jobs.list(limit=RECENT_JOBS), parts.findings.counts(), parts.jobs.agents()
    )
    costs = await parts.transcripts.costs([job.id for job in recent])
    by_kind: dict[str, dict[JobState, int]] = {}
    for count in jobs:
        by_kind.setdefault(count.kind, {})[count.state] = count.jobs
    by_status: dict[FindingStatus, Counter[Severity]] = {status: Counter() for status in FindingStatus}
    for (status, severity), number in findings.items():
        by_status[status][severity] += number
    return Kept(
        jobs=by_kind,
        recent=[_recent(job, costs.get(job.id)) for job in recent],
        findings=by_status,
        agents=agents,
        queues=await queue_loads(parts, agents),
        workflows=await _workflows(parts),
        has_more=any(count.at_least for count in jobs),
        models=await _models(parts),
        budget_microdollars=parts.transcripts.limits.day,
    )


async def _workflows(parts: Parts) -> Sequence[Graph]:
    """Of the newest those that still go on, then those that ended."""
    newest = await parts.workflows.list(limit=RECENT_WORKFLOWS)
    shown = sorted(newest, key=lambda workflow: workflow.state.is_final)[:WORKFLOWS_SHOWN]
    return await parts.workflows.graphs(shown)


async def _models(parts: Parts) -> Sequence[ModelUse]:
    """The dearest first."""
    used: dict[str, ModelUse] = {}
    for row in await parts.transcripts.usage(days=1):
        so_far = used.get(row.model, ModelUse(row.model, 0, 0, 0))
        used[row.model] = ModelUse(
            row.model,
            so_far.calls + row.calls,
            so_far.tokens + row.usage.total,
            so_far.cost_microdollars + row.cost_microdollars,
        )
    return sorted(used.values(), key=lambda use: -use.cost_microdollars)


def _recent(job: Job, cost_microdollars: int | None) -> RecentJob:
    seconds = None
    if job.started_at is not None:
        seconds = max(0.0, ((job.finished_at or datetime.now(UTC)) - job.started_at).total_seconds())
    return RecentJob(job.kind, job.state, job.created_at, seconds, cost_microdollars)
