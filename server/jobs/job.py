"""The words of the job engine: what is asked, what is handed out, how it ended.

Pure values; `store.py` keeps them, `orchestrator.py` moves them.
"""

import os
import time
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

import msgspec

from server.errors import HiveError


class Priority(IntEnum):
    """Lower goes first."""

    INTERACTIVE = 0
    PULL_REQUEST = 1
    BATCH = 2


class JobState(StrEnum):
    """`waiting`: for earlier steps of its workflow. `queued` may wait for its `run_at`. The last three are final."""

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
    """A UUIDv7 (RFC 9562): unique anywhere, ordered by time."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


class JobRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a door asks for. *args* is JSON, in the kind's own schema.

    *key*: the idempotency key, unique among live jobs of the kind; a second request with it is the first one's.
    *concurrency_group*: a newer request cancels live older ones of its group (an editor's next version of a document).
    """

    kind: str
    project: str
    args: msgspec.Raw
    id: UUID = msgspec.field(default_factory=new_job_id)
    key: str | None = None
    priority: Priority = Priority.BATCH
    concurrency_group: str | None = None
    requested_by: str = ""


class Job(msgspec.Struct, frozen=True):
    """A row of `jobs`, without its args and result."""

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
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class EventType(StrEnum):
    ACCEPTED = "accepted"
    STARTED = "started"
    PROGRESS = "progress"
    SUCCEEDED = "succeeded"
    RETRY = "retry"
    SNOOZED = "snoozed"
    DEAD = "dead"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    FINDINGS_CHANGED = "findings_changed"

    @property
    def is_final(self) -> bool:
        return self in (EventType.SUCCEEDED, EventType.DEAD, EventType.CANCELLED, EventType.SUPERSEDED)


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
    data: msgspec.Raw = msgspec.Raw(b"null")


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
