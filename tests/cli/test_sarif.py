"""SARIF against its own schema.

`sarif-2.1.0.json` is the schema as Microsoft's validator brings it: npm `@microsoft/sarif-multitool-linux` 5.7.0, MIT.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from server.analysis.pages import text_of_rule
from server.reviews.finding import Location
from server.reviews.sarif import to_sarif
from server.reviews.snapshot import Coverage, Report
from tests.cli.reports import a_finding, a_report

SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def sarif(report: Report, project: str = "github.com/octo/hive", head_sha: str = "a" * 40) -> dict[str, Any]:
    log = to_sarif(report, project=project, head_sha=head_sha, version="0.1.0", about=text_of_rule)
    VALIDATOR.validate(json.loads(json.dumps(log)))
    run = log["runs"][0]
    assert isinstance(run, dict)
    return run


def test_the_schema_would_refuse_something_else() -> None:
    assert not VALIDATOR.is_valid({"version": "2.1.0", "runs": [{"tool": {}}]})


def test_a_report_with_something_of_everything_is_valid() -> None:
    run = sarif(a_report())

    assert [result["level"] for result in run["results"]] == ["error", "error", "error", "warning", "note"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "src/gr%C3%B6%C3%9Fe%201.py",
        "uriBaseId": "%SRCROOT%",
    }
    assert run["results"][0]["relatedLocations"][0]["message"]["text"] == "`name` comes from the request here"


def test_a_fingerprint_travels_as_a_partial_fingerprint() -> None:
    run = sarif(a_report())

    assert run["results"][1]["partialFingerprints"] == {
        "agentHive/v1": "2" * 32,
        "primaryLocationLineHash": f"{'2' * 32}:1",
    }


def test_a_rule_is_described_once_and_names_its_weakness() -> None:
    rules = sarif(a_report())["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == ["ruff.S608", "hive.hardcoded-secret", "ruff.B006", "hive.swallowed-error"]
    assert [rule["shortDescription"]["text"] for rule in rules[:2]] == ["Ruff S608", "Hardcoded secret"]
    assert rules[0]["properties"]["tags"] == ["security", "external/cwe/cwe-089"]
    assert rules[0]["properties"]["security-severity"] == "9.5"
    assert rules[0]["relationships"][0]["target"]["id"] == "89"
    assert "relationships" not in rules[2]
    assert [taxon["id"] for taxon in sarif(a_report())["taxonomies"][0]["taxa"]] == ["89", "390", "798"]


def test_a_bug_is_no_security_alert_though_it_has_a_weakness() -> None:
    [rule] = sarif(Report((a_finding(rule="hive.swallowed-error", cwe=390),), Coverage()))["tool"]["driver"]["rules"]

    assert rule["properties"]["tags"] == ["correctness"]
    assert rule["relationships"][0]["target"]["id"] == "390"


def test_a_rule_of_ours_brings_its_page() -> None:
    [rule] = sarif(Report((a_finding(rule="hive.sql-from-text"),), Coverage()))["tool"]["driver"]["rules"]

    assert rule["help"]["markdown"].startswith("# Sql from text")
    assert "## Good" in rule["help"]["markdown"]


def test_the_way_of_a_value_is_a_code_flow() -> None:
    steps = (Location("a.py", 3, 3, "A query parameter"), Location("b.py", 7, 7, "It reaches the SQL text"))

    [flow, other] = sarif(Report((a_finding(related=steps, is_flow=True), a_finding(related=steps)), Coverage()))[
        "results"
    ]

    [thread] = flow["codeFlows"][0]["threadFlows"]
    assert [step["location"]["message"]["text"] for step in thread["locations"]] == [step.message for step in steps]
    assert "codeFlows" not in other


def test_a_fix_is_an_exact_replacement() -> None:
    fix = sarif(a_report())["results"][3]["fixes"][0]

    assert fix["description"]["text"] == "Use None and make the list inside"
    assert fix["artifactChanges"][0]["replacements"][0] == {
        "deletedRegion": {"startLine": 88, "startColumn": 18, "endLine": 88, "endColumn": 20},
        "insertedContent": {"text": "None"},
    }


def test_a_dismissed_finding_is_suppressed() -> None:
    results = sarif(a_report())["results"]

    assert [bool(result.get("suppressions")) for result in results] == [False, False, True, False, False]


def test_what_was_not_looked_at_is_said() -> None:
    invocation = sarif(a_report())["invocations"][0]

    said = [(note["descriptor"]["id"], note["message"]["text"]) for note in invocation["toolExecutionNotifications"]]
    assert said == [
        ("partly-analysed", "does not parse: line 3"),
        ("not-analysed", "binary"),
        ("not-analysed", "vendored (312 files)"),
        ("omitted", "4 more findings over the cap of one review"),
    ]


@pytest.mark.parametrize(("project", "head_sha"), [("local/hive-01234567", "a" * 40), ("github.com/octo/hive", "")])
def test_only_a_commit_of_a_named_repository_has_a_provenance(project: str, head_sha: str) -> None:
    assert "versionControlProvenance" in sarif(a_report())
    assert "versionControlProvenance" not in sarif(a_report(), project, head_sha)


def test_a_clean_report_is_valid() -> None:
    assert sarif(Report((), Coverage()))["results"] == []


@given(path=st.text(min_size=1).filter(lambda text: text.isprintable()), text=st.text(), evidence=st.text())
def test_any_text_makes_a_valid_file(path: str, text: str, evidence: str) -> None:
    sarif(Report((a_finding(path=path, message=text, why=text, evidence=evidence),), Coverage(full=(path,))))
