"""Take note of a finished review: its findings become shared rows, and its report gets the shared statuses.

Runs in the transaction that finishes the job, so that a report and its findings are kept together or not at all.
"""

from typing import Any

import asyncpg
import msgspec

from server.jobs.job import Priority
from server.reviews.findings import EDITOR, FindingStore
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import LineRange, Report


class _File(msgspec.Struct):
    """What `record` needs of a SourceFile; the text, which is most of it, is skipped."""

    path: str
    changed: tuple[LineRange, ...] | None = None


class _Args(msgspec.Struct):
    """Of a Snapshot, or of a PullRequestRef."""

    files: tuple[_File, ...] = ()
    alone: bool = False
    repository: str = ""


class Recording:
    """An `OnSucceeded` for review jobs, by rules or with a model."""

    def __init__(self, findings: FindingStore) -> None:
        self._findings = findings

    async def __call__(self, connection: Any, job: asyncpg.Record, result: bytes) -> bytes:
        """Raises `ReportRefused`, which ends the job: an agent that breaks the rules will break them again."""
        report = msgspec.json.decode(result, type=Report)
        paths, place = _place_of(job)
        shared = await self._findings.record(connection, job["project"], paths, report, place=place)
        return msgspec.json.encode(shared)


def _place_of(job: asyncpg.Record) -> tuple[list[str] | None, str]:
    """The paths whose whole text counted, among all the others (None: the whole place); and the place."""
    args = msgspec.json.decode(job["args"], type=_Args)
    if args.repository:
        reference = msgspec.json.decode(job["args"], type=PullRequestRef)
        return None, f"pull_request:{reference.name}"
    whole = [] if args.alone else [file.path for file in args.files if file.changed is None]
    return whole, EDITOR if job["priority"] == Priority.INTERACTIVE else "api"
