"""Follow the record: every job event in order, from any number on, each exactly once.

Numbers are drawn before their transaction commits: a greater one may be seen first, and one that is rolled back never
comes. The reader sorts that out; whoever writes waits for nobody. `run` keeps a horizon, the number up to which the
record is final, and followers read no further. What travels is what happened, not what was asked or answered: the
request and the result of a job are looked up by its id.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from uuid import UUID

import msgspec
from asyncpg import Pool, Record

from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY, Queries
from server.errors import HiveError
from server.jobs.job import NULL, EventType

PAGE = 500
NUMBERS = 10_000
"""Looked at one by one; a reader that is further behind jumps, as over a gap."""

LOOK_EVERY_SECONDS = 1.0
"""Without a hint; a hub hears of its own events at once and of another's by Redis."""

GAP_SECONDS = 0.01
"""Until a missing number is looked for again: about how long a transaction lasts."""

REST_SECONDS = 0.005
"""Between two looks, however many hints come."""

SETTLE_SECONDS = 1.0
MAX_FOLLOWERS = 64

SMALL_DATA = frozenset({EventType.RETRY, EventType.SNOOZED, EventType.DEAD})
"""Types whose data travels along: how long it waits, why it is dead."""


class FeedEvent(msgspec.Struct, frozen=True):
    """A row of `job_events`. *seq* is its number: later events have greater ones, some numbers are nobody's.

    *type* is an `EventType`. *actor* is who wished it; empty for the orchestrator itself.
    """

    seq: int
    type: str
    job_id: UUID
    kind: str
    project: str
    attempt: int
    at: datetime
    message: str
    actor: str
    agent_id: UUID | None
    error_class: str | None
    data: msgspec.Raw


class Wanted(msgspec.Struct, frozen=True):
    """Which events; None is all."""

    project: str | None = None
    kinds: frozenset[str] | None = None
    types: frozenset[EventType] | None = None


EVERYTHING = Wanted()


class FeedPage(msgspec.Struct, frozen=True):
    """*after*: where to go on. *complete_after*: of later events none is missing; of earlier ones some were let go."""

    events: Sequence[FeedEvent]
    after: int
    complete_after: int


class FeedTruncated(HiveError):
    """Of the events between *after*, where somebody wanted to go on, and *complete_after* some were let go."""

    def __init__(self, after: int, complete_after: int) -> None:
        super().__init__(
            f"events after {after} are not all kept any more; none is missing after {complete_after}",
            hint=f"read the jobs as they stand now, then follow from {complete_after}",
        )
        self.complete_after = complete_after


class TooManyFollowers(HiveError):
    """Each costs memory and questions to Postgres."""


class EventFeed:
    """*pool* is of the Postgres that is written to: a replica does not know who writes.

    `run` it as long as it may be followed; call `hint` when something happened.
    """

    def __init__(self, pool: Pool, *, max_followers: int = MAX_FOLLOWERS) -> None:
        self._pool = pool
        self._sql = Queries.load("server.jobs", "feed.sql")
        self._max_followers = max_followers
        self._readers = 0
        self._horizon = _Horizon(pool, self._sql)
        self._hinted = asyncio.Event()
        self._wanted = asyncio.Event()
        self._looked = asyncio.Event()
        self._looks = 0
        self._complete_look = 0

    def hint(self) -> None:
        """There may be new events."""
        self._hinted.set()

    async def run(self) -> None:
        """Look for what is new, as long as somebody reads; until cancelled."""
        while True:
            stop_if_cancelled()
            await self._wanted.wait()
            self._hinted.clear()
            self._looks += 1
            missing = False
            with suppress(*DATABASE_AWAY):
                missing = not await self._horizon.look()
                self._complete_look = self._complete_look if missing else self._looks
            self._tell()
            await asyncio.sleep(REST_SECONDS)
            await _wait(self._hinted, GAP_SECONDS if missing else LOOK_EVERY_SECONDS)

    @contextmanager
    def follow(self, after: int, wanted: Wanted = EVERYTHING) -> "Iterator[Follower]":
        """Whatever comes after number *after*, 0 for all that is kept. Raises `TooManyFollowers`."""
        if self._readers >= self._max_followers:
            raise TooManyFollowers(
                f"{self._readers} already follow the events", hint="read pages, or let one follower tell the others"
            )
        with self._reading():
            yield Follower(self, after, wanted)

    async def page(self, after: int | None, wanted: Wanted = EVERYTHING, *, limit: int = PAGE) -> FeedPage:
        """At most *limit* events after number *after*; None: the newest, in order."""
        horizon = await self.newest()
        if after is None:
            events = await self._fetch(self._sql.newest_page, horizon, wanted, limit)
            events.reverse()
        else:
            events = await self.read(after, horizon, wanted, limit)
        is_full = after is not None and len(events) == limit
        return FeedPage(events, events[-1].seq if is_full else max(horizon, after or 0), await self.complete_after())

    async def newest(self) -> int:
        """The number up to which all is final now: whatever was committed by now, unless somebody writes for long."""
        with self._reading():
            look = self._looks + 1
            self.hint()
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_SECONDS):
                    while self._complete_look < look:
                        await self._looked.wait()
            return self._horizon.seq

    async def beyond(self, seq: int) -> int:
        """As `newest`, once it is greater than *seq*. For who follows: nobody looks for others."""
        while self._horizon.seq <= seq:
            await self._looked.wait()
        return self._horizon.seq

    async def read(self, after: int, up_to: int, wanted: Wanted, limit: int) -> list[FeedEvent]:
        return await self._fetch(self._sql.page, up_to, wanted, limit, after)

    async def complete_after(self) -> int:
        """After this number no event is missing: editor jobs leave within the hour, and their events with them."""
        number: int = await self._pool.fetchval(self._sql.forgotten_number)
        return number

    async def _fetch(self, query: str, up_to: int, wanted: Wanted, limit: int, *after: int) -> list[FeedEvent]:
        places = (wanted.project, _sorted(wanted.kinds), _sorted(wanted.types), sorted(SMALL_DATA))
        return [_event(row) for row in await self._pool.fetch(query, up_to, *places, limit, *after)]

    def _tell(self) -> None:
        looked, self._looked = self._looked, asyncio.Event()
        looked.set()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._readers += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._wanted.clear()


