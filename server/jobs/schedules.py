"""Recurring jobs: keep what is asked for again and again, and say what is due.

Hands nothing out: the leader gives what is due to the job store. `recurrence.py` knows the calendar.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import msgspec
from asyncpg import Pool, Record

from server.db import Connection, Queries
from server.errors import HiveError
from server.jobs.job import JobRequest, Priority, new_job_id
from server.jobs.kinds import Kinds
from server.jobs.recurrence import Recurrence, RecurrenceInvalid

LATE_SECONDS = 60.0
"""What is due for no longer is on time: leaders may change over meanwhile. Beyond it a due time is missed."""
DUE_AT_ONCE = 100
EVENTS_SHOWN = 50


class Missed(StrEnum):
    """What comes of due times that nobody was there for: all of them together run once, or not at all."""

    ONCE = "once"
    SKIP = "skip"


class NewSchedule(msgspec.Struct, frozen=True):
    """*args* is JSON, in the kind's own schema."""

    name: str
    kind: str
    project: str
    recurrence: Recurrence
    args: msgspec.Raw = msgspec.Raw(b"{}")
    priority: Priority = Priority.BATCH
    missed: Missed = Missed.ONCE


class Schedule(msgspec.Struct, frozen=True):
    """A row. *next_at* None: it is paused. *last_at*: the due time of its last job."""

    id: UUID
    name: str
    kind: str
    project: str
    args: msgspec.Raw
    priority: Priority
    cron: str | None
    every_seconds: float | None
    timezone: str
    missed: Missed
    next_at: datetime | None
    last_at: datetime | None
    last_job_id: UUID | None
    created_at: datetime
    created_by: str

    @property
    def recurrence(self) -> Recurrence:
        return Recurrence(self.cron, self.every_seconds, self.timezone)


class ScheduleEvent(msgspec.Struct, frozen=True):
    """Who changed a schedule. *type*: created, paused, resumed, removed, asked (for one run now) or missed."""

    seq: int
    type: str
    actor: str
    message: str
    at: datetime


class ScheduleNotFound(HiveError):
    """No schedule has this name."""


class ScheduleExists(HiveError):
    """Another schedule has this name."""


class ScheduleRefused(HiveError):
    """A schedule cannot be made so."""


