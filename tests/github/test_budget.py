"""What may be asked of GitHub in one installation's name, and when. A clock is moved by hand."""

import pytest

from server.effects.budget import Budget
from server.effects.remembered import Answer, Answers
from server.jobs.job import Snooze

LIMIT = 5_000


class Moment:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def budget(moment: Moment) -> Budget:
    return Budget(moment)


def told(moment: Moment, remaining: int, *, resource: str = "core") -> dict[str, str]:
    reset = str(int(moment.now) + 600)
    return {
        "x-ratelimit-limit": str(LIMIT),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": reset,
        "x-ratelimit-resource": resource,
    }


def ask(budget: Budget, repository: str, times: int = 1, *, creates: bool = False) -> float:
    """For how long it is to wait; 0 when all may be asked."""
    try:
        for _ in range(times):
            budget.claim(repository, creates=creates)
    except Snooze as snooze:
        return snooze.seconds
    return 0.0


def test_a_busy_repository_leaves_the_last_fifth_to_others(budget: Budget, moment: Moment) -> None:
    assert ask(budget, "octo/busy", 4_000) == 0
    budget.heed(told(moment, 1_000))

    assert ask(budget, "octo/busy") == pytest.approx(601)
    assert ask(budget, "octo/quiet", 250) == 0
    assert ask(budget, "octo/quiet") > 0


def test_when_nothing_is_left_everybody_waits_until_the_hour_is_over(budget: Budget, moment: Moment) -> None:
    budget.heed(told(moment, 0))
    assert ask(budget, "octo/quiet") == pytest.approx(601)

    moment.now += 601

    assert ask(budget, "octo/quiet") == 0


def test_other_limits_than_those_of_rest_are_not_taken_for_it(budget: Budget, moment: Moment) -> None:
    budget.heed(told(moment, 0, resource="graphql"))
    budget.heed({"x-ratelimit-remaining": "0"})

    assert ask(budget, "octo/demo") == 0


def test_posts_are_paced_and_reads_are_not(budget: Budget, moment: Moment) -> None:
    assert ask(budget, "octo/demo", 80, creates=True) == 0
    assert ask(budget, "octo/demo", creates=True) == pytest.approx(60)
    assert ask(budget, "octo/demo") == 0

    moment.now += 61
    assert ask(budget, "octo/demo", 80, creates=True) == 0


def test_no_more_than_five_hundred_posts_come_in_an_hour(budget: Budget, moment: Moment) -> None:
    began = moment.now
    for _ in range(10):
        assert ask(budget, "octo/demo", 50, creates=True) == 0
        moment.now += 60

    assert ask(budget, "octo/demo", creates=True) == pytest.approx(began + 3600 - moment.now)


def test_what_is_remembered_is_bounded_and_nobody_elses() -> None:
    answers = Answers(100)
    for number in range(5):
        answers.keep((1, f"/{number}"), Answer("e", "json", "", b"x" * 30))

    assert [number for number in range(5) if answers.get((1, f"/{number}"))] == [2, 3, 4]
    assert answers.get((2, "/4")) is None
