"""A model that says what a test wrote down, and holds its caller to the protocol as a real one would."""

from collections.abc import Callable, Sequence
from itertools import count, pairwise
from typing import Any

from server.agents.model import Ask, Heard, Reply, Text, ToolResult, ToolSpec, ToolUse, Usage, unheard

Line = Text | ToolUse | Exception
Script = Sequence["Line | Sequence[Line] | Callable[[Ask], Line | Sequence[Line]]"]

COST = 1_000
"""Of each reply, in microdollars."""

_ids = count(1)


def use(tool: str, **given: Any) -> ToolUse:
    return ToolUse(f"toolu_{next(_ids)}", tool, given)


def answer(**given: Any) -> ToolUse:
    return use("answer", **given)


class Scripted:
    """Plays *script*, one entry for a reply; *asks* are what it was asked."""

    def __init__(self, *script: Any) -> None:
        self._script = list(script)
        self.asks: list[Ask] = []

    async def reply(self, ask: Ask, *, heard: Heard = unheard) -> Reply:
        check(ask)
        self.asks.append(ask)
        assert self._script, "the model was asked more often than the scene says"
        said = self._script.pop(0)
        if callable(said):
            said = said(ask)
        if isinstance(said, Exception):
            raise said
        blocks = (said,) if isinstance(said, Text | ToolUse) else tuple(said)
        for block in blocks:
            if isinstance(block, Text):
                heard(block.text)
        if ask.must_use:
            assert any(isinstance(block, ToolUse) and block.name == ask.must_use for block in blocks)
        stop = "tool_use" if any(isinstance(block, ToolUse) for block in blocks) else "end_turn"
        return Reply(blocks, stop, Usage(100, 10), "claude-scripted", COST)

    async def count_tokens(self, ask: Ask) -> int:
        return len(str(ask)) // 4

    @property
    def is_over(self) -> bool:
        return not self._script

    def told(self, turn: int = -1) -> str:
        """All the text of an ask: what the model was told by then."""
        ask = self.asks[turn]
        return ask.system + "\n".join(
            block.content if isinstance(block, ToolResult) else block.text if isinstance(block, Text) else ""
            for one in ask.turns
            for block in one.content
        )


def check(ask: Ask) -> None:
    """What the Messages API refuses."""
    assert ask.turns
    assert ask.turns[0].role == "user"
    assert all(turn.content for turn in ask.turns)
    assert all(one.role != other.role for one, other in pairwise(ask.turns)), "roles alternate"
    names = [tool.name for tool in ask.tools]
    assert len(set(names)) == len(names)
    assert all(tool.input_schema["type"] == "object" for tool in ask.tools)
    assert not ask.must_use or ask.must_use in names
    for said, following in pairwise(ask.turns):
        wanted = [block.id for block in said.content if isinstance(block, ToolUse)]
        given = [block.tool_use_id for block in following.content if isinstance(block, ToolResult)]
        assert wanted == given, "each use of a tool has its result in the next turn"


class NoTools:
    specs: tuple[ToolSpec, ...] = ()

    async def use(self, call: ToolUse) -> ToolResult:
        return ToolResult(call.id, f"there is no tool {call.name}", is_error=True)
