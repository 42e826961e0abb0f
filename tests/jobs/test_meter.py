"""What is measured of jobs, as Prometheus reads it."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from server.db import open_pool
from server.jobs.changes import Changes, Lasted
from server.jobs.failures import FailureViews
from server.jobs.gauges import GROUP, Gauges
from server.jobs.job import Event, EventType, new_job_id
from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.meter import RECENT_SECONDS, Meter, Percentiles, asked_at
from server.jobs.views import JobViews
from server.messaging import INTAKE, Role, connect, inbox
from server.observability.metrics import Metrics
from tests.jobs.job_rows import Rows

KINDS = Kinds(
    [Kind("review", "review"), Kind("publish", "effects")], [WorkflowKind("pull_request", (Step("review", "review"),))]
)
PROJECT = "github.com/o/r"


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def an_id(asked_at_seconds: float) -> UUID:
    return UUID(int=int(asked_at_seconds * 1000) << 80 | 0x7 << 76 | 0x2 << 62)


class Scraped:
    """What Prometheus would store."""

    def __init__(self, metrics: Metrics) -> None:
        families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
        self._samples = [sample for family in families for sample in family.samples]

    def value(self, name: str, **labels: str) -> float | None:
        values = [sample.value for sample in self._samples if sample.name == name and sample.labels == labels]
        assert len(values) < 2
        return values.pop() if values else None


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(metrics: Metrics, clock: Clock) -> Meter:
    return Meter(metrics, KINDS, clock=clock, now=clock)


class TestMeter:
    def test_events_are_counted_by_queue_kind_and_type(self, meter: Meter, metrics: Metrics) -> None:
        ids: Sequence[UUID] = [new_job_id() for _ in range(3)]
        meter.observe(Changes([Event(EventType.RETRY, PROJECT, job_id, "review") for job_id in ids]))
        meter.observe(Changes([Event(EventType.DEAD, PROJECT, ids[0], "pull_request")]))

        found = Scraped(metrics)

        assert found.value("hive_job_events_total", queue="review", kind="review", type="retry") == 3
        assert found.value("hive_job_events_total", queue="", kind="pull_request", type="dead") == 1

    def test_durations_become_a_histogram_that_prometheus_understands(self, meter: Meter, metrics: Metrics) -> None:
        meter.observe(Changes(waited=[Lasted("review", 0.003), Lasted("review", 0.005), Lasted("publish", 4000.0)]))

        found = Scraped(metrics)

        name = "hive_job_wait_seconds"
        assert found.value(f"{name}_bucket", queue="review", kind="review", le="0.002") == 0
        assert found.value(f"{name}_bucket", queue="review", kind="review", le="0.006") == 2
        assert found.value(f"{name}_bucket", queue="review", kind="review", le="1800.0") == 2
        assert found.value(f"{name}_count", queue="review", kind="review") == 2
        assert found.value(f"{name}_sum", queue="review", kind="review") == pytest.approx(0.008)
        assert found.value(f"{name}_bucket", queue="effects", kind="publish", le="1800.0") == 0
        assert found.value(f"{name}_bucket", queue="effects", kind="publish", le="+Inf") == 1

    def test_the_way_from_the_door_is_measured_by_the_jobs_id(
        self, meter: Meter, metrics: Metrics, clock: Clock
    ) -> None:
        job_id = an_id(clock.seconds - 2.0)
        meter.observe(Changes([Event(EventType.ACCEPTED, PROJECT, job_id, "review")]))
        clock.seconds += 1.0
        meter.hear(Event(EventType.STARTED, PROJECT, job_id, "review"))
        meter.hear(Event(EventType.SUCCEEDED, PROJECT, job_id, "review"))

        found = Scraped(metrics)

        assert found.value("hive_job_accept_seconds_sum", queue="review", kind="review") == pytest.approx(2.0)
        assert found.value("hive_job_door_seconds_sum", queue="review", kind="review") == pytest.approx(3.0)
        assert found.value("hive_job_door_seconds_count", queue="review", kind="review") == 1

    def test_a_clock_that_ran_back_makes_no_negative_time(self, meter: Meter, metrics: Metrics, clock: Clock) -> None:
        meter.observe(Changes([Event(EventType.ACCEPTED, PROJECT, an_id(clock.seconds + 60), "review")]))

        assert Scraped(metrics).value("hive_job_accept_seconds_sum", queue="review", kind="review") == 0.0

    def test_leases_that_ran_out_are_counted(self, meter: Meter, metrics: Metrics) -> None:
        meter.observe(Changes(expired=[Role.AGENT, Role.AGENT]))

        assert Scraped(metrics).value("hive_leases_expired_total", role="agent") == 2

    def test_only_the_last_minutes_count_for_who_watches(self, meter: Meter, clock: Clock) -> None:
        meter.observe(Changes(ran=[Lasted("review", 9.0)]))
        clock.seconds += RECENT_SECONDS + 1
        assert meter.ran.percentiles("review") is None

        meter.observe(Changes(ran=[Lasted("review", n / 100) for n in range(1, 101)]))

        assert meter.ran.percentiles("review") == Percentiles(0.5, 0.95, 100)
        assert meter.ran.percentiles("effects") is None

    def test_events_are_counted_by_the_second(self, meter: Meter, clock: Clock) -> None:
        for second, count in ((0, 2), (2, 1), (3, 7)):
            clock.seconds = 1000.0 + second
            for _ in range(count):
                meter.hear(Event(EventType.SUCCEEDED, PROJECT, new_job_id(), "review"))

        assert meter.rates.by_second(EventType.SUCCEEDED, seconds=4) == [0, 2, 0, 1]
        assert meter.rates.by_second(EventType.DEAD, seconds=4) == [0, 0, 0, 0]

    def test_an_id_tells_when_it_was_made(self, clock: Clock) -> None:
        assert asked_at(an_id(clock.seconds)) == clock.seconds


class TestGauges:
    @pytest.fixture
    async def pool(self, postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
        async with await open_pool(postgres_url, max_size=2) as pool:
            yield pool

    @pytest.fixture
    async def gauges(self, pool: asyncpg.Pool, redis_urls: dict[str, str], metrics: Metrics) -> AsyncIterator[Gauges]:
        redis = connect(redis_urls[Role.ORCHESTRATOR])
        yield Gauges(metrics, JobViews(pool), FailureViews(pool), redis, KINDS.queues)
        await redis.aclose()

    async def test_an_empty_hive_shows_its_queues_with_nothing_in_them(self, gauges: Gauges, metrics: Metrics) -> None:
        await gauges.look()

        found = Scraped(metrics)

        assert found.value("hive_queue_depth", queue="effects", priority="interactive") == 0
        assert found.value("hive_queue_running", queue="review") == 0
        assert found.value("hive_stream_entries", stream=INTAKE.stream) == 0
        assert found.value("hive_dead_letters", type="job") == found.value("hive_dead_letters", type="message") == 0
        assert found.value("hive_gauges_gathered_timestamp_seconds")

    async def test_what_waits_and_who_works_is_seen(self, gauges: Gauges, metrics: Metrics, pool: asyncpg.Pool) -> None:
        rows = Rows(pool)
        agent = await rows.agent("one")
        await rows.job(turn=1.0)
        await rows.job("running", agent_id=agent)
        await rows.job("dead")

        await gauges.look()

        found = Scraped(metrics)
        assert found.value("hive_queue_depth", queue="review", priority="batch") == 1
        assert found.value("hive_queue_running", queue="review") == 1
        assert found.value("hive_queue_capacity", queue="review") == 8
        assert (
            found.value("hive_jobs", kind="review", state="dead") == found.value("hive_dead_letters", type="job") == 1
        )
        assert found.value("hive_agents", role="agent", state="awake") == 1

    async def test_streams_tell_what_is_unread_and_what_is_pending(
        self, gauges: Gauges, metrics: Metrics, pool: asyncpg.Pool, redis_urls: dict[str, str]
    ) -> None:
        agent = await Rows(pool).agent("one")
        redis = connect(redis_urls["admin"])
        await redis.xgroup_create(INTAKE.stream, GROUP, id="0", mkstream=True)
        for _ in range(3):
            await redis.xadd(INTAKE.stream, {"e": b"x"})
        await redis.xreadgroup(GROUP, "one", {INTAKE.stream: ">"}, count=1)
        await redis.xadd(inbox(Role.AGENT, agent).key, {"e": b"x"})
        await redis.xadd(INTAKE.dead_key, {"e": b"x"})
        await redis.aclose()

        await gauges.look()

        found = Scraped(metrics)
        assert found.value("hive_stream_entries", stream=INTAKE.stream) == 3
        assert found.value("hive_stream_pending", stream=INTAKE.stream) == 1
        assert found.value("hive_stream_lag", stream=INTAKE.stream) == 2
        assert found.value("hive_inbox_entries", role="agent") == 1
        assert found.value("hive_dead_letters", type="message") == 1

    async def test_while_postgres_is_away_the_streams_are_still_seen(
        self, gauges: Gauges, metrics: Metrics, pool: asyncpg.Pool
    ) -> None:
        await pool.close()

        await gauges.look()

        assert Scraped(metrics).value("hive_stream_entries", stream=INTAKE.stream) == 0
