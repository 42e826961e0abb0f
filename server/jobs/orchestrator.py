"""The loops over Postgres: intake, outcomes, dispatch; and the singletons' duties: rescue, sweep, retention.

Any number of hubs may run these side by side. Nothing here decides what is true - `store.py` does, in Postgres. What is
kept between two turns of a loop are hints (`room.py`), set right every second; streams are acknowledged after the
transaction, so a hub may die anywhere.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from uuid import UUID

import asyncpg
import msgspec
import structlog

from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY
from server.errors import RedisUnavailable
from server.faults import reach
from server.hubs.hubs import Standing
from server.hubs.leader import Deposed
from server.hubs.wakeups import Wakeups
from server.jobs.beats import Beats
from server.jobs.changes import Changes
from server.jobs.clock_watch import ClockWatch
from server.jobs.finishing import refused
from server.jobs.job import Delivery, Event, EventType, JobRequest, Priority, Progress, encode
from server.jobs.meter import Meter
from server.jobs.pace import Pace
from server.jobs.reading import BEHIND_SECONDS, Reading
from server.jobs.room import Room, share
from server.jobs.store import Due, JobStore, Transactions
from server.jobs.telling import for_agents, for_doors, tell_doors
from server.jobs.wire import Beat, Bye, Outcomes, ProgressTold, StateTold, Wish
from server.jobs.wishes import grant, wish_of
from server.messaging import EVENTS, Entry, Message, Role, Route, StreamReader, StreamWriter, role_of

LOOK_EVERY_SECONDS = 1.0
"""How often the hints are set right, and how late at most something is noticed that no message told."""
RESCUE_EVERY_SECONDS = 1.0
STOOD_STILL_SECONDS = 1.0
"""Who wakes up so much too late was stopped, and has not heard what was said meanwhile."""
CLEAN_EVERY_SECONDS = 60.0
SCHEDULE_EVERY_SECONDS = 1.0
LINES = "lines"
"""The subject under which hubs tell each other that a line grew."""
BATCH = 512
REPORTS = 64
"""Of outcomes: each is of up to hundreds, and more of a thousand agents' single ones would hold up the loop."""
LOWER_CLASSES = (Priority.BATCH, Priority.PULL_REQUEST)

Take = Callable[[Role, Sequence[bytes]], Awaitable[Sequence[tuple[Route, Message]]]]
"""Deals with messages of a kind, of one sender; what it answers is appended where it says."""

_AWAY = (*DATABASE_AWAY, RedisUnavailable, asyncpg.TransactionRollbackError)
"""Postgres or Redis is away, or chose us as a deadlock's victim: the same thing done again will work."""

log = structlog.get_logger()


