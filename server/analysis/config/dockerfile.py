"""A Dockerfile as its instructions: keyword, text with the continued lines joined, and where it stands."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

from server.analysis.config.commands import CommandLines
from server.analysis.source import Source, Span


class Instruction(NamedTuple):
    """*lines*: the text of each line as it stands, continuation marks included; the first is number *line*."""

    keyword: str
    text: str
    line: int
    lines: tuple[str, ...]


LONGEST_HEREDOC = 300
"""Lines; without a limit, a file of unfinished ones would be read once for each."""

_INSTRUCTION = re.compile(r"[ \t]*(?P<keyword>[A-Za-z]{2,12})[ \t]+(?P<rest>.*)$")
_HEREDOC = re.compile(r"<<-?[\"']?(?P<word>\w{1,40})[\"']?")


@dataclass(frozen=True)
class DockerFile:
    source: Source

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        return cls(source)

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        return tuple(_instructions(self.source.lines))

    def nodes(self, kind: Any) -> "Sequence[Any]":
        """Instructions by keyword, or the whole file for a check on `DockerFile`."""
        if kind in (DockerFile, CommandLines):
            return (self,)
        return [instruction for instruction in self.instructions if instruction.keyword == kind]

    def span(self, instruction: Instruction) -> Span:
        return self.source.line_span(instruction.line)


def _instructions(lines: Sequence[str]) -> Iterator[Instruction]:
    number = 0
    while number < len(lines):
        found = _INSTRUCTION.match(lines[number].rstrip())
        if found is None:
            number += 1
            continue
        end = _end(lines, number, found["rest"])
        block = tuple(lines[number:end])
        pieces = (line.strip().removesuffix("\\").rstrip() for line in block if not line.lstrip().startswith("#"))
        text = " ".join(pieces).partition(" ")[2]
        yield Instruction(found["keyword"].upper(), text, number + 1, block)
        number = end


def _end(lines: Sequence[str], number: int, first: str) -> int:
    """The line after the instruction: continuation marks, comments between them, and here-documents."""
    heredoc = _HEREDOC.search(first)
    if heredoc:
        for at in range(number + 1, min(number + LONGEST_HEREDOC, len(lines))):
            if lines[at].strip() == heredoc["word"]:
                return at + 1
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        if not line.endswith("\\") and not line.startswith("#"):
            break
    return number
