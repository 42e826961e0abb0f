"""A hive of role processes to be measured: started, given load, killed, and asked what it cost."""

import asyncio
import os
import signal
import sys
import time
from asyncio import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec

from bench.machine import REPOSITORY
from bench.processes import family_cpu_seconds
from bench.queue_engines import QueueEngines
from bench.queue_roles import NOOP, QUEUE, Bootstrap, Load
from server.db import connect
from server.jobs.store import LEASE_SECONDS
from server.messaging import EVENTS, INTAKES

PATIENCE_SECONDS = 600.0
LOOK_EVERY_SECONDS = 0.01
SETTLE_SECONDS = 60.0
"""A door that missed events asks again after fifteen seconds: until it was answered, streams may hold something."""

CAPACITY = 1024
"""Of an agent for jobs that take no time: one report of them is written while the next ones run."""

ALL = ("door", "orchestrator", "agent")


class HiveFailed(Exception):
    """A process of the measurement ended, or what was measured was not done right: no figure counts then."""


@dataclass
class RoleProcess:
    name: str
    process: subprocess.Process

    async def order(self, order: msgspec.Struct) -> Any:
        """Returns its answer, once it is carried out."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(msgspec.json.encode(order) + b"\n")
        line = await self.process.stdout.readline()
        if not line:
            raise HiveFailed(f"the {self.name} process ended")
        return msgspec.json.decode(line)

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> None:
        if self.process.returncode is None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            try:
                async with asyncio.timeout(10.0):
                    await self.process.wait()
            except TimeoutError:
                await self.kill()


class QueueHive:
    """On a database of its own. Every wait ends with `HiveFailed` after ten minutes."""

    def __init__(self, engines: QueueEngines, database_url: str, connection: asyncpg.Connection) -> None:
        self.engines = engines
        self.connection = connection
        self.processes: list[RoleProcess] = []
        self._database_url = database_url
        self._next_place = 0

    async def start(
        self,
        *roles: str,
        agents: int = 1,
        capacity: int = CAPACITY,
        lease_seconds: float = LEASE_SECONDS,
        log_level: str = "warning",
    ) -> RoleProcess:
        """A process that is all of *roles*; `Bootstrap` says how."""
        bootstrap = Bootstrap(
            roles=roles,
            database_url=self._database_url,
            redis_urls=self.engines.redis_urls,
            keys=str(self.engines.keys),
            board=str(self.engines.board_path),
            agents=agents,
            capacity=capacity,
            lease_seconds=lease_seconds,
            log_level=log_level,
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.queue_roles",
            cwd=REPOSITORY, env=os.environ.copy(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        role = RoleProcess("+".join(roles), process)
        self.processes.append(role)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(bootstrap) + b"\n")
        if not await process.stdout.readline():
            raise HiveFailed(f"the {role.name} process did not start")
        return role

    def places(self, count: int) -> range:
        """The next *count* places of the board."""
        first, self._next_place = self._next_place, self._next_place + count
        return range(first, first + count)

    async def submit(self, places: range, *, through: RoleProcess | None = None, **how: Any) -> dict[str, float]:
        """Give a door's load (`Load` says how) to *through*, else to the first door."""
        door = through or next(role for role in self.processes if "door" in role.name)
        answer: dict[str, float] = await door.order(Load(places.start, len(places), **how))
        return answer

    async def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            self._all_alive(deadline)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def until_row(self, query: str, *arguments: Any) -> None:
        """Until the query's one value is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await self.connection.fetchval(query, *arguments):
            self._all_alive(deadline)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def until_taken_in(self) -> None:
        """Until everything that doors have appended so far is in Postgres."""
        while True:
            lengths = [await self.engines.admin.xlen(route.key) for route in INTAKES]
            if not any(lengths):
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def until_queued(self, count: int, queue: str = QUEUE) -> None:
        await self.until_row("select count(*) >= $1 from jobs where queue = $2 and turn is not null", count, queue)

    async def until_all_ended(self) -> int:
        """Returns when that was seen in Postgres, in ns of the monotonic clock."""
        await self.until_row(_ALL_ENDED, QUEUE)
        return time.monotonic_ns()

    async def running(self) -> int:
        count: int = await self.connection.fetchval("select count(*) from jobs where agent_id is not null")
        return count

    async def given_back(self) -> int:
        """How many attempts of jobs were taken from their agents."""
        count: int = await self.connection.fetchval(_GIVEN_BACK)
        return count

    async def until_agents(self, count: int) -> None:
        await self.until_row("select count(*) >= $1 from agents", count)

    def cpu_seconds(self) -> dict[str, float]:
        """By process."""
        used: dict[str, float] = {}
        for role in self.processes:
            if role.process.returncode is None:
                used[role.name] = used.get(role.name, 0.0) + family_cpu_seconds(role.process.pid)
        return {**used, **self.engines.cpu_seconds()}

    async def check(self, places: range, *, reruns: bool = False) -> int:
        """Every job of *places* ended exactly once, streams are empty, nothing is pending; else `HiveFailed`.

        Returns how many ran more than once, which only faults may cause (*reruns*).
        """
        runs = self.engines.board.runs[places.start : places.stop].tolist()
        never, again = runs.count(0), sum(ran > 1 for ran in runs)
        if never or (again and not reruns):
            raise HiveFailed(f"of {len(places)} jobs {never} never ran and {again} ran twice")
        ended = await self.connection.fetchrow(_ENDED, NOOP)
        if ended["others"] or ended["twice"] or ended["jobs"] != ended["ends"] or ended["jobs"] < len(places):
            raise HiveFailed(f"not every job ended exactly once: {dict(ended)}")
        await self._check_streams()
        return again

    async def _check_streams(self) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while left := await self._left_in_streams():
            if time.monotonic() > deadline:
                raise HiveFailed(f"streams are not empty: {left}")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _left_in_streams(self) -> dict[str, int]:
        redis = self.engines.admin
        left: dict[str, int] = {}
        async for key in redis.scan_iter("hive:*", _type="stream"):
            name = key.decode()
            if name != EVENTS.key and await redis.ttl(key) < 0:  # with one, it is the inbox of who is gone
                pending = [group["pending"] for group in await redis.xinfo_groups(key)]
                left[name] = await redis.xlen(key) + sum(pending)
        return {name: count for name, count in left.items() if count}

    def _all_alive(self, deadline: float) -> None:
        for role in self.processes:
            if role.process.returncode not in (None, -signal.SIGKILL):
                raise HiveFailed(f"the {role.name} process ended")
        if time.monotonic() > deadline:
            raise HiveFailed("waited for ten minutes in vain")


_ALL_ENDED = """
select not exists (select from jobs where queue = $1 and turn is not null)
   and not exists (select from jobs where agent_id is not null)
   and not exists (select from jobs where state = 'queued' and turn is null and not held)
   and not exists (select from jobs where held)
"""

_GIVEN_BACK = "select count(*) from job_events where type in ('crashed', 'lost')"

_ENDED = """
with ours as (
  select id, state from jobs where kind = $1
), ends as (
  select job_id, count(*) as times from job_events join ours on ours.id = job_id
  where type in ('succeeded', 'dead', 'cancelled', 'superseded', 'expired', 'discarded') group by job_id
)
select count(*) as jobs, count(*) filter (where state <> 'succeeded') as others,
       count(ends.job_id) as ends, count(*) filter (where ends.times <> 1) as twice
from ours left join ends on ends.job_id = ours.id
"""


@asynccontextmanager
async def queue_hive(engines: QueueEngines, database_url: str | None = None) -> AsyncIterator[QueueHive]:
    """With nothing started yet. On *database_url*, else on a database that is dropped at the end."""
    await engines.empty()
    url = database_url or await engines.new_database()
    try:
        async with connect(url) as connection:
            hive = QueueHive(engines, url, connection)
            try:
                yield hive
            finally:
                await asyncio.gather(*(role.stop() for role in reversed(hive.processes)))
    finally:
        if database_url is None:
            await engines.drop_database(url)
