"""Every check across files against its own examples: each bad project makes its rule speak, no good one does."""

from typing import Any

import pytest

from server.analysis.catalogue import project_checks
from server.analysis.pages import found_in
from server.analysis.project import Files, ProjectCheck
from server.analysis.rule import Rule
from server.analysis.source import Source
from server.reviews.finding import apply_edits


def _bad() -> list[Any]:
    return [
        pytest.param(check, rule, files, id=f"{check.name}-{rule.id.removeprefix('hive.')}-{number}")
        for check in project_checks()
        for number, (rule, files) in enumerate(check.bad)
    ]


def _good() -> list[Any]:
    return [
        pytest.param(check, files, id=f"{check.name}-{number}")
        for check in project_checks()
        for number, files in enumerate(check.good)
    ]


@pytest.mark.parametrize(("check", "rule", "files"), _bad())
def test_a_bad_project_is_told_of_where_it_is(check: ProjectCheck[Any], rule: Rule, files: Files) -> None:
    found = [each for each in found_in(check, files) if each.problem.rule is rule]

    assert found
    for path, problem in found:
        assert problem.hit.message
        assert Source.of(path, files[path]).extract(problem.hit.span).strip()
        for place in problem.hit.related:
            assert 1 <= place.start_line <= files[place.path].count("\n") + 1


@pytest.mark.parametrize(("check", "files"), _good())
def test_of_a_good_project_nothing_is_said(check: ProjectCheck[Any], files: Files) -> None:
    assert [(path, problem.rule.id, problem.hit.message) for path, problem in found_in(check, files)] == []


@pytest.mark.parametrize(("check", "rule", "files"), _bad())
def test_a_fix_mends_what_it_says(check: ProjectCheck[Any], rule: Rule, files: Files) -> None:
    found = found_in(check, files)
    for path, problem in found:
        if problem.hit.fix is None:
            continue

        mended = {**files, path: apply_edits(files[path], problem.hit.fix.edits)}

        assert len(found_in(check, mended)) < len(found)


@pytest.mark.parametrize("check", [pytest.param(check, id=check.name) for check in project_checks()])
def test_every_rule_has_a_bad_example_and_says_what_to_do(check: ProjectCheck[Any]) -> None:
    shown = {rule.id for rule, _ in check.bad}

    assert {rule.id for rule in check.rules} == shown
    assert check.good
    assert [rule.id for rule in check.rules if not (rule.why and rule.remedy)] == []
