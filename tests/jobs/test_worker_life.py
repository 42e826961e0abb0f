"""A worker on a real Redis, told what to do by its inbox: it stops, falls asleep, wakes, drains and retires."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest

from server.jobs.agent_state import AgentState
from server.jobs.job import new_job_id
from server.jobs.wire import Beat, Held, Orders, Outcomes, StateTold, WorkOrder
from server.jobs.worker import ENDED_TOLD, AgentRetired, Ended, Work, Worker, told_as_held
from server.messaging import OUTCOMES, Message, Role, StreamReader, StreamWriter, inbox
from tests.streams import Streams, running

T = TypeVar("T")


class Sleeper:
    async def consolidate(self) -> str:
        return "all gone"

    async def wake(self) -> None:
        """It was not much."""


class Scene:
    """A worker, and the orchestrator's side of its streams. Its only kind of job ends when the test lets it."""

    def __init__(self, agent_id: UUID, worker: Worker, writer: StreamWriter, reader: StreamReader) -> None:
        self.agent_id = agent_id
        self.worker = worker
        self.may_finish = asyncio.Event()
        self._writer = writer
        self._reader = reader
        self._heard: list[Message] = []

    async def say(self, kind: str, body: Any = None) -> None:
        await self._writer.append(inbox(Role.AGENT, self.agent_id), Message(kind, msgspec.json.encode(body)))

    async def order(self) -> WorkOrder:
        order = WorkOrder(new_job_id(), "wait", "github.com/o/r", 1, msgspec.Raw(b"{}"))
        await self.say("work", Orders(self.agent_id, (order,)))
        return order

    async def hear(self, kind: str, type_: type[T], wanted: Callable[[T], bool] = lambda _: True) -> T:
        """The next message of a kind that is as wanted. Of the others, beats pass; the rest may be asked for later."""
        async with asyncio.timeout(20):
            while True:
                for message in [message for message in self._heard if message.kind == kind]:
                    self._heard.remove(message)
                    body = msgspec.json.decode(message.body, type=type_)
                    if wanted(body):
                        return body
                self._heard = [message for message in self._heard if message.kind != "beat"]
                for entry in await self._reader.read(limit=1, block_seconds=5.0):
                    await self._reader.ack([entry])
                    self._heard.append(entry.message)

    async def becomes(self, state: AgentState) -> StateTold:
        return await self.hear("state", StateTold, lambda told: told.state is state)


@pytest.fixture
async def scene(streams: Streams) -> Scene:
    agent_id = new_job_id()

    async def wait(_: Work) -> str:
        await made.may_finish.wait()
        return "done"

    worker = Worker(
        agent_id, "bee", ("review",), {"wait": wait}, role=Role.AGENT, writer=streams.writer(Role.AGENT),
        inbox=streams.inbox(inbox(Role.AGENT, agent_id)), capacity=4, beat_seconds=0.05, sleeper=Sleeper(),
        sleep_after_seconds=0.2,
    )  # fmt: skip
    made = Scene(agent_id, worker, streams.writer(Role.ORCHESTRATOR), streams.reader(OUTCOMES))
    return made


async def test_what_is_stopped_before_it_began_is_not_held(scene: Scene) -> None:
    order = await scene.order()
    await scene.say("stops", [Held(order.job_id, order.attempt)])  # both lie there when the worker looks

    async with running(scene.worker.run()):
        await scene.hear("beat", Beat)
        await scene.becomes(AgentState.SLEEPING)
        assert (await scene.hear("beat", Beat)).held == ()


async def test_what_one_hub_stops_before_the_others_order_came_does_not_begin(scene: Scene) -> None:
    stopped, wanted = (WorkOrder(new_job_id(), "wait", "github.com/o/r", 1, msgspec.Raw(b"{}")) for _ in range(2))
    scene.may_finish.set()
    await scene.say("stops", [Held(stopped.job_id, stopped.attempt)])
    await scene.say("work", Orders(scene.agent_id, (stopped, wanted)))

    async with running(scene.worker.run()):
        ended = await scene.hear("outcomes", Outcomes)
        summary = msgspec.json.decode((await scene.becomes(AgentState.SLEEPING)).summary)

    assert [outcome.job_id for outcome in ended.outcomes] == [wanted.job_id]
    assert summary["attempts"] == {"wait": {"succeeded": 1}}


async def test_an_idle_worker_sleeps_and_work_wakes_it_before_it_begins(scene: Scene) -> None:
    scene.may_finish.set()

    async with running(scene.worker.run()):
        asleep = await scene.becomes(AgentState.SLEEPING)
        assert asleep.note.endswith(": all gone")
        assert (await scene.hear("beat", Beat, lambda beat: beat.state is not AgentState.AWAKE)).queues == ("review",)
        order = await scene.order()
        await scene.becomes(AgentState.PREPARING_WAKE)
        await scene.becomes(AgentState.AWAKE)
        ended = await scene.hear("outcomes", Outcomes)
        assert [outcome.job_id for outcome in ended.outcomes] == [order.job_id]
        told = msgspec.json.decode((await scene.becomes(AgentState.SLEEPING)).summary)
        assert (told["attempts"], told["sleeps"]) == ({"wait": {"succeeded": 1}}, 2)


async def test_who_retires_ends_after_its_last_outcome_is_told(scene: Scene) -> None:
    order = await scene.order()
    working = asyncio.create_task(scene.worker.run())
    await scene.hear("beat", Beat, lambda beat: len(beat.held) == 1)

    await scene.say("retire", scene.agent_id)
    await scene.say("retire", scene.agent_id)
    await scene.becomes(AgentState.DRAINING)
    scene.may_finish.set()

    ended = await scene.hear("outcomes", Outcomes)
    assert [outcome.job_id for outcome in ended.outcomes] == [order.job_id]
    await scene.hear("bye", dict[str, Any])
    with pytest.raises(AgentRetired):
        await working


async def test_who_drained_and_may_go_on_says_so(scene: Scene) -> None:
    async with running(scene.worker.run()):
        await scene.say("drain", scene.agent_id)
        await scene.hear("beat", Beat, lambda beat: beat.state is AgentState.DRAINING)
        await scene.say("resume", scene.agent_id)
        await scene.hear("beat", Beat, lambda beat: beat.state is AgentState.AWAKE)


async def test_what_was_wished_of_another_is_not_heeded(scene: Scene) -> None:
    async with running(scene.worker.run()):
        await scene.say("retire", new_job_id())
        await scene.say("drain", scene.agent_id)
        assert (await scene.hear("state", StateTold)).note == "", "it retires not"


def test_a_beat_tells_all_that_runs_and_only_the_newest_of_very_many_that_ended() -> None:
    running = [(new_job_id(), 1) for _ in range(3)]
    ended = {(new_job_id(), 1): Ended(at=10.0, began=began) for began in [1.0] * (ENDED_TOLD + 1) + [5.0]}

    held = [(one.job_id, one.attempt) for one in told_as_held(running, ended, began_before=5.0)]

    assert held == [*running, *list(ended)[1:-1]]  # the last began too lately for the hub to ask for it
