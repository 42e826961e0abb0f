"""The words of the job engine: what is asked, what is handed out, how it ended.

Pure values; `store.py` keeps them, `orchestrator.py` moves them.
"""

import os
import time
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from server.errors import HiveError

NULL = msgspec.Raw(b"null")
"""Nothing, as JSON."""

MAX_SECONDS = 366 * 86400.0
"""The longest delay, time to live or deadline that a request may name."""

Line = Annotated[str, msgspec.Meta(max_length=300, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
"""A name: what Postgres can keep and index, an envelope can name as its tenant, and a terminal shows as it is."""


class Priority(IntEnum):
    """Lower goes first."""

    INTERACTIVE = 0
    PULL_REQUEST = 1
    BATCH = 2


class JobState(StrEnum):
    """`waiting`: for earlier steps of its workflow. `queued` may wait for its `run_at`, or for its kind's limit.

    The last three are final.
    """

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED)


def new_job_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique anywhere, ordered by time, and in one process by when it was made."""
    global _newest_id
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    value = milliseconds << 80 | 0x7 << 76 | (nanoseconds << 12) // 1_000_000 << 64  # section 6.2, method 3
    value |= 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    _newest_id = value if value > _newest_id else _newest_id + 1
    return UUID(int=_newest_id)


_newest_id = 0


Seconds = Annotated[float, msgspec.Meta(ge=0, le=MAX_SECONDS)]
PositiveSeconds = Annotated[float, msgspec.Meta(gt=0, le=MAX_SECONDS)]


class JobRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a door asks for. *args* is JSON, in the kind's own schema.

    *key*: the idempotency key, unique among live jobs of the kind; a second request with it is the first one's.
    *unique_for_seconds*: the key also stays taken for so long after it was asked for, though its job has ended.
    *concurrency_group*: a newer request cancels live older ones of its group (an editor's next version of a document).
    *debounce_seconds*: it starts when no newer request of its group came for so long; one that runs is left alone.
    *delay_seconds* or *run_at*: when it may start at the earliest. *ttl_seconds*: when it has not started by then
    (counted from when it may start), it is cancelled. *deadline_seconds*: when it has not ended by then (counted from
    when it was accepted), it is stopped and dead.
    """

    kind: Line
    project: Line
    args: msgspec.Raw
    id: UUID = msgspec.field(default_factory=new_job_id)
    key: Line | None = None
    priority: Priority = Priority.BATCH
    unique_for_seconds: Seconds = 0.0
    concurrency_group: Line | None = None
    debounce_seconds: Seconds = 0.0
    delay_seconds: Seconds = 0.0
    run_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    ttl_seconds: PositiveSeconds | None = None
    deadline_seconds: PositiveSeconds | None = None
    requested_by: Line = ""

    def __post_init__(self) -> None:
        if self.run_at is not None and not 2000 <= self.run_at.year < 2200:  # Python ends with 9999
            raise ValueError(f"{self.run_at} is no time to run at")


class Job(msgspec.Struct, frozen=True):
    """A row of `jobs`, without its args and result. A workflow started when the first of its steps did."""

    id: UUID
    kind: str
    project: str
    queue: str
    state: JobState
    priority: Priority
    attempt: int
    key: str | None
    requested_by: str
    workflow_id: UUID | None
    step: str | None
    error: str | None
    error_class: str | None
    agent_id: UUID | None
    failures: int
    crashes: int
    expires_at: datetime | None
    deadline_at: datetime | None
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class EventType(StrEnum):
    """What happened to a job. All are recorded but `progress` and `findings_changed`, which are only told.

    `paused`: its workflow was, so it left the line; `released`: it may run again. `retry`: the attempt failed;
    `crashed`: its agent vanished; `lost`: what was handed out never arrived, or its agent stopped. `retried`: a person
    gave a dead job another full set of attempts. `discarded`: a person let a dead job rest. `imported`: the row as an
    earlier release had it.
    """

    ACCEPTED = "accepted"
    PAUSED = "paused"
    RELEASED = "released"
    STARTED = "started"
    PROGRESS = "progress"
    SUCCEEDED = "succeeded"
    RETRY = "retry"
    CRASHED = "crashed"
    LOST = "lost"
    SNOOZED = "snoozed"
    DEAD = "dead"
    RETRIED = "retried"
    DISCARDED = "discarded"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    IMPORTED = "imported"
    FINDINGS_CHANGED = "findings_changed"

    @property
    def is_final(self) -> bool:
        return self in _FINAL


_FINAL = frozenset(
    {
        EventType.SUCCEEDED,
        EventType.DEAD,
        EventType.DISCARDED,
        EventType.CANCELLED,
        EventType.SUPERSEDED,
        EventType.EXPIRED,
    }
)


class Confirmation(StrEnum):
    """What a door may wait for: the job is in Postgres; an agent has it; it has ended, however it ended."""

    ACCEPTED = "accepted"
    STARTED = "started"
    FINISHED = "finished"

    def is_given_by(self, type_: EventType) -> bool:
        """Whether an event of *type_* says so, or says more."""
        match self:
            case Confirmation.ACCEPTED:
                return type_ is not EventType.FINDINGS_CHANGED
            case Confirmation.STARTED:
                return type_.is_final or type_ in _SINCE_STARTED
            case Confirmation.FINISHED:
                return type_.is_final


_SINCE_STARTED = frozenset(
    {
        EventType.STARTED,
        EventType.PROGRESS,
        EventType.RETRY,
        EventType.CRASHED,
        EventType.LOST,
        EventType.SNOOZED,
    }
)


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a door hears. *data* is JSON: a result, `Progress` or `FindingsChanged` where the type has one, else null.

    `findings_changed` has no job: somebody dismissed or reopened findings of *project*.
    """

    type: EventType
    project: str
    job_id: UUID | None = None
    kind: str = ""
    attempt: int = 0
    message: str = ""
    data: msgspec.Raw = NULL


class Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    done: int
    total: int
    note: str = ""


class FindingsChanged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*status* is the new FindingStatus of every fingerprint."""

    fingerprints: tuple[str, ...]
    status: str
    by: str = ""


class Snooze(Exception):
    """Raise in a handler: run me again after *seconds*; it does not count as an attempt."""

    def __init__(self, seconds: float, reason: str = "") -> None:
        super().__init__(reason)
        self.seconds = seconds


class GiveUp(Exception):
    """Raise in a handler: never run me again; *reason* goes to the dead letters."""


class JobNotFound(HiveError):
    """No job has this id."""


def encode(value: Any) -> msgspec.Raw:
    """A value as the JSON that *args* and *data* carry."""
    return msgspec.Raw(msgspec.json.encode(value))


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One webhook POST, as its door saw it. *job* is what it asks for; without one, *note* says why there is none.
    *beside*: what else it asks for, which is made with it or not at all.

    *id* is GitHub's GUID, which is not signed; *body_sha256* (hex) tells a replay under another GUID.
    """

    id: str
    event: str
    body_sha256: str
    received_at: datetime
    action: str = ""
    repository: str = ""
    installation_id: int | None = None
    job: JobRequest | None = None
    note: str = ""
    beside: tuple[JobRequest, ...] = ()
