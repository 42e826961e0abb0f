"""How much may still be spent: for a job, for its project today, by the whole hive today.

The hub knows what was spent and says what is left when an attempt begins (`Left`); from then on the process counts for
itself, what its attempts do at the same time too. Several processes may together overdraw by what is under way in them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
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
        self._settled: asyncio.Future[None] | None = None

    @contextmanager
    def budget(self, project: str, left: Left) -> Iterator["Budget"]:
        """For as long as the attempt lasts."""
        budget = Budget(self, project, left)
        self._live.append(budget)
        try:
            yield budget
        finally:
            self._live.remove(budget)

    def set_aside(self, by: "Budget", microdollars: int) -> list["Pot"]:
        """Answers from what it was taken."""
        pots = list(self._pots(by))
        for pot in pots:
            pot.left -= microdollars
            pot.set_aside += microdollars
        return pots

    def settle(self, by: "Budget", pots: Sequence["Pot"], at_most: int, cost: int) -> None:
        """What a call of *by* came to; *pots*: those from which *at_most* was taken. Who came meanwhile pays, too."""
        for pot in pots:
            pot.left += at_most - cost
            pot.set_aside -= at_most
        for pot in self._pots(by):
            if pot not in pots:
                pot.left -= cost
        if self._settled is not None:
            self._settled.set_result(None)
            self._settled = None

    async def settling(self) -> None:
        """Until the next call has ended, whoever's it is."""
        if self._settled is None:
            self._settled = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._settled)

    def _pots(self, by: "Budget") -> Iterator["Pot"]:
        """From which a call of *by* is paid, also as others see them."""
        for budget in self._live:
            if budget is by:
                yield budget.job
            if budget.project == by.project:
                yield budget.project_day
            yield budget.day


class Pot:
    """*left*: without what is *set_aside* for calls under way. In microdollars."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.set_aside = 0


class Budget:
    """What one attempt may still spend, as far as this process knows."""

    def __init__(self, purse: Purse, project: str, left: Left) -> None:
        self.project = project
        self.job, self.project_day, self.day = Pot(left.job), Pot(left.project_day), Pot(left.day)
        self._purse = purse

    @asynccontextmanager
    async def reserve(self, at_most: int) -> AsyncIterator["Reservation"]:
        """Set *at_most* microdollars aside for a call; what it did not cost goes back.

        What calls under way may leave over is waited for. Raises `BudgetSpent`.
        """
        while short := [(scope, pot) for scope, pot in self._scopes() if at_most > pot.left]:
            for scope, pot in short:
                if at_most > pot.left + pot.set_aside:
                    raise BudgetSpent(scope, _spent(scope, at_most, pot.left), hint=_HINTS[scope])
            await self._purse.settling()
        reservation = Reservation()
        pots = self._purse.set_aside(self, at_most)
        try:
            yield reservation
        finally:
            self._purse.settle(self, pots, at_most, reservation.cost)

    def _scopes(self) -> tuple[tuple[str, Pot], ...]:
        return ("job", self.job), ("project", self.project_day), ("day", self.day)


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
