"""Notebooks: their Python cells reviewed as the one program that they are, what is found shown in each cell.

`Cells` is pure: which lines of the program are whose. What a cell says to IPython (`%magic`, `!shell`) counts as a
comment, in as many columns.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lsprotocol import types

from lsp.choices import ProjectChoices
from lsp.client import Client
from lsp.convert import split_lines, to_diagnostic
from lsp.documents import TOO_LARGE, Document
from lsp.jobs import EditorJobs
from lsp.reviewing import Reviewing, Screen, Status
from lsp.screen import Display
from lsp.workspace import Place, Workspace
from server.errors import HiveError
from server.reviews.finding import Finding
from server.reviews.snapshot import MAX_FILE_BYTES

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage("python")]),
    ]
)

MAX_NOTEBOOKS = 100
"""Of one client; those opened beyond are passed over."""

_TO_IPYTHON = re.compile(r"^\s*[%!?]")
_OTHER_LANGUAGE = re.compile(r"^\s*%%")


class Span(NamedTuple):
    """Where a cell's lines stand in the program: from *first*, 0-based, so many."""

    cell: Document
    first: int
    lines: int


class Cells:
    """In order, those that are Python and whose text is known."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._order: list[str] = []
        self._documents: dict[str, Document] = {}
        self._python: dict[str, list[str]] = {}
        """Of those whose text has not changed since."""

    @property
    def size(self) -> int:
        """In code points."""
        return sum(document.size for document in self._documents.values())

    def open(self, items: Sequence[types.TextDocumentItem]) -> None:
        for item in items:
            document = Document(item.uri, item.language_id, item.version, item.text, self._encoding)
            self._documents[item.uri] = document
            self._python.pop(item.uri, None)

    def close(self, uris: Sequence[str]) -> None:
        for uri in uris:
            self._documents.pop(uri, None)
            self._python.pop(uri, None)

    def arrange(self, start: int, delete: int, uris: Sequence[str]) -> None:
        self._order[start : start + delete] = uris

    def change(self, part: types.NotebookDocumentCellContentChanges) -> None:
        document = self._documents.get(part.document.uri)
        if document is not None:
            document.change(part.document.version, part.changes)
            self._python.pop(part.document.uri, None)

    def uris(self) -> list[str]:
        return [uri for uri in self._order if uri in self._documents]

    def program(self) -> tuple[str, list[Span]]:
        text: list[str] = []
        spans: list[Span] = []
        for uri in self.uris():
            cell = self._documents[uri]
            if cell.language == "python":
                lines = self._python.get(uri) or as_python(cell.text())
                self._python[uri] = lines
                spans.append(Span(cell, len(text), len(lines)))
                text += lines
        return "".join(text), spans


def as_python(text: str) -> list[str]:
    """A cell's lines, each ended."""
    lines = split_lines(text)
    is_other = _OTHER_LANGUAGE.match(lines[0]) is not None
    python = [f"#{line[1:]}" if (is_other or _TO_IPYTHON.match(line)) and line.strip() else line for line in lines]
    return [*python[:-1], f"{python[-1]}\n"]


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

    def close(self) -> None:
        for reviewing in self.reviewings():
            reviewing.close()
        self._open.clear()

    def _did_open(self, params: types.DidOpenNotebookDocumentParams) -> None:
        uri = params.notebook_document.uri
        self._drop(uri)
        if len(self._open) >= MAX_NOTEBOOKS:
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
        self._open[uri] = notebook = _Notebook(cells, reviewing)
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
                self._display.forget(uri)
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
                self._display.forget(cell)


class _Notebook(NamedTuple):
    cells: Cells
    reviewing: Reviewing

    def review(self, version: int) -> None:
        """As the cells are now."""
        document = self.reviewing.document
        if self.cells.size > MAX_FILE_BYTES:
            document.let_go(TOO_LARGE)
            document.version = version
        else:
            program, _ = self.cells.program()
            edits = document.change(version, [types.TextDocumentContentChangeWholeDocument(program)])
            self.reviewing.findings.edited(edits)
        self.reviewing.want()


class _CellsScreen:
    """A `reviewing.Screen` that shows of the program each cell's part."""

    def __init__(self, client: Client, cells: Cells, screen: Screen, display: Display) -> None:
        self._client = client
        self._abilities = client.abilities._replace(related_information=False)  # it would point into the program
        self._cells = cells
        self._screen = screen
        self._display = display

    def show_findings(self, document: Document, findings: Sequence[Finding], place: Place | None) -> None:
        spans = self._cells.program()[1] if self._cells.size <= MAX_FILE_BYTES else []
        diagnostics = [to_diagnostic(f, document.lines, document.encoding, self._abilities, None) for f in findings]
        for cell, first, lines in spans:
            here = [_moved_up(one, first) for one in diagnostics if first <= one.range.start.line < first + lines]
            self._display.show(cell.uri, cell.version, here)

    def show_status(self, status: Status) -> None:
        self._screen.show_status(status)

    def show_refusal(self, uri: str, error: HiveError, *, asked: bool) -> None:
        self._screen.show_refusal(uri, error, asked=asked)


def _moved_up(diagnostic: types.Diagnostic, lines: int) -> types.Diagnostic:
    for position in (diagnostic.range.start, diagnostic.range.end):
        position.line -= lines
    return diagnostic
