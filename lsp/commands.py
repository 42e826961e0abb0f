"""What a person can ask for by name: review a file, dismiss a finding, reopen it (workspace/executeCommand).

What needs a model stands in `thinking.py`.

Everything else that happens to a finding happens by itself: a dismissal comes back as an event to every open editor.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp.callers import CallerCommands
from lsp.choices import ProjectChoices
from lsp.client import Client
from lsp.consent_commands import ConsentCommands
from lsp.documents import TOO_LARGE, Document
from lsp.history import KnownFindings
from lsp.jobs import NotPermitted, review_request
from lsp.protocol import RequestFailed
from lsp.reviewing import DocumentRefused, Reviewing, Screen, State, as_shown, how_far, refuse_left_out
from lsp.running import ReviewTarget, Running, arguments_of
from lsp.thinking import NO_MODEL, ThinkingCommands
from lsp.thread_commands import ThreadCommands
from lsp.wide_reviews import NOT_READ, WideReviews
from lsp.workspace import NotInWorkspace, Place, Workspace
from server.errors import HiveError
from server.jobs.job import EventType, JobRequest
from server.reviews.configuration import judged
from server.reviews.finding import FindingStatus
from server.reviews.snapshot import MAX_FILE_BYTES, Report
from server.security.principal import Permission

REVIEW = "hive.review"
DISMISS = "hive.dismiss"
REOPEN = "hive.reopen"


class Findings(KnownFindings, Protocol):
    """`server.reviews.findings.FindingStore`, as far as a person in an editor needs it."""

    async def dismiss(self, project: str, fingerprint: str, *, by: str, why: str) -> Any: ...

    async def reopen(self, project: str, fingerprint: str, *, by: str, why: str) -> Any: ...


class Target(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The arguments of dismiss and reopen. *why* is a person's reason."""

    uri: str
    fingerprint: str
    why: str = ""


