"""Review the open documents of a project together with the files around them, whenever typing rests.

A flow from one file into another shows only here. `reviewing.py` has already looked at each document by itself, so
nobody waits for this. The texts of the files around are sent once: after that the reviewer knows them by their content.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from lsp.client import Client
from lsp.jobs import EditorJob, EditorJobs, snapshot_request
from lsp.reviewing import Reviewing
from lsp.workspace import Place, Workspace
from server.errors import HiveError
from server.jobs.job import EventType
from server.reviews.nearby import Nearby, NearbyFiles, NearbyTexts
from server.reviews.snapshot import KnownFile, Report, Snapshot, SourceFile

REST_SECONDS = 0.7
"""Longer than people pause between two words."""

MAX_EDITED_FILES = 20
MAX_EDITED_CHARACTERS = 256 * 1024
"""Of the open documents that are reviewed; the others are files around these."""

MAX_UNSAVED_CHARACTERS = 2 * 1024 * 1024
"""Of open documents that count as they are open; those beyond count as they lie on the disk."""

MAX_QUESTIONS = 4
"""Before we give up: each agent that answers may want what another knows."""

MAX_PROJECTS = 8
"""Of one client; the one that was left alone for longest is forgotten."""

SILENCE_SECONDS = 120.0

log = structlog.get_logger("hive.lsp")


class Neighbours:
    """One client's. `rested` says when; `close` ends it."""

    def __init__(
        self,
        client: Client,
        *,
        workspace: Workspace,
        documents: Mapping[str, Reviewing],
        jobs: EditorJobs,
        rest_seconds: float = REST_SECONDS,
        on_callers: Callable[[], None] = lambda: None,
    ) -> None:
        """*on_callers*: others call what is open than before."""
        self._client = client
        self._workspace = workspace
        self._documents = documents
        self._jobs = jobs
        self._rest_seconds = rest_seconds
        self._on_callers = on_callers
        self._projects: dict[Place, _Project] = {}

    def rested(self, reviewing: Reviewing) -> None:
        """The document's version of now was reviewed by itself."""
        project = self._project_of(reviewing)
        if project is not None:
            project.rested(reviewing)

    async def around(self, reviewing: Reviewing) -> tuple[SourceFile, ...]:
        """The files around a document with their texts, the nearest: for who looks at it with more time."""
        project = self._project_of(reviewing)
        return await project.around(reviewing) if project is not None else ()

    def _project_of(self, reviewing: Reviewing) -> "_Project | None":
        """None of what lies in no project on a disk."""
        if reviewing.place is None or reviewing.place.root_uri is None:
            return None
        whole = reviewing.place._replace(path="")
        project = self._projects.pop(whole, None) or self._open(whole)
        self._projects[whole] = project
        while len(self._projects) > MAX_PROJECTS:
            self._projects.pop(next(iter(self._projects))).close()
        return project

    def files_came_or_went(self) -> None:
        for project in self._projects.values():
            project.nearby.list_anew()

    def close(self) -> None:
        """Also where the workspace's folders changed: what rests then begins anew."""
        for project in self._projects.values():
            project.close()
        self._projects.clear()

    def _open(self, whole: Place) -> "_Project":
        """Only for whom the hub reads this machine's files; else the open documents are all there is."""
        root = self._workspace.root_of(whole) if self._client.principal.is_local else None
        nearby = _on_disk(root, self._workspace) if root is not None else NearbyTexts()
        return _Project(whole, nearby, self._documents, self._client, self._jobs, self._rest_seconds, self._on_callers)


def _on_disk(root: Path, workspace: Workspace) -> NearbyFiles:
    return NearbyFiles(root, lambda: workspace.folders_within(root), os.environ)


class _Look(NamedTuple):
    """What one review is of: documents as they are, and the other open ones' texts by path."""

    edited: Sequence[tuple[Reviewing, int | None, SourceFile]]
    unsaved: Mapping[str, str]

    @property
    def files(self) -> tuple[SourceFile, ...]:
        return tuple(file for _, _, file in self.edited)

    @property
    def versions(self) -> list[tuple[Reviewing, int | None]]:
        return [(reviewing, version) for reviewing, version, _ in self.edited]


