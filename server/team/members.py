"""The agents as members of a team: who is here, what an admin wishes of each, and what became of them.

A wish is about a name and outlives the process: who restarts under a name that is to drain, drains. It holds in
Postgres at once, and hubs look there as soon as they hear of it, at most a second later: from then on a draining agent
is handed nothing. The process hears of it with its next beat, and again until it does so. What a process says of itself
comes by its beats, which `store.py` writes, and by `told`.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from asyncpg import Pool, Record

from server.db import Queries
from server.errors import HiveError
from server.jobs.agent_state import HERE, AgentState
from server.jobs.wire import StateTold

EVENTS_SHOWN = 100


class Wanted(StrEnum):
    """What an admin wishes of an agent. `drain`: finish what it holds, and wait. `retire`: then end, for good."""

    WORK = "work"
    DRAIN = "drain"
    RETIRE = "retire"


class Member(msgspec.Struct, frozen=True):
    """An agent: a process that lives, or a name of which one is expected. *id* is the process's, None for none.

    *queues*, *capacity*: what it takes; what an admin announced of its name limits them. *held*: the attempts it runs.
    *note*: why it is in its state, or how fast it got there.
    """

    name: str
    id: UUID | None
    role: str | None
    queues: tuple[str, ...]
    capacity: int
    state: AgentState
    note: str
    wanted: Wanted
    held: int
    silent_seconds: float | None
    started_at: datetime | None
    seen_at: datetime | None
    announced_by: str | None
    announced_at: datetime | None


class AgentEvent(msgspec.Struct, frozen=True):
    """*type*: a state that a process (*agent_id*) came to, or a wish about the name, by *actor*."""

    seq: int
    agent_id: UUID | None
    type: str
    actor: str
    message: str
    at: datetime


class AgentNotFound(HiveError):
    """No agent has this name."""


class Members:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = Queries.load("server.team", "members.sql")

    async def list(self) -> Sequence[Member]:
        """By name. Processes that have ended are not among them; their events are."""
        return [_member(row) for row in await self._pool.fetch(self._sql.list_members, None)]

    async def get(self, name: str) -> Sequence[Member]:
        """The processes of the name, or the one that is expected; none when all have ended. Raises `AgentNotFound`."""
        rows = await self._pool.fetch(self._sql.list_members, name)
        if not rows and not await self._pool.fetchval(self._sql.is_known, name):
            raise _not_found(name)
        return [_member(row) for row in rows]

    async def events(self, name: str, *, limit: int = EVENTS_SHOWN) -> Sequence[AgentEvent]:
        """The newest first, also of processes that have ended."""
        rows = await self._pool.fetch(self._sql.list_events, name, limit)
        return [msgspec.convert(dict(row), AgentEvent) for row in rows]

    async def announce(
        self, name: str, *, by: str, queues: Sequence[str] | None = None, capacity: int | None = None
    ) -> Sequence[Member]:
        """Expect a process of this name, which will take at most this. It gets its keys from whoever starts it.

        One that is here already is bound at its next beat. Announced again, it may work again.
        """
        limits = [f"queues {', '.join(queues)}"] if queues else []
        limits += [f"capacity {capacity}"] if capacity else []
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(self._sql.announce, name, list(queues) if queues else None, capacity, by)
            await connection.execute(self._sql.bind, name, Wanted.WORK)
            await connection.execute(self._sql.wake_hubs)
            await connection.execute(self._sql.append_event, name, "announced", by, "; ".join(limits))
        return await self.get(name)

    async def drain(self, name: str, *, by: str) -> Sequence[Member]:
        """It gets nothing more, and finishes what it holds. Raises `AgentNotFound`."""
        return await self._wish(name, Wanted.DRAIN, by, "drain")

    async def resume(self, name: str, *, by: str) -> Sequence[Member]:
        """It gets work again. A process that retired does not come back by itself. Raises `AgentNotFound`."""
        return await self._wish(name, Wanted.WORK, by, "resume")

    async def retire(self, name: str, *, by: str) -> Sequence[Member]:
        """As `drain`; then its process ends, and every one that starts under the name. Raises `AgentNotFound`."""
        return await self._wish(name, Wanted.RETIRE, by, "retire")

    async def told(self, states: Sequence[StateTold]) -> None:
        """What processes became, in order. A process that is to drain is draining, whatever it says."""
        for told in states:
            if told.state in HERE:
                await self._pool.execute(self._sql.tell, told.agent_id, told.state, told.note)

    async def forget(self, *, limit: int = 5000) -> None:
        """Retention: events of thirty days ago."""
        await self._pool.execute(self._sql.forget_events, limit)

    async def _wish(self, name: str, wanted: Wanted, by: str, type_: str) -> Sequence[Member]:
        """Nothing changes, and nothing is noted, when it is wished already."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(self._sql.is_known, name):
                raise _not_found(name)
            is_new = await connection.fetchval(self._sql.wish, name, wanted) is not None
            bound = await connection.execute(self._sql.bind, name, wanted)
            await connection.execute(self._sql.wake_hubs)
            if is_new or bound != "UPDATE 0":
                await connection.execute(self._sql.append_event, name, type_, by, "")
        return await self.get(name)


def _not_found(name: str) -> AgentNotFound:
    return AgentNotFound(f"there is no agent {name}", hint="`hive agents list` shows their names")


def _member(row: Record) -> Member:
    return msgspec.convert(dict(row), Member)
