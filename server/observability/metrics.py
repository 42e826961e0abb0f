"""What the hub counts, for `/metrics`. Names follow Prometheus: `hive_` first, the unit last.

Here is what there is to count; `server/jobs/meter.py` and `gauges.py` feed what is about jobs.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

Labels = TypeVar("Labels", bound=tuple[str, ...])

LATENCY_SECONDS = (0.001, 0.002, 0.003, 0.006, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Durations(Collector):
    """A histogram that takes whole batches: thousands of values a second cost the orchestrator next to nothing.

    For one event loop: without locks.
    """

    def __init__(self, name: str, documentation: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._family = (name, documentation, labels)
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        registry.register(self)

    def observe(self, labels: tuple[str, ...], seconds: Iterable[float]) -> None:
        counts = self._counts.setdefault(labels, [0] * (len(LATENCY_SECONDS) + 1))
        total = 0.0
        for value in seconds:
            counts[bisect_left(LATENCY_SECONDS, value)] += 1
            total += value
        self._sums[labels] = self._sums.get(labels, 0.0) + total

    def collect(self) -> Iterable[HistogramMetricFamily]:
        name, documentation, labels = self._family
        family = HistogramMetricFamily(name, documentation, labels=labels)
        for values, counts in self._counts.items():
            family.add_metric(values, _cumulative(counts), self._sums[values])
        yield family

    def describe(self) -> Iterable[HistogramMetricFamily]:
        """Its names, so that nobody else takes them."""
        name, documentation, labels = self._family
        yield HistogramMetricFamily(name, documentation, labels=labels)


class Metrics:
    """One set per hub, in a registry of its own: two hubs in one process do not mix.

    Counters and histograms are of what this hub did, so they add up over hubs; gauges of jobs, queues, streams and
    agents are of the whole, so every hub shows the same.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, of no use to anybody here
        self.registry = CollectorRegistry()
        self._of_jobs()
        self._of_queues()
        self._of_streams()
        self._of_members()
        self._of_doors()
        self._of_models()

    def _of_jobs(self) -> None:
        """*type* is a job's event: accepted, started, succeeded, retry, crashed, lost, dead, ..."""
        self.job_events = self._counter("hive_job_events_total", "What happened to jobs", "queue", "kind", "type")
        labels = ("queue", "kind")
        self.accept_seconds = Durations(
            "hive_job_accept_seconds", "From a request at its door to its record", labels, self.registry
        )
        self.wait_seconds = Durations(
            "hive_job_wait_seconds", "From when a job could start to when it was handed out", labels, self.registry
        )
        self.run_seconds = Durations(
            "hive_job_run_seconds", "From when an attempt was handed out to its end", labels, self.registry
        )
        self.door_seconds = Durations(
            "hive_job_door_seconds",
            "From a request at its door to the door's hearing of its end",
            labels,
            self.registry,
        )
        self.jobs = self._gauge("hive_jobs", "Jobs that are alive or dead", "kind", "state")
        self.dead_letters = self._gauge("hive_dead_letters", "What failed for good or could not be opened", "type")

    def _of_queues(self) -> None:
        self.queue_depth = self._gauge("hive_queue_depth", "Jobs in line", "queue", "priority")
        self.queue_oldest_seconds = self._gauge(
            "hive_queue_oldest_seconds", "For how long the first in line could have run", "queue", "priority"
        )
        self.queue_delayed = self._gauge("hive_queue_delayed", "Jobs that wait for their time", "queue", "priority")
        self.queue_running = self._gauge("hive_queue_running", "Attempts under way", "queue")
        self.queue_capacity = self._gauge("hive_queue_capacity", "Attempts that the living agents can run", "queue")
        self.held = self._gauge("hive_jobs_held", "Jobs that wait for a limit", "limit")

    def _of_streams(self) -> None:
        self.stream_entries = self._gauge("hive_stream_entries", "Entries of a stream", "stream")
        self.stream_pending = self._gauge("hive_stream_pending", "Entries read and not yet acknowledged", "stream")
        self.stream_lag = self._gauge("hive_stream_lag", "Entries that no consumer has read yet", "stream")
        self.inbox_entries = self._gauge("hive_inbox_entries", "Entries in all inboxes of a role's agents", "role")

    def _of_members(self) -> None:
        self.agents = self._gauge("hive_agents", "Agents that work", "role", "state")
        self.agents_silent_seconds = self._gauge(
            "hive_agents_silent_seconds", "For how long the most silent agent was not heard", "role"
        )
        self.leases_expired = self._counter("hive_leases_expired_total", "Agents whose lease ran out", "role")
        self.agent_restarts = self._counter(
            "hive_child_restarts_total", "Worker processes that ended and were started again", "queue"
        )
        self.is_leader = self._gauge("hive_leader", "1 where this hub leads")
        self.leader_epoch = self._gauge(
            "hive_leader_epoch", "The fencing epoch under which this hub leads; 0 while it does not"
        )
        self.gauged_at = self._gauge("hive_gauges_gathered_timestamp_seconds", "When the gauges were last gathered")
        self.gauging_seconds = self._gauge("hive_gauges_gathering_seconds", "How long that took")

    def _of_doors(self) -> None:
        self.webhook_answers = self._counter("hive_webhook_answers_total", "Answers to webhook deliveries", "status")
        self.webhook_seconds = Histogram(
            "hive_webhook_seconds",
            "From a delivery's last byte to its answer",
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )
        self.editors = self._gauge("hive_editors", "Editors connected")

    def _of_models(self) -> None:
        """*model*: its name, where its price is known, else `other`."""
        self.model_calls = self._counter("hive_model_calls_total", "Calls of a model", "model", "outcome")
        self.model_tokens = self._counter("hive_model_tokens_total", "Tokens that were billed", "model", "type")
        self.model_cost = self._counter("hive_model_cost_dollars_total", "What calls of a model cost", "model")

    def count_model_call(self, model: str, outcome: str, tokens: Mapping[str, int], dollars: float) -> None:
        self.model_calls.labels(model, outcome).inc()
        self.model_cost.labels(model).inc(dollars)
        for type_, count in tokens.items():
            self.model_tokens.labels(model, type_).inc(count)

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(name, documentation, labels, registry=self.registry)

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(name, documentation, labels, registry=self.registry)


def replace(gauge: Gauge, values: Mapping[Labels, float]) -> None:
    """The gauge's series are these and no others."""
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)


def _cumulative(counts: Sequence[int]) -> list[tuple[str, float]]:
    """As Prometheus counts: each bucket holds those below it too."""
    total = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*LATENCY_SECONDS, float("inf")), counts, strict=True):
        total += count
        buckets.append((floatToGoString(bound), total))  # type: ignore[no-untyped-call]  # prometheus-client left it untyped
    return buckets
