"""A conversation stays within its budget, and tells of every call whatever becomes of it."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from server.agents.budget import Budget, Left, Purse
from server.agents.call import CALL, CallTold, ModelRecord, Record, ToolRecord, asks_of
from server.agents.conversation import LiveConversation
from server.agents.model import (
    Ask,
    BudgetSpent,
    Heard,
    ModelAway,
    ModelFailed,
    Reply,
    ReplyCutOff,
    Text,
    ToolResult,
    ToolSpec,
    ToolUse,
    Turn,
    Usage,
    unheard,
)
from server.agents.money import dollars

SECRET = "sk-ant-api03-" + "k" * 40
READ = ToolSpec("read", "Read a file.", {"type": "object"})
CENT = 10_000


class Scripted:
    """A model that says what it is told to, each for a cent."""

    def __init__(self, *script: Reply | BaseException) -> None:
        self.script = list(script)
        self.asks: list[Ask] = []

    def name(self, ask: Ask) -> str:
        return f"claude-{ask.strength}"

    def at_most(self, _: Ask) -> int:
        return 2 * CENT

    async def count_tokens(self, _: Ask) -> int:
        return 7

    async def reply(self, ask: Ask, *, heard: Heard = unheard) -> Reply:
        self.asks.append(ask)
        said = self.script.pop(0)
        if isinstance(said, BaseException):
            raise said
        heard(said.text)
        return said


class Toolbox:
    specs: Sequence[ToolSpec] = (READ,)

    async def use(self, call: ToolUse) -> ToolResult:
        return ToolResult(call.id, f"the password is {SECRET}", is_error="path" not in call.input)


class Scene:
    def __init__(self, *script: Reply | BaseException, **left: int) -> None:
        self.purse = Purse()
        self.model = Scripted(*script)
        self.messages: list[tuple[str, bytes]] = []
        self.job = uuid4()
        self.left = Left(self.job, 1, **({"job": 100 * CENT, "project_day": 100 * CENT, "day": 100 * CENT} | left))

    def conversation(self, budget: Budget) -> LiveConversation:
        return LiveConversation(
            self.model,
            budget,
            job_id=self.job,
            attempt=1,
            tell=lambda kind, body: self.messages.append((kind, body)),
            secrets=[SECRET],
        )

    @property
    def told(self) -> list[CallTold]:
        assert {kind for kind, _ in self.messages} <= {CALL}
        return [msgspec.json.decode(body, type=CallTold) for _, body in self.messages]

    @property
    def records(self) -> dict[int, Record]:
        return {call.number: msgspec.json.decode(call.record, type=Record) for call in self.told}


def a_reply(text: str = "fine", *uses: ToolUse) -> Reply:
    return Reply((Text(text), *uses), "end_turn", Usage(10, 20), "claude-opus-5-5", CENT)


def an_ask(*turns: Turn, **fields: Any) -> Ask:
    return Ask("strong", "You review.", turns or (Turn("user", (Text("look"),)),), **({"tools": (READ,)} | fields))


def broken_off(error: type[ModelFailed]) -> ModelFailed:
    failed = error("the stream ended", usage=Usage(10, 1), cost_microdollars=3)
    failed.broke_off = True
    return failed


async def test_every_call_is_told_with_its_cost_and_can_be_read_again() -> None:
    use = ToolUse("toolu_1", "read", {"path": "a.py"})
    scene = Scene(a_reply("let me look", use), a_reply())
    with scene.purse.budget("p", scene.left) as budget:
        talk = scene.conversation(budget)
        first = await talk.model.reply(ask := an_ask())
        result = await talk.tools(Toolbox()).use(use)
        again = an_ask(*ask.turns, first.turn, Turn("user", (result,)))
        await talk.model.reply(again)

    assert [(call.number, call.what, call.name) for call in scene.told] == [
        (1, "model", "claude-opus-5-5"),
        (2, "tool", "read"),
        (3, "model", "claude-opus-5-5"),
    ]
    assert sum(call.cost_microdollars for call in scene.told) == 2 * CENT
    assert asks_of(scene.records)[1] == ask
    assert len(asks_of(scene.records)[3].turns) == 3
    third = scene.records[3]
    assert isinstance(third, ModelRecord)
    assert (third.base, third.shared, len(third.turns), third.system) == (1, 1, 2, "")


async def test_the_model_is_not_told_the_key_by_which_it_is_asked() -> None:
    scene = Scene(a_reply())

    with scene.purse.budget("p", scene.left) as budget:
        conversation = scene.conversation(budget)
        await conversation.model.reply(an_ask(Turn("user", (Text(f"KEY = {SECRET}"),))))

    assert conversation.secrets == (SECRET,)
    assert SECRET not in str(scene.model.asks)


async def test_no_secret_is_told() -> None:
    scene = Scene(a_reply(f"the key is {SECRET}"))
    with scene.purse.budget("p", scene.left) as budget:
        talk = scene.conversation(budget)
        await talk.model.reply(an_ask(Turn("user", (Text(f"is {SECRET} a key?"),))))
        await talk.tools(Toolbox()).use(ToolUse("toolu_1", "read", {"path": SECRET}))

    assert SECRET.encode() not in b"".join(body for _, body in scene.messages)
    record = scene.records[2]
    assert isinstance(record, ToolRecord)
    assert "redacted" in record.result.content


@pytest.mark.parametrize("scope", ["job", "project_day", "day"])
async def test_what_may_cost_more_than_is_left_is_not_asked(scope: str) -> None:
    scene = Scene(a_reply(), **{scope: CENT})
    with scene.purse.budget("p", scene.left) as budget, pytest.raises(BudgetSpent) as spent:
        await scene.conversation(budget).model.reply(an_ask())

    assert spent.value.scope == scope.removesuffix("_day")
    assert "$0.0100 left" in str(spent.value)
    assert (scene.model.asks, scene.messages) == ([], [])


async def test_a_budget_is_reached_mid_way() -> None:
    scene = Scene(a_reply(), a_reply(), a_reply(), job=3 * CENT)
    with scene.purse.budget("p", scene.left) as budget:
        model = scene.conversation(budget).model
        await model.reply(an_ask())
        await model.reply(an_ask())
        with pytest.raises(BudgetSpent):
            await model.reply(an_ask())

    assert len(scene.told) == 2


async def test_attempts_of_one_project_spend_from_one_purse() -> None:
    purse, job = Purse(), uuid4()
    with (
        purse.budget("p", Left(job, 1, job=100, project_day=100, day=1000)) as one,
        purse.budget("p", Left(job, 2, job=100, project_day=100, day=1000)) as two,
        purse.budget("q", Left(job, 3, job=100, project_day=100, day=1000)) as other,
    ):
        async with one.reserve(80) as reservation:
            assert (two.project_day.left, other.project_day.left) == (20, 100)
            async with other.reserve(30):
                pass
            reservation.cost = 5
        async with two.reserve(95):
            pass

    assert (one.job.left, two.project_day.left, other.day.left) == (95, 95, 995)


async def test_who_begins_while_a_call_is_under_way_pays_what_it_cost() -> None:
    purse, job = Purse(), uuid4()
    with purse.budget("p", Left(job, 1, job=100, project_day=100, day=100)) as one, ExitStack() as stack:
        async with one.reserve(80) as reservation:
            late = stack.enter_context(purse.budget("p", Left(job, 2, job=100, project_day=100, day=100)))
            reservation.cost = 30

    assert (late.job.left, late.project_day.left, late.day.left) == (100, 70, 70)


async def test_what_a_call_under_way_may_leave_over_is_waited_for() -> None:
    purse, job, ended = Purse(), uuid4(), asyncio.Event()

    async def call(budget: Budget, cost: int) -> None:
        async with budget.reserve(80) as reservation:
            await ended.wait()
            reservation.cost = cost

    with purse.budget("p", Left(job, 1, job=100, project_day=100, day=100)) as budget:
        calls = [asyncio.create_task(call(budget, cost)) for cost in (5, 70, 5)]
        await asyncio.sleep(0)
        assert (budget.job.left, budget.job.set_aside) == (20, 80)
        with pytest.raises(BudgetSpent):
            async with budget.reserve(101):
                pass
        ended.set()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), BudgetSpent]
    assert (budget.job.left, budget.job.set_aside) == (25, 0)


@pytest.mark.parametrize("error", [ReplyCutOff, ModelAway])
async def test_a_reply_that_broke_off_is_asked_for_once_more_if_nobody_heard_it(error: type[ModelFailed]) -> None:
    scene = Scene(broken_off(error), a_reply("whole"))
    with scene.purse.budget("p", scene.left) as budget:
        reply = await scene.conversation(budget).model.reply(an_ask())

    assert reply.text == "whole"
    assert [(bool(call.error), call.cost_microdollars) for call in scene.told] == [(True, 3), (False, CENT)]


@pytest.mark.parametrize(
    "script",
    [(broken_off(ReplyCutOff), broken_off(ReplyCutOff)), (ModelAway("overloaded"),)],
    ids=["twice broken off", "away from the start"],
)
async def test_other_failures_are_the_handlers_affair_and_told(script: tuple[ModelFailed, ...]) -> None:
    scene = Scene(*script)
    with scene.purse.budget("p", scene.left) as budget, pytest.raises(type(script[-1])):
        await scene.conversation(budget).model.reply(an_ask())

    assert [call.error.split(":")[0] for call in scene.told] == [type(one).__name__ for one in script]
    assert {call.name for call in scene.told} == {"claude-strong"}


async def test_a_call_that_is_stopped_is_billed_in_full() -> None:
    scene = Scene(asyncio.CancelledError())
    with scene.purse.budget("p", scene.left) as budget:
        with pytest.raises(asyncio.CancelledError):
            await scene.conversation(budget).model.reply(an_ask())
        assert budget.job.left == 98 * CENT

    assert [(call.error, call.cost_microdollars) for call in scene.told] == [("Cancelled", 2 * CENT)]


@pytest.mark.parametrize(
    ("microdollars", "shown"), [(0, "$0.00"), (420, "$0.0004"), (12_345, "$0.0123"), (1_234_567, "$1.23")]
)
def test_dollars_as_people_read_them(microdollars: int, shown: str) -> None:
    assert dollars(microdollars) == shown
