"""Other Python queues, measured as ours is: the same engines, the same job, one worker, in the same run.

One that cannot be installed is left out, and the table says so.
"""

import asyncio
import json
import os
import signal
import time
from asyncio import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from bench import environments
from bench.environments import PATIENCE_SECONDS, PeerFailed
from bench.machine import REPOSITORY
from bench.processes import family_cpu_seconds
from bench.queue_engines import QueueEngines
from server.db import connect

HIREDIS, REDIS, UVLOOP = "hiredis==3.5.0", "redis==8.1.0", "uvloop==0.23.0"
"""What makes peers faster, for each that can use it."""

LOOK_EVERY_SECONDS = 0.01
SETTLE_SECONDS = 1.0

Drained = Callable[["Engine"], Awaitable[bool]]
"""Whether the peer itself considers all its work as done and acknowledged."""


@dataclass(frozen=True)
class Engine:
    redis: "Redis"
    database: asyncpg.Connection


@dataclass(frozen=True)
class Peer:
    """*ahead*: how many times its rate ours is to have. *slow*: it gets a fifth of the jobs.

    *durable*: its jobs survive the loss of Redis.
    """

    name: str
    requirements: Sequence[str]
    drained: Drained
    ahead: float = 1.0
    slow: bool = False
    durable: bool = False

    @property
    def python(self) -> Path:
        return environments.program(self.name, "python")


# --- who they are -----------------------------------------------------------------------------------------------------


async def _celery_drained(engine: Engine) -> bool:
    return not await engine.redis.llen("celery") and not await engine.redis.hlen("unacked")


async def _taskiq_drained(engine: Engine) -> bool:
    return not (await engine.redis.xpending("taskiq", "taskiq"))["pending"]


async def _dramatiq_drained(engine: Engine) -> bool:
    if await engine.redis.llen("dramatiq:default"):
        return False
    return not any([await engine.redis.scard(key) async for key in engine.redis.scan_iter("dramatiq:__acks__*")])


async def _pgqueuer_drained(engine: Engine) -> bool:
    return not await engine.database.fetchval("select exists (select from pgqueuer)")


async def _arq_drained(engine: Engine) -> bool:
    return not await engine.redis.zcard("arq:queue")


async def _rq_drained(engine: Engine) -> bool:
    return not await engine.redis.llen("rq:queue:default") and not await engine.redis.zcard("rq:wip:default")


async def _saq_drained(engine: Engine) -> bool:
    return not await engine.redis.zcard("saq:default:incomplete")


async def _procrastinate_drained(engine: Engine) -> bool:
    left = "select exists (select from procrastinate_jobs where status in ('todo', 'doing'))"
    return not await engine.database.fetchval(left)


PEERS = (
    Peer("pgqueuer", ("pgqueuer[asyncpg]==1.6.0", "asyncpg==0.32.0", UVLOOP), _pgqueuer_drained, durable=True),
    Peer("taskiq", ("taskiq==0.13.0", "taskiq-redis==1.2.4", REDIS, HIREDIS, UVLOOP), _taskiq_drained, ahead=5.0),
    Peer("dramatiq", ("dramatiq==2.2.1", REDIS, HIREDIS), _dramatiq_drained, ahead=5.0),
    Peer("celery", ("celery[redis]==5.7.0", "packaging==26.3", HIREDIS), _celery_drained, ahead=10.0),
    Peer("arq", ("arq==0.28.0", "redis==5.3.1", HIREDIS, UVLOOP), _arq_drained, slow=True),
    Peer("saq", ("saq[redis]==0.26.4", "typing-extensions==4.16.0", HIREDIS, UVLOOP), _saq_drained, slow=True),
    Peer("rq", ("rq==3.0.0", REDIS, HIREDIS), _rq_drained, slow=True),
    Peer(
        "procrastinate",
        ("procrastinate==3.10.0", "psycopg[binary,pool]==3.3.9", UVLOOP),
        _procrastinate_drained,
        slow=True,
        durable=True,
    ),
)


