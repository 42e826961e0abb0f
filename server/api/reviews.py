"""`POST /api/v1/reviews`: a program asks for a review of files that it sends along."""

import asyncio
import re
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import msgspec

from server.api.parts import Parts
from server.api.problems import Problem
from server.api.reading import Line
from server.api.route import Answer, Call
from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY
from server.jobs.job import Event, JobRequest, Priority, encode
from server.memory.recall import change_queries, recall
from server.reviews.snapshot import Snapshot
from server.reviews.workflow import THOROUGH

MAX_FILES = 10_000

NO_MODEL = "no model is configured, and this needs one"
HOW_TO_GET_ONE = "set ANTHROPIC_API_KEY where the hub starts, then: hive down, hive up"

RECALL_SECONDS = 2.0
MAX_MEMORIES = 12

ACCEPTED_SECONDS = 2.0
"""How long to wait for the orchestrator to say that it has the job. Later is no error: Redis has kept the request."""


class JobAccepted(msgspec.Struct, frozen=True):
    job: UUID


class ReviewQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*thorough*: a model reads the files, too."""

    thorough: bool = False


async def start_review(call: Call[ReviewQuery, Snapshot]) -> Answer:
    snapshot = call.body
    refuse_odd(snapshot)
    call.within(snapshot.project)
    if call.query.thorough:
        refuse_without_model(call.parts)
        snapshot = await with_memories(call.parts, snapshot, change_queries(snapshot))
    request = JobRequest(
        THOROUGH if call.query.thorough else "review",
        snapshot.project,
        encode(snapshot),
        priority=Priority.BATCH,
        requested_by=call.principal.name,
    )
    await submit(call, request)
    location = f"/api/v1/jobs/{request.id}"
    return Answer(JobAccepted(request.id), HTTPStatus.ACCEPTED, {"Location": location})


def refuse_without_model(parts: Parts) -> None:
    if not parts.thinks:
        raise Problem(HTTPStatus.CONFLICT, NO_MODEL, hint=HOW_TO_GET_ONE)


async def with_memories(parts: Parts, snapshot: Snapshot, queries: Iterable[str]) -> Snapshot:
    """What is remembered comes along, if Postgres has the time to say it: it is a help, and no more."""
    asked = [query for query in queries if query.strip()]
    try:
        async with asyncio.timeout(RECALL_SECONDS):
            memories = await recall(parts.contexts, snapshot.project, asked, MAX_MEMORIES)
    except TimeoutError:
        stop_if_cancelled()
        return snapshot
    except DATABASE_AWAY:
        return snapshot
    return msgspec.structs.replace(snapshot, memories=memories)


async def submit(call: Call[Any, Any], request: JobRequest) -> None:
    """Returns once the job can be looked up, as a rule."""
    accepted = asyncio.Event()

    def hear(event: Event) -> None:
        if event.job_id == request.id:
            accepted.set()

    unlisten = call.parts.door.listen(hear)
    try:
        await call.parts.door.submit(request)
        async with asyncio.timeout(ACCEPTED_SECONDS):
            await accepted.wait()
    except TimeoutError:
        pass
    finally:
        unlisten()


def refuse_odd(snapshot: Snapshot) -> None:
    try:
        msgspec.convert(snapshot.project, Line)
    except msgspec.ValidationError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the body does not fit: {error} - at `$.project`") from error
    for sha in (snapshot.base_sha, snapshot.head_sha):
        if sha and not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", sha):
            raise Problem(HTTPStatus.BAD_REQUEST, "a SHA is 40 or 64 hex digits, or empty where there is no commit")
    paths = [*(file.path for file in snapshot.files), *(file.path for file in snapshot.skipped)]
    around = [file.path for file in snapshot.context]
    if len(paths) + len(around) > MAX_FILES:
        raise Problem(HTTPStatus.BAD_REQUEST, f"a review takes at most {MAX_FILES} files")
    if len(set(paths)) != len(paths):
        raise Problem(HTTPStatus.BAD_REQUEST, "a path is there twice")
    if not all(map(is_inside, (*paths, *around))):
        raise Problem(
            HTTPStatus.BAD_REQUEST, "a path leaves the repository", hint="paths are relative, with / and without .."
        )


def is_inside(path: str) -> bool:
    plain = 0 < len(path) <= 4096 and "\0" not in path and not path.startswith("/")
    return plain and ".." not in PurePosixPath(path).parts
