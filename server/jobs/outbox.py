"""What an agent says to the hub: how attempts ended and how far they are, its own state, and what handlers tell.

What is said is kept until it is sent, however long Redis is away.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.errors import RedisUnavailable
from server.faults import reach
from server.jobs.wire import MAX_RESULT_BYTES, Bye, Outcome, Outcomes, ProgressTold, StateTold
from server.messaging import OUTCOMES, Message, StreamWriter

PROGRESS_EVERY_SECONDS = 0.2
REPORTED_AT_ONCE = 512
"""Of one agent: what a report costs besides its outcomes is shared by many."""


class Outbox:
    """*sent*: is called for each outcome when it is on its way."""

    def __init__(self, agent_id: UUID, writer: StreamWriter, *, sent: Callable[[], None]) -> None:
        self._agent_id = agent_id
        self._writer = writer
        self._sent = sent
        self._outcomes: list[Outcome] = []
        self._has_outcomes = asyncio.Event()
        self._progress: dict[UUID, ProgressTold] = {}
        self._has_progress = asyncio.Event()
        self._states: list[StateTold] = []
        self._has_states = asyncio.Event()
        self._said: list[Message] = []
        self._has_said = asyncio.Event()

    # --- what is to be said ---------------------------------------------------------------------------------------

    def put(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._has_outcomes.set()

    def put_progress(self, told: ProgressTold) -> None:
        """The last one of a job counts."""
        self._progress[told.job_id] = told
        self._has_progress.set()

    def drop_progress(self, job_id: UUID) -> None:
        self._progress.pop(job_id, None)

    def put_state(self, told: StateTold) -> None:
        self._states.append(told)
        self._has_states.set()

    def say(self, job_id: UUID, kind: str, body: bytes) -> None:
        self._said.append(Message(kind, body, job_id=job_id))
        self._has_said.set()

    # --- the loops ------------------------------------------------------------------------------------------------

    async def send_outcomes(self) -> None:
        """Everything that ended while the previous flush was under way goes into one envelope."""
        while True:
            await self._has_outcomes.wait()
            self._has_outcomes.clear()
            outcomes, self._outcomes = self._outcomes, []
            for batch in _in_envelopes(outcomes):
                await self.send("outcomes", Outcomes(self._agent_id, tuple(batch)))
                for _ in batch:
                    self._sent()
            reach("agent.after_append")

    async def send_progress(self) -> None:
        """Only of what lasts: what ends sooner says so itself."""
        while True:
            await self._has_progress.wait()
            await asyncio.sleep(PROGRESS_EVERY_SECONDS)
            self._has_progress.clear()
            told, self._progress = list(self._progress.values()), {}
            for progress in told:
                await self.send("progress", progress)

    async def send_states(self) -> None:
        while True:
            await self._has_states.wait()
            self._has_states.clear()
            states, self._states = self._states, []
            for told in states:
                await self.send("state", told)

    async def send_said(self) -> None:
        while True:
            await self._has_said.wait()
            self._has_said.clear()
            while self._said:
                await self._append(self._said[0])
                del self._said[0]

    async def send(self, kind: str, body: Any) -> None:
        await self._append(Message(kind, msgspec.json.encode(body)))

    async def say_goodbye(self) -> None:
        with contextlib.suppress(RedisUnavailable, TimeoutError):
            async with asyncio.timeout(1.0):
                for message in self._said:  # also what attempts said when they were stopped
                    await self._writer.append(OUTCOMES, message)
                await self._writer.append(OUTCOMES, Message("bye", msgspec.json.encode(Bye(self._agent_id))))

    async def _append(self, message: Message) -> None:
        """To the outcomes stream, however long Redis is away."""
        delay_seconds = 0.1
        while True:
            try:
                return await self._writer.append(OUTCOMES, message)
            except RedisUnavailable:
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(2.0, delay_seconds * 2)


def _in_envelopes(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """Batches that fit into one message each, and of a size that lets the hub begin while the rest is on its way."""
    batches: list[list[Outcome]] = [[]]
    size = 0
    for outcome in outcomes:
        size += len(outcome.result)
        is_full = len(batches[-1]) == REPORTED_AT_ONCE or size > MAX_RESULT_BYTES
        if batches[-1] and is_full:
            batches.append([])
            size = len(outcome.result)
        batches[-1].append(outcome)
    return batches
