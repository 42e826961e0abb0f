"""`/api/v1/github/{owner}/{repo}/...`: operations on GitHub, each a job of the effects process, which has the key.

An answer is the job's result when it came within *wait* seconds, else 202 with the job. Decides nothing about GitHub.
"""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from aiohttp import web

from server.api.jobs import Stage, job_that_reached
from server.api.problems import Problem
from server.api.reviews import JobAccepted, submit
from server.api.route import Answer, Call, Handler
from server.github.operation import Asked, Operation, WishRefused
from server.github.project import project_of
from server.jobs.job import JobRequest, JobState, Priority, encode
from server.reviews.pull_request import Repository

NO_APP = "this hub is no GitHub App, and this is done as one"
HOW_TO_BE_ONE = (
    "hive github setup --url … says how to make one; set GITHUB_APP_ID and GITHUB_PRIVATE_KEY, then: hive up"
)

Wait = Annotated[float, msgspec.Meta(ge=0, le=60)]


class Waiting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*wait*: for the result, at most so many seconds; 0 answers with the job at once."""

    wait: Wait = 20.0


def reads(operation: Operation[Any, Any]) -> Handler:
    """The query holds the wish, beside `wait`."""

    async def handle(call: Call[Any, None]) -> Answer | web.Response:
        names = operation.wish.__struct_fields__
        return await _carry_out(call, operation, operation.wish(**{name: getattr(call.query, name) for name in names}))

    return handle


def acts(operation: Operation[Any, Any]) -> Handler:
    """The body is the wish."""

    async def handle(call: Call[Waiting, Any]) -> Answer | web.Response:
        return await _carry_out(call, operation, call.body)

    return handle


async def _carry_out(call: Call[Any, Any], operation: Operation[Any, Any], wish: Any) -> Answer | web.Response:
    repository = _repository(call)
    if not call.parts.github:
        raise Problem(HTTPStatus.CONFLICT, NO_APP, hint=HOW_TO_BE_ONE)
    request = JobRequest(
        operation.kind,
        project_of(call.parts.github, repository),
        encode(Asked(repository, wish)),
        priority=Priority.PULL_REQUEST,  # a person waits for it, but not between two keystrokes
        requested_by=call.principal.name,
    )
    call.within(request.project)
    await submit(call, request)
    return await _answer(call, request)


async def _answer(call: Call[Any, Any], request: JobRequest) -> Answer | web.Response:
    headers = {"Location": f"/api/v1/jobs/{request.id}"}
    accepted = Answer(JobAccepted(request.id), HTTPStatus.ACCEPTED, headers)
    if not call.query.wait:
        return accepted
    job = await job_that_reached(call, request.id, Stage.ENDED, call.query.wait)
    if not job.state.is_final:
        return accepted
    result = await call.parts.jobs.result(job.id) if job.state is JobState.SUCCEEDED else None
    if result is None:
        hint = f"hive jobs show {job.id}"
        status = HTTPStatus.CONFLICT if job.error_class == WishRefused.__name__ else HTTPStatus.BAD_GATEWAY
        raise Problem(status, job.error or f"the job is {job.state.value}", hint=hint)
    return web.Response(body=result, content_type="application/json", headers=headers)


def _repository(call: Call[Any, Any]) -> str:
    try:
        return msgspec.convert(f"{call.path('owner')}/{call.path('repo')}", Repository)
    except msgspec.ValidationError:
        raise Problem(HTTPStatus.NOT_FOUND, "no repository of GitHub has such a name") from None
