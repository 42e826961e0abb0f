"""A Report as SARIF 2.1.0, the way code scanners and editors exchange findings. Pure.

Coverage travels as notifications, so that a reader of the file knows what was not looked at.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and GitHub's reading of it:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import quote

from server.reviews.finding import Edit, Finding, FindingStatus, Fix, Location, Severity
from server.reviews.snapshot import Report

Json = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
TOOL = "Agent Hive"
FINGERPRINT = "agentHive/v1"
ROOT = "%SRCROOT%"

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SECURITY_SEVERITIES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
}
"""In the middle of GitHub's bands for the CVSS-like number of a security rule."""


class RuleText(NamedTuple):
    """What there is to read about a rule. *is_security*: whether it speaks of a danger, not only of a bug."""

    is_security: bool
    help: str
    markdown: str


def to_sarif(
    report: Report, *, project: str, head_sha: str, version: str, about: Callable[[str], RuleText | None]
) -> Json:
    """One run. *version* is ours; *head_sha* may be "" (a working tree). *about* knows rules by their ids."""
    rules = _rules(report.findings, about)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {
        "name": TOOL,
        "version": version,
        "rules": rules,
        "supportedTaxonomies": [{"name": "CWE", "index": 0}],
    }
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": f"The root of {project}."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report)}],
        "artifacts": [
            {"location": _artifact(path), "roles": ["analysisTarget"]}
            for path in (*report.coverage.full, *(partial.path for partial in report.coverage.partial))
        ],
        "results": [_result(finding, numbers[finding.rule]) for finding in report.findings],
        "taxonomies": [_weaknesses(report.findings)],
    }
    if head_sha and not project.startswith("local/"):
        run["versionControlProvenance"] = [
            {"repositoryUri": f"https://{quote(project)}", "revisionId": head_sha, "mappedTo": {"uriBaseId": ROOT}}
        ]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(findings: Iterable[Finding], about: Callable[[str], RuleText | None]) -> list[Json]:
    """Each rule once, described by its worst finding (they come worst first)."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.rule, finding)
    return [_rule(finding, about(finding.rule)) for finding in first.values()]


def _rule(finding: Finding, text: RuleText | None) -> Json:
    """A rule that nobody knows (of another tool) is about security when it names a weakness."""
    why = finding.why or finding.message
    is_security = text.is_security if text else finding.cwe is not None
    rule: Json = {
        "id": finding.rule,
        "shortDescription": {"text": _title(finding.rule)},
        "fullDescription": {"text": why},
        "help": {"text": text.help, "markdown": text.markdown} if text else {"text": why},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {"tags": ["correctness"], "precision": finding.confidence.value},
    }
    if finding.cwe is not None:
        rule["relationships"] = [
            _weakness(finding.cwe, "superset"),
            *(_weakness(cwe, "relevant") for cwe in finding.also),
        ]
    if finding.cwe is not None and is_security:
        rule["properties"] |= {
            "tags": ["security", *(f"external/cwe/cwe-{cwe:03}" for cwe in (finding.cwe, *finding.also))],
            "security-severity": SECURITY_SEVERITIES[finding.severity],
        }
    return rule


def _weakness(cwe: int, kind: str) -> Json:
    return {"target": {"id": str(cwe), "toolComponent": {"name": "CWE", "index": 0}}, "kinds": [kind]}


def _title(rule: str) -> str:
    """`hive.hardcoded-secret` -> "Hardcoded secret"; another tool's rule keeps its code: `ruff.S608` -> "Ruff S608"."""
    origin, _, name = rule.partition(".")
    words = name.replace("-", " ") if origin == "hive" else f"{origin} {name}"
    return words[:1].upper() + words[1:]


def _result(finding: Finding, rule_number: int) -> Json:
    result: Json = {
        "ruleId": finding.rule,
        "ruleIndex": rule_number,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(finding.path), "region": _region(finding)}}],
        # The second is the only one that GitHub looks at; without it alerts would come twice when lines move.
        "partialFingerprints": {
            FINGERPRINT: finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:1",
        },
        "properties": {"severity": finding.severity.value, "confidence": finding.confidence.value},
    }
    if finding.is_flow and finding.related:
        steps = [{"location": _place(place)} for place in finding.related]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.related:
        result["relatedLocations"] = [_related(number, place) for number, place in enumerate(finding.related)]
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.path, finding.fix)]
    if finding.status is FindingStatus.DISMISSED:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result


def _region(finding: Finding) -> Json:
    return {
        "startLine": finding.start_line,
        "startColumn": finding.start_column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
        "snippet": {"text": finding.evidence},
    }


def _related(number: int, place: Location) -> Json:
    return {"id": number, **_place(place)}


def _place(place: Location) -> Json:
    region = {"startLine": place.start_line, "endLine": place.end_line}
    return {
        "message": {"text": place.message},
        "physicalLocation": {"artifactLocation": _artifact(place.path), "region": region},
    }


def _fix(path: str, fix: Fix) -> Json:
    replacements = [_replacement(edit) for edit in fix.edits]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
    }


def _replacement(edit: Edit) -> Json:
    return {
        "deletedRegion": {
            "startLine": edit.start_line,
            "startColumn": edit.start_column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        },
        "insertedContent": {"text": edit.text},
    }


def _notifications(report: Report) -> list[Json]:
    notes = [_note("partly-analysed", file.reason, file.path) for file in report.coverage.partial]
    notes += [_note("not-analysed", file.reason, file.path) for file in report.coverage.skipped]
    if report.omitted:
        notes.append(_note("omitted", f"{report.omitted} more findings over the cap of one review"))
    return notes


def _note(name: str, text: str, path: str = "") -> Json:
    note: Json = {"descriptor": {"id": name}, "level": "note", "message": {"text": text}}
    if path:
        note["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(path)}}]
    return note


def _weaknesses(findings: Iterable[Finding]) -> Json:
    numbers = sorted({cwe for f in findings if f.cwe is not None for cwe in (f.cwe, *f.also)})
    return {
        "name": "CWE",
        "organization": "MITRE",
        "shortDescription": {"text": "The MITRE Common Weakness Enumeration"},
        "informationUri": "https://cwe.mitre.org/",
        "isComprehensive": False,
        "taxa": [
            {"id": str(number), "helpUri": f"https://cwe.mitre.org/data/definitions/{number}.html"}
            for number in numbers
        ],
    }


def _artifact(path: str) -> Json:
    return {"uri": quote(path), "uriBaseId": ROOT}
