"""The reviewer on applications written to measure it: what it reached once, it keeps."""

import asyncio
from pathlib import Path

import pytest

from server.reviews.finding import Confidence, Finding, Severity
from tests.analysis.score import Figures, Label, Score, Told, apps, figures, labels_of, match, score_all

RECALL = 0.80
PRECISION = 0.95
"""Of the applications that rules are tuned against; `python -m tests.analysis.score` tells how they stand now."""


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    return asyncio.run(score_all(apps()))


@pytest.mark.timeout(600)  # seconds; seven of CPU, and a busy machine gives them slowly
def test_as_many_defects_are_found_as_ever_and_as_little_of_it_is_wrong(scores: list[Score]) -> None:
    total = figures(scores)

    assert total.recall >= RECALL
    assert total.precision >= PRECISION


@pytest.mark.parametrize("app", [*apps(), *apps(held_out=True)], ids=lambda app: app.name)
def test_every_label_stands_where_its_line_is(app: Path) -> None:
    for label in labels_of(app):
        assert label.kind in {"defect", "safe", "debatable"}
        assert label.cwes


def _label(line: int, *cwes: int, kind: str = "defect") -> Label:
    return Label("a.py", line, cwes, kind, "", "")


def _told(line: int, cwe: int | None) -> Told:
    finding = Finding("f", "hive.x", Severity.HIGH, Confidence.HIGH, "a.py", line, line, 1, 2, "", "", "", cwe)
    return Told(finding, frozenset(() if cwe is None else (cwe,)))


def test_a_label_is_hit_once_and_by_the_nearest() -> None:
    score = match("app", [_label(10, 89), _label(18, 89, 564)], [_told(12, 89), _told(17, 564), _told(11, 89)])

    assert [(label.line, one.finding.start_line) for label, one in score.hits] == [(18, 17), (10, 11)]
    assert [one.finding.start_line for one in score.duplicates] == [12]


def test_what_is_far_away_or_of_another_weakness_is_wrong() -> None:
    score = match("app", [_label(10, 89)], [_told(21, 89), _told(10, 79), _told(10, None)])

    assert len(score.wrong) == 2
    assert len(score.without_cwe) == 1
    assert score.missed == [_label(10, 89)]


def test_what_is_debatable_is_neither_right_nor_wrong() -> None:
    score = match(
        "app", [_label(10, 352, kind="debatable"), _label(10, 89, kind="safe")], [_told(9, 352), _told(9, 89)]
    )

    assert [one.finding.cwe for one in score.debatable] == [352]
    assert [one.finding.cwe for one in score.wrong] == [89]


@pytest.mark.parametrize(
    ("found", "f3"),
    [(Figures(10, 10, 0), 1.0), (Figures(10, 0, 3), 0.0), (Figures(10, 5, 5), 0.5), (Figures(10, 8, 8), 0.7547)],
    ids=["all", "none", "half", "recall weighs more"],
)
def test_f3_weighs_recall(found: Figures, f3: float) -> None:
    assert found.f3 == pytest.approx(f3, abs=0.001)
