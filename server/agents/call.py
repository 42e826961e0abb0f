"""One call of a model or of a tool, as it is told and kept; and how a long talk is written down without saying
everything again and again.

Each ask holds the whole talk so far. A record names the earlier call with which it begins the same, and what is new.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from server.agents.hostile import redact
from server.agents.model import Ask, Reply, Strength, ToolResult, ToolSpec, ToolUse, Turn, Usage
from server.jobs.job import Line
from server.jobs.wire import Attempt, Count, ErrorText

CALL = "call"
"""The kind of message by which an agent tells of a call."""

Number = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class ModelRecord(msgspec.Struct, frozen=True, tag="model", forbid_unknown_fields=True, omit_defaults=True):
    """*base*: the earlier call of which this has the system prompt, the tools and the first *shared* turns; 0: none."""

    strength: Strength
    turns: tuple[Turn, ...]
    max_tokens: int
    base: int = 0
    shared: int = 0
    system: str = ""
    tools: tuple[ToolSpec, ...] = ()
    must_use: str = ""
    is_brief: bool = False
    reply: Reply | None = None
    """None: it failed."""


class ToolRecord(msgspec.Struct, frozen=True, tag="tool", forbid_unknown_fields=True):
    use: ToolUse
    result: ToolResult


Record = ModelRecord | ToolRecord


class CallTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an agent says about a call as soon as it has ended. *number*: within the attempt. *error*: the error's class
    and words, of a call that failed. *record*: a `Record` as JSON, for who keeps it and does not look into it.
    """

    job_id: UUID
    attempt: Attempt
    number: Number
    what: Literal["model", "tool"]
    name: Line
    seconds: Annotated[float, msgspec.Meta(ge=0, le=86400)]
    usage: Usage
    cost_microdollars: Count
    record: msgspec.Raw
    error: ErrorText = ""


class Shorthand:
    """Writes down the asks of one attempt."""

    def __init__(self, known_secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(known_secrets)
        self._asks: dict[int, Ask] = {}

    def model(self, number: int, ask: Ask, reply: Reply | None) -> msgspec.Raw:
        base, shared = self._nearest(ask)
        self._asks[number] = ask
        record = ModelRecord(
            strength=ask.strength,
            turns=ask.turns[shared:],
            max_tokens=ask.max_tokens,
            base=base,
            shared=shared,
            system="" if base else ask.system,
            tools=() if base else ask.tools,
            must_use=ask.must_use,
            is_brief=ask.is_brief,
            reply=reply,
        )
        return self._encode(record)

    def tool(self, use: ToolUse, result: ToolResult) -> msgspec.Raw:
        return self._encode(ToolRecord(use, result))

    def _nearest(self, ask: Ask) -> tuple[int, int]:
        """The call with which *ask* has most in common, and how many turns; (0, 0) when there is none."""
        best = (0, 0)
        for number, other in self._asks.items():
            if other.system == ask.system and other.tools == ask.tools:
                best = max(best, (number, _shared(other.turns, ask.turns)), key=lambda found: (found[1], found[0]))
        return best if best[1] else (0, 0)

    def _encode(self, record: Record) -> msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(redacted(msgspec.to_builtins(record), self._secrets)))


def redacted(value: Any, secrets: Sequence[str] = ()) -> Any:
    """Any JSON value without what looks like a credential."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, Mapping):
        return {key: redacted(item, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item, secrets) for item in value]
    return value


def asks_of(records: Mapping[int, Record]) -> dict[int, Ask]:
    """By number, every ask as it was. Raises ValueError when a record goes on with one that is not there."""
    asks: dict[int, Ask] = {}
    for number in sorted(records):
        record = records[number]
        if isinstance(record, ModelRecord):
            asks[number] = _ask_of(record, asks)
    return asks


def _ask_of(record: ModelRecord, asks: Mapping[int, Ask]) -> Ask:
    base = asks.get(record.base)
    if record.base and (base is None or len(base.turns) < record.shared):
        raise ValueError(f"call {record.base}, with which another goes on, is not there")
    return Ask(
        strength=record.strength,
        system=base.system if base else record.system,
        turns=(*(base.turns[: record.shared] if base else ()), *record.turns),
        tools=base.tools if base else record.tools,
        max_tokens=record.max_tokens,
        must_use=record.must_use,
        is_brief=record.is_brief,
    )


def _shared(some: Sequence[Turn], others: Sequence[Turn]) -> int:
    count = 0
    for one, other in zip(some, others, strict=False):
        if one is not other and one != other:
            break
        count += 1
    return count
