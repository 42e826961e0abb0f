"""What one editor shows: findings, how far a document was read, messages, questions, edits.

Only shows: `reviewing.py` and the commands decide what. Findings go to `pushing` or wait in `pulling` for the editor to
ask, by what it can do: never both.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol
from urllib.parse import unquote, urlsplit
from weakref import WeakValueDictionary

import msgspec
from lsprotocol import types

from lsp.client import Client
from lsp.closed import ClosedFiles
from lsp.convert import to_diagnostic, without_links
from lsp.documents import Document
from lsp.messages import STATUS
from lsp.protocol import HiveLanguageServer
from lsp.reviewing import LeftOut, Status
from lsp.workspace import NotInWorkspace, Place, file_path
from server.errors import HiveError
from server.reviews.finding import Finding

MAX_MESSAGE = 500
"""Characters that anybody reads in a message; VS Code shows no more than 1,000."""


class Display(Protocol):
    """How diagnostics reach the editor."""

    def show(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None: ...

    def forget(self, uri: str) -> None:
        """The document was closed."""


class Pushing:
    """For editors that wait to be told (textDocument/publishDiagnostics)."""

    def __init__(self, server: HiveLanguageServer) -> None:
        self._server = server

    def show(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def forget(self, uri: str) -> None:
        self.show(uri, None, [])


class EditorScreen:
    """One client's: `reviewing.Screen` and `thinking.Editor`."""

    def __init__(
        self,
        server: HiveLanguageServer,
        client: Client,
        display: Display,
        keep_page: Callable[[str], str],
        on_others: Callable[[], None] = lambda: None,
    ) -> None:
        """*keep_page* answers with the URI of a page of that text. *on_others*: a document shows other findings than
        before, not only elsewhere.
        """
        self._server = server
        self._client = client
        self.closed = ClosedFiles(display)
        self._display = display
        self._keep_page = keep_page
        self._on_others = on_others
        self._shown: dict[str, frozenset[str]] = {}
        """Fingerprints, by document."""
        self._refusals_shown: set[str] = set()
        self._editing: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()

    def show_findings(self, document: Document, findings: Sequence[Finding], place: Place | None) -> None:
        root_uri = place.root_uri if place else None
        diagnostics = [
            to_diagnostic(finding, document.lines, document.encoding, self._client.abilities, root_uri)
            for finding in findings
        ]
        if document.version is None:
            self.closed.show(document.uri, place.project if place else "", document.text(), diagnostics)
            return
        self._display.show(document.uri, document.version, diagnostics)
        marks = frozenset(finding.fingerprint for finding in findings)
        if self._shown.get(document.uri, frozenset()) != marks:
            self._shown[document.uri] = marks
            self._on_others()

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._refusals_shown.discard(uri)
        self._shown.pop(uri, None)
        self._display.forget(uri)

    def show_status(self, status: Status) -> None:
        self._server.protocol.notify(STATUS, msgspec.to_builtins(status))

    def show_refusal(self, uri: str, error: HiveError, *, asked: bool) -> None:
        """Unasked, once for a file, and once in all for those outside the workspace: people look into libraries.

        What the project left out itself is no news.
        """
        about = "" if isinstance(error, NotInWorkspace) else uri
        if not asked and isinstance(error, LeftOut):
            return
        if not asked and (about in self._refusals_shown or urlsplit(uri).scheme != "file"):
            return
        self._refusals_shown.add(about)
        name = unquote(uri.rpartition("/")[2])
        message = types.ShowMessageParams(types.MessageType.Warning, f"Agent Hive does not review {name}: {error}.")
        self._server.window_show_message(message)

    def tell(self, text: str) -> None:
        if text:
            message = types.ShowMessageParams(types.MessageType.Info, without_links(text))
            self._server.window_show_message(message)

    async def tell_at_length(self, text: str) -> None:
        """On a page of its own what does not fit into a message, where the editor opens such."""
        opens_pages = self._client.opens_documents and self._client.reads_virtual_documents
        if len(text) <= MAX_MESSAGE or not opens_pages:
            self.tell(text)
            return
        asked = types.ShowDocumentParams(self._keep_page(text), take_focus=True)
        if not (await self._server.window_show_document_async(asked)).success:
            self.tell(text)

    async def choose(self, text: str, *choices: str) -> str | None:
        items = [types.MessageActionItem(choice) for choice in choices]
        asked = types.ShowMessageRequestParams(types.MessageType.Info, without_links(text), items)
        chosen = await self._server.window_show_message_request_async(asked)
        return chosen.title if chosen is not None else None

    async def open(self, place: types.Location) -> bool:
        """Whether it did: not all editors open what a server names."""
        if not self._client.opens_documents:
            return False
        asked = types.ShowDocumentParams(place.uri, take_focus=True, selection=place.range)
        return (await self._server.window_show_document_async(asked)).success

    def editing(self, uri: str) -> asyncio.Lock:
        """Held from looking at a document's text until an edit of it is made: two at once would spoil it."""
        return self._editing.setdefault(file_path(uri) or uri, asyncio.Lock())

    async def edit(self, label: str, edit: types.WorkspaceEdit) -> bool:
        done = await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        return done.applied
