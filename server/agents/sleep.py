"""How a reviewing agent falls asleep and wakes: what it can have again it lets go of, and takes up again, warm.

When that happens is `server/jobs/life.py`'s affair. Asleep, the process is its inbox and its beat.
"""

import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from server.agents.reviewer import Reviewer

MEBIBYTE = 2**20


class ReviewerSleep:
    """Make it before privileges are dropped: afterwards nothing of the C library may be looked up."""

    def __init__(self, reviewer: Reviewer) -> None:
        self._reviewer = reviewer
        self._give_back_memory = _trim()

    async def consolidate(self) -> str:
        """Without the linter's process, without garbage, and what was freed goes back to the system."""
        before = resident_bytes()
        await self._reviewer.rest()
        gc.collect()
        self._give_back_memory(0)
        after = resident_bytes()
        return f"{before // MEBIBYTE} -> {after // MEBIBYTE} MiB, and no linter" if after else "no linter"

    async def wake(self) -> None:
        await self._reviewer.start()


def resident_bytes() -> int:
    """What this process has in memory; 0 where the system does not tell."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def _trim() -> Callable[[int], object]:
    """glibc keeps what was freed for later; other C libraries have nothing of the kind."""
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return lambda _: None
    return trim
