"""`/api/v1/dead-letters`: jobs that failed for good, and messages that nobody could open.

A job can be retried or discarded; a message only discarded, since nobody knows what it says. One by one, or all that
have something in common, page by page. Failures over time are `failures.py`'s.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec

from server.api.dead_messages import BEHIND_ALL, DeadMessage, MessagePlace
from server.api.parts import Parts
from server.api.problems import Problem
from server.api.reading import Limit, Line, decode_cursor, encode_cursor
from server.api.route import Answer, Call
from server.jobs.failures import DeadFilter, DeadJob, DeadPlace
from server.jobs.job import Event, EventType, Job, JobState
from server.jobs.record import Cause
from server.jobs.step_job import StepJob
from server.jobs.views import RecordedEvent
from server.jobs.workflows import refusal_to_revive

SETTLE_SECONDS = 5.0
"""How long a page of wishes is waited for, so that whoever sends page after page does not run ahead of the hub."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class DeadLetterType(StrEnum):
    JOB = "job"
    MESSAGE = "message"


class DeadLetter(msgspec.Struct, frozen=True):
    """*what* is the job's kind, or the message's stream. The rest of the fields are a job's."""

    id: str
    type: DeadLetterType
    what: str
    project: str
    reason: str
    died_at: datetime
    queue: str = ""
    error_class: str | None = None
    cause: Cause | None = None
    agent_id: UUID | None = None
    attempt: int = 0
    failures: int = 0
    crashes: int = 0


class DeadLettersFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What dead letters have in common. *error* is the error's class; *since* is included, *until* is not."""

    type: DeadLetterType | None = None
    kind: Line | None = None
    project: Line | None = None
    queue: Line | None = None
    error: Line | None = None
    agent: UUID | None = None
    cause: Cause | None = None
    since: Moment | None = None
    until: Moment | None = None


class DeadLettersQuery(DeadLettersFilter, frozen=True, forbid_unknown_fields=True):
    limit: Limit = 50
    cursor: str | None = None


class DeadLettersPage(msgspec.Struct, frozen=True):
    """The newest first. *next* is the cursor of the page after, null on the last."""

    dead_letters: list[DeadLetter]
    next: str | None


class DeadLetterWithHistory(msgspec.Struct, frozen=True):
    """A job with all that happened to it, or a message with what is known of it."""

    dead_letter: DeadLetter
    job: Job | None = None
    history: Sequence[RecordedEvent] = ()
    message: DeadMessage | None = None


class DeadLetterNamed(msgspec.Struct, frozen=True):
    id: str


class BulkWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that *filter* finds ({} is all there are), one page for a call: go on with *next* as the *cursor*.

    *dry_run*: only count.
    """

    filter: DeadLettersFilter
    dry_run: bool = False
    cursor: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 500


class BulkDone(msgspec.Struct, frozen=True):
    """*matched*: how many there were in all, told by the first page. *ids*: those of this page; *settled*: how many of
    them the orchestrator was heard to have dealt with; the others it still will.
    """

    matched: int | None
    ids: list[str]
    settled: int
    next: str | None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """Behind which dead letter a list goes on. Of those that died at one moment jobs come before messages."""

    died_at: datetime
    type: DeadLetterType
    id: str


Tell = Callable[[Sequence[UUID]], Awaitable[None]]


async def list_dead_letters(call: Call[DeadLettersQuery, None]) -> DeadLettersPage:
    letters, following = await _page(call.parts, call.query, call.query.cursor, call.query.limit)
    return DeadLettersPage(letters, following)


async def get_dead_letter(call: Call[Any, None]) -> DeadLetterWithHistory:
    job = await _dead_job(call)
    if job is None:
        message = await call.parts.dead_messages.get(call.path("id"))
        return DeadLetterWithHistory(_of_message(message), message=message)
    history = await call.parts.jobs.events(job.id)
    letters = await call.parts.failures.dead(DeadFilter(id=job.id))
    if not letters:
        raise _is_not_dead(await call.parts.jobs.get(job.id))  # it was retried meanwhile
    return DeadLetterWithHistory(_of_job(letters[0]), job, history)


async def retry_dead_letter(call: Call[Any, None]) -> Answer:
    job = await _dead_job(call)
    if job is None:
        raise Problem(
            HTTPStatus.CONFLICT,
            "a message that could not be opened cannot be retried",
            hint="whoever sent it will ask again; discard it",
        )
    refusal = await _refusal_to_retry(call.parts, job)
    if refusal:
        hint = "ask for the whole anew, and discard this"
        raise Problem(HTTPStatus.CONFLICT, f"this cannot be retried: {refusal}", hint=hint)
    await call.parts.door.retry([job.id], by=call.principal.name)
    return Answer(DeadLetterNamed(str(job.id)), HTTPStatus.ACCEPTED)


async def discard_dead_letter(call: Call[Any, None]) -> Answer:
    job = await _dead_job(call)
    if job is None:
        message = await call.parts.dead_messages.get(call.path("id"))
        await call.parts.dead_messages.discard({message.id: message.reason}, by=call.principal.name)
    else:
        await call.parts.door.discard([job.id], by=call.principal.name)
    return Answer(DeadLetterNamed(call.path("id")), HTTPStatus.ACCEPTED)


async def retry_dead_letters(call: Call[None, BulkWish]) -> BulkDone:
    """Jobs; messages are left where they are."""
    if call.body.filter.type is DeadLetterType.MESSAGE:
        raise Problem(HTTPStatus.BAD_REQUEST, "messages that could not be opened cannot be retried")
    filter_ = msgspec.structs.replace(call.body.filter, type=DeadLetterType.JOB)
    return await _bulk(call, filter_, partial(call.parts.door.retry, by=call.principal.name), EventType.RETRIED)


async def discard_dead_letters(call: Call[None, BulkWish]) -> BulkDone:
    tell = partial(call.parts.door.discard, by=call.principal.name)
    return await _bulk(call, call.body.filter, tell, EventType.DISCARDED)


async def _bulk(call: Call[None, BulkWish], filter_: DeadLettersFilter, tell: Tell, answer: EventType) -> BulkDone:
    parts, wish = call.parts, call.body
    matched = None if wish.cursor else await _count(parts, filter_)
    if wish.dry_run:
        return BulkDone(matched, [], 0, None)
    letters, following = await _page(parts, filter_, wish.cursor, wish.limit)
    jobs = [UUID(letter.id) for letter in letters if letter.type is DeadLetterType.JOB]
    settled = await _settled(parts, jobs, tell, answer) if jobs else 0
    messages = {letter.id: letter.reason for letter in letters if letter.type is DeadLetterType.MESSAGE}
    await parts.dead_messages.discard(messages, by=call.principal.name)
    return BulkDone(matched, [letter.id for letter in letters], settled + len(messages), following)


async def _settled(parts: Parts, ids: Sequence[UUID], tell: Tell, answer: EventType) -> int:
    """How many of *ids* were heard to be dealt with, within `SETTLE_SECONDS`."""
    waiting = set(ids)
    settled = asyncio.Event()

    def hear(event: Event) -> None:
        if event.type is answer and event.job_id in waiting:
            waiting.remove(event.job_id)
            if not waiting:
                settled.set()

    unlisten = parts.door.listen(hear)
    try:
        await tell(ids)
        async with asyncio.timeout(SETTLE_SECONDS):
            await settled.wait()
    except TimeoutError:
        pass  # the wishes are in the stream: they will be granted
    finally:
        unlisten()
    return len(ids) - len(waiting)


async def _page(
    parts: Parts, filter_: DeadLettersFilter, cursor: str | None, limit: int
) -> tuple[list[DeadLetter], str | None]:
    """Jobs and messages together, and the cursor of what follows."""
    place = decode_cursor(cursor, _Place) if cursor else None
    letters: list[DeadLetter] = []
    if filter_.type is not DeadLetterType.MESSAGE:
        jobs = await parts.failures.dead(_of_jobs(filter_), before=_job_place(place), limit=limit)
        letters += map(_of_job, jobs)
    if _may_be_message(filter_):
        before = _message_place(place, filter_.until)
        messages = await parts.dead_messages.list(limit=limit, since=filter_.since, before=before)
        letters += map(_of_message, messages)
    letters.sort(
        key=lambda letter: (letter.died_at, letter.type is DeadLetterType.JOB), reverse=True
    )  # else as it came
    page = letters[:limit]
    if len(page) < limit:
        return page, None
    last = page[-1]
    return page, encode_cursor(_Place(last.died_at, last.type, last.id))


async def _count(parts: Parts, filter_: DeadLettersFilter) -> int:
    count = 0
    if filter_.type is not DeadLetterType.MESSAGE:
        count += await parts.failures.count_dead(_of_jobs(filter_))
    if _may_be_message(filter_):
        count += await parts.dead_messages.count(since=filter_.since, until=filter_.until)
    return count


def _may_be_message(filter_: DeadLettersFilter) -> bool:
    """Of a message nobody knows more than its stream and when it died."""
    of_a_job = (filter_.kind, filter_.project, filter_.queue, filter_.error, filter_.agent, filter_.cause)
    return filter_.type is not DeadLetterType.JOB and not any(of_a_job)


def _of_jobs(filter_: DeadLettersFilter) -> DeadFilter:
    return DeadFilter(
        kind=filter_.kind,
        project=filter_.project,
        queue=filter_.queue,
        error_class=filter_.error,
        agent_id=filter_.agent,
        cause=filter_.cause,
        since=filter_.since,
        until=filter_.until,
    )


def _job_place(place: _Place | None) -> DeadPlace | None:
    if place is None:
        return None
    if place.type is DeadLetterType.MESSAGE:
        return DeadPlace(place.died_at, UUID(int=0))
    return DeadPlace(place.died_at, _uuid(place.id))


def _message_place(place: _Place | None, until: datetime | None) -> MessagePlace | None:
    """Messages of a moment follow its jobs, so after a job all of that moment are still to come."""
    places = [MessagePlace(until, "")] if until else []
    if place is not None and place.type is DeadLetterType.MESSAGE:
        places.append(MessagePlace(place.died_at, place.id))
    elif place is not None:
        places.append(MessagePlace(place.died_at, BEHIND_ALL))
    return min(places, default=None)


async def _dead_job(call: Call[Any, None]) -> Job | None:
    """None: the id is a message's."""
    try:
        job_id = UUID(call.path("id"))
    except ValueError:
        return None
    job = await call.parts.jobs.get(job_id)
    if job.state is not JobState.DEAD:
        raise _is_not_dead(job)
    return job


async def _refusal_to_retry(parts: Parts, job: Job) -> str:
    """Why a dead workflow, or a dead job of one, would stay as it is; empty for what can go on."""
    if job.queue and job.workflow_id is None:
        return ""
    workflow = await parts.workflows.get(job.workflow_id or job.id)
    return refusal_to_revive(workflow, StepJob.parse(job.step) if job.step else None)


def _is_not_dead(job: Job) -> Problem:
    return Problem(HTTPStatus.CONFLICT, f"the job is not dead: it is {job.state.value}")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "this cursor is not one of ours") from error


def _of_job(job: DeadJob) -> DeadLetter:
    return DeadLetter(
        id=str(job.id),
        type=DeadLetterType.JOB,
        what=job.kind,
        project=job.project,
        reason=job.error or "",
        died_at=job.died_at,
        queue=job.queue,
        error_class=job.error_class,
        cause=job.cause,
        agent_id=job.agent_id,
        attempt=job.attempt,
        failures=job.failures,
        crashes=job.crashes,
    )


def _of_message(message: DeadMessage) -> DeadLetter:
    return DeadLetter(message.id, DeadLetterType.MESSAGE, message.stream, "", message.reason, message.died_at)
