"""A report of another tool as text: which form it has, and what it says."""

from collections.abc import Iterable
from itertools import islice

import msgspec

from server.analysis.external.checkstyle import read_checkstyle
from server.analysis.external.imported import MAX_IMPORTED, MAX_REPORT_BYTES, Imported, ReportInvalid
from server.analysis.external.linters import READERS
from server.analysis.external.sarif import read_sarif

BYTE_ORDER_MARK = "\ufeff"


def read_report(text: str) -> list[Imported]:
    """SARIF, Checkstyle, or the JSON of ESLint, Ruff, Bandit, Pylint or mypy, told by what it looks like.

    Raises ReportInvalid.
    """
    text = text.removeprefix(BYTE_ORDER_MARK).strip()
    if len(text) > MAX_REPORT_BYTES:
        raise ReportInvalid(f"larger than {MAX_REPORT_BYTES // 1024 // 1024} MiB")
    if text.startswith("<"):
        return _first(read_checkstyle(text))
    if text.startswith("{") and '"runs"' in text:
        return _first(read_sarif(text))
    if not text.startswith(("[", "{")):
        raise ReportInvalid("neither XML nor JSON")
    for read in READERS:
        try:
            return _first(read(text))
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
            continue
    raise ReportInvalid("not SARIF, and not the JSON of ESLint, Ruff, Bandit, Pylint or mypy")


def _first(found: Iterable[Imported]) -> list[Imported]:
    kept = list(islice(found, MAX_IMPORTED + 1))
    if len(kept) > MAX_IMPORTED:
        raise ReportInvalid(f"more than {MAX_IMPORTED:,} findings")
    return kept
