"""Talk with a model until it has answered: the one loop of every agent that thinks.

It decides nothing about a subject: an agent brings what it asks, the tools, and the shape of the answer. Errors of the
model pass through.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol, TypeVar, cast

from msgspec.structs import replace

from server.agents.answer import Answer, AnswerRefused, Read
from server.agents.model import Ask, Heard, Model, Text, ToolResult, ToolSpec, ToolUse, Turn, unheard
from server.agents.steps import ASKING, CHECKING, Step, no_step, told_use

MAX_CORRECTIONS = 2
"""How often a model is told what is wrong with its answer."""

T = TypeVar("T")


class Tools(Protocol):
    """`server.agents.tools.Toolbox`, as far as the loop needs it. What a tool refuses is a result that says so."""

    @property
    def specs(self) -> Sequence[ToolSpec]: ...

    async def use(self, call: ToolUse) -> ToolResult: ...


async def converse(
    model: Model,
    tools: Tools,
    ask: Ask,
    answer: Answer[T],
    *,
    max_turns: int,
    heard: Heard = unheard,
    step: Step = no_step,
) -> T:
    """The model's answer. After *max_turns* it has to give one, whatever it would still look at.

    *step* is told what is done at the moment.
    Raises `AnswerRefused` when it gives none that holds, and what `Model.reply` raises.
    """
    ask = replace(ask, tools=(*tools.specs, answer.spec))
    turn = wrong = 0
    is_silent = False
    while True:
        turn += 1
        must_answer = turn >= max_turns or is_silent
        step(ASKING)
        reply = await model.reply(replace(ask, must_use=answer.name if must_answer else ""), heard=heard)
        answers = [call for call in reply.tool_uses if call.name == answer.name]
        if answers:
            step(CHECKING)
        given = [await answer.read(call.input) for call in answers]
        good = [read.value for read in given if not read.problems]
        if good:
            return cast(T, good[-1])
        is_silent = not reply.tool_uses
        told = given[-1] if given else Read(None, (f"it is none: answer with the tool {answer.name}",))
        if given or is_silent:
            wrong += 1
            if wrong > MAX_CORRECTIONS:
                raise AnswerRefused(told.problems, told.value)
        results = await asyncio.gather(*(_result(call, tools, answer.name, told, step) for call in reply.tool_uses))
        if reply.content:  # an empty turn is none: the same is asked again
            ask = replace(ask, turns=(*ask.turns, reply.turn, Turn("user", tuple(results) or (Text(told.as_told),))))


async def _result(call: ToolUse, tools: Tools, answer: str, told: Read[T], step: Step) -> ToolResult:
    if call.name == answer:
        return ToolResult(call.id, told.as_told, is_error=True)
    step(told_use(call))
    return await tools.use(call)
