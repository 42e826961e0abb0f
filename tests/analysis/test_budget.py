"""How long a file may be looked at: what counts, and what does not."""

import pytest

from server.analysis.budget import Budget, OutOfTime


class Machine:
    """The time of day, and how much of it a thread worked."""

    def __init__(self) -> None:
        self.now = self.worked = 0.0

    def pass_(self, seconds: float, *, working: float) -> None:
        self.now += seconds
        self.worked += working

    def budget(self, seconds: float) -> Budget:
        return Budget(seconds, lambda: self.now, lambda: self.worked)


def test_what_a_thread_waits_for_the_machine_does_not_count() -> None:
    machine = Machine()
    budget = machine.budget(5.0)

    machine.pass_(60.0, working=3.0)
    budget.spend()
    machine.pass_(60.0, working=1.0)
    budget.spend()
    machine.pass_(60.0, working=1.0)

    with pytest.raises(OutOfTime):
        budget.spend()


def test_what_passed_before_the_work_began_does_not_count() -> None:
    machine = Machine()
    budget = machine.budget(5.0)

    machine.pass_(60.0, working=60.0)  # of what else this thread had to do
    budget.begin()

    budget.spend()


def test_what_nobody_wants_any_more_does_not_begin() -> None:
    budget = Machine().budget(5.0)

    budget.withdraw()
    budget.begin()

    with pytest.raises(OutOfTime):
        budget.spend()
