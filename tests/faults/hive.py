"""A hive of real processes that tests may kill, stop and start again, and a client who wants every job done.

Door, orchestrators, agents and effects are processes of the nursery, over a real Postgres and Redis. Nothing watches
over them but the test: who kills one starts another.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from redis.exceptions import RedisError

from server.db import DATABASE_AWAY, migrate
from server.embedded.postgres import EmbeddedPostgres
from server.embedded.redis import EmbeddedRedis
from server.jobs.job import Event, EventType, JobRequest, JobState
from server.jobs.process import Bootstrap
from server.messaging import Keyring, Role, acl_rules, connect, inbox
from server.messaging.writer import ENVELOPE_FIELD
from tests.faults.load import ENDS, KINDS, QUEUE, Diary
from tests.faults.nursery import Child, Nursery
from tests.faults.roles import Errand, Part, Told, WorkerSettings
from tests.invariants import in_words, left_in_redis, violations

STATE_AFTER = {
    EventType.SUCCEEDED: JobState.SUCCEEDED,
    EventType.DEAD: JobState.DEAD,
    EventType.CANCELLED: JobState.CANCELLED,
    EventType.SUPERSEDED: JobState.CANCELLED,
    EventType.EXPIRED: JobState.CANCELLED,
}
ADMIN = "admin"
WORKERS = ("agent", "effects")
CAPACITY = 8
BEATS_IN_A_LEASE = 3
START_SECONDS = 20.0
QUIET_SECONDS = 20.0
SHOWN_LOG_BYTES = 6000


_SESSIONS = """
    select pid, state, wait_event, pg_blocking_pids(pid) as waits_for, now() - state_change as since, left(query, 80)
    from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Places:
    """Where the engines are. *redis_urls*: by role, and for `admin`."""

    database_url: str
    redis_urls: Mapping[str, str]


class Client:
    """Asks a door for jobs, again when that door died, and hears how they end."""

    def __init__(self) -> None:
        self.asked: dict[UUID, JobRequest] = {}
        self.started: set[UUID] = set()
        self.ends: dict[UUID, Event] = {}
        self._door: Child | None = None
        self._listening: asyncio.Task[None] | None = None
        self._unkept: set[UUID] = set()
        self._heard = asyncio.Event()

    def submit(self, requests: Iterable[JobRequest]) -> None:
        requests = tuple(requests)
        self.asked.update((request.id, request) for request in requests)
        self._ask(requests)

    def wish(self, errand: Errand) -> None:
        if self._door is not None:
            self._door.tell(msgspec.json.encode(errand))

    def use(self, door: Child) -> None:
        """From now on by this door. What has not ended is asked for again: the ids are the same."""
        if self._listening is not None:
            self._listening.cancel()
        self._door = door
        self._listening = asyncio.create_task(self._listen(door))
        self._ask([request for job_id, request in self.asked.items() if job_id not in self.ends])

    def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()

    @property
    def unended(self) -> list[JobRequest]:
        return [request for job_id, request in self.asked.items() if job_id not in self.ends]

    async def kept(self) -> None:
        """Wait until Redis has every request."""
        await self.until(lambda: not self._unkept)

    async def ended(self, count: int | None = None) -> None:
        """Wait until so many have ended, else all."""
        await self.until(lambda: len(self.ends) >= (len(self.asked) if count is None else count))

    async def until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            self._heard.clear()
            await self._heard.wait()

    def _ask(self, requests: Sequence[JobRequest]) -> None:
        self._unkept.update(request.id for request in requests)
        if self._door is not None and requests:
            self._door.tell(msgspec.json.encode(Errand(submit=tuple(requests))))

    async def _listen(self, door: Child) -> None:
        while line := await door.said.readline():
            told = msgspec.json.decode(line, type=Told)
            self._unkept.difference_update(told.kept)
            for event in told.heard:
                self._hear(event)
            self._heard.set()
            if told.refused:
                await asyncio.sleep(0.2)  # Redis is away: as a client would wait
                self._ask([self.asked[job_id] for job_id in told.refused if job_id not in self.ends])

    def _hear(self, event: Event) -> None:
        if event.job_id not in self.asked:
            return
        if event.type is EventType.STARTED:
            self.started.add(event.job_id)
        if event.type.is_final:
            self.ends.setdefault(event.job_id, event)


