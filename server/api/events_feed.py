"""`/api/v1/events`: everything that was recorded about jobs, in order: as pages, or as it happens.

Who asks for `text/event-stream` gets server-sent events. An `event` has its number as its id, so a browser that lost us
goes on after the last one it got; `truncated` says that some events before the next one are kept no more.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
import structlog
from aiohttp import web

from server.api.jobs import QUIET_SECONDS
from server.api.problems import Problem
from server.api.reading import Limit, Line
from server.api.route import Call
from server.jobs.feed import FeedEvent, FeedTruncated, Follower, TooManyFollowers, Wanted
from server.jobs.job import EventType

STREAM = "text/event-stream"

STREAM_SECONDS = 600.0
"""Then the reader comes again by itself, with a key that must still be good."""

SEND_SECONDS = 30.0
"""A reader that takes nothing for so long is let go: it may go on where it was."""

RETRY_FULL_SECONDS = 10

log = structlog.get_logger("hive.api")


class EventsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*after*: the number after which to go on, 0 for all that is kept; without it the newest, or from now on.

    *kind* and *type*: one, or several with commas between.
    """

    after: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None
    project: Line | None = None
    kind: Line | None = None
    type: Line | None = None
    limit: Limit = 50


class EventsPage(msgspec.Struct, frozen=True):
    """*next*: go on with `after` = this, now or later. *complete_after*: after this number no event is missing.

    *truncated*: events after the number that was asked for are not all kept any more.
    """

    events: Sequence[FeedEvent]
    next: int
    complete_after: int
    truncated: bool


async def get_events(call: Call[EventsQuery, None]) -> Any:
    query = call.query
    wanted = Wanted(call.within(query.project), _names(query.kind), _types(query.type))
    if STREAM in call.request.headers.get("Accept", ""):
        return await _stream(call, wanted)
    page = await call.parts.feed.page(query.after, wanted, limit=query.limit)
    truncated = query.after is not None and 0 < query.after < page.complete_after
    return EventsPage(page.events, page.after, page.complete_after, truncated)


async def _stream(call: Call[EventsQuery, None], wanted: Wanted) -> web.StreamResponse:
    after = _after(call)
    if after is None:
        after = await call.parts.feed.newest()
    try:
        with call.parts.feed.follow(after, wanted) as follower:
            return await _send_all(call.request, follower)
    except TooManyFollowers as error:
        headers = {"Retry-After": str(RETRY_FULL_SECONDS)}
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), hint=error.hint, headers=headers) from error


async def _send_all(request: web.Request, follower: Follower) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": STREAM, "Cache-Control": "no-store"})
    await response.prepare(request)
    if request.method == "HEAD":
        return response  # what follows would be taken for the next answer
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + STREAM_SECONDS
    try:
        await _send(response, _still_at(follower))
        while loop.time() < ends_at:
            await _send(response, await _next(follower))
    except (OSError, TimeoutError) as error:  # nobody listens any more, or too slowly
        log.info("event feed ended early", reason=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
    return response


async def _next(follower: Follower) -> bytes:
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            return b"".join(map(_sent, await follower.next()))
    except TimeoutError:
        return _still_at(follower)
    except FeedTruncated as truncated:
        return b'event: truncated\ndata: {"complete_after":%d}\n\n' % truncated.complete_after


def _sent(event: FeedEvent) -> bytes:
    return b"id: %d\nevent: event\ndata: %b\n\n" % (event.seq, msgspec.json.encode(event))


def _still_at(follower: Follower) -> bytes:
    """Nothing to tell, but how far it has come: also past events that are not wanted."""
    return b"id: %d\n: still there\n\n" % follower.position


async def _send(response: web.StreamResponse, content: bytes) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await response.write(content)


def _after(call: Call[EventsQuery, None]) -> int | None:
    """What a reader has that comes again says more than the address it came to first."""
    last = call.request.headers.get("Last-Event-ID")
    if last is None:
        return call.query.after
    if not (last.isascii() and last.isdigit() and len(last) < 19):
        raise Problem(HTTPStatus.BAD_REQUEST, "Last-Event-ID is not one of ours: they are numbers")
    return int(last)


def _names(given: str | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given.split(","))


def _types(given: str | None) -> frozenset[EventType] | None:
    names = _names(given)
    if names is None:
        return None
    unknown = names - set(EventType)
    if unknown:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "this is no type of event",
            hint=f"the types are {', '.join(EventType)}",
        )
    return frozenset(map(EventType, names))
