"""What an agent asks a model and what comes back: pure values, and the protocol that every model keeps.

Knows no provider and no network: `claude.py` speaks to the real one, `recorded.py` repeats what one said before.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

from server.errors import HiveError

Strength = Literal["fast", "strong"]
Heard = Callable[[str], None]


class Text(msgspec.Struct, frozen=True, tag="text", forbid_unknown_fields=True):
    text: str


class ToolUse(msgspec.Struct, frozen=True, tag="tool_use", forbid_unknown_fields=True):
    """The model wants *name* to be used; a `ToolResult` of the same id answers it in the next turn."""

    id: str
    name: str
    input: dict[str, Any]


class ToolResult(msgspec.Struct, frozen=True, tag="tool_result", forbid_unknown_fields=True, omit_defaults=True):
    tool_use_id: str
    content: str
    is_error: bool = False


class Thought(msgspec.Struct, frozen=True, tag="thought", forbid_unknown_fields=True):
    """The provider's own block, signed by it: goes back unchanged, in its place, for as long as the turns before it
    (and system and tools) are what they were. Nothing in it is for us.
    """

    block: dict[str, Any]


Block = Text | ToolUse | ToolResult | Thought


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one side said. Turns alternate and the user has the first; results of tools are the user's."""

    role: Literal["user", "assistant"]
    content: tuple[Block, ...]


class ToolSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*input_schema*: JSON Schema of an object."""

    name: str
    description: str
    input_schema: dict[str, Any]


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything of one call. *must_use*: the tool that has to be used, as structured answers want it.

    *is_brief*: thoughts get no room beside *max_tokens*, which thereby bounds time and cost.
    """

    strength: Strength
    system: str
    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int = 4096
    must_use: str = ""
    is_brief: bool = False


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*input_tokens* leaves out what was read from the cache or written to it, as the provider bills them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*stop_reason*: `end_turn`, `tool_use`, `stop_sequence`, or `max_tokens`: cut off, but what is there is whole.

    *model*: which one it was. *cost_microdollars*: millionths of a US dollar.
    """

    content: tuple[Text | ToolUse | Thought, ...]
    stop_reason: str
    usage: Usage
    model: str
    cost_microdollars: int

    @property
    def text(self) -> str:
        return "".join(block.text for block in self.content if isinstance(block, Text))

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        return tuple(block for block in self.content if isinstance(block, ToolUse))

    @property
    def turn(self) -> Turn:
        """As it stands in the next ask: whole, thoughts too."""
        return Turn("assistant", self.content)


def unheard(_: str) -> None:
    """For who waits for the whole reply."""


class Model(Protocol):
    """A model, as agents see it. Cancelling a call stops it at the provider too."""

    async def reply(self, ask: Ask, *, heard: Heard = unheard) -> Reply:
        """*heard* gets the text piece by piece as it comes.

        Raises `ModelAway`, `ModelRefused`, `ReplyCutOff`, `BudgetSpent`, `AskInvalid`.
        """
        ...

    async def count_tokens(self, ask: Ask) -> int:
        """How many tokens the ask is. Raises `ModelAway`, `AskInvalid`."""
        ...


class ModelFailed(HiveError):
    """No reply, but perhaps a bill: *usage* and *cost_microdollars* say what it cost all the same.

    *broke_off*: it had begun, and asked again it may well come whole.
    """

    broke_off = False

    def __init__(
        self, message: str, *, hint: str = "", model: str = "", usage: Usage | None = None, cost_microdollars: int = 0
    ) -> None:
        super().__init__(message, hint=hint)
        self.model = model
        self.usage = usage or Usage()
        self.cost_microdollars = cost_microdollars


class ModelAway(ModelFailed):
    """Overloaded, not to be reached, or given up for a while: without it is better than not at all."""


class ModelRefused(ModelFailed):
    """The model declined to answer this, and would again."""


class ReplyCutOff(ModelFailed):
    """The reply ended before it was whole: its stream broke off, or what must be in it did not fit into max_tokens."""


class AskInvalid(ModelFailed):
    """The provider does not take this ask: it is too long, or we made it wrongly. The same again will not help."""


class BudgetSpent(HiveError):
    """*scope*: `job`, `project` or `day`."""

    def __init__(self, scope: str, message: str = "", *, hint: str = "") -> None:
        super().__init__(message or f"the budget of this {scope} is spent", hint=hint)
        self.scope = scope