class Orchestrator:
    """One hub's share of the orchestration.

    *intakes*: each is taken in for itself, so that nobody who is in a hurry waits for the transaction of what is not;
    the first is theirs, and never rests.
    *retention*: what other stores do once a minute to forget what is old. *hear_states*: takes note of what agents say
    that they became. *due*: jobs that recur. *hubs*: which of the living hubs this is; *wakeups*: how they tell each
    other that a line grew. *meter* is told every change. *others*: who deals with what agents say besides, by its kind.
    """

    def __init__(
        self,
        store: JobStore,
        *,
        writer: StreamWriter,
        intakes: Sequence[StreamReader],
        outcomes: StreamReader,
        retention: Sequence[Callable[[], Awaitable[object]]] = (),
        hear_states: Callable[[Sequence[StateTold]], Awaitable[object]] | None = None,
        due: Due | None = None,
        hubs: Callable[[], Standing] = lambda: Standing(0, 1),
        wakeups: Wakeups | None = None,
        meter: Meter | None = None,
        others: Mapping[str, Take] | None = None,
    ) -> None:
        self._store = store
        self._others = dict(others or {})
        self._hear_states = hear_states
        self._writer = writer
        self._intakes = intakes
        self._outcomes = outcomes
        self._retention = retention
        self._due = due
        self._hubs = hubs
        self._wakeups = wakeups
        self._meter = meter
        self._room = Room()
        self._beats = Beats(self._write_beats)
        self._ending: frozenset[UUID] = frozenset()
        """The jobs of the outcomes that were read and are not written yet."""
        self._look = asyncio.Event()
        self._clock = ClockWatch()
        self._due_at: float | None = None
        self._listens_since = 0.0
        """Since when no beat can have escaped us; in the loop's time."""

    async def run(self) -> None:
        """Run until cancelled."""
        self._listens_since = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as loops:
            for intake in self._intakes:
                pace = None if intake is self._intakes[0] else Pace()
                taking_in = Reading(intake, self._take_in, BATCH, insist=self._until_it_works, pace=pace)
                loops.create_task(taking_in.run(), name="intake")
            loops.create_task(self._hearing().run(), name="outcomes")
            loops.create_task(self._beats.run(), name="beats")
            loops.create_task(self._dispatch(), name="dispatch")
            if self._wakeups is not None:
                loops.create_task(self._hear_others(self._wakeups), name="wakeups")

    async def lead(self, transaction: Transactions | None = None) -> None:
        """The duties of which one hub is enough: rescuer, scheduler, retention. Run until cancelled.

        *transaction*: the leader's, which Postgres refuses once another leads: then raises `Deposed`.
        """
        store = self._store.within(transaction) if transaction else self._store
        try:
            async with asyncio.TaskGroup() as duties:
                duties.create_task(self._every(RESCUE_EVERY_SECONDS, partial(self._rescue, store)), name="rescuer")
                duties.create_task(self._every(CLEAN_EVERY_SECONDS, partial(self._clean, store)), name="retention")
                if self._due is not None:
                    ask = partial(self._ask_for_what_is_due, store, self._due)
                    duties.create_task(self._every(SCHEDULE_EVERY_SECONDS, ask), name="scheduler")
        except* Deposed as deposed:
            raise Deposed(str(deposed.exceptions[0])) from None

    async def agent_died(self, agent_id: UUID) -> None:
        """The hub saw its child process die: what it held need not wait for its lease to run out."""

        async def give_back() -> None:
            await self._carry_out(await self._store.agents_ended([agent_id], vanished=True))

        await self._until_it_works(give_back)

    async def carry_out(self, changes: Changes) -> None:
        """What was changed in the store from beside the loops is handed out and told as theirs is."""
        await self._until_it_works(lambda: self._carry_out(changes))

    # --- the loops ------------------------------------------------------------------------------------------------

    def _hearing(self) -> Reading:
        def deaf(now: float) -> None:
            self._listens_since = now

        take, insist = self._take_outcomes, self._until_it_works
        return Reading(self._outcomes, take, REPORTS, insist=insist, pace=Pace(), deaf=deaf)

    async def _dispatch(self) -> None:
        """Hand out what is in line: when something changed, when something becomes due, and every second."""
        loop = asyncio.get_running_loop()
        while True:
            self._look.clear()
            await self._until_it_works(self._look_around)
            until = loop.time() + LOOK_EVERY_SECONDS
            try:
                async with asyncio.timeout_at(until if self._due_at is None else min(until, self._due_at)):
                    await self._look.wait()
            except TimeoutError:
                pass

    async def _hear_others(self, wakeups: Wakeups) -> None:
        async with wakeups.on(LINES) as wakeup:
            while True:
                await wakeup.wait(LOOK_EVERY_SECONDS)
                self._look.set()

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._until_it_works(act)
            wake_at = loop.time() + seconds
            await asyncio.sleep(seconds)
            if loop.time() > wake_at + STOOD_STILL_SECONDS:
                self._listens_since = loop.time()

    async def _until_it_works(self, act: Callable[[], Awaitable[None]]) -> None:
        """Postgres or Redis may be away for a while; the entries stay unacknowledged, and nothing is lost."""
        delay_seconds = 0.1
        while True:
            try:
                return await act()
            except _AWAY as error:
                stop_if_cancelled()
                self._listens_since = asyncio.get_running_loop().time()
                log.warning("waiting for Postgres or Redis", error=type(error).__name__, retry_seconds=delay_seconds)
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(2.0, delay_seconds * 2)

    # --- what each turn does --------------------------------------------------------------------------------------

    async def _take_in(self, entries: Sequence[Entry]) -> None:
        requests: list[JobRequest] = []
        deliveries: list[Delivery] = []
        refused: list[Event] = []
        for entry in entries:
            body, kind = entry.message.body, entry.message.kind
            if kind == "job":
                request = _decode_request(_readable(body))
                if time.time() - entry.message.sent_at.timestamp() < self._store.kept_seconds(request):
                    requests.append(request)
                else:
                    refused.append(_too_old(request))
            elif kind == "delivery":
                deliveries.append(msgspec.json.decode(body, type=Delivery))
            else:
                await self._accept(requests, deliveries)  # first: the wish may be about one of them
                requests, deliveries = [], []
                await self._grant(kind, body)
        await self._accept(requests, deliveries)
        await tell_doors(self._writer, refused)

    async def _accept(self, requests: Sequence[JobRequest], deliveries: Sequence[Delivery]) -> None:
        if requests or deliveries:
            reach("intake.before_commit")
            changes = await self._store.accept(requests, deliveries, self._room)
            reach("intake.after_commit")
            await self._carry_out(changes)
            if self._hubs().live > 1:
                asked = (request for delivery in deliveries for request in (delivery.job, *delivery.beside) if request)
                await self._carry_out(await self._store.supersede([*requests, *asked]))

    async def _grant(self, kind: str, body: bytes) -> None:
        if kind == "stand":
            await self._carry_out(await self._store.stand(msgspec.json.decode(body, type=Wish).job_ids))
            return
        wish = wish_of(kind, body)
        await self._carry_out(await grant(self._store, kind, wish))
        await self._writer.append(EVENTS, Message("granted", msgspec.json.encode([wish.id])))

    async def _take_outcomes(self, entries: Sequence[Entry]) -> None:
        ended: dict[Role, list[Outcomes]] = {}
        beats: list[Beat] = []
        states: dict[Role, list[StateTold]] = {}
        left: dict[Role, list[UUID]] = {}
        told: list[Event] = []
        others: dict[tuple[str, Role], list[bytes]] = {}
        for entry in entries:
            body, sender = entry.message.body, entry.message.sender
            match entry.message.kind:
                case "outcomes":
                    ended.setdefault(sender, []).append(_decode_outcomes(_readable(body)))
                case "beat":
                    beats.append(_beat_of(sender, body))
                case "state":
                    states.setdefault(sender, []).append(msgspec.json.decode(_readable(body), type=StateTold))
                case "bye":
                    left.setdefault(sender, []).append(msgspec.json.decode(body, type=Bye).agent_id)
                case "progress":
                    told += _progress_events(msgspec.json.decode(body, type=ProgressTold))
                case kind if kind in self._others:
                    others.setdefault((kind, sender), []).append(_readable(body))
        for (kind, sender), bodies in others.items():
            await self._writer.append_each(iter(await self._others[kind](sender, bodies)))
        self._ending = frozenset(o.job_id for reports in ended.values() for report in reports for o in report.outcomes)
        self._beats.gather(beats)
        if left or any(
            self._room.role_of(beat.agent_id) is None for beat in beats
        ):  # who comes or leaves is known first
            await self._beats.write()
        for sender, reports in ended.items():
            await self._finish(sender, reports)
        self._ending = frozenset()
        for sender, became in states.items():
            await self._note_states(sender, became)
        for sender, leaving in left.items():  # last: what they ended before they left is ended
            theirs = await self._store.agents_of(sender, leaving)
            await self._carry_out(await self._store.agents_ended(list(theirs), vanished=False))
        await tell_doors(self._writer, told)

    async def _note_states(self, sender: Role, states: Sequence[StateTold]) -> None:
        if self._hear_states is not None:
            theirs = await self._store.agents_of(sender, [told.agent_id for told in states])
            await self._hear_states([told for told in states if told.agent_id in theirs])

    async def _finish(self, sender: Role, reports: Sequence[Outcomes]) -> None:
        """What cannot be taken of an attempt ends it for good: its job would run, and end so, again and again."""
        try:
            await self._finish_together(sender, reports)
        except _AWAY:
            raise
        except Exception as error:
            stop_if_cancelled()
            each = [(report.agent_id, outcome) for report in reports for outcome in report.outcomes]
            if len(each) > 1:
                for agent_id, outcome in each:
                    await self._finish(sender, [Outcomes(agent_id, (outcome,))])
                return
            [(agent_id, outcome)] = each
            log.exception("an outcome cannot be taken", job_id=str(outcome.job_id), kind=outcome.kind)
            await self._finish_together(sender, [Outcomes(agent_id, (refused(outcome, type(error).__name__),))])

    async def _finish_together(self, sender: Role, reports: Sequence[Outcomes]) -> None:
        """While there is a line, what ended and who follows go to the disk together: each wait for it is a long one."""
        reach("outcomes.before_commit")
        agents = [report.agent_id for report in reports]
        has_line = any(self._room.has_line(queue) for agent in agents for queue in self._room.queues_of(agent))
        async with self._store.in_one() if has_line else nullcontext(self._store) as store:
            changes = await store.finish(reports, role=sender)
            freed = {queue for agent, count in changes.ended.items() for queue in self._room.freed(agent, count)}
            self._room.line_grew(changes.lined_up, urgent=changes.urgent)
            for queue in sorted(freed):
                if self._room.has_line(queue):
                    await self._claim(queue, changes, store)
        reach("outcomes.after_commit")
        await self._carry_out(changes)

    async def _write_beats(self, beats: Sequence[Beat]) -> None:
        async def write() -> None:
            changes, has_new = await self._store.beat(beats, self._ending)
            await self._carry_out(changes)
            if has_new:
                self._look.set()

        await self._until_it_works(write)

    async def _look_around(self) -> None:
        """Set the hints right, then let everything that may start join the line and be handed out."""
        standing = self._hubs()
        members = await self._store.members()
        whole = {member.id: member for member in members}
        free = share({id_: member.free for id_, member in whole.items()}, standing.ordinal, standing.live)
        capacity = share({id_: member.capacity for id_, member in whole.items()}, standing.ordinal, standing.live)
        for member in members:
            member.free, member.capacity = free[member.id], capacity[member.id]
        self._room.set(members)
        next_due_seconds = await self._store.line_up_due()
        self._due_at = None
        if next_due_seconds is not None:
            self._due_at = asyncio.get_running_loop().time() + max(0.0, next_due_seconds)
        changes = Changes()
        for queue in self._room.queues:
            self._room.line_grew([queue], urgent=[queue])  # perhaps
            await self._claim(queue, changes, self._store)
        await self._carry_out(changes)

    async def _claim(self, queue: str, changes: Changes, store: JobStore) -> None:
        """Hand out what is in line for as long as there is room; adds to *changes*."""
        while places := self._room.take(queue, BATCH):
            kept, before = self._room.keep(queue)
            claimed = await store.claim(queue, places, kept=kept, kept_for=LOWER_CLASSES[before % 2])
            if self._note_claimed(claimed, places, changes) < len(places):
                self._room.line_is_empty(queue)
                return
        if self._room.has_urgent_line(queue) and (places := self._room.take(queue, BATCH, urgent=True)):
            claimed = await store.claim(queue, places, down_to=Priority.INTERACTIVE)
            if self._note_claimed(claimed, places, changes) < len(places):
                self._room.urgent_line_is_empty(queue)

    def _note_claimed(self, claimed: Changes, places: Sequence[UUID], changes: Changes) -> int:
        changes.work += claimed.work
        changes.events += claimed.events
        changes.waited += claimed.waited
        self._room.give_back(places[len(claimed.work) :])
        return len(claimed.work)

    async def _rescue(self, store: JobStore) -> None:
        """An agent is silent only when we listened: after an outage the beats that lie in the stream come first.

        So do those of agents that slept with the whole machine.
        """
        asked_at = asyncio.get_running_loop().time()
        database_now, now = await store.now(), asyncio.get_running_loop().time()
        third = store.lease_seconds / 3
        slept = self._clock.went_ahead(database_now, asked_at=asked_at, heard_at=now, by_seconds=third)
        if slept or self._beats.late_seconds() > BEHIND_SECONDS:
            self._listens_since = now
        if asyncio.get_running_loop().time() - self._listens_since >= self._store.lease_seconds:
            await self._carry_out(await store.rescue())
        await self._carry_out(await store.sweep())

    async def _ask_for_what_is_due(self, store: JobStore, due: Due) -> None:
        """Page by page: many schedules may be due at midnight."""
        while (changes := await store.accept_due(due)).events:
            await self._carry_out(changes)

    async def _clean(self, store: JobStore) -> None:
        await store.clean()
        await self._carry_out(await store.agents_ended_lately())  # their inboxes leave Redis only once it was said
        for forget in self._retention:
            try:
                await forget()
            except _AWAY:
                raise
            except Exception:
                stop_if_cancelled()
                log.exception("what is old could not be forgotten")  # a full table is no reason to stop working

    async def _carry_out(self, changes: Changes) -> None:
        """The transaction is committed: hand out its work, tell its events. What is lost here is rescued later."""
        if self._meter is not None:
            self._meter.observe(changes)
        self._room.line_grew(changes.lined_up, urgent=changes.urgent)
        if changes.lined_up or changes.waits_seconds:
            self._look_soon(changes)
        if changes.gone:
            self._room.forget(agent_id for agent_id, _ in changes.gone)
        reach("dispatch.before_append")
        await self._writer.append_each(
            for_agents(changes, self._room.role_of), for_doors([*changes.events, *changes.answers])
        )
        if changes.lined_up and self._hubs().live > 1:
            await self._store.wake_hubs(LINES)  # one of them may have room
        reach("dispatch.after_append")

    def _look_soon(self, changes: Changes) -> None:
        """Somebody joined a line while there may be room, or waits for less than until the next look."""
        if any(self._room.free(queue, urgent=queue in changes.urgent) for queue in changes.lined_up):
            self._look.set()
        if changes.waits_seconds:
            due_at = asyncio.get_running_loop().time() + min(changes.waits_seconds)
            if self._due_at is None or due_at < self._due_at:
                self._due_at = due_at
                self._look.set()


