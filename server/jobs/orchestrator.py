"""The loops over Postgres: intake, dispatch, outcomes, rescue, retention.

Any number of hubs may run these side by side. Nothing here decides what is true - `store.py` does, in Postgres - and
nothing is kept between two turns of a loop: streams are acknowledged after the transaction, so a hub may die anywhere.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import asyncpg
import msgspec
import structlog

from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY
from server.errors import RedisUnavailable
from server.jobs.job import Delivery, Event, EventType, JobRequest, Priority, Progress, encode
from server.jobs.kinds import Kinds
from server.jobs.store import Changes, JobStore
from server.jobs.wire import Beat, Bye, Outcome, ProgressTold, Wish, WorkOrder
from server.messaging import EVENTS, Entry, Message, StreamReader, StreamWriter, stops_route, work_route

RESCUE_EVERY_SECONDS = 1.0
CLEAN_EVERY_SECONDS = 60.0

_AWAY = (*DATABASE_AWAY, RedisUnavailable, asyncpg.TransactionRollbackError)
"""Postgres or Redis is away, or chose us as a deadlock's victim: the same thing done again will work."""

log = structlog.get_logger()


class Orchestrator:
    """One hub's share of the orchestration. *retention*: what other stores do once a minute to forget what is old."""

    def __init__(
        self,
        store: JobStore,
        kinds: Kinds,
        *,
        writer: StreamWriter,
        intake: StreamReader,
        outcomes: StreamReader,
        retention: Sequence[Callable[[], Awaitable[object]]] = (),
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._writer = writer
        self._intake = intake
        self._outcomes = outcomes
        self._retention = (store.clean, *retention)

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._read(self._intake, self._take_in), name="intake")
            loops.create_task(self._read(self._outcomes, self._take_outcomes), name="outcomes")
            loops.create_task(self._every(RESCUE_EVERY_SECONDS, self._rescue), name="rescuer")
            loops.create_task(self._every(CLEAN_EVERY_SECONDS, self._clean), name="retention")

    async def agent_died(self, agent_id: UUID) -> None:
        """The hub saw its child process die: what it held need not wait for its lease to run out."""

        async def give_back() -> None:
            await self._carry_out(await self._store.forget_agent(agent_id))

        await self._until_it_works(give_back)

    # --- the loops ------------------------------------------------------------------------------------------------

    async def _read(self, reader: StreamReader, take: Callable[[Sequence[Entry]], Awaitable[None]]) -> None:
        while True:
            entries = await reader.read(limit=256, block_seconds=5.0)
            if entries:
                await self._take(reader, take, entries)

    async def _take(
        self, reader: StreamReader, take: Callable[[Sequence[Entry]], Awaitable[None]], entries: Sequence[Entry]
    ) -> None:
        """Take a batch; when one entry spoils it, take them one by one and bury that one."""
        try:
            await self._until_it_works(lambda: take(entries))
        except Exception as error:
            if len(entries) > 1:
                for entry in entries:
                    await self._take(reader, take, [entry])
                return
            log.exception("an entry cannot be taken", stream=entries[0].route.stream, kind=entries[0].message.kind)
            reason = type(error).__name__
            await self._until_it_works(lambda: reader.reject(entries[0], reason))
            return
        await self._until_it_works(lambda: reader.ack(entries))

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._until_it_works(act)
            await asyncio.sleep(seconds)

    async def _until_it_works(self, act: Callable[[], Awaitable[None]]) -> None:
        """Postgres or Redis may be away for a while; the entries stay unacknowledged, and nothing is lost."""
        delay_seconds = 0.1
        while True:
            try:
                return await act()
            except _AWAY as error:
                stop_if_cancelled()
                log.warning("waiting for Postgres or Redis", error=type(error).__name__, retry_seconds=delay_seconds)
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(2.0, delay_seconds * 2)

    # --- what each turn does --------------------------------------------------------------------------------------

    async def _take_in(self, entries: Sequence[Entry]) -> None:
        requests: list[JobRequest] = []
        deliveries: list[Delivery] = []
        for entry in entries:
            body, kind = entry.message.body, entry.message.kind
            if kind == "job":
                requests.append(msgspec.json.decode(body, type=JobRequest))
            elif kind == "delivery":
                deliveries.append(msgspec.json.decode(body, type=Delivery))
            else:
                await self._grant(kind, msgspec.json.decode(body, type=Wish))
        if requests or deliveries:
            await self._carry_out(await self._store.accept(requests, deliveries))

    async def _grant(self, kind: str, wish: Wish) -> None:
        grant = {"cancel": self._store.cancel, "retry": self._store.retry_dead, "discard": self._store.discard_dead}[
            kind
        ]
        await self._carry_out(await grant(wish.job_ids, by=wish.by))

    async def _take_outcomes(self, entries: Sequence[Entry]) -> None:
        outcomes: list[Outcome] = []
        told: list[Event] = []
        newcomers: set[str] = set()
        for entry in entries:
            body = entry.message.body
            match entry.message.kind:
                case "outcomes":
                    outcomes += msgspec.json.decode(body, type=list[Outcome])
                case "beat":
                    beat = msgspec.json.decode(body, type=Beat)
                    await self._store.beat(beat)
                    newcomers.add(beat.queue)
                case "bye":
                    bye = msgspec.json.decode(body, type=Bye)
                    await self._carry_out(await self._store.forget_agent(bye.agent_id))
                case "progress":
                    told.append(_progress_event(msgspec.json.decode(body, type=ProgressTold)))
        if outcomes:
            await self._carry_out(await self._store.finish(outcomes))
        if newcomers:
            await self._carry_out(await self._store.dispatch(newcomers))
        await tell_doors(self._writer, told)

    async def _rescue(self) -> None:
        await self._carry_out(await self._store.rescue())
        await self._carry_out(await self._store.dispatch(self._kinds.queues))

    async def _clean(self) -> None:
        for forget in self._retention:
            await forget()

    async def _carry_out(self, changes: Changes) -> None:
        """The transaction is committed: hand out its work, tell its events. What is lost here is rescued later."""
        appends = [self._hand_out(*work) for work in changes.work]
        for queue, held in changes.stopped.items():
            appends.append(self._writer.append(stops_route(queue), Message("stops", msgspec.json.encode(held))))
        appends.append(tell_doors(self._writer, [*changes.events, *changes.answers]))
        await asyncio.gather(*appends)  # all in one round trip

    async def _hand_out(self, queue: str, priority: Priority, order: WorkOrder) -> None:
        message = Message("work", msgspec.json.encode(order), tenant=order.project, job_id=order.job_id)
        await self._writer.append(work_route(queue, priority), message)


async def tell_doors(writer: StreamWriter, events: Sequence[Event]) -> None:
    """Broadcast what is true already."""
    if events:
        await writer.append(EVENTS, Message("events", msgspec.json.encode(events)))


def _progress_event(told: ProgressTold) -> Event:
    return Event(
        type=EventType.PROGRESS,
        project=told.project,
        job_id=told.job_id,
        kind=told.kind,
        attempt=told.attempt,
        data=encode(Progress(told.done, told.total, told.note)),
    )