class ChaosHive:
    def __init__(self, nursery: Nursery, places: Places, directory: Path, *, lease_seconds: float) -> None:
        self.places = places
        self.client = Client()
        self.parts: dict[str, Child] = {}
        self.diary = Diary(directory / "diary")
        self.redis = connect(places.redis_urls[ADMIN])
        self._nursery = nursery
        self._directory = directory
        self._lease_seconds = lease_seconds
        self._keyring = Keyring.create(directory / "keys")
        self._ends: dict[UUID, frozenset[EventType]] = {}
        self._garbage: dict[bytes, int] = {}
        self._was_flushed = False
        self._supervisors: dict[str, asyncio.Task[None]] = {}
        self.capacity = CAPACITY
        """Of each worker that is started from now on."""
        self.is_elected = False
        """Whether orchestrators lead only when elected; else all do, because for a moment there may be two."""

    # --- its processes --------------------------------------------------------------------------------------------

    async def start(self, name: str, *, fault: str = "") -> Child:
        """`door`, `orchestrator-1`, `agent-2`, `effects`: a new process under this name, ready.

        One that ends while an engine is away is started again, as a supervisor would.
        """
        self._leave_alone(name)
        role = name.partition("-")[0]
        async with asyncio.timeout(START_SECONDS):
            while True:
                child = self.parts[name] = await self._nursery.bear(role, self._log)
                child.tell(self._first_line(name, fault))
                if await child.said.readline():
                    break
                await asyncio.sleep(0.1)
        if role == "door":
            self.client.use(child)
        if role in WORKERS:
            self._supervisors[name] = asyncio.create_task(self._start_again(name, child))
        return child

    async def _start_again(self, name: str, child: Child) -> None:
        """As the hub does when a worker ended by itself; who kills one starts another."""
        await child.ended.wait()
        if child.code >= 0:
            await self.start(name)

    def _leave_alone(self, name: str) -> None:
        """Unless it is its supervisor that starts it: `close` has to find that one."""
        supervisor = self._supervisors.get(name)
        if supervisor not in (None, asyncio.current_task()):
            supervisor.cancel()

    async def start_all(self, names: Iterable[str], *, faults: Mapping[str, str] | None = None) -> None:
        await asyncio.gather(*(self.start(name, fault=(faults or {}).get(name, "")) for name in names))

    async def replace(self, name: str) -> Child:
        """kill -9, and another in its place."""
        self._leave_alone(name)
        await self.parts[name].kill()
        return await self.start(name)

    def _first_line(self, name: str, fault: str) -> bytes:
        role = name.partition("-")[0]
        urls = self.places.redis_urls
        if role in ("door", "orchestrator"):
            keys = str(self._directory / "keys")
            return msgspec.json.encode(
                Part(urls[role], keys, self.places.database_url, fault, self._lease_seconds, is_elected=self.is_elected)
            )
        settings = WorkerSettings(str(self._directory / "diary"), self.places.database_url if role == "effects" else "")
        return msgspec.json.encode(
            Bootstrap(
                queue=QUEUE if role == "agent" else "effects",
                name=name,
                capacity=self.capacity,
                redis_url=urls[role],
                identity=self._keyring.identity(Role(role)).export(),
                log="json",
                settings=msgspec.Raw(msgspec.json.encode(settings)),
                beat_seconds=self._lease_seconds / BEATS_IN_A_LEASE,
                fault=fault,
            )
        )

    async def stand_still(self, role: str) -> None:
        await asyncio.gather(*(child.pause() for child in self._all_of(role)))

    def go_on(self, role: str) -> None:
        for child in self._all_of(role):
            child.resume()

    def _all_of(self, role: str) -> list[Child]:
        return [child for child in self.parts.values() if child.role == role and child.lives]

    # --- its streams ----------------------------------------------------------------------------------------------

    async def inboxes(self) -> list[str]:
        """The keys in Redis of all agents, once the hub knows them."""
        while True:
            rows = await self.query("select id from agents where ended_at is null and role = 'agent' order by id")
            if len(rows) == len(self._all_of("agent")):
                return [inbox(Role.AGENT, row["id"]).key for row in rows]
            await asyncio.sleep(0.01)  # its first beat is under way: nothing signals us

    async def envelopes(self, stream: str, *, at_least: int = 1) -> list[bytes]:
        """Once so many lie there."""
        while True:
            entries: Any = await self.redis.xrange(stream)
            if len(entries) >= at_least:
                return [fields[ENVELOPE_FIELD] for _, fields in entries]
            await asyncio.sleep(0.01)  # another process appends: nothing signals us

    async def copy(self, source: str, target: str, *, at_least: int = 1) -> list[tuple[str, bytes]]:
        """Append to *target* what lies in *source*; returns what it appended where."""
        copied = [(target, envelope) for envelope in await self.envelopes(source, at_least=at_least)]
        for stream, envelope in copied:
            await self.append(stream, envelope)
        return copied

    async def append(self, stream: str, envelope: bytes) -> None:
        if envelope in self._garbage:
            self._garbage[envelope] += 1
        await self.redis.xadd(stream, {ENVELOPE_FIELD: envelope})

    async def append_garbage(self, stream: str, envelope: bytes) -> None:
        """It is to end among the dead letters."""
        self._garbage.setdefault(envelope, 0)
        await self.append(stream, envelope)

    async def flush(self) -> None:
        """Dead letters, too, are gone."""
        await self.redis.flushall()
        self._was_flushed = True

    # --- its world ------------------------------------------------------------------------------------------------

    async def move_clock(self, seconds: float) -> None:
        """Between transactions that change jobs: within one, real time stands still as well."""
        await self.query(
            f"""
            do $$ begin
              lock table jobs in exclusive mode;
              insert into clock (ahead) values (make_interval(secs => {seconds}))
              on conflict (single) do update set ahead = clock.ahead + excluded.ahead;
            end $$
            """
        )

    async def query(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """However long Postgres is away."""
        while True:
            try:
                connection = await asyncpg.connect(self.places.database_url)
                try:
                    rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
                    return rows
                finally:
                    connection.terminate()
            except DATABASE_AWAY:
                await asyncio.sleep(0.05)  # it is being started: nothing signals us

    async def all_beat(self) -> None:
        """Wait until each worker that lives has a lease by the clock as it is now."""
        while True:
            rows = await self.query("select from agents where ended_at is null and leased_until > hive_now()")
            if len(rows) == sum(len(self._all_of(role)) for role in WORKERS):
                return
            await asyncio.sleep(0.05)  # other processes beat: nothing signals us

    async def redis_answers(self) -> None:
        while True:
            with suppress(RedisError, OSError):
                await self.redis.ping()
                return
            await asyncio.sleep(0.05)  # it is being started: nothing signals us

    @property
    def log(self) -> str:
        with self._log.open("rb") as file:
            file.seek(max(0, self._log.stat().st_size - SHOWN_LOG_BYTES))
            return file.read().decode(errors="replace")

    # --- what must be true ----------------------------------------------------------------------------------------

    def may_also_end(self, job_id: UUID, ends: frozenset[EventType]) -> None:
        """Besides as its kind does."""
        self._ends[job_id] = ends

    async def check(self) -> None:
        """All that was asked for has ended; wait until nothing moves, and look for what must not be."""
        await self.client.ended()
        found = await self.found()
        assert not found, f"{in_words(found)}\n{self.log}"

    async def found(self) -> list[str]:
        """What must not be."""
        return [*await self._left(), *await self._violations()]

    async def _left(self) -> list[str]:
        """What is under way when it should long have arrived. Other processes acknowledge: nothing signals us."""
        give_up_at = asyncio.get_running_loop().time() + QUIET_SECONDS
        while True:
            (row,) = await self.query("select count(*) as jobs from jobs where finished_at is null")
            ended = await self.query("select id, role from agents where ended_at is not null")
            gone = {inbox(Role(agent["role"]), agent["id"]).key for agent in ended}
            at_most = sum(self._garbage.values())
            at_least = 0 if self._was_flushed else at_most
            left = await left_in_redis(self.redis, gone=gone, buried=(at_least, at_most))
            if (not row["jobs"] and not left) or asyncio.get_running_loop().time() > give_up_at:
                return left
            await asyncio.sleep(0.05)

    async def _violations(self) -> list[str]:
        asked = {
            job_id: self._ends.get(job_id, frozenset()) | {ENDS[request.kind]}
            for job_id, request in self.client.asked.items()
        }
        connection = await asyncpg.connect(self.places.database_url)
        try:
            found = await violations(connection, KINDS, asked=asked, diary=self.diary.lines)
            stands = {row["id"]: row["state"] for row in await connection.fetch("select id, state from jobs")}
        finally:
            await connection.close()
        told = {job_id: STATE_AFTER[event.type] for job_id, event in self.client.ends.items()}
        return found + [
            f"the door was told that {job_id} is {state}; it is {stands.get(job_id)}"
            for job_id, state in told.items()
            if state != stands.get(job_id)
        ]

    async def explain(self) -> str:
        """Where everything stands, for who waited in vain."""
        sessions = await self.query(_SESSIONS)
        for child in self.parts.values():
            child.send_signal(signal.SIGUSR1)
            child.send_signal(signal.SIGCONT)
        await asyncio.sleep(0.5)  # they write their stacks into the log
        waiting = Counter(request.kind for request in self.client.unended)
        parts = {name: "stopped" if c.stopped.is_set() else c.lives or c.code for name, c in self.parts.items()}
        jobs = await self.query("select * from jobs where finished_at is null limit 5")
        agents = await self.query("select * from agents where ended_at is null")
        streams = {
            key.decode(): await self.redis.xlen(key) async for key in self.redis.scan_iter("hive:*", _type="stream")
        }
        shown = [str(dict(row)) for rows in (sessions, jobs, agents) for row in rows] + [str(streams)]
        return "\n  ".join([f"not ended: {dict(waiting)}; parts: {parts}", *shown]) + f"\n{self.log}"

    async def close(self) -> None:
        for supervisor in self._supervisors.values():
            supervisor.cancel()
        await asyncio.gather(*self._supervisors.values(), return_exceptions=True)  # none starts another after this
        self.client.close()
        await asyncio.gather(*(child.kill() for child in self.parts.values() if child.lives))
        await self.redis.aclose()

    @property
    def _log(self) -> Path:
        return self._directory / "chaos.log"


@asynccontextmanager
async def open_hive(
    nursery: Nursery, places: Places, directory: Path, *, lease_seconds: float, patience_seconds: float
) -> AsyncIterator[ChaosHive]:
    """Nothing of it runs yet. Who takes longer than *patience_seconds* learns where everything stands."""
    hive = ChaosHive(nursery, places, directory, lease_seconds=lease_seconds)
    try:
        async with asyncio.timeout(patience_seconds):
            yield hive
    except TimeoutError as error:
        raise AssertionError(f"not done within {patience_seconds:.0f} s: {await hive.explain()}") from error
    finally:
        await hive.close()


class Engines:
    """A Postgres and a Redis of the test's own, which it may break; they are started again by themselves."""

    def __init__(self, directory: Path) -> None:
        users = {role.value: acl_rules(role) for role in Role}
        self._postgres = EmbeddedPostgres(directory / "postgres")
        self._stopped: int | None = None
        self._redis = EmbeddedRedis(directory / "redis", {**users, ADMIN: ["~*", "&*", "+@all"]})

    async def start(self) -> Places:
        database_url, redis_urls = await asyncio.gather(self._postgres.start(), self._redis.start())
        await migrate(database_url)
        return Places(database_url, redis_urls)

    async def stop(self) -> None:
        await asyncio.gather(self._postgres.stop(), self._redis.stop())

    async def stop_postgres_at_once(self) -> None:
        """As `pg_ctl stop -m immediate` does. The next time right after it was started again, while it recovers."""
        while True:
            pid = self._postgres.pid
            if pid not in (None, self._stopped):
                break
            await asyncio.sleep(0.001)  # its keeper starts it: nothing signals us
        self._stopped = pid
        _signal(pid, signal.SIGQUIT)

    def kill_redis(self) -> None:
        _signal(self._redis.pid, signal.SIGKILL)


def _signal(pid: int | None, signum: signal.Signals) -> None:
    assert pid is not None, "it is not running"
    os.kill(pid, signum)
