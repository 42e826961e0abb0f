"""Keep one open document reviewed while somebody types in it, by itself: `neighbours.py` looks at the files around it.

The first edit after a rest goes out after a tiny pause. At most one review is under way per document: what is typed
meanwhile goes out when its answer is here, or supersedes it when that takes long. Who types without a rest gets late
answers nevertheless: each that was given up lets the next one take twice as long.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec
import structlog

from lsp.called import CalledHere
from lsp.choices import ProjectChoices
from lsp.client import Client
from lsp.diagnostics import DocumentFindings
from lsp.documents import Document
from lsp.jobs import EditorJob, EditorJobs, NotPermitted, review_request
from lsp.workspace import NotInWorkspace, Place, Workspace
from server.analysis.language import language_name
from server.errors import HiveError
from server.jobs.job import Event, EventType
from server.reviews.configuration import DEFAULT, LEFT_OUT, Configuration, judged, without_left_out
from server.reviews.finding import Edit, Finding, FindingStatus, Severity
from server.reviews.snapshot import Coverage, Report, Snapshot, SourceFile

PAUSE_SECONDS = 0.002
"""What an editor sends in one breath counts as one edit."""

PATIENCE_SECONDS = 0.15
"""An answer usually comes in a fraction of it. Later, findings that were edited away go, and newer text supersedes it:
at once, or after the doubled time where earlier ones were given up.
"""

SILENCE_SECONDS = 15.0
"""After it the editor hears that nobody answers; the answer still counts when it comes."""

RETRY_SECONDS = 1.0

MAX_FINDINGS = 250
"""Of one document: each keystroke moves them all, and nobody reads more. The others are counted."""

log = structlog.get_logger("hive.lsp")


class State(StrEnum):
    """How far a document is read. "Not analysed" is not "clean"."""

    PENDING = "pending"
    ANALYSED = "analysed"
    PARTIAL = "partial"
    NOT_ANALYSED = "not_analysed"


class Counts(msgspec.Struct, frozen=True):
    """Open findings by severity."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0


class Status(msgspec.Struct, frozen=True):
    """The params of `messages.STATUS`. *omitted*: findings over the cap."""

    uri: str
    state: State
    version: int | None = None
    reason: str | None = None
    counts: Counts = Counts()
    omitted: int = 0


class Answer(NamedTuple):
    """How far *version* was read."""

    version: int | None
    state: State
    reason: str | None
    omitted: int


class DocumentRefused(HiveError):
    """The document's content is not reviewed."""


class LeftOut(DocumentRefused):
    """The project wants no review of it."""


class Screen(Protocol):
    """What the editor shows of a document."""

    def show_findings(self, document: Document, findings: Sequence[Finding], place: Place | None) -> None: ...

    def show_status(self, status: Status) -> None: ...

    def show_refusal(self, uri: str, error: HiveError, *, asked: bool) -> None:
        """*asked*: a person asked for this review, so it must be answered each time."""


