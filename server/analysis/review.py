"""Read files: each on its own by every rule that knows its language, then all together. Pure.

What is known of a file is kept as long as its text stays, so that a second review reads only what changed.
"""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from server.analysis.admission import Depth, admit
from server.analysis.budget import Budget, OutOfTime, spending
from server.analysis.catalogue import project_checks
from server.analysis.config.catalogue import (
    DOCKERFILE_CHECKS,
    NGINX_CHECKS,
    PROPERTIES_CHECKS,
    SCRIPT_CHECKS,
    TERRAFORM_CHECKS,
    YAML_CHECKS,
)
from server.analysis.config.dockerfile import DockerFile
from server.analysis.config.nginx import NginxFile
from server.analysis.config.properties import PropertiesFile
from server.analysis.config.script import ScriptFile
from server.analysis.config.terraform_file import TerraformFile
from server.analysis.config.yaml_file import YamlFile
from server.analysis.config.yaml_settings import YamlSettings
from server.analysis.go.catalogue import CHECKS as GO_CHECKS
from server.analysis.go.file import GoFile
from server.analysis.java.catalogue import CHECKS as JAVA_CHECKS
from server.analysis.java.file import JavaFile
from server.analysis.javascript.catalogue import CHECKS as JAVASCRIPT_CHECKS
from server.analysis.javascript.file import JavaScriptFile
from server.analysis.language import Language
from server.analysis.parsed import CannotParse, ParsedFile
from server.analysis.php.catalogue import CHECKS as PHP_CHECKS
from server.analysis.php.file import PhpFile
from server.analysis.project import Found, ProjectCheck
from server.analysis.python.catalogue import CHECKS as PYTHON_CHECKS
from server.analysis.python.file import PythonFile
from server.analysis.python.piecewise import Piecewise
from server.analysis.python.revising import revised
from server.analysis.ruby.catalogue import CHECKS as RUBY_CHECKS
from server.analysis.ruby.file import RubyFile
from server.analysis.rule import Check, Failure, Problem
from server.analysis.source import BYTE_ORDER_MARK, Source
from server.analysis.sql.catalogue import CHECKS as SQL_CHECKS
from server.analysis.sql.file import SqlFile
from server.analysis.templates.catalogue import CHECKS as TEMPLATE_CHECKS
from server.analysis.templates.file import TemplateFile
from server.analysis.text.catalogue import CHECKS as TEXT_CHECKS
from server.analysis.text.file import TextFile

SECONDS_PER_FILE = 5.0

SECONDS_ACROSS_FILES = 300.0
"""For the checks that look at all files together: some five times what a million lines take."""

MAX_KEPT_CHARACTERS = 48 * 1024 * 1024
"""Of the files that an `Analysis` remembers; what it knows of them takes about ten times as much memory."""

MAX_PROBLEMS_PER_FILE = 2_000
"""A file with more is not code that somebody wrote by hand."""


class TooManyProblems(Exception):
    """The file has more problems than anybody wants to hear."""


class Reader(NamedTuple):
    """How one language is read. *revise*: a parsed file after an edit of its text, None where it is to be parsed.
    *piecewise*: runs the checks over a file that is revised again and again.
    """

    parser: type[ParsedFile]
    checks: Sequence[Check[Any]]
    revise: Callable[[Any, Source], ParsedFile | None] = lambda _before, _source: None
    piecewise: Callable[[Any, Budget], Iterator[Problem | Failure]] | None = None


Parsed = dict[type[ParsedFile], ParsedFile]
"""A file as its readers parsed it last."""

TEXT = Reader(TextFile, TEXT_CHECKS)

