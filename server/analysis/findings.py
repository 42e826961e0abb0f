"""From problems to findings: one owner per problem, identity, what was suppressed, what the change touches, the cap.

Pure. The identity is counted over the whole file before anything is left out, so that an editor (whole file) and a pull
request (changed lines) give one problem one fingerprint.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from server.analysis.language import without_package
from server.analysis.overlaps import without_duplicates
from server.analysis.rule import Kind, Problem
from server.analysis.source import Source
from server.analysis.suppression import is_suppressed
from server.reviews.finding import Confidence, Finding, Severity, fingerprint
from server.reviews.snapshot import LineRange

MAX_EVIDENCE = 500
"""Characters of source that a finding quotes and is known by."""


_EXAMPLES = re.compile(r"(?:^|/)(?:examples?|samples?|example_\w+|\w+_example)/", re.IGNORECASE)
_OF_INSTALLATIONS = frozenset(
    {
        *("hive.hardcoded-key", "hive.hardcoded-password", "hive.default-credentials", "hive.url-password"),
        "hive.private-key",
        *("hive.debug-mode", "hive.open-service", "hive.runs-as-root"),
    }
)
"""What is wrong where it runs for people, and not in a folder of examples that nobody installs."""


def to_findings(source: Source, problems: Iterable[Problem], changed: Sequence[LineRange] | None) -> list[Finding]:
    """In the order of the file."""
    heard = [problem for problem in problems if problem.rule.in_tests or not source.is_test]
    if _EXAMPLES.search(without_package(source.path)):
        heard = [problem for problem in heard if problem.rule.id not in _OF_INSTALLATIONS]
    ordered = sorted(without_duplicates(heard), key=lambda problem: (problem.hit.span, problem.rule.id))
    occurrences: Counter[tuple[str, str]] = Counter()
    findings = []
    for problem in ordered:
        evidence = _evidence(problem, source)
        key = (problem.rule.id, " ".join(evidence.split()))
        occurrence = occurrences[key]
        occurrences[key] += 1
        if _is_touched(problem, changed) and not is_suppressed(problem, source):
            findings.append(_finding(problem, source, evidence, occurrence))
    return findings


def rank(findings: Iterable[Finding], limit: int) -> tuple[tuple[Finding, ...], int]:
    """The *limit* that matter most, worst first, and how many are left out."""
    confidences = list(Confidence)
    ranked = sorted(
        findings,
        key=lambda f: (f.severity.rank, confidences.index(f.confidence), f.path, f.start_line, f.start_column, f.rule),
    )
    return tuple(ranked[:limit]), max(0, len(ranked) - limit)


def _finding(problem: Problem, source: Source, evidence: str, occurrence: int) -> Finding:
    rule, hit = problem.rule, problem.hit
    severity = hit.severity or rule.severity
    if source.is_test and rule.kind is Kind.SECURITY:
        severity = Severity.LOW
    shift = 1 if source.mark and hit.span.start_line == 1 else 0
    end_shift = 1 if source.mark and hit.span.end_line == 1 else 0
    return Finding(
        fingerprint=fingerprint(rule.id, source.path, evidence, occurrence),
        rule=rule.id,
        severity=severity,
        confidence=hit.confidence or rule.confidence,
        path=source.path,
        start_line=hit.span.start_line,
        end_line=hit.span.end_line,
        start_column=hit.span.start_column + shift,
        end_column=hit.span.end_column + end_shift,
        message=hit.message,
        why=rule.why,
        evidence=evidence,
        cwe=rule.cwe,
        fix=None if shift or end_shift else hit.fix,
        related=hit.related,
        also=rule.also,
        is_flow=hit.is_flow,
    )


def _evidence(problem: Problem, source: Source) -> str:
    if problem.hit.evidence is not None:
        return problem.hit.evidence
    return source.extract(problem.hit.span)[:MAX_EVIDENCE]


def _is_touched(problem: Problem, changed: Sequence[LineRange] | None) -> bool:
    if changed is None:
        return True
    span = problem.hit.span
    return any(lines.start <= span.end_line and span.start_line <= lines.end for lines in changed)
