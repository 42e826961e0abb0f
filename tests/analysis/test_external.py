"""Reports of other tools: each form is read, hostile ones are refused, and one problem is told once."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.analysis.external.imported import Imported, ReportInvalid
from server.analysis.external.merge import merge
from server.analysis.external.report import read_report
from server.reviews.finding import Confidence, Finding, Severity
from server.reviews.sarif import to_sarif
from server.reviews.snapshot import Coverage, LineRange, Report, Snapshot, SourceFile

ROOT = PurePosixPath("/home/ada/shop")
TEXT = "import os\n\n\ndef f(x):\n    return eval(x)\n"


def sarif(*results: dict[str, Any], rules: list[dict[str, Any]] | None = None) -> str:
    run = {"tool": {"driver": {"name": "Code QL", "rules": rules or []}}, "results": list(results)}
    return json.dumps({"version": "2.1.0", "runs": [run]})


def a_result(rule: str = "py/eval", uri: str = "a.py", line: int = 5, **more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    return {"ruleId": rule, "message": {"text": "Do not."}, "locations": [{"physicalLocation": place}], **more}


CHECKSTYLE = """<?xml version="1.0" encoding="utf-8"?>
<checkstyle version="4.3"><file name="/home/ada/shop/a.py">
<error line="5" column="12" severity="error" message="eval is &quot;bad&quot;" source="eslint.rules.no-eval"/>
</file></checkstyle>"""
ESLINT = json.dumps(
    [
        {
            "filePath": "/home/ada/shop/a.py",
            "messages": [
                {
                    "ruleId": "no-eval",
                    "severity": 2,
                    "message": "eval",
                    "line": 5,
                    "column": 12,
                    "endLine": 5,
                    "endColumn": 16,
                }
            ],
            "errorCount": 1,
        }
    ]
)
RUFF = json.dumps(
    [
        {
            "code": "S307",
            "filename": "/home/ada/shop/a.py",
            "location": {"row": 5, "column": 12},
            "end_location": {"row": 5, "column": 19},
            "message": "eval",
            "fix": None,
        }
    ]
)
BANDIT = json.dumps(
    {
        "results": [
            {
                "filename": "./a.py",
                "line_number": 5,
                "test_id": "B307",
                "issue_text": "eval",
                "issue_severity": "MEDIUM",
                "issue_confidence": "HIGH",
                "issue_cwe": {"id": 78, "link": "x"},
                "col_offset": 11,
            }
        ],
        "errors": [],
    }
)
PYLINT = json.dumps(
    [
        {
            "type": "warning",
            "path": "a.py",
            "line": 5,
            "column": 11,
            "symbol": "eval-used",
            "message": "eval",
            "message-id": "W0123",
        }
    ]
)
MYPY = (
    '{"file": "a.py", "line": 5, "column": 4, "message": "Any", "hint": null, "code": "no-any-return", "severity": "error"}\n'  # noqa: E501
    '{"file": "a.py", "line": 5, "column": 4, "message": "See", "hint": null, "code": null, "severity": "note"}\n'
)


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        pytest.param(sarif(a_result()), "code-ql.py/eval", Severity.MEDIUM, id="SARIF"),
        pytest.param(CHECKSTYLE, "eslint.no-eval", Severity.HIGH, id="Checkstyle"),
        pytest.param(ESLINT, "eslint.no-eval", Severity.MEDIUM, id="ESLint"),
        pytest.param(RUFF, "ruff.S307", Severity.LOW, id="Ruff"),
        pytest.param(BANDIT, "bandit.B307", Severity.MEDIUM, id="Bandit"),
        pytest.param(PYLINT, "pylint.eval-used", Severity.MEDIUM, id="Pylint"),
        pytest.param(MYPY, "mypy.no-any-return", Severity.MEDIUM, id="mypy"),
    ],
)
def test_each_form_becomes_a_finding_in_its_place(text: str, rule: str, severity: Severity) -> None:
    report = merged(read_report(text))

    assert [(f.rule, f.path, f.start_line, f.severity) for f in report.findings] == [(rule, "a.py", 5, severity)]


def merged(imported: list[Imported], *findings: Finding, file: SourceFile | None = None) -> Report:
    snapshot = Snapshot("p", (file or SourceFile("a.py", TEXT),))
    return merge(Report(findings, Coverage()), imported, snapshot, ROOT)


def test_our_own_sarif_comes_back_as_it_was() -> None:
    log = to_sarif(Report((a_finding(),), Coverage()), project="p", head_sha="", version="1", about=lambda rule: None)

    (found,) = read_report(json.dumps(log))

    assert (found.path, found.line, found.message, found.cwe) == ("a.py", 5, "eval", 95)


def a_finding(rule: str = "hive.code-from-text", cwe: int | None = 95) -> Finding:
    return Finding("0" * 32, rule, Severity.HIGH, Confidence.HIGH, "a.py", 5, 5, 12, 19, "eval", "why", "eval(x)", cwe)


@pytest.mark.parametrize(
    ("imported", "ours"),
    [
        (RUFF, a_finding(cwe=None)),
        (BANDIT, a_finding(cwe=None)),
        (sarif(a_result(), rules=[{"id": "py/eval", "properties": {"tags": ["external/cwe/cwe-095"]}}]), a_finding()),
        (RUFF, a_finding("ruff.S307", None)),
    ],
    ids=["our rule answers to the code", "bandit's number is ruff's", "the same weakness", "the same rule"],
)
def test_a_problem_that_we_see_ourselves_is_told_once(imported: str, ours: Finding) -> None:
    assert merged(read_report(imported), ours).findings == (ours,)


def test_two_tools_that_say_the_same_are_told_once() -> None:
    rules = [{"id": "py/eval", "properties": {"tags": ["external/cwe/cwe-078"]}}]

    assert len(merged([*read_report(sarif(a_result(), rules=rules)), *read_report(BANDIT)]).findings) == 1


@pytest.mark.parametrize(
    "uri",
    ["a.py", "./a.py", "/home/ada/shop/a.py", "file:///home/ada/shop/a.py", "file://localhost/home/ada/shop/a.py"],
)
def test_a_path_is_found_however_it_is_written(uri: str) -> None:
    assert len(merged(read_report(sarif(a_result(uri=uri)))).findings) == 1


@pytest.mark.parametrize(
    "uri", ["", "b.py", "../a.py", "/etc/passwd", "file:///etc/passwd", "https://example.org/a.py"]
)
def test_what_is_no_file_of_the_review_is_left_out(uri: str) -> None:
    assert merged(read_report(sarif(a_result(uri=uri)))).findings == ()


@pytest.mark.parametrize("line", [0, 99])
def test_a_line_that_the_file_does_not_have_is_left_out(line: int) -> None:
    assert merged(read_report(sarif(a_result(line=line)))).findings == ()


def test_only_changed_lines_count() -> None:
    file = SourceFile("a.py", TEXT, changed=(LineRange(1, 1),))

    assert merged(read_report(sarif(a_result(), a_result(line=1))), file=file).findings[0].start_line == 1


def test_what_somebody_accepted_or_silenced_is_not_told() -> None:
    accepted = a_result(suppressions=[{"kind": "inSource"}])
    silenced = SourceFile("a.py", TEXT.replace("eval(x)", "eval(x)  # noqa: S307"))

    assert read_report(sarif(accepted, a_result(kind="pass"), a_result(level="none"))) == []
    assert merged(read_report(RUFF), file=silenced).findings == ()


def test_the_fingerprint_is_ours_and_does_not_move_with_the_lines() -> None:
    moved = SourceFile("a.py", "\n\n" + TEXT)

    (before,) = merged(read_report(sarif(a_result()))).findings
    (after,) = merged(read_report(sarif(a_result(line=7))), file=moved).findings

    assert before.fingerprint == after.fingerprint


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "neither XML nor JSON"),
        ("hello", "neither XML nor JSON"),
        ("{}", "not SARIF"),
        ('[{"a": 1}]', "not SARIF"),
        ('{"version": "1.0", "runs": []}', "SARIF 1.0"),
        ('{"version": "2.1.0", "runs": [{}]}', "not SARIF"),
        ("<a/>", "not a <checkstyle>"),
        ("<checkstyle>", "not XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><checkstyle>&a;</checkstyle>', "document type"),
        ("[" * 100_000, "not SARIF"),
        ('{"runs": ' + "[" * 100_000, "not SARIF"),
    ],
    ids=[
        "nothing",
        "words",
        "an object",
        "a list",
        "old",
        "no tool",
        "other XML",
        "broken XML",
        "entities",
        "deep",
        "deep SARIF",
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ReportInvalid, match=reason):
        read_report(text)


def test_a_report_without_end_is_refused() -> None:
    with pytest.raises(ReportInvalid, match="more than 20,000"):
        read_report(sarif(*([a_result()] * 20_001)))


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for report in (text, f"<checkstyle>{text}", f'{{"runs": {text}', f"[{text}]"):
        try:
            read_report(report)
        except ReportInvalid:
            continue
