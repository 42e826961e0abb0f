"""Long work that pauses while short work is under way."""

import threading

import pytest

from server.agents.courtesy import Courtesy
from server.analysis.budget import OutOfTime


def test_who_is_patient_works_on_where_nobody_hurries() -> None:
    courtesy = Courtesy()
    with courtesy.hurry():
        pass

    courtesy.patient(60.0).spend()


def test_who_is_patient_waits_until_the_last_one_in_a_hurry_is_done() -> None:
    courtesy = Courtesy()
    spent = threading.Event()

    with courtesy.hurry():
        with courtesy.hurry():
            budget = courtesy.patient(60.0)
            threading.Thread(target=lambda: (budget.spend(), spent.set())).start()
        assert not spent.wait(0.05)

    assert spent.wait(10.0)


def test_a_pause_does_not_count_and_does_not_last_for_ever() -> None:
    courtesy = Courtesy()
    budget = courtesy.patient(0.3)

    with courtesy.hurry():
        budget.spend()  # a pause that is longer than the budget
        budget.withdraw()
        with pytest.raises(OutOfTime):
            budget.spend()
