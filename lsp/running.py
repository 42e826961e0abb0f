"""Run a command's job for a person who waits: its progress is shown, and it can be cancelled."""

import asyncio
import contextlib
from typing import Any

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp.jobs import EditorJob, EditorJobs
from lsp.progress import ProgressBoard
from server.errors import HiveError
from server.jobs.job import Event, JobRequest


class Running:
    """One client's."""

    def __init__(self, jobs: EditorJobs, progress: ProgressBoard, *, by: str) -> None:
        self._jobs = jobs
        self._progress = progress
        self._by = by

    async def run(self, request: JobRequest, title: str, token: types.ProgressToken | None) -> Event | None:
        """The job's end; None when a person cancelled it, by the progress bar's button or by cancelling the request."""
        pressed = asyncio.Event()
        work = await self._progress.begin(title, pressed.set, token)
        message = "cancelled"
        try:
            job = await self._jobs.submit(request, lambda told: work.report(told.done, told.total, told.note))
            event = await self._final(job, pressed)
            message = event.type.value if event else "cancelled"
            return event
        finally:
            self._progress.end(work, message)

    async def _final(self, job: EditorJob, pressed: asyncio.Event) -> Event | None:
        cancel = asyncio.ensure_future(pressed.wait())
        try:
            await asyncio.wait((job.final, cancel), return_when=asyncio.FIRST_COMPLETED)
            return job.final.result() if job.final.done() else None
        finally:
            cancel.cancel()
            if not job.final.done():
                job.forget()
                with contextlib.suppress(HiveError):  # then it runs to its end unheard
                    await self._jobs.cancel(job.id, by=self._by)


def arguments_of(params: types.ExecuteCommandParams, shape: Any) -> Any:
    """A command's arguments. Raises `JsonRpcInvalidParams`."""
    try:
        return msgspec.convert(list(params.arguments or ()), shape)
    except msgspec.ValidationError as error:
        raise JsonRpcInvalidParams(f"{params.command}: {error}") from error
