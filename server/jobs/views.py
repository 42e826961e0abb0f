"""What anybody may know about jobs: every question that the doors, the API and the commands ask of the jobs table.

Changes nothing, and could not: its pool is opened read-only. What changes a job is a wish that goes through a `Door` to
the orchestrator. Failures have views of their own, in `failures.py`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from asyncpg import Pool

from server.db import Queries
from server.jobs.job import Job, JobNotFound, JobState, Priority

ENDED_COUNTED = 5_000
"""Of each priority: what ended is counted among the newest, so that counting costs the same with any history."""

SILENT_SECONDS = 15.0
"""An agent unheard of for longer counts as gone."""


class RecordedEvent(msgspec.Struct, frozen=True):
    """What happened to a job, as the record has it. *type* is an `EventType`, or one of an earlier release.

    *actor* is the person or key whose wish it was; empty for the orchestrator itself.
    """

    seq: int
    type: str
    attempt: int
    message: str
    at: datetime
    actor: str
    agent_id: UUID | None
    error_class: str | None


class JobCount(msgspec.Struct, frozen=True):
    """*at_least*: there are more, further back than we count."""

    kind: str
    state: JobState
    jobs: int
    at_least: bool = False


class Line(msgspec.Struct, frozen=True):
    """What waits in a queue. *depth* are in line, *held* wait for a limit, *delayed* for their time.

    *oldest_seconds*: for how long the first of those in line could have run.
    """

    queue: str
    priority: Priority
    depth: int
    held: int
    delayed: int
    oldest_seconds: float


class KnownAgent(msgspec.Struct, frozen=True):
    """A process that works. *queues*: whose work it takes; *running*: the attempts that it holds."""

    id: UUID
    name: str
    role: str
    queues: tuple[str, ...]
    capacity: int
    state: str
    started_at: datetime
    seen_at: datetime
    silent_seconds: float
    running: int


class JobViews:
    """*pool* may be, and should be, read-only."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = Queries.load("server.jobs", "views.sql")

    async def get(self, job_id: UUID) -> Job:
        """Raises `JobNotFound`."""
        row = await self._pool.fetchrow(self._sql.get_job, job_id)
        if row is None:
            raise JobNotFound(f"there is no job {job_id}", hint="finished editor jobs are kept for half an hour")
        return msgspec.convert(dict(row), Job)

    async def list(
        self,
        *,
        state: JobState | None = None,
        kind: str | None = None,
        project: str | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Newest first; go on with *before* = the last id."""
        rows = await self._pool.fetch(self._listing(state), state, kind, project, before, limit)
        return [msgspec.convert(dict(row), Job) for row in rows]

    async def notable(self, project: str | None, *, ended: int) -> Sequence[Job]:
        """What people watch: all that live, newest first, then the *ended* newest; no editor's quick reviews."""
        rows = await self._pool.fetch(self._sql.list_notable_jobs, project, ended)
        return [msgspec.convert(dict(row), Job) for row in rows]

    async def result(self, job_id: UUID) -> bytes | None:
        """JSON, or None while there is none. Raises `JobNotFound`."""
        row = await self._pool.fetchrow(self._sql.get_result, job_id)
        if row is None:
            raise JobNotFound(f"there is no job {job_id}")
        result: bytes | None = row["result"]
        return result

    async def events(self, job_id: UUID) -> Sequence[RecordedEvent]:
        """All that happened to it, in order; empty for a job that nobody knows."""
        rows = await self._pool.fetch(self._sql.list_events, job_id)
        return [msgspec.convert(dict(row), RecordedEvent) for row in rows]

    async def counts(self) -> Sequence[JobCount]:
        """Jobs by kind and state. What is alive or dead is counted in full, what ended among the newest."""
        ended = await self._pool.fetch(self._sql.count_ended, ENDED_COUNTED)
        more = sum(row["jobs"] for row in ended) >= ENDED_COUNTED
        counted = [JobCount(row["kind"], JobState(row["state"]), row["jobs"], at_least=more) for row in ended]
        return [*await self.live_counts(), *counted]

    async def live_counts(self) -> Sequence[JobCount]:
        """As `counts`, without what ended well or was cancelled."""
        live = await self._pool.fetch(self._sql.count_live)
        return [JobCount(row["kind"], JobState(row["state"]), row["jobs"]) for row in live]

    async def agents(self) -> Sequence[KnownAgent]:
        rows = await self._pool.fetch(self._sql.list_agents)
        return [msgspec.convert(dict(row), KnownAgent) for row in rows]

    async def lines(self) -> Sequence[Line]:
        """What waits, by queue and priority; a queue in which nothing waits is not among them."""
        return [msgspec.convert(dict(row), Line) for row in await self._pool.fetch(self._sql.lines)]

    async def running(self) -> Mapping[str, int]:
        """Attempts under way, by queue."""
        return {row["queue"]: row["running"] for row in await self._pool.fetch(self._sql.running)}

    async def held(self) -> Mapping[str, int]:
        """Jobs that wait for a limit, by the limit."""
        return {row["slot"]: row["held"] for row in await self._pool.fetch(self._sql.held)}

    def _listing(self, state: JobState | None) -> str:
        if state is JobState.DEAD:
            return self._sql.list_dead_jobs
        return self._sql.list_live_jobs if state is not None and not state.is_final else self._sql.list_jobs


def capacities(agents: Iterable[KnownAgent]) -> Counter[str]:
    """How many attempts can be under way at a time, by queue. An agent of several queues counts in each."""
    found: Counter[str] = Counter()
    for agent in agents:
        if agent.silent_seconds <= SILENT_SECONDS:
            found.update(dict.fromkeys(agent.queues, agent.capacity))
    return found
