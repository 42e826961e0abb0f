"""What every language's parsed file offers to the runner of the checks."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, Self

from server.analysis.source import Source


class CannotParse(Exception):
    """The text is not valid in its language, as far as our parser knows. Says why, for people."""


class Called(NamedTuple):
    """In a check's *on*: calls of a function whose last name is *name* (`execute` in `db.cursor().execute(q)`)."""

    name: str


def called(*names: str) -> tuple[Called, ...]:
    return tuple(map(Called, names))


class ParsedFile(Protocol):
    @property
    def source(self) -> Source: ...

    @classmethod
    def parse(cls, source: Source) -> Self:
        """Raises CannotParse."""
        raise NotImplementedError

    def nodes(self, kind: Any) -> Sequence[Any]:
        """The nodes of a type, or the calls that a `Called` describes, in the order of the text."""
        raise NotImplementedError

    @property
    def gap(self) -> str:
        """What part of the file the parser could not make sense of, for people; or ""."""
        raise NotImplementedError