class Schedules:
    def __init__(self, pool: Pool, kinds: Kinds) -> None:
        self._pool = pool
        self._kinds = kinds
        self._sql = Queries.load("server.jobs", "schedules.sql")

    async def create(self, new: NewSchedule, *, by: str) -> Schedule:
        """Raises `ScheduleRefused`, `ScheduleExists` or `RecurrenceInvalid`."""
        if not self._kinds.knows(new.kind):
            raise ScheduleRefused(f"there is no kind of job {new.kind!r}", hint=self._kinds.meant_by(new.kind))
        recurrence = new.recurrence
        async with self._pool.acquire() as connection, connection.transaction():
            now = await connection.fetchval(self._sql.now)
            row = await connection.fetchrow(
                self._sql.insert_schedule, uuid4(), new.name, new.kind, new.project, bytes(new.args), new.priority,
                recurrence.cron, recurrence.every_seconds, recurrence.timezone, new.missed,
                recurrence.next_after(now, beginning=now), now, by,
            )  # fmt: skip
            if row is None:
                raise ScheduleExists(
                    f"there is a schedule {new.name} already", hint="remove it first, or choose a name"
                )
            await self._note(connection, row, "created", by, f"{new.kind} {recurrence}")
        return _schedule(row)

    async def list(self, *, project: str | None = None) -> Sequence[Schedule]:
        return [_schedule(row) for row in await self._pool.fetch(self._sql.list_schedules, project)]

    async def get(self, name: str) -> Schedule:
        """Raises `ScheduleNotFound`."""
        return _schedule(_found(await self._pool.fetchrow(self._sql.get_schedule, name), name))

    async def events(self, name: str) -> Sequence[ScheduleEvent]:
        """The newest first, also of a schedule that was removed."""
        rows = await self._pool.fetch(self._sql.list_events, name, EVENTS_SHOWN)
        return [msgspec.convert(dict(row), ScheduleEvent) for row in rows]

    async def pause(self, name: str, *, by: str) -> Schedule:
        """Nothing is due until it is resumed, and what would have been is not missed."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = _found(await connection.fetchrow(self._sql.lock_schedule, name), name)
            return await self._set_next(connection, row, None, "paused", by)

    async def resume(self, name: str, *, by: str) -> Schedule:
        async with self._pool.acquire() as connection, connection.transaction():
            row = _found(await connection.fetchrow(self._sql.lock_schedule, name), name)
            if row["next_at"] is not None:
                return _schedule(row)
            next_at = _schedule(row).recurrence.next_after(row["now"], beginning=row["created_at"])
            return await self._set_next(connection, row, next_at, "resumed", by)

    async def remove(self, name: str, *, by: str) -> Schedule:
        """What it asked for already goes on."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = _found(await connection.fetchrow(self._sql.delete_schedule, name), name)
            await self._note(connection, row, "removed", by)
        return _schedule(row)

    async def run_now(self, name: str, submit: Callable[[JobRequest], Awaitable[object]], *, by: str) -> UUID:
        """One run more, out of turn, handed to *submit*; returns its job's id. Works for a paused one too."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = _found(await connection.fetchrow(self._sql.lock_schedule, name), name)
            request = msgspec.structs.replace(_request(row, row["now"]), id=new_job_id(), key=None, requested_by=by)
            await self._note(connection, row, "asked", by, f"job {request.id}")
            await connection.execute(self._sql.note_asked, row["id"], request.id)
            await submit(request)  # last: what cannot be submitted is not recorded
        return request.id

    async def due(self, connection: Connection, limit: int = DUE_AT_ONCE) -> Sequence[JobRequest]:
        """What is due, and move those schedules on, in the caller's transaction: give it to the job store within it.

        A job's id follows from its schedule and its due time. So it also does no harm when the jobs are accepted in a
        transaction that commits before this one: whoever comes next asks for the same jobs again.
        """
        turns: list[_Turn] = []
        for row in await connection.fetch(self._sql.lock_due, limit):
            turns.append(_turn(row))
            await asyncio.sleep(0)  # to look into a calendar takes up to half a millisecond: let others in between
        if turns:
            await connection.execute(
                self._sql.advance,
                [turn.row["id"] for turn in turns],
                [turn.next_at for turn in turns],
                [turn.last_at for turn in turns],
                [turn.requests[-1].id if turn.requests else None for turn in turns],
            )
        for turn in turns:
            for type_, message in turn.notes:
                await self._note(connection, turn.row, type_, "", message)
        return [request for turn in turns for request in turn.requests]

    async def _set_next(
        self, connection: Connection, row: Record, next_at: datetime | None, type_: str, by: str
    ) -> Schedule:
        """Nothing changes, and nothing is noted, when it is so already."""
        if row["next_at"] == next_at:
            return _schedule(row)
        changed = await connection.fetchrow(self._sql.set_next, row["id"], next_at)
        assert changed is not None
        await self._note(connection, row, type_, by)
        return _schedule(changed)

    async def _note(self, connection: Connection, row: Record, type_: str, by: str, message: str = "") -> None:
        await connection.execute(self._sql.append_event, row["id"], row["name"], type_, by, message)


class _Turn(msgspec.Struct, frozen=True):
    """What comes of one schedule that is due. *next_at* None: it is paused, for want of a next time.

    *last_at* None: as before.
    """

    row: Record
    requests: list[JobRequest]
    next_at: datetime | None
    notes: list[tuple[str, str]]
    last_at: datetime | None


def _turn(row: Record) -> _Turn:
    """Pure."""
    schedule, now = _schedule(row), row["now"]
    assert schedule.next_at is not None
    on_time_from = now - timedelta(seconds=LATE_SECONDS)
    is_missed = schedule.next_at < on_time_from
    notes = [("missed", f"nobody was there from {schedule.next_at:%Y-%m-%d %H:%M:%S} UTC on")] if is_missed else []
    try:
        next_at = schedule.recurrence.next_after(now, beginning=schedule.created_at)
        if schedule.next_at > now:  # it was made when the clock was ahead
            return _Turn(row, [], next_at, [], now if schedule.last_at else None)
        before = on_time_from - timedelta(microseconds=1) if is_missed else schedule.next_at
        on_time = [*schedule.recurrence.between(before, now, beginning=schedule.created_at)]
    except RecurrenceInvalid as error:  # its time zone is gone from this machine, or there is no next time
        last = [_request(row, schedule.next_at)] if schedule.next_at <= now else []
        return _asked(row, last, None, [*notes, ("paused", str(error))])
    if not is_missed or (schedule.missed is Missed.ONCE and not on_time):
        on_time.insert(0, schedule.next_at)
    return _asked(row, [_request(row, due_at) for due_at in on_time], next_at, notes)


def _asked(row: Record, requests: list[JobRequest], next_at: datetime | None, notes: list[tuple[str, str]]) -> _Turn:
    return _Turn(row, requests, next_at, notes, requests[-1].run_at if requests else None)


def _request(row: Record, due_at: datetime) -> JobRequest:
    return JobRequest(
        kind=row["kind"],
        project=row["project"],
        args=msgspec.Raw(row["args"]),
        id=_job_id(row["id"], due_at),
        key=f"schedule:{row['id']}:{due_at.isoformat()}",
        priority=Priority(row["priority"]),
        run_at=due_at,
        requested_by=f"schedule:{row['name']}",
    )


def _job_id(schedule_id: UUID, due_at: datetime) -> UUID:
    """A UUIDv7 (RFC 9562), in which what is chance elsewhere follows from the schedule and the due time."""
    chance = hashlib.sha256(schedule_id.bytes + due_at.isoformat().encode()).digest()[:10]
    value = int(due_at.timestamp() * 1000) << 80 | int.from_bytes(chance, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def _found(row: Record | None, name: str) -> Record:
    if row is None:
        raise ScheduleNotFound(f"there is no schedule {name}", hint="`hive schedules list` shows their names")
    return row


def _schedule(row: Record) -> Schedule:
    return msgspec.convert({**row, "args": msgspec.Raw(row["args"])}, Schedule)
