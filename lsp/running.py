"""Run a command's job for a person who waits: its progress is shown, and it can be cancelled."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp.jobs import EditorJob, EditorJobs
from lsp.progress import ProgressBoard
from server.errors import HiveError
from server.jobs.job import Event, EventType, Job, JobRequest, Progress
from server.reviews.snapshot import LineRange

OnProgress = Callable[[Progress], None]

Line = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)]


class Running:
    """One client's. `close` when it left: then what lasts goes on without it."""

    def __init__(self, jobs: EditorJobs, progress: ProgressBoard, *, by: str) -> None:
        self._jobs = jobs
        self._progress = progress
        self._by = by
        self.has_left = False

    def close(self) -> None:
        self.has_left = True

    async def run(
        self, request: JobRequest, title: str, token: types.ProgressToken | None, *, lasts: bool = False
    ) -> Event | None:
        """The job's end; None when a person cancelled it, by the progress bar's button or by cancelling the request.

        *lasts*: it goes on when the client leaves; else it is cancelled then.
        """
        return await self._watch(lambda told: self._jobs.submit(request, told), title, token, lasts=lasts)

    async def follow(self, job_id: UUID, title: str, look: Callable[[], Awaitable[Job]]) -> Event | None:
        """As `run`, of a job that an earlier connection of this editor asked for. It lasts. *look*: how it stands."""

        async def follow(told: OnProgress) -> EditorJob:
            job = self._jobs.follow(job_id, told)
            known = await look()
            if known.state.is_final:  # it ended before we listened
                job.hear(Event(EventType.SUCCEEDED, known.project, known.id, known.kind, known.attempt))
            return job

        return await self._watch(follow, title, None, lasts=True)

    async def _watch(
        self,
        begin: Callable[[OnProgress], Awaitable[EditorJob]],
        title: str,
        token: types.ProgressToken | None,
        *,
        lasts: bool,
    ) -> Event | None:
        pressed = asyncio.Event()
        work = await self._progress.begin(title, pressed.set, token)
        message = "cancelled"
        try:
            job = await begin(lambda told: work.report(told.done, told.total, told.note))
            event = await self._final(job, pressed, lasts=lasts)
            message = event.type.value if event else "cancelled"
            return event
        finally:
            self._progress.end(work, message)

    async def _final(self, job: EditorJob, pressed: asyncio.Event, *, lasts: bool) -> Event | None:
        cancel = asyncio.ensure_future(pressed.wait())
        try:
            await asyncio.wait((job.final, cancel), return_when=asyncio.FIRST_COMPLETED)
            return job.final.result() if job.final.done() else None
        finally:
            cancel.cancel()
            if not job.final.done():
                job.forget()
                if not (lasts and self.has_left):
                    with contextlib.suppress(HiveError):  # then it runs to its end unheard
                        await self._jobs.cancel(job.id, by=self._by)


class ReviewTarget(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The arguments of a review: a document, and the lines of it that matter, LSP's, both inclusive."""

    uri: str
    first_line: Line | None = None
    last_line: Line | None = None

    @property
    def lines(self) -> LineRange | None:
        """Ours; None: all of them."""
        if self.first_line is None:
            return None
        return LineRange(self.first_line + 1, max(self.first_line, self.last_line or self.first_line) + 1)


def arguments_of(params: types.ExecuteCommandParams, shape: Any) -> Any:
    """A command's arguments. Raises `JsonRpcInvalidParams`."""
    try:
        return msgspec.convert(list(params.arguments or ()), shape)
    except msgspec.ValidationError as error:
        raise JsonRpcInvalidParams(f"{params.command}: {error}") from error
