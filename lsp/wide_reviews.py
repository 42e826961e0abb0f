"""Review more than one file at a person's wish: what was changed, or all of a folder (workspace/executeCommand).

Only for whom the hub reads this machine's files. Open documents count as they are; they are reviewed at each pause
anyway, so what is found in them is left to that.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from lsprotocol import types

from lsp.client import Client
from lsp.documents import Document
from lsp.jobs import asked_request
from lsp.protocol import RequestFailed
from lsp.reviewing import Reviewing, Screen
from lsp.running import Running, arguments_of
from lsp.workspace import Place, Workspace
from server.analysis.language import language_name
from server.jobs.job import EventType
from server.reviews.configuration import Configuration, judged, without_left_out
from server.reviews.finding import Finding, FindingStatus
from server.reviews.project_configuration import configuration_of
from server.reviews.snapshot import Report, Snapshot
from server.reviews.working_tree import Collected, collect

REVIEW_CHANGES = "hive.reviewChanges"
REVIEW_WORKSPACE = "hive.reviewWorkspace"

NOT_READ = "this hub reads no files of your machine: it reviews what you open"


class _Wanted(NamedTuple):
    """*uris*: of the files by their paths, as the editor calls them."""

    collected: Collected
    uris: Mapping[str, str]
    snapshot: Snapshot
    configuration: Configuration


class WideReviews:
    """One client's. The names stand in `table`: none for who sits elsewhere."""

    def __init__(
        self,
        client: Client,
        *,
        workspace: Workspace,
        documents: Mapping[str, Reviewing],
        running: Running,
        screen: Screen,
    ) -> None:
        every: dict[str, Callable[[types.ExecuteCommandParams], Awaitable[Any]]] = {
            REVIEW_CHANGES: self.review_changes,
            REVIEW_WORKSPACE: self.review_workspace,
        }
        self.table = every if client.principal.is_local else {}
        self.names = frozenset(every)
        self._client = client
        self._workspace = workspace
        self._documents = documents
        self._running = running
        self._screen = screen

    async def review_changes(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[folder?]: what differs from the last commit, or that commit where nothing does."""
        return await self._review(params, everything=False)

    async def review_workspace(self, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
        """[folder?]: every file of it."""
        return await self._review(params, everything=True)

    async def _review(self, params: types.ExecuteCommandParams, *, everything: bool) -> dict[str, Any] | None:
        """None when it was cancelled."""
        wanted = await self._collect(self._folder(params), everything=everything)
        snapshot, what = wanted.snapshot, wanted.collected.what
        # In a thread: all of a folder is some 30 MB of JSON.
        request = await asyncio.to_thread(
            asked_request, "review", snapshot.project, snapshot, principal=self._client.principal
        )
        event = await self._running.run(request, f"Reviewing {what}", params.work_done_token)
        if event is None:
            return None
        if event.type is not EventType.SUCCEEDED:
            raise RequestFailed(event.message or f"the job is {event.type.value}")
        report = judged(msgspec.json.decode(event.data, type=Report), wanted.configuration)
        self._show(report, wanted)
        found = sum(finding.status is FindingStatus.OPEN for finding in report.findings)
        skipped = len(report.coverage.skipped) + len(snapshot.skipped)
        return {
            "job_id": str(request.id), "what": what, "files": len(snapshot.files), "findings": found,
            "not_analysed": skipped, "omitted": report.omitted,
        }  # fmt: skip

    def _folder(self, params: types.ExecuteCommandParams) -> str:
        (folder,) = arguments_of(params, tuple[str]) if params.arguments else (self._workspace.first_folder,)
        if folder is None:
            raise RequestFailed("open a folder first, or name one")
        return folder

    async def _collect(self, folder: str, *, everything: bool) -> _Wanted:
        path = await asyncio.to_thread(self._workspace.real_path_of, folder)
        collected, configuration = await asyncio.to_thread(_collect, path, everything=everything)
        root_uri = collected.project.root.as_uri()
        unsaved = {
            reviewing.place.path: reviewing.document.text()
            for reviewing in self._documents.values()
            if reviewing.place is not None and reviewing.place.root_uri == root_uri
        }
        files = tuple(
            msgspec.structs.replace(file, text=unsaved[file.path], changed=None, base=None)
            if unsaved.get(file.path, file.text) != file.text
            else file
            for file in collected.snapshot.files
        )
        snapshot = without_left_out(
            msgspec.structs.replace(collected.snapshot, files=files), configuration, language_name
        )
        uris = await asyncio.to_thread(self._uris_of, snapshot, collected.project.root)
        return _Wanted(collected, uris, snapshot, configuration)

    def _uris_of(self, snapshot: Snapshot, root: Path) -> dict[str, str]:
        """Blocks."""
        return {file.path: self._workspace.as_opened(root / file.path).as_uri() for file in snapshot.files}

    def _show(self, report: Report, wanted: _Wanted) -> None:
        """All files, so that what was found in one before and is not there any more goes."""
        project, root_uri = wanted.snapshot.project, wanted.collected.project.root.as_uri()
        by_path: dict[str, list[Finding]] = {file.path: [] for file in wanted.snapshot.files}
        for finding in report.findings:
            if finding.status is FindingStatus.OPEN and finding.path in by_path:
                by_path[finding.path].append(finding)
        for file in wanted.snapshot.files:
            uri = wanted.uris[file.path]
            if uri not in self._documents:
                document = Document(uri, "", None, file.text, self._client.encoding)
                self._screen.show_findings(document, by_path[file.path], Place(project, file.path, root_uri))


def _collect(path: Path, *, everything: bool) -> tuple[Collected, Configuration]:
    """Blocks."""
    collected = collect(path, os.environ, everything=everything)
    snapshot = collected.snapshot
    return collected, configuration_of(collected.project, snapshot.base_sha, snapshot.head_sha, os.environ)
