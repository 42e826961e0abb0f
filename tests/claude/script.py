"""What the stand-in shall do, request by request."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_use_numbers = itertools.count(1)


class Use(NamedTuple):
    """The model wants a tool."""

    name: str
    input: Mapping[str, Any]
    id: str = ""


@dataclass(frozen=True)
class Says:
    """One streamed answer. *content*: texts, uses of tools, and `Thinks`.

    *stop_reason* "": `tool_use` when a tool is wanted, else `end_turn`. *cut_after*: so many events are sent, then the
    stream just ends. *error_after*: so many events, then an `error` event of this type. *waits_after*: so many events,
    then nothing until the client goes. *raw_input*: the JSON of the last tool's input, broken as it may be.
    """

    content: tuple["str | Use | Thinks", ...]
    stop_reason: str = ""
    cut_after: int | None = None
    error_after: tuple[int, str] | None = None
    waits_after: int | None = None
    raw_input: str | None = None
    stop_details: Mapping[str, Any] | None = None

    @property
    def reason(self) -> str:
        wants_tool = any(isinstance(part, Use) for part in self.content)
        return self.stop_reason or ("tool_use" if wants_tool else "end_turn")


class Thinks(NamedTuple):
    """A thought, signed by the stand-in for this place in this conversation."""

    text: str = ""


@dataclass(frozen=True)
class Fails:
    """An HTTP error instead of an answer."""

    status: int
    type: str
    message: str = "scripted"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HangsUp:
    """The connection ends without an answer."""


Step = Says | Fails | HangsUp
Play = Callable[[Mapping[str, Any]], Step]
"""A script that looks at the request's body."""


def says(*content: "str | Use | Thinks", **how: Any) -> Says:
    return Says(content, **how)


def uses(name: str, /, **input_: Any) -> Use:
    return Use(name, input_, f"toolu_{next(_use_numbers):06}")


OVERLOADED = Fails(529, "overloaded_error", "Overloaded")


def rate_limited(retry_after: str) -> Fails:
    return Fails(429, "rate_limit_error", "This request would exceed your rate limit", {"retry-after": retry_after})


class ScriptEnded(Exception):
    """More was asked than the test has written down."""


def in_turn(steps: Sequence[Step]) -> Play:
    left = iter(steps)

    def play(_: Mapping[str, Any]) -> Step:
        step = next(left, None)
        if step is None:
            raise ScriptEnded("the script of this test has ended")
        return step

    return play
