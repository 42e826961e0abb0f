"""The thinker asks what may be spent before it thinks, and thinks of nothing while nobody says."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from server.agents.budget import BUDGET, BudgetAsked, Left
from server.agents.call import CALL, CallTold
from server.agents.conversation import Conversation
from server.agents.model import Ask, BudgetSpent, Text, Turn
from server.agents.rehearsal import rehearse
from server.agents.settings import ClaudeSettings
from server.agents.thinker import Thinker
from server.jobs.job import Snooze
from server.jobs.worker import Work
from tests.claude.script import says
from tests.claude.standin import KEY, claude_stand_in


async def answer(work: Work, conversation: Conversation) -> str:
    ask = Ask("fast", "You answer.", (Turn("user", (Text(work.args.decode()),)),))
    return (await conversation.model.reply(ask)).text


class Scene:
    """A thinker and the hub's side of what it says."""

    def __init__(self, url: str, left: int | None) -> None:
        self.thinker = Thinker(ClaudeSettings(KEY, url), {"answer": answer}, told_seconds=0.2)
        self.calls: list[CallTold] = []
        self._left = left

    def hear(self, kind: str, body: bytes) -> None:
        if kind == CALL:
            self.calls.append(msgspec.json.decode(body, type=CallTold))
        elif kind == BUDGET and self._left is not None:
            asked = msgspec.json.decode(body, type=BudgetAsked)
            self.thinker.hear_budget(msgspec.json.encode(Left(UUID(int=1), 1, 0, 0, 0)))  # somebody else's
            left = Left(asked.job_id, asked.attempt, self._left, self._left, self._left)
            asyncio.get_running_loop().call_soon(self.thinker.hear_budget, msgspec.json.encode(left))

    async def do(self) -> Any:
        work = Work(uuid4(), "answer", "p", 1, b"why?", {}, lambda *_: None, tell=self.hear)
        async with self.thinker.handlers() as handlers:
            return await handlers["answer"](work)


async def test_it_thinks_within_what_the_hub_says_and_tells_of_it() -> None:
    async with claude_stand_in(says("Because.")) as api:
        scene = Scene(api.url, left=1_000_000)
        assert await scene.do() == "Because."

    assert [(call.name, call.cost_microdollars > 0) for call in scene.calls] == [("claude-haiku-5-5", True)]


async def test_it_asks_nothing_when_nothing_is_left() -> None:
    async with claude_stand_in(says("Because.")) as api:
        with pytest.raises(BudgetSpent):
            await Scene(api.url, left=0).do()

    assert api.attempts == 0


async def test_it_comes_back_later_when_nobody_says_what_is_left() -> None:
    async with claude_stand_in(says("Because.")) as api:
        with pytest.raises(Snooze, match="may be spent"):
            await Scene(api.url, left=None).do()

    assert api.attempts == 0


async def test_the_rehearsal_loads_what_a_real_call_needs() -> None:
    """It ends by itself, whatever the machine has on its loopback interface."""
    async with asyncio.timeout(60):
        await rehearse()
