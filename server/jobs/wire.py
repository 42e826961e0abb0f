"""What the orchestrator and its neighbours say to each other, and the names under which they say it.

Intake: `job`, `delivery`, `cancel`, `retry`, `discard`, `pause`, `resume`, `retry_from`. An agent's inbox: `work`,
`stops`, `gone`, `drain`, `resume`, `retire`. Outcomes: `beat`, `bye`, `outcomes`, `progress`, `state`. Events:
`events`. Each is a body of one of these types as JSON.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from server.jobs.agent_state import AgentState
from server.messaging import Role

MAX_RESULT_BYTES = 16 * 1024 * 1024
"""Of one job; an order may carry the results of several earlier steps, and a message has room for 64 MiB."""
HANDED_OUT_SECONDS = 5.0
"""After which a living agent must hold what was handed to it; inboxes are shallow, so it is there at once."""


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


class Orders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Work for one agent alone: whoever else finds it in its inbox, where somebody copied it, drops it."""

    agent_id: UUID
    orders: tuple[WorkOrder, ...]


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How an attempt ended. *result* is JSON; *error* is for people and holds no secret, *error_class* for counting.

    *kind* is the kind that the agent was told: a hint, which decides nothing.
    """

    job_id: UUID
    attempt: int
    type: OutcomeType
    kind: str = ""
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
    error_class: str = ""
    snooze_seconds: float = 0.0


class Outcomes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that ended in one agent while its last report was under way."""

    agent_id: UUID
    outcomes: tuple[Outcome, ...]


class Held(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    job_id: UUID
    attempt: int


class Beat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An agent is alive, takes work of *queues*, has room for *capacity* attempts in all, and holds these.

    *held*: what runs, and what ended so recently that its outcome may still be under way.
    """

    agent_id: UUID
    name: str
    role: Role
    queues: tuple[str, ...]
    capacity: int
    state: AgentState = AgentState.AWAKE
    held: tuple[Held, ...] = ()
    public_key: bytes | None = None


class StateTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an agent became. *note*: why, or how fast; *summary*, with `sleeping`: what it has done since its start."""

    agent_id: UUID
    state: AgentState
    note: Annotated[str, msgspec.Meta(max_length=300)] = ""
    summary: msgspec.Raw = msgspec.Raw(b"null")


class Bye(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    agent_id: UUID


class ProgressTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    job_id: UUID
    attempt: int
    kind: str
    project: str
    done: int
    total: int
    note: str


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's wish about jobs that exist: cancel, retry or discard; about workflows: pause or resume."""

    job_ids: tuple[UUID, ...]
    by: str


class StepWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's wish that a workflow's step, and all after it, be done anew."""

    workflow_id: UUID
    step: str
    by: str
