"""A fix as one of GitHub's ```suggestion blocks: whole lines that take the place of the commented ones. Pure."""

import re
from typing import NamedTuple

from server.reviews.finding import Fix, apply_edits
from server.reviews.snapshot import LineRange

MAX_SUGGESTION_LENGTH = 20_000


class Replacement(NamedTuple):
    """The head's *lines* become *new_lines* (none: they are deleted), and the file becomes *text*."""

    lines: LineRange
    new_lines: tuple[str, ...]
    text: str


def replacement_of(text: str, fix: Fix, around: LineRange) -> Replacement | None:
    """The fix in whole lines: what it changes and the lines *around* which it is shown.

    None when no suggestion can say it: an edit outside the text, a change of the last line end, carriage returns
    (GitHub decides about those by itself), or nothing that changes.
    """
    try:
        fixed = apply_edits(text, fix.edits)
    except ValueError:
        return None
    if fixed == text or fixed.endswith("\n") != text.endswith("\n"):
        return None
    old, new = text.removesuffix("\n").split("\n"), fixed.removesuffix("\n").split("\n")
    if not 1 <= around.start <= around.end <= len(old):
        return None
    before = min(_same(old, new), around.start - 1)
    after = min(_same(old[before:][::-1], new[before:][::-1]), len(old) - around.end)
    lines = LineRange(before + 1, len(old) - after)
    new_lines = tuple(new[before : len(new) - after])
    if any("\r" in line for line in (*old[before : len(old) - after], *new_lines)):
        return None
    return Replacement(lines, new_lines, fixed)


def suggestion_block(new_lines: tuple[str, ...]) -> str | None:
    """The Markdown, its fence longer than any run of backticks within. None when it is too long to post."""
    content = "".join(f"{line}\n" for line in new_lines)
    if len(content) > MAX_SUGGESTION_LENGTH:
        return None
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", content)), default=0))
    return f"{fence}suggestion\n{content}{fence}"


def suggested_lines(body: str) -> tuple[str, ...] | None:
    """What the first suggestion of a comment puts in place of its lines; None without one."""
    match = _SUGGESTION.search(body.replace("\r\n", "\n"))
    return tuple(match["lines"].split("\n")[:-1]) if match else None


_SUGGESTION = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})suggestion[^\n]*\n(?P<lines>(?:.*\n)*?) {0,3}(?P=fence)[`~]* *$", re.M
)


def _same(left: list[str], right: list[str]) -> int:
    """How many lines are the same from the beginning on."""
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count
