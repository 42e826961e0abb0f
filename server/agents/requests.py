"""An ask as the body of a Messages API request. Pure; `claude.py` sends it.

Append-only: a turn is written the same in every request of a conversation, because the prompt cache finds what it has
seen, and a model's thoughts count, only while nothing before them changed.
"""

from collections.abc import Sequence
from typing import Any

from server.agents.model import Ask, Block, Text, Thought, ToolResult, ToolUse, Turn
from server.agents.prices import ModelFacts

THINKING_ROOM_TOKENS = 8_000
"""Thoughts count towards `max_tokens`; who asks means the answer."""

MAX_OUTPUT_TOKENS = 64_000
BYTES_PER_TOKEN = 2.5
"""A careful guess: text and code have more, so that an estimate by it is rarely less than the truth."""

_MARK = {"type": "ephemeral"}


def to_request(ask: Ask, model: str, facts: ModelFacts) -> dict[str, Any]:
    """Without `max_tokens`, as it is counted."""
    messages = [_message(turn) for turn in ask.turns]
    _mark_turns(messages)
    request: dict[str, Any] = {"model": model, "messages": messages}
    if ask.system:
        request["system"] = [{"type": "text", "text": ask.system, "cache_control": _MARK}]
    if ask.tools:
        tools = [{"name": t.name, "description": t.description, "input_schema": t.input_schema} for t in ask.tools]
        request["tools"] = [*tools[:-1], tools[-1] | {"cache_control": _MARK}]
    if ask.must_use:
        _demand(ask.must_use, request, facts)
    return request


def room_for(ask: Ask, facts: ModelFacts) -> int:
    """`max_tokens` of the request."""
    thoughts = THINKING_ROOM_TOKENS if facts.thinks and not ask.is_brief else 0
    return min(MAX_OUTPUT_TOKENS, ask.max_tokens + thoughts)


def estimate_tokens(ask: Ask) -> int:
    """From its size, without asking anybody."""
    size = len(ask.system.encode())
    size += sum(len(t.name) + len(t.description.encode()) + len(str(t.input_schema)) for t in ask.tools)
    size += sum(_size(block) for turn in ask.turns for block in turn.content)
    return int(size / BYTES_PER_TOKEN) + 16 * len(ask.turns) + 400


def remind(request: dict[str, Any], said: Sequence[Text], tool: str) -> dict[str, Any]:
    """The same once more, after an answer that did not use *tool*."""
    answer = [{"type": "text", "text": text.text} for text in said if text.text.strip()]
    demand = [{"type": "text", "text": _demand_text(tool)}]
    if not answer:
        return request
    more = [{"role": "assistant", "content": answer}, {"role": "user", "content": demand}]
    return request | {"messages": [*request["messages"], *more]}


def _message(turn: Turn) -> dict[str, Any]:
    """Results of tools come first, as the API wants it; a text of nothing is not taken."""
    blocks = [block for block in turn.content if not (isinstance(block, Text) and not block.text.strip())]
    blocks.sort(key=lambda block: not isinstance(block, ToolResult) and turn.role == "user")
    return {"role": turn.role, "content": [_block(block) for block in blocks]}


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text(text):
            return {"type": "text", "text": text}
        case ToolUse(id_, name, input_):
            return {"type": "tool_use", "id": id_, "name": name, "input": input_}
        case ToolResult(tool_use_id, content, is_error):
            result = {"type": "tool_result", "tool_use_id": tool_use_id, "content": content or "(nothing)"}
            return result | {"is_error": True} if is_error else result
        case Thought(raw):
            return raw


def _mark_turns(messages: Sequence[dict[str, Any]]) -> None:
    """The newest turn of the user, to be read by the next request; and the one before, which this one reads."""
    for message in [m for m in messages if m["role"] == "user"][-2:]:
        if message["content"]:
            message["content"][-1] = message["content"][-1] | {"cache_control": _MARK}


def _demand(tool: str, request: dict[str, Any], facts: ModelFacts) -> None:
    """Models that cannot be forced are told so, last of all: what is cached stays as it is."""
    if facts.forces_tools:
        request["tool_choice"] = {"type": "tool", "name": tool}
    else:
        request["messages"][-1]["content"].append({"type": "text", "text": _demand_text(tool)})


def _demand_text(tool: str) -> str:
    return f"Answer now by using the tool `{tool}`, and no other."


def _size(block: Block) -> int:
    match block:
        case Text(text):
            return len(text.encode())
        case ToolUse(_, name, input_):
            return len(name) + len(str(input_))
        case ToolResult(_, content):
            return len(content.encode())
        case Thought(raw):
            return len(str(raw))
