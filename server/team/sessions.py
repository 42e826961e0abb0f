"""Sessions: the work of a person on a project, or of an agent, over time, whatever restarts meanwhile.

They are gathered from the events of jobs, a few seconds later, and nothing waits for them. A session ends when nothing
happened in it for some hours; who comes back sooner goes on with it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import NoReturn
from uuid import UUID

import msgspec
from asyncpg import Pool

from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY, Queries
from server.errors import HiveError
from server.jobs.job import Job
from server.jobs.life import Summary
from server.jobs.wire import StateTold

REST_SECONDS = 4 * 3600.0
GATHER_EVERY_SECONDS = 5.0
EVENTS_AT_ONCE = 20_000
JOBS_LISTED = 200
KEEP_SECONDS = 90 * 86400.0
MAX_SUMMARY_BYTES = 64 * 1024


class SessionKind(StrEnum):
    AGENT = "agent"
    PERSON = "person"


class Session(msgspec.Struct, frozen=True):
    """*owner*: the name of the agent, or of who asked. *project* is empty for an agent, which works for all.

    *ended_at*: when something happened last, once that is hours ago.
    """

    id: UUID
    kind: SessionKind
    owner: str
    project: str
    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None


class SessionDetails(msgspec.Struct, frozen=True):
    """*counts*: events by kind of job and type. *jobs*: the newest that are kept.

    *processes*: of an agent, what each of its processes had done when it last fell asleep, by the process's id.
    """

    session: Session
    counts: dict[str, dict[str, int]]
    jobs: list[Job]
    processes: dict[str, Summary]


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of sessions ended."""

    last_seen_at: datetime
    id: UUID


class SessionNotFound(HiveError):
    """No session has this id."""


class Sessions:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = Queries.load("server.team", "sessions.sql")

    async def run(self, newest: Callable[[], Awaitable[int]]) -> NoReturn:
        """Gather for as long as the hub runs. *newest*: the number up to which all events are final (`EventFeed`)."""
        while True:
            stop_if_cancelled()
            with suppress(*DATABASE_AWAY):
                await self.gather(await newest())
            await asyncio.sleep(GATHER_EVERY_SECONDS)

    async def gather(self, newest: int) -> None:
        """Tell of everything up to event *newest*, exactly once; any number of hubs may do it."""
        while not await self._gather_some(newest):
            pass

    async def keep_summaries(self, states: Sequence[StateTold]) -> None:
        """What agents consolidated before they slept. Each tells of all since its start, so its last word counts."""
        for told in states:
            summary = _summary(told.summary)
            if summary is not None:
                await self._pool.execute(self._sql.keep_summary, told.agent_id, summary)

    async def list(
        self,
        *,
        kind: SessionKind | None = None,
        owner: str | None = None,
        project: str | None = None,
        after: Cursor | None = None,
        limit: int = 50,
    ) -> Sequence[Session]:
        """The last seen first; go on with the last one's `Cursor`."""
        ended = (after.last_seen_at, after.id) if after else (None, None)
        rows = await self._pool.fetch(self._sql.list_sessions, kind, owner, project, *ended, limit)
        return [msgspec.convert(dict(row), Session) for row in rows]

    async def get(self, session_id: UUID) -> SessionDetails:
        """Raises `SessionNotFound`."""
        row = await self._pool.fetchrow(self._sql.get_session, session_id)
        if row is None:
            raise SessionNotFound(f"there is no session {session_id}", hint="`hive sessions` shows their ids")
        counts: dict[str, dict[str, int]] = {}
        for count in await self._pool.fetch(self._sql.count_events, session_id):
            counts.setdefault(count["kind"], {})[count["type"]] = count["events"]
        is_agents = row["kind"] == SessionKind.AGENT  # it ran the steps; a person asked for the whole
        jobs = await self._pool.fetch(self._sql.list_jobs, session_id, JOBS_LISTED, is_agents)
        return SessionDetails(
            msgspec.convert(dict(row), Session),
            counts,
            [msgspec.convert(dict(job), Job) for job in jobs],
            msgspec.json.decode(row["summary"], type=dict[str, Summary]),
        )

    async def forget(self, *, older_than_seconds: float = KEEP_SECONDS) -> None:
        await self._pool.execute(self._sql.forget, older_than_seconds)

    async def _gather_some(self, newest: int) -> bool:
        """Whether all is gathered, or somebody else is at it."""
        async with self._pool.acquire() as connection, connection.transaction():
            since: int | None = await connection.fetchval(self._sql.lock_gathered)
            if since is None:
                return True
            until = min(newest, since + EVENTS_AT_ONCE)
            await connection.execute(self._sql.end_rested, REST_SECONDS)
            await connection.execute(self._sql.gather, since, until, JOBS_LISTED)
        return until >= newest


def _summary(told: msgspec.Raw) -> str | None:
    """As Postgres keeps it; None when there is none, or none that an agent of ours would tell."""
    if len(told) > MAX_SUMMARY_BYTES or b"\\u0000" in bytes(told):  # the one character that jsonb cannot hold
        return None
    try:
        summary = msgspec.json.decode(told, type=Summary | None)
    except msgspec.MsgspecError:
        return None
    return None if summary is None else msgspec.json.encode(summary).decode()
