"""Run attempts and say how they ended: the loop inside every agent and effects process.

Writes nothing but outcomes, through its outbox: no Postgres here. Work leaves the inbox as soon as it is taken, because
the truth is the lease in Postgres: an agent that dies is noticed by its missing beat, and what it held is handed out
again.
"""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain, islice, takewhile
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import structlog

from server.cancellation import stop_if_cancelled
from server.errors import HiveError
from server.faults import reach
from server.jobs.agent_state import AgentState
from server.jobs.children import Children
from server.jobs.job import MAX_SECONDS, NULL, GiveUp, Snooze, encode
from server.jobs.life import SLEEP_AFTER_SECONDS, Life, Sleeper, Summary
from server.jobs.outbox import Outbox
from server.jobs.wire import (
    HANDED_OUT_SECONDS,
    MAX_ERROR_LENGTH,
    MAX_HELD,
    MAX_NOTE_LENGTH,
    MAX_RESULT_BYTES,
    Beat,
    Held,
    Orders,
    Outcome,
    OutcomeType,
    Ping,
    ProgressTold,
    StateTold,
    WorkOrder,
)
from server.messaging import InboxReader, ReceivedMessage, Role, StreamWriter
from server.messaging.post import Post
from server.messaging.recent import Recent

BEAT_SECONDS = 3.0
SURELY_SEEN_SECONDS = HANDED_OUT_SECONDS - 2.0
OUTCOME_UNDER_WAY_SECONDS = HANDED_OUT_SECONDS + 5.0
"""Of what began so long ago the hub expects that we hold it; for so long we still say so after it has ended."""
ENDED_TOLD = 10_000
"""Of what ended so lately no more than the newest: whoever ends more in that time would say little else."""
UNWANTED_REMEMBERED = 1_000
"""Attempts that were stopped before their orders came."""
LEAVING_SECONDS = 2.5
"""What attempts may take to end when their agent does."""

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
    tell: Callable[[str, bytes], None] = lambda _kind, _body: None
    """Say something to the hub that others than the orchestrator deal with: a kind of message and its body."""
    post: Post | None = None
    """Letters to other agents of the same role."""
    children: Children = field(default_factory=lambda: Children(uuid4()))
    """Through it processes are started that end when this attempt does."""


Hear = Callable[[bytes], None]
"""Takes what the hub said to this agent, in a kind of message that only its handlers know."""

Handler = Callable[[Work], Awaitable[Any]]
"""Answers with a result that msgspec can encode. Raising means: try again; `Snooze`: later; `GiveUp`: never.

It is cancelled, as asyncio cancels, when nobody wants its result any more.
"""


class AgentGone(HiveError):
    """The hub gave this process up: what it held is others' now. It must begin anew, under another id."""


class AgentRetired(HiveError):
    """An admin wished that this process end, and it holds nothing any more."""


