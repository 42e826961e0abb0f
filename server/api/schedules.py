"""`/api/v1/schedules`: what recurs: make, list, pause, resume, run now and remove.

Whoever makes a schedule asks for jobs of any kind, in any project: so it takes an admin.
"""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec

from server.api.reading import Line
from server.api.route import Answer, Call
from server.jobs.job import Priority, encode
from server.jobs.recurrence import Recurrence
from server.jobs.schedules import Missed, NewSchedule, Schedule, ScheduleEvent, ScheduleNotFound

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$(?!\n)")]


class SchedulesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    project: Line | None = None


class SchedulesList(msgspec.Struct, frozen=True):
    schedules: list[Schedule]


class ScheduleWithHistory(msgspec.Struct, frozen=True):
    """*events*: the newest first."""

    schedule: Schedule
    events: list[ScheduleEvent]


class WantedSchedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either *cron* (minute, hour, day, month, weekday, in *timezone*) or *every_seconds*.

    *missed*: what comes of due times for which no hub was there: `once` runs once for all of them, `skip` does not.
    """

    name: Name
    kind: Line
    project: Line
    args: dict[str, Any] = {}
    cron: Line | None = None
    every_seconds: float | None = None
    timezone: Line = "UTC"
    priority: Priority = Priority.BATCH
    missed: Missed = Missed.ONCE


class ScheduleRun(msgspec.Struct, frozen=True):
    """The id of the job that was asked for."""

    job: str


async def list_schedules(call: Call[SchedulesQuery, None]) -> SchedulesList:
    return SchedulesList([*await call.parts.schedules.list(project=call.within(call.query.project))])


async def get_schedule(call: Call[Any, None]) -> ScheduleWithHistory:
    """Another project's schedule is as good as none."""
    schedule = await call.parts.schedules.get(call.path("name"))
    if not call.principal.may_see(schedule.project):
        raise ScheduleNotFound(f"there is no schedule {schedule.name}")
    return ScheduleWithHistory(schedule, [*await call.parts.schedules.events(schedule.name)])


async def create_schedule(call: Call[Any, WantedSchedule]) -> Answer:
    wanted = call.body
    new = NewSchedule(
        wanted.name,
        wanted.kind,
        wanted.project,
        Recurrence(wanted.cron, wanted.every_seconds, wanted.timezone),
        encode(wanted.args),
        wanted.priority,
        wanted.missed,
    )
    schedule = await call.parts.schedules.create(new, by=call.principal.name)
    return Answer(schedule, HTTPStatus.CREATED, {"Location": f"/api/v1/schedules/{schedule.name}"})


async def pause_schedule(call: Call[Any, None]) -> Schedule:
    return await call.parts.schedules.pause(call.path("name"), by=call.principal.name)


async def resume_schedule(call: Call[Any, None]) -> Schedule:
    return await call.parts.schedules.resume(call.path("name"), by=call.principal.name)


async def remove_schedule(call: Call[Any, None]) -> Schedule:
    return await call.parts.schedules.remove(call.path("name"), by=call.principal.name)


async def run_schedule(call: Call[Any, None]) -> Answer:
    job_id = await call.parts.schedules.run_now(call.path("name"), call.parts.door.submit, by=call.principal.name)
    return Answer(ScheduleRun(str(job_id)), HTTPStatus.ACCEPTED, {"Location": f"/api/v1/jobs/{job_id}"})
