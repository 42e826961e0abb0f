"""What a person can ask of a model in an editor: review thoroughly, explain a finding, mend it, rewrite, answer.

Only where the hub has a model; elsewhere nothing of it is offered, and who asks all the same hears what to set.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, NamedTuple, Protocol
from urllib.parse import unquote
from uuid import UUID

import attrs
import msgspec
import structlog
from lsprotocol import types

from lsp.asked import edit_of
from lsp.awaiting import Awaiting, digest_of
from lsp.client import Client
from lsp.convert import split_lines
from lsp.documents import Document
from lsp.jobs import asked_request
from lsp.late_fixes import as_it_is_now
from lsp.neighbours import Neighbours
from lsp.protocol import RequestFailed
from lsp.reviewing import Reviewing
from lsp.running import Line, ReviewTarget, Running, arguments_of
from lsp.workspace import Place
from server.cancellation import stop_if_cancelled
from server.jobs.awaited import Awaited
from server.jobs.job import EventType, Job, JobState, Priority
from server.reviews.asks import (
    MAX_FINDINGS_TO_FIX,
    MAX_QUESTION_LENGTH,
    FileFix,
    FindingQuestion,
    FixOffer,
    FixWish,
    Question,
    RewriteWish,
    Told,
)
from server.reviews.finding import Finding, FindingStatus, Fix
from server.reviews.snapshot import LineRange, Report, Snapshot, SourceFile
from server.reviews.workflow import THOROUGH

REVIEW_THOROUGHLY = "hive.reviewThoroughly"
EXPLAIN = "hive.explain"
FIX = "hive.fix"
FIX_ALL = "hive.fixAll"
REWRITE = "hive.rewrite"
ASK = "hive.ask"

EXPLAINED, ASKED, MENDED, REWRITTEN = "explain", "ask", "fix", "rewrite"
"""Kinds of jobs."""

NO_MODEL = "This hub has no model: set ANTHROPIC_API_KEY where it starts, then restart it."
APPLY, LEAVE = "Apply", "Leave it"
AGAIN = "Ask Again"
STALE = "The code of this fix was edited meanwhile, so it is not made."
FOLLOWS = "Another edit of this file waits for your answer in the editor: this one follows it."
MAX_SHOWN = 4_000
"""Characters of a message that an editor shows."""
MAX_FLAGS = 5

log = structlog.get_logger("hive.lsp")


class Editor(Protocol):
    """What is shown to the person, and asked."""

    def tell(self, text: str) -> None: ...

    async def tell_at_length(self, text: str) -> None:
        """On a page of its own what does not fit into a message, where the editor can."""

    async def choose(self, text: str, *choices: str) -> str | None: ...

    def editing(self, uri: str) -> asyncio.Lock:
        """Held from looking at a document's text until an edit of it is made: two at once would spoil it."""

    async def edit(self, label: str, edit: types.WorkspaceEdit) -> bool: ...


class AcceptedFixes(Protocol):
    """`server.memory.accepted.AcceptedFixes`."""

    async def take(self, fix_job: UUID, *, by: str) -> int: ...