class Reviewing:
    """An open document, its findings, and the task that keeps them true. `close` ends it."""

    def __init__(
        self,
        document: Document,
        client: Client,
        *,
        workspace: Workspace,
        choices: ProjectChoices,
        jobs: EditorJobs,
        screen: Screen,
        on_rest: Callable[["Reviewing"], None],
    ) -> None:
        """*on_rest* is called whenever the current version is reviewed."""
        self.document = document
        self.findings = DocumentFindings()
        self.called = CalledHere()
        self.place: Place | None = None
        self._workspace = workspace
        self._choices = choices
        self._configuration = DEFAULT
        self._jobs = jobs
        self._screen = screen
        self._principal = client.principal
        self._group = f"{client.session_id}:{document.uri}"
        self._shown = 0
        self._on_rest = on_rest
        self._sent: int | None = None
        self._patience_seconds = PATIENCE_SECONDS
        self._last: Answer | None = None
        self._wanted = asyncio.Event()
        self._settled = asyncio.Event()
        self._task = asyncio.create_task(self._keep_reviewed())

    @property
    def is_current(self) -> bool:
        """Whether a review of this very version has answered, and read it."""
        last = self._last
        is_read = last is not None and last.version == self.document.version and last.state is not State.NOT_ANALYSED
        return is_read and not self._wanted.is_set()

    def want(self) -> None:
        """Review what is there now, soon."""
        self._wanted.set()
        self._settled.clear()

    async def settled(self) -> None:
        """Return once a review of the version of now has answered, or could not."""
        await self._settled.wait()

    def edited(self, edits: Sequence[Edit]) -> None:
        """The document was; `want` a review then."""
        self.findings.edited(edits)
        self.called.edited(edits)

    def submitted_together(self) -> None:
        """The current version went to review with the files around it."""
        self.findings.submitted_together()
        self.called.submitted()

    def show_findings(self) -> None:
        findings = self.findings.open
        self._shown = len(findings)
        self._screen.show_findings(self.document, findings, self.place)

    def show(self, report: Report) -> None:
        """Somebody else had the current version reviewed."""
        self.findings.replace(report.findings)
        self._show_report(report, self.document.version)

    def heard_of_neighbours(self, findings: Sequence[Finding], *, is_whole: bool) -> None:
        """What was found in this document together with the files around it, of the version that was sent there."""
        if self.findings.answered_together(self._judged(findings), is_whole=is_whole) and self._last is not None:
            self._show_others()

    def heard_of_model(self, findings: Sequence[Finding]) -> None:
        """What a model found besides the rules, in the version that was sent to it."""
        self.findings.answered_by_model(self._judged(findings))
        self._show_others()

    def decided(self, fingerprints: Collection[str], status: FindingStatus) -> None:
        """Somebody dismissed or reopened findings of this project."""
        if self.findings.decided(fingerprints, status):
            self._show_others()

    @property
    def is_closed(self) -> bool:
        return self._task.done() or self._task.cancelling() > 0

    def close(self) -> None:
        self._task.cancel()

    def relocate(self) -> None:
        """The workspace's folders changed."""
        self.place = None
        self.want()

    async def _keep_reviewed(self) -> None:
        self._tell(State.PENDING)
        while True:
            await self._wanted.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            self._wanted.clear()
            try:
                await self._review()
            except (DocumentRefused, NotInWorkspace, NotPermitted) as error:
                self._refuse(error)
            except HiveError as error:
                self._tell(State.NOT_ANALYSED, reason=str(error))
                self._settled.set()
                await asyncio.sleep(RETRY_SECONDS)
                self._wanted.set()
            except Exception:
                log.exception("a review failed", path=self.place and self.place.path)
                self._tell(State.NOT_ANALYSED, reason="an error in the hub; its log says more")
            if not self._wanted.is_set():
                self._settled.set()

    async def _review(self) -> None:
        if self.place is None:
            self.place = await self._workspace.locate(self.document.uri, self.document.language)
        self._configuration = await self._choices.of(self.place)
        refuse_left_out(self.place, self._configuration)
        text = self.document.text()
        refusal = self.document.refusal(text)
        if refusal is not None:
            raise DocumentRefused(refusal)
        self.findings.submitted()
        self._sent = self.document.version
        job = await self._jobs.submit(review_request(self.place, text, group=self._group, principal=self._principal))
        event = await self._answer(job)
        if event is not None:
            self._answered(event)

    async def _answer(self, job: EditorJob) -> Event | None:
        """The job's final event; None when newer text is to be sent instead."""
        try:
            await asyncio.wait({job.final}, timeout=PATIENCE_SECONDS)
            if job.final.done():
                self._patience_seconds = PATIENCE_SECONDS
            else:
                self._tell(State.PENDING)
                await self._late_answer(job)
                await self._answer_or_newer_text(job)
            if job.final.done():
                return job.final.result()
            self._patience_seconds = min(2 * self._patience_seconds, SILENCE_SECONDS)
            return None
        finally:
            job.forget()

    async def _late_answer(self, job: EditorJob) -> None:
        """Wait for it as long as newer text has to. What is edited away meanwhile goes from the screen."""
        until = asyncio.get_running_loop().time() + self._patience_seconds - PATIENCE_SECONDS
        while not job.final.done():
            if len(self.findings.open) < self._shown:
                self.show_findings()
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                return
            await asyncio.wait({job.final}, timeout=min(left, PATIENCE_SECONDS))

    async def _answer_or_newer_text(self, job: EditorJob) -> None:
        newer = asyncio.ensure_future(self._wanted.wait())
        either = (job.final, newer)
        try:
            done, _ = await asyncio.wait(either, timeout=SILENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                self._tell(State.NOT_ANALYSED, reason="no reviewer has answered yet")
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            newer.cancel()

    def _answered(self, event: Event) -> None:
        if event.type is not EventType.SUCCEEDED:
            self._tell(State.NOT_ANALYSED, reason=event.message or f"the review was {event.type}")
            return
        report = as_shown(msgspec.json.decode(event.data, type=Report), self._configuration)
        self.findings.answered(report.findings)
        self._show_report(report, self._sent)

    def _show_report(self, report: Report, version: int | None) -> None:
        self.show_findings()
        assert self.place is not None
        state, reason = how_far(report.coverage, self.place.path)
        self._last = Answer(version, state, reason, report.omitted)
        self._tell(state, reason=reason, omitted=report.omitted)
        if self.is_current:
            self._on_rest(self)

    def _show_others(self) -> None:
        """As many as there are by now, of a document that was read as far as before."""
        self.show_findings()
        if self._last is not None:
            self._tell(self._last.state, reason=self._last.reason, omitted=self._last.omitted)

    def _judged(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        return as_shown(Report(tuple(findings), Coverage()), self._configuration).findings

    def _refuse(self, error: HiveError) -> None:
        self.findings = DocumentFindings()
        self._last = None
        self.show_findings()
        self._tell(State.NOT_ANALYSED, reason=str(error))
        self._screen.show_refusal(self.document.uri, error, asked=False)

    def _tell(self, state: State, *, reason: str | None = None, omitted: int = 0) -> None:
        severities = [finding.severity for finding in self.findings.open]
        counts = Counts(**{severity.value: severities.count(severity) for severity in Severity})
        document = self.document
        self._screen.show_status(Status(document.uri, state, document.version, reason, counts, omitted))


def as_shown(report: Report, configuration: Configuration) -> Report:
    """As the project judges it, the worst of what one document can show."""
    report = judged(report, configuration)
    more = len(report.findings) - MAX_FINDINGS
    if more <= 0:
        return report
    return msgspec.structs.replace(report, findings=report.findings[:MAX_FINDINGS], omitted=report.omitted + more)


def refuse_left_out(place: Place, configuration: Configuration) -> None:
    """Raises `LeftOut`."""
    file = Snapshot(place.project, (SourceFile(place.path, ""),))
    if not without_left_out(file, configuration, language_name).files:
        raise LeftOut(LEFT_OUT)


def how_far(coverage: Coverage, path: str) -> tuple[State, str | None]:
    """What the report says about *path*, with the reason when that is not all."""
    for state, files in ((State.PARTIAL, coverage.partial), (State.NOT_ANALYSED, coverage.skipped)):
        for file in files:
            if file.path == path:
                return state, file.reason
    if path in coverage.full:
        return State.ANALYSED, None
    return State.NOT_ANALYSED, "the reviewer did not say that it was read"
