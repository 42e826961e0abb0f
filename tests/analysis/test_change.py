"""Checks that compare head and base, against their own examples; and how a change is looked at as a whole."""

import pytest

from server.analysis.budget import Budget
from server.analysis.change.catalogue import CHECKS
from server.analysis.change.change import ChangeCheck, Edited
from server.analysis.change.review import MAX_PER_RULE, change_in, change_of, found_in, look_at
from server.analysis.rule import Rule
from server.reviews.snapshot import LineRange, SkippedFile, Snapshot, SourceFile

BAD = [
    pytest.param(check, rule, example, id=f"{rule.id}-{number}")
    for check in CHECKS
    for number, (rule, example) in enumerate(check.bad)
]
GOOD = [
    pytest.param(check, example, id=f"{check.name}-{n}") for check in CHECKS for n, example in enumerate(check.good)
]


@pytest.mark.parametrize(("check", "rule", "example"), BAD)
def test_a_bad_change_is_seen(check: ChangeCheck, rule: Rule, example: Edited) -> None:
    found = found_in(check, example)

    assert [problem.rule.id for _, problem in found] == [rule.id]
    assert {path for path, _ in found} <= set(example.after)


@pytest.mark.parametrize(("check", "example"), GOOD)
def test_a_good_change_is_not(check: ChangeCheck, example: Edited) -> None:
    assert [problem.hit.message for _, problem in found_in(check, example)] == []


@pytest.mark.parametrize("check", [pytest.param(check, id=check.name) for check in CHECKS])
def test_every_rule_has_a_bad_example(check: ChangeCheck) -> None:
    assert {rule.id for rule, _ in check.bad} == {rule.id for rule in check.rules}
    assert check.good


def test_nothing_is_compared_where_there_is_no_base() -> None:
    assert change_of(Snapshot("p", (SourceFile("a.py", "x = 1\n"),))) is None


def test_a_change_is_what_the_snapshot_holds() -> None:
    snapshot = Snapshot(
        "p",
        (SourceFile("a.py", "x = 2\n", (LineRange(1, 1),), base="x = 1\n"), SourceFile("new.py", "y = 1\n")),
        skipped=(SkippedFile("gone.py", "deleted"),),
        base_sha="1" * 40,
        context=(SourceFile("b.py", "import a\n"),),
    )

    change = change_of(snapshot)

    assert change is not None
    assert change.paths == {"a.py", "new.py", "gone.py"}
    assert change.project_paths == {"a.py", "new.py", "gone.py", "b.py"}
    assert [(file.path, file.is_new) for file in change.files] == [("a.py", False), ("new.py", True)]


def test_a_rule_repeats_itself_only_a_few_times() -> None:
    names = [f"_unused_{number}" for number in range(2 * MAX_PER_RULE)]
    change = change_in(Edited({}, {"a.py": "".join(f"def {name}(): ...\n" for name in names)}))

    seen = look_at(change, Budget(5.0))

    assert len(seen.problems["a.py"]) == MAX_PER_RULE


def test_the_time_may_run_out() -> None:
    change = change_in(Edited({}, {"a.py": "x = 1\n"}))

    assert look_at(change, Budget(-1.0)).gaps == ["comparing with the base stopped after -1 s"]


@pytest.mark.parametrize("text", ["", "\n", "def f(:\n", "(" * 500, "\x0c", "if x:\n  1\n\ty\n", "é" * 100], ids=repr)
@pytest.mark.parametrize(
    "path", ["a.py", "package.json", "pyproject.toml", "go.mod", "requirements.txt", "m/migrations/1.sql"]
)
def test_no_text_makes_a_check_fail(path: str, text: str) -> None:
    for example in (
        Edited({path: "x = 1\n"}, {path: text}),
        Edited({path: text}, {path: "x = 1\n"}),
        Edited({}, {path: text}),
    ):
        assert look_at(change_in(example), Budget(5.0)).gaps == []
