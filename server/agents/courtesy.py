"""Long reviews give way to short ones: Python runs one thread at a time, and somebody waits for the short answer."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from server.analysis.budget import Budget

MAX_PAUSE_SECONDS = 0.5
OWN_SECONDS = 0.05
"""After such a pause, in one or in many pieces, it works so long without another: also a long review ends, however many
short ones come.
"""

SENDING_SECONDS = 0.02


class Courtesy:
    """Who is in a hurry says so with `hurry`; who is not works by the budgets of `patient`."""

    def __init__(self) -> None:
        self._hurrying = 0
        self._free = threading.Event()
        self._free.set()

    @contextmanager
    def hurry(self) -> Iterator[None]:
        """On the event loop only. Holds a moment longer, in which the loop sends the answer."""
        self._hurrying += 1
        self._free.clear()
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(SENDING_SECONDS, self._end_hurry)

    def _end_hurry(self) -> None:
        self._hurrying -= 1
        if not self._hurrying:
            self._free.set()

    def patient(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> Budget:
        return _PatientBudget(seconds, self._free, clock)


class _PatientBudget(Budget):
    """Pauses do not count: nothing is worked in them."""

    def __init__(self, seconds: float, free: threading.Event, clock: Callable[[], float]) -> None:
        super().__init__(seconds, clock)
        self._free = free
        self._paused = 0.0
        self._own_until = float("-inf")

    def spend(self) -> None:
        super().spend()
        if self._free.is_set() or (began := self._clock()) < self._own_until:
            return
        self._free.wait(MAX_PAUSE_SECONDS - self._paused)
        now = self._clock()
        self._paused += now - began
        if self._paused >= MAX_PAUSE_SECONDS:
            self._paused, self._own_until = 0.0, now + OWN_SECONDS
