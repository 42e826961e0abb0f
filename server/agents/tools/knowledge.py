"""`findings`: what the deterministic reviewer says; `memory`: what the project is remembered by."""

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec

from server.agents.tools.globs import paths_like
from server.agents.tools.paging import Page, page_of
from server.agents.tools.tool import ToolRefused, TypedTool, in_thread
from server.reviews.finding import Finding, Severity
from server.reviews.snapshot import Memory, Report

FINDINGS_A_PAGE = 50
MEMORIES_A_PAGE = 8
LONGEST_MEMORY = 2_500


class Findings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    paths: Annotated[str, msgspec.Meta(description="Only in files like this glob.")] = ""
    least_severity: Annotated[Severity, msgspec.Meta(description="Only those at least as bad.")] = Severity.LOW
    rule: Annotated[str, msgspec.Meta(max_length=100, description="Only of rules whose id holds this.")] = ""
    page: Page = 1


class Remember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: Annotated[
        str, msgspec.Meta(min_length=1, max_length=500, description="What it should be about: names, words.")
    ]
    page: Page = 1


def findings_tool(report: Report) -> TypedTool[Findings]:
    return TypedTool(
        "findings",
        "What the deterministic reviewer found at the head, the worst first: facts about the code, with evidence.",
        Findings,
        in_thread(lambda asked: _findings(report, asked)),
    )


def memory_tool(memories: Sequence[Memory]) -> TypedTool[Remember]:
    return TypedTool(
        "memory",
        "Search what was recalled of this project for this task: earlier findings, decisions of people, similar code.",
        Remember,
        in_thread(lambda asked: _remember(memories, asked)),
    )


def _findings(report: Report, asked: Findings) -> str:
    wanted = paths_like(asked.paths)
    found = [
        _described(finding)
        for finding in report.findings
        if wanted(finding.path) and finding.severity.rank <= asked.least_severity.rank and asked.rule in finding.rule
    ]
    gaps = [f"[not read in full: {file.path}: {file.reason}]" for file in report.coverage.partial if wanted(file.path)]
    if report.omitted:
        gaps.append(f"[{report.omitted} more were left out of the report]")
    return "\n".join((page_of(found, asked.page, FINDINGS_A_PAGE, "findings"), *gaps[:20]))


def _described(finding: Finding) -> str:
    cwe = f", CWE-{finding.cwe}" if finding.cwe else ""
    head = f"{finding.path}:{finding.start_line} {finding.severity} {finding.rule}{cwe} [{finding.fingerprint[:12]}]"
    steps = [f"    {place.path}:{place.start_line} {place.message}" for place in finding.related[:8]]
    return "\n".join((f"{head}: {finding.message}", *steps))


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|\w")


def _words(text: str) -> set[str]:
    """Names split at their humps and joints."""
    return {word.lower() for word in _WORD.findall(text) if len(word) > 1}


def _remember(memories: Sequence[Memory], asked: Remember) -> str:
    if not memories:
        raise ToolRefused("nothing was recalled of this project")
    wanted = _words(asked.words)
    overlaps = [(len(wanted & _words(f"{m.about} {m.path} {m.text}")), -place) for place, m in enumerate(memories)]
    best = sorted((overlap for overlap in overlaps if overlap[0]), reverse=True)
    if not best:
        raise ToolRefused(f"none of the {len(memories)} memories is about that: try other words")
    return page_of([_told(memories[-place]) for _, place in best], asked.page, MEMORIES_A_PAGE, "memories")


def _told(memory: Memory) -> str:
    where = f" at {memory.path}:{memory.start_line}" if memory.path else ""
    text = memory.text if len(memory.text) <= LONGEST_MEMORY else f"{memory.text[:LONGEST_MEMORY]}…"
    return f"--- {memory.about or 'a memory'}{where}\n{text}"