# --- one of them ------------------------------------------------------------------------------------------------------


async def install(peer: Peer) -> None:
    """Raises `PeerFailed`."""
    await environments.install(peer.name, peer.requirements)


async def measure_peer(peer: Peer, engines: QueueEngines, *, jobs: int, seconds: float) -> dict[str, float]:
    """Enqueue and drain *jobs*, then the latency at 50/s for *seconds*. Raises `PeerFailed`."""
    await engines.empty()
    url = await engines.new_database(migrated=False)
    environment = {
        **os.environ,
        "HIVE_BENCH_BOARD": str(engines.board_path),
        "HIVE_BENCH_REDIS": engines.peers_url,
        "HIVE_BENCH_POSTGRES": url,
    }
    try:
        async with connect(url) as database:
            meeting = _Meeting(peer, engines, Engine(engines.admin, database), environment)
            await meeting.prepare()
            return {**await meeting.drain(jobs), **await meeting.steady(seconds)}
    finally:
        await engines.drop_database(url)


class _Meeting:
    def __init__(self, peer: Peer, engines: QueueEngines, engine: Engine, environment: dict[str, str]) -> None:
        self._peer = peer
        self._engines = engines
        self._engine = engine
        self._environment = environment
        self._module = f"bench.peers.{peer.name}"

    async def prepare(self) -> None:
        await self._program("schema")

    async def drain(self, jobs: int) -> dict[str, float]:
        """As of ours: all are queued before the one worker starts; from the first start to the last acknowledgement."""
        board, places = self._engines.board, range(jobs)
        enqueued = json.loads(await self._program("produce", "0", str(jobs)))
        async with self._worker() as worker:
            await self._until(worker, _immediately(board.any_started))
            before = self._cpu_seconds(worker)
            await self._until(worker, _immediately(board.all_ran(places)))
            await self._until(worker, lambda: self._peer.drained(self._engine))
            ended, after = time.monotonic_ns(), self._cpu_seconds(worker)
        return {
            "enqueued_per_second": jobs / enqueued["seconds"],
            "drained_per_second": jobs * 1e9 / (ended - board.first_start(places)),
            "cpu_us": 1e6 * (after - before) / jobs,
            "ran_twice": sum(ran > 1 for ran in board.runs[:jobs].tolist()),
        }

    async def steady(self, seconds: float) -> dict[str, float]:
        board, per_second = self._engines.board, 50
        board.clear()
        jobs, warm_up = int(per_second * seconds), per_second
        async with self._worker() as worker:
            await self._program("produce", "0", "1")
            await self._until(worker, _immediately(board.all_ran(range(1))))
            await asyncio.sleep(SETTLE_SECONDS)
            await self._program("produce", "1", str(warm_up + jobs), str(per_second))
            await self._until(worker, _immediately(board.all_ran(range(1 + warm_up + jobs))))
        waited = sorted(board.start_seconds(range(1 + warm_up, 1 + warm_up + jobs)))
        return {f"start_p{part}_ms": 1000 * waited[len(waited) * part // 100] for part in (50, 95, 99)}

    def _cpu_seconds(self, worker: subprocess.Process) -> float:
        return family_cpu_seconds(worker.pid) + sum(self._engines.cpu_seconds().values())

    async def _program(self, *arguments: str) -> bytes:
        return await environments.run(
            str(self._peer.python), "-m", self._module, *arguments, environment=self._environment
        )

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            str(self._peer.python), "-m", self._module, "worker",
            cwd=REPOSITORY, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _until(self, worker: subprocess.Process, done: Callable[[], Awaitable[bool]]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await done():
            if worker.returncode is not None:
                raise PeerFailed(f"its worker ended with status {worker.returncode}")
            if time.monotonic() > deadline:
                raise PeerFailed(f"it is not done after {PATIENCE_SECONDS:.0f} s")
            await asyncio.sleep(LOOK_EVERY_SECONDS)


def _immediately(done: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def answer() -> bool:
        return done()

    return answer
