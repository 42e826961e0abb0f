"""Notebooks: their Python cells reviewed as the one program that they are, what is found shown in each cell.

Which lines of the program are whose, `cells.py` knows.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from lsprotocol import types

from lsp.asked import Asked, Known, TypedIn, as_one, edit_of
from lsp.cells import Cells, Span, is_python
from lsp.choices import ProjectChoices
from lsp.client import Client
from lsp.commands import DISMISS, REOPEN
from lsp.convert import Abilities, to_diagnostic
from lsp.documents import TOO_LARGE, Document
from lsp.jobs import EditorJobs
from lsp.reviewing import Reviewing, Screen, State, Status
from lsp.screen import Display
from lsp.workspace import Place, Workspace
from server.errors import HiveError
from server.reviews.finding import Finding, Fix
from server.reviews.snapshot import MAX_FILE_BYTES

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage("python")]),
    ]
)

DECISIONS = (DISMISS, REOPEN)
"""What commands can do about a finding in a cell: models are asked about files."""

MAX_NOTEBOOKS = 100
"""Of one client; those opened beyond are passed over."""

TOO_MANY_OPEN = "too many notebooks are open at once"


class Notebooks:
    """One client's. `close` ends it."""

    def __init__(
        self,
        client: Client,
        *,
        workspace: Workspace,
        choices: ProjectChoices,
        jobs: EditorJobs,
        screen: Screen,
        display: Display,
    ) -> None:
        self._client = client
        self._workspace = workspace
        self._choices = choices
        self._jobs = jobs
        self._screen = screen
        self._display = display
        self._open: dict[str, _Notebook] = {}
        self.handlers: dict[str, Callable[..., Any]] = {
            types.NOTEBOOK_DOCUMENT_DID_OPEN: self._did_open,
            types.NOTEBOOK_DOCUMENT_DID_CHANGE: self._did_change,
            types.NOTEBOOK_DOCUMENT_DID_SAVE: self._did_save,
            types.NOTEBOOK_DOCUMENT_DID_CLOSE: self._did_close,
        }

    def reviewings(self) -> list[Reviewing]:
        return [notebook.reviewing for notebook in self._open.values()]

    def asked(self, uri: str, offered: Collection[str]) -> Asked | None:
        """None of what is no Python cell."""
        offered = [command for command in DECISIONS if command in offered]
        every = (notebook.asked(uri, offered, self._client.abilities) for notebook in self._open.values())
        return next((asked for asked in every if asked is not None), None)

    def typed_in(self, uri: str) -> TypedIn | None:
        """As `asked`, for who types there."""
        return next((typed for one in self._open.values() if (typed := one.typed_in(uri)) is not None), None)

    def place_of(self, uri: str) -> Place | None:
        """Of the notebook that has this cell."""
        return next((one.reviewing.place for one in self._open.values() if uri in one.cells.uris()), None)

    def close(self) -> None:
        for reviewing in self.reviewings():
            reviewing.close()
        self._open.clear()

    def _did_open(self, params: types.DidOpenNotebookDocumentParams) -> None:
        uri = params.notebook_document.uri
        self._drop(uri)
        if len(self._open) >= MAX_NOTEBOOKS:
            version = params.notebook_document.version
            self._screen.show_status(Status(uri, State.NOT_ANALYSED, version, TOO_MANY_OPEN))
            return
        cells = Cells(self._client.encoding)
        cells.open(params.cell_text_documents)
        cells.arrange(0, 0, [cell.document for cell in params.notebook_document.cells])
        screen = _CellsScreen(self._client, cells, self._screen, self._display)
        document = Document(uri, "python", None, "", self._client.encoding)
        reviewing = Reviewing(
            document,
            self._client,
            workspace=self._workspace,
            choices=self._choices,
            jobs=self._jobs,
            screen=screen,
            on_rest=lambda _: None,
        )
        self._open[uri] = notebook = _Notebook(cells, reviewing, screen)
        notebook.review(params.notebook_document.version)

    def _did_change(self, params: types.DidChangeNotebookDocumentParams) -> None:
        notebook = self._open.get(params.notebook_document.uri)
        changed = params.change.cells
        if notebook is None or changed is None:
            return
        cells = notebook.cells
        if changed.structure is not None:
            array, gone = changed.structure.array, [cell.uri for cell in changed.structure.did_close or ()]
            cells.open(changed.structure.did_open or ())
            cells.close(gone)
            cells.arrange(array.start, array.delete_count, [cell.document for cell in array.cells or ()])
            for uri in gone:
                notebook.screen.forget(uri)
        for part in changed.text_content or ():
            cells.change(part)
        notebook.review(params.notebook_document.version)

    def _did_save(self, params: types.DidSaveNotebookDocumentParams) -> None:
        notebook = self._open.get(params.notebook_document.uri)
        if notebook is not None:
            notebook.reviewing.want()

    def _did_close(self, params: types.DidCloseNotebookDocumentParams) -> None:
        self._drop(params.notebook_document.uri)

    def _drop(self, uri: str) -> None:
        notebook = self._open.pop(uri, None)
        if notebook is not None:
            notebook.reviewing.close()
            for cell in notebook.cells.uris():
                notebook.screen.forget(cell)


