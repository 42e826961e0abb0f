"""A right that ends by itself: renewed in time, or given up here before Postgres may give it to somebody else.

Judged by this process's monotonic clock from before each renewal was asked for, so that it ends here first, whatever
happens to the wall clock. Neither says who gets the right nor what it allows: `leader.py` and `locks.py` do.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from server.cancellation import stop_if_cancelled
from server.db import DATABASE_AWAY

RENEWALS = 3
"""A lease is renewed when a third of it is over; what fails is tried again four times as often."""

MARGIN = 0.1
"""The part of a lease that is not used, so that whoever works under it can be stopped before it ends."""

log = structlog.get_logger("hive.leases")


class Lease:
    """*seconds* long, from *asked_at* (the event loop's time before Postgres was asked for it).

    `lost` is set once it is over, for whatever reason; then it never comes back.
    """

    def __init__(self, seconds: float, *, asked_at: float) -> None:
        self.lost = asyncio.Event()
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._end_of(asked_at)
        # By a timer, so that a renewal that hangs delays nobody.
        self._timer = self._loop.call_at(self._ends_at, self.lost.set)

    @property
    def is_over(self) -> bool:
        """True also when the process was stopped for so long that nothing could set `lost` yet."""
        return self.lost.is_set() or self._loop.time() >= self._ends_at

    async def keep(self, renew: Callable[[], Awaitable[bool]]) -> None:
        """Renew until the lease is lost. *renew* answers False when somebody else has the right."""
        pause_seconds = self._seconds / RENEWALS
        try:
            while not self.is_over:
                await asyncio.sleep(pause_seconds)
                stop_if_cancelled()
                asked_at = self._loop.time()
                try:
                    async with asyncio.timeout_at(self._ends_at):
                        renewed = await renew()
                except DATABASE_AWAY as error:  # with it the timeout
                    log.warning("a lease waits for Postgres", error=type(error).__name__)
                    pause_seconds = self._seconds / RENEWALS / 4
                    continue
                if not renewed or self.is_over:
                    return
                self._extend(asked_at)
                pause_seconds = self._seconds / RENEWALS
        finally:
            self.give_up()

    def give_up(self) -> None:
        self._timer.cancel()
        self.lost.set()

    def _extend(self, asked_at: float) -> None:
        self._timer.cancel()
        self._ends_at = self._end_of(asked_at)
        self._timer = self._loop.call_at(self._ends_at, self.lost.set)

    def _end_of(self, asked_at: float) -> float:
        return asked_at + self._seconds * (1 - MARGIN)
