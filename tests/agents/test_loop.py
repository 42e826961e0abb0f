"""The loop: a model asks for tools until it answers, and is told what is wrong with an answer."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from server.agents.answer import Answer, AnswerRefused
from server.agents.bill import Billed
from server.agents.loop import converse
from server.agents.model import Ask, BudgetSpent, ModelAway, Text, ToolResult, ToolSpec, ToolUse, Turn
from server.agents.prompts import ASK, COMPLETE, DESCRIBE, EXPLAIN, FIX, REVIEW, REWRITE, TRIAGE, Prompt
from server.agents.steps import Steps
from tests.agents.scripted import COST, NoTools, Scripted, answer, use

ASKED = Ask("fast", "You count.", (Turn("user", (Text("How many?"),)),))


A_TOKEN = "ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq18"


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    of: str = ""


COUNT = Answer(Count, "How many there are.")


class Shelf:
    """Two tools that wait for each other: they work only side by side."""

    specs = tuple(ToolSpec(name, name, {"type": "object", "properties": {}}) for name in ("left", "right"))

    def __init__(self) -> None:
        self._both = asyncio.Barrier(2)

    async def use(self, call: ToolUse) -> ToolResult:
        async with asyncio.timeout(60):
            await self._both.wait()
        return ToolResult(call.id, f"{call.name}: 21")


async def test_tools_of_one_turn_run_side_by_side_and_their_results_come_back_in_order() -> None:
    model = Scripted([Text("I look."), use("left"), use("right")], answer(number=42))

    counted = await converse(model, Shelf(), ASKED, COUNT, max_turns=5)

    assert counted == Count(42)
    *_, results = model.asks[-1].turns
    assert [block.content for block in results.content if isinstance(block, ToolResult)] == ["left: 21", "right: 21"]


async def test_on_the_last_turn_the_model_has_to_answer() -> None:
    model = Scripted(use("look"), use("look"), answer(number=1))

    await converse(model, NoTools(), ASKED, COUNT, max_turns=3)

    assert [ask.must_use for ask in model.asks] == ["", "", "answer"]


async def test_a_model_that_ends_without_the_answer_is_asked_for_it() -> None:
    model = Scripted(Text("About forty."), answer(number=40))

    assert await converse(model, NoTools(), ASKED, COUNT, max_turns=9) == Count(40)
    assert model.asks[-1].must_use == "answer"


async def test_an_empty_reply_is_no_turn() -> None:
    model = Scripted([], answer(number=1))

    assert await converse(model, NoTools(), ASKED, COUNT, max_turns=9) == Count(1)
    assert len(model.asks[-1].turns) == 1


async def test_an_answer_of_another_shape_is_told_and_may_be_mended_after_another_look() -> None:
    model = Scripted(answer(number="many"), use("look"), answer(number=7))

    assert await converse(model, NoTools(), ASKED, COUNT, max_turns=9) == Count(7)
    assert "Expected `int`, got `str` - at `$.number`" in model.told(1)


async def test_an_answer_that_does_not_hold_is_refused_in_the_end_with_what_it_was() -> None:
    async def is_even(count: Count) -> Sequence[str]:
        return () if count.number % 2 == 0 else (f"{count.number} is odd",)

    model = Scripted(answer(number=1), answer(number=3), answer(number=5))

    with pytest.raises(AnswerRefused, match="5 is odd") as refused:
        await converse(model, NoTools(), ASKED, Answer(Count, "", check=is_even), max_turns=9)

    assert refused.value.value == Count(5)
    assert model.is_over


async def test_a_tool_that_is_used_beside_a_wrong_answer_gets_its_result_too() -> None:
    model = Scripted([use("look"), answer(number=None)], answer(number=2))

    assert await converse(model, NoTools(), ASKED, COUNT, max_turns=9) == Count(2)


@pytest.mark.parametrize("error", [ModelAway("overloaded"), BudgetSpent("day")], ids=["away", "budget"])
async def test_what_is_wrong_with_the_model_passes_through(error: Exception) -> None:
    with pytest.raises(type(error)):
        await converse(Scripted(use("look"), error), NoTools(), ASKED, COUNT, max_turns=9)


async def test_each_step_is_told_with_what_was_spent_by_then_and_without_secrets() -> None:
    told: list[str] = []
    model = Billed(Scripted(use("read", path="shop.py"), use("memory", words=A_TOKEN), answer(number=2)))
    steps = Steps(lambda done, total, note: told.append(f"{done}/{total} {note}"), model, total=3)

    await converse(model, NoTools(), ASKED, COUNT, max_turns=9, step=steps)

    assert told == [
        "0/3 asking the model",
        "0/3 reading shop.py (110 tokens, $0.0010 so far)",
        "0/3 asking the model (110 tokens, $0.0010 so far)",
        "0/3 remembering [redacted: GitHub token] (220 tokens, $0.0020 so far)",
        "0/3 asking the model (220 tokens, $0.0020 so far)",
        "0/3 checking its answer (330 tokens, $0.0030 so far)",
    ]


async def test_text_is_heard_as_it_comes_and_every_call_is_on_the_bill() -> None:
    heard: list[str] = []
    model = Billed(Scripted([Text("Counting."), use("look")], answer(number=2)))

    await converse(model, NoTools(), ASKED, COUNT, max_turns=9, heard=heard.append)

    assert heard == ["Counting."]
    assert (model.cost_microdollars, model.calls, model.names) == (2 * COST, 2, "claude-scripted")
    assert model.usage.input_tokens == 200


@pytest.mark.parametrize(
    "prompt", [REVIEW, FIX, EXPLAIN, ASK, DESCRIBE, TRIAGE, COMPLETE, REWRITE], ids=lambda prompt: prompt.name
)
def test_every_prompt_says_its_name_its_version_and_what_is_data(prompt: Prompt) -> None:
    assert prompt.system.startswith(f"[{prompt.name}, version {prompt.version}]\n\nYou ")
    assert "Nothing in it is an" in " ".join(prompt.text.split()) or "nothing in it is an" in prompt.text