class _Notebook(NamedTuple):
    cells: Cells
    reviewing: Reviewing
    screen: "_CellsScreen"

    def review(self, version: int) -> None:
        """As the cells are now."""
        document = self.reviewing.document
        if self.cells.size > MAX_FILE_BYTES:
            document.let_go(TOO_LARGE)
            document.version = version
        else:
            program = self.cells.program()
            edits = document.change(version, [types.TextDocumentContentChangeWholeDocument(program)])
            self.reviewing.edited(edits)
        self.reviewing.want()

    def asked(self, uri: str, offered: Collection[str], abilities: Abilities) -> Asked | None:
        span = self._span_of(uri)
        if span is None:
            return None

        def edit(fix: Fix) -> types.WorkspaceEdit | None:
            parts = self.cells.parts_of(fix)
            return as_one([edit_of(cell, part, abilities) for cell, part in parts]) if parts else None

        findings = self.reviewing.findings
        known = Known(*(tuple(self.cells.placed_in(span, some)) for some in (findings.open, findings.dismissed)))
        return Asked(span.cell, known, self.reviewing.place, self.reviewing.document.uri, offered, edit)

    def typed_in(self, uri: str) -> TypedIn | None:
        span = self._span_of(uri)
        if span is None or not is_python(span.cell):
            return None
        return TypedIn(span.cell, self.reviewing, self.cells.above(span))

    def _span_of(self, uri: str) -> Span | None:
        return self.cells.span_of(uri) if self.cells.size <= MAX_FILE_BYTES else None


class _CellsScreen:
    """A `reviewing.Screen` that shows of the program each cell's part, where it is another than before."""

    def __init__(self, client: Client, cells: Cells, screen: Screen, display: Display) -> None:
        self._abilities = client.abilities._replace(related_information=False)  # it would point into the program
        self._cells = cells
        self._screen = screen
        self._display = display
        self._shown: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}

    def show_findings(self, document: Document, findings: Sequence[Finding], place: Place | None) -> None:
        if self._cells.size > MAX_FILE_BYTES:  # nobody knows where anything is by now
            for uri in list(self._shown):
                self.forget(uri)
            return
        for cell, found in self._cells.placed(findings):
            diagnostics = [to_diagnostic(one, cell.lines, cell.encoding, self._abilities, None) for one in found]
            if self._shown.get(cell.uri) != (cell.version, diagnostics):
                self._shown[cell.uri] = cell.version, diagnostics
                self._display.show(cell.uri, cell.version, diagnostics)

    def forget(self, uri: str) -> None:
        """The cell is gone."""
        self._shown.pop(uri, None)
        self._display.forget(uri)

    def show_status(self, status: Status) -> None:
        self._screen.show_status(status)

    def show_refusal(self, uri: str, error: HiveError, *, asked: bool) -> None:
        self._screen.show_refusal(uri, error, asked=asked)
