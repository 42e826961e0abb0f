"""Read one file: every rule that knows its language, and those that read plain text. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from server.analysis.admission import Depth, admit
from server.analysis.budget import Budget, OutOfTime
from server.analysis.go.catalogue import CHECKS as GO_CHECKS
from server.analysis.go.file import GoFile
from server.analysis.javascript.catalogue import CHECKS as JAVASCRIPT_CHECKS
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.language import Language
from server.analysis.parsed import CannotParse, ParsedFile
from server.analysis.python.catalogue import CHECKS as PYTHON_CHECKS
from server.analysis.python.file import PythonFile
from server.analysis.rule import Check, Problem
from server.analysis.source import Source
from server.analysis.text.catalogue import CHECKS as TEXT_CHECKS
from server.analysis.text.file import TextFile

SECONDS_PER_FILE = 5.0

MAX_PROBLEMS_PER_FILE = 2_000
"""A file with more is not code that somebody wrote by hand."""


class TooManyProblems(Exception):
    """The file has more problems than anybody wants to hear."""


class Reader(NamedTuple):
    """How one language is read."""

    parser: type[ParsedFile]
    checks: Sequence[Check[Any]]


TEXT = Reader(TextFile, TEXT_CHECKS)

READERS: dict[Language, Reader] = {
    Language.PYTHON: Reader(PythonFile, PYTHON_CHECKS),
    Language.JAVASCRIPT: Reader(JavaScriptFile, JAVASCRIPT_CHECKS),
    Language.TYPESCRIPT: Reader(JavaScriptFile, JAVASCRIPT_CHECKS),
    Language.TSX: Reader(JavaScriptFile, JAVASCRIPT_CHECKS),
    Language.GO: Reader(GoFile, GO_CHECKS),
}


@dataclass
class Reading:
    """*gaps*: what was not looked at and why, in phrases for people; empty when the whole file was read."""

    problems: list[Problem] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    depth: Depth = Depth.FULL


def read(source: Source, budget: Budget) -> Reading:
    """Every problem of the file that our own rules see, in no order."""
    depth, reason = admit(source)
    reading = Reading(depth=depth, gaps=[reason] if reason else [])
    readers = [TEXT]
    if depth is Depth.FULL:
        readers.append(READERS[source.language])
    try:
        for reader in readers:
            _read_with(reader, source, budget, reading)
    except OutOfTime:
        reading.gaps.append(f"stopped after {budget.seconds:g} s")
    except TooManyProblems:
        reading.gaps.append(f"stopped after {MAX_PROBLEMS_PER_FILE} problems")
    return reading


def _read_with(reader: Reader, source: Source, budget: Budget, reading: Reading) -> None:
    try:
        file = reader.parser.parse(source)
    except CannotParse as error:
        reading.gaps.append(str(error))
        return
    if file.gap:
        reading.gaps.append(file.gap)
    budget.spend()
    for check in reader.checks:
        try:
            for problem in _run(check, file, budget):
                reading.problems.append(problem)
                if len(reading.problems) >= MAX_PROBLEMS_PER_FILE:
                    raise TooManyProblems
        except (OutOfTime, TooManyProblems):
            raise
        except Exception as error:  # A bug of one rule must not cost the others; the coverage tells of it.
            reading.gaps.append(f"rule {check.rule.id} failed ({type(error).__name__})")


def _run(check: Check[Any], file: ParsedFile, budget: Budget) -> Iterator[Problem]:
    for kind in check.on:
        for node in file.nodes(kind):
            budget.spend()
            for hit in check.find(node, file):
                yield Problem(check.rule, hit)


def all_checks() -> Iterable[tuple[Language, Check[Any]]]:
    """Every check there is, for the tests and the rules' pages."""
    yield from ((Language.OTHER, check) for check in TEXT_CHECKS)
    for language in (Language.PYTHON, Language.JAVASCRIPT, Language.GO):
        yield from ((language, check) for check in READERS[language].checks)
