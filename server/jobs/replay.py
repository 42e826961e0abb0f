"""A job's row as its events make it, one by one. Pure.

Each type of event is a move of a small state machine, stated as data. A job's place in line (`turn`, `held`) is no part
of the record. How a workflow follows from its events is in `workflow.py`; here is only how its row is written.
`projections.py` folds a whole database with both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from server.jobs.job import EventType, JobState
from server.jobs.projections import ImpossibleEvent, Projection
from server.jobs.record import Accepted, Afresh, Cause, Delayed, Died
from server.jobs.workflow import Workflow, WorkflowEvent, WorkflowEventType, after


class JobRow(msgspec.Struct, frozen=True):
    """A row of `jobs`, without its place in line."""

    id: UUID
    kind: str
    project: str
    queue: str
    state: JobState
    priority: int
    attempt: int
    failures: int
    crashes: int
    max_attempts: int
    key: str | None
    concurrency_group: str | None
    requested_by: str
    workflow_id: UUID | None
    step: str | None
    needs: tuple[str, ...]
    error: str | None
    agent_id: UUID | None
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error_class: str | None
    slot: str | None
    expires_at: datetime | None
    deadline_at: datetime | None


class JobEvent(msgspec.Struct, frozen=True):
    """Of a row of `job_events` what tells something about the job's row."""

    job_id: UUID
    seq: int
    type: str
    attempt: int
    message: str
    at: datetime
    actor: str
    agent_id: UUID | None
    error_class: str | None
    data: bytes | None


Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    """What happens to a job that is in one of the states *of*; *changes* are those of its row."""

    of: frozenset[JobState]
    changes: Callable[[JobRow, JobEvent], Changes]


def apply(row: JobRow | None, event: JobEvent) -> JobRow:
    """The row after one more event; *row* is None before the job's first. Raises `ImpossibleEvent`."""
    if event.type == EventType.IMPORTED:
        return msgspec.json.decode(event.data or b"", type=JobRow)
    if row is None:
        if event.type != EventType.ACCEPTED:
            raise _impossible(event, "a job of which nothing was known")
        return _accepted(event)
    move = MOVES.get(event.type)
    if move is None or row.state not in move.of:
        raise _impossible(event, f"a job that was {row.state}")
    return msgspec.structs.replace(row, **move.changes(row, event))


def _accepted(event: JobEvent) -> JobRow:
    job = _decode_accepted(event.data or b"")
    run_at = job.run_at or _after(event.at, job.delay_seconds)
    return JobRow(
        id=job.id,
        kind=job.kind,
        project=job.project,
        queue=job.queue,
        state=job.state,
        priority=job.priority,
        attempt=0,
        failures=0,
        crashes=0,
        max_attempts=job.max_attempts,
        key=job.key,
        concurrency_group=job.concurrency_group,
        requested_by=job.requested_by,
        workflow_id=job.workflow_id,
        step=job.step,
        needs=job.needs,
        error=None,
        agent_id=None,
        created_at=event.at,
        run_at=run_at,
        started_at=event.at if job.state is JobState.RUNNING else None,
        finished_at=None,
        error_class=None,
        slot=job.slot,
        expires_at=None if job.ttl_seconds is None else _after(run_at, job.ttl_seconds),
        deadline_at=None if job.deadline_seconds is None else _after(event.at, job.deadline_seconds),
    )


def _paused(row: JobRow, event: JobEvent) -> Changes:
    return {"state": JobState.WAITING}


def _released(row: JobRow, event: JobEvent) -> Changes:
    """What was released before a pause kept what it had to wait for has no data, and could start at once."""
    return {"state": JobState.QUEUED, "run_at": _after(event.at, _delay_seconds(event) if event.data else 0.0)}


def _started(row: JobRow, event: JobEvent) -> Changes:
    return {
        "state": JobState.RUNNING,
        "attempt": event.attempt,
        "agent_id": event.agent_id,
        "started_at": event.at,
    }


def _succeeded(row: JobRow, event: JobEvent) -> Changes:
    return {"state": JobState.SUCCEEDED, **_ended(event), "error_class": event.error_class}


def _failed(row: JobRow, event: JobEvent) -> Changes:
    return {**_queued_again(event, _delay_seconds(event)), "failures": row.failures + 1}


def _snoozed(row: JobRow, event: JobEvent) -> Changes:
    return _queued_again(event, _delay_seconds(event))


def _crashed(row: JobRow, event: JobEvent) -> Changes:
    return {**_queued_again(event), **_suspected(row)}


def _lost(row: JobRow, event: JobEvent) -> Changes:
    return _queued_again(event)


def _died(row: JobRow, event: JobEvent) -> Changes:
    changes = {"state": JobState.DEAD, **_ended(event), "error_class": event.error_class}
    match msgspec.json.decode(event.data or b"", type=Died).cause:
        case Cause.FAILED:
            return {**changes, "failures": row.failures + 1}
        case Cause.CRASHED:
            return {**changes, **_suspected(row), "run_at": event.at}
        case _:
            return changes


def _retried(row: JobRow, event: JobEvent) -> Changes:
    """It starts over; a workflow goes on. What was retried under an earlier release kept its slot, and has no data."""
    slot = {"slot": msgspec.json.decode(event.data, type=Afresh).slot} if event.data else {}
    goes_on = {"state": JobState.RUNNING} if row.queue == "" else {"state": JobState.QUEUED, "run_at": event.at}
    return {**_AFRESH, **slot, **goes_on}


