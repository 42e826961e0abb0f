"""No text makes the analysis fail, hang or lie about what it read."""

import string
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.analysis.budget import Budget, spending
from server.analysis.catalogue import project_checks
from server.analysis.findings import to_findings
from server.analysis.review import MAX_PROBLEMS_PER_FILE, READERS, Reading, all_checks, read
from server.analysis.source import Source
from server.reviews.finding import apply_edits

PATHS = ["a.py", "a.js", "a.ts", "a.tsx", "a.go", ".env", "Dockerfile", "compose.yaml", "nginx.conf"]

_PIECES = [text for _, check in all_checks() for text in (*check.bad, *check.good)]
_CODE = st.lists(st.sampled_from(_PIECES) | st.text(string.printable + "é😀\u202e\x0c", max_size=20), max_size=6).map(
    "".join
)


def reviewed(path: str, text: str, seconds: float = 5.0) -> Reading:
    source = Source.of(path, text)
    reading = read(source, Budget(seconds))
    to_findings(source, reading.problems, None)
    return reading


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=_CODE | st.text(max_size=200))
def test_no_text_makes_a_rule_fail(path: str, text: str) -> None:
    reading = reviewed(path, text)

    assert not [gap for gap in reading.gaps if gap.startswith("rule ")]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(PATHS), text=_CODE, cut=st.integers(0, 400))
def test_half_written_code_is_read_and_every_fix_fits_the_text(path: str, text: str, cut: int) -> None:
    source = Source.of(path, text[:cut])

    for finding in to_findings(source, read(source, Budget(5)).problems, None):
        assert 1 <= finding.start_line <= finding.end_line <= len(source.lines)
        assert source.line(finding.start_line)[finding.start_column - 1 :] or finding.start_line < finding.end_line
        if finding.fix is not None:
            apply_edits(source.text, finding.fix.edits)


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[\n" * 4_000, id="open brackets"),
        pytest.param("x = " + "[\n" * 4_000 + "]\n" * 4_000, id="deep brackets"),
        pytest.param("x = " + "a +\\\n" * 7_000 + "a", id="a long sum"),
        pytest.param("{\n" * 4_000 + "defer a.Close()\neval(x)\n" + "}\n" * 4_000, id="deep blocks"),
        pytest.param("x = '" + "a" * 2_000_000 + "'", id="2 MB in one line"),
        pytest.param("eval(x);\n" * 15_000, id="15,000 problems"),
        pytest.param('password="' * 30_000, id="unfinished passwords"),
        pytest.param("<<<<<<< a\n" * 15_000, id="unfinished conflicts"),
        pytest.param("-----BEGIN PRIVATE KEY-----" * 7_000, id="unfinished keys"),
        pytest.param("a://b:" * 30_000, id="unfinished addresses"),
        pytest.param("print 'a'\n" + "lambda " * 50_000, id="pairs without an end, as in Python 2"),
        pytest.param("print 'a'\n" + '"""\\' * 20_000, id="unfinished texts, as in Python 2"),
        pytest.param("print 'a'\ndef f(" + "(a), " * 50_000, id="pairs upon pairs, as in Python 2"),
        pytest.param("def f(a, x):\n" + "    x = x + str(a)\n    eval(x)\n" * 500, id="a name made of itself"),
    ],
)
def test_a_hostile_file_ends_in_time_with_few_problems(path: str, text: str) -> None:
    reading = reviewed(path, text, seconds=0.3)

    assert len(reading.problems) <= MAX_PROBLEMS_PER_FILE


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("line", ["/* a */\n", "// a\n", "# a\n", "/** a\n * b */ // c\n"])
def test_a_file_may_begin_with_hundreds_of_comments(path: str, line: str) -> None:
    """Where each may be read in two ways, forty take a year, and no budget ends the search."""
    reading = read(Source.of(path, line * 300 + "'use strict';\n"), Budget(60), project_checks())

    assert not [gap for gap in reading.gaps if "failed" in gap]


def test_names_that_are_made_of_each_other_are_asked_after_once() -> None:
    """Twelve variables with 25 values each, as in a file that a compiler wrote: there are 25 to the tenth ways."""
    given = "".join(f"  a{i % 12} = a{(i * 7 + j) % 12};\n" for i in range(60) for j in range(5))
    text = "function f() {\n  var a0, a1;\n" + given + '  el.innerHTML = a0;\n  db.query("<b>" + a1);\n}\n'

    assert reviewed("a.js", text, seconds=20).gaps == []


