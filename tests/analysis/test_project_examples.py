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


CHECKS = [pytest.param(check, id=check.name) for check in project_checks()]


@pytest.mark.parametrize(("check", "rule", "files"), _bad())
def test_a_bad_project_is_told_of_where_it_is_and_a_fix_mends_it(
    check: ProjectCheck[Any], rule: Rule, files: Files
) -> None:
    found = found_in(check, files)
    of_rule = [each for each in found if each.problem.rule is rule]

    assert of_rule
    for path, problem in of_rule:
        assert problem.hit.message
        assert Source.of(path, files[path]).extract(problem.hit.span).strip()
        for place in problem.hit.related:
            assert 1 <= place.start_line <= files[place.path].count("\n") + 1
    for path, problem in found:
        if problem.hit.fix is not None:
            mended = {**files, path: apply_edits(files[path], problem.hit.fix.edits)}

            assert len(found_in(check, mended)) < len(found)


@pytest.mark.parametrize("check", CHECKS)
def test_of_a_good_project_nothing_is_said(check: ProjectCheck[Any]) -> None:
    told = [
        (files, path, problem.rule.id, problem.hit.message)
        for files in check.good
        for path, problem in found_in(check, files)
    ]

    assert told == []


@pytest.mark.parametrize("check", CHECKS)
def test_every_rule_has_a_bad_example_and_says_what_to_do(check: ProjectCheck[Any]) -> None:
    shown = {rule.id for rule, _ in check.bad}

    assert {rule.id for rule in check.rules} == shown
    assert check.good
    assert [rule.id for rule in check.rules if not (rule.why and rule.remedy)] == []
