"""Every rule of web applications against its own small projects."""

from collections.abc import Sequence

import pytest

from server.analysis.budget import Budget
from server.analysis.project import Files, Found
from server.analysis.review import READERS
from server.analysis.rule import Rule
from server.analysis.source import Source
from server.analysis.web.check import WebAnalysis, web_check

PROJECT_CHECKS = (web_check(WebAnalysis()),)


def problems(files: Files) -> list[Found]:
    budget = Budget(seconds=30)
    sources = [Source.of(path, text) for path, text in files.items()]
    parsed = [READERS[source.language].parser.parse(source) for source in sources]
    found: list[Found] = []
    for check in PROJECT_CHECKS:
        kept = {source.path: check.extract(file) for source, file in zip(sources, parsed, strict=True)}
        facts = {path: found for path, found in kept.items() if found is not None}
        found += [told for told in check.conclude(facts, budget) if isinstance(told, Found)]
    return found


def told(found: Sequence[Found]) -> list[str]:
    return [f"{f.path}:{f.problem.hit.span.start_line} {f.problem.rule.id} {f.problem.hit.message}" for f in found]


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        pytest.param(rule, files, id=f"{rule.id}-{number}")
        for check in PROJECT_CHECKS
        for number, (rule, files) in enumerate(check.bad)
    ],
)
def test_a_bad_project_is_hit(rule: Rule, files: Files) -> None:
    found = problems(files)

    assert rule.id in [f.problem.rule.id for f in found], told(found)


@pytest.mark.parametrize(
    "files",
    [pytest.param(files, id=str(number)) for check in PROJECT_CHECKS for number, files in enumerate(check.good)],
)
def test_a_good_project_is_silent(files: Files) -> None:
    assert told(problems(files)) == []


@pytest.mark.parametrize("rule", [pytest.param(r, id=r.id) for check in PROJECT_CHECKS for r in check.rules])
def test_every_rule_says_what_is_bad_and_what_to_do(rule: Rule) -> None:
    assert rule.remedy
    assert any(rule is shown for check in PROJECT_CHECKS for shown, _ in check.bad)
