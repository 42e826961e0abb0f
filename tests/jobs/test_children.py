"""Processes of an attempt, real ones, with theirs: they end when it does, in whatever way."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import msgspec
import pytest

from server.jobs.children import Children, end_children_of
from server.jobs.descendants import find
from server.jobs.job import new_job_id
from server.jobs.wire import Bye, Held, Orders, Outcomes, OutcomeType, WorkOrder
from server.jobs.worker import Work, Worker
from server.messaging import OUTCOMES, Message, Role, StreamReader, inbox
from tests.streams import Streams, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows whose process is whose")

GONE_WITHIN_SECONDS = 2.0
READY = "echo ready; sleep 600"
OBEDIENT = ["sh", "-c", READY]
WITH_CHILDREN = ["sh", "-c", f"sleep 600 & (sleep 600 & sleep 600) & {READY}"]
IN_ANOTHER_SESSION = ["sh", "-c", f"setsid sleep 600 & {READY}"]
ORPHANED = ["sh", "-c", "(setsid sleep 600 &) ; echo ready"]
WITHOUT_ENVIRONMENT = ["sh", "-c", f"env -i sleep 600 & {READY}"]
DEAF = ["sh", "-c", "trap '' TERM; (trap '' TERM; sleep 600) & echo ready; sleep 600; sleep 600"]


async def started(children: Children, program: list[str]) -> None:
    process = await children.start(*program, stdout=PIPE, environment={"PATH": os.defpath})
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"


async def until(is_so: Callable[[], bool], *, within_seconds: float = 20.0) -> None:
    """Processes of others, which tell nobody."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within_seconds
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "program",
    [OBEDIENT, WITH_CHILDREN, IN_ANOTHER_SESSION, ORPHANED, WITHOUT_ENVIRONMENT, DEAF],
    ids=["obedient", "with children", "in another session", "orphaned", "without environment", "deaf"],
)
async def test_everything_that_came_of_an_attempt_ends_with_it(program: list[str]) -> None:
    mark = str(uuid4())
    children = Children(mark)
    await started(children, program)
    assert find(mark)

    began = time.monotonic()
    await children.end()

    assert time.monotonic() - began < GONE_WITHIN_SECONDS
    assert not find(mark)


async def test_a_program_is_run_to_its_end_and_heard() -> None:
    children = Children(uuid4())
    ran = await children.run(
        "sh", "-c", "tr a-z A-Z; echo oh >&2; exit 3", given=b"bee", environment={"PATH": os.defpath}
    )
    assert ran == (3, b"BEE", b"oh\n")
    await children.end()


async def test_a_program_that_is_not_there_is_an_error_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        await Children(uuid4()).run("/no/such/program")


async def test_nothing_of_ours_is_in_the_environment_of_a_child() -> None:
    ran = await Children("a mark").run("/usr/bin/env", environment={"LANG": "C"})
    assert sorted(ran.output.splitlines()) == [b"HIVE_ATTEMPT=a mark", b"LANG=C"]


async def test_the_processes_of_one_attempt_end_without_those_of_another() -> None:
    agent_id = uuid4()
    first, second = (Children(agent_id, new_job_id(), 1) for _ in range(2))
    await started(first, WITH_CHILDREN)
    await started(second, OBEDIENT)

    await first.end()

    assert len(find(f"{agent_id}:")) == 2  # a shell and its sleep
    await second.end()
    assert not find(f"{agent_id}:")


async def test_who_is_told_twice_to_stop_still_waits_until_all_are_gone() -> None:
    mark = str(uuid4())
    children = Children(mark)
    await started(children, DEAF)
    ending = asyncio.create_task(children.end())
    for _ in range(2):
        await asyncio.sleep(0)
        ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert not find(mark)


# --- an agent with an attempt that started processes ------------------------------------------------------------------


