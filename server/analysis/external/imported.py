"""What another tool reported, in our words but not yet in our files."""

import re
from typing import NamedTuple

from server.reviews.finding import Confidence, Severity

MAX_REPORT_BYTES = 32 * 1024 * 1024
MAX_IMPORTED = 20_000
"""Findings of one report; a tool that says more was not asked well."""

LONGEST_MESSAGE = 1_000


class ReportInvalid(ValueError):
    """The text is no report that we know. Says why, for people."""


class Imported(NamedTuple):
    """*path* as the tool wrote it. Lines are 1-based; 0 means that the tool named none. Columns likewise."""

    tool: str
    code: str
    path: str
    line: int
    message: str
    severity: Severity
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    confidence: Confidence = Confidence.MEDIUM
    cwe: int | None = None
    why: str = ""

    @property
    def rule(self) -> str:
        """`eslint.no-eval`: the tool's name in small letters, and its code without what no code has."""
        tool = re.sub(r"[^a-z0-9]+", "-", self.tool.lower()).strip("-") or "tool"
        code = re.sub(r"[^\w./:@-]+", "-", self.code)[:100].strip("-.") or "finding"
        return f"{tool[:40]}.{code}"


def one_line(text: str) -> str:
    """Messages come with line breaks, and with whatever the tool quoted."""
    return " ".join(text.split())[:LONGEST_MESSAGE]


SEVERITIES = {
    "fatal": Severity.HIGH,
    "critical": Severity.HIGH,
    "high": Severity.HIGH,
    "error": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "warning": Severity.MEDIUM,
}
"""By the tools' own words; everything else is LOW. What a stranger can take over, no word of theirs says."""


def severity_of(word: str) -> Severity:
    return SEVERITIES.get(word.lower(), Severity.LOW)