class Commands:
    """One client's. The names stand in `table`."""

    def __init__(
        self,
        client: Client,
        *,
        workspace: Workspace,
        choices: ProjectChoices,
        documents: Mapping[str, Reviewing],
        findings: Findings,
        running: Running,
        thinking: ThinkingCommands,
        threads: ThreadCommands,
        wide: WideReviews,
        callers: CallerCommands,
        consents: ConsentCommands,
        screen: Screen,
        place_of_cell: Callable[[str], Place | None],
    ) -> None:
        """*place_of_cell*: of the notebook that has it, by the cell's URI."""
        self.table: dict[str, Callable[[types.ExecuteCommandParams], Awaitable[Any]]] = {
            REVIEW: self.review,
            DISMISS: self.dismiss,
            REOPEN: self.reopen,
            **wide.table,
            **thinking.table,
            **threads.table,
            **callers.table,
            **consents.table,
        }
        self._client = client
        self._workspace = workspace
        self._choices = choices
        self._documents = documents
        self._findings = findings
        self._running = running
        self._thinking = thinking
        self._wide = wide
        self._screen = screen
        self._place_of_cell = place_of_cell

    async def execute(self, params: types.ExecuteCommandParams) -> Any:
        command = self.table.get(params.command)
        if command is None and params.command in self._thinking.names:
            raise RequestFailed(NO_MODEL)
        if command is None and params.command in self._wide.names:
            raise RequestFailed(NOT_READ)
        if command is None:
            raise JsonRpcInvalidParams(f"there is no command {params.command}")
        try:
            return await command(params)
        except HiveError as error:
            raise RequestFailed(f"{error}. {error.hint}" if error.hint else str(error)) from error

    async def review(self, params: types.ExecuteCommandParams) -> dict[str, Any]:
        """[uri, first line?, last line?]: review it as a job of its own and answer when that is done.

        Open or not, its findings are shown; the answer counts those in the lines.
        """
        target = arguments_of(params, ReviewTarget)
        uri, lines = target.uri, target.lines
        try:
            document, place = await self._find(uri)
            configuration = await self._choices.of(place)
            refuse_left_out(place, configuration)
            version, text = document.version, document.text()
            if (refusal := document.refusal(text)) is not None:
                raise DocumentRefused(refusal)
        except (NotInWorkspace, DocumentRefused) as error:
            self._screen.show_refusal(uri, error, asked=True)
            return _not_analysed(str(error))
        group = f"{self._client.session_id}:{uri}:{REVIEW}"
        request = review_request(place, text, group=group, principal=self._client.principal)
        event = await self._running.run(request, f"Reviewing {place.path}", params.work_done_token)
        if event is None or event.type is not EventType.SUCCEEDED:
            return _not_analysed(event.message or event.type.value if event else "cancelled", request)
        report = judged(msgspec.json.decode(event.data, type=Report), configuration)
        self._show(as_shown(report, configuration), document, version, place)
        state, reason = how_far(report.coverage, place.path)
        open_ = [finding for finding in report.findings if finding.status is FindingStatus.OPEN]
        found = sum(lines is None or lines.start <= finding.start_line <= lines.end for finding in open_)
        return {"job_id": str(request.id), "state": state, "reason": reason, "findings": found}

    async def dismiss(self, params: types.ExecuteCommandParams) -> None:
        """[uri, fingerprint, why?]: no problem, in every place, until it is reopened."""
        target = arguments_of(params, Target)
        project = await self._project_to_decide(target.uri)
        await self._findings.dismiss(project, target.fingerprint, by=self._client.principal.name, why=target.why)

    async def reopen(self, params: types.ExecuteCommandParams) -> None:
        """[uri, fingerprint, why?]: take a dismissal back."""
        target = arguments_of(params, Target)
        project = await self._project_to_decide(target.uri)
        await self._findings.reopen(project, target.fingerprint, by=self._client.principal.name, why=target.why)

    async def _find(self, uri: str) -> tuple[Document, Place]:
        """The open document, else the file on disk."""
        reviewing = self._documents.get(uri)
        if reviewing is not None:
            return reviewing.document, await self._locate(uri)
        if not self._client.principal.is_local:
            raise NotInWorkspace("it is not open in the editor, and this hub reads no files for it")
        place = await self._locate(uri)
        text = await asyncio.to_thread(lambda: _read(self._workspace.real_path_of(uri)))
        return Document(uri, "", None, text, self._client.encoding), place

    async def _locate(self, uri: str) -> Place:
        reviewing = self._documents.get(uri)
        if reviewing is not None and reviewing.place is not None:
            return reviewing.place
        if (place := self._place_of_cell(uri)) is not None:
            return place
        return await self._workspace.locate(uri, reviewing.document.language if reviewing else "")

    def _show(self, report: Report, document: Document, version: int | None, place: Place) -> None:
        reviewing = self._documents.get(document.uri)
        if reviewing is None:
            found = [finding for finding in report.findings if finding.status is FindingStatus.OPEN]
            self._screen.show_findings(document, found, place)
        elif reviewing.document is document and document.version == version:
            reviewing.show(report)

    async def _project_to_decide(self, uri: str) -> str:
        project = (await self._locate(uri)).project
        principal = self._client.principal
        if not (principal.may(Permission.WRITE) and principal.may_see(project)):
            raise NotPermitted(f"this key may not decide about findings of {project}")
        return project


def _not_analysed(reason: str, request: JobRequest | None = None) -> dict[str, Any]:
    job_id = str(request.id) if request else None
    return {"job_id": job_id, "state": State.NOT_ANALYSED, "reason": reason, "findings": 0}


def _read(path: Path) -> str:
    """A regular file's text. Raises `DocumentRefused`."""
    try:
        if not path.is_file():
            raise DocumentRefused("not a file")
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise DocumentRefused(TOO_LARGE)
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentRefused("binary") from error
    except OSError as error:
        raise DocumentRefused(f"cannot be read: {error.strerror}") from error
