"""What the hub counts, for `/metrics`. Names follow Prometheus: `hive_` first, the unit last."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

LATENCY_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """One set per hub, in a registry of its own: two hubs in one process do not mix."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, of no use to anybody here
        self.registry = CollectorRegistry()
        self.job_events = Counter(
            "hive_job_events_total", "Job events told to the doors", ["kind", "type"], registry=self.registry
        )
        self.webhook_answers = Counter(
            "hive_webhook_answers_total", "Answers to webhook deliveries", ["status"], registry=self.registry
        )
        self.webhook_seconds = Histogram(
            "hive_webhook_seconds",
            "From a delivery's last byte to its answer",
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )
        self.editors = Gauge("hive_editors", "Editors connected", registry=self.registry)
        self.jobs = Gauge("hive_jobs", "Jobs in the hot table", ["kind", "state"], registry=self.registry)
        self.agent_restarts = Counter(
            "hive_child_restarts_total",
            "Worker processes that ended and were started again",
            ["queue"],
            registry=self.registry,
        )
