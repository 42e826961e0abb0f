"""The files beside a review: baselines, and what other tools reported."""

import os
from collections.abc import Iterable
from pathlib import Path

from server.analysis.baseline import MAX_BASELINE_BYTES, BaselineInvalid, Remaining, read_baseline, to_baseline
from server.analysis.baseline import without_known as _without_known
from server.analysis.external.imported import MAX_REPORT_BYTES, Imported, ReportInvalid
from server.analysis.external.report import read_report
from server.reviews.git import CannotCollect
from server.reviews.snapshot import Report


def without_known(report: Report, baseline: frozenset[str] | None) -> Remaining:
    """All of it where there is no baseline."""
    return Remaining(report, 0) if baseline is None else _without_known(report, baseline)


def known_findings(path: Path | None) -> frozenset[str] | None:
    """The fingerprints in a baseline. Raises CannotCollect."""
    if path is None:
        return None
    try:
        return read_baseline(_text(path, MAX_BASELINE_BYTES))
    except BaselineInvalid as error:
        hint = f"write it anew: hive review --write-baseline {path}"
        raise CannotCollect(f"{str(path)!r} is no baseline: {error}", hint=hint) from error


def write_baseline(path: Path, report: Report) -> None:
    """In one step: a baseline is there whole, or as it was. Raises CannotCollect."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(to_baseline(report.findings), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise CannotCollect(f"cannot write {str(path)!r}: {error.strerror}") from error


def imported_findings(paths: Iterable[Path]) -> list[Imported]:
    """What other tools reported, file by file. Raises CannotCollect."""
    found: list[Imported] = []
    for path in paths:
        try:
            found += read_report(_text(path, MAX_REPORT_BYTES))
        except ReportInvalid as error:
            hint = "read are SARIF 2.1.0, Checkstyle XML, and the JSON of ESLint, Ruff, Bandit, Pylint and mypy"
            raise CannotCollect(f"{str(path)!r} cannot be imported: {error}", hint=hint) from error
    return found


def _text(path: Path, most_bytes: int) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise CannotCollect(f"{str(path)!r} is larger than {most_bytes // 1024 // 1024} MiB")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise CannotCollect(f"cannot read {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CannotCollect(f"{str(path)!r} is not UTF-8 text") from error
