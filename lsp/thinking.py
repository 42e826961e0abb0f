"""What a person can ask of a model in an editor: review thoroughly, explain a finding, mend it, answer a question.

Only where the hub has a model; elsewhere nothing of it is offered, and who asks all the same hears what to set.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from lsprotocol import types

from lsp.client import Client
from lsp.convert import to_workspace_edit
from lsp.documents import Document
from lsp.jobs import asked_request
from lsp.neighbours import Neighbours
from lsp.protocol import RequestFailed
from lsp.reviewing import Reviewing
from lsp.running import Running, arguments_of
from lsp.workspace import Place
from server.jobs.job import EventType, Priority
from server.reviews.asks import FileFix, FindingQuestion, FixOffer, FixWish, Question, Told
from server.reviews.finding import Finding, FindingStatus
from server.reviews.snapshot import Report, Snapshot, SourceFile
from server.reviews.workflow import THOROUGH

REVIEW_THOROUGHLY = "hive.reviewThoroughly"
EXPLAIN = "hive.explain"
FIX = "hive.fix"
ASK = "hive.ask"

NO_MODEL = "This hub has no model: set ANTHROPIC_API_KEY where it starts, then restart it."
APPLY, LEAVE = "Apply", "Leave it"
MAX_SHOWN = 4_000
"""Characters of a message that an editor shows."""
MAX_FLAGS = 5

T = TypeVar("T")


class Editor(Protocol):
    """What is shown to the person, and asked."""

    def tell(self, text: str) -> None: ...

    async def choose(self, text: str, *choices: str) -> str | None: ...

    async def edit(self, label: str, edit: types.WorkspaceEdit) -> bool: ...


class AboutFinding(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The arguments of explain and fix."""

    uri: str
    fingerprint: str
    question: str = ""


class AboutDocument(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The arguments of ask."""

    uri: str
    question: str


class _Asked(NamedTuple):
    """What the question is about, as it was then."""

    reviewing: Reviewing
    place: Place
    document: Document
    version: int | None
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
        editor: Editor,
        thinks: bool,
    ) -> None:
        every: dict[str, Callable[[types.ExecuteCommandParams], Awaitable[Any]]] = {
            REVIEW_THOROUGHLY: self.review,
            EXPLAIN: self.explain,
            FIX: self.fix,
            ASK: self.ask,
        }
        self.table = every if thinks else {}
        self.names = frozenset(every)
        self._client = client
        self._documents = documents
        self._neighbours = neighbours
        self._running = running
        self._editor = editor

    async def review(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri]: rules and model; what the model finds stays until its lines are edited."""
        (uri,) = arguments_of(params, tuple[str])
        asked = await self._about(uri)
        asked.reviewing.findings.submitted_to_model()
        report = await self._result(THOROUGH, asked.snapshot, asked, Report, "Reviewing thoroughly", params)
        if report is None:
            return None
        found = [f for f in report.findings if f.is_from_model and f.path == asked.place.path]
        asked.reviewing.heard_of_model(found)
        thinking = report.thinking
        if thinking is not None:
            self._editor.tell(" ".join(filter(None, (thinking.note, thinking.summary)))[:MAX_SHOWN])
        return {"findings": sum(finding.status is FindingStatus.OPEN for finding in found)}

    async def explain(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri, fingerprint, question?]: answers with the explanation, and shows it."""
        target = arguments_of(params, AboutFinding)
        asked = await self._about(target.uri)
        finding = _finding(asked, target.fingerprint)
        question = FindingQuestion(asked.snapshot, finding, target.question)
        return self._tell(await self._result("explain", question, asked, Told, "Explaining", params))

    async def ask(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri, question]: about the project in which the document lies."""
        target = arguments_of(params, AboutDocument)
        asked = await self._about(target.uri)
        question = Question(asked.snapshot, target.question)
        return self._tell(await self._result("ask", question, asked, Told, "Looking for an answer", params))

    async def fix(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[uri, fingerprint]: offers edits, and applies them when the person agrees."""
        target = arguments_of(params, AboutFinding)
        asked = await self._about(target.uri)
        wish = FixWish(asked.snapshot, (_finding(asked, target.fingerprint),))
        offer = await self._result("fix", wish, asked, FixOffer, "Mending", params)
        if offer is None:
            return None
        return {"applied": await self._offer(offer, asked), "files": [file.path for file in offer.files]}

    async def _offer(self, offer: FixOffer, asked: _Asked) -> bool:
        """Only what is still as it was when the model saw it."""
        files = [file for file in offer.files if file.path == asked.place.path]
        if not files or len(files) < len(offer.files):
            elsewhere = ", ".join(file.path for file in offer.files) or "nothing"
            self._editor.tell(f"{offer.why}\n\nIt would change {elsewhere}; apply it with: hive fix"[:MAX_SHOWN])
            return False
        text = f"{files[0].fix.title}: {offer.why} (tests: {offer.tests})"
        if await self._editor.choose(text[:MAX_SHOWN], APPLY, LEAVE) != APPLY:
            return False
        if asked.document.version != asked.version:
            self._editor.tell("The document was edited meanwhile: ask for the fix again.")
            return False
        return await self._editor.edit(files[0].fix.title, self._edit(files[0], asked))

    def _edit(self, file: FileFix, asked: _Asked) -> types.WorkspaceEdit:
        document = asked.document
        fix = msgspec.structs.replace(file.fix, safe=True)  # the person has been asked
        return to_workspace_edit(
            fix, document.uri, asked.version, document.lines, document.encoding, self._client.abilities
        )

    async def _about(self, uri: str) -> _Asked:
        reviewing = self._documents.get(uri)
        if reviewing is None or reviewing.place is None:
            raise RequestFailed("open the document first, and let it be reviewed")
        document, place = reviewing.document, reviewing.place
        version, text = document.version, document.text()
        around = await self._neighbours.around(reviewing)
        snapshot = Snapshot(place.project, (SourceFile(place.path, text),), context=around)
        return _Asked(reviewing, place, document, version, snapshot)

    async def _result(
        self, kind: str, body: Any, asked: _Asked, shape: type[T], title: str, params: types.ExecuteCommandParams
    ) -> T | None:
        """None when it was cancelled."""
        # The priority says where the findings are present: in an editor, and nowhere else.
        priority = Priority.INTERACTIVE if kind == THOROUGH else Priority.PULL_REQUEST
        request = asked_request(kind, asked.place.project, body, principal=self._client.principal, priority=priority)
        event = await self._running.run(request, f"{title}: {asked.place.path}", params.work_done_token)
        if event is None:
            return None
        if event.type is not EventType.SUCCEEDED:
            raise RequestFailed(event.message or f"the job is {event.type.value}")
        return msgspec.json.decode(event.data, type=shape)

    def _tell(self, told: Told | None) -> dict[str, Any] | None:
        if told is None:
            return None
        cost = f"{told.bill.model}, ${told.bill.cost_microdollars / 1_000_000:.4f}"
        noticed = "; ".join(told.flags[:MAX_FLAGS])
        warning = f"\n\nWritten to a model, or hidden from people: {noticed}" if noticed else ""
        self._editor.tell(f"{told.text[:MAX_SHOWN]}{warning}\n\n({cost})")
        built: dict[str, Any] = msgspec.to_builtins(told)
        return built


def _finding(asked: _Asked, fingerprint: str) -> Finding:
    finding = asked.reviewing.findings.get(fingerprint)
    if finding is None:
        raise RequestFailed("the code of this finding was edited")
    return finding
