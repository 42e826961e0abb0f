"""From problems to findings: identity, what the change touches, suppressions, ranking, one owner per problem."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.analysis.budget import Budget
from server.analysis.findings import rank, to_findings
from server.analysis.linter import LinterHit, problems_of_ruff
from server.analysis.overlaps import SAME_PROBLEM, without_duplicates
from server.analysis.pages import all_rules
from server.analysis.review import Analysis, all_checks
from server.analysis.ruff_rules import CATALOGUE
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.source import Source, Span
from server.analysis.suppression import is_suppressed
from server.reviews.finding import Confidence, Finding, Severity
from server.reviews.snapshot import LineRange

EVAL = "def f(text):\n    return eval(text){comment}\n"
SWALLOWS = "try:\n    f()\nexcept:\n    pass\n"


COMMENTS = (
    ("#", ""),
    ("//", ""),
    ("--", ""),
    (";", ""),
    ("/*", " */"),
    ("<!--", " -->"),
    ("{#", " #}"),
    ("{{!--", " --}}"),
    ("{{!", " }}"),
    ("{{--", " --}}"),
    ("<%#", " %>"),
    ("<%--", " --%>"),
)
"""Of all languages that are read: where one begins, and how it ends."""


def findings_in(text: str, *, path: str = "module.py", changed: list[LineRange] | None = None) -> list[Finding]:
    source = Source.of(path, text)
    reading = ANALYSIS.read(source, Budget(5))
    across = ANALYSIS.conclude({path: reading}, Budget(5))
    return to_findings(source, [*reading.problems, *across.problems[path]], changed)


ANALYSIS = Analysis()


def test_a_finding_keeps_its_fingerprint_when_lines_move_above_it() -> None:
    before = findings_in(SWALLOWS)
    after = findings_in("import os\n\n\n" + SWALLOWS)

    assert [f.fingerprint for f in after] == [f.fingerprint for f in before]
    assert after[0].start_line == before[0].start_line + 3


def test_equal_problems_of_one_file_have_fingerprints_of_their_own() -> None:
    first, second = findings_in(EVAL.format(comment="") + EVAL.format(comment=""))

    assert first.fingerprint != second.fingerprint


def test_a_habit_is_told_of_once_in_a_file() -> None:
    assert len(findings_in(SWALLOWS + SWALLOWS)) == 1


def test_errors_in_answers_are_told_of_three_times_in_a_file() -> None:
    handler = "func h%d(w http.ResponseWriter) { http.Error(w, err.Error(), http.StatusInternalServerError) }\n"
    text = "package a\n\n" + "".join(handler % number for number in range(9))

    assert [finding.start_line for finding in findings_in(text, path="a.go")] == [3, 4, 5]


def test_of_hits_of_one_rule_that_lie_in_each_other_the_inner_one_stays() -> None:
    rule = Rule("hive.odd", Kind.BUG, Severity.LOW, Confidence.LOW, "Odd.")
    outer, inner = Problem(rule, Hit(Span(1, 1, 1, 20), "Odd")), Problem(rule, Hit(Span(1, 5, 1, 9), "Odd"))

    assert without_duplicates([outer, inner]) == [inner]


@pytest.mark.parametrize(("opening", "closing"), COMMENTS, ids=[opening for opening, _ in COMMENTS])
def test_every_kind_of_comment_suppresses_with_a_reason_and_only_with_one(opening: str, closing: str) -> None:
    problem = Problem(Rule("hive.odd", Kind.BUG, Severity.LOW, Confidence.LOW, "Odd."), Hit(Span(2, 1, 2, 5), "Odd"))

    def is_silent(first: str, second: str) -> bool:
        return is_suppressed(problem, Source.of("a.txt", f"{first}\n{second}\n"))

    with_reason = f"{opening} hive: ignore[odd] it has to be{closing}"
    assert is_silent("", f"code {with_reason}")
    assert is_silent(f"  {with_reason}", "code")
    assert not is_silent("", f"code {opening} hive: ignore[odd]{closing}")
    assert not is_silent(f"{opening} hive: ignore[odd]{closing}", "code")
    assert not is_silent(f"code {with_reason}", "code")


def test_a_pull_request_and_an_editor_give_a_problem_the_same_fingerprint() -> None:
    whole_file = findings_in(SWALLOWS + SWALLOWS)
    changed_lines = findings_in(SWALLOWS + SWALLOWS, changed=[LineRange(6, 8)])

    assert changed_lines == whole_file[1:]


def test_suppressing_one_problem_leaves_the_identity_of_the_next() -> None:
    plain, suppressed = EVAL.format(comment=""), EVAL.format(comment="  # noqa: S307")

    assert [f.fingerprint for f in findings_in(suppressed + plain)] == [findings_in(plain + plain)[1].fingerprint]


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        pytest.param(LineRange(3, 3), True, id="the line itself"),
        pytest.param(LineRange(1, 9), True, id="around it"),
        pytest.param(LineRange(4, 9), False, id="below it"),
        pytest.param(LineRange(1, 2), False, id="above it"),
    ],
)
def test_a_finding_is_kept_where_its_lines_meet_the_change(changed: LineRange, kept: bool) -> None:
    assert bool(findings_in(SWALLOWS, changed=[changed])) is kept


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        pytest.param("  # noqa", True, id="noqa"),
        pytest.param("  # noqa: S307", True, id="noqa with the code"),
        pytest.param("  # noqa: S101,S307", True, id="noqa with codes"),
        pytest.param("  # noqa: S101", False, id="noqa for another rule"),
        pytest.param("  # nosec", True, id="nosec"),
        pytest.param("  # nosec B307", True, id="nosec with bandit's code"),
        pytest.param("  # nosec B101", False, id="nosec for another rule"),
        pytest.param("  # hive: ignore[code-from-text] only constants come here", True, id="ours with a reason"),
        pytest.param("  # hive: ignore[hive.code-from-text] only constants come here", True, id="ours in full"),
        pytest.param("  # hive: ignore[code-from-text]", False, id="ours without a reason"),
        pytest.param("  # hive: ignore[sql-from-text] not this one", False, id="ours for another rule"),
        pytest.param("  # a comment", False, id="any comment"),
    ],
)
def test_a_comment_silences_what_it_names(comment: str, silent: bool) -> None:
    assert (findings_in(EVAL.format(comment=comment)) == []) is silent


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("  # type: ignore[name-defined]", True),
        ("  # type:ignore[attr-defined, name-defined]", True),
        ("  # type: ignore[attr-defined]", False),
    ],
)
def test_what_mypy_was_told_of_a_name_ruff_need_not_say(comment: str, silent: bool) -> None:
    source = Source.of("config.py", f"c.port = 1{comment}\n")
    problem = next(iter(problems_of_ruff([LinterHit("F821", Span(1, 1, 1, 2), "Undefined name `c`")], source)))

    assert is_suppressed(problem, source) is silent


@pytest.mark.parametrize(
    ("path", "told"),
    [("shop/config.py", True), ("examples/shop/config.py", False), ("example_project/settings.py", False)],
)
def test_a_secret_of_an_example_opens_nothing(path: str, told: bool) -> None:
    assert bool(findings_in("SECRET_KEY = 'tralala'\n", path=path)) is told


def test_our_comment_may_stand_alone_on_the_line_above() -> None:
    text = "def f(text):\n    # hive: ignore[code-from-text] only constants come here\n    return eval(text)\n"

    assert findings_in(text) == []


def test_nosec_does_not_silence_a_bug() -> None:
    assert findings_in("def f(name: str):\n    name.strip()  # nosec\n    return name\n")


def test_a_suppression_in_javascript_and_go_is_heard() -> None:
    assert findings_in("eval(text);\n", path="a.js")
    assert findings_in("eval(text); // hive: ignore[code-from-text] our own text\n", path="a.js") == []
    go = "package a\n\nfunc f() { time.Sleep(5) }\n"
    assert findings_in(go, path="a.go")
    assert findings_in(go.replace(") }", ") } //nolint"), path="a.go") == []


def test_danger_is_milder_in_tests_and_a_bug_is_not() -> None:
    danger = 'key = "AKIA' + 'QX4BIPW3AHOVNB7F"\n'
    bug = "async def save(): ...\nasync def f():\n    save()\n"

    assert [f.severity for f in findings_in(danger, path="src/a.py")] == [Severity.HIGH]
    assert [f.severity for f in findings_in(danger, path="tests/test_a.py")] == [Severity.LOW]
    assert findings_in(bug, path="src/a.py")[0].severity == findings_in(bug, path="tests/test_a.py")[0].severity


def test_a_finding_never_quotes_the_secret() -> None:
    secret = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17"

    (finding,) = findings_in(f'token = "ghp_{secret}"\n')

    assert secret[:8] not in str(finding)


def test_a_key_assigned_to_a_password_is_one_problem() -> None:
    found = findings_in('API_KEY = "sk_live_' + '9f8A7c6D5e4B3a2918f7E6d5"\n')

    assert [f.rule for f in found] == ["hive.provider-key"]


def test_columns_count_code_points_and_a_byte_order_mark_is_one() -> None:
    text = "def f(t): s = 'é😀'; return eval(t)\n"
    (finding,) = findings_in(text)
    assert (finding.start_column, finding.end_column) == (text.index("eval") + 1, len(text))

    (marked,) = findings_in("\ufefftry: f()\nexcept: pass\n")
    assert (marked.start_line, marked.start_column) == (2, 1)


def test_ranking_puts_the_worst_and_surest_first_and_counts_what_it_omits() -> None:
    made = [
        _finding("a", Severity.LOW, Confidence.HIGH),
        _finding("b", Severity.CRITICAL, Confidence.LOW),
        _finding("c", Severity.CRITICAL, Confidence.HIGH),
        _finding("d", Severity.MEDIUM, Confidence.HIGH),
    ]

    ranked, omitted = rank(made, limit=3)

    assert [f.path for f in ranked] == ["c", "b", "d"]
    assert omitted == 1


def _finding(path: str, severity: Severity, confidence: Confidence) -> Finding:
    return Finding("0" * 32, "hive.x", severity, confidence, path, 1, 1, 1, 2, "m", "w", "e")


def test_the_better_of_two_rules_speaks_for_both() -> None:
    span = Span(1, 1, 1, 5)
    problems = [Problem(CATALOGUE[code], Hit(span, code)) for code in ("E711", "F632")]

    assert [p.rule.id for p in without_duplicates(problems)] == ["ruff.F632"]


def test_every_rule_of_the_overlap_table_exists() -> None:
    assert {name for group in SAME_PROBLEM for name in group} <= set(all_rules())


def test_only_the_first_syntax_error_is_told() -> None:
    hits = [LinterHit("invalid-syntax", Span(line, 1, line, 2), "no") for line in (3, 1, 2)]

    (problem,) = problems_of_ruff(hits, Source.of("a.py", "a\nb\nc\n"))

    assert problem.hit.span.start_line == 1


@pytest.mark.parametrize(
    ("path", "code", "text", "expected"),
    [
        ("shop/price.py", "RUF032", "Decimal(1.9)\n", True),
        ("tests/test_price.py", "RUF032", "Decimal(1.9)\n", False),
        ("shop/model.py", "F821", "parent: 'Nobody'\n", True),
        ("tests/test_model.py", "F821", "parent: 'Nobody'\n", False),
        ("tests/test_model.py", "F821", "value = Nobody\n", True),
    ],
)
def test_what_tests_try_on_purpose_is_no_news(path: str, code: str, text: str, expected: bool) -> None:
    at = text.find("Nobody") + 1 or 1
    hit = LinterHit(code, Span(1, at, 1, at + 6), "Undefined name `Nobody`")

    assert bool(list(problems_of_ruff([hit], Source.of(path, text)))) is expected


def test_rules_have_one_name_and_say_why() -> None:
    rules = {check.rule.id: check.rule for _, check in all_checks()}

    for rule in [*rules.values(), *CATALOGUE.values()]:
        assert rule.why.endswith((".", "?"))
        assert rule.kind is Kind.BUG or rule.cwe is not None


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 5)), max_size=12))
def test_no_problem_is_told_twice_and_none_without_a_better_one_is_lost(made: list[tuple[str, int]]) -> None:
    rules = {name: Rule(f"x.{name}", Kind.BUG, Severity.LOW, Confidence.HIGH, "w.") for name in "ab"}
    problems = [Problem(rules[name], Hit(Span(line, 1, line, 2), "m")) for name, line in made]

    kept = without_duplicates(problems)

    assert len(kept) == len({(p.rule.id, p.hit.span) for p in problems})


def test_a_followed_value_keeps_the_fix_that_its_line_has() -> None:
    text = "import yaml\n\n\ndef load(text):\n    return yaml.load(text)\n"

    [finding] = findings_in(text)

    assert finding.is_flow
    assert finding.fix is not None
    assert finding.fix.title == "Use the safe loader"