class _Project:
    """At most one review of it is under way."""

    def __init__(
        self,
        whole: Place,
        nearby: Nearby,
        documents: Mapping[str, Reviewing],
        client: Client,
        jobs: EditorJobs,
        rest_seconds: float,
        on_callers: Callable[[], None],
    ) -> None:
        self.nearby = nearby
        self._whole = whole
        self._documents = documents
        self._jobs = jobs
        self._principal = client.principal
        self._wants_callers = client.wants_callers
        self._on_callers = on_callers
        self._group = f"{client.session_id}:{whole.root_uri}:neighbours"
        self._rest_seconds = rest_seconds
        self._rested: dict[Reviewing, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._seen: object = None
        self._wanted = asyncio.Event()
        self._task = asyncio.create_task(self._keep_reviewed())

    def rested(self, reviewing: Reviewing) -> None:
        self._rested.pop(reviewing, None)
        self._rested[reviewing] = None
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(self._rest_seconds, self._wanted.set)

    async def around(self, reviewing: Reviewing) -> tuple[SourceFile, ...]:
        assert reviewing.place is not None
        unsaved = _texts([other for other in self._paths() if other is not reviewing])
        known = await asyncio.to_thread(self.nearby.look, [reviewing.place.path], unsaved)
        return await asyncio.to_thread(self.nearby.texts, [file.path for file in known], unsaved)

    def close(self) -> None:
        self._stop_timer()
        self._task.cancel()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def _keep_reviewed(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._review()
            except HiveError as error:
                log.info("not looked at the files around", project=self._whole.project, reason=str(error))
            except Exception:
                log.exception("looking at the files around failed", project=self._whole.project)

    async def _review(self) -> None:
        look = self._take()
        if look is None:
            return
        for reviewing, _, _ in look.edited:
            reviewing.submitted_together()
        known = await asyncio.to_thread(self.nearby.look, [file.path for file in look.files], look.unsaved)
        about = (look.versions, known)
        if about == self._seen:
            return
        report = await self._ask(look, known)
        if report is None:
            return
        self._seen = about
        for reviewing, _, file in look.edited:
            if self._documents.get(reviewing.document.uri) is reviewing:
                found = [finding for finding in report.findings if finding.path == file.path]
                is_whole = file.path in report.coverage.full and not report.omitted
                reviewing.heard_of_neighbours(found, is_whole=is_whole)
                self._hear_of_callers(reviewing, file.path, report, files=len(look.files) + len(known))

    def _hear_of_callers(self, reviewing: Reviewing, path: str, report: Report, *, files: int) -> None:
        """What cannot be parsed while somebody types in it defines what it did."""
        called = [one for one in report.called if one.path == path]
        if (called or path in report.coverage.full) and reviewing.called.answered(called, files):
            self._on_callers()

    def _take(self) -> _Look | None:
        """The documents that rest, last used first; None while somebody types in the last one."""
        ours = self._paths()
        self._rested = {reviewing: None for reviewing in self._rested if reviewing in ours}
        latest_first = [*reversed(self._rested)]
        if not latest_first or not latest_first[0].is_current:
            return None
        edited: list[tuple[Reviewing, int | None, SourceFile]] = []
        room = MAX_EDITED_CHARACTERS
        for reviewing in latest_first:
            document = reviewing.document
            fits = not edited or (len(edited) < MAX_EDITED_FILES and document.size <= room)
            if reviewing.is_current and fits:
                room -= document.size
                edited.append((reviewing, document.version, SourceFile(ours[reviewing], document.text())))
        taken = {file.path for _, _, file in edited}
        others = [reviewing for reviewing in (*latest_first, *ours) if ours[reviewing] not in taken]
        return _Look(edited, _texts(others))

    def _paths(self) -> dict[Reviewing, str]:
        """Of the open documents that lie in this project."""
        placed = ((reviewing, reviewing.place) for reviewing in self._documents.values())
        return {one: place.path for one, place in placed if place and place._replace(path="") == self._whole}

    async def _ask(self, look: _Look, known: Sequence[KnownFile]) -> Report | None:
        """Sends the texts that are wanted after the names. None when nobody can say anything."""
        wanted: set[str] = set()
        for _ in range(MAX_QUESTIONS):
            context = await asyncio.to_thread(self.nearby.texts, sorted(wanted), look.unsaved)
            given = {file.path for file in context}
            known = [file for file in known if file.path not in wanted or file.path in given]
            snapshot = Snapshot(
                self._whole.project, look.files, context=context, known=tuple(known), callers=self._wants_callers
            )
            job = await self._jobs.submit(snapshot_request(snapshot, group=self._group, principal=self._principal))
            report = await self._answer(job)
            if report is None or not report.wanted:
                return report
            wanted |= {file.path for file in known}.intersection(report.wanted)
        return None

    async def _answer(self, job: EditorJob) -> Report | None:
        """It may take long at first, so it is cancelled where nobody waits for it any more."""
        try:
            await asyncio.wait({job.final}, timeout=SILENCE_SECONDS)
            event = job.final.result() if job.final.done() else None
        finally:
            job.forget()
            if not job.final.done():
                with contextlib.suppress(HiveError):  # then it runs to its end unheard
                    await self._jobs.cancel(job.id, by=self._principal.name)
        return msgspec.json.decode(event.data, type=Report) if event and event.type is EventType.SUCCEEDED else None


def _texts(reviewings: Iterable[Reviewing]) -> dict[str, str]:
    texts: dict[str, str] = {}
    room = MAX_UNSAVED_CHARACTERS
    for reviewing in reviewings:
        if reviewing.place is not None and reviewing.place.path not in texts and reviewing.document.size <= room:
            text = reviewing.document.text()
            if reviewing.document.refusal(text) is None:
                room -= reviewing.document.size
                texts[reviewing.place.path] = text
    return texts
