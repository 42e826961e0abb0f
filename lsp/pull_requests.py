"""The open pull request of each branch that one editor has checked out, told as it changes.

What is known comes from the hub's projection, at once; GitHub is asked by a job, and whatever job reads it anew, for
whomever, is heard here. `thread_places.py` knows where the threads stand, `thread_commands.py` what a person can do.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

import msgspec
import structlog

from lsp.client import Client
from lsp.jobs import EditorJobs
from lsp.messages import PULL_REQUEST, CheckoutTold, CommentTold, PullRequestTold, ThreadTold
from lsp.reviewing import Reviewing
from lsp.thread_places import Spot, ThreadPlaces
from lsp.workspace import Place, Workspace, file_path
from server.db import DATABASE_AWAY
from server.errors import HiveError
from server.jobs.job import Event, EventType
from server.reviews.open_pull_request import (
    ACT,
    READ,
    Branch,
    OpenPullRequest,
    ReadWish,
    ReviewThread,
    read_request,
    repository_of,
)
from server.reviews.project import checked_out_branch, identify_project, name_from_remote
from server.reviews.suggestion import suggested_lines
from server.security.principal import Permission

MAX_PROJECTS = 20
"""Of one client, of which pull requests are told."""

PAUSE_SECONDS = 0.2
"""What changes in one breath (a word that is typed, a review of many comments) is told once."""

RETRY_SECONDS = 1.0
"""After Redis or Postgres were away."""

_AWAY: tuple[type[Exception], ...] = (HiveError, *DATABASE_AWAY)

log = structlog.get_logger("hive.lsp")


class Branches(Protocol):
    """`server.reviews.watched_branches.WatchedBranches`, as far as editors need it."""

    async def watch(self, project: str, branch: str) -> OpenPullRequest | None: ...


class Checkout(NamedTuple):
    """What is checked out in the working tree at *root*."""

    project: str
    branch: str
    root: Path


class Shown:
    """One checkout's pull request as it was told last."""

    def __init__(self, checkout: Checkout, places: ThreadPlaces) -> None:
        self.checkout = checkout
        self.known = OpenPullRequest(checkout.project, checkout.branch, note="GitHub has not been asked yet")
        self.spots: dict[str, Spot] = {}
        self.told: PullRequestTold | None = None
        self._open: dict[str, str] = {}
        self._places = places

    async def place(self, documents: Mapping[str, Reviewing]) -> PullRequestTold:
        """Where everything is now."""
        known = self.known
        ours = {
            r.place.path: r
            for r in documents.values()
            if r.place is not None and r.place.root_uri == self.checkout.root.as_uri()
        }
        self._open = {path: reviewing.document.uri for path, reviewing in ours.items()}
        self.spots = await self._places.of(known.head_sha, known.threads, ours) if known.number else {}
        return PullRequestTold(
            root_uri=self.checkout.root.as_uri(),
            project=known.project,
            branch=known.branch,
            number=known.number,
            title=known.title,
            url=known.url,
            head_sha=known.head_sha,
            reviewed_sha=known.reviewed_sha,
            note=known.note,
            threads=tuple(self._told(thread) for thread in known.threads if thread.id in self.spots),
        )

    def uri_of(self, path: str) -> str:
        """As the editor calls it where it is open: its folder may be a symbolic link."""
        return self._open.get(path) or f"{self.checkout.root.as_uri()}/{quote(path)}"

    def _told(self, thread: ReviewThread) -> ThreadTold:
        where = self.spots[thread.id].where
        return ThreadTold(
            id=thread.id,
            uri=self.uri_of(thread.path),
            path=thread.path,
            start_line=where.start - 1 if where else None,
            end_line=where.end - 1 if where else None,
            is_exact=bool(where and where.is_exact),
            is_resolved=thread.is_resolved,
            is_outdated=thread.is_outdated,
            url=thread.comments[0].url if thread.comments else "",
            fingerprint=thread.fingerprint or None,
            has_suggestion=newest_suggestion(thread) is not None,
            comments=tuple(CommentTold(c.author, c.body, c.url, c.created_at, c.is_ours) for c in thread.comments),
        )


