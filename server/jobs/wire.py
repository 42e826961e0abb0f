"""What the orchestrator and its neighbours say to each other, and the names under which they say it.

Intake: `job`, `delivery`, `cancel`, `retry`, `discard`. Work: `work`. Outcomes: `beat`, `bye`, `outcomes`, `progress`.
Events: `events`. Each is a body of one of these types as JSON.
"""

from enum import StrEnum
from uuid import UUID

import msgspec

MAX_RESULT_BYTES = 16 * 1024 * 1024
"""Of one job; an order may carry the results of several earlier steps, and a message has room for 64 MiB."""


class OutcomeType(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SNOOZED = "snoozed"
    GAVE_UP = "gave_up"


class WorkOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One attempt, handed to an agent. *attempt* is the fencing token."""

    job_id: UUID
    kind: str
    project: str
    attempt: int
    args: msgspec.Raw
    inputs: dict[str, msgspec.Raw] = {}
    timeout_seconds: float = 600.0


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an attempt ended. *result* is JSON; *error* is for people and holds no secret."""

    job_id: UUID
    attempt: int
    type: OutcomeType
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
    snooze_seconds: float = 0.0


class Held(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    job_id: UUID
    attempt: int


class Beat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agent is alive, has room for *capacity* attempts in all, and holds these."""

    agent_id: UUID
    queue: str
    capacity: int
    held: tuple[Held, ...] = ()


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
    """A person's wish about jobs that exist: cancel, retry or discard."""

    job_ids: tuple[UUID, ...]
    by: str
