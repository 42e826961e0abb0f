"""Shared memory in which every job of a measurement has a place: when it was submitted, started and seen to have ended.

All clocks of one machine are one: `time.monotonic_ns`. Standard library only, because peers use it in environments of
their own.
"""

import mmap
import os
import time
from collections.abc import Sequence
from pathlib import Path

PLACES = 150_000
_ROWS = 4
_HURRY = PLACES * _ROWS
_SIZE_BYTES = 8 * (_HURRY + 1)


class Board:
    """Each place is written by who submits, by who runs and by who hears of the end, so no two write the same cell."""

    def __init__(self, path: Path) -> None:
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.truncate(_SIZE_BYTES)
            self._cells = memoryview(mmap.mmap(file.fileno(), _SIZE_BYTES)).cast("q")
        self.submitted, self.started, self.runs, self.ended = (
            self._cells[row * PLACES : (row + 1) * PLACES] for row in range(_ROWS)
        )

    def submit(self, place: int) -> None:
        self.submitted[place] = time.monotonic_ns()

    def start(self, place: int) -> None:
        self.started[place] = time.monotonic_ns()
        self.runs[place] += 1

    def end(self, place: int) -> None:
        self.ended[place] = time.monotonic_ns()

    @property
    def hurry(self) -> bool:
        """Whether jobs that begin from now on are to end at once, however long they were to be."""
        return bool(self._cells[_HURRY])

    @hurry.setter
    def hurry(self, value: bool) -> None:
        self._cells[_HURRY] = int(value)

    def clear(self) -> None:
        for row in (self.submitted, self.started, self.runs, self.ended):
            row[:] = memoryview(bytes(8 * PLACES)).cast("q")
        self.hurry = False

    def any_started(self) -> bool:
        return any(self.started)

    def all_ran(self, places: range) -> "Progress":
        return Progress(self.runs, places)

    def count_ran(self) -> int:
        return PLACES - self.runs.tolist().count(0)

    def first_start(self, places: range) -> int:
        return min(at for at in self.started[places.start : places.stop].tolist() if at)

    def start_seconds(self, places: range) -> list[float]:
        """From submitted to started, of each."""
        return _seconds(self.submitted, self.started, places)

    def round_trip_seconds(self, places: range) -> list[float]:
        """From submitted to known to have ended, of each."""
        return _seconds(self.submitted, self.ended, places)


class Progress:
    """Asked again and again whether every place is marked, it never looks twice at those that were."""

    def __init__(self, row: Sequence[int], places: range) -> None:
        self._row, self._at, self._stop = row, places.start, places.stop

    def __call__(self) -> bool:
        while self._at < self._stop and self._row[self._at]:
            self._at += 1
        return self._at == self._stop


def _seconds(begins: Sequence[int], ends: Sequence[int], places: range) -> list[float]:
    return [(ends[place] - begins[place]) / 1e9 for place in places if ends[place]]
