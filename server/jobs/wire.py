"""What the orchestrator and its neighbours say to each other, and the names under which they say it.

Intake: `job`, `delivery`, `stand`, `cancel`, `retry`, `discard`, `pause`, `resume`, `retry_from`. An agent's inbox:
`work`, `stops`, `ping`, `gone`, `drain`, `resume`, `retire`. Outcomes: `beat`, `bye`, `outcomes`, `progress`, `state`.
Events: `events`, and `granted` with the ids of wishes. Each is a body of one of these types as JSON.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from server.jobs.agent_state import AgentState
from server.jobs.job import NULL, Line, Seconds, new_job_id
from server.messaging import Role

Queue = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\A[^\x00-\x1f\x7f,]*\Z")]
Attempt = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]

MAX_NOTE_LENGTH = 300
MAX_ERROR_LENGTH = 4000
ErrorText = Annotated[str, msgspec.Meta(max_length=MAX_ERROR_LENGTH, pattern=r"\A[^\x00]*\Z")]
MAX_HELD = 100_000
"""Of one agent: what it says that it holds, and its capacity."""

MAX_RESULT_BYTES = 16 * 1024 * 1024
"""Of one job; an order may carry the results of several earlier steps, and a message has room for 64 MiB."""
HANDED_OUT_SECONDS = 5.0
"""After which an agent is asked how far it has heard (`Ping`), if it does not hold what was handed to it."""


class OutcomeType(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SNOOZED = "snoozed"
    GAVE_UP = "gave_up"


class WorkOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One attempt, handed to one agent. *attempt* is the fencing token."""

    job_id: UUID
    kind: str
    project: str
    attempt: int
    args: msgspec.Raw
    inputs: dict[str, msgspec.Raw] = {}
    timeout_seconds: float = 600.0
    workflow_id: UUID | None = None


class Orders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Work for one agent alone: whoever else finds it in its inbox, where somebody copied it, drops it."""

    agent_id: UUID
    orders: tuple[WorkOrder, ...]


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How an attempt ended. *result* is JSON; *error* is for people and holds no secret, *error_class* for counting.

    *kind* is the kind that the agent was told: a hint, which decides nothing.
    """

    job_id: UUID
    attempt: Attempt
    type: OutcomeType
    kind: Line = ""
    result: msgspec.Raw = NULL
    error: ErrorText = ""
    error_class: Line = ""
    snooze_seconds: Seconds = 0.0


class Outcomes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that ended in one agent while its last report was under way."""

    agent_id: UUID
    outcomes: tuple[Outcome, ...]


class Held(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    job_id: UUID
    attempt: Attempt


class Beat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An agent is alive, takes work of *queues*, has room for *capacity* attempts in all, and holds these.

    *held*: what runs, and what ended so recently that its outcome may still be under way. *heard_at*: what the last
    `Ping` said.
    """

    agent_id: UUID
    name: Line
    role: Role
    queues: Annotated[tuple[Queue, ...], msgspec.Meta(max_length=100)]
    capacity: Annotated[int, msgspec.Meta(ge=0, le=MAX_HELD)]
    state: AgentState = AgentState.AWAKE
    held: Annotated[tuple[Held, ...], msgspec.Meta(max_length=MAX_HELD)] = ()
    public_key: Annotated[bytes, msgspec.Meta(max_length=32)] | None = None
    heard_at: datetime | None = None


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say in your beats that you have heard this. *at*: the database's time.

    An inbox is in order: who heard it has heard all that was handed out before, or never will.
    """

    agent_id: UUID
    at: datetime


class StateTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an agent became. *note*: why, or how fast; *summary*, with `sleeping`: what it has done since its start."""

    agent_id: UUID
    state: AgentState
    note: Annotated[str, msgspec.Meta(max_length=MAX_NOTE_LENGTH, pattern=r"\A[^\x00]*\Z")] = ""
    summary: msgspec.Raw = NULL


class Bye(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    agent_id: UUID


class ProgressTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """*workflow_id*: of which the job is a step."""

    job_id: UUID
    attempt: Attempt
    kind: Line
    project: Line
    done: Count
    total: Count
    note: Annotated[str, msgspec.Meta(max_length=MAX_NOTE_LENGTH)]
    workflow_id: UUID | None = None


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's wish about jobs that exist: cancel, retry or discard; about workflows: pause or resume.

    Or a door's, to hear which of them have ended: `stand`. By its *id* a wish is known that is made again.
    """

    job_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=10_000)]
    by: Line
    id: UUID = msgspec.field(default_factory=new_job_id)


class StepWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's wish that a workflow's step, and all after it, be done anew."""

    workflow_id: UUID
    step: Line
    by: Line
    id: UUID = msgspec.field(default_factory=new_job_id)
