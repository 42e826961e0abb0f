"""Answers that say what went wrong: application/problem+json (RFC 9457), with a hint where there is one.

What we did not foresee is answered with no more than a request id; the log has the rest.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from server.api.dead_messages import DeadMessageNotFound
from server.db import DATABASE_AWAY
from server.errors import HiveError, RedisUnavailable
from server.ide.consents import ConsentNotFound
from server.ide.driving import EditorNotFound, NoAnswer, NotAllowed, NotDone, NotTrusted
from server.jobs.coordinator import CheckpointUnreachable
from server.jobs.job import JobNotFound
from server.jobs.recurrence import RecurrenceInvalid
from server.jobs.schedules import ScheduleExists, ScheduleNotFound, ScheduleRefused
from server.jobs.workflow import CheckpointNotFound, StepNotFound, WorkflowNotFound
from server.memory.context import ContextNotFound, ContextRefused
from server.reviews.deliveries import DeliveryNotFound
from server.reviews.findings import FindingNotFound
from server.security.api_keys import ApiKeyNotFound, ApiKeyRefused
from server.security.devices import LoginNotFound, LoginRefused, TooManyLogins
from server.team.members import AgentNotFound
from server.team.quorum import DecisionNotFound, DecisionRefused, NotAVoter, VoteRefused
from server.team.sessions import SessionNotFound

RETRY_UNAVAILABLE_SECONDS = 2


class Problem(HiveError):
    """Raise in a handler: the answer is *status* with this text."""

    def __init__(
        self, status: HTTPStatus, detail: str, *, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail, hint=hint)
        self.status = status
        self.headers = dict(headers or {})


_STATUS_OF: dict[type[HiveError], HTTPStatus] = {
    JobNotFound: HTTPStatus.NOT_FOUND,
    WorkflowNotFound: HTTPStatus.NOT_FOUND,
    StepNotFound: HTTPStatus.NOT_FOUND,
    CheckpointNotFound: HTTPStatus.NOT_FOUND,
    CheckpointUnreachable: HTTPStatus.CONFLICT,
    FindingNotFound: HTTPStatus.NOT_FOUND,
    DeliveryNotFound: HTTPStatus.NOT_FOUND,
    ContextNotFound: HTTPStatus.NOT_FOUND,
    ContextRefused: HTTPStatus.BAD_REQUEST,
    DeadMessageNotFound: HTTPStatus.NOT_FOUND,
    ApiKeyNotFound: HTTPStatus.NOT_FOUND,
    ApiKeyRefused: HTTPStatus.BAD_REQUEST,
    AgentNotFound: HTTPStatus.NOT_FOUND,
    SessionNotFound: HTTPStatus.NOT_FOUND,
    ScheduleNotFound: HTTPStatus.NOT_FOUND,
    ScheduleExists: HTTPStatus.CONFLICT,
    ScheduleRefused: HTTPStatus.BAD_REQUEST,
    RecurrenceInvalid: HTTPStatus.BAD_REQUEST,
    DecisionNotFound: HTTPStatus.NOT_FOUND,
    DecisionRefused: HTTPStatus.BAD_REQUEST,
    NotAVoter: HTTPStatus.FORBIDDEN,
    VoteRefused: HTTPStatus.CONFLICT,
    EditorNotFound: HTTPStatus.NOT_FOUND,
    ConsentNotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotTrusted: HTTPStatus.FORBIDDEN,
    NotDone: HTTPStatus.CONFLICT,
    NoAnswer: HTTPStatus.GATEWAY_TIMEOUT,
    LoginNotFound: HTTPStatus.NOT_FOUND,
    LoginRefused: HTTPStatus.BAD_REQUEST,
    TooManyLogins: HTTPStatus.TOO_MANY_REQUESTS,
}


def problem_of(error: Exception) -> Problem | None:
    """What a caller may know of *error*; None when that is nothing."""
    if isinstance(error, Problem):
        return error
    if type(error) in _STATUS_OF:
        assert isinstance(error, HiveError)
        return Problem(_STATUS_OF[type(error)], str(error), hint=error.hint)
    if isinstance(error, RedisUnavailable):
        return _away("Redis")
    if isinstance(error, DATABASE_AWAY):
        return _away("Postgres")
    if isinstance(error, web.HTTPException) and error.status >= HTTPStatus.BAD_REQUEST:
        return _of_http(error)
    return None


def answer(problem: Problem, request_id: str) -> web.Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": str(problem),
        "request_id": request_id,
    }
    if problem.hint:
        body["hint"] = problem.hint
    return web.Response(
        body=msgspec.json.encode(body),
        status=problem.status.value,
        content_type="application/problem+json",
        headers=problem.headers,
    )


def unforeseen() -> Problem:
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "something went wrong here; nothing that you sent is at fault",
        hint="the hub's log tells more, under this request_id",
    )


def too_many_requests(wait_seconds: float, why: str) -> Problem:
    seconds = max(1, round(wait_seconds + 0.5))
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        why,
        hint=f"ask again in {seconds} s",
        headers={"Retry-After": str(seconds)},
    )


def _away(engine: str) -> Problem:
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"{engine} does not answer",
        hint="nothing was lost; /ready tells when it is back",
        headers={"Retry-After": str(RETRY_UNAVAILABLE_SECONDS)},
    )


def _of_http(error: web.HTTPException) -> Problem:
    status = HTTPStatus(error.status)
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    detail = {
        HTTPStatus.NOT_FOUND: "there is nothing at this address",
        HTTPStatus.METHOD_NOT_ALLOWED: "this address does not know that method",
    }.get(status, error.reason or status.phrase)
    hint = "/api/v1/openapi.json describes every address" if status == HTTPStatus.NOT_FOUND else ""
    return Problem(status, detail, hint=hint, headers=headers)
