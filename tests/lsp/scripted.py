"""A hub's inside for sessions under test: a door that answers when the test says so, and findings that are told on."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.errors import RedisUnavailable
from server.jobs.job import Event, EventType, FindingsChanged, JobRequest, Progress, encode
from server.reviews.finding import Confidence, Finding, FindingStatus, Fix, Severity, fingerprint
from server.reviews.findings import KnownFinding
from server.reviews.snapshot import Coverage, Report, SkippedFile, Snapshot, SourceFile
from server.security.principal import Permission, Principal

TOKEN = "hive_right"
PERSON = Principal("ada", frozenset({Permission.WRITE}), is_local=True)
REMOTE_TOKEN = "hive_elsewhere"
REMOTE = Principal("eve", frozenset({Permission.WRITE}))
SCOPED_TOKEN = "hive_of_one_project"
SCOPED = Principal("kim", frozenset({Permission.WRITE}), project="github.com/owner/repo", key_id="KIM")
NAMESAKE_TOKEN = "hive_of_another_ada"
NAMESAKE = Principal("ada", frozenset({Permission.WRITE}), key_id="ADA2")
READER_TOKEN = "hive_reader"
READER = Principal("ben", frozenset({Permission.READ}))


async def authenticate(token: str) -> Principal | None:
    known = {TOKEN: PERSON, REMOTE_TOKEN: REMOTE, SCOPED_TOKEN: SCOPED, NAMESAKE_TOKEN: NAMESAKE, READER_TOKEN: READER}
    return known.get(token)


class ScriptedDoor:
    """Keeps every request for the test to answer. With *reviewer* set, it answers by itself and at once."""

    def __init__(self, reviewer: Callable[[SourceFile], Report] | None = None) -> None:
        self.requests: asyncio.Queue[JobRequest] = asyncio.Queue()
        self.submitted: list[JobRequest] = []
        self.cancelled: asyncio.Queue[tuple[UUID, str]] = asyncio.Queue()
        self.reviewer = reviewer
        self.is_away = False
        self._listeners: dict[object, Callable[[Event], None]] = {}

    async def submit(self, request: JobRequest) -> UUID:
        if self.is_away:
            raise RedisUnavailable("Redis does not answer")
        self.submitted.append(request)
        self.requests.put_nowait(request)
        if self.reviewer is not None:
            report = self.reviewer(source_of(request))
            asyncio.get_running_loop().call_soon(self.answer, request, report)
        return request.id

    async def cancel(self, job_ids: Sequence[UUID], *, by: str) -> None:
        for job_id in job_ids:
            self.cancelled.put_nowait((job_id, by))

    def listen(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        key = object()
        self._listeners[key] = callback
        return lambda: self._listeners.pop(key, None) and None

    def answer(self, request: JobRequest, report: Report) -> None:
        self.end(request, EventType.SUCCEEDED, data=encode(report))

    def progress(self, request: JobRequest, progress: Progress) -> None:
        self.end(request, EventType.PROGRESS, data=encode(progress))

    def end(self, request: JobRequest, type_: EventType, **fields: Any) -> None:
        self.tell(Event(type_, request.project, request.id, request.kind, 1, **fields))

    def tell(self, event: Event) -> None:
        for listener in list(self._listeners.values()):
            listener(event)


class ScriptedFindings:
    """Announces what is decided, as the store does."""

    def __init__(self, door: ScriptedDoor) -> None:
        self._door = door
        self.decisions: list[tuple[str, str, FindingStatus, str, str]] = []
        self.known: list[KnownFinding] = []

    async def list(self, *, project: str, path: str, limit: int) -> Sequence[KnownFinding]:
        return [known for known in self.known if (known.project, known.finding.path) == (project, path)][:limit]

    async def dismiss(self, project: str, fingerprint: str, *, by: str, why: str) -> None:
        self._decide(project, fingerprint, FindingStatus.DISMISSED, by, why)

    async def reopen(self, project: str, fingerprint: str, *, by: str, why: str) -> None:
        self._decide(project, fingerprint, FindingStatus.OPEN, by, why)

    def _decide(self, project: str, fingerprint: str, status: FindingStatus, by: str, why: str) -> None:
        self.decisions.append((project, fingerprint, status, by, why))
        data = encode(FindingsChanged((fingerprint,), status.value, by))
        self._door.tell(Event(EventType.FINDINGS_CHANGED, project, data=data))


def snapshot_of(request: JobRequest) -> Snapshot:
    return msgspec.json.decode(request.args, type=Snapshot)


def source_of(request: JobRequest) -> SourceFile:
    (file,) = snapshot_of(request).files
    return file


def flag_each(word: str, fix: Callable[[int, int], Fix] | None = None) -> Callable[[SourceFile], Report]:
    """A reviewer that flags every *word*; *fix* makes its fix from the 1-based line and column."""

    def review(file: SourceFile) -> Report:
        found: list[Finding] = []
        for number, line in enumerate(file.text.split("\n"), 1):
            column = line.find(word) + 1
            if column:
                mark = fingerprint("test.word", file.path, word, len(found))
                made = fix(number, column) if fix else None
                found.append(a_finding(file.path, number, column, len(word), mark, made))
        return report_of(file.path, *found)

    return review


def a_finding(
    path: str, line: int, column: int, width: int, mark: str = "0" * 32, fix: Fix | None = None, **fields: Any
) -> Finding:
    return Finding(
        fingerprint=mark,
        rule="test.word",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        path=path,
        start_line=line,
        end_line=line,
        start_column=column,
        end_column=column + width,
        message="a word that is flagged",
        why="the test says so",
        evidence="",
        fix=fix,
        **fields,
    )


def report_of(path: str, *findings: Finding) -> Report:
    return Report(findings, Coverage(full=(path,)))


def not_read(path: str, reason: str) -> Report:
    return Report((), Coverage(skipped=(SkippedFile(path, reason),)))
