"""Measure what happens to jobs: for Prometheus, and the last minutes for people who watch.

Asks nobody. What this hub did the orchestrator tells it after the transaction (`observe`); what the doors hear, it
hears too (`hear`). What can only be seen by looking is gathered by `gauges.py`.
"""

import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import msgspec

from server.jobs.changes import Changes
from server.jobs.job import Event, EventType
from server.jobs.kinds import Kinds
from server.observability.metrics import Durations, Metrics

RECENT_SECONDS = 120
"""For how long events are counted by the second, and durations kept one by one."""

DURATIONS_KEPT = 4096
"""Of each queue; when there are more in the time, the newest."""


class Percentiles(msgspec.Struct, frozen=True):
    """Of the recent past. *count* is how many they are of."""

    p50_seconds: float
    p95_seconds: float
    count: int


class Meter:
    """One hub's. *clock* is monotonic, *now* the wall's, in seconds."""

    def __init__(
        self,
        metrics: Metrics,
        kinds: Kinds,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._metrics = metrics
        self._kinds = kinds
        self._now = now
        self.waited = RecentDurations(clock)
        self.ran = RecentDurations(clock)
        self.through = RecentDurations(clock)
        """From the door back to it."""
        self.rates = RecentRates(clock)
        self._queues: dict[str, str] = {}

    def observe(self, changes: Changes) -> None:
        for (kind, type_), count in Counter((event.kind, event.type) for event in changes.events).items():
            self._metrics.job_events.labels(self._queue(kind), kind, type_.value).inc(count)
        self._keep(self._metrics.accept_seconds, None, self._since_asked(changes.events))
        self._keep(self._metrics.wait_seconds, self.waited, changes.waited)
        self._keep(self._metrics.run_seconds, self.ran, changes.ran)
        for role in changes.expired:
            self._metrics.leases_expired.labels(role.value).inc()

    def hear(self, event: Event) -> None:
        """An event that the doors heard, of whichever hub."""
        self.rates.count(event.type)
        if event.type.is_final and event.job_id is not None:
            queue, seconds = self._queue(event.kind), (max(0.0, self._now() - asked_at(event.job_id)),)
            self._metrics.door_seconds.observe((queue, event.kind), seconds)
            self.through.add(queue, seconds)

    def _since_asked(self, events: Iterable[Event]) -> Iterable[tuple[str, float]]:
        """Of what was accepted: a job's id tells when it was asked for."""
        now, accepted = self._now(), EventType.ACCEPTED
        for event in events:
            if event.type is accepted and event.job_id is not None:
                yield event.kind, max(0.0, now - asked_at(event.job_id))

    def _keep(
        self, durations: Durations, recent: "RecentDurations | None", lasted: Iterable[tuple[str, float]]
    ) -> None:
        of_kind: defaultdict[str, list[float]] = defaultdict(list)
        for kind, seconds in lasted:
            of_kind[kind].append(seconds)
        for kind, values in of_kind.items():
            queue = self._queue(kind)
            durations.observe((queue, kind), values)
            if recent is not None:
                recent.add(queue, values)

    def _queue(self, kind: str) -> str:
        """Empty for a workflow, and for a kind that only an older or newer hub knows."""
        queue = self._queues.get(kind)
        if queue is None:
            known = self._kinds.knows(kind) and self._kinds.workflow(kind) is None
            queue = self._queues[kind] = self._kinds.get(kind).queue if known else ""
        return queue


class RecentDurations:
    """The durations of the last minutes, by queue."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of_queue: dict[str, deque[tuple[float, float]]] = {}

    def add(self, queue: str, seconds: Iterable[float]) -> None:
        now = self._clock()
        kept = self._of_queue.setdefault(queue, deque(maxlen=DURATIONS_KEPT))
        kept.extend((now, value) for value in seconds)

    def percentiles(self, queue: str) -> Percentiles | None:
        """None when there was nothing."""
        oldest = self._clock() - RECENT_SECONDS
        values = sorted(seconds for at, seconds in self._of_queue.get(queue, ()) if at >= oldest)
        if not values:
            return None
        return Percentiles(_nearest_rank(values, 0.5), _nearest_rank(values, 0.95), len(values))


class RecentRates:
    """How many events of each type there were in each of the last seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seconds: deque[tuple[int, dict[EventType, int]]] = deque(maxlen=RECENT_SECONDS)
        self._second = -1
        self._counts: dict[EventType, int] = {}

    def count(self, type_: EventType) -> None:
        second = int(self._clock())
        if second != self._second:
            self._second, self._counts = second, {}
            self._seconds.append((second, self._counts))
        self._counts[type_] = self._counts.get(type_, 0) + 1

    def by_second(self, *types: EventType, seconds: int = 60) -> list[int]:
        """The oldest first; the second that runs is left out."""
        counted = {second: sum(counts.get(type_, 0) for type_ in types) for second, counts in self._seconds}
        running = int(self._clock())
        return [counted.get(second, 0) for second in range(running - seconds, running)]


def asked_at(job_id: UUID) -> float:
    """When an id was made, in seconds of the wall's clock: a UUIDv7 begins with it."""
    return (job_id.int >> 80) / 1000


def _nearest_rank(ascending: Sequence[float], share: float) -> float:
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]
