"""What attempts say to the hub besides how they end, and what the hub answers: on real Redis and Postgres."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import msgspec
import pytest

from server.jobs.door import Door
from server.jobs.job import Event, EventType, JobRequest, Progress, encode, new_job_id
from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.orchestrator import Orchestrator
from server.jobs.store import JobStore
from server.jobs.worker import Work, Worker
from server.messaging import INTAKES, OUTCOMES, Message, Role, Route, inbox
from tests.streams import Streams, running


class Hub:
    """A store that answers what agents ask, and notes what they tell."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[Role, bytes]] = asyncio.Queue()
        self.agent_id = new_job_id()

    async def note(self, sender: Role, bodies: Sequence[bytes]) -> Sequence[tuple[Route, Message]]:
        if b"spoilt" in bodies:
            raise msgspec.ValidationError("not what notes are")
        for body in bodies:
            self.told.put_nowait((sender, body))
        return ()

    async def keep(self, connection: Any, job: asyncpg.Record, result: bytes) -> bytes:
        raise RuntimeError("nobody thought of this")

    async def answer(self, sender: Role, bodies: Sequence[bytes]) -> Sequence[tuple[Route, Message]]:
        return [(inbox(sender, self.agent_id), Message("question", body + b": yes")) for body in bodies]


class Agent:
    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()
        self.began = asyncio.Event()
        self.seen = asyncio.Event()

    async def ask(self, work: Work) -> str:
        work.tell("note", b"I begin")
        work.tell("question", b"may I?")
        return (await self.answers.get()).decode()

    async def spoil(self, work: Work) -> str:
        for body in (b"before", b"spoilt", b"after"):
            work.tell("note", body)
        return "done"

    async def surprise(self, work: Work) -> str:
        return "of which the hub can make nothing"

    async def look(self, work: Work) -> str:
        work.progress(1, 2, "reading")
        await self.seen.wait()
        return "seen"

    async def be_stopped(self, work: Work) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            work.tell("note", b"I was stopped")


KINDS = Kinds(
    [Kind(name, "review") for name in ("ask", "spoil", "be_stopped", "look", "surprise")],
    [WorkflowKind("two_looks", (Step("first", "ask"), Step("second", "look", needs=("first",))))],
)


class Scene:
    def __init__(self, hub: Hub, agent: Agent, door: Door, worker: Any) -> None:
        self.hub, self.agent, self.door, self.worker = hub, agent, door, worker

    async def do(self, kind: str) -> Any:
        request = JobRequest(kind, "p", encode(None))
        end = asyncio.create_task(self.door.wait(request.id))
        await asyncio.sleep(0)
        await self.door.submit(request)
        async with asyncio.timeout(20):
            return await end


@pytest.fixture
async def scene(pool: asyncpg.Pool, streams: Streams) -> AsyncIterator[Scene]:
    hub, agent = Hub(), Agent()
    orchestrator = Orchestrator(
        JobStore(pool, KINDS, on_succeeded={"surprise": hub.keep}),
        writer=streams.writer(Role.ORCHESTRATOR),
        intakes=[streams.reader(*INTAKES)],
        outcomes=streams.reader(OUTCOMES),
        others={"note": hub.note, "question": hub.answer},
    )
    worker = Worker(
        hub.agent_id,
        "bee",
        ("review",),
        {
            "ask": agent.ask,
            "spoil": agent.spoil,
            "be_stopped": agent.be_stopped,
            "look": agent.look,
            "surprise": agent.surprise,
        },
        role=Role.AGENT,
        writer=streams.writer(Role.AGENT),
        inbox=streams.inbox(inbox(Role.AGENT, hub.agent_id)),
        capacity=4,
        hears={"question": agent.answers.put_nowait},
    )
    door = Door(streams.writer(Role.DOOR), streams.events())
    await door.begin()
    async with running(orchestrator.run(), door.run()):
        task = asyncio.create_task(worker.run())
        yield Scene(hub, agent, door, task)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_attempt_tells_and_asks_the_hub(scene: Scene) -> None:
    event = await scene.do("ask")

    assert (event.type, bytes(event.data)) == (EventType.SUCCEEDED, b'"may I?: yes"')
    assert await scene.hub.told.get() == (Role.AGENT, b"I begin")


async def test_what_cannot_be_taken_spoils_nothing_else(scene: Scene) -> None:
    event = await scene.do("spoil")

    assert event.type is EventType.SUCCEEDED
    assert [(await scene.hub.told.get())[1] for _ in range(2)] == [b"before", b"after"]


async def test_what_an_attempt_came_back_with_and_nobody_can_take_is_dead_and_spoils_nothing_else(scene: Scene) -> None:
    surprising, asking = await asyncio.gather(scene.do("surprise"), scene.do("ask"))

    assert (surprising.type, surprising.message) == (EventType.DEAD, "result refused: RuntimeError")
    assert asking.type is EventType.SUCCEEDED


async def test_what_an_attempt_says_when_its_agent_ends_is_heard(scene: Scene) -> None:
    request = JobRequest("be_stopped", "p", encode(None))
    await scene.door.submit(request)
    await scene.agent.began.wait()
    scene.worker.cancel()
    await asyncio.gather(scene.worker, return_exceptions=True)

    assert await scene.hub.told.get() == (Role.AGENT, b"I was stopped")


async def test_who_waits_for_a_workflow_hears_how_far_its_steps_are(scene: Scene) -> None:
    heard: list[Progress] = []
    request = JobRequest("two_looks", "p", encode(None))

    def hear(event: Event) -> None:
        if event.job_id == request.id and event.type is EventType.PROGRESS:
            heard.append(msgspec.json.decode(event.data, type=Progress))
            scene.agent.seen.set()

    scene.door.listen(hear)
    async with asyncio.timeout(20):
        end = asyncio.create_task(scene.door.wait(request.id))
        await scene.door.submit(request)
        assert (await end).type is EventType.SUCCEEDED

    assert heard == [Progress(1, 2, "reading")]
