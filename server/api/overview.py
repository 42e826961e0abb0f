"""`/api/v1/overview`: how the hive is now, in one answer, for `hive top` and the status page.

Queues and agents are the whole hive's. Durations are of what this hub handed out and saw end in the last two minutes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from server.api.board import Board
from server.api.parts import Parts, PartState
from server.api.route import Call
from server.db import DATABASE_AWAY
from server.errors import HiveError, RedisUnavailable
from server.hubs.leader import Leader
from server.jobs.failures import DeadFilter, Failure
from server.jobs.job import EventType
from server.jobs.meter import Percentiles
from server.jobs.views import KnownAgent, Line, capacities

RECENT_FAILURES = 10
RATE_SECONDS = 60
FAILED = (EventType.RETRY, EventType.CRASHED, EventType.LOST, EventType.DEAD)

AWAY: tuple[type[Exception], ...] = (HiveError, *DATABASE_AWAY)


class QueueLoad(msgspec.Struct, frozen=True):
    """*lines*: what waits, by priority. *capacity*: the attempts that its living agents can run at a time.

    *waited*: from when a job could start to when it was handed out; *ran*: from there to its end; *through*: from the
    door back to it. Null when there was nothing lately.
    """

    queue: str
    running: int
    capacity: int
    lines: Sequence[Line]
    waited: Percentiles | None
    ran: Percentiles | None
    through: Percentiles | None

    @property
    def depth(self) -> int:
        return sum(line.depth for line in self.lines)

    @property
    def oldest_seconds(self) -> float:
        return max((line.oldest_seconds for line in self.lines), default=0.0)


class Rates(msgspec.Struct, frozen=True):
    """How many in each of the last seconds, the oldest first."""

    started: Sequence[int]
    succeeded: Sequence[int]
    failed: Sequence[int]


class DeadCount(msgspec.Struct, frozen=True):
    """*messages* is null while Redis does not answer."""

    jobs: int
    messages: int | None


class Load(msgspec.Struct, frozen=True):
    """What only Postgres knows."""

    leader: Leader | None
    queues: Sequence[QueueLoad]
    agents: Sequence[KnownAgent]
    failures: Sequence[Failure]
    dead: DeadCount


class Overview(msgspec.Struct, frozen=True):
    """*load* is null while Postgres does not answer."""

    at: datetime
    ready: bool
    parts: Mapping[str, PartState]
    rates: Rates
    load: Load | None


def overview_board(parts: Parts) -> Board[Overview]:
    async def gather() -> Overview:
        states = await parts.readiness()
        ready = all(state.ready for state in states.values())
        return Overview(datetime.now(UTC), ready, states, rates_of(parts), await _load_or_none(parts))

    return Board(gather)


BOARD = web.AppKey("overview_board", Board[Overview])


async def get_overview(call: Call[None, None]) -> Overview:
    return await call.request.app[BOARD].look()


def rates_of(parts: Parts) -> Rates:
    rates = parts.meter.rates
    return Rates(
        started=rates.by_second(EventType.STARTED, seconds=RATE_SECONDS),
        succeeded=rates.by_second(EventType.SUCCEEDED, seconds=RATE_SECONDS),
        failed=rates.by_second(*FAILED, seconds=RATE_SECONDS),
    )


async def queue_loads(parts: Parts, agents: Sequence[KnownAgent]) -> Sequence[QueueLoad]:
    """Of every queue that has agents, or something to do."""
    lines, running = await asyncio.gather(parts.jobs.lines(), parts.jobs.running())
    room = capacities(agents)
    queues = sorted({queue for agent in agents for queue in agent.queues} | {line.queue for line in lines} | {*running})
    return [
        QueueLoad(
            queue=queue,
            running=running.get(queue, 0),
            capacity=room[queue],
            lines=[line for line in lines if line.queue == queue],
            waited=parts.meter.waited.percentiles(queue),
            ran=parts.meter.ran.percentiles(queue),
            through=parts.meter.through.percentiles(queue),
        )
        for queue in queues
    ]


async def _load_or_none(parts: Parts) -> Load | None:
    try:
        return await _load(parts)
    except AWAY:
        return None


async def _load(parts: Parts) -> Load:
    leader, agents, failures, dead_jobs, dead_messages = await asyncio.gather(
        parts.leader(),
        parts.jobs.agents(),
        parts.failures.recent(limit=RECENT_FAILURES),
        parts.failures.count_dead(DeadFilter()),
        _dead_messages(parts),
    )
    queues = await queue_loads(parts, agents)
    return Load(leader, queues, agents, failures, DeadCount(dead_jobs, dead_messages))


async def _dead_messages(parts: Parts) -> int | None:
    try:
        return await parts.dead_messages.total()
    except RedisUnavailable:
        return None
