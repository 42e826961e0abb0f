"""Token buckets, with the clock in the test's hand."""

import pytest

from server.security.limits import Limiter, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_goes_through_and_then_the_rate_holds() -> None:
    clock = Clock()
    limiter = Limiter(Rate(per_second=2, burst=3), clock=clock)

    assert [limiter.take("ada") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    clock.now += 0.5
    assert limiter.take("ada") == 0.0
    assert limiter.take("ada") == pytest.approx(0.5)


def test_asking_while_refused_does_not_make_it_longer() -> None:
    clock = Clock()
    limiter = Limiter(Rate(per_second=1, burst=1), clock=clock)
    limiter.take("ada")

    waits = [limiter.take("ada") for _ in range(100)]

    assert waits == [1.0] * 100


def test_callers_do_not_share_a_bucket() -> None:
    limiter = Limiter(Rate(per_second=1, burst=1), clock=Clock())
    limiter.take("ada")

    assert limiter.take("bob") == 0.0


def test_rest_fills_the_bucket_but_not_over_its_rim() -> None:
    clock = Clock()
    limiter = Limiter(Rate(per_second=1, burst=2), clock=clock)
    limiter.take("ada")
    clock.now += 3600

    assert [limiter.take("ada") for _ in range(3)] == [0.0, 0.0, 1.0]


def test_a_flood_of_callers_takes_no_more_memory_than_agreed() -> None:
    limiter = Limiter(Rate(per_second=1, burst=1), clock=Clock(), callers=2)
    for caller in ("ada", "bob", "eve"):
        limiter.take(caller)

    assert limiter.take("bob") > 0
    assert limiter.take("ada") == 0.0  # unheard of for longest, and so forgotten
