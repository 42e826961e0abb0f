"""A template's tags, found in one pass: what is put out, and the statements around it."""

import re
from functools import cache
from typing import NamedTuple

from server.analysis.templates.dialect import MARKS, Dialect, Role


class Tag(NamedTuple):
    """*start* and *end* are character offsets of the whole tag; *inner* is what stands between its marks."""

    start: int
    end: int
    inner: str
    role: Role


def tags_of(text: str, dialect: Dialect) -> list[Tag]:
    """In the order of the text. Linear: a mark that nothing closes any more is not looked for again."""
    marks = {mark.opens: mark for mark in MARKS[dialect]}
    if not marks:
        return []
    found: list[Tag] = []
    unclosed: set[str] = set()
    opening = _openings(dialect)
    at = 0
    while (hit := opening.search(text, at)) is not None:
        mark = marks[hit[0]]
        end = -1 if mark.closes in unclosed else text.find(mark.closes, hit.end())
        if end < 0:
            unclosed.add(mark.closes)
            at = hit.end()
            continue
        at = end + len(mark.closes)
        found.append(Tag(hit.start(), at, text[hit.end() : end].strip().strip("-").strip(), mark.role))
    return found


def without_tags(text: str, tags: list[Tag], *, fill: str) -> str:
    """The text with every tag painted over, so that offsets and lines stay."""
    pieces: list[str] = []
    at = 0
    for tag in tags:
        pieces += (text[at : tag.start], _painted(text[tag.start : tag.end], fill))
        at = tag.end
    pieces.append(text[at:])
    return "".join(pieces)


def _painted(text: str, fill: str) -> str:
    return fill * len(text) if "\n" not in text else "\n".join(fill * len(line) for line in text.split("\n"))


@cache
def _openings(dialect: Dialect) -> re.Pattern[str]:
    opens = sorted((mark.opens for mark in MARKS[dialect]), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, opens)))
