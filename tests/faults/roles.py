"""What the processes of the chaos tests are: a door, an orchestrator, an agent, an effects process. The real parts.

Each begins with a line on its standard input and ends when that ends. SIGUSR1 shows what it waits for.
"""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from server import faults
from server.db import open_pool
from server.errors import RedisUnavailable
from server.hubs.hubs import Hubs
from server.hubs.leader import Leadership
from server.hubs.wakeups import Wakeups
from server.jobs.door import Door
from server.jobs.job import Event, JobRequest
from server.jobs.orchestrator import Orchestrator
from server.jobs.process import read_bootstrap, run_worker
from server.jobs.store import JobStore
from server.messaging import (
    INTAKE,
    INTAKES,
    OUTCOMES,
    EventReader,
    Keyring,
    Role,
    Route,
    StreamReader,
    StreamWriter,
    connect,
)
from server.observability.logs import configure_logs
from tests.faults.load import KINDS, Diary, agent_handlers, effects_handlers


class Part(msgspec.Struct, frozen=True):
    """The first line for a door and an orchestrator; workers get a `Bootstrap`."""

    redis_url: str
    keys: str
    database_url: str = ""
    fault: str = ""
    lease_seconds: float = 0.0
    is_elected: bool = False


class Errand(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every further line for a door."""

    submit: tuple[JobRequest, ...] = ()
    cancel: tuple[UUID, ...] = ()
    retry: tuple[UUID, ...] = ()
    discard: tuple[UUID, ...] = ()


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a door: what it heard, which requests Redis has kept, and which it has not."""

    heard: tuple[Event, ...] = ()
    kept: tuple[UUID, ...] = ()
    refused: tuple[UUID, ...] = ()


class WorkerSettings(msgspec.Struct, frozen=True):
    diary: str
    database_url: str = ""


READY = b"ready\n"


def _door() -> None:
    part = msgspec.json.decode(sys.stdin.buffer.readline(), type=Part)
    _run(_be_a_door(part), part.fault)


def _orchestrator() -> None:
    part = msgspec.json.decode(sys.stdin.buffer.readline(), type=Part)
    _run(_orchestrate(part), part.fault)


def _agent() -> None:
    bootstrap = read_bootstrap()
    settings = msgspec.json.decode(bootstrap.settings, type=WorkerSettings)
    _run(run_worker(bootstrap, lambda: nullcontext(agent_handlers(Diary(Path(settings.diary))))))


def _effects() -> None:
    bootstrap = read_bootstrap()
    settings = msgspec.json.decode(bootstrap.settings, type=WorkerSettings)
    _run(run_worker(bootstrap, lambda: effects_handlers(Diary(Path(settings.diary)), settings.database_url)))


ROLES: Mapping[str, Callable[[], None]] = {
    "door": _door,
    "orchestrator": _orchestrator,
    "agent": _agent,
    "effects": _effects,
}


def _run(life: Coroutine[Any, Any, None], fault: str = "") -> None:
    configure_logs("json")
    random.seed()  # all were forked with the same
    if fault:
        faults.arm(fault)
    with asyncio.Runner() as runner:
        runner.get_loop().add_signal_handler(signal.SIGUSR1, _show_stacks, runner.get_loop())
        runner.run(life)


def _show_stacks(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.print_stack(limit=4, file=sys.stderr)
    sys.stderr.flush()


async def _be_a_door(part: Part) -> None:
    identity = Keyring.open(Path(part.keys)).identity(Role.DOOR)
    door = Door(StreamWriter(connect(part.redis_url), identity), EventReader(part.redis_url, identity))
    speaker = await _Speaker.open()
    door.listen(speaker.heard)
    await _until_redis_answers(door.begin)
    listening = asyncio.create_task(door.run())
    speaker.ready()
    async for line in _lines():
        errand = msgspec.json.decode(line, type=Errand)
        for request in errand.submit:
            asyncio.create_task(_submit(door, request, speaker))  # noqa: RUF006  # each tells how it went
        for job_ids, wish in ((errand.cancel, door.cancel), (errand.retry, door.retry), (errand.discard, door.discard)):
            if job_ids:
                await _until_redis_answers(partial(wish, job_ids, by="chaos"))
    listening.cancel()


async def _submit(door: Door, request: JobRequest, speaker: "_Speaker") -> None:
    try:
        await door.submit(request)
    except RedisUnavailable:
        speaker.say(Told(refused=(request.id,)))
    else:
        speaker.say(Told(kept=(request.id,)))


class _Speaker:
    """What is said in one turn of the loop goes out together."""

    def __init__(self, pipe: asyncio.WriteTransport) -> None:
        self._pipe = pipe
        self._heard: list[Event] = []

    @classmethod
    async def open(cls) -> "_Speaker":
        loop = asyncio.get_running_loop()
        pipe, _ = await loop.connect_write_pipe(asyncio.Protocol, sys.stdout)
        return cls(pipe)

    def ready(self) -> None:
        self._pipe.write(READY)

    def heard(self, event: Event) -> None:
        if not self._heard:
            asyncio.get_running_loop().call_soon(self._pass_on)
        self._heard.append(event)

    def _pass_on(self) -> None:
        heard, self._heard = tuple(self._heard), []
        self.say(Told(heard=heard))

    def say(self, told: Told) -> None:
        self._pipe.write(msgspec.json.encode(told) + b"\n")


async def _orchestrate(part: Part) -> None:
    keys = Keyring.open(Path(part.keys))
    identity = keys.identity(Role.ORCHESTRATOR)
    pool = await open_pool(part.database_url, min_size=2, max_size=6, resets=False, by_index=True)
    consumer = f"{os.getpid()}-{os.urandom(4).hex()}"

    def reader(*routes: Route) -> StreamReader:
        return StreamReader(
            part.redis_url, identity, routes, "orchestrators", consumer, abandoned_after_seconds=part.lease_seconds
        )

    hubs = Hubs(pool)
    await hubs.beat()
    orchestrator = Orchestrator(
        JobStore(pool, KINDS, lease_seconds=part.lease_seconds),
        writer=StreamWriter(connect(part.redis_url), identity),
        intakes=[reader(INTAKE), reader(*INTAKES[1:])],
        outcomes=reader(OUTCOMES),
        hubs=lambda: hubs.standing,
        wakeups=Wakeups(pool),
    )
    lead = orchestrator.lead
    if part.is_elected:
        leadership = Leadership(pool, hubs.id, part.lease_seconds)
        lead = partial(leadership.run, lambda leading: orchestrator.lead(leading.transaction))
    work: asyncio.Future[Any] = asyncio.gather(orchestrator.run(), lead(), hubs.run())
    sys.stdout.buffer.write(READY)
    sys.stdout.flush()
    told_to_end: asyncio.Future[Any] = asyncio.create_task(_until_told_to_end())
    await asyncio.wait({work, told_to_end}, return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        work.result()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await pool.close()


async def _until_redis_answers(act: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await act()
        except RedisUnavailable:
            await asyncio.sleep(0.1)


async def _until_told_to_end() -> None:
    async for _ in _lines():
        pass


async def _lines() -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line
