"""SARIF 2.1.0 of other tools. https://docs.oasis-open.org/sarif/sarif/v2.1.0/"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from server.analysis.external.imported import Imported, ReportInvalid, one_line
from server.reviews.finding import Confidence, Severity


class _Text(msgspec.Struct, frozen=True):
    text: str = ""
    markdown: str = ""


class _Configuration(msgspec.Struct, frozen=True):
    level: str = "warning"


class _Component(msgspec.Struct, frozen=True):
    name: str = ""


class _Reference(msgspec.Struct, frozen=True, rename="camel"):
    id: str = ""
    index: int = -1
    tool_component: _Component = _Component()


class _Relationship(msgspec.Struct, frozen=True):
    target: _Reference = _Reference()


class _Rule(msgspec.Struct, frozen=True, rename="camel"):
    id: str = ""
    short_description: _Text = _Text()
    full_description: _Text = _Text()
    default_configuration: _Configuration = _Configuration()
    relationships: list[_Relationship] = []
    properties: dict[str, Any] = {}


class _Driver(msgspec.Struct, frozen=True):
    name: str
    rules: list[_Rule] = []


class _Tool(msgspec.Struct, frozen=True):
    driver: _Driver
    extensions: list[_Driver] = []


class _Artifact(msgspec.Struct, frozen=True):
    uri: str = ""


class _Region(msgspec.Struct, frozen=True, rename="camel"):
    start_line: int = 0
    start_column: int = 0
    end_line: int = 0
    end_column: int = 0


class _Physical(msgspec.Struct, frozen=True, rename="camel"):
    artifact_location: _Artifact = _Artifact()
    region: _Region = _Region()


class _Location(msgspec.Struct, frozen=True, rename="camel"):
    physical_location: _Physical = _Physical()


class _Suppression(msgspec.Struct, frozen=True):
    status: str = "accepted"


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    message: _Text = _Text()
    rule_id: str = ""
    rule_index: int = -1
    rule: _Reference = _Reference()
    level: str = ""
    kind: str = "fail"
    locations: list[_Location] = []
    suppressions: list[_Suppression] = []
    taxa: list[_Reference] = []


class _Run(msgspec.Struct, frozen=True):
    tool: _Tool
    results: list[_Result] | None = None


class _Log(msgspec.Struct, frozen=True):
    version: str
    runs: list[_Run]


def read_sarif(text: str) -> Iterator[Imported]:
    """What each run failed, but not what somebody has accepted. Raises ReportInvalid."""
    try:
        log = msgspec.json.decode(text, type=_Log)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise ReportInvalid(f"not SARIF: {error}") from error
    if not log.version.startswith("2.1"):
        raise ReportInvalid(f"SARIF {log.version}, and we read 2.1.0")
    for run in log.runs:
        rules = [rule for driver in (run.tool.driver, *run.tool.extensions) for rule in driver.rules]
        by_id = {rule.id: rule for rule in rules}
        for result in run.results or ():
            accepted = any(suppression.status != "rejected" for suppression in result.suppressions)
            if result.kind == "fail" and not accepted:
                yield from _imported(result, run.tool.driver, by_id)


def _imported(result: _Result, driver: _Driver, by_id: dict[str, _Rule]) -> Iterator[Imported]:
    index = result.rule_index if result.rule_index >= 0 else result.rule.index
    by_index = driver.rules[index] if 0 <= index < len(driver.rules) else _Rule()
    code = result.rule_id or result.rule.id or by_index.id
    rule = by_id.get(code, by_index)
    level = result.level or rule.default_configuration.level
    if level == "none" or not result.locations:
        return
    place = result.locations[0].physical_location
    region = place.region
    yield Imported(
        tool=driver.name,
        code=code,
        path=unquote(place.artifact_location.uri),
        line=region.start_line,
        message=one_line(result.message.text or result.message.markdown or rule.short_description.text),
        severity=_severity(level, rule),
        column=region.start_column,
        end_line=region.end_line,
        end_column=region.end_column,
        confidence=_confidence(rule),
        cwe=_weakness(result, rule),
        why=one_line(rule.full_description.text or rule.short_description.text),
    )


_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM}
_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
"""GitHub's reading of `security-severity`."""


def _severity(level: str, rule: _Rule) -> Severity:
    try:
        score = float(rule.properties.get("security-severity", "nan"))
    except (TypeError, ValueError):
        score = float("nan")
    if score == score:
        return next((severity for least, severity in _BANDS if score >= least), Severity.LOW)
    return _LEVELS.get(level, Severity.LOW)


def _confidence(rule: _Rule) -> Confidence:
    words = {"very-high": Confidence.HIGH, "high": Confidence.HIGH, "low": Confidence.LOW}
    return words.get(str(rule.properties.get("precision", "")), Confidence.MEDIUM)


_CWE = re.compile(r"\bcwe[-_/]?0*(\d{1,4})\b", re.IGNORECASE)


def _weakness(result: _Result, rule: _Rule) -> int | None:
    """From the result's or the rule's taxonomy, or from a tag such as `external/cwe/cwe-089`."""
    references = [*result.taxa, *(relationship.target for relationship in rule.relationships)]
    for reference in references:
        digits = reference.id.upper().removeprefix("CWE-")
        if reference.tool_component.name.upper() == "CWE" and digits.isdigit() and len(digits) <= 4:
            return int(digits)
    tags = rule.properties.get("tags", ())
    words = [str(tag) for tag in tags] if isinstance(tags, list) else []
    found = next((match for word in (*words, rule.id) if (match := _CWE.search(word))), None)
    return int(found[1]) if found else None
