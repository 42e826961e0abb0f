"""All files of a review together: what is kept between two reviews, and what one broken check may cost."""

from collections.abc import Iterator, Mapping

import pytest

from server.analysis.admission import Depth, admit
from server.analysis.budget import Budget, OutOfTime
from server.analysis.project import Found, Missed, ProjectCheck
from server.analysis.python.file import PythonFile
from server.analysis.review import Analysis, Reading
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.source import Source, Span
from server.reviews.finding import Confidence, Severity

RULE = Rule("hive.test", Kind.BUG, Severity.LOW, Confidence.HIGH, "why", remedy="do")


class Counting:
    """A check that speaks of every file that imports another one of the project, and counts what it read."""

    def __init__(self) -> None:
        self.extracted: list[str] = []

    def extract(self, file: PythonFile) -> tuple[str, ...] | None:
        self.extracted.append(file.source.path)
        return tuple(file.imports) or None

    def conclude(self, facts: Mapping[str, tuple[str, ...]], budget: Budget) -> Iterator[Found | Missed]:
        for path, imports in facts.items():
            budget.spend()
            if any(f"{name}.py" in facts for name in imports):
                yield Found(path, Problem(RULE, Hit(Span(1, 1, 1, 2), "imports a neighbour")))


class Failing(Counting):
    def conclude(self, facts: Mapping[str, tuple[str, ...]], budget: Budget) -> Iterator[Found]:
        raise KeyError("a bug of ours")


class Endless(Counting):
    def conclude(self, facts: Mapping[str, tuple[str, ...]], budget: Budget) -> Iterator[Found]:
        raise OutOfTime
        yield


class Nearsighted(Counting):
    def conclude(self, facts: Mapping[str, tuple[str, ...]], budget: Budget) -> Iterator[Found | Missed]:
        yield Missed("a.py", "f() was not followed")


def analysis_of(*checks: Counting) -> Analysis:
    return Analysis(
        [
            ProjectCheck(f"test-{number}", (RULE,), (PythonFile,), check.extract, check.conclude, (), ())
            for number, check in enumerate(checks)
        ]
    )


def read(analysis: Analysis, **files: str) -> dict[str, Reading]:
    return {f"{name}.py": analysis.read(Source.of(f"{name}.py", text), Budget(5)) for name, text in files.items()}


def test_what_files_show_together_is_found() -> None:
    analysis = analysis_of(Counting())

    across = analysis.conclude(read(analysis, a="import b\n", b="import os\n", c="x = 1\n"), Budget(5))

    assert list(across.problems) == ["a.py"]
    assert across.gaps == []


def test_only_a_file_whose_text_changed_is_read_again() -> None:
    counting = Counting()
    analysis = analysis_of(counting)
    read(analysis, a="import b\n", b="import os\n")

    readings = read(analysis, a="import b\n", b="import sys\n")

    assert counting.extracted == ["a.py", "b.py", "b.py"]
    assert list(analysis.conclude(readings, Budget(5)).problems) == ["a.py"]


def test_the_same_text_in_another_file_is_another_file() -> None:
    counting = Counting()
    analysis = analysis_of(counting)

    read(analysis, a="import b\n", b="import b\n")

    assert counting.extracted == ["a.py", "b.py"]


def test_what_was_not_met_for_long_is_forgotten() -> None:
    counting = Counting()
    check = ProjectCheck("test", (RULE,), (PythonFile,), counting.extract, counting.conclude, (), ())
    analysis = Analysis([check], max_kept_characters=25)
    for name in ("a", "b", "a", "c", "a", "b"):
        read(analysis, **{name: "import os\n"})

    assert counting.extracted == ["a.py", "b.py", "c.py", "b.py"]


@pytest.mark.parametrize(
    ("broken", "gap"),
    [(Failing(), "test-0 failed (KeyError)"), (Endless(), "looking across files stopped after 5 s")],
    ids=["it fails", "no time is left"],
)
def test_a_check_that_breaks_is_told_as_a_gap(broken: Counting, gap: str) -> None:
    analysis = analysis_of(broken)

    across = analysis.conclude(read(analysis, a="import b\n", b="import os\n"), Budget(5))

    assert across.gaps == [gap]


def test_what_a_check_misses_in_one_file_is_told_of_that_file() -> None:
    analysis = analysis_of(Nearsighted())

    across = analysis.conclude(read(analysis, a="import b\n", b="import os\n"), Budget(5))

    assert across.missed == {"a.py": ["f() was not followed"]}
    assert across.gaps == []


def test_a_bug_of_one_check_does_not_cost_the_others() -> None:
    analysis = analysis_of(Failing(), Counting())

    across = analysis.conclude(read(analysis, a="import b\n", b="import os\n"), Budget(5))

    assert list(across.problems) == ["a.py"]
    assert across.gaps == ["test-0 failed (KeyError)"]


@pytest.mark.parametrize(
    ("text", "is_copy"),
    [
        (
            "/*!\n * jQuery JavaScript Library v3.6.0\n *\n * Released under the MIT license\n */",
            True,
        ),
        ("/**\n * @license AngularJS v1.8.2\n * (c) 2010-2020 Google LLC. http://angularjs.org\n */", True),
        ("/**\n * Serves users. Copyright by us.\n */", False),
        ("/**\n * Adds 127.0.0.1 to the hosts. Copyright by us.\n */", False),
        ("// v1.2.3, MIT license\nlet a", False),
    ],
    ids=["jquery", "angular", "no version", "an address", "a line comment"],
)
def test_a_library_that_was_copied_in_is_nobodys_code_here(text: str, is_copy: bool) -> None:
    assert (admit(Source.of("static/a.js", text)).depth is Depth.TEXT) is is_copy
