"""The calendar: when something is due, on days of 23, 24 and 25 hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.jobs.recurrence import Recurrence, RecurrenceInvalid

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def due_on(day: str, recurrence: Recurrence) -> list[str]:
    """The due times of a local day, as that day's clocks show them."""
    zone = ZoneInfo(recurrence.timezone)
    start = datetime.fromisoformat(day).replace(tzinfo=zone)
    end = (start + timedelta(days=1)).astimezone(UTC)
    before = start.astimezone(UTC) - timedelta(microseconds=1)
    dues = recurrence.between(before, end - timedelta(microseconds=1), beginning=BEGINNING)
    return [due.astimezone(zone).strftime("%H:%M%z") for due in dues]


@pytest.mark.parametrize(
    ("day", "cron", "zone", "expected"),
    [
        pytest.param("2026-07-01", "30 2 * * *", BERLIN, ["02:30+0200"], id="a day like any other"),
        pytest.param("2026-03-29", "30 2 * * *", BERLIN, ["03:00+0200"], id="02:30 does not exist: just after the gap"),
        pytest.param("2026-03-29", "0 1,4 * * *", BERLIN, ["01:00+0100", "04:00+0200"], id="either side of the gap"),
        pytest.param("2026-10-25", "30 2 * * *", BERLIN, ["02:30+0200"], id="02:30 comes twice: the first"),
        pytest.param("2026-10-25", "10,50 2 * * *", BERLIN, ["02:10+0200", "02:50+0200"], id="two in the equal hours"),
        pytest.param("2026-03-08", "30 2 * * *", NEW_YORK, ["03:00-0400"], id="the gap of New York"),
        pytest.param("2026-11-01", "30 1 * * *", NEW_YORK, ["01:30-0400"], id="the equal hours of New York"),
        pytest.param("2026-10-04", "15 2 * * *", LORD_HOWE, ["02:30+1100"], id="a gap of half an hour"),
        pytest.param("2026-02-28", "0 0 28 * *", "UTC", ["00:00+0000"], id="the last of February"),
    ],
)
def test_a_fixed_hour_is_due_once_a_day(day: str, cron: str, zone: str, expected: list[str]) -> None:
    assert due_on(day, Recurrence(cron=cron, timezone=zone)) == expected


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-07-01", 24), ("2026-10-25", 25)])
@pytest.mark.parametrize(("cron", "an_hour"), [("0 * * * *", 1), ("*/5 * * * *", 12)])
def test_what_recurs_within_the_hour_goes_on_in_real_time(day: str, hours: int, cron: str, an_hour: int) -> None:
    dues = due_on(day, Recurrence(cron=cron, timezone=BERLIN))

    assert len(dues) == len(set(dues)) == hours * an_hour


def test_in_the_second_of_two_equal_hours_the_first_ones_times_are_past() -> None:
    second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    next_at = Recurrence(cron="30 2 * * *", timezone=BERLIN).next_after(second, beginning=BEGINNING)

    assert next_at == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recurrence", "says"),
    [
        (Recurrence(every_seconds=365 * 86400.0), "every 365 d"),
        (Recurrence(every_seconds=43200.0), "every 12 h"),
        (Recurrence(every_seconds=5400.0), "every 90 min"),
        (Recurrence(every_seconds=61.5), "every 61.5 s"),
        (Recurrence(cron="30 4 * * 1-5", timezone=BERLIN), "30 4 * * 1-5 (Europe/Berlin)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_says_what_was_meant(recurrence: Recurrence, says: str) -> None:
    assert str(recurrence) == says


def test_a_period_never_drifts() -> None:
    every = Recurrence(every_seconds=0.1 + 300)
    late = BEGINNING + timedelta(seconds=300.1 * 1_000_000 + 17.3)

    assert every.next_after(late, beginning=BEGINNING) == BEGINNING + timedelta(seconds=300.1) * 1_000_001
    assert every.next_after(BEGINNING, beginning=BEGINNING) == BEGINNING + timedelta(seconds=300.1)


@given(
    st.sampled_from(["*/7 * * * *", "30 2 * * *", "0 0 29 2 *", "5,35 1-3 * * SUN", "0 */6 1,15 * *", "59 23 L * *"]),
    st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, "Asia/Kathmandu", "UTC"]),
    st.integers(0, 7 * 366 * 86400).map(lambda seconds: BEGINNING + timedelta(seconds=seconds)),
)
def test_the_next_time_is_always_later_and_nothing_lies_between(cron: str, zone: str, moment: datetime) -> None:
    recurrence = Recurrence(cron=cron, timezone=zone)

    next_at = recurrence.next_after(moment, beginning=BEGINNING)

    assert next_at > moment
    halfway = moment + (next_at - moment) / 2
    assert recurrence.next_after(halfway, beginning=BEGINNING) == next_at


@pytest.mark.parametrize(
    ("recurrence", "complaint"),
    [
        (Recurrence(), "either a cron expression or a number of seconds"),
        (Recurrence(cron="* * * * *", every_seconds=60), "either a cron expression or a number of seconds"),
        (Recurrence(cron="* * * *"), "does not have five fields"),
        (Recurrence(cron="* * * * * *"), "does not have five fields"),
        (Recurrence(cron="61 * * * *"), "bad minute"),
        (Recurrence(cron="0 0 30 2 *"), "bad day-of-month"),
        (Recurrence(every_seconds=0.5), "not between a second and a year"),
        (Recurrence(every_seconds=1e12), "not between a second and a year"),
        (Recurrence(cron="0 0 * * *", timezone="Mars/Olympus"), "not a time zone"),
        (Recurrence(cron="0 0 * * *", timezone="../../etc/passwd"), "not a time zone"),
        (Recurrence(every_seconds=60, timezone="Europe"), "not a time zone"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_what_nobody_can_follow_is_refused(recurrence: Recurrence, complaint: str) -> None:
    with pytest.raises(RecurrenceInvalid, match=complaint):
        recurrence.next_after(BEGINNING, beginning=BEGINNING)
