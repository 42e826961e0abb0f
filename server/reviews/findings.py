"""Keep what reviewers found, where it is present, and what people decided about it.

One finding is one row, by (project, fingerprint), wherever it was met; `findings.sql` holds the statements. It finds
nothing itself (analysis does) and shows nothing (the doors do).

A finding is *dismissed* while a person's dismissal stands; else *open* while it is present in any place; else *fixed*.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
import structlog

from server.db import Queries
from server.errors import HiveError
from server.jobs.job import Event, EventType, FindingsChanged, encode
from server.reviews.finding import Finding, FindingStatus, Severity
from server.reviews.snapshot import Report

EDITOR = "editor"
"""The place of every open buffer. Its reviews come at each pause in typing, so they write only what changed."""

MAX_FINDINGS_IN_REPORT = 10_000
MAX_LINE = 2**31 - 1

Announcer = Callable[[Event], Awaitable[None]]
"""Tells every door. Called after the commit."""

Decided = Callable[["KnownFinding", str], Awaitable[None]]
"""Called with what was decided about, and by whom. Raises nothing."""

log = structlog.get_logger("hive.findings")


class FindingNotFound(HiveError):
    """This project has no finding of this fingerprint."""


class ReportRefused(ValueError):
    """An agent's report breaks the rules of a report: nothing of it was kept, and trying again will not help.

    No HiveError: those mean to callers in a loop that the same thing may work later.
    """


class Place(msgspec.Struct, frozen=True):
    """Where a finding is present now. *place*: `editor`, `api` or `pull_request:owner/repo#7`."""

    place: str
    start_line: int
    seen_at: datetime


class Dismissal(msgspec.Struct, frozen=True):
    by: str
    why: str
    at: datetime


class Decision(msgspec.Struct, frozen=True):
    """A line of a finding's history. *type* is `dismissed` or `reopened`."""

    type: str
    by: str
    why: str
    at: datetime


