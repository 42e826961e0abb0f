"""What needs a model: questions, explanations, fixes, descriptions of changes, triage; and whether there is one.

Each answers with a job, whose result is the answer. Nothing else happens because of it: who asked applies a fix.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec.structs import replace

from server.api.jobs import visible_job
from server.api.problems import Problem
from server.api.reviews import (
    HOW_TO_GET_ONE,
    JobAccepted,
    refuse_odd,
    refuse_without_model,
    submit,
    with_memories,
)
from server.api.route import Answer, Call
from server.jobs.job import JobRequest, JobState, Priority, encode
from server.memory.recall import change_queries
from server.reviews.asks import FindingQuestion, FixWish, Issue, Question, RewriteWish
from server.reviews.finding import Finding
from server.reviews.snapshot import Snapshot
from server.reviews.workflow import COMPLETION, THINKING_KINDS, THOROUGH

_NOT_ASKED = frozenset({"review.think", COMPLETION})
"""Of the kinds of thinking: a step of a review, and what editors ask by themselves."""


class Capabilities(msgspec.Struct, frozen=True):
    """*thinks*: a model is configured. *kinds*: of jobs that can be asked for because of it. *hint*: how to get one."""

    thinks: bool
    kinds: tuple[str, ...]
    hint: str = ""


async def capabilities(call: Call[Any, None]) -> Capabilities:
    if not call.parts.thinks:
        return Capabilities(False, (), HOW_TO_GET_ONE)
    return Capabilities(True, (THOROUGH, *(kind.name for kind in THINKING_KINDS if kind.name not in _NOT_ASKED)))


async def ask(call: Call[Any, Question]) -> Answer:
    return await _accept(call, "ask", call.body.snapshot, [call.body.question])


async def explain(call: Call[Any, FindingQuestion]) -> Answer:
    return await _accept(call, "explain", call.body.snapshot, [call.body.question, _about(call.body.finding)])


async def fix(call: Call[Any, FixWish]) -> Answer:
    return await _accept(call, "fix", call.body.snapshot, map(_about, call.body.findings))


async def rewrite(call: Call[Any, RewriteWish]) -> Answer:
    return await _accept(call, "rewrite", call.body.snapshot, [call.body.instruction])


class FixAccepted(msgspec.Struct, frozen=True):
    """*learned*: how many findings it mends, each of which is remembered with the edit."""

    learned: int


async def accept_fix(call: Call[Any, None]) -> FixAccepted:
    job = await visible_job(call)
    if job.kind != "fix" or job.state is not JobState.SUCCEEDED:
        raise Problem(HTTPStatus.CONFLICT, f"this job offers no fix: it is {job.kind}, {job.state.value}")
    return FixAccepted(await call.parts.accepted_fixes.take(job.id, by=call.principal.name))


async def describe(call: Call[Any, Snapshot]) -> Answer:
    return await _accept(call, "describe", call.body, change_queries(call.body))


async def triage(call: Call[Any, Issue]) -> Answer:
    return await _accept(call, "triage", call.body.snapshot, [call.body.title])


def _about(finding: Finding) -> str:
    return f"{finding.path} {finding.message}"


async def _accept(call: Call[Any, Any], kind: str, snapshot: Snapshot, queries: Iterable[str]) -> Answer:
    """With what is remembered of *queries*."""
    refuse_without_model(call.parts)
    refuse_odd(snapshot)
    call.within(snapshot.project)
    remembering = await with_memories(call.parts, snapshot, queries)
    body = remembering if call.body is snapshot else replace(call.body, snapshot=remembering)
    request = JobRequest(
        kind,
        snapshot.project,
        encode(body),
        priority=Priority.PULL_REQUEST,  # a person waits for it, but not between two keystrokes
        requested_by=call.principal.name,
    )
    await submit(call, request)
    location = f"/api/v1/jobs/{request.id}"
    return Answer(JobAccepted(request.id), HTTPStatus.ACCEPTED, {"Location": location})
