"""When the database's clock has gone ahead of time itself."""

from datetime import UTC, datetime, timedelta

import pytest

from server.jobs.clock_watch import ClockWatch

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("database_seconds", "here_seconds", "went_ahead"),
    [(1.0, 1.0, False), (8 * 3600.0, 1.0, True), (-3600.0, 1.0, False), (4.0, 1.0, False), (60.0, 60.0, False)],
    ids=["time passes", "the machine slept", "set back", "a slow answer", "this process was stopped"],
)
def test_only_a_clock_that_goes_ahead_of_time_is_told(
    database_seconds: float, here_seconds: float, went_ahead: bool
) -> None:
    watch = ClockWatch()
    first = watch.went_ahead(NOON, 100.0, by_seconds=5.0)

    then = watch.went_ahead(NOON + timedelta(seconds=database_seconds), 100.0 + here_seconds, by_seconds=5.0)
    later = watch.went_ahead(NOON + timedelta(seconds=database_seconds + 1), 101.0 + here_seconds, by_seconds=5.0)

    assert (first, then, later) == (False, went_ahead, False)