class Follower:
    """One reader's way through the record. *position*: up to this number it has seen all that it wanted.

    Rides out an absence of Postgres. It is asked for what comes next, so a slow reader costs nothing but time.
    """

    def __init__(self, feed: EventFeed, after: int, wanted: Wanted) -> None:
        self.position = after
        self._feed = feed
        self._wanted = wanted
        self._warned: int | None = None

    async def next(self) -> Sequence[FeedEvent]:
        """The next events, at least one.

        Raises `FeedTruncated` where some before them were let go, unless it began at 0; then goes on with what is kept.
        """
        while True:
            stop_if_cancelled()
            try:
                horizon = await self._feed.beyond(self.position)
                events = await self._feed.read(self.position, horizon, self._wanted, PAGE)
                self._warn(await self._feed.complete_after())  # after the reading: none of it was let go unseen
            except DATABASE_AWAY:
                await asyncio.sleep(LOOK_EVERY_SECONDS)
                continue
            self.position = events[-1].seq if len(events) == PAGE else horizon
            if events:
                return events

    async def __aiter__(self) -> AsyncIterator[Sequence[FeedEvent]]:
        while True:
            yield await self.next()

    def _warn(self, complete_after: int) -> None:
        if self._warned is None and self.position == 0:
            self._warned = complete_after
        if complete_after > max(self.position, self._warned or 0):
            self._warned = complete_after
            raise FeedTruncated(self.position, complete_after)


class _Horizon:
    """Every number up to *seq* is an event's that can be read by now, or will never be one's."""

    def __init__(self, pool: Pool, sql: Queries) -> None:
        self.seq = 0
        self._pool = pool
        self._sql = sql
        self._gap: _Gap | None = None

    async def look(self) -> bool:
        """Move on as far as possible. False when a number is missing that may still come."""
        while True:
            numbers = [row["seq"] for row in await self._pool.fetch(self._sql.numbers_above, self.seq, NUMBERS)]
            followed = _followed(self.seq, numbers)
            self.seq += followed
            if followed == len(numbers) < NUMBERS:
                self._gap = None
                return True
            if not await self._gap_is_closed():
                return False

    async def _gap_is_closed(self) -> bool:
        """Everybody has ended who may have drawn a number that is missing up to the newest seen: these never come.

        First the number, then who writes: who had drawn a smaller one by then writes still, or can be read by now.
        """
        if self._gap is None or self._gap.newest <= self.seq:
            newest = await self._pool.fetchval(self._sql.newest_number)
            self._gap = _Gap(newest, await self._writers())
        elif self._gap.writers:
            self._gap = _Gap(self._gap.newest, self._gap.writers & await self._writers())
        if self._gap.writers:
            return False
        self.seq = max(self.seq, self._gap.newest)
        self._gap = None
        return True

    async def _writers(self) -> frozenset[str]:
        return frozenset(row["virtualtransaction"] for row in await self._pool.fetch(self._sql.writers))


class _Gap(msgspec.Struct, frozen=True):
    """Up to number *newest* something is missing, and these transactions may have it."""

    newest: int
    writers: frozenset[str]


def _followed(seq: int, numbers: Sequence[int]) -> int:
    """How many of *numbers* follow *seq* one by one."""
    for place, number in enumerate(numbers):
        if number != seq + place + 1:
            return place
    return len(numbers)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _event(row: Record) -> FeedEvent:
    data = NULL if row["data"] is None else msgspec.Raw(row["data"])
    return FeedEvent(**{**row, "data": data})


def _sorted(names: frozenset[str] | frozenset[EventType] | None) -> list[str] | None:
    return None if names is None else sorted(names)