READERS: dict[Language, Reader] = {
    Language.PYTHON: Reader(PythonFile, PYTHON_CHECKS, revised, Piecewise(PYTHON_CHECKS).look),
    Language.JAVASCRIPT: Reader(JavaScriptFile, JAVASCRIPT_CHECKS),
    Language.TYPESCRIPT: Reader(JavaScriptFile, JAVASCRIPT_CHECKS),
    Language.TSX: Reader(JavaScriptFile, JAVASCRIPT_CHECKS),
    Language.GO: Reader(GoFile, GO_CHECKS),
    Language.JAVA: Reader(JavaFile, JAVA_CHECKS),
    Language.PHP: Reader(PhpFile, PHP_CHECKS),
    Language.RUBY: Reader(RubyFile, RUBY_CHECKS),
    Language.TEMPLATE: Reader(TemplateFile, TEMPLATE_CHECKS),
    Language.SHELL: Reader(ScriptFile, SCRIPT_CHECKS),
    Language.DOCKERFILE: Reader(DockerFile, DOCKERFILE_CHECKS),
    Language.YAML: Reader(YamlFile, YAML_CHECKS),
    Language.NGINX: Reader(NginxFile, NGINX_CHECKS),
    Language.PROPERTIES: Reader(PropertiesFile, PROPERTIES_CHECKS),
    Language.TERRAFORM: Reader(TerraformFile, TERRAFORM_CHECKS),
    Language.SQL: Reader(SqlFile, SQL_CHECKS),
}


BESIDES: dict[Language, Reader] = {Language.YAML: Reader(YamlSettings, PROPERTIES_CHECKS)}
"""What is read in a second way, by checks of another language."""


@dataclass
class Reading:
    """*gaps*: what was not looked at and why, in phrases for people; empty when the whole file was read.

    *facts*: what the checks across files keep of it, by their names.
    """

    problems: list[Problem] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    depth: Depth = Depth.FULL
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Across:
    """What the files show together, and what could not be looked at in one, by path. *gaps*: of the whole review."""

    problems: dict[str, list[Problem]] = field(default_factory=lambda: defaultdict(list))
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    gaps: list[str] = field(default_factory=list)


class Analysis:
    """All checks, and what they know of the files they saw. Not for two threads at a time."""

    def __init__(
        self,
        checks: Sequence[ProjectCheck[Any]] | None = None,
        *,
        max_kept_characters: int = MAX_KEPT_CHARACTERS,
        is_edited: bool = False,
    ) -> None:
        """*is_edited*: of a document in an editor. It stays as it was parsed, so that an edit costs what it touches."""
        self._checks = project_checks() if checks is None else checks
        self._known: OrderedDict[tuple[str, bytes], tuple[Reading, int]] = OrderedDict()
        self._room = max_kept_characters
        self._parsed: Parsed | None = {} if is_edited else None

    def read(self, source: Source, budget: Budget) -> Reading:
        """One file. Not to be changed: the same reading is given out again while the text stays."""
        key = _key(source.path, source.text)
        if (known := self._recall(key)) is not None:
            return known
        reading = read(source, budget, self._checks, self._parsed)
        if not reading.gaps:  # time that ran out once need not run out again
            self._keep(key, reading, len(source.text))
        return reading

    def recall(self, texts: Mapping[str, str]) -> dict[str, Reading]:
        """By path: those of these files that were read before."""
        found = {path: self._recall(_key(path, text.removeprefix(BYTE_ORDER_MARK))) for path, text in texts.items()}
        return {path: reading for path, reading in found.items() if reading is not None}

    def conclude(self, readings: Mapping[str, Reading], budget: Budget) -> Across:
        """What the files show together; *readings* by path."""
        across = Across()
        for check in self._checks:
            facts = {path: found for path, reading in readings.items() if (found := reading.facts.get(check.name))}
            try:
                if facts:
                    _conclude_with(check, facts, budget, across)
            except OutOfTime:
                across.gaps.append(f"looking across files stopped after {budget.seconds:g} s")
                break
            except Exception as error:  # As with the rules of one file: a bug of one must not cost the others.
                across.gaps.append(f"{check.name} failed ({type(error).__name__})")
        return across

    def _recall(self, key: tuple[str, bytes]) -> Reading | None:
        if (known := self._known.get(key)) is None:
            return None
        self._known.move_to_end(key)
        return known[0]

    def _keep(self, key: tuple[str, bytes], reading: Reading, size: int) -> None:
        self._known[key] = (reading, size)
        self._room -= size
        while self._room < 0 and len(self._known) > 1:
            self._room += self._known.popitem(last=False)[1][1]


def _key(path: str, text: str) -> tuple[str, bytes]:
    return path, hashlib.sha256(text.encode("utf-8")).digest()


