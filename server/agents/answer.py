"""A model's answer as a value: the shape that it has to have, and what is wrong with one that it gave. Pure.

The shape is a msgspec type, which is also the schema of the tool with which the model answers.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from server.agents.model import ToolSpec
from server.agents.schema import input_schema
from server.errors import HiveError

MAX_PROBLEMS = 10
"""That a model is told at once."""

T = TypeVar("T")


class Read(NamedTuple, Generic[T]):
    """An answer that was given, and why it does not hold; without *problems* it does. *value* None: it has no shape."""

    value: T | None
    problems: tuple[str, ...] = ()

    @property
    def as_told(self) -> str:
        """To the model."""
        told = "\n".join(f"- {problem}" for problem in self.problems[:MAX_PROBLEMS])
        more = len(self.problems) - MAX_PROBLEMS
        return f"The answer does not hold:\n{told}" + (f"\n- … and {more} more" if more > 0 else "")


class AnswerRefused(HiveError):
    """The model gave no answer that holds, though it was told what is wrong. *value* as in `Read`."""

    def __init__(self, problems: Iterable[str], value: Any = None) -> None:
        self.problems = tuple(problems)
        first = self.problems[0] if self.problems else "nothing"
        super().__init__(f"the model's answer was refused: {first[:300]}")
        self.value = value


async def _nothing_wrong(_: Any) -> Sequence[str]:
    return ()


class Answer(Generic[T]):
    """*check* says what does not hold in an answer that has its shape, in words that the model can act on."""

    def __init__(
        self,
        shape: type[T],
        description: str,
        *,
        name: str = "answer",
        check: Callable[[T], Awaitable[Sequence[str]]] = _nothing_wrong,
    ) -> None:
        self.name = name
        self.spec = ToolSpec(name, description, input_schema(shape))
        self._shape = shape
        self._check = check

    async def read(self, given: Mapping[str, Any]) -> Read[T]:
        try:
            value = msgspec.convert(given, self._shape)
        except msgspec.ValidationError as error:
            return Read(None, (f"its shape: {error}",))
        return Read(value, tuple(await self._check(value)))