class AboutFinding(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The arguments of explain and fix."""

    uri: str
    fingerprint: str
    question: str = ""


class AboutDocument(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The arguments of ask."""

    uri: str
    question: str


class LinesToRewrite(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The arguments of rewrite; lines are LSP's, both inclusive."""

    uri: str
    first_line: Line
    last_line: Line
    instruction: Annotated[str, msgspec.Meta(max_length=MAX_QUESTION_LENGTH)] = ""


class _Stale(Exception):
    """What was to be edited is not what the model saw."""


class _Asked(NamedTuple):
    """What the question is about, as it was then."""

    reviewing: Reviewing
    place: Place
    document: Document
    snapshot: Snapshot


class ThinkingCommands:
    """One client's. The names stand in `table`: none without a model."""

    def __init__(
        self,
        client: Client,
        *,
        documents: Mapping[str, Reviewing],
        neighbours: Neighbours,
        running: Running,
        awaiting: Awaiting,
        editor: Editor,
        thinks: bool,
        accepted: AcceptedFixes | None = None,
    ) -> None:
        every: dict[str, Callable[[types.ExecuteCommandParams], Awaitable[Any]]] = {
            REVIEW_THOROUGHLY: self.review,
            EXPLAIN: self.explain,
            FIX: self.fix,
            FIX_ALL: self.fix_all,
            REWRITE: self.rewrite,
            ASK: self.ask,
        }
        self.table = every if thinks else {}
        self.names = frozenset(every)
        self._client = client
        self._documents = documents
        self._neighbours = neighbours
        self._running = running
        self._awaiting = awaiting
        self._editor = editor
        self._accepted = accepted

    async def review(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri, first line?, last line?]: rules and model, which looks at those lines.

        What the model finds stays until its lines are edited, or looked at again.
        """
        target = arguments_of(params, ReviewTarget)
        asked = await self._about(target.uri, target.lines)
        kept = _outside(target.lines, asked.reviewing.findings.by_model)
        asked.reviewing.findings.submitted_to_model()
        async with self._result(THOROUGH, asked.snapshot, asked, "Reviewing thoroughly", params) as (_, result):
            if result is None:
                return None
            return self._show_review(msgspec.json.decode(result, type=Report), asked, kept)

    async def explain(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri, fingerprint, question?]: answers with the explanation, and shows it."""
        target = arguments_of(params, AboutFinding)
        asked = await self._about(target.uri)
        question = FindingQuestion(asked.snapshot, _finding(asked, target.fingerprint), target.question)
        async with self._result(EXPLAINED, question, asked, "Explaining", params) as (_, result):
            return await self._tell(result) if result is not None else None

    async def ask(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri, question]: about the project in which the document lies."""
        target = arguments_of(params, AboutDocument)
        asked = await self._about(target.uri)
        question = Question(asked.snapshot, target.question)
        async with self._result(ASKED, question, asked, "Looking for an answer", params) as (_, result):
            return await self._tell(result) if result is not None else None

    async def fix(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri, fingerprint]: offers edits, to be seen before they are made."""
        target = arguments_of(params, AboutFinding)
        asked = await self._about(target.uri)
        return await self._fix((_finding(asked, target.fingerprint),), asked, params)

    async def fix_all(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri]: as `fix`, of all open findings of the document, the worst of them where there are too many."""
        (uri,) = arguments_of(params, tuple[str])
        asked = await self._about(uri)
        worst_first = sorted(asked.reviewing.findings.open, key=lambda finding: finding.severity.rank)
        if not worst_first:
            raise RequestFailed("there is nothing to mend in this document")
        return await self._fix(tuple(worst_first[:MAX_FINDINGS_TO_FIX]), asked, params)

    async def rewrite(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri, first line, last line, instruction]: offers edits of the lines, to be seen before they are made."""
        target = arguments_of(params, LinesToRewrite)
        if not target.instruction.strip():
            raise RequestFailed(f"say what is to become of the lines, in the fourth argument of {REWRITE}")
        lines = LineRange(target.first_line + 1, max(target.first_line, target.last_line) + 1)
        asked = await self._about(target.uri, lines)
        wish = RewriteWish(asked.snapshot, target.instruction)
        async with self._result(REWRITTEN, wish, asked, "Rewriting", params) as (_, result):
            if result is None:
                return None
            offer = msgspec.json.decode(result, type=FixOffer)
            applied = await self._or_stale(self._offer_rewritten(offer, asked))
            return {"applied": applied, "files": [file.path for file in offer.files]}

    async def show_late(self, awaited: Awaited, job: Job, result: bytes | None) -> bool:
        """What an earlier connection asked for. False: not yet, its document is not open."""
        if result is None:
            if job.state is JobState.DEAD:
                self._editor.tell(f"{_name_of(awaited.uri)}: {job.error or 'the job died'}"[:MAX_SHOWN])
            return True
        if awaited.kind in (EXPLAINED, ASKED):
            await self._tell(result)
            return True
        reviewing = self._documents.get(awaited.uri)
        if reviewing is None:
            return False
        await reviewing.settled()
        if reviewing.place is None or digest_of(reviewing.document.text()) != awaited.digest:
            self._editor.tell(f"{_name_of(awaited.uri)} was edited since the model read it: ask again.")
            return True
        asked = await self._about(awaited.uri)
        if awaited.kind == THOROUGH:
            asked.reviewing.findings.submitted_to_model()
            self._show_review(msgspec.json.decode(result, type=Report), asked)
        elif awaited.kind == REWRITTEN:
            await self._or_stale(self._offer_rewritten(msgspec.json.decode(result, type=FixOffer), asked))
        else:
            await self._or_stale(self._offer(msgspec.json.decode(result, type=FixOffer), asked, job.id))
        return True

    async def _fix(
        self, findings: tuple[Finding, ...], asked: _Asked, params: types.ExecuteCommandParams
    ) -> dict[str, Any] | None:
        """Again, of what is still found, where somebody edited the code meanwhile and wants it."""
        while True:
            try:
                return await self._mended(FixWish(asked.snapshot, findings), asked, params)
            except _Stale:
                if await self._editor.choose(STALE, AGAIN, LEAVE) != AGAIN:
                    return {"applied": False, "files": []}
            params = attrs.evolve(params, work_done_token=None)  # its progress has ended
            asked = await self._about(asked.document.uri)
            known = (asked.reviewing.findings.get(finding.fingerprint) for finding in findings)
            findings = tuple(finding for finding in known if finding is not None)
            if not findings:
                raise RequestFailed("what was to be mended is not found any more")

    async def _mended(self, wish: FixWish, asked: _Asked, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        async with self._result(MENDED, wish, asked, "Mending", params) as (job_id, result):
            if result is None:
                return None
            offer = msgspec.json.decode(result, type=FixOffer)
            return {"applied": await self._offer(offer, asked, job_id), "files": [file.path for file in offer.files]}

    async def _or_stale(self, offering: Awaitable[bool]) -> bool:
        """Says so where that cannot be asked for again with one click."""
        try:
            return await offering
        except _Stale:
            self._editor.tell(f"{STALE} Ask for it again.")
            return False

    def _show_review(self, report: Report, asked: _Asked, kept: Sequence[Finding] = ()) -> dict[str, Any]:
        found = [f for f in report.findings if f.is_from_model and f.path == asked.place.path]
        known = {finding.fingerprint for finding in found}
        asked.reviewing.heard_of_model([*found, *(finding for finding in kept if finding.fingerprint not in known)])
        thinking = report.thinking
        if thinking is not None:
            self._editor.tell(" ".join(filter(None, (thinking.note, thinking.summary)))[:MAX_SHOWN])
        return {"findings": sum(finding.status is FindingStatus.OPEN for finding in found)}

    async def _offer(self, offer: FixOffer, asked: _Asked, job_id: UUID) -> bool:
        """Only what is still as it was when the model saw it."""
        files = [file for file in offer.files if file.path == asked.place.path]
        if not files or len(files) < len(offer.files):
            elsewhere = ", ".join(file.path for file in offer.files) or "nothing"
            self._editor.tell(f"{offer.why}\n\nIt would change {elsewhere}; apply it with: hive fix"[:MAX_SHOWN])
            return False
        told = f"{files[0].fix.title}: {offer.why} (tests: {offer.tests})"
        is_applied = await self._seen_and_made(files[0], told, asked)
        if is_applied and self._accepted is not None:
            await self._remember(self._accepted, job_id)
        return is_applied

    async def _offer_rewritten(self, offer: FixOffer, asked: _Asked) -> bool:
        if not offer.files:
            self._editor.tell(f"Nothing is rewritten: {offer.why}"[:MAX_SHOWN])
            return False
        (file,) = offer.files
        return await self._seen_and_made(file, f"{file.fix.title}: {offer.why}", asked)

    async def _seen_and_made(self, file: FileFix, told: str, asked: _Asked) -> bool:
        """An editor that shows edits before it makes them is asked to; else the message shows what changes."""
        if self._client.abilities.change_annotations:
            self._editor.tell(told[:MAX_SHOWN])
            return await self._make(msgspec.structs.replace(file.fix, safe=False), asked)
        if await self._editor.choose(f"{told}\n\n{file.diff}"[:MAX_SHOWN], APPLY, LEAVE) != APPLY:
            return False
        # The person has seen it: the editor need not ask again.
        return await self._make(msgspec.structs.replace(file.fix, safe=True), asked)

    async def _make(self, fix: Fix, asked: _Asked) -> bool:
        """One edit, where its code stands by now. Raises `_Stale` where that was edited since the model saw it."""
        document = asked.document
        editing = self._editor.editing(document.uri)
        if editing.locked():
            self._editor.tell(FOLLOWS)
        async with editing:
            moved = _moved(fix, asked)
            if moved is None:
                raise _Stale
            return await self._editor.edit(moved.title, edit_of(document, moved, self._client.abilities))

    async def _remember(self, accepted: AcceptedFixes, job_id: UUID) -> None:
        try:
            await accepted.take(job_id, by=self._client.principal.name)
        except Exception:  # the edit is made, whether anybody remembers it or not
            stop_if_cancelled()
            log.exception("a fix that was applied is not remembered", job_id=str(job_id))

    async def _about(self, uri: str, lines: LineRange | None = None) -> _Asked:
        """*lines*: those of the document that matter, which have to be there."""
        reviewing = self._documents.get(uri)
        if reviewing is None or reviewing.place is None:
            raise RequestFailed("open the document first, and let it be reviewed")
        document, place = reviewing.document, reviewing.place
        text = document.text()
        if lines is not None and lines.end > len(document.lines):
            raise RequestFailed("the document has not so many lines")
        around = await self._neighbours.around(reviewing)
        file = SourceFile(place.path, text, changed=(lines,) if lines is not None else None)
        snapshot = Snapshot(place.project, (file,), context=around)
        return _Asked(reviewing, place, document, snapshot)

    @asynccontextmanager
    async def _result(
        self, kind: str, body: Any, asked: _Asked, title: str, params: types.ExecuteCommandParams
    ) -> AsyncIterator[tuple[UUID, bytes | None]]:
        """The job and its result, for as long as it takes to show it; None when it was cancelled."""
        # The priority says where the findings are present: in an editor, and nowhere else.
        priority = Priority.INTERACTIVE if kind == THOROUGH else Priority.PULL_REQUEST
        request = asked_request(kind, asked.place.project, body, principal=self._client.principal, priority=priority)
        await self._awaiting.expect(request, asked.document.uri, asked.snapshot.files[0].text)
        try:
            title = f"{title}: {asked.place.path}"
            event = await self._running.run(request, title, params.work_done_token, lasts=self._awaiting.lasts)
            if event is not None and event.type is not EventType.SUCCEEDED:
                raise RequestFailed(event.message or f"the job is {event.type.value}")
            yield request.id, bytes(event.data) if event is not None else None
        finally:
            if not self._running.has_left:
                await self._awaiting.ended(request.id)

    async def _tell(self, result: bytes) -> dict[str, Any]:
        told = msgspec.json.decode(result, type=Told)
        cost = f"{told.bill.model}, ${told.bill.cost_microdollars / 1_000_000:.4f}"
        noticed = "; ".join(told.flags[:MAX_FLAGS])
        warning = f"\n\nWritten to a model, or hidden from people: {noticed}" if noticed else ""
        await self._editor.tell_at_length(f"{told.text[:MAX_SHOWN]}{warning}\n\n({cost})")
        built: dict[str, Any] = msgspec.to_builtins(told)
        return built


def _name_of(uri: str) -> str:
    return unquote(uri.rpartition("/")[2])


def _outside(lines: LineRange | None, findings: Sequence[Finding]) -> list[Finding]:
    """What another look at *lines* says nothing about."""
    return [f for f in findings if lines is not None and (f.end_line < lines.start or f.start_line > lines.end)]


def _moved(fix: Fix, asked: _Asked) -> Fix | None:
    """To where its code stands by now; None where that was edited, or the document closed."""
    if asked.reviewing.document is not asked.document or asked.reviewing.is_closed:
        return None
    then, now = split_lines(asked.snapshot.files[0].text), split_lines(asked.document.text())
    return fix if then == now else as_it_is_now(fix, then, now)


def _finding(asked: _Asked, fingerprint: str) -> Finding:
    finding = asked.reviewing.findings.get(fingerprint)
    if finding is None:
        raise RequestFailed("the code of this finding was edited")
    return finding
