"""`/api/v1/jobs`: look at jobs, wait for one to end, cancel one.

Reads Postgres; what changes a job is a wish that goes through the door to the orchestrator.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
import structlog
from aiohttp import web

from server.api.problems import Problem
from server.api.reading import Limit, Line, decode_cursor, encode_cursor
from server.api.route import Answer, Call
from server.db import DATABASE_AWAY
from server.errors import HiveError
from server.jobs.job import NULL, Event, EventType, Job, JobNotFound, JobState
from server.jobs.views import RecordedEvent

LOOK_AGAIN_SECONDS = 5.0
"""An event may be lost with a flushed Redis; the job in Postgres is not."""

QUIET_SECONDS = 15.0
"""A line is sent to a silent event stream after it, so that no proxy takes it for dead."""

_AWAY: tuple[type[Exception], ...] = (HiveError, *DATABASE_AWAY)

log = structlog.get_logger("hive.api")


class JobsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: JobState | None = None
    kind: Line | None = None
    project: Line | None = None
    limit: Limit = 50
    cursor: str | None = None


class JobsPage(msgspec.Struct, frozen=True):
    """*next* is the cursor of the page after, null on the last."""

    jobs: list[Job]
    next: str | None


class Stage(StrEnum):
    """How far a job has come: its record is kept; it was handed to an agent, or never will be; it has ended."""

    ACCEPTED = "accepted"
    STARTED = "started"
    ENDED = "ended"

    def is_reached_by(self, job: Job) -> bool:
        match self:
            case Stage.ACCEPTED:
                return True
            case Stage.STARTED:
                return job.started_at is not None or job.state.is_final
            case Stage.ENDED:
                return job.state.is_final


class JobQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*wait*: answer when the job has come as far as *until*, or after so many seconds."""

    wait: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0
    until: Stage = Stage.ENDED


class JobHistory(msgspec.Struct, frozen=True):
    """All that happened to the job, in order."""

    events: Sequence[RecordedEvent]


async def list_jobs(call: Call[JobsQuery, None]) -> JobsPage:
    query = call.query
    before = decode_cursor(query.cursor, UUID) if query.cursor else None
    jobs = await call.parts.jobs.list(
        state=query.state, kind=query.kind, project=call.within(query.project), before=before, limit=query.limit
    )
    return JobsPage(jobs, encode_cursor(jobs[-1].id) if len(jobs) == query.limit else None)


async def get_job(call: Call[JobQuery, None]) -> Job:
    if not call.query.wait:
        return await visible_job(call)
    return await job_that_reached(call, _job_id(call), call.query.until, call.query.wait)


async def get_history(call: Call[Any, None]) -> JobHistory:
    job = await visible_job(call)
    return JobHistory(await call.parts.jobs.events(job.id))


async def get_result(call: Call[JobQuery, None]) -> web.Response:
    """The result as the agent returned it: JSON in the schema of the job's kind."""
    job = await get_job(call)
    result = await call.parts.jobs.result(job.id)
    if result is None:
        hint = "ask with ?wait=30" if not job.state.is_final else job.error or ""
        raise Problem(HTTPStatus.CONFLICT, f"the job has no result: it is {job.state.value}", hint=hint)
    return web.Response(body=result, content_type="application/json")


async def cancel_job(call: Call[Any, None]) -> Answer:
    job = await visible_job(call)
    if job.state is JobState.CANCELLED:
        return Answer(job)
    if job.state.is_final:
        raise Problem(HTTPStatus.CONFLICT, f"the job has already ended: it is {job.state.value}")
    await call.parts.door.cancel([job.id], by=call.principal.name)
    return Answer(job, HTTPStatus.ACCEPTED)


async def stream_events(call: Call[Any, None]) -> web.StreamResponse:
    """Server-sent events: `job` (how it stands), `event` (what happens), and a last `job` when it has ended."""
    with _Ear(call, _job_id(call)) as ear:
        job = await visible_job(call)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(call.request)
        if call.request.method == "HEAD":
            return response  # what follows would be taken for the next answer
        try:
            await _send(response, "job", job)
            if not job.state.is_final:
                async for event in ear.events():
                    await _send(response, "event", event)
                await _send(response, "job", await visible_job(call))
        except _AWAY as error:  # among them: nobody listens any more
            log.info("event stream ended early", job_id=str(job.id), reason=type(error).__name__)
        return response


async def job_that_reached(call: Call[Any, Any], job_id: UUID, stage: Stage, wait_seconds: float) -> Job:
    """As far as it came in time. Also waits for a job that was just submitted and is on its way to Postgres."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    with _Ear(call, job_id) as ear:
        while True:
            job = await _job_or_none(call, job_id)
            if job is not None and not job.queue and ear.starts_in is None:  # no event tells that a workflow started
                ear.starts_in = job.project
                continue
            left_seconds = deadline - loop.time()
            if (job is not None and stage.is_reached_by(job)) or left_seconds <= 0:
                return job or await _visible(call, job_id)
            await ear.hear(min(left_seconds, LOOK_AGAIN_SECONDS))


class _Ear:
    """Hears the events of one job, from before it is looked up until the block is left.

    *starts_in*: the project of which every start is heard, too: a step's may be a workflow's.
    """

    def __init__(self, call: Call[Any, Any], job_id: UUID) -> None:
        self._heard: asyncio.Queue[Event] = asyncio.Queue(maxsize=1000)
        self._job_id = job_id
        self._call = call
        self.starts_in: str | None = None

    def __enter__(self) -> "_Ear":
        self._unlisten = self._call.parts.door.listen(self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        self._unlisten()

    def _note(self, event: Event) -> None:
        is_start = event.type is EventType.STARTED and event.project == self.starts_in
        if (event.job_id == self._job_id or is_start) and not self._heard.full():
            self._heard.put_nowait(event)

    async def hear(self, timeout_seconds: float) -> Event | None:
        try:
            async with asyncio.timeout(timeout_seconds):
                return await self._heard.get()
        except TimeoutError:
            return None

    async def events(self) -> AsyncIterator[Event | None]:
        """Until the job has ended, as an event says or as Postgres does. None: nothing happened for a while."""
        while True:
            event = await self.hear(QUIET_SECONDS)
            if event is not None:
                yield msgspec.structs.replace(event, data=_shown_data(event))
            if event is not None and event.type.is_final:
                return
            if event is None:
                if (await visible_job(self._call)).state.is_final:
                    return
                yield None


def _shown_data(event: Event) -> msgspec.Raw:
    """The result has an address of its own; only small things travel here."""
    return NULL if event.type.is_final else event.data


async def _send(response: web.StreamResponse, name: str, value: Job | Event | None) -> None:
    if value is None:
        await response.write(b": still there\n\n")
    else:
        await response.write(b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(value) + b"\n\n")


async def _job_or_none(call: Call[Any, Any], job_id: UUID) -> Job | None:
    try:
        return await _visible(call, job_id)
    except JobNotFound:
        return None


async def visible_job(call: Call[Any, Any]) -> Job:
    """The one in the address. Another project's job is as good as none."""
    return await _visible(call, _job_id(call))


async def _visible(call: Call[Any, Any], job_id: UUID) -> Job:
    job = await call.parts.jobs.get(job_id)
    if not call.principal.may_see(job.project):
        raise JobNotFound(f"there is no job {job_id}", hint="finished editor jobs are kept for half an hour")
    return job


def _job_id(call: Call[Any, Any]) -> UUID:
    try:
        return UUID(call.path("id"))
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "a job's id is a UUID") from error
