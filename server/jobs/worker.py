"""Run attempts and say how they ended: the loop inside every agent and effects process.

Writes nothing but outcomes: no Postgres here. An entry is acknowledged as soon as it is taken, because the truth is the
lease in Postgres: an agent that dies is noticed by its missing beat, and the rescuer sends the work again.
"""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import structlog

from server.errors import HiveError, RedisUnavailable
from server.jobs.job import GiveUp, Snooze, encode, new_job_id
from server.jobs.wire import MAX_RESULT_BYTES, Beat, Bye, Held, Outcome, OutcomeType, ProgressTold, WorkOrder
from server.messaging import OUTCOMES, EventReader, Message, StreamReader, StreamWriter

BEAT_SECONDS = 3.0
FIRST_BEAT_SECONDS = 0.3
"""Work that runs for longer is claimed by name, so that it is given back at once when this process dies."""
PROGRESS_EVERY_SECONDS = 0.2

NULL = msgspec.Raw(b"null")

log = structlog.get_logger()


@dataclass
class Work:
    """One attempt, as its handler sees it. *args* and *inputs* (earlier steps' results by step name) are JSON."""

    job_id: UUID
    kind: str
    project: str
    attempt: int
    args: bytes
    inputs: Mapping[str, bytes]
    progress: Callable[[int, int, str], None]
    """Tell people how far it is: done, total, a note. May be called often and from any thread."""


Handler = Callable[[Work], Awaitable[Any]]
"""Answers with a result that msgspec can encode. Raising means: try again; `Snooze`: later; `GiveUp`: never.

It is cancelled, as asyncio cancels, when nobody wants its result any more.
"""


