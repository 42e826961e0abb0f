"""Whether a regular expression can take for ever: a repetition in a repetition that divides one text in many ways.

Exponential cases only, in engines that go back (Python, JavaScript, Java, PHP, Ruby; Go's has no such trouble). The
pattern is read with Python's own parser; what it cannot read is left alone.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]  # what `re` itself reads patterns with
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from server.analysis.rule import Kind, Rule
from server.reviews.finding import Confidence, Severity

SLOW_REGEX = Rule(
    "hive.slow-regex",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "A text of some thirty letters that almost fits keeps the processor busy for hours: each letter doubles the work.",
    1333,
    in_tests=False,
    also=(400, 730, 185, 20),
    remedy="Leave no two ways to divide a text: `(a+)+` is `a+`, `(\\w+\\s?)+` is `\\w+(\\s\\w+)*`.",
)

MAX_PATTERN = 2_000
"""Characters; longer ones are tables that a program made."""

_MANY = 12
"""Rounds from which a repetition counts as one without end."""

_EVERY = frozenset(range(129))
"""ASCII, and 128 for all the rest."""

_CATEGORIES = {
    codes.CATEGORY_DIGIT: frozenset(b"0123456789"),
    codes.CATEGORY_WORD: frozenset(ord(c) for c in map(chr, range(128)) if c.isalnum() or c == "_") | {128},
    codes.CATEGORY_SPACE: frozenset(b" \t\n\r\f\v"),
}
_CATEGORIES |= {
    codes.CATEGORY_NOT_DIGIT: _EVERY - _CATEGORIES[codes.CATEGORY_DIGIT],
    codes.CATEGORY_NOT_WORD: _EVERY - _CATEGORIES[codes.CATEGORY_WORD],
    codes.CATEGORY_NOT_SPACE: _EVERY - _CATEGORIES[codes.CATEGORY_SPACE],
}
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)

Item = tuple[Any, Any]
Letters = frozenset[int]
NOTHING: Letters = frozenset()


warnings.filterwarnings("ignore", "Possible (?:nested )?set", FutureWarning)
"""What Python may once read otherwise in a pattern is nothing to those who wrote it for another language."""


@lru_cache(maxsize=2_048)
def is_slow(pattern: str, *, whole: bool = False) -> bool:
    """*whole*: the text must match from its beginning to its end, as `fullmatch` asks."""
    if len(pattern) > MAX_PATTERN or not re.search(r"[*+}]\)?.*[*+}]", pattern, re.DOTALL):
        return False
    try:
        items = parser.parse(_in_python(pattern))
    except (re.error, OverflowError, RecursionError, ValueError):
        return False
    return any(_divides(body) for body in _loops(list(items), whole))


def _in_python(pattern: str) -> str:
    """What other languages write in another way."""
    pattern = re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", pattern)
    for other, ours in _SPELLINGS:
        pattern = pattern.replace(other, ours)
    return pattern


_SPELLINGS = (
    (r"\z", r"\Z"),
    (r"\h", "[0-9a-f]"),
    ("[[:alnum:]]", r"\w"),
    ("[[:space:]]", r"\s"),
    ("[[:alpha:]]", "[a-z]"),
)


def _loops(items: Sequence[Item], may_fail: bool) -> Iterator[list[Item]]:
    """The bodies of repetitions without end, behind which something may not fit."""
    for number, (code, given) in enumerate(items):
        fails = may_fail or any(_is_needed(later) for later in items[number + 1 :])
        if code in _REPEATS:
            _, most, body = given
            if most >= _MANY and fails:
                yield list(body)
            yield from _loops(list(body), fails)
        else:
            for part in _parts(code, given):
                yield from _loops(part, fails)


def _parts(code: Any, given: Any) -> Iterator[list[Item]]:
    if code is codes.SUBPATTERN:
        yield list(given[3])
    elif code is codes.BRANCH:
        yield from (list(branch) for branch in given[1])


def _is_needed(item: Item) -> bool:
    code, given = item
    if code in _REPEATS:
        return bool(given[0] > 0 and any(_is_needed(part) for part in given[2]))
    if code is codes.SUBPATTERN:
        return any(_is_needed(part) for part in given[3])
    if code is codes.BRANCH:
        return all(any(_is_needed(part) for part in branch) for branch in given[1])
    return True


def _divides(body: list[Item]) -> bool:
    """Whether rounds of *body* can share one text in several ways."""
    return any(
        all(letters & needed for needed in rest) if letters else not rest for letters, rest in _inner_loops(body)
    )


def _inner_loops(items: list[Item]) -> Iterator[tuple[Letters, list[Letters]]]:
    """Each repetition in a round: the letters it takes (none: a longer text), and what else the round must have."""
    for number, (code, given) in enumerate(items):
        others = items[:number] + items[number + 1 :]
        rest = [letters for other in others for letters in _needed(other)]
        if code in _REPEATS and given[1] >= max(2, 2 * given[0]):
            body = list(given[2])
            yield (_letters(body[0]) if len(body) == 1 else NOTHING), rest
            if len(body) > 1 or not _letters(body[0]):
                for letters, needed in _inner_loops(body):
                    yield letters, needed + rest
        for part in _parts(code, given):
            for letters, needed in _inner_loops(part):
                yield letters, needed + rest


def _needed(item: Item) -> list[Letters]:
    """What must be there of an item, letter by letter; a position or an alternative may forbid anything."""
    code, given = item
    if code in _REPEATS:
        return [letters for part in given[2] for letters in _needed(part)] if given[0] > 0 else []
    if code is codes.SUBPATTERN:
        return [letters for part in given[3] for letters in _needed(part)]
    if code is codes.BRANCH:
        return [NOTHING] if _is_needed(item) else []
    return [_letters(item)]


def _letters(item: Item) -> Letters:
    """Of an item that takes exactly one letter; of any other, none."""
    code, given = item
    if code is codes.SUBPATTERN and len(given[3]) == 1:
        return _letters(given[3][0])
    if code is codes.LITERAL:
        return frozenset({min(given, 128)})
    if code is codes.NOT_LITERAL:
        return _EVERY - {given}
    if code is codes.ANY:
        return _EVERY - {10}
    return _set(given) if code is codes.IN else NOTHING


def _set(members: Sequence[Item]) -> Letters:
    found: set[int] = set()
    negated = False
    for code, given in members:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            found.add(min(given, 128))
        elif code is codes.RANGE:
            found.update(range(min(given[0], 128), min(given[1], 128) + 1))
        elif code is codes.CATEGORY:
            found |= _CATEGORIES.get(given, NOTHING)
    return _EVERY - (found - {128}) if negated else frozenset(found)
