"""When the database's clock has gone ahead of time itself."""

from datetime import UTC, datetime, timedelta

import pytest

from server.jobs.clock_watch import ClockWatch

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("database_seconds", "answer_seconds", "here_seconds", "went_ahead"),
    [
        (1.0, 0.0, 1.0, False),
        (8 * 3600.0, 0.0, 1.0, True),
        (-3600.0, 0.0, 1.0, False),
        (21.0, 20.0, 1.0, False),
        (60.0, 0.0, 60.0, False),
    ],
    ids=["time passes", "the machine slept", "set back", "a slow answer", "this process was stopped"],
)
def test_only_a_clock_that_goes_ahead_of_time_is_told(
    database_seconds: float, answer_seconds: float, here_seconds: float, went_ahead: bool
) -> None:
    watch, here = ClockWatch(), 100.0

    def look(seconds: float) -> bool:
        database = NOON + timedelta(seconds=seconds)
        return watch.went_ahead(database, asked_at=here, heard_at=here + answer_seconds, by_seconds=5.0)

    first = look(0.0)
    here += here_seconds
    then = look(database_seconds)
    here += 1.0
    later = look(database_seconds + 1.0)

    assert (first, then, later) == (False, went_ahead, False)
