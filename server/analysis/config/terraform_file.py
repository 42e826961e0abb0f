"""Terraform as an outline: blocks with their settings and where they stand.

A small reader of what people write: blocks, settings, maps, lists, texts of several lines. Expressions stay text. One
pass, no recursion.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

from server.analysis.source import Source, Span


class Setting(NamedTuple):
    """`name = value`: *value* is the text without the quotes of a single string."""

    value: str
    line: int
    is_text: bool


@dataclass(slots=True)
class Block:
    """`kind "label" "label" { ... }`, or `name = { ... }` as one without labels."""

    kind: str
    labels: tuple[str, ...]
    line: int
    inside: "Block | None"
    settings: dict[str, Setting] = field(default_factory=dict)
    blocks: "list[Block]" = field(default_factory=list)

    def text(self, name: str) -> str:
        found = self.settings.get(name)
        return found.value if found is not None else ""

    @property
    def resource(self) -> str:
        """Type of the resource in which it stands: `aws_security_group`."""
        block: Block | None = self
        while block is not None and block.kind not in ("resource", "data", "module", "variable", "provider"):
            block = block.inside
        return block.labels[0] if block is not None and block.labels else ""


_OPENS = re.compile(
    r"[ \t]*(?P<kind>[\w-]{1,80})(?P<labels>(?:[ \t]+\"[^\"\n]{0,200}\"){0,3})"
    r"[ \t]*(?:=[ \t]*)?(?:jsonencode\()?\[?\{[ \t]*$"
)
_SETS = re.compile(r"[ \t]*\"?(?P<name>[\w.:/-]{1,120})\"?[ \t]*[=:][ \t]*(?P<value>[^\n]*)$")
_ONE_LINE = re.compile(r"[ \t]*(?P<kind>[\w-]{1,80})[ \t]*\{(?P<inside>[^{}\n]{1,500})\}[ \t]*$")
_HEREDOC = re.compile(r"<<[-~]?(?P<mark>\w{1,40})[ \t]*$")
_COMMENT = re.compile(r"(?:^|[ \t])(?:#|//).*$")

MAX_LINES = 50_000
LONGEST_VALUE = 20_000


@dataclass(frozen=True)
class TerraformFile:
    source: Source

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        return cls(source)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(_blocks(self.source.lines[:MAX_LINES]))

    def nodes(self, kind: Any) -> Sequence[Block]:
        return self.blocks if kind is Block else ()

    def span(self, block: Block, name: str = "") -> Span:
        """The line of the block's head, or of one of its settings."""
        return self.source.line_span(block.settings[name].line if name in block.settings else block.line)


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Every block, outer ones first; each after its settings are read."""
    found: list[Block] = []
    stack: list[Block] = []
    number = 0
    while number < len(lines):
        line = _COMMENT.sub("", lines[number]).rstrip()
        number += 1
        opened = _OPENS.match(line)
        if opened is not None and len(stack) < 100:
            labels = tuple(re.findall(r'"([^"]*)"', opened["labels"]))
            block = Block(opened["kind"], labels, number, stack[-1] if stack else None)
            if stack:
                stack[-1].blocks.append(block)
            stack.append(block)
            found.append(block)
        elif re.match(r"[ \t]*[\])]*\}", line):
            if stack:
                stack.pop()
            if line.rstrip().endswith("{") and stack and found:  # `}, {` of a list of maps
                block = Block(found[-1].kind, (), number, stack[-1])
                stack[-1].blocks.append(block)
                stack.append(block)
                found.append(block)
        elif (small := _ONE_LINE.match(line)) is not None and stack:
            block = Block(small["kind"], (), number, stack[-1])
            _set(block, small["inside"], number)
            stack[-1].blocks.append(block)
            found.append(block)
        elif stack and _SETS.match(line) is not None:
            number = _read_setting(lines, line, number, stack[-1])
    return iter(found)


def _read_setting(lines: Sequence[str], line: str, number: int, block: Block) -> int:
    """One setting, over several lines where it is a list or a text. Gives the number of the next line to read."""
    first = number
    heredoc = _HEREDOC.search(line)
    if heredoc is not None:
        body = []
        while number < len(lines) and lines[number].strip() != heredoc["mark"]:
            body.append(lines[number])
            number += 1
        _set(block, line[: heredoc.start()] + " ".join(body)[:LONGEST_VALUE], first)
        return number + 1
    while line.count("[") > line.count("]") and number < len(lines) and len(line) < LONGEST_VALUE:
        line += " " + _COMMENT.sub("", lines[number]).strip()
        number += 1
    _set(block, line, first)
    return number


def _set(block: Block, text: str, line: int) -> None:
    found = _SETS.match(text)
    if found is None:
        return
    value = found["value"].strip().rstrip(",")
    quoted = re.fullmatch(r'"([^"\n]*)"', value)
    block.settings[found["name"]] = Setting(quoted[1] if quoted else value, line, quoted is not None)
