"""How often GitHub's log of deliveries is looked through: a schedule like any other, which the leader keeps.

`server/effects/deliveries.py` looks.
"""

from contextlib import suppress

from server.jobs.recurrence import Recurrence
from server.jobs.schedules import Missed, NewSchedule, ScheduleExists, ScheduleNotFound, Schedules

KIND = "deliveries.reconcile"
EVERY_SECONDS = 300.0

SCHEDULE = NewSchedule(
    name="github-deliveries",
    kind=KIND,
    project="github",
    recurrence=Recurrence(None, EVERY_SECONDS, "UTC"),
    missed=Missed.ONCE,
)


async def keep_schedule(schedules: Schedules, schedule: NewSchedule, *, has_app: bool) -> None:
    """Every start of a hub sees to it. Who wants none of it pauses the schedule: that stays."""
    if has_app:
        with suppress(ScheduleExists):
            await schedules.create(schedule, by="hub")
    else:
        with suppress(ScheduleNotFound):
            await schedules.remove(schedule.name, by="hub")