class Agent:
    def __init__(self, worker: Worker, streams: Streams, reader: StreamReader) -> None:
        self.id = worker.id
        self._writer = streams.writer(Role.ORCHESTRATOR)
        self._reader = reader
        self.at_work = asyncio.Event()

    async def say(self, kind: str, body: object) -> None:
        await self._writer.append(inbox(Role.AGENT, self.id), Message(kind, msgspec.json.encode(body)))

    async def order(self, **fields: float) -> WorkOrder:
        order = WorkOrder(new_job_id(), "spawn", "github.com/o/r", 1, msgspec.Raw(b"{}"), **fields)  # type: ignore[arg-type]
        await self.say("work", Orders(self.id, (order,)))
        async with asyncio.timeout(20):
            await self.at_work.wait()
        assert self.processes()
        return order

    def processes(self) -> set[int]:
        return find(f"{self.id}:")

    async def hear(self, kind: str) -> bytes:
        """Also says how many processes there were at that moment: none is expected."""
        async with asyncio.timeout(20):
            while True:
                for entry in await self._reader.read(limit=1, block_seconds=5.0):
                    await self._reader.ack([entry])
                    if entry.message.kind == kind:
                        assert not self.processes()
                        return entry.message.body


@asynccontextmanager
async def agent_at(streams: Streams) -> AsyncIterator[tuple[Agent, Worker]]:
    async def spawn(work: Work) -> str:
        await started(work.children, WITH_CHILDREN)
        agent.at_work.set()
        await asyncio.sleep(600)
        return "never"

    agent_id = new_job_id()
    worker = Worker(
        agent_id, "bee", ("review",), {"spawn": spawn}, role=Role.AGENT, writer=streams.writer(Role.AGENT),
        inbox=streams.inbox(inbox(Role.AGENT, agent_id)), capacity=4,
    )  # fmt: skip
    agent = Agent(worker, streams, streams.reader(OUTCOMES))
    yield agent, worker


async def test_when_an_attempt_is_cancelled_its_processes_end_within_two_seconds(streams: Streams) -> None:
    async with agent_at(streams) as (agent, worker), running(worker.run()):
        order = await agent.order()

        await agent.say("stops", [Held(order.job_id, order.attempt)])

        await until(lambda: not agent.processes(), within_seconds=GONE_WITHIN_SECONDS)


async def test_when_an_attempt_takes_too_long_its_processes_end_before_that_is_told(streams: Streams) -> None:
    async with agent_at(streams) as (agent, worker), running(worker.run()):
        await agent.order(timeout_seconds=0.5)

        [outcome] = msgspec.json.decode(await agent.hear("outcomes"), type=Outcomes).outcomes

    assert (outcome.type, outcome.error_class) == (OutcomeType.FAILED, "TimeoutError")


async def test_when_an_agent_stops_its_processes_end_before_it_says_good_bye(streams: Streams) -> None:
    async with agent_at(streams) as (agent, worker):
        async with running(worker.run()):
            await agent.order()
        assert msgspec.json.decode(await agent.hear("bye"), type=Bye) == Bye(agent.id)


STARTS_ONE = """
import asyncio, sys
from server.jobs.children import Children
async def main():
    await Children(sys.argv[1]).start("sh", "-c", "setsid sleep 600 & sleep 600", environment={"PATH": "/usr/bin:/bin"})
    print("ready", flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_when_an_agent_is_killed_its_children_die_with_it_and_its_hub_ends_what_they_left() -> None:
    agent_id = uuid4()
    mark = f"{agent_id}:job:1"
    agent = await asyncio.create_subprocess_exec(sys.executable, "-c", STARTS_ONE, mark, stdout=PIPE)
    assert agent.stdout is not None
    assert await agent.stdout.readline() == b"ready\n"
    await until(lambda: len(find(mark)) == 3)  # the shell and both sleeps

    agent.kill()
    await agent.wait()
    await until(lambda: len(find(mark)) < 3)
    await end_children_of(agent_id)

    assert not find(mark)


async def test_a_program_gets_no_file_of_ours_but_those_it_is_given() -> None:
    ours, given = os.memfd_create("ours"), os.memfd_create("given")
    os.set_inheritable(ours, True)  # as what a shell left open for us is
    children = Children(uuid4())

    process = await children.start(
        "ls", "/proc/self/fd", stdout=PIPE, environment={"PATH": os.defpath}, pass_fds=(given,)
    )
    listed, _ = await process.communicate()

    assert set(map(int, listed.split())) - {3} == {0, 1, 2, given}  # 3: the folder that is being listed
    os.close(ours)
    os.close(given)
