"""A talk that was held is held again, without a model and without its tools."""

from contextlib import suppress

import msgspec
import pytest

from server.agents.call import Record
from server.agents.conversation import Conversation
from server.agents.model import Ask, ModelAway, ReplyCutOff, Text, ToolUse, Turn
from server.agents.recorded import RecordedConversation, ReplayDiffers
from tests.agents.test_model_conversation import SECRET, Scene, Toolbox, a_reply, broken_off

USE = ToolUse("toolu_1", "read", {"path": "a.py"})


async def a_review(talk: Conversation, question: str = f"is {SECRET} a key?") -> str:
    """A handler: asks, uses a tool, asks again."""
    tools = talk.tools(Toolbox())
    ask = Ask("strong", "You review.", (Turn("user", (Text(question),)),), tuple(tools.specs))
    first = await talk.model.reply(ask)
    results = tuple([await tools.use(use) for use in first.tool_uses])
    again = msgspec.structs.replace(ask, turns=(*ask.turns, first.turn, Turn("user", results)))
    return (await talk.model.reply(again)).text


async def held(scene: Scene) -> tuple[dict[int, Record], dict[int, str]]:
    with scene.purse.budget("p", scene.left) as budget, suppress(ModelAway):
        await a_review(scene.conversation(budget))
    return scene.records, {call.number: call.error for call in scene.told if call.error}


async def test_the_same_handler_comes_to_the_same_end() -> None:
    talk = RecordedConversation(*await held(Scene(a_reply("let me look", USE), a_reply("it is"))))

    assert await a_review(talk) == "it is"
    assert talk.unasked == ()


async def test_a_reply_that_broke_off_is_passed_over_and_a_failure_comes_again() -> None:
    scene = Scene(broken_off(ReplyCutOff), a_reply("let me look", USE), ModelAway("overloaded"))
    talk = RecordedConversation(*await held(scene))

    with pytest.raises(ModelAway, match="overloaded"):
        await a_review(talk)
    assert talk.unasked == ()


async def test_who_asks_something_else_is_told_what_differs() -> None:
    talk = RecordedConversation(*await held(Scene(a_reply("let me look", USE), a_reply("it is"))))

    with pytest.raises(ReplayDiffers, match="call 1 is asked with other turns"):
        await a_review(talk, "another question")
    assert talk.unasked == (1, 3)


async def test_who_asks_more_is_told_so() -> None:
    talk = RecordedConversation(*await held(Scene(a_reply("let me look", USE), a_reply("it is"))))
    await a_review(talk)

    with pytest.raises(ReplayDiffers, match="more often"):
        await a_review(talk)
