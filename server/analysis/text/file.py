"""Any file as plain text: what every language has in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from server.analysis.source import Source


@dataclass(frozen=True)
class TextFile:
    source: Source

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        return cls(source)

    def nodes(self, kind: Any) -> Sequence["TextFile"]:
        """A check on `TextFile` gets the whole file."""
        return (self,) if kind is TextFile else ()