class Worker:
    """Takes work of *queues* for as long as it has room. *agent_id* is new at every start of a process."""

    def __init__(
        self,
        agent_id: UUID,
        name: str,
        queues: Sequence[str],
        handlers: Mapping[str, Handler],
        *,
        role: Role,
        writer: StreamWriter,
        inbox: InboxReader,
        capacity: int,
        beat_seconds: float = BEAT_SECONDS,
        post: Post | None = None,
        sleeper: Sleeper | None = None,
        sleep_after_seconds: float = SLEEP_AFTER_SECONDS,
        hears: Mapping[str, Hear] | None = None,
    ) -> None:
        self.id = agent_id
        self._name = name
        self._queues = tuple(queues)
        self._handlers = handlers
        self._role = role
        self._inbox = inbox
        self._capacity = capacity
        self._beat_seconds = beat_seconds
        self._post = post
        self._hears = dict(hears or {})
        self._heard_at: datetime | None = None
        self._life = Life(self._note_state, sleeper=sleeper, sleep_after_seconds=sleep_after_seconds)
        self._outbox = Outbox(agent_id, writer, sent=self._life.end)
        self._running: dict[tuple[UUID, int], asyncio.Task[None]] = {}
        self._ended: dict[tuple[UUID, int], Ended] = {}
        self._unwanted: Recent[tuple[UUID, int], bool] = Recent(UNWANTED_REMEMBERED)

    async def run(self) -> None:
        """Work until cancelled; then give up what is running, with all its processes, and say good-bye.

        Raises `AgentGone`, `AgentRetired`.
        """
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._beat(), name="beat")
                loops.create_task(self._hear(), name="inbox")
                loops.create_task(self._outbox.send_outcomes(), name="outcomes")
                loops.create_task(self._outbox.send_progress(), name="progress")
                loops.create_task(self._outbox.send_states(), name="states")
                loops.create_task(self._outbox.send_said(), name="said")
                loops.create_task(self._life.run(), name="life")
                loops.create_task(self._retire(), name="retirement")
        except* (AgentGone, AgentRetired) as ended:
            raise ended.exceptions[0] from None
        finally:
            await asyncio.shield(self._leave())

    # --- the loops ------------------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        async for page in self._inbox.pages():
            for message in page:
                match message.kind:
                    case "work":
                        self._take(_decode_orders(message.body), self._age_seconds(message))
                    case "ping":
                        ping = msgspec.json.decode(message.body, type=Ping)
                        if ping.agent_id == self.id:
                            self._heard_at = ping.at
                    case "stops":
                        for held in msgspec.json.decode(message.body, type=list[Held]):
                            attempt = self._running.get((held.job_id, held.attempt))
                            if attempt is not None:
                                attempt.cancel()
                            else:  # its order may be behind: another hub gave it
                                self._unwanted.put((held.job_id, held.attempt), True)
                    case "drain" | "resume" | "retire" as wish:
                        if msgspec.json.decode(message.body, type=UUID) == self.id:
                            self._heed(wish)
                    case "gone":
                        raise AgentGone("the hub gave this process up: it was silent for too long")
                    case kind if kind in self._hears:
                        self._hears[kind](message.body)

    def _age_seconds(self, message: ReceivedMessage) -> float:
        """How long it lay in the inbox."""
        return max(0.0, time.time() - message.sent_at.timestamp())

    async def _beat(self) -> None:
        """Say that we live and what we hold. Runs on the loop, where nothing heavy runs, so no work delays it.

        The second beat comes a little early: agents that started together do not go on in step.
        """
        loop = asyncio.get_running_loop()
        until_next = random.uniform(0.0, self._beat_seconds)  # noqa: S311 - spreads load, guards nothing
        while True:
            began = loop.time()
            await self._outbox.send("beat", self._heartbeat())
            await asyncio.sleep(max(0.0, began + until_next - loop.time()))
            until_next = self._beat_seconds

    def _heartbeat(self) -> Beat:
        """Also what ended a moment ago is held, if it began before: its outcome may still be under way."""
        now = asyncio.get_running_loop().time()
        self._forget_ended(now - OUTCOME_UNDER_WAY_SECONDS)
        return Beat(
            self.id,
            self._name,
            self._role,
            self._queues,
            self._capacity,
            self._life.state,
            held=told_as_held(self._running, self._ended, began_before=now - SURELY_SEEN_SECONDS),
            public_key=self._post.public_key if self._post else None,
            heard_at=self._heard_at,
        )

    def _forget_ended(self, before: float) -> None:
        for key in list(takewhile(lambda key: self._ended[key].at < before, self._ended)):
            del self._ended[key]

    def _note_state(self, state: AgentState, note: str, summary: Summary | None) -> None:
        log.info("agent state", state=state, note=note or None)
        self._outbox.put_state(StateTold(self.id, state, _kept(note, MAX_NOTE_LENGTH), encode(summary)))

    def _heed(self, wish: str) -> None:
        if wish == "resume":
            self._life.resume()
        else:
            self._life.drain(retire=wish == "retire")

    async def _retire(self) -> None:
        await self._life.retired.wait()
        raise AgentRetired("an admin retired this agent")

    # --- one attempt ----------------------------------------------------------------------------------------------

    def _take(self, work: Orders, age_seconds: float) -> None:
        if work.agent_id != self.id:
            log.warning("work of another agent was dropped", agent_id=str(work.agent_id))
            return
        for order in work.orders:
            self._begin(order, age_seconds)

    def _begin(self, order: WorkOrder, age_seconds: float) -> None:
        """Once, unless it was stopped before: an append that lost its answer is made again, so it may come twice."""
        key = (order.job_id, order.attempt)
        if key not in self._running and key not in self._ended and not self._unwanted.get(key):
            reach("agent.before_work")
            self._life.begin()
            attempt = self._running[key] = asyncio.create_task(self._attempt(order, age_seconds))
            attempt.add_done_callback(partial(self._let_go, key))

    def _let_go(self, key: tuple[UUID, int], attempt: "asyncio.Task[None]") -> None:
        """Not within the attempt: one that is stopped before its first step never gets there."""
        del self._running[key]
        self._outbox.drop_progress(key[0])
        if attempt.cancelled():
            self._life.end()  # nobody wants its outcome

    async def _attempt(self, order: WorkOrder, age_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        if self._life.is_resting:
            await self._life.wake_up()
        outcome = await self._run(order)
        reach("agent.after_work")
        now = loop.time()
        self._ended[order.job_id, order.attempt] = Ended(now, began - age_seconds)
        self._life.summary.add(outcome, order.project, now - began)
        self._outbox.put(outcome)
        if log.is_enabled_for(logging.INFO):
            log.info(
                "attempt ended",
                job_id=str(order.job_id),
                kind=order.kind,
                attempt=order.attempt,
                outcome=outcome.type,
                seconds=round(now - began, 4),
                error=outcome.error or None,
            )

    async def _run(self, order: WorkOrder) -> Outcome:
        handler = self._handlers.get(order.kind)
        if handler is None:
            return _ended(order, OutcomeType.GAVE_UP, f"no handler for {order.kind} here", error_class="NoHandler")
        limit = asyncio.timeout(order.timeout_seconds)
        try:
            encoded = encode(await self._handle(handler, order, limit))
            if len(encoded) > MAX_RESULT_BYTES:
                why = f"the result is larger than {MAX_RESULT_BYTES >> 20} MiB"
                return _ended(order, OutcomeType.GAVE_UP, why, error_class="ResultTooLarge")
            return _ended(order, OutcomeType.SUCCEEDED, result=encoded)
        except Snooze as snooze:
            return _ended(order, OutcomeType.SNOOZED, str(snooze), snooze_seconds=snooze.seconds)
        except GiveUp as reason:
            return _ended(order, OutcomeType.GAVE_UP, str(reason), error_class=type(reason).__name__)
        except HiveError as error:
            return _ended(order, OutcomeType.FAILED, str(error), error_class=type(error).__name__)
        except (Exception, asyncio.CancelledError) as error:
            stop_if_cancelled()  # else it is the handler's own, as any other error is, and must not be lost
            if limit.expired():
                why = f"not finished within {order.timeout_seconds:.0f} s"
                return _ended(order, OutcomeType.FAILED, why, error_class="TimeoutError")
            log.exception("a handler failed", job_id=str(order.job_id), kind=order.kind)
            return _ended(order, OutcomeType.FAILED, type(error).__name__, error_class=type(error).__name__)

    async def _handle(self, handler: Handler, order: WorkOrder, limit: asyncio.Timeout) -> Any:
        """However it ends, its processes end before anybody hears of it."""
        work = self._work(order)
        try:
            async with limit:
                return await handler(work)
        finally:
            if work.children.any:
                await work.children.end()

    def _work(self, order: WorkOrder) -> Work:
        loop, own_thread = asyncio.get_running_loop(), threading.get_ident()

        def progress(done: int, total: int, note: str = "") -> None:
            said = max(0, done), max(0, total), _kept(note, MAX_NOTE_LENGTH)
            told = ProgressTold(order.job_id, order.attempt, order.kind, order.project, *said, order.workflow_id)
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
            tell=partial(self._outbox.say, order.job_id),
            post=self._post,
            children=Children(self.id, order.job_id, order.attempt),
        )

    def _note_progress(self, told: ProgressTold) -> None:
        if (told.job_id, told.attempt) in self._running:
            self._outbox.put_progress(told)

    async def _leave(self) -> None:
        """Others may begin what we held only when nothing of ours works on it any more."""
        attempts = list(self._running.values())
        for attempt in attempts:
            attempt.cancel()
        if attempts:
            await asyncio.wait(attempts, timeout=LEAVING_SECONDS)
        await self._outbox.say_goodbye()