LONG = [
    pytest.param("a.py", "def f(a):\n", "    x = g(a, x)\n", "", id="Python"),
    pytest.param("a.js", "function f(a) {\n", "x = g(a, x);\n", "}\n", id="JavaScript"),
    pytest.param("a.ts", "function f(a: string) {\n", "x = g(a, x);\n", "}\n", id="TypeScript"),
    pytest.param("a.go", "package a\nfunc f(a string) {\n", "x = g(a, x)\n", "}\n", id="Go"),
    pytest.param("A.java", "class A { void f(String a) {\n", "x = g(a, x);\n", "}}\n", id="Java"),
    pytest.param("a.php", "<?php function f($a) {\n", "$x = g($a, $x);\n", "}\n", id="PHP"),
    pytest.param("a.rb", "def f(a)\n", "x = g(a, x)\n", "end\n", id="Ruby"),
]


@pytest.mark.parametrize(("path", "head", "line", "tail"), LONG)
def test_a_long_function_may_be_given_up_at_any_statement(path: str, head: str, line: str, tail: str) -> None:
    source = Source.of(path, head + line * 500 + tail)
    file = READERS[source.language].parser.parse(source)
    flow = next(check for check in project_checks() if check.name == "flow")
    looks = count()

    with spending(Budget(1e9, clock=lambda: float(next(looks)))):
        flow.extract(file)

    assert next(looks) >= 500


def test_what_nests_too_deeply_to_look_at_is_told_of() -> None:
    (said,) = reviewed("a.js", "x = " + "a +\n" * 11_000 + "a;\n").gaps

    assert said == "nested deeper than 10,000: what is inside was not looked at"


def test_a_file_of_python_that_nobody_wrote_by_hand_is_not_parsed() -> None:
    """Its parser cannot be interrupted: two megabytes held an agent for three seconds."""
    (said,) = reviewed("a.py", "x = [\n" + "    1, 2, 3,\n" * 80_000 + "]\n").gaps

    assert said == "a large file of Python: text rules only"


def test_a_file_that_takes_too_long_says_so() -> None:
    ticks = count()
    source = Source.of("a.py", "f(a)\n" * 500)

    reading = read(source, Budget(5, clock=lambda: float(next(ticks)), worked=lambda: float(next(ticks))))

    assert reading.gaps == ["stopped after 5 s"]


@pytest.mark.parametrize(
    ("path", "text", "gap"),
    [
        pytest.param("a.py", "def f(:\n", "syntax error on line 1", id="syntax error"),
        pytest.param("a.py", "type X[T] = list[T]\n", "syntax error on line 1", id="newer than our Python"),
        pytest.param("a.js", "f(;\nlet = = 1;\n", "some of it could not be parsed", id="half a JavaScript file"),
        pytest.param("a.kt", "println(1)\n", "text rules only", id="unknown language"),
        pytest.param("a.js", "a();" * 3_000, "minified: text rules only", id="minified"),
        pytest.param("js/dist/a.js", "eval(text);\n", "built from other files: text rules only", id="built"),
        pytest.param(
            "pdf.js",
            "/***/ 9714:\n/***/ ((module, __unused_webpack_exports) => {\neval(text);\n",
            "built from other files: text rules only",
            id="a bundle",
        ),
        pytest.param(
            "a.go", "// Code generated by x. DO NOT EDIT.\npackage a\n", "generated: text rules only", id="generated"
        ),
        pytest.param("a.py", "a = 1\rb = 2\n", "lines end in a carriage return alone", id="old line ends"),
    ],
)
def test_what_is_not_read_in_full_says_why(path: str, text: str, gap: str) -> None:
    (said,) = reviewed(path, text).gaps

    assert said.startswith(gap)


def test_prose_is_read_in_full_for_secrets_are_all_that_it_can_hold() -> None:
    text = "Use the key AKIA" + "Z7VR2QKXN3PLM4TD.\n"

    review = reviewed("README.md", text)

    assert review.gaps == []
    assert [problem.rule.id for problem in review.problems] == ["hive.provider-key"]


def test_a_file_with_a_syntax_error_still_gets_the_text_rules() -> None:
    reading = reviewed("a.py", 'def f(:\nkey = "AKIA' + 'QX4BIPW3AHOVNB7F"\n')

    assert [problem.rule.id for problem in reading.problems] == ["hive.provider-key"]


def test_typescript_with_and_without_jsx_are_read_side_by_side() -> None:
    for path in ("a.ts", "a.tsx", "a.js", "a.ts", "a.tsx"):
        assert [problem.rule.id for problem in reviewed(path, "eval(text);\n").problems] == ["hive.code-from-text"]
