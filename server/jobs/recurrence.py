"""When something that recurs is due. Pure; `schedules.py` keeps what recurs.

A cron expression is read in its own time zone, as Debian's cron reads it on the two days that change the clock: what
stands at a fixed hour runs once, just after the gap or at the first of two equal hours; what recurs hourly or more
often (a field that begins with `*`) goes on in real time. https://github.com/cuu508/cronsim
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim, CronSimError

from server.errors import HiveError

CRON_FIELDS = 5
LEAST_SECONDS, MOST_SECONDS = 1.0, 366 * 86400.0
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class RecurrenceInvalid(HiveError):
    """Nobody can say when this is due."""


class Recurrence(msgspec.Struct, frozen=True):
    """*cron* or *every_seconds*, which counts from a beginning, so that it never drifts."""

    cron: str | None = None
    every_seconds: float | None = None
    timezone: str = "UTC"

    def __str__(self) -> str:
        if self.every_seconds is None:
            return f"{self.cron} ({self.timezone})"
        size, unit = next(one for one in _UNITS if self.every_seconds % one[0] == 0 or one[1] == "s")
        return f"every {self.every_seconds / size:g} {unit}"

    def next_after(self, moment: datetime, *, beginning: datetime) -> datetime:
        """The first due time after *moment*, which is aware. Raises `RecurrenceInvalid`."""
        if (self.cron is None) == (self.every_seconds is None):
            raise RecurrenceInvalid("a schedule needs either a cron expression or a number of seconds")
        zone = _zone(self.timezone)
        if self.every_seconds is not None:
            return _next_period(self.every_seconds, moment, beginning)
        assert self.cron is not None
        return _next_match(self.cron, zone, moment)

    def between(self, first: datetime, last: datetime, *, beginning: datetime) -> Iterator[datetime]:
        """Every due time after *first*, up to and including *last*."""
        due = self.next_after(first, beginning=beginning)
        while due <= last:
            yield due
            due = self.next_after(due, beginning=beginning)


def _next_period(every_seconds: float, moment: datetime, beginning: datetime) -> datetime:
    if not LEAST_SECONDS <= every_seconds <= MOST_SECONDS:
        raise RecurrenceInvalid(f"{every_seconds:g} s is not between a second and a year")
    period = timedelta(seconds=every_seconds)
    return beginning + ((moment - beginning) // period + 1) * period


def _next_match(cron: str, zone: ZoneInfo, moment: datetime) -> datetime:
    if len(cron.split()) != CRON_FIELDS:
        hint = "minute, hour, day of the month, month, day of the week: `30 4 * * 1-5`"
        raise RecurrenceInvalid(f"{cron!r} does not have five fields", hint=hint)
    try:
        for match in CronSim(cron, moment.astimezone(zone)):
            due = match.astimezone(UTC)  # before it is compared: two times of one zone are compared by their wall clock
            if due > moment:  # in the second of two equal hours the first one's times are found again
                return due
    except CronSimError as error:
        raise RecurrenceInvalid(f"{cron!r} is not a cron expression: {str(error).lower()}") from error
    raise RecurrenceInvalid(f"{cron!r} is never due")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        hint = "zones are named like Europe/Berlin or UTC"
        raise RecurrenceInvalid(f"{name!r} is not a time zone", hint=hint) from error
