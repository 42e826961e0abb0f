"""One client of the hub: what each of its messages means.

Pure dispatch over parts that decide: `documents.py`, `diagnostics.py`, `reviewing.py`, `commands.py`. The wire and the
token are behind it (`server.py`, `protocol.py`).
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
from lsprotocol import types

from lsp.actions import code_actions, fix_target, resolved
from lsp.client import Client
from lsp.commands import Commands, Findings
from lsp.convert import to_diagnostic, without_links
from lsp.documents import Document
from lsp.hover import hover
from lsp.jobs import EditorJobs
from lsp.neighbours import REST_SECONDS, Neighbours
from lsp.overview import Overview, Records
from lsp.progress import ProgressBoard
from lsp.protocol import ContentModified, HiveLanguageServer
from lsp.reviewing import Reviewing, State, Status
from lsp.running import Running
from lsp.thinking import ThinkingCommands
from lsp.workspace import NotInWorkspace, Place, Workspace
from server.errors import HiveError
from server.jobs.job import FindingsChanged
from server.reviews.finding import Finding, FindingStatus
from server.security.principal import Principal

STATUS = "hive/status"

MAX_OPEN_CHARACTERS = 64 * 1024 * 1024
"""Of all open documents of one client; what is opened beyond it is not kept."""

MAX_OPEN_DOCUMENTS = 2000
"""Of one client; those opened beyond are passed over."""

TOO_MUCH_OPEN = "too much is open at once"


class Session:
    """From `initialize` until its connection ends; then `close`."""

    def __init__(
        self,
        server: HiveLanguageServer,
        params: types.InitializeParams,
        *,
        principal: Principal,
        jobs: EditorJobs,
        findings: Findings,
        rest_seconds: float = REST_SECONDS,
        thinks: bool = False,
        records: Records | None = None,
    ) -> None:
        self.client = Client.of(principal, params.capabilities)
        self._server = server
        self._jobs = jobs
        self._workspace = Workspace(_folder_uris(params))
        self._documents: dict[str, Reviewing] = {}
        self._neighbours = Neighbours(
            self.client, workspace=self._workspace, documents=self._documents, jobs=jobs, rest_seconds=rest_seconds
        )
        self._refusals_shown: set[str] = set()
        self._progress = ProgressBoard(server.protocol, client_shows_progress=self.client.shows_progress)
        running = Running(jobs, self._progress, by=principal.name)
        self.commands = Commands(
            self.client,
            workspace=self._workspace,
            documents=self._documents,
            findings=findings,
            running=running,
            thinking=ThinkingCommands(
                self.client,
                documents=self._documents,
                neighbours=self._neighbours,
                running=running,
                editor=self,
                thinks=thinks,
            ),
            screen=self,
        )
        self.overview = Overview(
            self.client, documents=self._documents, jobs=jobs, records=records, notify=server.protocol.notify
        )
        server.handle(
            {
                **self.overview.handlers,
                types.TEXT_DOCUMENT_DID_OPEN: self._did_open,
                types.TEXT_DOCUMENT_DID_CHANGE: self._did_change,
                types.TEXT_DOCUMENT_DID_SAVE: self._did_save,
                types.TEXT_DOCUMENT_DID_CLOSE: self._did_close,
                types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._folders_changed,
                types.TEXT_DOCUMENT_CODE_ACTION: self._code_actions,
                types.CODE_ACTION_RESOLVE: self._resolve,
                types.TEXT_DOCUMENT_HOVER: self._hover,
                types.WORKSPACE_EXECUTE_COMMAND: self.commands.execute,
                types.WINDOW_WORK_DONE_PROGRESS_CANCEL: self._progress.cancelled,
            },
            {
                types.TEXT_DOCUMENT_DID_SAVE: types.SaveOptions(include_text=False),
                types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
                    code_action_kinds=[types.CodeActionKind.QuickFix], resolve_provider=True
                ),
            },
        )

    def close(self) -> None:
        for reviewing in self._documents.values():
            reviewing.close()
        self._documents.clear()
        self._neighbours.close()
        self._server.protocol.forget_requests()

    def findings_changed(self, project: str, changed: FindingsChanged) -> None:
        """Somebody, anywhere, dismissed or reopened findings."""
        status = FindingStatus.DISMISSED if changed.status == FindingStatus.DISMISSED else FindingStatus.OPEN
        for reviewing in self._documents.values():
            if reviewing.place is not None and reviewing.place.project == project:
                reviewing.decided(changed.fingerprints, status)

    # What the editor tells us.

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        self._drop(item.uri)
        if len(self._documents) >= MAX_OPEN_DOCUMENTS:
            self.show_status(Status(item.uri, State.NOT_ANALYSED, item.version, TOO_MUCH_OPEN))
            return
        document = Document(item.uri, item.language_id, item.version, item.text, self.client.encoding)
        if document.size + sum(reviewing.document.size for reviewing in self._documents.values()) > MAX_OPEN_CHARACTERS:
            document.let_go(TOO_MUCH_OPEN)
        reviewing = Reviewing(
            document,
            self.client,
            workspace=self._workspace,
            jobs=self._jobs,
            screen=self,
            on_rest=self._neighbours.rested,
        )
        self._documents[item.uri] = reviewing
        reviewing.want()

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        reviewing = self._documents.get(params.text_document.uri)
        if reviewing is None:
            return  # never opened, or its didOpen was too long to be read
        edits = reviewing.document.change(params.text_document.version, params.content_changes)
        reviewing.findings.edited(edits)
        reviewing.want()

    def _did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        self._neighbours.files_came_or_went()
        reviewing = self._documents.get(params.text_document.uri)
        if reviewing is not None:
            reviewing.want()

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        self._drop(uri)
        self._refusals_shown.discard(uri)
        self._publish(types.PublishDiagnosticsParams(uri, []))

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        self._workspace.change(
            added=[folder.uri for folder in params.event.added],
            removed=[folder.uri for folder in params.event.removed],
        )
        self._neighbours.close()
        for reviewing in self._documents.values():
            reviewing.relocate()

    # What the editor asks.

    def _code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        reviewing = self._documents.get(params.text_document.uri)
        if reviewing is None:
            return []
        offered = self.commands.table.keys()
        return code_actions(reviewing.document, reviewing.findings, params, self.client, offered)

    def _resolve(self, action: types.CodeAction) -> types.CodeAction:
        target = fix_target(action)
        if target is None:
            return action
        reviewing = self._documents.get(target.uri)
        if reviewing is None:
            raise ContentModified("the document is closed")
        return resolved(action, target, reviewing.document, reviewing.findings, self.client)

    def _hover(self, params: types.HoverParams) -> types.Hover | None:
        reviewing = self._documents.get(params.text_document.uri)
        return hover(reviewing.document, reviewing.findings, params.position) if reviewing else None

    # What we show (`reviewing.Screen`).

    def show_findings(self, document: Document, findings: Sequence[Finding], place: Place | None) -> None:
        root_uri = place.root_uri if place else None
        diagnostics = [
            to_diagnostic(finding, document.lines, document.encoding, self.client.abilities, root_uri)
            for finding in findings
        ]
        self._publish(types.PublishDiagnosticsParams(document.uri, diagnostics, document.version))

    def show_status(self, status: Status) -> None:
        self._server.protocol.notify(STATUS, msgspec.to_builtins(status))

    def show_refusal(self, uri: str, error: HiveError, *, asked: bool) -> None:
        """Unasked, once for a file, and once in all for those outside the workspace: people look into libraries."""
        about = "" if isinstance(error, NotInWorkspace) else uri
        if not asked and (about in self._refusals_shown or urlsplit(uri).scheme != "file"):
            return
        self._refusals_shown.add(about)
        name = unquote(uri.rpartition("/")[2])
        message = types.ShowMessageParams(types.MessageType.Warning, f"Agent Hive does not review {name}: {error}.")
        self._server.window_show_message(message)

    # What is shown and asked when a model has answered (`thinking.Editor`).

    def tell(self, text: str) -> None:
        if text:
            message = types.ShowMessageParams(types.MessageType.Info, without_links(text))
            self._server.window_show_message(message)

    async def choose(self, text: str, *choices: str) -> str | None:
        items = [types.MessageActionItem(choice) for choice in choices]
        asked = types.ShowMessageRequestParams(types.MessageType.Info, without_links(text), items)
        chosen = await self._server.window_show_message_request_async(asked)
        return chosen.title if chosen is not None else None

    async def edit(self, label: str, edit: types.WorkspaceEdit) -> bool:
        done = await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        return done.applied

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self._server.text_document_publish_diagnostics(params)

    def _drop(self, uri: str) -> None:
        reviewing = self._documents.pop(uri, None)
        if reviewing is not None:
            reviewing.close()


def _folder_uris(params: types.InitializeParams) -> list[str]:
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri:
        return [params.root_uri]
    return [Path(params.root_path).as_uri()] if params.root_path and Path(params.root_path).is_absolute() else []
