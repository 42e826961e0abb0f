"""What the events of jobs record: for each type of event the data that rebuilds the job from it.

`accepted` carries `Accepted`; `retry` and `snoozed` carry `Delayed`, and so does `released` when it still waits for its
time; `dead` carries `Died`, `retried` of what an agent runs `Afresh`, `succeeded` the result as it is, `imported` a
whole row of an earlier release. The others need none. `store.py` writes them in the transaction that changes the job;
`replay.py` reads them.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from server.jobs.job import JobState, Priority


class Accepted(msgspec.Struct, frozen=True, omit_defaults=True):
    """The job as it was accepted. *state* is its first; its times count from the event's own time.

    *run_at*, where it is given, is a moment; else it may start after *delay_seconds*. Its time to live counts from
    there, its deadline from the event.
    """

    id: UUID
    kind: str
    project: str
    queue: str
    args: msgspec.Raw
    state: JobState = JobState.QUEUED
    priority: Priority = Priority.BATCH
    max_attempts: int = 5
    key: str | None = None
    concurrency_group: str | None = None
    requested_by: str = ""
    workflow_id: UUID | None = None
    step: str | None = None
    needs: tuple[str, ...] = ()
    slot: str | None = None
    run_at: datetime | None = None
    delay_seconds: float = 0.0
    ttl_seconds: float | None = None
    deadline_seconds: float | None = None


class Delayed(msgspec.Struct, frozen=True):
    """It may start again so long after the event."""

    delay_seconds: float


class Afresh(msgspec.Struct, frozen=True):
    """It begins anew, and *slot* is its limit from now on: a suspect runs beside others again."""

    slot: str | None


class Cause(StrEnum):
    """Why a job is dead. `failed` and `crashed` count as one more failure or crash."""

    FAILED = "failed"
    CRASHED = "crashed"
    GAVE_UP = "gave_up"
    REFUSED = "refused"
    DEADLINE = "deadline"
    STEP = "step"


class Died(msgspec.Struct, frozen=True):
    cause: Cause


def args_of(accepted: bytes) -> msgspec.Raw:
    """The args of a job, from the data of its `accepted` event."""
    return _decode_args(accepted).args


class _Args(msgspec.Struct):
    args: msgspec.Raw


_decode_args = msgspec.json.Decoder(_Args).decode