class KnownFinding(msgspec.Struct, frozen=True):
    """A finding as all places share it. *finding* is as it was last met, with its status of now."""

    project: str
    finding: Finding
    places: tuple[Place, ...]
    first_seen_at: datetime
    last_seen_at: datetime
    fixed_at: datetime | None
    dismissal: Dismissal | None


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of findings ended."""

    first_seen_at: datetime
    project: str
    fingerprint: str


class FindingStore:
    """The shared memory of findings. *announce* tells the doors what a person decided, *decided* does what follows."""

    def __init__(self, pool: asyncpg.Pool, announce: Announcer, decided: Decided | None = None) -> None:
        self._pool = pool
        self._announce = announce
        self._on_decision = decided
        self._sql = Queries.load("server.reviews", "findings.sql")

    async def record(
        self,
        connection: asyncpg.pool.PoolConnectionProxy | asyncpg.Connection,
        project: str,
        snapshot_paths: Collection[str] | None,
        report: Report,
        *,
        place: str,
    ) -> Report:
        """Keep the findings of *report* as present at *place*; return it with the statuses that all places share.

        *snapshot_paths* says in which files a finding that is not reported is gone: those whose whole text counted
        (`SourceFile.changed is None`). None: the place was reviewed as a whole (a pull request's entire diff), and
        files that are no longer part of it count too. Files that could not be read fully never count, and nothing
        counts when the report is capped, or its snapshot declined. What a model found is gone only when a model has
        looked again.

        Runs in the caller's transaction: one read, and a write only when something changed. Raises `ReportRefused`
        before it touches the database.
        """
        _refuse_odd(report)
        met = {finding.fingerprint: finding for finding in report.findings}
        whole, unread = _conclusive_paths(snapshot_paths, report)
        has_thought = report.thinking is not None and not report.thinking.note
        rows = await connection.fetch(self._sql.known_findings, project, place, list(met), whole, unread, has_thought)
        known = {row["fingerprint"]: row for row in rows if row["reported"]}

        news = [f for f in met.values() if place != EDITOR or _is_news(known.get(f.fingerprint))]
        if news:
            await self._meet(connection, project, place, news)
        gone = [row["fingerprint"] for row in rows if not row["reported"]]
        if gone:
            await connection.execute(self._sql.lock_findings, project, gone)
            await connection.execute(self._sql.leave_place, project, place, gone)
        return msgspec.structs.replace(report, findings=tuple(_with_shared_status(f, known) for f in report.findings))

    async def list(
        self,
        *,
        project: str | None = None,
        status: FindingStatus | None = None,
        severity: Severity | None = None,
        rule: str | None = None,
        path: str | None = None,
        place: str | None = None,
        after: Cursor | None = None,
        limit: int = 50,
    ) -> list[KnownFinding]:
        """A page of findings, the newest first."""
        cursor = (after.first_seen_at, after.project, after.fingerprint) if after else (None, None, None)
        rows = await self._pool.fetch(
            self._sql.list_findings, project, status, severity, rule, path, place, *cursor, limit
        )
        return [_known_finding(row) for row in rows]

    async def get(self, project: str, fingerprint: str) -> KnownFinding:
        """Raises `FindingNotFound`."""
        row = await self._pool.fetchrow(self._sql.get_finding, project, fingerprint)
        if row is None:
            raise FindingNotFound(
                f"{project} has no finding {fingerprint}", hint="fingerprints are per project: check both"
            )
        return _known_finding(row)

    async def history(self, project: str, fingerprint: str) -> Sequence[Decision]:
        """What people decided about it, in order."""
        rows = await self._pool.fetch(self._sql.finding_history, project, fingerprint)
        return [Decision(**row) for row in rows]

    async def dismiss(self, project: str, fingerprint: str, *, by: str, why: str) -> KnownFinding:
        """It counts nowhere any more until it is reopened. A second dismissal changes nothing."""
        changed = await self._pool.fetchval(self._sql.dismiss_finding, project, fingerprint, by, why)
        return await self._decided(project, fingerprint, by, changed=changed is not None)

    async def reopen(self, project: str, fingerprint: str, *, by: str, why: str = "") -> KnownFinding:
        """Take a dismissal back. Of a finding that is not dismissed it changes nothing."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(self._sql.lock_findings, project, [fingerprint])
            changed = await connection.fetchval(self._sql.reopen_finding, project, fingerprint, by, why)
        return await self._decided(project, fingerprint, by, changed=changed is not None)

    async def counts(self) -> dict[tuple[FindingStatus, Severity], int]:
        rows = await self._pool.fetch(self._sql.count_findings)
        return {(FindingStatus(row["status"]), Severity(row["severity"])): row["count"] for row in rows}

    async def count_open(self, project: str, place: str) -> int:
        """Those that are present at the place and that nobody dismissed."""
        count: int = await self._pool.fetchval(self._sql.count_open, project, place)
        return count

    async def met_between(self, since: datetime, until: datetime, project: str | None) -> dict[FindingStatus, int]:
        """Of those that were first met in this time, how many stand how now."""
        rows = await self._pool.fetch(self._sql.count_met, since, until, project)
        return {FindingStatus(row["status"]): row["findings"] for row in rows}

    async def forget_fixed(self, *, older_than_seconds: float, limit: int = 1000) -> int:
        """Retention: drop findings fixed long ago about which nobody decided anything. Returns how many left."""
        status: str = await self._pool.execute(self._sql.forget_fixed, older_than_seconds, limit)
        return int(status.rpartition(" ")[2])

    async def _meet(self, connection: Any, project: str, place: str, news: Sequence[Finding]) -> None:
        await connection.execute(
            self._sql.meet_findings,
            project,
            place,
            [f.fingerprint for f in news],
            [f.rule for f in news],
            [f.path for f in news],
            [f.severity.value for f in news],
            [msgspec.json.encode(f).decode() for f in news],
            [f.start_line for f in news],
        )

    async def _decided(self, project: str, fingerprint: str, by: str, *, changed: bool) -> KnownFinding:
        known = await self.get(project, fingerprint)
        if changed:
            data = encode(FindingsChanged((fingerprint,), known.finding.status.value, by))
            try:
                await self._announce(Event(EventType.FINDINGS_CHANGED, project, data=data))
            except HiveError as error:
                # The decision stands in Postgres; open editors learn of it with their next review.
                log.warning("findings_changed not announced", project=project, reason=str(error))
            if self._on_decision is not None:
                await self._on_decision(known, by)
        return known


def _refuse_odd(report: Report) -> None:
    """What an agent returns was made beside hostile code: only a well-formed report may reach the shared rows."""
    if len(report.findings) > MAX_FINDINGS_IN_REPORT:
        raise ReportRefused(f"a report holds at most {MAX_FINDINGS_IN_REPORT} findings")
    for f in report.findings:
        if len(f.fingerprint) != 32 or not set(f.fingerprint) <= set("0123456789abcdef"):
            raise ReportRefused("a fingerprint is not 32 hex digits")
        if not f.path or "\0" in f.path or not f.rule or "\0" in f.rule:
            raise ReportRefused("a finding needs a path and a rule, without NUL characters")
        if not 1 <= f.start_line <= f.end_line <= MAX_LINE:
            raise ReportRefused("a finding's lines are out of range")


def _conclusive_paths(snapshot_paths: Collection[str] | None, report: Report) -> tuple[list[str] | None, list[str]]:
    """Files whose unreported findings are gone (None: all of the place), and files that never count."""
    if report.omitted or report.declined:
        return [], []
    unread = _storable(file.path for file in (*report.coverage.partial, *report.coverage.skipped))
    if snapshot_paths is None:
        return None, unread
    return _storable(set(snapshot_paths).intersection(report.coverage.full)), unread


def _storable(paths: Iterable[str]) -> list[str]:
    """Postgres keeps no NUL, so no finding lies in such a path."""
    return [path for path in paths if "\0" not in path]


def _is_news(row: asyncpg.Record | None) -> bool:
    return row is None or not row["present"] or row["stale"] or row["status"] == FindingStatus.FIXED


def _with_shared_status(finding: Finding, known: dict[str, asyncpg.Record]) -> Finding:
    row = known.get(finding.fingerprint)
    dismissed = row is not None and row["status"] == FindingStatus.DISMISSED
    return msgspec.structs.replace(
        finding,
        status=FindingStatus.DISMISSED if dismissed else FindingStatus.OPEN,
        is_reopened=row is not None and row["reopened"],
    )


def _known_finding(row: asyncpg.Record) -> KnownFinding:
    finding = msgspec.json.decode(row["document"], type=Finding)
    dismissal = None
    if row["dismissed_at"] is not None:
        dismissal = Dismissal(row["dismissed_by"], row["dismissed_why"], row["dismissed_at"])
    return KnownFinding(
        project=row["project"],
        finding=msgspec.structs.replace(finding, status=FindingStatus(row["status"])),
        places=msgspec.json.decode(row["places"], type=tuple[Place, ...]),
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
        fixed_at=row["fixed_at"],
        dismissal=dismissal,
    )
