"""The events of one streamed reply, put together. Pure; strict: what is not whole is not a reply.

The SDK's own accumulator guesses at a tool's input while it is half there, and says nothing when a stream just ends.
"""

import json
from typing import Any

from anthropic.types import RawMessageStreamEvent

from server.agents.model import Heard, Text, Thought, ToolUse, Usage

MAX_BLOCKS = 200
MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 50


class StreamInvalid(Exception):
    """An event that cannot be: out of order, or too much."""


class Gathering:
    """Feed it every event; *stop_reason* stays None until the message has ended as it should."""

    def __init__(self, heard: Heard) -> None:
        self.model = ""
        self.usage = Usage()
        self.stop_reason: str | None = None
        self.stop_details = ""
        self._heard = heard
        self._blocks: list[_Block] = []
        self._reason: str | None = None
        self._characters = 0

    def take(self, event: RawMessageStreamEvent) -> None:
        """Raises `StreamInvalid`."""
        match event.type:
            case "message_start":
                self.model = event.message.model
                self.usage = _usage(event.message.usage, Usage())
            case "content_block_start":
                if event.index != len(self._blocks) or event.index >= MAX_BLOCKS:
                    raise StreamInvalid(f"block {event.index} begins out of order")
                self._blocks.append(_Block(event.content_block.to_dict()))
            case "content_block_delta":
                self._add(self._block(event.index), event.delta)
            case "content_block_stop":
                self._block(event.index).is_whole = True
            case "message_delta":
                self._reason = event.delta.stop_reason
                details = event.delta.stop_details
                self.stop_details = (details.category or "") if details else ""
                self.usage = _usage(event.usage, self.usage)
            case "message_stop":
                self.stop_reason = self._reason
            case _:
                pass  # kinds of events may be added, says the reference

    @property
    def is_whole(self) -> bool:
        return self.stop_reason is not None and all(block.is_whole for block in self._blocks)

    def content(self) -> tuple[Text | ToolUse | Thought, ...]:
        """Raises `StreamInvalid` when a tool's input is no JSON object: it was cut off."""
        parts = (block.part() for block in self._blocks)
        return tuple(part for part in parts if part is not None)

    def _block(self, index: int) -> "_Block":
        if not 0 <= index < len(self._blocks) or self._blocks[index].is_whole:
            raise StreamInvalid(f"there is no block {index} under way")
        return self._blocks[index]

    def _add(self, block: "_Block", delta: Any) -> None:
        match delta.type:
            case "text_delta":
                block.pieces.append(delta.text)
                self._heard(delta.text)
            case "thinking_delta":
                block.pieces.append(delta.thinking)
            case "input_json_delta":
                block.pieces.append(delta.partial_json)
            case "signature_delta":
                block.raw["signature"] = delta.signature
                return
            case _:
                return
        self._characters += len(block.pieces[-1])
        if self._characters > MAX_CHARACTERS:
            raise StreamInvalid(f"more than {MAX_CHARACTERS:,} characters")


class _Block:
    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.pieces: list[str] = []
        self.is_whole = False

    def part(self) -> Text | ToolUse | Thought | None:
        text = "".join(self.pieces).encode(errors="replace").decode()
        match self.raw["type"]:
            case "text":
                return Text(self.raw.get("text", "") + text) if self.raw.get("text") or text else None
            case "tool_use":
                return ToolUse(self.raw["id"], self.raw["name"], _object(text or "{}"))
            case "thinking":
                signature = self.raw.get("signature", "")
                return Thought({"type": "thinking", "thinking": text, "signature": signature})
            case "redacted_thinking":
                return Thought({"type": "redacted_thinking", "data": self.raw["data"]})
            case _:
                return None


def _object(text: str) -> dict[str, Any]:
    """Such as can be written down again: half characters become question marks, and it ends somewhere."""
    try:
        value = json.loads(text)
        whole = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        whole = None
    if not isinstance(whole, dict):
        raise StreamInvalid("the input of a tool is not whole")
    if _is_deep(whole):
        raise StreamInvalid(f"the input of a tool is nested more than {MAX_DEPTH} levels deep")
    return whole


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


def _usage(told: Any, before: Usage) -> Usage:
    """Counts in a later event are totals; one that is not there stays what it was."""
    return Usage(
        input_tokens=_count(told.input_tokens, before.input_tokens),
        output_tokens=_count(told.output_tokens, before.output_tokens),
        cache_read_tokens=_count(told.cache_read_input_tokens, before.cache_read_tokens),
        cache_write_tokens=_count(told.cache_creation_input_tokens, before.cache_write_tokens),
    )


def _count(told: int | None, before: int) -> int:
    return before if told is None else max(0, told)
