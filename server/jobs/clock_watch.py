"""Notice that the database's clock went ahead of time itself: somebody set it, or the whole machine was asleep.

Pure. All leases look as if they had run out then, though nobody was silent: `orchestrator.py` lets agents beat first.
"""

from datetime import datetime


class ClockWatch:
    def __init__(self) -> None:
        self._seen: tuple[datetime, float] | None = None

    def went_ahead(self, database: datetime, *, asked_at: float, heard_at: float, by_seconds: float) -> bool:
        """Since the last look. The others are of this process's monotonic clock, which stands still while the machine
        sleeps: between two looks went at most what went between the first's question and the second's answer.
        """
        before, self._seen = self._seen, (database, asked_at)
        if before is None:
            return False
        return (database - before[0]).total_seconds() - (heard_at - before[1]) > by_seconds
