"""What other tools found, as findings of ours: in the snapshot's files, on its changed lines, each problem once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePath, PurePosixPath
from urllib.parse import unquote

import msgspec

from server.analysis.external.imported import Imported
from server.analysis.findings import MAX_EVIDENCE, rank
from server.analysis.pages import all_rules
from server.analysis.rule import Hit, Kind, Problem, Rule
from server.analysis.source import Source, Span
from server.analysis.suppression import is_suppressed
from server.reviews.finding import Finding, fingerprint
from server.reviews.snapshot import Report, Snapshot, SourceFile

MAX_FINDINGS = 5_000


def merge(report: Report, imported: Iterable[Imported], snapshot: Snapshot, root: PurePath) -> Report:
    """The report with those of *imported* that it does not hold already. *root*: the project's folder, absolute."""
    files = {file.path: file for file in snapshot.files}
    by_file: dict[str, list[Imported]] = defaultdict(list)
    for one in imported:
        path = _relative(one.path, root)
        if path in files and one.line >= 1:
            by_file[path].append(one)
    together = [*report.findings]
    for path, found in by_file.items():
        beside = [finding for finding in together if finding.path == path]
        for finding in _to_findings(files[path], found):
            if not any(_is_same(finding, other) for other in beside):
                beside.append(finding)
                together.append(finding)
    ranked, omitted = rank(together, MAX_FINDINGS)
    return msgspec.structs.replace(report, findings=ranked, omitted=report.omitted + omitted)


def _relative(path: str, root: PurePath) -> str:
    """As in the snapshot; "" for a file that lies outside of the project."""
    if path.startswith("file:"):
        path = unquote(path.removeprefix("file://").removeprefix("localhost"))
    plain = PurePosixPath(path.replace("\\", "/"))
    if plain.is_absolute():
        home = PurePosixPath(root.as_posix())
        if not plain.is_relative_to(home):
            return ""
        plain = plain.relative_to(home)
    return "" if ".." in plain.parts else plain.as_posix()


def _to_findings(file: SourceFile, imported: Iterable[Imported]) -> Iterator[Finding]:
    """In the order of the file; counted over the whole file, as our own are."""
    source = Source.of(file.path, file.text)
    occurrences: Counter[tuple[str, str]] = Counter()
    for one in sorted(dict.fromkeys(imported), key=lambda one: (one.line, one.column, one.rule)):
        if one.line > len(source.lines):
            continue
        span = _span(one, source)
        evidence = source.extract(span)[:MAX_EVIDENCE]
        key = (one.rule, " ".join(evidence.split()))
        occurrence = occurrences[key]
        occurrences[key] += 1
        touched = file.changed is None or any(
            r.start <= span.end_line and span.start_line <= r.end for r in file.changed
        )
        if touched and not is_suppressed(Problem(_rule(one), Hit(span, one.message)), source):
            yield Finding(
                fingerprint=fingerprint(one.rule, file.path, evidence, occurrence),
                rule=one.rule,
                severity=one.severity,
                confidence=one.confidence,
                path=file.path,
                start_line=span.start_line,
                end_line=span.end_line,
                start_column=span.start_column,
                end_column=span.end_column,
                message=one.message or one.rule,
                why=one.why,
                evidence=evidence,
                cwe=one.cwe,
            )


def _rule(one: Imported) -> Rule:
    """Silenced by the tool's own code, as by ours."""
    kind = Kind.SECURITY if one.cwe is not None else Kind.BUG
    return Rule(one.rule, kind, one.severity, one.confidence, one.why, one.cwe, answers_to=(one.code,))


def _span(one: Imported, source: Source) -> Span:
    """Where the tool says, when it says so and that lies in the file; else the line."""
    line = source.line_span(one.line)
    end_line = one.end_line or one.line
    width = len(source.line(end_line)) + 1
    if one.column < 1 or one.end_column < 1 or not one.line <= end_line <= len(source.lines) or one.end_column > width:
        return line
    span = Span(one.line, one.column, end_line, one.end_column)
    return span if span[:2] < span[2:] and end_line - one.line < 3 else line


def _is_same(found: Finding, other: Finding) -> bool:
    """The same rule on the same line, a rule of ours that answers to this code, or the same weakness."""
    if found.path != other.path or not (other.start_line <= found.end_line and found.start_line <= other.end_line):
        return False
    if found.rule == other.rule or (found.cwe is not None and found.cwe == other.cwe):
        return True
    page = all_rules().get(other.rule)
    code = found.rule.partition(".")[2]
    as_ruff = "S" + code.removeprefix("B") if found.rule.startswith("bandit.") else code
    return page is not None and (code in page.rule.answers_to or as_ruff in page.rule.answers_to)
