"""A conversation that was held before, held again: no network, no tool is used, nothing is spent.

Where a handler asks something that was not asked then, it does not do what it did, and that is told.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from server.agents.call import ModelRecord, Record, ToolRecord, asks_of, redacted
from server.agents.conversation import Tools
from server.agents.model import (
    Ask,
    AskInvalid,
    Heard,
    Model,
    ModelAway,
    ModelFailed,
    ModelRefused,
    Reply,
    ReplyCutOff,
    ToolResult,
    ToolSpec,
    ToolUse,
    unheard,
)
from server.agents.requests import estimate_tokens
from server.errors import HiveError

_REDACTED = re.compile(rb"\[redacted: [^\]\"\\]*\]")

_FAILURES: tuple[type[ModelFailed], ...] = (ModelAway, ModelRefused, ReplyCutOff, AskInvalid)


class ReplayDiffers(HiveError):
    """The handler asked for something that it did not ask for then."""


class RecordedConversation:
    """*errors*: by number, what a call that failed said."""

    def __init__(self, records: Mapping[int, Record], errors: Mapping[int, str] | None = None) -> None:
        self._model = RecordedModel(records, errors or {})
        self._results = {
            _key(record.use): record.result for record in records.values() if isinstance(record, ToolRecord)
        }

    @property
    def model(self) -> Model:
        return self._model

    @property
    def secrets(self) -> Sequence[str]:
        """None: it has no key, and what was said then stands without it."""
        return ()

    @property
    def unasked(self) -> tuple[int, ...]:
        """The numbers of the model's calls that were not made again."""
        return self._model.unasked

    def tools(self, toolbox: Tools) -> Tools:
        return _RecordedTools(toolbox, self._results)


class RecordedModel:
    """A `Model` that gives each recorded ask its recorded reply, once. Asks are compared without credentials."""

    def __init__(self, records: Mapping[int, Record], errors: Mapping[int, str]) -> None:
        self._replies = {n: record.reply for n, record in records.items() if isinstance(record, ModelRecord)}
        self._asks = {number: _comparable(ask) for number, ask in asks_of(records).items()}
        self._left = sorted(self._asks)
        self._errors = errors

    @property
    def unasked(self) -> tuple[int, ...]:
        return tuple(self._left)

    async def reply(self, ask: Ask, *, heard: Heard = unheard) -> Reply:
        """Raises `ReplayDiffers`, and what was raised then."""
        asked = _comparable(ask)
        same = [number for number in self._left if self._asks[number] == asked]
        if not same:
            raise ReplayDiffers(self._difference(asked))
        # A reply that broke off was asked for again, and the handler heard of the second alone.
        number = next((n for n in same if self._replies[n] is not None), same[0])
        self._left = [n for n in self._left if n not in same[: same.index(number) + 1]]
        reply = self._replies[number]
        if reply is None:
            raise _failure(self._errors.get(number, ""))
        heard(reply.text)
        return reply

    async def count_tokens(self, ask: Ask) -> int:
        return estimate_tokens(ask)

    def _difference(self, ask: Ask) -> str:
        if not self._left:
            return "the model is asked more often than it was"
        then = self._asks[self._left[0]]
        fields = [name for name in Ask.__struct_fields__ if getattr(ask, name) != getattr(then, name)]
        return f"call {self._left[0]} is asked with other {', '.join(fields)}"


class _RecordedTools:
    def __init__(self, toolbox: Tools, results: Mapping[bytes, ToolResult]) -> None:
        self._toolbox = toolbox
        self._results = results

    @property
    def specs(self) -> Sequence[ToolSpec]:
        return self._toolbox.specs

    async def use(self, call: ToolUse) -> ToolResult:
        result = self._results.get(_key(call))
        if result is None:
            raise ReplayDiffers(f"the tool {call.name} is used as it was not")
        return result


def _key(use: ToolUse) -> bytes:
    return msgspec.json.encode(_without_names(redacted(msgspec.to_builtins(use))), order="sorted")


def _comparable(ask: Ask) -> Ask:
    """Whose credential it was, this process may not know as well as the one that recorded it."""
    return msgspec.convert(_without_names(redacted(msgspec.to_builtins(ask))), Ask)


def _without_names(value: Any) -> Any:
    return msgspec.json.decode(_REDACTED.sub(b"[redacted]", msgspec.json.encode(value)))


def _failure(error: str) -> ModelFailed:
    name, _, words = error.partition(": ")
    type_ = next((failure for failure in _FAILURES if failure.__name__ == name), ModelAway)
    return type_(words or "it failed then, too")
