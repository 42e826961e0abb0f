"""Baselines: what is known stays known, whatever moves around it, and is told no more."""

import json

import pytest

from server.analysis.baseline import VERSION, BaselineInvalid, read_baseline, to_baseline, without_known
from server.reviews.finding import Confidence, Finding, Severity
from server.reviews.snapshot import Coverage, Report


def a_finding(number: int, path: str = "a.py", line: int = 1) -> Finding:
    return Finding(
        fingerprint=f"{number:032x}",
        rule="hive.unclosed-file",
        severity=Severity.LOW,
        confidence=Confidence.MEDIUM,
        path=path,
        start_line=line,
        end_line=line,
        start_column=1,
        end_column=2,
        message='The file is "not" closed',
        why="",
        evidence="x",
    )


def test_what_was_written_down_is_known() -> None:
    written = to_baseline([a_finding(1), a_finding(2)])

    remaining = without_known(Report((a_finding(2, line=7), a_finding(3)), Coverage()), read_baseline(written))

    assert remaining.report.findings == (a_finding(3),)
    assert remaining.known == 1


def test_the_order_of_the_findings_makes_no_difference() -> None:
    findings = [a_finding(1, "b.py"), a_finding(2, "a.py"), a_finding(1, "b.py")]

    assert to_baseline(findings) == to_baseline(reversed(findings))


def test_each_finding_stands_on_a_line_of_its_own() -> None:
    written = to_baseline([a_finding(1), a_finding(2)])

    assert len([line for line in written.splitlines() if "fingerprint" in line]) == 2
    assert [known["fingerprint"] for known in json.loads(written)["findings"]] == [f"{n:032x}" for n in (1, 2)]


def test_nothing_known_is_a_baseline_too() -> None:
    assert read_baseline(to_baseline([])) == frozenset()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 1}', '{"version": 1, "findings": [{"path": 1}]}', "[" * 10_000, "\ud800"],
    ids=["nothing", "a list", "no version", "no findings", "no path", "nested deeply", "no text"],
)
def test_what_is_no_baseline_is_refused(text: str) -> None:
    with pytest.raises(BaselineInvalid):
        read_baseline(text)


def test_a_baseline_of_another_version_says_so() -> None:
    with pytest.raises(BaselineInvalid, match="version 2"):
        read_baseline(to_baseline([]).replace(f'"version": {VERSION}', '"version": 2'))