_decode_request = msgspec.json.Decoder(JobRequest).decode
_decode_beat = msgspec.json.Decoder(Beat).decode
_decode_outcomes = msgspec.json.Decoder(Outcomes).decode


def _beat_of(sender: Role, body: bytes) -> Beat:
    """Raises `msgspec.ValidationError` when an agent would be heard as of another role."""
    beat = _decode_beat(body)
    if beat.role is not sender or any(role_of(queue) is not sender for queue in beat.queues):
        raise msgspec.ValidationError(f"{sender} says that it is {beat.role} and works on {', '.join(beat.queues)}")
    return beat


def _readable(body: bytes) -> bytes:
    """What is decoded as raw JSON is not looked into, and whoever reads it is to find UTF-8. Raises `UnicodeError`."""
    body.decode()
    return body


def _too_old(request: JobRequest) -> Event:
    """It may have been done and forgotten since: a request that somebody put into the stream again."""
    message = "asked for longer ago than jobs are remembered"
    return Event(EventType.CANCELLED, request.project, request.id, request.kind, message=message)


def _progress_events(told: ProgressTold) -> list[Event]:
    """Who waits for a workflow hears of its steps: nothing else of it moves."""
    return [
        Event(
            type=EventType.PROGRESS,
            project=told.project,
            job_id=job_id,
            kind=told.kind,
            attempt=told.attempt,
            data=encode(Progress(told.done, told.total, told.note)),
        )
        for job_id in (told.job_id, told.workflow_id)
        if job_id is not None
    ]
