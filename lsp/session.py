"""One client of the hub: what each of its messages means.

Pure dispatch over parts that decide: `documents.py`, `diagnostics.py`, `reviewing.py`, `commands.py`. The wire and the
token are behind it (`server.py`, `protocol.py`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types

from lsp import virtual
from lsp.answers import Answers
from lsp.awaiting import Awaiting, Store
from lsp.callers import CallerCommands
from lsp.choices import ProjectChoices
from lsp.client import Client
from lsp.commands import Commands, Findings
from lsp.consent_commands import ConsentCommands, Consents
from lsp.convert import SOURCE
from lsp.documents import TOO_LARGE, Document
from lsp.driven import Driven
from lsp.history import Histories
from lsp.inline_completion import InlineCompletion
from lsp.jobs import EditorJobs
from lsp.messages import CHECKOUTS, TRUST, abilities_of, checkouts_of
from lsp.neighbours import REST_SECONDS, Neighbours
from lsp.notebooks import Notebooks
from lsp.overview import Overview, Records
from lsp.progress import ProgressBoard
from lsp.protocol import HiveLanguageServer
from lsp.pull_requests import Branches, PullRequests
from lsp.pulling import Pulling
from lsp.refreshing import Refreshing
from lsp.reviewing import Reviewing, State, Status
from lsp.running import Running
from lsp.screen import EditorScreen, Pushing
from lsp.thinking import AcceptedFixes, ThinkingCommands
from lsp.thread_commands import ThreadCommands
from lsp.thread_diagnostics import ThreadDiagnostics
from lsp.virtual import Pages, VirtualDocuments
from lsp.watching import Changed, changed, watch
from lsp.wide_reviews import WideReviews
from lsp.workspace import Workspace
from server.jobs.job import FindingsChanged
from server.memory.contexts import Contexts
from server.reviews.finding import FindingStatus
from server.security.principal import Principal

MAX_OPEN_CHARACTERS = 64 * 1024 * 1024
"""Of all open documents of one client; what is opened beyond it is not kept."""

MAX_OPEN_DOCUMENTS = 2000
"""Of one client; those opened beyond are passed over."""

TOO_MUCH_OPEN = "too much is open at once"
TOO_MUCH_CHANGED = "more of it was changed at once than is followed: close it and open it again"

OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_DID_SAVE: types.SaveOptions(include_text=False),
    types.TEXT_DOCUMENT_DIAGNOSTIC: types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=True, identifier=SOURCE
    ),
}
"""Of the methods that take any."""


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
        branches: Branches | None = None,
        consents: Consents | None = None,
        awaited: Store | None = None,
        accepted: AcceptedFixes | None = None,
        contexts: Contexts | None = None,
        is_known: bool = False,
    ) -> None:
        """*is_known*: another hub was told the same before, by this editor."""
        self.client = Client.of(principal, params)
        self._server = server
        self._jobs = jobs
        self._workspace = Workspace(_folder_uris(params), principal)
        self._is_ready = False
        self._documents: dict[str, Reviewing] = {}
        self._lenses = (
            Refreshing(server.protocol, types.WORKSPACE_CODE_LENS_REFRESH)
            if self.client.wants_lenses and self.client.refreshes_lenses
            else None
        )
        refresh_lenses = self._lenses.want if self._lenses is not None else lambda: None
        self._neighbours = Neighbours(
            self.client,
            workspace=self._workspace,
            documents=self._documents,
            jobs=jobs,
            rest_seconds=rest_seconds,
            on_callers=refresh_lenses,
        )
        self._pulling = Pulling(server, self._documents) if self.client.pulls else None
        display = ThreadDiagnostics(self._pulling or Pushing(server))
        self._pages = Pages()
        # Without a model no lens is about a finding.
        on_others = refresh_lenses if thinks else lambda: None
        self._screen = EditorScreen(server, self.client, display, self._pages.keep, on_others)
        abilities = abilities_of(params.initialization_options)
        self.driven = Driven(
            server,
            self.client,
            abilities,
            name=params.client_info.name[:100] if params.client_info else "an editor",
            workspace=self._workspace,
            documents=self._documents,
            screen=self._screen,
        )
        self.pull_requests = PullRequests(
            self.client,
            workspace=self._workspace,
            documents=self._documents,
            jobs=jobs,
            branches=branches,
            notify=server.protocol.notify,
            on_told=(lambda _: None) if abilities.pull_requests else display.told,
        )
        self._choices = ProjectChoices(self.client, self._workspace, self._screen.tell)
        self._notebooks = Notebooks(
            self.client,
            workspace=self._workspace,
            choices=self._choices,
            jobs=jobs,
            screen=self._screen,
            display=display,
        )
        self._progress = ProgressBoard(server.protocol, client_shows_progress=self.client.shows_progress)
        self._running = running = Running(jobs, self._progress, by=principal.name)
        results = records.jobs if records is not None else None
        self._awaiting = Awaiting(self.client, store=awaited, results=results, running=running)
        threads = ThreadCommands(
            self.client,
            self.pull_requests,
            documents=self._documents,
            findings=findings,
            running=running,
            editor=self._screen,
            offered=branches is not None,
        )
        self._thinking = ThinkingCommands(
            self.client,
            documents=self._documents,
            neighbours=self._neighbours,
            running=running,
            awaiting=self._awaiting,
            editor=self._screen,
            thinks=thinks,
            accepted=accepted,
        )
        self.commands = Commands(
            self.client,
            workspace=self._workspace,
            choices=self._choices,
            documents=self._documents,
            findings=findings,
            running=running,
            thinking=self._thinking,
            threads=threads,
            wide=WideReviews(
                self.client,
                workspace=self._workspace,
                documents=self._documents,
                running=running,
                screen=self._screen,
            ),
            callers=CallerCommands(self._documents, self._screen, abilities, wanted=self.client.wants_callers),
            consents=ConsentCommands(principal, consents, self._screen),
            screen=self._screen,
            place_of_cell=self._notebooks.place_of,
        )
        self.overview = Overview(
            self.client, documents=self._documents, jobs=jobs, records=records, notify=server.protocol.notify
        )
        self._histories = Histories(findings, principal)
        self._answers = Answers(
            self.client,
            documents=self._documents,
            cells=self._notebooks.asked,
            histories=self._histories,
            offered=self.commands.table.keys(),
            thread_actions=threads.actions,
            threads=self.pull_requests.urls,
        )
        self._virtual = VirtualDocuments(self.client, documents=self._documents, logs=results, pages=self._pages)
        self._is_known = is_known
        self._completion = InlineCompletion(
            self.client,
            documents=self._documents,
            cells=self._notebooks.typed_in,
            choices=self._choices,
            jobs=jobs,
            contexts=contexts,
            tell=self._screen.tell,
            thinks=thinks,
        )
        server.handle(
            self._handlers(), {**OPTIONS, **self._answers.options, **virtual.OPTIONS, **self._completion.options}
        )

    def _handlers(self) -> dict[str, Callable[..., Any]]:
        """By method. What is not in here is not advertised."""
        handlers: dict[str, Callable[..., Any]] = {
            **self.overview.handlers,
            **self._answers.handlers,
            **self._completion.handlers,
            CHECKOUTS: self._checkouts_told,
            **self._virtual.handlers,
            **self._notebooks.handlers,
            TRUST: self.driven.trust,
            types.INITIALIZED: self._initialized,
            types.TEXT_DOCUMENT_DID_OPEN: self._did_open,
            types.TEXT_DOCUMENT_DID_CHANGE: self._did_change,
            types.TEXT_DOCUMENT_DID_SAVE: self._did_save,
            types.TEXT_DOCUMENT_DID_CLOSE: self._did_close,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._folders_changed,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self._files_changed,
            types.WORKSPACE_EXECUTE_COMMAND: self.commands.execute,
            types.WINDOW_WORK_DONE_PROGRESS_CANCEL: self._progress.cancelled,
        }
        if self._pulling is not None:
            handlers[types.TEXT_DOCUMENT_DIAGNOSTIC] = self._pulling.document
            handlers[types.WORKSPACE_DIAGNOSTIC] = self._pulling.workspace
        return handlers

    def close(self) -> None:
        self._running.close()
        self._awaiting.close()
        self._screen.closed.close()
        self._completion.close()
        for reviewing in self._documents.values():
            reviewing.close()
        self._documents.clear()
        self._notebooks.close()
        self._neighbours.close()
        self.pull_requests.close()
        if self._pulling is not None:
            self._pulling.close()
        if self._lenses is not None:
            self._lenses.close()
        self._server.protocol.forget_requests()

    def findings_changed(self, project: str, changed: FindingsChanged) -> None:
        """Somebody, anywhere, dismissed or reopened findings."""
        status = FindingStatus.DISMISSED if changed.status == FindingStatus.DISMISSED else FindingStatus.OPEN
        self._histories.forget()
        self._screen.closed.decided(project, changed.fingerprints, status)
        for reviewing in (*self._documents.values(), *self._notebooks.reviewings()):
            if reviewing.place is not None and reviewing.place.project == project:
                reviewing.decided(changed.fingerprints, status)

    def missed(self, uri: str) -> None:
        """What the editor told of this document was too much to be read: what we have of it is not what is there."""
        reviewing = self._documents.get(uri)
        if reviewing is None:
            self._screen.show_status(Status(uri, State.NOT_ANALYSED, None, TOO_LARGE))
        else:
            reviewing.document.let_go(TOO_MUCH_CHANGED)
            reviewing.want()

    # What the editor tells us.

    def _initialized(self, _: types.InitializedParams) -> None:
        if self._is_ready:
            return
        self._is_ready = True
        if self.client.watches_files and not self._is_known:
            watch(self._server.protocol)
        self._completion.register(self._server.protocol, is_known=self._is_known)
        self._awaiting.begin(self._thinking.show_late)

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        self._drop(item.uri)
        self._screen.closed.opened(item.uri)
        if len(self._documents) >= MAX_OPEN_DOCUMENTS:
            self._screen.show_status(Status(item.uri, State.NOT_ANALYSED, item.version, TOO_MUCH_OPEN))
            return
        document = Document(item.uri, item.language_id, item.version, item.text, self.client.encoding)
        if document.size + sum(reviewing.document.size for reviewing in self._documents.values()) > MAX_OPEN_CHARACTERS:
            document.let_go(TOO_MUCH_OPEN)
        reviewing = Reviewing(
            document,
            self.client,
            workspace=self._workspace,
            choices=self._choices,
            jobs=self._jobs,
            screen=self._screen,
            on_rest=self._neighbours.rested,
        )
        self._documents[item.uri] = reviewing
        reviewing.want()
        self._awaiting.opened()
        self.pull_requests.look()
        self.pull_requests.moved(reviewing.place)

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        reviewing = self._documents.get(params.text_document.uri)
        if reviewing is None:
            return  # never opened, or its didOpen was too long to be read
        edits = reviewing.document.change(params.text_document.version, params.content_changes)
        reviewing.edited(edits)
        reviewing.want()
        self.pull_requests.moved(reviewing.place)

    def _did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        self._neighbours.files_came_or_went()
        self.pull_requests.look()
        reviewing = self._documents.get(params.text_document.uri)
        self.pull_requests.moved(reviewing.place if reviewing else None)
        if reviewing is not None:
            reviewing.want()
        self._changed_beside(changed([params.text_document.uri]) & Changed.CHOICES)

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        self._drop(uri)
        self._screen.forget(uri)

    def _files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        deleted = {change.uri for change in params.changes if change.type == types.FileChangeType.Deleted}
        self._screen.closed.gone(deleted)
        uris = [change.uri for change in params.changes]
        self._screen.closed.written(uri for uri in uris if uri not in deleted)
        self._changed_beside(changed(uris))

    def _changed_beside(self, what: Changed) -> None:
        if Changed.CODE in what:
            self._neighbours.files_came_or_went()
        if Changed.BRANCH in what:
            self.pull_requests.look()
        if Changed.CHOICES in what:
            self._choices.forget()
            for reviewing in (*self._documents.values(), *self._notebooks.reviewings()):
                reviewing.want()

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        removed = [folder.uri for folder in params.event.removed]
        self._workspace.change(added=[folder.uri for folder in params.event.added], removed=removed)
        self._screen.closed.gone(removed)
        self.pull_requests.look()
        self._relocate()

    def _checkouts_told(self, params: Any) -> None:
        """What is no such thing is passed over."""
        told = checkouts_of(params)
        if told is None:
            return
        self.pull_requests.checkouts(told)
        if self._workspace.hear(told):
            self._relocate()
            self.pull_requests.moved(None)

    def _relocate(self) -> None:
        """Documents may belong to other projects by now."""
        self._neighbours.close()
        for reviewing in (*self._documents.values(), *self._notebooks.reviewings()):
            reviewing.relocate()

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
