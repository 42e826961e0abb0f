"""Whether the parts of a running hub do their work: what `/ready` and `hive doctor` are told."""

import asyncio
from collections.abc import Mapping, Sequence

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from lsp.server import LspDoor
from server.api.parts import PartState
from server.db import DATABASE_AWAY
from server.jobs.supervisor import Supervisor
from server.reviews.workflow import REVIEW_QUEUE

_RETIRED = "retired; once it is resumed, a new start of the hub brings it back"


class Readiness:
    """How every part is, asked afresh at each call."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        redis: Redis,
        workers: Sequence[Supervisor],
        editors: LspDoor,
    ) -> None:
        self._pool = pool
        self._redis = redis
        self._workers = workers
        self._editors = editors

    async def __call__(self) -> Mapping[str, PartState]:
        states = {"postgres": await self._postgres(), "redis": await self._redis_answers()}
        for worker in self._workers:
            name = "agents" if worker.queue == REVIEW_QUEUE else worker.queue
            is_ready = worker.ready.is_set()
            note = _RETIRED if worker.is_retired else _restarts(worker.restarts) if is_ready else "starting"
            states[name] = PartState(is_ready or worker.is_retired, note)
        states["editors"] = PartState(True, f"{self._editors.sessions} connected")
        return states

    async def _postgres(self) -> PartState:
        try:
            async with asyncio.timeout(2.0):
                await self._pool.fetchval("select 1")
        except DATABASE_AWAY:
            return PartState(False, "no answer")
        return PartState(True)

    async def _redis_answers(self) -> PartState:
        try:
            async with asyncio.timeout(2.0):
                await self._redis.ping()
        except (RedisError, OSError):
            return PartState(False, "no answer")
        return PartState(True)


def _restarts(count: int) -> str:
    return "" if count == 0 else "restarted once" if count == 1 else f"restarted {count} times"
