"""Code that the change adds although it is there already, line for line.

Compared without white space and comments, against every file that is known. Code that only moved is not there twice.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from server.analysis.admission import Depth, admit
from server.analysis.budget import Budget
from server.analysis.change.change import Change, ChangeCheck, ChangedFile, Edited
from server.analysis.language import CONFIGURATION, Language, is_test_path, language_of
from server.analysis.project import Found
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.reviews.finding import Confidence, Location, Severity

DUPLICATED_CODE = Rule(
    "hive.duplicated-code",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    why="Who mends one copy seldom knows of the other: the mistake that is found later stays in one of them.",
    remedy="Give the common part a name, and call it from both places.",
    cwe=1041,
    in_tests=False,
)

LINES = 30
"""As many lines in a row, blank ones and comments not counted."""

MIN_DIFFERENT = 22
"""Of those: a long table repeats itself, and is no code."""

_COMMENT = re.compile(r"^(?:#|//|/?\*|--|import\b|from\b|use\b|using\b|package\b|include\b|[\]\)\}>,;'\"`]*$)")


class _Line(NamedTuple):
    number: int
    text: str


class _Twin(NamedTuple):
    """Where the lines stand, too."""

    path: str
    start_line: int
    end_line: int


def find(change: Change, budget: Budget) -> Iterator[Found]:
    """Of two copies that are both new, the later one is told."""
    added = {file.path: windows for file in change.files if _is_code(file) and (windows := _added_windows(file))}
    if not added:
        return
    by_key: dict[int, list[tuple[str, int]]] = {}
    for path, windows in added.items():
        for key, line in windows:
            by_key.setdefault(key, []).append((path, line))
    twins: dict[tuple[str, int], _Twin] = {}
    for path, text in _texts(change):
        budget.spend()
        lines = _lines(text)
        for key, start in _windows(lines):
            twin = _Twin(path, lines[start].number, lines[start + LINES - 1].number)
            for copy in by_key.get(key, ()):
                if not _overlap(copy, twin) and not (path in added and copy < twin[:2]):
                    twins.setdefault(copy, twin)
    yield from _first_of_each_run(change, twins)


def _overlap(copy: tuple[str, int], twin: _Twin) -> bool:
    path, line = copy
    return path == twin.path and twin.start_line - (twin.end_line - twin.start_line) <= line <= twin.end_line


def _first_of_each_run(change: Change, twins: dict[tuple[str, int], _Twin]) -> Iterator[Found]:
    """Every line of a long copy begins a window of its own."""
    sources = {file.path: file.after for file in change.files}
    last = ("", 0)
    for (path, line), twin in sorted(twins.items()):
        if path != last[0] or line > last[1] + LINES:
            message = f"{LINES} lines or more stand in {twin.path} from line {twin.start_line} on, too"
            place = Location(twin.path, twin.start_line, twin.end_line, "the same code")
            yield Found(path, Problem(DUPLICATED_CODE, Hit(sources[path].line_span(line), message, related=(place,))))
        last = (path, line)


_NOT_CODE = frozenset({Language.OTHER, Language.PROSE, Language.TEMPLATE, *CONFIGURATION})


def _is_code(file: ChangedFile) -> bool:
    source = file.after
    return _may_hold_code(source.path, source.text) and admit(source).depth is Depth.FULL


def _texts(change: Change) -> Iterator[tuple[str, str]]:
    """Of every file that may hold the other copy."""
    for path, text in (*((file.path, file.after.text) for file in change.files), *change.around.items()):
        if _may_hold_code(path, text):
            yield path, text


_ASIDE = frozenset({"migrations", "dist", "static", "vendor", "vendored", "_vendor", "third_party", "generated"})
"""Folders of code that nobody here writes, or that repeats itself by design."""


def _may_hold_code(path: str, text: str) -> bool:
    is_code = language_of(path, text[:200]) not in _NOT_CODE
    return is_code and not is_test_path(path) and not _ASIDE.intersection(PurePosixPath(path).parts)


def _lines(text: str) -> list[_Line]:
    lines = (_Line(number, "".join(line.split())) for number, line in enumerate(text.split("\n"), 1))
    return [line for line in lines if line.text and not _COMMENT.match(line.text)]


def _windows(lines: Sequence[_Line]) -> Iterator[tuple[int, int]]:
    """A number for the texts of each LINES lines in a row, and the place of the first among *lines*."""
    hashes = [hash(line.text) & _MASK for line in lines]
    rolling = 0
    for at, value in enumerate(hashes):
        rolling = (rolling * _BASE + value) % _PRIME
        if at >= LINES:
            rolling = (rolling - hashes[at - LINES] * _LEAVES) % _PRIME
        if at >= LINES - 1:
            yield rolling, at - LINES + 1


_MASK = (1 << 60) - 1
_PRIME = (1 << 61) - 1
_BASE = 1_000_003
_LEAVES = pow(_BASE, LINES, _PRIME)


def _added_windows(file: ChangedFile) -> list[tuple[int, int]]:
    """Of the lines that the change adds; each with the number of its first line in the file."""
    if file.changed is not None and sum(r.end - r.start + 1 for r in file.changed) < LINES:
        return []
    lines = _lines(file.after.text)
    return [
        (key, lines[start].number)
        for key, start in _windows(lines)
        if _is_added(file, lines[start : start + LINES]) and _differ(lines[start : start + LINES])
    ]


def _is_added(file: ChangedFile, lines: Sequence[_Line]) -> bool:
    return all(file.touches(line.number, line.number) for line in lines)


def _differ(lines: Sequence[_Line]) -> bool:
    return len({line.text for line in lines}) >= MIN_DIFFERENT


def _function(name: str, lines: int = 40) -> str:
    body = "".join(f"    value_{n} = compute(value_{n - 1}, {n})\n" for n in range(1, lines))
    return f"def {name}(value_0):\n{body}    return value_{lines - 1}\n"


duplicated_code = ChangeCheck(
    "duplicated-code",
    (DUPLICATED_CODE,),
    find,
    bad=(
        (DUPLICATED_CODE, Edited({}, {"b.py": _function("copied")}, {"a.py": _function("original")})),
        (
            DUPLICATED_CODE,
            Edited({"a.py": _function("original")}, {"a.py": _function("original") + "\n\n" + _function("copied")}),
        ),
    ),
    good=(
        Edited({}, {"b.py": _function("copied", 20)}, {"a.py": _function("original", 20)}),
        Edited({"a.py": _function("moved")}, {"a.py": "x = 1\n", "b.py": _function("moved")}),
        Edited({}, {"b.py": "    x = 1\n" * 60}, {"a.py": "    x = 1\n" * 60}),
    ),
)
