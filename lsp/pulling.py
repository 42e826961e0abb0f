"""Diagnostics for editors that ask (textDocument/diagnostic and workspace/diagnostic, LSP 3.17).

A question about a document waits for the review of its version of now, as long as an answer usually takes. What comes
later, or by itself (another person's dismissal, the files around), is told by asking the editor to ask again.
A `resultId` is a digest of what is shown, so that it holds across connections and hubs.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from lsprotocol import types

from lsp.protocol import HiveLanguageServer, shared_converter
from lsp.refreshing import Refreshing
from lsp.reviewing import PATIENCE_SECONDS, Reviewing

DOCUMENTS_AT_A_TIME = 50
"""In one partial result of a report on the workspace."""

MAX_CLOSED = 2_000
"""Files that are not open and of which findings are kept; those shown first are forgotten first."""


class Report(NamedTuple):
    """What is known of a document. *version*: None of a file that is not open."""

    version: int | None
    diagnostics: Sequence[types.Diagnostic]
    result_id: str


def report_on(version: int | None, diagnostics: Sequence[types.Diagnostic]) -> Report:
    shown = msgspec.json.encode(shared_converter().unstructure(diagnostics))
    return Report(version, diagnostics, hashlib.sha256(shown).hexdigest()[:32])


NOTHING = report_on(None, [])


class Pulling:
    """One client's `screen.Display`, and its answers. `close` ends it."""

    def __init__(self, server: HiveLanguageServer, documents: Mapping[str, Reviewing]) -> None:
        self._server = server
        self._documents = documents
        self._reports: dict[str, Report] = {}
        self._delivered: dict[str, str] = {}
        self._asking: Counter[str] = Counter()
        self._changed = asyncio.Event()
        self._workspace_question: asyncio.Task[object] | None = None
        self._refreshing = Refreshing(server.protocol, types.WORKSPACE_DIAGNOSTIC_REFRESH)

    def show(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        report = report_on(version, diagnostics)
        self._reports.pop(uri, None)
        self._reports[uri] = report
        self._forget_the_oldest()
        self._changed.set()
        if not self._asking[uri] and self._delivered.get(uri) != report.result_id:
            self._refreshing.want()

    def forget(self, uri: str) -> None:
        self._reports.pop(uri, None)
        self._delivered.pop(uri, None)
        self._changed.set()

    def close(self) -> None:
        self._refreshing.close()

    async def document(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        uri = params.text_document.uri
        reviewing = self._documents.get(uri)
        if reviewing is not None:
            await self._wait_for(reviewing)
        report = self._reports.get(uri, NOTHING)
        if uri in self._reports:
            self._delivered[uri] = report.result_id
        if params.previous_result_id == report.result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(report.result_id)
        return types.RelatedFullDocumentDiagnosticReport(report.diagnostics, result_id=report.result_id)

    async def workspace(self, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        """Answers when something differs from what the editor has: until then the question stays open."""
        self._replace_workspace_question()
        known = {previous.uri: previous.value for previous in params.previous_result_ids}
        while True:
            self._changed.clear()
            if any(known.get(uri) != report.result_id for uri, report in self._all(known)):
                break
            await self._changed.wait()
        items = list(self._workspace_reports(known))
        if params.partial_result_token is None:
            return types.WorkspaceDiagnosticReport(items)
        for first in range(0, len(items), DOCUMENTS_AT_A_TIME):
            part = types.WorkspaceDiagnosticReportPartialResult(items[first : first + DOCUMENTS_AT_A_TIME])
            self._server.protocol.notify(types.PROGRESS, types.ProgressParams(params.partial_result_token, part))
            await asyncio.sleep(0)
        return types.WorkspaceDiagnosticReport([])

    async def _wait_for(self, reviewing: Reviewing) -> None:
        uri = reviewing.document.uri
        self._asking[uri] += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await reviewing.settled()
        except TimeoutError:
            reviewing.show_findings()  # those that were not edited away, where they are now
        finally:
            self._asking[uri] -= 1
            if not self._asking[uri]:
                del self._asking[uri]

    def _replace_workspace_question(self) -> None:
        """An editor has one; an older one is of a client that forgot it."""
        if self._workspace_question is not None:
            self._workspace_question.cancel()
        self._workspace_question = asyncio.current_task()

    def _all(self, known: Iterable[str]) -> Iterator[tuple[str, Report]]:
        """Of what is shown, and of what the editor still shows; nothing of a document that was not read yet."""
        for uri in {**self._reports, **dict.fromkeys(known)}:
            if uri in self._reports or uri not in self._documents:
                yield uri, self._reports.get(uri, NOTHING)

    def _workspace_reports(self, known: Mapping[str, str]) -> Iterator[types.WorkspaceDocumentDiagnosticReport]:
        for uri, (version, diagnostics, result_id) in self._all(known):
            if known.get(uri) == result_id:
                yield types.WorkspaceUnchangedDocumentDiagnosticReport(uri, result_id, version=version)
            else:
                yield types.WorkspaceFullDocumentDiagnosticReport(
                    uri, diagnostics, version=version, result_id=result_id
                )

    def _forget_the_oldest(self) -> None:
        closed = len(self._reports) - len(self._documents)
        if closed > MAX_CLOSED:
            oldest = next(uri for uri in self._reports if uri not in self._documents)
            del self._reports[oldest]
            self._delivered.pop(oldest, None)
