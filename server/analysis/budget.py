"""How long one file may take. Hostile text must not hold an agent: the report says that the time ran out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class OutOfTime(Exception):
    """The file took longer than it may."""


class Budget:
    """*seconds* of work of one thread. What it waits for the machine, or for its turn, costs the file nothing: else its
    findings came and went with whatever else ran there.
    """

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        """*worked*: how long this thread did, which is never more than what *clock* counts."""
        self.seconds = seconds
        self._clock = clock
        self._worked = worked
        self._is_withdrawn = False
        self.begin()

    def begin(self) -> None:
        """The work begins now, on this thread."""
        self._began = self._worked()
        self._look_again = self._clock() + self.seconds

    def withdraw(self) -> None:
        """Nobody wants the result any more: the work ends at its next `spend`, on whatever thread it runs."""
        self._is_withdrawn = True

    def spend(self) -> None:
        """Call between small pieces of work. Raises OutOfTime once nothing is left."""
        if self._is_withdrawn:
            raise OutOfTime
        if self._clock() > self._look_again:  # what a thread worked costs ten times as much to ask
            left = self.seconds - (self._worked() - self._began)
            if left <= 0:
                raise OutOfTime
            self._look_again = self._clock() + left


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
