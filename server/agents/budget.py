"""How much may still be spent: for a job, for its project today, by the whole hive today.

The hub knows what was spent and says what is left when an attempt begins (`Left`); from then on the process counts for
itself, what its attempts do at the same time too. Several processes may together overdraw by what is under way in them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec

from server.agents.model import BudgetSpent
from server.agents.money import dollars
from server.jobs.wire import Attempt

BUDGET = "budget"
"""The kind of message by which an agent asks, and is told, what is left."""


class BudgetAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    job_id: UUID
    attempt: Attempt


class Left(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In microdollars, never below zero."""

    job_id: UUID
    attempt: Attempt
    job: int
    project_day: int
    day: int


class Limits(msgspec.Struct, frozen=True):
    """In microdollars."""

    job: int
    project_day: int
    day: int


class Purse:
    """What the attempts of one process may spend. For one event loop."""

    def __init__(self) -> None:
        self._live: list[Budget] = []

    @contextmanager
    def budget(self, project: str, left: Left) -> Iterator["Budget"]:
        """For as long as the attempt lasts."""
        budget = Budget(self, project, left)
        self._live.append(budget)
        try:
            yield budget
        finally:
            self._live.remove(budget)

    def take(self, by: "Budget", microdollars: int) -> None:
        """Negative: it is given back."""
        for budget in self._live:
            if budget is by:
                budget.job -= microdollars
            if budget.project == by.project:
                budget.project_day -= microdollars
            budget.day -= microdollars


class Budget:
    """What one attempt may still spend, as far as this process knows."""

    def __init__(self, purse: Purse, project: str, left: Left) -> None:
        self.project = project
        self.job, self.project_day, self.day = left.job, left.project_day, left.day
        self._purse = purse

    @contextmanager
    def reserve(self, at_most: int) -> Iterator["Reservation"]:
        """Set *at_most* microdollars aside for a call; what it did not cost goes back. Raises `BudgetSpent`."""
        for scope, left in (("job", self.job), ("project", self.project_day), ("day", self.day)):
            if at_most > left:
                raise BudgetSpent(scope, _spent(scope, at_most, left), hint=_HINTS[scope])
        reservation = Reservation()
        self._purse.take(self, at_most)
        try:
            yield reservation
        finally:
            self._purse.take(self, reservation.cost - at_most)


class Reservation:
    """*cost*: what the call came to, in microdollars; set by who made it."""

    cost = 0


def _spent(scope: str, at_most: int, left: int) -> str:
    return f"the budget of this {scope} has {dollars(max(0, left))} left, and the next call may cost {dollars(at_most)}"


_HINTS = {
    "job": "see HIVE_BUDGET_JOB",
    "project": "it begins anew at midnight UTC; see HIVE_BUDGET_PROJECT_DAY",
    "day": "it begins anew at midnight UTC; see HIVE_BUDGET_DAY",
}
