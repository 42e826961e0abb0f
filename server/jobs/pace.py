"""How fast messages come to a loop, and whether it should rest for a moment so that several go together."""

RUSH_PER_SECOND = 700.0
REST_SECONDS = 0.003
SHORT_TURN_SECONDS = 0.005
"""A turn that takes longer is of many messages already: they gathered meanwhile."""
MEMORY_SECONDS = 0.5


class Pace:
    """A transaction and its round trips for each single message of a thousand a second take more of a machine than the
    agents that do the work. While there are fewer, none waits for another. All times are seconds of one clock.
    """

    def __init__(self) -> None:
        self._per_second = 0.0
        self._turned_at = 0.0

    def rest_seconds(self, count: int, began: float, now: float) -> float:
        """After a turn with *count* messages that took from *began* to *now*."""
        passed = now - self._turned_at
        self._turned_at = now
        share = min(1.0, passed / MEMORY_SECONDS)
        self._per_second += (count / passed - self._per_second) * share if passed > 0 else 0.0
        is_rush = self._per_second > RUSH_PER_SECOND and now - began < SHORT_TURN_SECONDS
        return REST_SECONDS if is_rush else 0.0
