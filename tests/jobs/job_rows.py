"""Rows of jobs, events and agents as the orchestrator would write them, for tests of what only reads."""

import itertools
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from server.jobs.job import new_job_id
from server.jobs.record import Cause, Died

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROJECT = "github.com/o/r"


class Rows:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._numbers = itertools.count(1)  # jobs are younger than those before, also within a millisecond

    async def job(self, state: str = "queued", **columns: Any) -> UUID:
        row = {
            "id": UUID(int=next(self._numbers)), "kind": "review", "project": PROJECT, "queue": "review",
            "state": state, "priority": 2, "max_attempts": 3, "run_at": NOON, "created_at": NOON,
        } | columns  # fmt: skip
        if state in ("succeeded", "dead", "cancelled"):
            row.setdefault("finished_at", NOON)
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await self._pool.execute(f"insert into jobs ({', '.join(row)}) values ({places})", *row.values())
        return UUID(str(row["id"]))

    async def event(self, job_id: UUID, type_: str, data: object = None, **columns: Any) -> None:
        row = {"job_id": job_id, "type": type_, "kind": "review", "project": PROJECT, "at": NOON} | columns
        row["data"] = None if data is None else msgspec.json.encode(data)
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await self._pool.execute(f"insert into job_events ({', '.join(row)}) values ({places})", *row.values())

    async def dead_job(self, cause: Cause = Cause.FAILED, agent_id: UUID | None = None, **columns: Any) -> UUID:
        job_id = await self.job("dead", **columns)
        await self.event(job_id, "dead", Died(cause), agent_id=agent_id)
        return job_id

    async def agent(self, name: str) -> UUID:
        agent_id = new_job_id()
        await self._pool.execute(
            "insert into agents (id, name, role, queues, capacity, state, leased_until) "
            "values ($1, $2, 'agent', array['review'], 8, 'awake', hive_now() + interval '15 s')",
            agent_id,
            name,
        )
        return agent_id

    async def clock_at(self, moment: datetime) -> None:
        await self._pool.execute("insert into clock (ahead) values ($1 - now())", moment)
