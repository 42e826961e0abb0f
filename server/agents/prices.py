"""What models cost and can do, as data. Dollars for a million tokens are microdollars for one.

From https://platform.claude.com/docs/en/about-claude/pricing and the pages of the models, looked up on `LOOKED_UP_ON`.
A model that is not here is billed as the dearest and treated as the newest: whoever watches a budget errs upwards.
"""

import math
import re
from datetime import date

import msgspec

from server.agents.model import Usage

LOOKED_UP_ON = date(2026, 11, 22)


class Price(msgspec.Struct, frozen=True):
    """Of one token, in microdollars. *cache_write*: for five minutes, the only kind we ask for."""

    input: float
    output: float
    cache_read: float
    cache_write: float

    def of(self, usage: Usage) -> int:
        """Rounded up, so that a sum is never less than the bill."""
        return math.ceil(
            usage.input_tokens * self.input
            + usage.output_tokens * self.output
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
        )


class ModelFacts(msgspec.Struct, frozen=True):
    """*forces_tools*: takes a `tool_choice` that names one. *thinks*: its thoughts count as output.

    *long_price*: for asks of more than *long_from_tokens*.
    """

    price: Price
    context_tokens: int = 1_000_000
    forces_tools: bool = False
    thinks: bool = True
    long_price: Price | None = None
    long_from_tokens: int = 0
    is_known: bool = True

    def cost(self, usage: Usage) -> int:
        """In microdollars."""
        asked = usage.total - usage.output_tokens
        is_long = self.long_price is not None and asked > self.long_from_tokens
        return (self.long_price if is_long and self.long_price else self.price).of(usage)


_OPUS_4 = Price(5.0, 25.0, 0.5, 6.25)
_SONNET_4 = Price(3.0, 15.0, 0.3, 3.75)

MODELS = {
    "claude-fable-5-2": ModelFacts(Price(10.0, 50.0, 0.25, 12.5)),
    "claude-fable-5-1": ModelFacts(Price(10.0, 50.0, 0.25, 12.5)),
    "claude-fable-5": ModelFacts(Price(10.0, 50.0, 1.0, 12.5)),
    "claude-opus-5-5": ModelFacts(Price(4.0, 20.0, 0.2, 5.0)),
    "claude-opus-5": ModelFacts(_OPUS_4),
    "claude-opus-4-8": ModelFacts(_OPUS_4, forces_tools=True, thinks=False),
    "claude-opus-4-7": ModelFacts(_OPUS_4, forces_tools=True, thinks=False),
    "claude-opus-4-6": ModelFacts(_OPUS_4, forces_tools=True, thinks=False),
    "claude-opus-4-5": ModelFacts(_OPUS_4, context_tokens=200_000, forces_tools=True, thinks=False),
    "claude-sonnet-5-5": ModelFacts(Price(2.0, 10.0, 0.1, 2.5)),
    "claude-sonnet-5": ModelFacts(Price(2.0, 10.0, 0.2, 2.5)),
    "claude-sonnet-4-6": ModelFacts(_SONNET_4, forces_tools=True, thinks=False),
    "claude-sonnet-4-5": ModelFacts(_SONNET_4, context_tokens=200_000, forces_tools=True, thinks=False),
    "claude-haiku-5-5": ModelFacts(
        Price(0.1, 0.5, 0.01, 0.125), long_price=Price(0.5, 2.5, 0.05, 0.625), long_from_tokens=100_000
    ),
    "claude-haiku-4-5": ModelFacts(Price(1.0, 5.0, 0.1, 1.25), context_tokens=200_000, forces_tools=True, thinks=False),
}

_UNKNOWN = ModelFacts(Price(10.0, 50.0, 1.0, 12.5), context_tokens=200_000, is_known=False)
_SNAPSHOT = re.compile(r"-\d{8}\Z")


def facts_of(model: str) -> ModelFacts:
    """Of a model by its name, with or without the date of its snapshot."""
    return MODELS.get(_SNAPSHOT.sub("", model), _UNKNOWN)
