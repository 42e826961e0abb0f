"""YAML as an outline: keys, values and where they stand.

A small reader of what people write in configuration: block mappings and sequences, plain and quoted scalars, block
scalars, flow collections on one line. It does not resolve anchors, aliases, merge keys or tags, so that no document can
make it grow, and it reads templates of YAML (Helm, Ansible) as far as they look like it. One pass, no recursion.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Self

from server.analysis.config.commands import CommandLines
from server.analysis.source import Source, Span


class Shape(StrEnum):
    """What a document is for, told by its outermost keys."""

    COMPOSE = "compose file"
    WORKFLOW = "GitHub workflow"
    ACTION = "GitHub action"
    MANIFEST = "Kubernetes manifest"
    CLOUDFORMATION = "CloudFormation template"
    OTHER = "other"


@dataclass(slots=True)
class Entry:
    """`key: value`, or an item of a sequence, whose key is "". *line* is that of the key, *value_line* of the value."""

    key: str
    value: str
    line: int
    value_line: int
    children: "list[Entry]" = field(default_factory=list)

    def get(self, key: str) -> "Entry | None":
        return next((child for child in self.children if child.key == key), None)

    def text(self, key: str) -> str:
        found = self.get(key)
        return found.value if found is not None else ""

    def at(self, *keys: str) -> "Entry | None":
        """`at("spec", "template")`: the entry to which the keys lead."""
        entry: Entry | None = self
        for key in keys:
            entry = entry.get(key) if entry is not None else None
        return entry

    def items(self) -> "Iterator[Entry]":
        """Of a sequence."""
        return (child for child in self.children if not child.key)

    def below(self) -> "Iterator[Entry]":
        """Everything below, the nearest first in the order of the text."""
        waiting = list(reversed(self.children))
        while waiting:
            entry = waiting.pop()
            yield entry
            waiting.extend(reversed(entry.children))


_KEY = re.compile(
    r"""(?P<key>"[^"\n]{0,200}"|'[^'\n]{0,200}'|[^\s#&*!|>%@`"'{\[,?-][^:#\n]{0,200}?"""
    r"""|-[^\s:#][^:#\n]{0,100}?)[ \t]*:(?:[ \t]+|$)"""
)
_ITEM = re.compile(r"-(?:[ \t]+|$)")
_BLOCK = re.compile(r"(?:![^\s]{1,80}[ \t]+)?[|>][+-]?\d?[+-]?$")
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")

MAX_LINES = 50_000
LONGEST_VALUE = 2_000
"""Characters of a value over several lines, block scalars apart."""


@dataclass(frozen=True)
class YamlFile:
    source: Source
    documents: tuple[Entry, ...]

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        return cls(source, tuple(_documents(source.lines[:MAX_LINES])))

    def nodes(self, kind: Any) -> Sequence[Any]:
        """The documents of a shape, or the whole file for the checks of commands."""
        if kind is CommandLines:
            return (self,)
        return self._by_shape.get(kind, ())

    @cached_property
    def _by_shape(self) -> dict[Shape, list[Entry]]:
        found: dict[Shape, list[Entry]] = {}
        for document in self.documents:
            found.setdefault(_shape_of(document), []).append(document)
        return found

    def span(self, entry: Entry) -> Span:
        """The line of the entry's key."""
        return self.source.line_span(entry.line)

    def line_span(self, line: int) -> Span:
        return self.source.line_span(line)


def _shape_of(document: Entry) -> Shape:
    keys = {child.key for child in document.children}
    if "services" in keys:
        return Shape.COMPOSE
    if "jobs" in keys and keys & {"on", "true"}:
        return Shape.WORKFLOW
    if {"runs", "name"} <= keys:
        return Shape.ACTION
    if {"apiVersion", "kind"} <= keys:
        return Shape.MANIFEST
    if "Resources" in keys and keys & {"AWSTemplateFormatVersion", "Transform"}:
        return Shape.CLOUDFORMATION
    return Shape.OTHER


def _documents(lines: Sequence[str]) -> Iterator[Entry]:
    start = 0
    for number, line in enumerate(lines):
        if line.startswith("---") and (len(line) == 3 or line[3] in " \t\r"):
            yield _document(lines, start, number)
            start = number + 1
    yield _document(lines, start, len(lines))


def _document(lines: Sequence[str], start: int, end: int) -> Entry:
    root = Entry("", "", start + 1, start + 1)
    stack: list[tuple[int, Entry]] = [(-1, root)]
    number = start
    while number < end:
        line = lines[number].rstrip()
        text = line.lstrip(" ")
        if not text or text[0] in "#%" or text.startswith("{{"):
            number += 1
            continue
        number = _line(lines, number, end, text, len(line) - len(text), stack)
    return root


def _line(lines: Sequence[str], number: int, end: int, text: str, indent: int, stack: list[tuple[int, Entry]]) -> int:
    """Add what one line says. Gives the number of the next line to read."""
    while (item := _ITEM.match(text)) is not None and len(stack) < 200:
        _close(stack, indent, is_item=True)
        entry = Entry("", "", number + 1, number + 1)
        stack[-1][1].children.append(entry)
        stack.append((indent, entry))
        indent += item.end()
        text = text[item.end() :]
    key = _KEY.match(text)
    if key is None:
        level, parent = stack[-1]
        if text and not parent.children and indent > level and len(parent.value) < LONGEST_VALUE:
            parent.value = (parent.value + " " + _scalar(text)).strip()
            parent.children.extend(_flow(parent.value, number + 1))
        return number + 1
    _close(stack, indent, is_item=False)
    value = text[key.end() :]
    entry = Entry(key["key"].strip("\"'"), "", number + 1, number + 1)
    stack[-1][1].children.append(entry)
    stack.append((indent, entry))
    if _BLOCK.match(_COMMENT.sub("", value).strip()):
        return _block_scalar(lines, number + 1, end, indent, entry)
    entry.value = _scalar(value)
    entry.children.extend(_flow(entry.value, number + 1))
    return number + 1


def _close(stack: list[tuple[int, Entry]], indent: int, *, is_item: bool) -> None:
    """Leave what ends before *indent*. An item may stand at the indent of the key that it belongs to."""
    while len(stack) > 1:
        level, entry = stack[-1]
        if level < indent or (is_item and level == indent and entry.key):
            return
        stack.pop()


def _block_scalar(lines: Sequence[str], number: int, end: int, indent: int, entry: Entry) -> int:
    first = number
    while number < end:
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
            break
        number += 1
    entry.value = "\n".join(lines[first:number])
    entry.value_line = first + 1
    return number


def _scalar(text: str) -> str:
    """Without quotes or a comment behind it."""
    text = text.strip()
    if text[:1] in ("'", '"'):
        closing = text.find(text[0], 1)
        return text[1:closing] if closing > 0 else text[1:]
    return _COMMENT.sub("", text).rstrip()


def _flow(text: str, line: int) -> Iterator[Entry]:
    """The elements of `[a, b]` and `{a: b}`; what is nested deeper stays text."""
    if len(text) < 2 or text[0] + text[-1] not in ("[]", "{}"):
        return
    for part in _split(text[1:-1]):
        key = _KEY.match(part) if text[0] == "{" else None
        yield Entry(key["key"].strip("\"'") if key else "", _scalar(part[key.end() :] if key else part), line, line)


def _split(text: str) -> Iterator[str]:
    """At the commas outside of brackets and quotes."""
    depth, quote, start = 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[{(":
            depth += 1
        elif character in "]})":
            depth -= 1
        elif character == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()
