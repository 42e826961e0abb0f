"""A process of the queue's measurements: a door with its load, an orchestrator, agents, or all of them in one.

    python -m bench.queue_roles

One JSON line on standard input says what it is; then every line is an order, answered by one on standard output when it
is carried out. It ends with its input.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from bench.queue_board import Board
from server.db import open_pool
from server.jobs.door import Door
from server.jobs.job import Event, EventType, JobRequest, Priority, new_job_id
from server.jobs.kinds import Kind, Kinds
from server.jobs.orchestrator import Orchestrator
from server.jobs.store import LEASE_SECONDS, JobStore
from server.jobs.worker import Work, Worker
from server.messaging import (
    INTAKE,
    INTAKES,
    OUTCOMES,
    EventReader,
    InboxReader,
    Keyring,
    Role,
    Route,
    StreamReader,
    StreamWriter,
    connect,
    inbox,
)
from server.observability.logs import configure_logs
from server.settling import settle

QUEUE = "review"
PARKED_QUEUE = "parked"
"""Nobody works here: its jobs only lie in the tables."""
NOOP = "bench.noop"
PARKED = "bench.parked"
KINDS = Kinds([Kind(NOOP, QUEUE), Kind(PARKED, PARKED_QUEUE)])

PROJECTS = tuple(f"github.com/bench/{number}" for number in range(4))
PAYLOAD_BYTES = 1024
CALLERS = 256
"""So many submit at once when all are wanted as fast as possible."""


class Bootstrap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*roles*: of door, orchestrator, agent. *agents*: how many workers of *capacity* this process is.

    *lease_seconds*: for how long an orchestrator lets an agent be silent. *log_level*: from which on it says something
    on the terminal; where a measurement breaks something on purpose, what is broken is no news.
    """

    roles: tuple[str, ...]
    database_url: str
    redis_urls: dict[str, str]
    keys: str
    board: str
    capacity: int
    agents: int = 1
    lease_seconds: float = LEASE_SECONDS
    log_level: str = "warning"


class Args(msgspec.Struct, frozen=True):
    """*seconds*: how long the job takes; a second attempt is over at once."""

    place: int
    seconds: float
    pad: str


