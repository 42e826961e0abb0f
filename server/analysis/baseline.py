"""Findings that somebody knows of already: written down once, and left out of what a review tells from then on.

A file of JSON with one finding a line, sorted, so that version control shows what was added and what is gone. A finding
is known by its fingerprint alone; the rest is there for people. Pure: the command line reads and writes the file.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from server.reviews.finding import Finding
from server.reviews.snapshot import Report

MAX_BASELINE_BYTES = 16 * 1024 * 1024
VERSION = 1


class BaselineInvalid(ValueError):
    """The text is no baseline. Says why, for people."""


class _Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    rule: str
    fingerprint: str
    message: str = ""


class _Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    findings: tuple[_Known, ...]


class Remaining(NamedTuple):
    """*report* without what is known; *known*: how many findings that were."""

    report: Report
    known: int


def to_baseline(findings: Iterable[Finding]) -> str:
    """The same findings give the same text, in whatever order they come."""
    known = sorted({(f.path, f.rule, f.fingerprint, f.message) for f in findings})
    lines = [f"    {msgspec.json.encode(_Known(*one)).decode()}" for one in known]
    listed = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def read_baseline(text: str) -> frozenset[str]:
    """The fingerprints of the findings that are known. Raises BaselineInvalid."""
    if len(text) > MAX_BASELINE_BYTES:
        raise BaselineInvalid(f"larger than {MAX_BASELINE_BYTES // 1024 // 1024} MiB")
    try:
        baseline = msgspec.json.decode(text, type=_Baseline)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise BaselineInvalid(str(error)) from error
    if baseline.version != VERSION:
        raise BaselineInvalid(f"version {baseline.version}, and this program writes version {VERSION}")
    return frozenset(known.fingerprint for known in baseline.findings)


def without_known(report: Report, known: frozenset[str]) -> Remaining:
    left = tuple(finding for finding in report.findings if finding.fingerprint not in known)
    return Remaining(msgspec.structs.replace(report, findings=left), len(report.findings) - len(left))
