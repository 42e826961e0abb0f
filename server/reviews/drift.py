"""Where lines of an older text stand in a newer one: of a pull request's head on somebody's screen. Pure."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

MAX_COMPARED = 4_000
"""Lines on either side between what both texts begin and end with; beyond them the middle counts as changed."""


class Whereabouts(NamedTuple):
    """1-based. *is_exact*: these very lines are there; else it is where they were."""

    start: int
    end: int
    is_exact: bool


class Drift:
    """From *old* to *new* lines."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._length = len(new)
        self._blocks = _same_blocks(old, new)

    def now(self, start: int, end: int) -> Whereabouts:
        """Of old lines *start* to *end*."""
        for block in self._blocks:
            if block.old < start and end <= block.old + block.size:
                by = block.new - block.old
                return Whereabouts(start + by, end + by, True)
        first = self._nearest(start)
        return Whereabouts(first, max(first, self._nearest(end)), False)

    def _nearest(self, line: int) -> int:
        """The line itself where it is still there, else the one that follows what stood before it."""
        at = 1
        for block in self._blocks:
            if block.old >= line:
                break
            at = block.new + min(line, block.old + block.size + 1) - block.old
        return max(1, min(at, self._length))


class _Block(NamedTuple):
    """*size* lines that are the same from the 0-based *old* and *new* on."""

    old: int
    new: int
    size: int


def _same_blocks(old: Sequence[str], new: Sequence[str]) -> list[_Block]:
    shorter = min(len(old), len(new))
    top = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    bottom = next((i for i in range(shorter - top) if old[-1 - i] != new[-1 - i]), shorter - top)
    middle_old, middle_new = old[top : len(old) - bottom], new[top : len(new) - bottom]
    blocks = [_Block(0, 0, top)]
    if max(len(middle_old), len(middle_new)) <= MAX_COMPARED:
        matcher = SequenceMatcher(None, middle_old, middle_new, autojunk=False)
        blocks += [_Block(top + a, top + b, size) for a, b, size in matcher.get_matching_blocks()]
    blocks.append(_Block(len(old) - bottom, len(new) - bottom, bottom))
    return [block for block in _joined(blocks) if block.size]


def _joined(blocks: Sequence[_Block]) -> list[_Block]:
    """Those that follow each other on both sides are one."""
    joined: list[_Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last and (last.old + last.size, last.new + last.size) == (block.old, block.new):
            joined[-1] = last._replace(size=last.size + block.size)
        else:
            joined.append(block)
    return joined
