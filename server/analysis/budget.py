"""How long one file may take. Hostile text must not hold an agent: the report says that the time ran out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class OutOfTime(Exception):
    """The file took longer than it may."""


class Budget:
    """*seconds* of the given clock from now."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._ends = clock() + seconds

    def withdraw(self) -> None:
        """Nobody wants the result any more: the work ends at its next `spend`, on whatever thread it runs."""
        self._ends = float("-inf")

    def spend(self) -> None:
        """Call between small pieces of work. Raises OutOfTime once nothing is left."""
        if self._clock() > self._ends:
            raise OutOfTime


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def spending(budget: Budget) -> Iterator[None]:
    """What is done within spends this one."""
    token = _current.set(budget)
    try:
        yield
    finally:
        _current.reset(token)


def spend() -> None:
    """For loops over all of a file that lie too deep to be handed a budget. Raises OutOfTime as a budget does."""
    budget = _current.get()
    if budget is not None:
        budget.spend()
