"""How much one caller may ask: token buckets in this process.

Not shared among hubs: with more hubs a caller gets more. That is meant: the limits keep one hub well.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """*burst* at once, then *per_second*."""

    per_second: float
    burst: float


class Limiter:
    """One bucket for each caller, all of one *rate*. Forgets the callers unheard of for longest beyond *callers*."""

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = time.monotonic, callers: int = 10_000) -> None:
        self._rate = rate
        self._clock = clock
        self._callers = callers
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Take one token. Returns 0.0, or the seconds after which it is worth asking again."""
        left, now = self._refilled(caller)
        if left >= 1:
            self._keep(caller, left - 1, now)
            return 0.0
        self._keep(caller, left, now)
        return (1 - left) / self._rate.per_second

    def _refilled(self, caller: str) -> tuple[float, float]:
        now = self._clock()
        left, at = self._buckets.get(caller, (self._rate.burst, now))
        return min(self._rate.burst, left + (now - at) * self._rate.per_second), now

    def _keep(self, caller: str, left: float, now: float) -> None:
        self._buckets[caller] = (left, now)
        self._buckets.move_to_end(caller)
        if len(self._buckets) > self._callers:
            self._buckets.popitem(last=False)


PER_ADDRESS = Rate(per_second=500, burst=2_000)
PER_KEY = Rate(per_second=100, burst=500)
WRONG_KEYS_PER_ADDRESS = Rate(per_second=0.2, burst=20)
LOGINS_PER_ADDRESS = Rate(per_second=0.05, burst=10)


class Limits:
    """Generous to people and programs, tight on wrong keys."""

    def __init__(
        self,
        *,
        address: Rate = PER_ADDRESS,
        key: Rate = PER_KEY,
        wrong_keys: Rate = WRONG_KEYS_PER_ADDRESS,
        logins: Rate = LOGINS_PER_ADDRESS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = Limiter(address, clock=clock)
        self.key = Limiter(key, clock=clock)
        self.wrong_keys = Limiter(wrong_keys, clock=clock)
        self.logins = Limiter(logins, clock=clock)