class PullRequests:
    """One client's. Without *branches* the hub is no GitHub App, and nothing is told. `close` ends it."""

    def __init__(
        self,
        client: Client,
        *,
        workspace: Workspace,
        documents: Mapping[str, Reviewing],
        jobs: EditorJobs,
        branches: Branches | None,
        notify: Callable[[str, Any], None],
        on_told: Callable[[PullRequestTold], None],
    ) -> None:
        """*notify* sends a notification; *on_told* hears what is told."""
        self.shown: dict[str, Shown] = {}
        self._client = client
        self._workspace = workspace
        self._documents = documents
        self._jobs = jobs
        self._branches = branches
        self._notify = notify
        self._on_told = on_told
        self._checkouts_told: tuple[CheckoutTold, ...] = ()
        self._look = asyncio.Event()
        self._moved = asyncio.Event()
        self._threads_in: frozenset[tuple[str | None, str]] = frozenset()
        self._tasks: list[asyncio.Task[None]] = []
        if branches is not None:
            self._look.set()
            self._tasks = [asyncio.create_task(self._keep_looking(branches)), asyncio.create_task(self._keep_telling())]

    def urls(self) -> dict[str, str]:
        """Of the threads, by the fingerprint of the finding with which we began each."""
        threads = (thread for shown in self.shown.values() for thread in shown.known.threads)
        return {
            thread.fingerprint: thread.comments[0].url for thread in threads if thread.fingerprint and thread.comments
        }

    def look(self) -> None:
        """A file was opened or saved, or the folders changed: another branch may be checked out."""
        self._look.set()

    def checkouts(self, told: tuple[CheckoutTold, ...]) -> None:
        """What the editor says of its folders."""
        self._checkouts_told = told
        self._look.set()

    def moved(self, place: Place | None) -> None:
        """A document was opened or edited; None while nobody knows where it lies. Without a thread nothing moves."""
        if self._threads_in and (place is None or (place.root_uri, place.path) in self._threads_in):
            self._moved.set()

    def heard(self, event: Event) -> None:
        """A job, of whomever, read a pull request anew or could not."""
        if event.kind not in (READ, ACT) or not self.shown:
            return
        ours = [shown for shown in self.shown.values() if shown.checkout.project == event.project]
        if event.type is EventType.SUCCEEDED:
            known = msgspec.json.decode(event.data, type=_Heard).pull_request
            for shown in ours:
                if known is not None and shown.checkout.branch == known.branch:
                    shown.known = known
        elif event.type is EventType.DEAD and event.kind == READ:
            for shown in ours:
                shown.known = msgspec.structs.replace(shown.known, note=event.message[:1_000])
        self._moved.set()

    async def ask(self) -> int:
        """Have GitHub asked about everything that is checked out; how many branches that is. Raises `HiveError`."""
        for shown in self.shown.values():
            await self._read(shown.checkout)
        return len(self.shown)

    def find(self, thread_id: str) -> tuple[Shown, ReviewThread] | None:
        for shown in self.shown.values():
            thread = shown.known.thread(thread_id)
            if thread is not None:
                return shown, thread
        return None

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _keep_looking(self, branches: Branches) -> None:
        while True:
            await self._look.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            self._look.clear()
            try:
                await self._watch(branches)
            except _AWAY as error:
                log.info("pull requests not read", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                self._look.set()
            except Exception:
                log.exception("pull requests could not be looked for")

    async def _watch(self, branches: Branches) -> None:
        roots = {r.place.root_uri: r.place for r in self._documents.values() if r.place and r.place.root_uri}
        checkouts = await asyncio.to_thread(self._checkouts, list(roots.values()))
        for root_uri in self.shown.keys() - {checkout.root.as_uri() for checkout in checkouts}:
            del self.shown[root_uri]
        for checkout in checkouts:
            before = self.shown.get(checkout.root.as_uri())
            if before is not None and before.checkout == checkout:
                continue
            places = ThreadPlaces(checkout.root, reads_disk=self._client.principal.is_local)
            shown = self.shown[checkout.root.as_uri()] = Shown(checkout, places)
            try:
                shown.known = await branches.watch(checkout.project, checkout.branch) or shown.known
                self._moved.set()
                await self._read(checkout)
            except BaseException:
                del self.shown[checkout.root.as_uri()]  # it is begun anew
                raise

    def _checkouts(self, places: list[Place]) -> list[Checkout]:
        """As far as they may be on GitHub. The hub reads no disk for who sits elsewhere. Blocks."""
        is_local = self._client.principal.is_local
        found = self._seen(places) if is_local else map(self._said, self._checkouts_told)
        asked = {c.root: c for c in found if c is not None and self._may_be_asked_about(c)}
        return list(asked.values())[:MAX_PROJECTS]

    def _seen(self, places: list[Place]) -> Iterator[Checkout | None]:
        """In the folders that are open, and in the projects of documents."""
        roots = [root for place in places if (root := self._workspace.root_of(place)) is not None]
        for folder in (*self._workspace.folders(), *roots):
            root = identify_project(folder).root
            branch = checked_out_branch(root)
            yield Checkout(branch.project, branch.name, root) if branch else None

    def _said(self, told: CheckoutTold) -> Checkout | None:
        project, root = name_from_remote(told.remote), file_path(told.root_uri)
        return Checkout(project, told.branch, root) if project and root else None

    def _may_be_asked_about(self, checkout: Checkout) -> bool:
        try:
            msgspec.convert(checkout.branch, Branch)
        except msgspec.ValidationError:
            return False
        return repository_of(checkout.project) is not None and self._client.principal.may_see(checkout.project)

    async def _read(self, checkout: Checkout) -> None:
        repository = repository_of(checkout.project)
        if repository is None or not self._client.principal.may(Permission.WRITE):
            return
        wish = ReadWish(checkout.project, repository, branch=checkout.branch)
        job = await self._jobs.submit(read_request(wish, by=self._client.principal.name, at_once=True))
        job.forget()  # heard as any other reading of it

    async def _keep_telling(self) -> None:
        while True:
            await self._moved.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            self._moved.clear()
            self._threads_in = frozenset(
                (root_uri, thread.path) for root_uri, shown in self.shown.items() for thread in shown.known.threads
            )
            for shown in list(self.shown.values()):
                try:
                    told = await shown.place(self._documents)
                except Exception:
                    log.exception("a pull request could not be placed")
                    continue
                if told != shown.told:
                    shown.told = told
                    self._notify(PULL_REQUEST, msgspec.to_builtins(told))
                    self._on_told(told)


def newest_suggestion(thread: ReviewThread) -> tuple[str, ...] | None:
    """The lines that the newest comment with a suggestion has for those of the thread."""
    if thread.line is None:
        return None
    suggested = (suggested_lines(comment.body) for comment in reversed(thread.comments))
    return next((lines for lines in suggested if lines is not None), None)


class _Heard(msgspec.Struct):
    pull_request: OpenPullRequest | None = None
