"""Results of long work, shown to who asked for it though the editor was closed meanwhile, or the hub restarted.

An editor that gives itself a name (`initializationOptions.editor`) is known again by it and its key. What is about a
document waits until that is open. `thinking.py` shows; this knows what is still to be shown.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog

from lsp.client import Client
from lsp.running import Running
from server.errors import HiveError
from server.ide.consents import identity_of
from server.jobs.awaited import Awaited
from server.jobs.job import Job, JobRequest, JobState

log = structlog.get_logger("hive.lsp")


class Store(Protocol):
    """`server.jobs.awaited.AwaitedResults`."""

    async def add(self, awaited: Awaited, *, principal: str, editor: str) -> None: ...

    async def of(self, *, principal: str, editor: str) -> Sequence[Awaited]: ...

    async def remove(self, job_id: UUID) -> None: ...


class Results(Protocol):
    """`server.jobs.views.JobViews`, as far as results need it."""

    async def get(self, job_id: UUID) -> Job: ...

    async def result(self, job_id: UUID) -> bytes | None: ...


Show = Callable[[Awaited, Job, bytes | None], Awaitable[bool]]
"""False: not yet, its document is not open."""


class Awaiting:
    """One client's. Without a store, or without a name of its own, an editor's results end with its connection."""

    def __init__(self, client: Client, *, store: Store | None, results: Results | None, running: Running) -> None:
        self._store = store if client.editor and results is not None else None
        self._results = results
        self._principal = identity_of(client.principal)
        self._editor = client.editor
        self._running = running
        self._tasks: set[asyncio.Task[None]] = set()
        self._opened = asyncio.Event()

    @property
    def lasts(self) -> bool:
        """Whether what is asked for goes on when the editor leaves."""
        return self._store is not None

    async def expect(self, request: JobRequest, uri: str, text: str) -> None:
        """Before it is submitted. *text*: of the document it is about."""
        if self._store is not None:
            awaited = Awaited(request.id, request.kind, uri, digest_of(text))
            await self._store.add(awaited, principal=self._principal, editor=self._editor)

    async def ended(self, job_id: UUID) -> None:
        """It was shown, or nobody wants it any more."""
        if self._store is not None:
            await self._store.remove(job_id)

    def begin(self, show: Show) -> None:
        """The editor is ready: show what it still waits for."""
        if self._store is not None:
            self._start(self._show_all(self._store, show))

    def opened(self) -> None:
        """A document: something may have waited for it."""
        self._opened.set()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _show_all(self, store: Store, show: Show) -> None:
        try:
            for awaited in await store.of(principal=self._principal, editor=self._editor):
                self._start(self._show(awaited, show))
        except HiveError as error:
            log.warning("awaited results not shown", reason=str(error))

    async def _show(self, awaited: Awaited, show: Show) -> None:
        assert self._results is not None
        look = partial(self._results.get, awaited.job_id)
        try:
            job = await look()
            if not job.state.is_final:
                await self._running.follow(job.id, "Still at work", look)
                job = await look()
            result = await self._results.result(job.id) if job.state is JobState.SUCCEEDED else None
            while not await show(awaited, job, result):
                self._opened.clear()
                await self._opened.wait()
        except HiveError as error:  # it left, with its result
            log.info("awaited result not shown", job_id=str(awaited.job_id), reason=str(error))
        await self.ended(awaited.job_id)

    def _start(self, showing: Awaitable[None]) -> None:
        task = asyncio.ensure_future(showing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
