"""What may be asked of GitHub in one installation's name, and when: its limits, and fairness among its repositories.

Pure but for the clock. GitHub's own word counts most: what it tells with each answer, and how long it asked us to wait.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping

from server.jobs.job import Snooze

CREATED_AT_MOST = ((60.0, 80), (3600.0, 500))
"""Requests that create content, in so many seconds: GitHub's secondary limit."""

RESERVE = 0.2
"""Of an hour's requests, kept for repositories that have asked for little."""

LITTLE = 0.05
"""Of an hour's requests: what a repository may always ask for, as long as there are any."""

LONGEST_WAIT_SECONDS = 900.0
"""Of who waits for a share: others may be done sooner than the hour is over."""


class Budget:
    """Of one installation, as far as this process knows. *now*: seconds since 1970."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._waits_until = 0.0
        self._limit = self._remaining = 0
        self._resets_at = 0.0
        self._asked: Counter[str] = Counter()
        self._created: deque[float] = deque()

    def claim(self, repository: str, *, creates: bool) -> None:
        """Before a request. Raises Snooze when it is to come later. *creates*: a comment, a review, a check."""
        now = self._now()
        if now < self._waits_until:
            raise Snooze(self._waits_until - now, "GitHub asked this installation to wait")
        if self._limit and now >= self._resets_at:
            self._asked.clear()
            self._limit = 0
        if self._limit and not self._has_share(repository):
            wait = min(LONGEST_WAIT_SECONDS, self._resets_at - now + 1.0)
            why = f"{repository} has had its share of the installation's {self._limit:,} requests an hour"
            raise Snooze(wait, why)
        if creates:
            self._pace(now)
            self._created.append(now)
        self._asked[repository] += 1

    def heed(self, headers: Mapping[str, str]) -> None:
        """What an answer tells of the limits."""
        told = {name: headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")}
        if headers.get("x-ratelimit-resource", "core") == "core" and all(map(str.isdecimal, told.values())):
            self._limit, self._remaining = int(told["limit"]), int(told["remaining"])
            self._resets_at = float(told["reset"])

    def wait(self, seconds: float) -> None:
        """GitHub asked for patience: until then nothing is asked at all."""
        self._waits_until = max(self._waits_until, self._now() + seconds)

    def _has_share(self, repository: str) -> bool:
        if self._remaining <= 0:
            return False
        return self._remaining > self._limit * RESERVE or self._asked[repository] < self._limit * LITTLE

    def _pace(self, now: float) -> None:
        while self._created and self._created[0] <= now - CREATED_AT_MOST[-1][0]:
            self._created.popleft()
        for seconds, most in CREATED_AT_MOST:
            if len(self._created) >= most and (free_at := self._created[-most] + seconds) > now:
                raise Snooze(free_at - now, f"GitHub takes {most} posts in {seconds:.0f} seconds, and has had them")
