"""What a model says of a change, checked against the change and made into findings. Pure.

A claim counts only when what it quotes stands at its lines; the same claim about the same code has the same fingerprint
in every run, whatever words it comes in.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from server.agents.citations import problem_of
from server.agents.code import Code
from server.agents.hostile import Flag, Gate, redact
from server.analysis.findings import MAX_EVIDENCE
from server.reviews.asks import Citation
from server.reviews.finding import (
    MODEL_RULES,
    Confidence,
    Finding,
    FindingStatus,
    Opinion,
    Severity,
    fingerprint,
)
from server.reviews.snapshot import LineRange, Snapshot

NEAR_LINES = 3
"""A claim lies in the change when it touches it or what a diff shows around it."""

Category = Literal["access", "injection", "secret", "data-loss", "race", "logic", "error-handling", "resource", "api"]
Phrase = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Prose = Annotated[str, msgspec.Meta(min_length=1, max_length=3_000)]


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A problem that the model sees. *message* is one sentence, *why* what happens to whom, by which input."""

    path: str
    start_line: int
    end_line: int
    quote: str
    severity: Severity
    category: Category
    message: Phrase
    why: Prose
    confidence: Confidence = Confidence.MEDIUM
    cwe: Annotated[int, msgspec.Meta(ge=1, le=2_000)] | None = None


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a finding that has a name (F1). *why* cites the code that decided it."""

    finding: str
    verdict: Literal["confirmed", "doubtful"]
    why: Prose


class Judgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*unseen*: what would have been needed and could not be looked at."""

    summary: Prose
    verdicts: tuple[Verdict, ...] = ()
    findings: tuple[Claim, ...] = ()
    unseen: tuple[Phrase, ...] = ()


class Held(NamedTuple):
    """What of a judgement holds, and how much of it does not."""

    judgement: Judgement
    refused: int


class Ground:
    """What claims are checked against: the *snapshot*, and the findings that have a name."""

    def __init__(self, snapshot: Snapshot, code: Code, named: Mapping[str, Finding]) -> None:
        self._gate = Gate(snapshot)
        self._code = code
        self._named = named
        self._files = {file.path: file for file in snapshot.files}

    @property
    def flags(self) -> Sequence[Flag]:
        """How the model tried to lead people away from the code."""
        return self._gate.flags

    async def check(self, judgement: Judgement) -> Sequence[str]:
        """What does not hold, in words for the model."""
        return await asyncio.to_thread(self._all_problems, judgement)

    def _all_problems(self, judgement: Judgement) -> list[str]:
        items: tuple[Claim | Verdict, ...] = (*judgement.findings, *judgement.verdicts)
        return [problem for item in items for problem in self._problems(item)] + self._said(judgement.summary)

    def held(self, judgement: Judgement) -> Held:
        claims = tuple(claim for claim in judgement.findings if not self._problems(claim))
        verdicts = tuple(verdict for verdict in judgement.verdicts if not self._problems(verdict))
        refused = len(judgement.findings) - len(claims) + len(judgement.verdicts) - len(verdicts)
        summary = "" if self._said(judgement.summary) else redact(judgement.summary)
        unseen = tuple(redact(what) for what in judgement.unseen if not self._said(what))
        return Held(Judgement(summary, verdicts, claims, unseen), refused)

    def _problems(self, item: Claim | Verdict) -> list[str]:
        if isinstance(item, Verdict):
            unknown = [] if item.finding in self._named else [f"there is no finding {item.finding}"]
            return unknown or self._said(item.why)
        cited = problem_of(Citation(item.path, item.start_line, item.end_line, item.quote), self._code)
        if cited:
            return [cited]
        if not self._is_in_change(item):
            return [f"{item.path}:{item.start_line} is not in the change: report it on a line of the change, or not"]
        return self._said(f"{item.message}\n{item.why}")

    def _is_in_change(self, claim: Claim) -> bool:
        file = self._files.get(claim.path)
        if file is None:
            return False
        near = [LineRange(r.start - NEAR_LINES, r.end + NEAR_LINES) for r in file.changed or ()]
        return file.changed is None or any(
            r.start <= claim.end_line and claim.start_line <= r.end for r in (*near, *file.hunks)
        )

    def _said(self, text: str) -> list[str]:
        return self._gate.problems(text)


def judged(findings: Iterable[Finding], opinions: Mapping[str, Verdict]) -> Iterator[Finding]:
    """The findings of rules with what the model thinks of them; *opinions* by fingerprint. None is dropped."""
    for finding in findings:
        verdict = opinions.get(finding.fingerprint)
        if verdict is None:
            yield finding
        elif verdict.verdict == "confirmed":
            yield replace(finding, opinion=Opinion(True, redact(verdict.why)))
        else:
            lower = _LOWER[finding.confidence]
            yield replace(finding, opinion=Opinion(False, redact(verdict.why)), confidence=lower)


_LOWER = {
    Confidence.HIGH: Confidence.MEDIUM,
    Confidence.MEDIUM: Confidence.LOW,
    Confidence.LOW: Confidence.LOW,
}


def new_findings(claims: Iterable[Claim], code: Code, known: Sequence[Finding]) -> Iterator[Finding]:
    """One for each claim that says something new: no rule and no other claim has said it of these lines."""
    said = list(known)
    for claim in claims:
        finding = _finding(claim, code)
        if not any(_is_same(finding, other) for other in said):
            said.append(finding)
            yield finding


def _finding(claim: Claim, code: Code) -> Finding:
    source = code.source(claim.path)
    rule = f"{MODEL_RULES}cwe-{claim.cwe}" if claim.cwe else f"{MODEL_RULES}{claim.category}"
    first = source.line_span(claim.start_line)
    evidence = "\n".join(source.lines[claim.start_line - 1 : claim.end_line])[:MAX_EVIDENCE]
    return Finding(
        fingerprint=_identity(rule, claim, source.lines),
        rule=rule,
        severity=claim.severity,
        # Rules are proven on many programs; of this nobody but the model itself says how sure it is.
        confidence=Confidence.MEDIUM if claim.confidence is Confidence.HIGH else claim.confidence,
        path=claim.path,
        start_line=claim.start_line,
        end_line=claim.end_line,
        start_column=first.start_column,
        end_column=source.line_span(claim.end_line).end_column,
        message=redact(claim.message),
        why=redact(claim.why),
        evidence=evidence,
        cwe=claim.cwe,
    )


def _identity(rule: str, claim: Claim, lines: Sequence[str]) -> str:
    """By the first line alone: how far a problem reaches, a model says differently each time."""
    folded = [" ".join(line.split()) for line in lines[: claim.start_line]]
    return fingerprint(rule, claim.path, folded[-1], folded[:-1].count(folded[-1]))


def _is_same(finding: Finding, other: Finding) -> bool:
    """Also when a person dismissed the other: then it is known to be none."""
    if finding.fingerprint == other.fingerprint:
        return True
    is_near = other.path == finding.path and (
        other.start_line <= finding.end_line and finding.start_line <= other.end_line
    )
    is_alike = finding.cwe is not None and finding.cwe in (other.cwe, *other.also)
    return is_near and (is_alike or other.is_from_model or other.status is FindingStatus.DISMISSED)