class Load(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order to a door: submit the jobs of these places.

    *per_second*: steadily; 0 for as fast as it can. *seconds*: of each job; the first *phased* places take a growing
    part of it, so that their ends are spread. *wait*: answer when every one of them is known to have ended, instead of
    when all are submitted.
    """

    first: int
    count: int
    per_second: float = 0.0
    seconds: float = 0.0
    phased: int = 0
    priority: Priority = Priority.PULL_REQUEST
    kind: str = NOOP
    wait: bool = True


async def run(bootstrap: Bootstrap) -> None:
    async with AsyncExitStack() as stack:
        process = _Process(bootstrap, stack)
        carry_out: Carrying = _nothing
        if "orchestrator" in bootstrap.roles:
            await process.orchestrate()
        if "agent" in bootstrap.roles:
            await process.work()
        if "door" in bootstrap.roles:
            carry_out = await process.open_door()
        settle()  # as hubs and agents do when they are built
        print(os.getpid(), flush=True)
        await _obey(carry_out)
        await process.stop()


class _Process:
    def __init__(self, bootstrap: Bootstrap, stack: AsyncExitStack) -> None:
        self._bootstrap = bootstrap
        self._stack = stack
        self._keyring = Keyring.open(Path(bootstrap.keys))
        self._board = Board(Path(bootstrap.board))
        self._tasks: set[asyncio.Task[None]] = set()

    async def open_door(self) -> "Carrying":
        events = EventReader(self._bootstrap.redis_urls[Role.DOOR], self._keyring.identity(Role.DOOR))
        self._stack.push_async_callback(events.close)
        door = Door(self._writer(Role.DOOR), events)
        await door.begin()
        self._background(door.run())
        return Submitting(door, self._board).carry_out

    async def orchestrate(self) -> None:
        pool = await open_pool(self._bootstrap.database_url, min_size=2, max_size=10, resets=False, by_index=True)
        self._stack.push_async_callback(pool.close)
        orchestrator = Orchestrator(
            JobStore(pool, KINDS, lease_seconds=self._bootstrap.lease_seconds),
            writer=self._writer(Role.ORCHESTRATOR),
            intakes=[self._reader(INTAKE), self._reader(*INTAKES[1:])],
            outcomes=self._reader(OUTCOMES),
        )
        self._background(orchestrator.run())
        self._background(orchestrator.lead())

    async def work(self) -> None:
        url, identity = self._bootstrap.redis_urls[Role.AGENT], self._keyring.identity(Role.AGENT)
        writer = self._writer(Role.AGENT)
        for number in range(self._bootstrap.agents):
            agent_id = new_job_id()
            reader = InboxReader(url, identity, inbox(Role.AGENT, agent_id))
            self._stack.push_async_callback(reader.close)
            worker = Worker(
                agent_id,
                f"bench-{os.getpid()}-{number}",
                (QUEUE,),
                {NOOP: partial(_run, self._board)},
                role=Role.AGENT,
                writer=writer,
                inbox=reader,
                capacity=self._bootstrap.capacity,
            )
            self._background(worker.run())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _writer(self, role: Role) -> StreamWriter:
        redis = connect(self._bootstrap.redis_urls[role])
        self._stack.push_async_callback(redis.aclose)
        return StreamWriter(redis, self._keyring.identity(role))

    def _reader(self, *routes: Route) -> StreamReader:
        identity = self._keyring.identity(Role.ORCHESTRATOR)
        url = self._bootstrap.redis_urls[Role.ORCHESTRATOR]
        reader = StreamReader(url, identity, routes, "orchestrators", f"{os.getpid()}")
        self._stack.push_async_callback(reader.close)
        return reader

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(_end_when_it_failed)
        self._tasks.add(task)


async def _run(board: Board, work: Work) -> Any:
    args = msgspec.json.decode(work.args, type=Args)
    board.start(args.place)
    if args.seconds and work.attempt == 1 and not board.hurry:
        await asyncio.sleep(args.seconds)
    return {"place": args.place}


Carrying = Callable[[bytes], Coroutine[Any, Any, Any]]


class Submitting:
    """What a door's users do: submit as told, and note on the board when each job was submitted and ended."""

    def __init__(self, door: Door, board: Board) -> None:
        self._door = door
        self._board = board
        self._places: dict[Any, int] = {}
        self._all_ended = asyncio.Event()
        self._failed = 0
        door.listen(self._hear)

    async def carry_out(self, order: bytes) -> dict[str, float]:
        load = msgspec.json.decode(order, type=Load)
        self._all_ended.clear()
        loop = asyncio.get_running_loop()
        began = loop.time()
        if load.per_second:
            await self._steadily(load)
        else:
            await self._at_once(load)
        submitted = loop.time()
        if load.wait:
            while self._places:
                self._all_ended.clear()
                await self._all_ended.wait()
        else:
            self._places.clear()
        return {"submit_seconds": submitted - began, "seconds": loop.time() - began, "failed": self._failed}

    async def _at_once(self, load: Load) -> None:
        places = iter(range(load.first, load.first + load.count))

        async def caller() -> None:
            for place in places:
                await self._submit(load, place)

        await asyncio.gather(*(caller() for _ in range(CALLERS)))

    async def _steadily(self, load: Load) -> None:
        """By the clock, however long each takes: a slow hive is charged for all that had to wait."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as under_way:
            for number in range(load.count):
                await asyncio.sleep(max(0.0, began + number / load.per_second - loop.time()))
                under_way.create_task(self._submit(load, load.first + number))

    async def _submit(self, load: Load, place: int) -> None:
        number = place - load.first
        seconds = load.seconds * (number / load.phased if number < load.phased else 1.0)
        args = msgspec.json.encode(Args(place, seconds, ""))
        args = msgspec.json.encode(Args(place, seconds, "x" * (PAYLOAD_BYTES - len(args))))
        project = PROJECTS[place % len(PROJECTS)]
        request = JobRequest(load.kind, project, msgspec.Raw(args), priority=load.priority)
        self._places[request.id] = place
        self._board.submit(place)
        await self._door.submit(request)

    def _hear(self, event: Event) -> None:
        if not event.type.is_final:
            return
        place = self._places.pop(event.job_id, None)
        if place is None:
            return
        self._board.end(place)
        self._failed += event.type is not EventType.SUCCEEDED
        if not self._places:
            self._all_ended.set()


async def _nothing(order: bytes) -> None:
    """The others take no orders."""


async def _obey(carry_out: Carrying) -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := await orders.readline():
        answer = await carry_out(order)
        print(msgspec.json.encode(answer).decode(), flush=True)


def _end_when_it_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)


def main() -> None:
    bootstrap = msgspec.json.decode(sys.stdin.buffer.readline(), type=Bootstrap)
    configure_logs("console", level=bootstrap.log_level)
    with suppress(KeyboardInterrupt):
        asyncio.run(run(bootstrap))


if __name__ == "__main__":
    main()
