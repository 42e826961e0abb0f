"""When a loop rests so that messages gather, and when it does not."""

import pytest

from server.jobs.pace import REST_SECONDS, Pace


@pytest.mark.parametrize(
    ("per_second", "count", "turn_seconds", "rests"),
    [
        pytest.param(1_000, 1, 0.001, True, id="one by one, and very many"),
        pytest.param(500, 1, 0.001, False, id="one by one, and not so many"),
        pytest.param(50, 1, 0.001, False, id="few"),
        pytest.param(10_000, 256, 0.02, False, id="as many as a turn can take: they gathered by themselves"),
    ],
)
def test_a_loop_rests_in_a_rush_of_small_turns_only(
    per_second: float, count: int, turn_seconds: float, rests: bool
) -> None:
    pace, now, rest_seconds = Pace(), 100.0, 0.0
    for _ in range(2_000):
        began = now
        now = max(began + turn_seconds, began + count / per_second - rest_seconds)
        rest_seconds = pace.rest_seconds(count, now - turn_seconds, now)
    assert rest_seconds == (REST_SECONDS if rests else 0.0)


def test_after_a_rush_the_first_message_that_comes_alone_is_not_kept_waiting_for_long() -> None:
    pace, now = Pace(), 100.0
    for _ in range(1_000):
        now += 0.001
        pace.rest_seconds(1, now - 0.0005, now)
    assert pace.rest_seconds(1, now + 0.9995, now + 1.0) == 0.0
