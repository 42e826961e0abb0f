"""What the hub does for a command in a comment, because who acts on GitHub cannot: begin jobs, and tell every door.

A request keeps its id, so that one that is handed in twice is one job.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import msgspec

from server.jobs.job import Event, EventType, JobRequest
from server.jobs.telling import for_doors
from server.messaging import Message, Role, Route
from server.reviews.chore_kinds import MERGE_LOOK
from server.reviews.fixing import EXACT, THOUGHT
from server.reviews.open_pull_request import ACT

FINDINGS_CHANGED = "findings_changed"
"""The kind of message by which the effects process tells what a person decided."""

COMMANDED_KINDS = frozenset({"review.pull_request", "comment.answer", EXACT, THOUGHT, ACT, MERGE_LOOK})


class _Answered(msgspec.Struct):
    """What is needed of the result of `comment.command`."""

    requests: tuple[JobRequest, ...] = ()


class Commanded:
    """An `OnSucceeded` for `comment.command`: its jobs are handed in before it counts as done."""

    def __init__(self, submit: Callable[[JobRequest], Awaitable[object]]) -> None:
        self._submit = submit

    async def __call__(self, connection: Any, job: asyncpg.Record, result: bytes) -> bytes:
        """Raises ValueError for what no command asks for."""
        requests = msgspec.json.decode(result, type=_Answered).requests
        for request in requests:
            if request.kind not in COMMANDED_KINDS or request.project != job["project"]:
                raise ValueError(f"a command in {job['project']} begins no {request.kind} in {request.project}")
        for request in requests:
            await self._submit(request)
        return result


async def hear_findings_changed(sender: Role, bodies: Sequence[bytes]) -> Sequence[tuple[Route, Message]]:
    """The decisions, for every door. Raises `msgspec.MsgspecError` for what is none."""
    events = [msgspec.json.decode(body, type=Event) for body in bodies]
    decisions = [event for event in events if event.type is EventType.FINDINGS_CHANGED]
    return list(for_doors(decisions)) if sender is Role.EFFECTS else ()