def _conclude_with(check: ProjectCheck[Any], facts: Mapping[str, Any], budget: Budget, across: Across) -> None:
    for found in check.conclude(facts, budget):
        if isinstance(found, Found):
            across.problems[found.path].append(found.problem)
        else:
            across.missed[found.path].append(found.what)


def read(
    source: Source, budget: Budget, checks: Sequence[ProjectCheck[Any]] = (), parsed: Parsed | None = None
) -> Reading:
    """Every problem of the file alone that our own rules see, in no order; and the facts for *checks*. *parsed*: what
    it was before, and will be from now on.
    """
    if parsed is not None and (before := parsed.get(TextFile)) is not None:
        source.edited_from(before.source)
    depth, reason = admit(source)
    reading = Reading(depth=depth, gaps=[reason] if reason else [])
    readers = [TEXT]
    if depth is Depth.FULL:
        readers.append(READERS[source.language])
        readers.extend(reader for language, reader in BESIDES.items() if language is source.language)
    try:
        for reader in readers:
            _read_with(reader, source, budget, checks, reading, parsed)
    except OutOfTime:
        reading.gaps.append(f"stopped after {budget.seconds:g} s")
    except TooManyProblems:
        reading.gaps.append(f"stopped after {MAX_PROBLEMS_PER_FILE} problems")
    return reading


def _read_with(
    reader: Reader,
    source: Source,
    budget: Budget,
    checks: Sequence[ProjectCheck[Any]],
    reading: Reading,
    parsed: Parsed | None,
) -> None:
    try:
        file = _parse(reader, source, parsed)
    except CannotParse as error:
        reading.gaps.append(str(error))
        return
    if file.gap:
        reading.gaps.append(file.gap)
    budget.spend()
    look = reader.piecewise if parsed is not None and reader.piecewise is not None else partial(_look, reader.checks)
    for told in look(file, budget):
        if isinstance(told, Failure):
            reading.gaps.append(str(told))
        else:
            reading.problems.append(told)
        if len(reading.problems) >= MAX_PROBLEMS_PER_FILE:
            raise TooManyProblems
    _extract(file, budget, checks, reading)


def _parse(reader: Reader, source: Source, parsed: Parsed | None) -> ParsedFile:
    """Raises CannotParse: what was parsed before is then kept for the text after it."""
    if parsed is None:
        return reader.parser.parse(source)
    before = parsed.get(reader.parser)
    file = reader.revise(before, source) if before is not None and before.source.path == source.path else None
    if file is None:
        file = reader.parser.parse(source)
    parsed[reader.parser] = file
    return file


def _extract(file: ParsedFile, budget: Budget, checks: Sequence[ProjectCheck[Any]], reading: Reading) -> None:
    for check in checks:
        budget.spend()
        if not isinstance(file, check.reads):
            continue
        try:
            with spending(budget):
                facts = check.extract(file)
        except OutOfTime:
            raise
        except Exception as error:  # The same.
            reading.gaps.append(f"{check.name} failed ({type(error).__name__})")
        else:
            if facts is not None:
                reading.facts[check.name] = facts


_NODES_AT_A_TIME = 16
"""One look at one node is short, and so is a look at the clock."""


def _look(checks: Sequence[Check[Any]], file: ParsedFile, budget: Budget) -> Iterator[Problem | Failure]:
    for check in checks:
        try:
            yield from _run(check, file, budget)
        except OutOfTime:
            raise
        except Exception as error:  # A bug of one rule must not cost the others; the coverage tells of it.
            yield Failure(check.rule, error)


def _run(check: Check[Any], file: ParsedFile, budget: Budget) -> Iterator[Problem]:
    """Without fixes where the parser could not make sense of everything: nobody can say that they leave it whole."""
    for kind in check.on:
        for number, node in enumerate(file.nodes(kind)):
            if not number % _NODES_AT_A_TIME:
                budget.spend()
            for hit in check.find(node, file):
                yield Problem(check.rule, replace(hit, fix=None) if file.gap else hit)


def all_checks() -> Iterable[tuple[Language, Check[Any]]]:
    """Every check there is, for the tests and the rules' pages."""
    yield from ((Language.OTHER, check) for check in TEXT_CHECKS)
    by_parser = {reader.parser: language for language, reader in reversed(READERS.items())}
    yield from ((language, check) for language in by_parser.values() for check in READERS[language].checks)
