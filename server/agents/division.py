"""A change that is too big to be shown at once, in parts: files that depend on each other stay together. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import PurePosixPath

from server.agents.code import MAX_NAMESAKES, Code

MAX_PARTS = 12
"""More would cost more than most people want to spend on a change; the rest is told as not looked at."""

SAME_FOLDER = 0.5
"""Beside a name that is used, which counts one: files in a folder often belong together."""


def divide(sizes: Mapping[str, int], code: Code, room: int) -> list[tuple[str, ...]]:
    """Paths in parts of at most *room* tokens each, unless one file alone is larger. *sizes* by path, in tokens."""
    part_of = {path: [path] for path in sizes}
    for one, other in _closest(list(sizes), code):
        left, right = part_of[one], part_of[other]
        if left is not right and sum(sizes[path] for path in (*left, *right)) <= room:
            left += right
            part_of |= dict.fromkeys(right, left)
    parts = list({id(part): part for part in part_of.values()}.values())
    return [tuple(part) for part in _packed(parts, sizes, room)]


def _closest(paths: Sequence[str], code: Code) -> list[tuple[str, str]]:
    """Pairs of files that have to do with each other, those that have most first."""
    defined = {path: _names_of(path, code) for path in paths}
    pairs: dict[tuple[str, str], float] = {}
    for one, other in combinations(paths, 2):
        links = float(len(defined[one] & code.symbols(other).uses.keys()))
        links += len(defined[other] & code.symbols(one).uses.keys())
        links += SAME_FOLDER * (PurePosixPath(one).parent == PurePosixPath(other).parent)
        if links:
            pairs[one, other] = links
    return sorted(pairs, key=lambda pair: -pairs[pair])


def _names_of(path: str, code: Code) -> set[str]:
    names = {symbol.last_name for symbol in code.symbols(path).defined}
    return {name for name in names if len(code.definitions(name)) <= MAX_NAMESAKES}


def _packed(parts: list[list[str]], sizes: Mapping[str, int], room: int) -> Iterator[list[str]]:
    """Small parts side by side, so that there are fewer; in the order of their paths."""
    packed: list[list[str]] = []
    for part in sorted(parts, key=lambda part: min(part)):
        size = sum(sizes[path] for path in part)
        fitting = next((p for p in packed if sum(sizes[path] for path in p) + size <= room), None)
        if fitting is None:
            packed.append(list(part))
        else:
            fitting += part
    yield from packed
