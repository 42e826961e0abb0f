"""What one transaction changed: what it records, and what the orchestrator is then to hand out, tell and measure.

Writes nothing itself: `consequences.py` writes the events that are noted here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from server.jobs.job import NULL, Event, EventType
from server.jobs.record import Cause, Died
from server.jobs.wire import Held, Ping, WorkOrder
from server.messaging import Role


class Lasted(NamedTuple):
    """How long something took by the database's clock. *kind* is the job's."""

    kind: str
    seconds: float


@dataclass(frozen=True)
class Recorded:
    """An event that is still to be written."""

    event: Event
    actor: str = ""
    agent_id: UUID | None = None
    error_class: str | None = None


@dataclass
class Changes:
    """*events* are recorded and told, *answers* only told; *work* is to be handed out, by agent.

    *stopped* are attempts that nobody wants any more, by agent; *gone* are agents that have ended; *wishes* are what
    agents have yet to hear of what is wished of them; *pings* ask agents how far they have heard; *ended*: how many
    attempts each agent ended. *lined_up* are queues whose line grew, *urgent* those of them where
    interactive jobs may have joined it; *waits_seconds*: after how long what may not start
    yet may. *waited*, *ran* and *expired* are only measured: how long each attempt that was handed out had waited since
    it could start, how long each that ended ran, and the roles of agents whose leases ran out. *freed_slots* and
    *to_record* are for the rest of the transaction, and empty at its end.
    """

    events: list[Event] = field(default_factory=list)
    answers: list[Event] = field(default_factory=list)
    work: list[tuple[UUID, WorkOrder]] = field(default_factory=list)
    stopped: dict[UUID, list[Held]] = field(default_factory=dict)
    gone: list[tuple[UUID, Role]] = field(default_factory=list)
    wishes: list[tuple[UUID, Role, str]] = field(default_factory=list)
    ended: Counter[UUID] = field(default_factory=Counter)
    pings: list[tuple[Role, Ping]] = field(default_factory=list)
    lined_up: set[str] = field(default_factory=set)
    urgent: set[str] = field(default_factory=set)
    freed_slots: set[str] = field(default_factory=set)
    waits_seconds: list[float] = field(default_factory=list)
    waited: list[Lasted] = field(default_factory=list)
    ran: list[Lasted] = field(default_factory=list)
    expired: list[Role] = field(default_factory=list)
    to_record: list[Recorded] = field(default_factory=list)

    def record(
        self, event: Event, *, actor: str = "", agent_id: UUID | None = None, error_class: str | None = None
    ) -> None:
        """Note an event that its statement did not write itself."""
        self.to_record.append(Recorded(event, actor, agent_id, error_class))
        self.events.append(event)

    def record_dead(self, row: Record, cause: Cause) -> None:
        event = event_of(row, EventType.DEAD, row["error"] or "", msgspec.json.encode(Died(cause)))
        self.record(event, agent_id=row.get("agent_id"), error_class=row["error_class"])

    def line_up(self, queues: Iterable[str], *, urgent: bool = True) -> None:
        """Something joined these lines; *urgent*: it may be interactive."""
        queues = set(queues)
        self.lined_up |= queues
        if urgent:
            self.urgent |= queues

    def stop(self, rows: Iterable[Record]) -> None:
        """These ended while agents held them."""
        for row in rows:
            if row["agent_id"] is not None:
                self.stopped.setdefault(row["agent_id"], []).append(Held(row["id"], row["attempt"]))
            if row["slot"] is not None:
                self.freed_slots.add(row["slot"])


def event_of(row: Record, type_: EventType, message: str = "", data: bytes | None = None) -> Event:
    """What happened to the job of a row with id, project, kind and attempt."""
    return Event(
        type=type_,
        project=row["project"],
        job_id=row["id"],
        kind=row["kind"],
        attempt=row["attempt"],
        message=message,
        data=NULL if data is None else msgspec.Raw(data),
    )
