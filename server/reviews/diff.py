"""What one file's patch shows, as GitHub gives it: hunks without the lines that name the file; showing a change.

Pure. `working_tree.py` reads a local git's output, which comes with other options.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from itertools import groupby, pairwise
from typing import NamedTuple

from server.reviews.snapshot import LineRange


class PatchInvalid(ValueError):
    """This is no patch of one file."""


class ShownLines(NamedTuple):
    """Lines of the head. *changed* are those that the patch adds; *hunks* those that it shows, one range for a hunk."""

    changed: tuple[LineRange, ...]
    hunks: tuple[LineRange, ...]


def read_patch(patch: str) -> ShownLines:
    """Only a line feed ends a line here, as in git. Raises PatchInvalid."""
    changed: list[int] = []
    hunks: list[LineRange] = []
    lines = iter(patch.removesuffix("\n").split("\n") if patch else ())
    for line in lines:
        header = _HUNK.match(line)
        if header:
            start, count = int(header["start"]), int(header["count"] or 1)
            changed += _read_hunk(lines, start, int(header["old_count"] or 1), count)
            if count:
                hunks.append(LineRange(start, start + count - 1))
        elif not line.startswith("\\"):  # "\ No newline at end of file" after a hunk's last line
            raise PatchInvalid(f"expected a hunk, found {line[:40]!r}")
    return ShownLines(tuple(_ranges(changed)), tuple(hunks))


def text_before(text: str, patch: str) -> str:
    """The text that the patch made *text* of. Raises PatchInvalid when it did not.

    Saves asking for every file's content at the base, too.
    """
    after = _ended_lines(text)
    before: list[str] = []
    at = 0
    lines = patch.removesuffix("\n").split("\n") if patch else []
    for line, following in pairwise([*lines, ""]):
        content = line[1:] + ("" if following.startswith("\\") else "\n")
        if header := _HUNK.match(line):
            start = int(header["start"]) - (header["count"] != "0")
            if not at <= start <= len(after):
                raise PatchInvalid("a hunk lies outside the text")
            before += after[at:start]
            at = start
        elif line[:1] in ("+", " "):
            if after[at : at + 1] != [content]:
                raise PatchInvalid(f"line {at + 1} is not what the patch shows")
            at += 1
        if line[:1] in ("-", " "):
            before.append(content)
    return "".join((*before, *after[at:]))


def diff_of(path: str, before: str, after: str) -> str:
    """As git shows it, to be applied by `git apply`."""
    lines = unified_diff(_ended_lines(before), _ended_lines(after), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _ended_lines(text: str) -> list[str]:
    """With their line feeds, which the last may lack."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


_HUNK = re.compile(r"@@ -\d+(?:,(?P<old_count>\d+))? \+(?P<start>\d+)(?:,(?P<count>\d+))? @@")


def _read_hunk(lines: Iterator[str], start: int, old_count: int, count: int) -> list[int]:
    """The lines added. The header's counts, not the look of a line, tell where the hunk ends."""
    added = []
    at = start
    while old_count or start + count > at:
        match next(lines, "")[:1]:
            case "+":
                added.append(at)
                at += 1
            case "-":
                old_count -= 1
            case " ":
                old_count -= 1
                at += 1
            case "\\":
                pass
            case other:
                raise PatchInvalid(f"a line of a hunk begins with {other!r}")
        if old_count < 0 or at > start + count:
            raise PatchInvalid("a hunk is longer than its header says")
    return added


def _ranges(numbers: Iterable[int]) -> Iterator[LineRange]:
    """Ascending numbers as ranges."""
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        line_numbers = [number for _, number in run]
        yield LineRange(line_numbers[0], line_numbers[-1])