def _discarded(row: JobRow, event: JobEvent) -> Changes:
    return {"state": JobState.CANCELLED, "error": f"{row.error or ''} (discarded by {event.actor})"}


def _cancelled(row: JobRow, event: JobEvent) -> Changes:
    return {"state": JobState.CANCELLED, **_ended(event)}


def _ended(event: JobEvent) -> Changes:
    return {"finished_at": event.at, "agent_id": None, "error": event.message or None}


def _queued_again(event: JobEvent, delay_seconds: float = 0.0) -> Changes:
    return {
        "state": JobState.QUEUED,
        "agent_id": None,
        "run_at": _after(event.at, delay_seconds),
        "error": event.message or None,
        "error_class": event.error_class,
    }


def _suspected(row: JobRow) -> Changes:
    return {"crashes": row.crashes + 1, "slot": f"suspects:{row.queue}"}


_AFRESH: Changes = {
    "failures": 0,
    "crashes": 0,
    "error": None,
    "error_class": None,
    "finished_at": None,
    "expires_at": None,
    "deadline_at": None,
}

_QUEUED = frozenset({JobState.QUEUED})
_RUNNING = frozenset({JobState.RUNNING})
_WAITING = frozenset({JobState.WAITING})
_DEAD = frozenset({JobState.DEAD})
_LIVE = _WAITING | _QUEUED | _RUNNING
_ENDED = frozenset(state for state in JobState if state.is_final)

MOVES: Mapping[str, Move] = {
    EventType.PAUSED: Move(_QUEUED, _paused),
    EventType.RELEASED: Move(_WAITING, _released),
    EventType.STARTED: Move(_QUEUED, _started),
    EventType.SUCCEEDED: Move(_RUNNING, _succeeded),
    EventType.RETRY: Move(_RUNNING, _failed),
    EventType.SNOOZED: Move(_RUNNING, _snoozed),
    EventType.CRASHED: Move(_RUNNING, _crashed),
    EventType.LOST: Move(_RUNNING, _lost),
    EventType.DEAD: Move(_LIVE, _died),
    EventType.RETRIED: Move(_ENDED, _retried),
    EventType.DISCARDED: Move(_DEAD, _discarded),
    EventType.CANCELLED: Move(_LIVE, _cancelled),
    EventType.SUPERSEDED: Move(_LIVE, _cancelled),
    EventType.EXPIRED: Move(_LIVE, _cancelled),
}
"""Besides `accepted`, which makes the row, and `imported`, which is one."""


_decode_accepted = msgspec.json.Decoder(Accepted).decode
_decode_delayed = msgspec.json.Decoder(Delayed).decode


def _delay_seconds(event: JobEvent) -> float:
    return _decode_delayed(event.data or b"").delay_seconds


def _after(moment: datetime, seconds: float) -> datetime:
    """Rounded as Postgres rounds an interval."""
    return moment + timedelta(microseconds=round(seconds * 1e6)) if seconds else moment


def _impossible(event: JobEvent, what: str) -> ImpossibleEvent:
    return ImpossibleEvent(f"event {event.seq} says {event.type} of {what}")


JOBS = Projection[JobRow, JobEvent](
    table="jobs",
    events="job_events",
    key="job_id",
    fields=JobEvent.__struct_fields__,
    read=lambda values: JobEvent(*values),
    apply=apply,
    looks_at=frozenset(
        {
            EventType.ACCEPTED,
            EventType.IMPORTED,
            EventType.RELEASED,
            EventType.RETRY,
            EventType.SNOOZED,
            EventType.DEAD,
            EventType.RETRIED,
        }
    ),
    columns=JobRow.__struct_fields__,
    values=msgspec.structs.astuple,
    left_out=frozenset({"turn", "held"}),
)


class WorkflowRow(msgspec.Struct, frozen=True):
    """A workflow, and the columns of it that are JSON: an earlier release's stay as they were until they change."""

    workflow: Workflow
    definition: str
    steps: str

    @property
    def values(self) -> tuple[Any, ...]:
        kept = {"definition": self.definition, "steps": self.steps}
        return tuple(kept.get(column, getattr(self.workflow, column)) for column in Workflow.__struct_fields__)


class _Written(msgspec.Struct, frozen=True):
    definition: msgspec.Raw
    steps: msgspec.Raw


def apply_to_workflow(row: WorkflowRow | None, event: WorkflowEvent) -> WorkflowRow:
    """The row after one more event; *row* is None before the workflow's first."""
    workflow = after(row.workflow if row else None, event)
    if event.type is WorkflowEventType.IMPORTED:
        written = msgspec.json.decode(event.data, type=_Written)
        return WorkflowRow(workflow, bytes(written.definition).decode(), bytes(written.steps).decode())
    return WorkflowRow(workflow, row.definition if row else _text(workflow.definition), _text(workflow.steps))


def _read_workflow_event(values: Sequence[Any]) -> WorkflowEvent:
    named = dict(zip(WorkflowEvent.__struct_fields__, values, strict=True))
    data = msgspec.Raw(b"null" if named["data"] is None else named["data"])
    return WorkflowEvent(**{**named, "type": WorkflowEventType(named["type"]), "data": data})


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


WORKFLOWS = Projection[WorkflowRow, WorkflowEvent](
    table="workflows",
    events="workflow_events",
    key="workflow_id",
    fields=WorkflowEvent.__struct_fields__,
    read=_read_workflow_event,
    apply=apply_to_workflow,
    looks_at=frozenset(WorkflowEventType),
    columns=Workflow.__struct_fields__,
    values=lambda row: row.values,
)
