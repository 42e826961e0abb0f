"""A circuit breaker: who failed again and again is left alone for a while, then tried once.

closed ──failures──▶ open ──after a pause──▶ half-open ──success──▶ closed
                      ▲                          └──failure──┘
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from server.agents.model import ModelAway

FAILURES = 5
OPEN_SECONDS = 30.0


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """*clock*: monotonic seconds. For one event loop."""

    def __init__(
        self, clock: Callable[[], float], *, failures: int = FAILURES, open_seconds: float = OPEN_SECONDS
    ) -> None:
        self._clock = clock
        self._allowed = failures
        self._open_seconds = open_seconds
        self._failures = 0
        self._open_until: float | None = None
        self._is_tried = False

    @property
    def state(self) -> BreakerState:
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._clock() < self._open_until else BreakerState.HALF_OPEN

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """One call. `ModelAway` in it is a failure, anything else an answer; who is cancelled tells neither.

        Raises `ModelAway` at once while it is open, and while another tries whether it may be closed.
        """
        state = self.state
        if state is BreakerState.OPEN or (state is BreakerState.HALF_OPEN and self._is_tried):
            raise ModelAway("the model failed several times in a row", hint="it is tried again in a moment")
        self._is_tried = state is BreakerState.HALF_OPEN
        try:
            yield
        except ModelAway:
            self._fail()
            raise
        except Exception:
            self._close()
            raise
        else:
            self._close()
        finally:
            self._is_tried = False

    def _fail(self) -> None:
        self._failures += 1
        if self._failures >= self._allowed:
            self._open_until = self._clock() + self._open_seconds

    def _close(self) -> None:
        self._failures = 0
        self._open_until = None
