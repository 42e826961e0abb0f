"""The loop of the agents over the real client, against the strict stand-in: whatever a model does, no ask is wrong."""

import msgspec
import pytest

from server.agents.answer import Answer
from server.agents.claude import ClaudeModel
from server.agents.loop import converse
from server.agents.model import Ask, Text, Turn
from server.agents.settings import ClaudeSettings
from tests.agents.test_model_conversation import Toolbox
from tests.claude.script import Says, Thinks, says, uses
from tests.claude.standin import KEY, claude_stand_in


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str


RIGHT = uses("answer", text="it leaks")
WRONG = uses("answer", verdict=3)
LOOK = uses("read", path="a.py")

WAYS: dict[str, list[Says]] = {
    "at once": [says(Thinks("hm"), RIGHT)],
    "after a look, with thoughts": [says(Thinks("hm"), "Let me look.", LOOK), says(Thinks(), RIGHT)],
    "several looks at once": [says(Thinks(), LOOK, uses("read", path="b.py")), says(RIGHT)],
    "put right": [says(Thinks(), WRONG), says(Thinks(), LOOK), says(Thinks(), RIGHT)],
    "with words, then as demanded": [says(Thinks(), "It leaks."), says(Thinks(), RIGHT)],
    "told twice": [says(Thinks(), "It leaks."), says(Thinks(), "Really."), says(Thinks(), RIGHT)],
    "late, and put right": [says(Thinks(), LOOK), says(LOOK), says(Thinks(), WRONG), says(Thinks(), RIGHT)],
    "with nothing at first": [says(), says(RIGHT)],
}


@pytest.mark.parametrize("old", [False, True], ids=["told to answer", "forced to answer"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_model_may_come_to_its_answer(way: str, old: bool) -> None:
    async with claude_stand_in(*WAYS[way]) as api:
        strong = "claude-sonnet-4-6" if old else "claude-opus-5-5"
        model = ClaudeModel(ClaudeSettings(KEY, api.url, strong=strong), max_retries=0)
        ask = Ask("strong", "You review.", (Turn("user", (Text("what is wrong?"),)),))
        try:
            answer = await converse(model, Toolbox(), ask, Answer(Verdict, "Answer."), max_turns=3)
        finally:
            await model.close()

    assert answer == Verdict("it leaks")
    assert api.refused == []
