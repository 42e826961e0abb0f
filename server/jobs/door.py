"""What every door uses to hand work in and to hear how it went. Needs Redis and the door's own keys, no Postgres."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
import structlog

from server.errors import RedisUnavailable
from server.faults import reach
from server.jobs.job import Confirmation, Delivery, Event, JobRequest, Priority
from server.jobs.wire import StepWish, Wish
from server.messaging import INTAKE, INTAKES, EventReader, Message, Route, StreamWriter

ASK_AGAIN_SECONDS = 3.0
"""After a request of which nothing was heard is sent again."""
STILL_THERE_SECONDS = 15.0
"""After a job that was accepted, but has not ended, is asked about: its end may have been lost with a flushed Redis."""

ASK_TOGETHER = 1_000

log = structlog.get_logger()


@dataclass
class _Pending:
    message: Message
    routes: Sequence[Route]
    ask_at: float
    is_accepted: bool = False
    cancel: Sequence[Message] = ()
    """What was wished of it since, which is sent behind it again: it may have come where nobody knew of the job yet."""


class Door:
    """Submit, cancel, listen, wait.

    A request of which nothing is heard is sent again: the orchestrator knows it by its id and answers with how it
    stands. What was accepted is safe, and may wait long; whether it has ended is asked now and then, of many jobs at
    once. A wish about jobs is sent again until it is heard that it was granted, which happens once. So a flushed Redis
    loses nothing as long as the door lives.
    """

    def __init__(self, writer: StreamWriter, events: EventReader) -> None:
        self._writer = writer
        self._events = events
        self._listeners: dict[object, Callable[[Event], None]] = {}
        self._pending: dict[UUID, _Pending] = {}

    async def submit(self, request: JobRequest) -> UUID:
        """Seal the request and append it. Returns when Redis has kept it; raises `RedisUnavailable` when it cannot."""
        message = Message("job", msgspec.json.encode(request), tenant=request.project, job_id=request.id)
        await self._ask(request.id, message, [INTAKES[request.priority]])
        reach("door.after_append")
        return request.id

    async def submit_delivery(self, delivery: Delivery) -> None:
        """As `submit`. What is lost with a flushed Redis is asked of GitHub's delivery log again."""
        job = delivery.job
        message = Message(
            "delivery",
            msgspec.json.encode(delivery),
            tenant=job.project if job else delivery.repository,
            job_id=job.id if job else None,
        )
        await self._writer.append(INTAKES[job.priority if job else Priority.PULL_REQUEST], message)

    async def cancel(self, job_ids: Sequence[UUID], *, by: str) -> None:
        """What is still on its way is cancelled too: the wish goes every way that a request may have gone."""
        wish = Wish(tuple(job_ids), by)
        for pending in filter(None, map(self._pending.get, job_ids)):
            pending.cancel = [_wish_message("cancel", wish)]
        await self._wish("cancel", wish, INTAKES)

    async def retry(self, job_ids: Sequence[UUID], *, by: str) -> None:
        """Give dead jobs another full set of attempts."""
        await self._wish("retry", Wish(tuple(job_ids), by))

    async def discard(self, job_ids: Sequence[UUID], *, by: str) -> None:
        """Let dead jobs rest."""
        await self._wish("discard", Wish(tuple(job_ids), by))

    async def pause(self, workflow_ids: Sequence[UUID], *, by: str) -> None:
        """What runs of these workflows ends, and nothing begins until `resume`."""
        await self._wish("pause", Wish(tuple(workflow_ids), by))

    async def resume(self, workflow_ids: Sequence[UUID], *, by: str) -> None:
        await self._wish("resume", Wish(tuple(workflow_ids), by))

    async def retry_from(self, workflow_id: UUID, step: str, *, by: str) -> None:
        """Do a workflow's step, and all after it, anew."""
        await self._wish("retry_from", StepWish(workflow_id, step, by))

    def listen(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call *callback* for every event from now on; the answer stops it. A callback must not block nor raise."""
        key = object()
        self._listeners[key] = callback

        def unlisten() -> None:
            self._listeners.pop(key, None)

        return unlisten

    async def wait(self, job_id: UUID, confirmation: Confirmation = Confirmation.FINISHED) -> Event:
        """The first event that confirms so much of a job that was just submitted here.

        A job that ends before it started (cancelled, say) confirms its start by its end.
        """
        loop = asyncio.get_running_loop()
        confirmed: asyncio.Future[Event] = loop.create_future()

        def hear(event: Event) -> None:
            if event.job_id == job_id and confirmation.is_given_by(event.type) and not confirmed.done():
                confirmed.set_result(event)

        unlisten = self.listen(hear)
        try:
            return await confirmed
        finally:
            unlisten()

    async def begin(self) -> None:
        """From here on no event is missed. Call it before the first `submit`; `run` hears them."""
        await self._events.begin()

    async def run(self) -> None:
        """Hear events, and ask again about what has not ended; until cancelled."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._hear())
            loops.create_task(self._ask_again())

    async def _hear(self) -> None:
        async for message in self._events:
            if message.kind == "granted":
                for wish_id in msgspec.json.decode(message.body, type=list[UUID]):
                    self._pending.pop(wish_id, None)
                continue
            for event in msgspec.json.decode(message.body, type=list[Event]):
                self._note(event)
                self._tell(event)

    def _note(self, event: Event) -> None:
        pending = self._pending.get(event.job_id) if event.job_id else None
        if pending is None or event.job_id is None:
            return
        if event.type.is_final:
            del self._pending[event.job_id]
        else:
            pending.is_accepted = True
            pending.ask_at = asyncio.get_running_loop().time() + STILL_THERE_SECONDS

    def _tell(self, event: Event) -> None:
        for callback in list(self._listeners.values()):
            try:
                callback(event)
            except Exception:
                log.exception("a listener failed", event_type=event.type, job_id=str(event.job_id))

    async def _ask_again(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now = asyncio.get_running_loop().time()
            due = {job_id: pending for job_id, pending in self._pending.items() if pending.ask_at < now}
            for pending in due.values():
                pending.ask_at = now + STILL_THERE_SECONDS
            accepted = [job_id for job_id, pending in due.items() if pending.is_accepted]
            with contextlib.suppress(RedisUnavailable):  # asked again at its next turn
                for pending in due.values():
                    if not pending.is_accepted:
                        await self._append(pending)
                for first in range(0, len(accepted), ASK_TOGETHER):
                    stand = Wish(tuple(accepted[first : first + ASK_TOGETHER]), "")
                    await self._writer.append(INTAKES[-1], Message("stand", msgspec.json.encode(stand)))

    async def _wish(self, kind: str, wish: Wish | StepWish, routes: Sequence[Route] = (INTAKE,)) -> None:
        await self._ask(wish.id, _wish_message(kind, wish), routes)

    async def _ask(self, id_: UUID, message: Message, routes: Sequence[Route]) -> None:
        """It is asked again until something is heard of it."""
        pending = _Pending(message, routes, asyncio.get_running_loop().time() + ASK_AGAIN_SECONDS)
        self._pending[id_] = pending
        try:
            await self._append(pending)
        except BaseException:
            self._pending.pop(id_, None)
            raise

    async def _append(self, pending: _Pending) -> None:
        for route in pending.routes:
            await self._writer.append(route, pending.message, *pending.cancel)


def _wish_message(kind: str, wish: Wish | StepWish) -> Message:
    return Message(kind, msgspec.json.encode(wish))
