"""`/api/v1/dead-letters`: jobs that failed for good, and messages that nobody could open.

A job can be retried or discarded; a message only discarded, since nobody knows what it says.
"""

import asyncio
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec

from server.api.dead_messages import DeadMessage
from server.api.problems import Problem
from server.api.reading import Limit
from server.api.route import Answer, Call
from server.jobs.job import Job, JobState


class DeadLetterType(StrEnum):
    JOB = "job"
    MESSAGE = "message"


class DeadLetter(msgspec.Struct, frozen=True):
    """*what* is the job's kind, or the message's stream."""

    id: str
    type: DeadLetterType
    what: str
    project: str
    reason: str
    died_at: datetime | None


class DeadLettersQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limit: Limit = 50


class DeadLettersList(msgspec.Struct, frozen=True):
    """The newest; discard or retry them to see older ones."""

    dead_letters: list[DeadLetter]


class DeadLetterNamed(msgspec.Struct, frozen=True):
    id: str


async def list_dead_letters(call: Call[DeadLettersQuery, None]) -> DeadLettersList:
    jobs, messages = await asyncio.gather(
        call.parts.jobs.list(state=JobState.DEAD, limit=call.query.limit),
        call.parts.dead_messages.list(limit=call.query.limit),
    )
    return DeadLettersList([*map(_of_job, jobs), *map(_of_message, messages)])


async def retry_dead_letter(call: Call[Any, None]) -> Answer:
    job = await _dead_job(call)
    if job is None:
        raise Problem(
            HTTPStatus.CONFLICT,
            "a message that could not be opened cannot be retried",
            hint="whoever sent it will ask again; discard it",
        )
    await call.parts.door.retry([job.id], by=call.principal.name)
    return Answer(DeadLetterNamed(str(job.id)), HTTPStatus.ACCEPTED)


async def discard_dead_letter(call: Call[Any, None]) -> Answer:
    job = await _dead_job(call)
    if job is None:
        await call.parts.dead_messages.discard(call.path("id"))
    else:
        await call.parts.door.discard([job.id], by=call.principal.name)
    return Answer(DeadLetterNamed(call.path("id")), HTTPStatus.ACCEPTED)


async def _dead_job(call: Call[Any, None]) -> Job | None:
    """None: the id is a message's."""
    try:
        job_id = UUID(call.path("id"))
    except ValueError:
        return None
    job = await call.parts.jobs.get(job_id)
    if job.state is not JobState.DEAD:
        raise Problem(HTTPStatus.CONFLICT, f"the job is not dead: it is {job.state.value}")
    return job


def _of_job(job: Job) -> DeadLetter:
    return DeadLetter(str(job.id), DeadLetterType.JOB, job.kind, job.project, job.error or "", job.finished_at)


def _of_message(message: DeadMessage) -> DeadLetter:
    return DeadLetter(message.id, DeadLetterType.MESSAGE, message.stream, "", message.reason, message.died_at)
