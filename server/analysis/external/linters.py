"""The JSON that linters write in a form of their own: ESLint, Ruff, Bandit, Pylint, mypy."""

from collections.abc import Callable, Iterator

import msgspec

from server.analysis.external.imported import Imported, one_line, severity_of
from server.reviews.finding import Confidence, Severity


class _EslintMessage(msgspec.Struct, frozen=True, rename="camel"):
    message: str
    severity: int
    rule_id: str | None = None
    line: int = 0
    column: int = 0
    end_line: int | None = None
    end_column: int | None = None


class _EslintFile(msgspec.Struct, frozen=True, rename="camel"):
    file_path: str
    messages: list[_EslintMessage]


def _eslint(text: str) -> Iterator[Imported]:
    for file in msgspec.json.decode(text, type=list[_EslintFile]):
        for said in file.messages:
            yield Imported(
                tool="eslint",
                code=said.rule_id or "syntax-error",
                path=file.file_path,
                line=said.line,
                message=one_line(said.message),
                severity=Severity.MEDIUM if said.severity >= 2 else Severity.LOW,
                column=said.column,
                end_line=said.end_line or 0,
                end_column=said.end_column or 0,
            )


class _RuffPlace(msgspec.Struct, frozen=True):
    row: int
    column: int


class _RuffHit(msgspec.Struct, frozen=True):
    filename: str
    location: _RuffPlace
    end_location: _RuffPlace
    message: str
    code: str | None


def _ruff(text: str) -> Iterator[Imported]:
    for hit in msgspec.json.decode(text, type=list[_RuffHit]):
        yield Imported(
            tool="ruff",
            code=hit.code or "invalid-syntax",
            path=hit.filename,
            line=hit.location.row,
            message=one_line(hit.message),
            severity=Severity.LOW,
            column=hit.location.column,
            end_line=hit.end_location.row,
            end_column=hit.end_location.column,
        )


class _BanditWeakness(msgspec.Struct, frozen=True):
    id: int = 0


class _BanditHit(msgspec.Struct, frozen=True):
    filename: str
    line_number: int
    test_id: str
    issue_text: str
    issue_severity: str
    issue_confidence: str = "MEDIUM"
    issue_cwe: _BanditWeakness = _BanditWeakness()
    col_offset: int = -1


class _BanditReport(msgspec.Struct, frozen=True):
    results: list[_BanditHit]


def _bandit(text: str) -> Iterator[Imported]:
    for hit in msgspec.json.decode(text, type=_BanditReport).results:
        yield Imported(
            tool="bandit",
            code=hit.test_id,
            path=hit.filename,
            line=hit.line_number,
            message=one_line(hit.issue_text),
            severity=severity_of(hit.issue_severity),
            column=hit.col_offset + 1,
            confidence=_CONFIDENCES.get(hit.issue_confidence, Confidence.MEDIUM),
            cwe=hit.issue_cwe.id or None,
        )


_CONFIDENCES = {"HIGH": Confidence.HIGH, "LOW": Confidence.LOW}


class _PylintMessage(msgspec.Struct, frozen=True, rename="kebab"):
    type: str
    path: str
    line: int
    symbol: str
    message: str
    message_id: str = ""
    column: int = -1


def _pylint(text: str) -> Iterator[Imported]:
    for said in msgspec.json.decode(text, type=list[_PylintMessage]):
        yield Imported(
            tool="pylint",
            code=said.symbol,
            path=said.path,
            line=said.line,
            message=one_line(said.message),
            severity=severity_of(said.type),
            column=said.column + 1,
        )


class _MypyLine(msgspec.Struct, frozen=True):
    file: str
    line: int
    column: int
    message: str
    code: str | None
    severity: str


def _mypy(text: str) -> Iterator[Imported]:
    """One object a line; notes belong to the error above them."""
    for line in text.splitlines():
        said = msgspec.json.decode(line, type=_MypyLine) if line.strip() else None
        if said is not None and said.severity == "error":
            yield Imported(
                tool="mypy",
                code=said.code or "error",
                path=said.file,
                line=said.line,
                message=one_line(said.message),
                severity=Severity.MEDIUM,
                column=said.column + 1,
            )


READERS: tuple[Callable[[str], Iterator[Imported]], ...] = (_eslint, _ruff, _bandit, _pylint, _mypy)
"""Each raises msgspec.MsgspecError for a report of another's."""