class Ended(NamedTuple):
    """Times are the loop's. *began*: when it was handed out, which may be long before it was heard of."""

    at: float
    began: float


def told_as_held(
    running: Iterable[tuple[UUID, int]], ended: Mapping[tuple[UUID, int], Ended], *, began_before: float
) -> tuple[Held, ...]:
    """As many as a beat takes: all that runs, and of what *ended*, the newest last, what the hub may still expect."""
    expected = [key for key, one in ended.items() if one.began < began_before]
    return tuple(Held(*key) for key in islice(chain(running, expected[-ENDED_TOLD:]), MAX_HELD))


_decode_orders = msgspec.json.Decoder(Orders).decode


def _ended(
    order: WorkOrder,
    type_: OutcomeType,
    error: str = "",
    *,
    error_class: str = "",
    result: msgspec.Raw = NULL,
    snooze_seconds: float = 0.0,
) -> Outcome:
    error = _kept(error, MAX_ERROR_LENGTH)
    snooze_seconds = min(max(0.0, snooze_seconds), MAX_SECONDS)
    return Outcome(order.job_id, order.attempt, type_, order.kind, result, error, error_class, snooze_seconds)


def _kept(text: str, length: int) -> str:
    """As the hub takes it: a handler may put anything into its words, and an outcome that is refused is done again."""
    if not text:
        return text
    if len(text) > length:
        text = text[: length - 1] + "…"
    return text.replace("\0", "").encode(errors="replace").decode()
