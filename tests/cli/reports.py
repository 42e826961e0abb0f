"""Findings and reports to show, made by hand."""

from typing import Any

from server.reviews.finding import Confidence, Edit, Finding, FindingStatus, Fix, Location, Severity
from server.reviews.snapshot import Coverage, Report, SkippedFile


def a_finding(rule: str = "hive.hardcoded-secret", **fields: Any) -> Finding:
    defaults: dict[str, Any] = {
        "fingerprint": "0123456789abcdef0123456789abcdef",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "path": "src/settings.py",
        "start_line": 12,
        "end_line": 12,
        "start_column": 1,
        "end_column": 34,
        "message": "A password stands in the source",
        "why": "Everybody who can read the code can use it. Read it from the environment.",
        "evidence": 'PASSWORD = "correct-horse-battery"',
        "cwe": 798,
    }
    return Finding(rule=rule, **(defaults | fields))


def a_report() -> Report:
    """Something of everything."""
    return Report(
        findings=(
            a_finding(
                "ruff.S608",
                fingerprint="1" * 32,
                severity=Severity.CRITICAL,
                path="src/größe 1.py",
                start_line=120,
                end_line=122,
                end_column=2,
                cwe=89,
                message="SQL is built from the request's `name`",
                why="Whoever sends the request can run any SQL.",
                evidence='f"SELECT * FROM users WHERE name = {name}"',
                related=(Location("src/web.py", 7, 7, "`name` comes from the request here"),),
            ),
            a_finding(fingerprint="2" * 32),
            a_finding(fingerprint="3" * 32, start_line=40, end_line=40, status=FindingStatus.DISMISSED),
            a_finding(
                "ruff.B006",
                fingerprint="4" * 32,
                severity=Severity.MEDIUM,
                cwe=None,
                start_line=88,
                end_line=88,
                start_column=18,
                end_column=20,
                message="A mutable default is shared by all calls",
                why="The list is made once, when the function is.",
                evidence="[]",
                fix=Fix(
                    "Use None and make the list inside",
                    (Edit(88, 18, 88, 20, "None"), Edit(89, 1, 89, 1, "    x = []\n")),
                ),
            ),
            a_finding(
                "hive.swallowed-error",
                fingerprint="5" * 32,
                severity=Severity.LOW,
                confidence=Confidence.LOW,
                path="src/web.py",
                start_line=3,
                end_line=5,
                cwe=390,
                message="Every error is swallowed here",
            ),
        ),
        coverage=Coverage(
            full=("src/settings.py", "src/größe 1.py", "src/web.py"),
            partial=(SkippedFile("src/broken.py", "does not parse: line 3"),),
            skipped=(SkippedFile("logo.png", "binary"), SkippedFile("node_modules/", "vendored (312 files)")),
        ),
        omitted=4,
    )
