"""A tool: what the model is told of it, and what it does with an input."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from server.agents.model import ToolSpec
from server.agents.schema import input_schema
from server.errors import HiveError

InputT = TypeVar("InputT", bound=msgspec.Struct)


class ToolRefused(HiveError):
    """The model gets the message as the tool's answer: it says what to do instead.

    *suspicious*: what people should know of it, in a phrase, "" for a mere mistake.
    """

    def __init__(self, message: str, *, suspicious: str = "") -> None:
        super().__init__(message)
        self.suspicious = suspicious


class Tool(Protocol):
    @property
    def spec(self) -> ToolSpec: ...

    async def use(self, given: Mapping[str, Any]) -> str:
        """The answer as text. Raises ToolRefused."""
        ...


@dataclass(frozen=True)
class TypedTool(Generic[InputT]):
    """A tool whose input is a Struct: the schema that the model sees and the check of what it sends are one."""

    name: str
    description: str
    takes: type[InputT]
    act: Callable[[InputT], Awaitable[str]]

    @cached_property
    def spec(self) -> ToolSpec:
        return ToolSpec(self.name, self.description, input_schema(self.takes))

    async def use(self, given: Mapping[str, Any]) -> str:
        try:
            asked = msgspec.convert(given, self.takes)
        except msgspec.ValidationError as error:
            raise ToolRefused(f"this input does not fit the schema of {self.name}: {error}") from error
        return await self.act(asked)


def in_thread(act: Callable[[InputT], str]) -> Callable[[InputT], Awaitable[str]]:
    """For what looks at whole files: the loop goes on meanwhile."""

    async def use(asked: InputT) -> str:
        return await asyncio.to_thread(act, asked)

    return use
