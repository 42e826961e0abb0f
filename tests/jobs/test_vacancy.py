"""Work whose agents run elsewhere does not wait for ever while none of them is there."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from server.jobs.vacancy import Vacancy
from server.jobs.views import KnownAgent
from tests.streams import running

NOW = datetime.now(UTC)


def an_agent(name: str, queue: str = "think", *, silent_seconds: float = 1.0) -> KnownAgent:
    return KnownAgent(uuid4(), name, "agent", (queue,), 8, "idle", NOW, NOW, silent_seconds, 0)


class Scene:
    """Who is known just now, and what the stand-in does."""

    def __init__(self, *agents: KnownAgent) -> None:
        self.agents = list(agents)
        self.begun, self.ended, self.looked = asyncio.Event(), asyncio.Event(), asyncio.Semaphore(0)

    async def known(self) -> Sequence[KnownAgent]:
        self.looked.release()
        return self.agents

    async def stand_in(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()

    @property
    def vacancy(self) -> Vacancy:
        return Vacancy(
            "think", self.known, self.stand_in, name="nobody", patience_seconds=0.01, look_every_seconds=0.001
        )


@pytest.mark.parametrize(
    "agents",
    [
        (),
        (an_agent("reviewer", "review"),),
        (an_agent("nobody"),),
        (an_agent("gone", silent_seconds=3600),),
    ],
    ids=["none", "another queue", "another hub's stand-in", "silent"],
)
async def test_a_stand_in_works_until_somebody_is_there(agents: tuple[KnownAgent, ...]) -> None:
    scene = Scene(*agents)

    async with asyncio.timeout(20), running(scene.vacancy.run()):
        await scene.begun.wait()
        scene.agents.append(an_agent("thinker"))
        await scene.ended.wait()


async def test_while_somebody_is_there_nobody_stands_in() -> None:
    scene = Scene(an_agent("thinker"))

    async with asyncio.timeout(20), running(scene.vacancy.run()):
        for _ in range(100):
            await scene.looked.acquire()

    assert not scene.begun.is_set()
