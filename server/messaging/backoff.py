"""How long to wait before Redis is tried again: longer each time, and not all at once."""

import random

FIRST_SECONDS = 0.05
LONGEST_SECONDS = 2.0


class Backoff:
    """Of one reader; `reset` when Redis answers again."""

    def __init__(self) -> None:
        self._failures = 0

    @property
    def is_fresh(self) -> bool:
        return self._failures == 0

    def reset(self) -> None:
        self._failures = 0

    def next_seconds(self) -> float:
        """Between half and all of the doubled wait, so that readers do not come back in step."""
        longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0**self._failures)
        self._failures += 1
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