class Worker:
    def __init__(
        self,
        queue: str,
        handlers: Mapping[str, Handler],
        *,
        writer: StreamWriter,
        reader: StreamReader,
        stops: EventReader,
        capacity: int,
    ) -> None:
        self.id = new_job_id()
        self._queue = queue
        self._handlers = handlers
        self._writer = writer
        self._reader = reader
        self._stops = stops
        self._capacity = capacity
        self._running: dict[tuple[UUID, int], asyncio.Task[None]] = {}
        self._room = asyncio.Event()
        self._room.set()
        self._began = asyncio.Event()
        self._outcomes: list[Outcome] = []
        self._ended = asyncio.Event()
        self._progress: dict[UUID, ProgressTold] = {}
        self._progress_told = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; then give up what is running and say good-bye."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._beat(), name="beat")
                loops.create_task(self._take(), name="take")
                loops.create_task(self._hear_stops(), name="stops")
                loops.create_task(self._send_outcomes(), name="outcomes")
                loops.create_task(self._send_progress(), name="progress")
        finally:
            for attempt in self._running.values():
                attempt.cancel()
            await asyncio.shield(self._say_goodbye())

    # --- the loops ------------------------------------------------------------------------------------------------

    async def _take(self) -> None:
        while True:
            await self._room.wait()
            entries = await self._reader.read(limit=self._capacity - len(self._running), block_seconds=5.0)
            for entry in entries:
                self._begin(msgspec.json.decode(entry.message.body, type=WorkOrder))
            with contextlib.suppress(RedisUnavailable):  # then they come again, and `_begin` or the fence drops them
                await self._reader.ack(entries)

    async def _hear_stops(self) -> None:
        async for message in self._stops:
            for held in msgspec.json.decode(message.body, type=list[Held]):
                attempt = self._running.get((held.job_id, held.attempt))
                if attempt is not None:
                    attempt.cancel()

    async def _beat(self) -> None:
        """Say that we live and what we hold. Runs on the loop, where nothing heavy runs, so no work delays it."""
        while True:
            held = tuple(Held(job_id, attempt) for job_id, attempt in self._running)
            await self._send("beat", Beat(self.id, self._queue, self._capacity, held))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._something_lasts(set(self._running))

    async def _something_lasts(self, claimed: set[tuple[UUID, int]]) -> None:
        """Return when an attempt that is not *claimed* yet has been running for a while. Most are too short for it."""
        while True:
            self._began.clear()
            unclaimed = self._running.keys() - claimed
            if not unclaimed:
                await self._began.wait()
                continue
            await asyncio.sleep(FIRST_BEAT_SECONDS)
            if unclaimed & self._running.keys():
                return

    async def _send_outcomes(self) -> None:
        """Everything that ended while the previous flush was under way goes into one envelope."""
        while True:
            await self._ended.wait()
            self._ended.clear()
            outcomes, self._outcomes = self._outcomes, []
            for batch in _in_envelopes(outcomes):
                await self._send("outcomes", batch)

    async def _send_progress(self) -> None:
        """Only of what lasts: what ends sooner says so itself."""
        while True:
            await self._progress_told.wait()
            await asyncio.sleep(PROGRESS_EVERY_SECONDS)
            self._progress_told.clear()
            told, self._progress = list(self._progress.values()), {}
            for progress in told:
                await self._send("progress", progress)

    # --- one attempt ----------------------------------------------------------------------------------------------

    def _begin(self, order: WorkOrder) -> None:
        key = (order.job_id, order.attempt)
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._attempt(order), name=f"{order.kind} {order.job_id}")
            self._began.set()
        if len(self._running) >= self._capacity:
            self._room.clear()

    async def _attempt(self, order: WorkOrder) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            outcome = await self._run(order)
        finally:
            del self._running[order.job_id, order.attempt]
            self._progress.pop(order.job_id, None)
            self._room.set()
        self._outcomes.append(outcome)
        self._ended.set()
        log.info(
            "attempt ended",
            job_id=str(order.job_id),
            kind=order.kind,
            attempt=order.attempt,
            outcome=outcome.type,
            seconds=round(loop.time() - began, 4),
            error=outcome.error or None,
        )

    async def _run(self, order: WorkOrder) -> Outcome:
        handler = self._handlers.get(order.kind)
        if handler is None:
            return _ended(order, OutcomeType.GAVE_UP, f"no handler for {order.kind} here")
        try:
            async with asyncio.timeout(order.timeout_seconds):
                result = await handler(self._work(order))
            encoded = encode(result)
            if len(encoded) > MAX_RESULT_BYTES:
                return _ended(order, OutcomeType.GAVE_UP, f"the result is larger than {MAX_RESULT_BYTES >> 20} MiB")
            return _ended(order, OutcomeType.SUCCEEDED, result=encoded)
        except Snooze as snooze:
            return _ended(order, OutcomeType.SNOOZED, str(snooze), snooze_seconds=snooze.seconds)
        except GiveUp as reason:
            return _ended(order, OutcomeType.GAVE_UP, str(reason))
        except TimeoutError:
            return _ended(order, OutcomeType.FAILED, f"not finished within {order.timeout_seconds:.0f} s")
        except HiveError as error:
            return _ended(order, OutcomeType.FAILED, str(error))
        except Exception as error:
            log.exception("a handler failed", job_id=str(order.job_id), kind=order.kind)
            return _ended(order, OutcomeType.FAILED, type(error).__name__)

    def _work(self, order: WorkOrder) -> Work:
        loop, own_thread = asyncio.get_running_loop(), threading.get_ident()

        def progress(done: int, total: int, note: str = "") -> None:
            told = ProgressTold(order.job_id, order.attempt, order.kind, order.project, done, total, note)
            if threading.get_ident() == own_thread:
                self._note_progress(told)
            else:
                loop.call_soon_threadsafe(self._note_progress, told)

        return Work(
            job_id=order.job_id,
            kind=order.kind,
            project=order.project,
            attempt=order.attempt,
            args=bytes(order.args),
            inputs={step: bytes(result) for step, result in order.inputs.items()},
            progress=progress,
        )

    def _note_progress(self, told: ProgressTold) -> None:
        if (told.job_id, told.attempt) in self._running:
            self._progress[told.job_id] = told
            self._progress_told.set()

    async def _send(self, kind: str, body: Any) -> None:
        """Append to the outcomes stream, however long Redis is away."""
        delay_seconds = 0.1
        while True:
            try:
                return await self._writer.append(OUTCOMES, Message(kind, msgspec.json.encode(body)))
            except RedisUnavailable:
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(2.0, delay_seconds * 2)

    async def _say_goodbye(self) -> None:
        with contextlib.suppress(RedisUnavailable, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._writer.append(OUTCOMES, Message("bye", msgspec.json.encode(Bye(self.id))))


def _in_envelopes(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """Batches that fit into one message each."""
    batches: list[list[Outcome]] = [[]]
    size = 0
    for outcome in outcomes:
        size += len(outcome.result)
        if batches[-1] and size > MAX_RESULT_BYTES:
            batches.append([])
            size = len(outcome.result)
        batches[-1].append(outcome)
    return batches


def _ended(
    order: WorkOrder,
    type_: OutcomeType,
    error: str = "",
    *,
    result: msgspec.Raw = NULL,
    snooze_seconds: float = 0.0,
) -> Outcome:
    return Outcome(order.job_id, order.attempt, type_, result, error, snooze_seconds)
