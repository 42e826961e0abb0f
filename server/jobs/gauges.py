"""Gather what can only be seen by looking: what waits, who works, how deep the streams are.

Looks every few seconds, and less often where looking takes long, so that watching stays a small part of the work.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from redis.asyncio import Redis

from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY
from server.errors import RedisUnavailable
from server.jobs.failures import DeadFilter, FailureViews
from server.jobs.job import Priority
from server.jobs.views import JobViews, capacities
from server.messaging import EVENTS, INTAKE, INTAKES, OUTCOMES, Role, inbox, inboxes
from server.messaging.connection import pipelined, redis_errors
from server.messaging.post import everyone
from server.observability.metrics import Metrics, replace

LOOK_EVERY_SECONDS = 10.0
REST_FACTOR = 20
"""At least so many times as long as a look took is rested after it."""

GROUP = "orchestrators"

WORKERS = (Role.AGENT, Role.EFFECTS)
BURYING = (INTAKE, OUTCOMES, EVENTS, *map(inboxes, WORKERS), *map(everyone, WORKERS))
"""A route for every place where messages that nobody could open lie; an agent's letters share its inbox's."""


class Gauges:
    """*queues*: those that are shown though nothing waits in them."""

    def __init__(
        self, metrics: Metrics, jobs: JobViews, failures: FailureViews, redis: Redis, queues: Iterable[str]
    ) -> None:
        self._metrics = metrics
        self._jobs = jobs
        self._failures = failures
        self._redis = redis
        self._queues = tuple(queues)

    async def run(self) -> NoReturn:
        """Until cancelled. What an engine cannot say while it is away stays as it was last."""
        while True:
            began = time.monotonic()
            await self.look()
            stop_if_cancelled()
            await asyncio.sleep(max(LOOK_EVERY_SECONDS, REST_FACTOR * (time.monotonic() - began)))

    async def look(self) -> None:
        began = time.monotonic()
        for part in (self._look_at_jobs, self._look_at_agents, self._look_at_streams, self._look_at_dead_letters):
            with suppress(*DATABASE_AWAY, RedisUnavailable):
                await part()
        self._metrics.gauging_seconds.set(time.monotonic() - began)
        self._metrics.gauged_at.set(time.time())

    async def _look_at_jobs(self) -> None:
        metrics = self._metrics
        nothing = {(queue, _name(priority)): 0.0 for queue in self._queues for priority in Priority}
        lines = {(line.queue, _name(line.priority)): line for line in await self._jobs.lines()}
        replace(metrics.queue_depth, nothing | {place: line.depth for place, line in lines.items()})
        replace(metrics.queue_delayed, nothing | {place: line.delayed for place, line in lines.items()})
        replace(metrics.queue_oldest_seconds, nothing | {place: line.oldest_seconds for place, line in lines.items()})
        idle = {(queue,): 0.0 for queue in self._queues}
        running = await self._jobs.running()
        replace(metrics.queue_running, idle | {(queue,): count for queue, count in running.items()})
        replace(metrics.held, {(limit,): count for limit, count in (await self._jobs.held()).items()})
        live = await self._jobs.live_counts()
        replace(metrics.jobs, {(count.kind, count.state.value): count.jobs for count in live})

    async def _look_at_agents(self) -> None:
        metrics = self._metrics
        agents = await self._jobs.agents()
        replace(metrics.agents, Counter((agent.role, agent.state) for agent in agents))
        silent: dict[tuple[str, ...], float] = {}
        for agent in agents:
            silent[agent.role,] = max(agent.silent_seconds, silent.get((agent.role,), 0.0))
        replace(metrics.agents_silent_seconds, silent)
        replace(metrics.queue_capacity, {(queue,): room for queue, room in capacities(agents).items()})
        lengths = await self._ask([("XLEN", inbox(Role(agent.role), agent.id).key) for agent in agents])
        entries: Counter[tuple[str, ...]] = Counter()
        for agent, length in zip(agents, lengths, strict=True):
            entries[agent.role,] += length
        replace(metrics.inbox_entries, entries)

    async def _look_at_streams(self) -> None:
        metrics = self._metrics
        for route in (*INTAKES, OUTCOMES):
            entries, pending = await self._ask([("XLEN", route.key), ("XPENDING", route.key, GROUP)])
            metrics.stream_entries.labels(route.stream).set(entries)
            metrics.stream_pending.labels(route.stream).set(pending)
            # What is acknowledged is deleted: the rest is either pending or was never read.
            metrics.stream_lag.labels(route.stream).set(max(0, entries - pending))
        (told,) = await self._ask([("XLEN", EVENTS.key)])
        metrics.stream_entries.labels(EVENTS.stream).set(told)

    async def _look_at_dead_letters(self) -> None:
        self._metrics.dead_letters.labels("job").set(await self._failures.count_dead(DeadFilter()))
        messages = await self._ask([("XLEN", route.dead_key) for route in BURYING])
        self._metrics.dead_letters.labels("message").set(sum(messages))

    async def _ask(self, commands: Sequence[tuple[str, ...]]) -> list[int]:
        """The count that each is answered with. After a FLUSHALL there is no group until somebody reads: nothing."""
        if not commands:
            return []
        with redis_errors("measuring the streams"):
            replies = await pipelined(self._redis, commands)
        return [_count(reply) for reply in replies]


def _count(reply: Any) -> int:
    if isinstance(reply, Exception):
        return 0
    return int(reply[0] if isinstance(reply, list) else reply)


def _name(priority: Priority) -> str:
    return priority.name.lower()
