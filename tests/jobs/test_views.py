"""What can be known about jobs and their failures, from rows as the orchestrator writes them; the pool only reads."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import msgspec
import pytest

from server.db import open_pool
from server.jobs.failures import Bucket, DeadFilter, DeadPlace, FailureViews, Point, Trait
from server.jobs.job import JobNotFound, JobRequest, JobState, Priority, new_job_id
from server.jobs.kinds import Kind, Kinds
from server.jobs.record import Cause, Died
from server.jobs.store import JobStore
from server.jobs.views import JobCount, JobViews, Line
from server.jobs.wire import Beat
from server.messaging import Role
from tests.jobs.job_rows import NOON, PROJECT, Rows


class Scene:
    """The views over a read-only pool, and a hand that writes rows."""

    def __init__(self, reading: asyncpg.Pool, writing: asyncpg.Pool) -> None:
        self.reading = reading
        self.jobs = JobViews(reading)
        self.failures = FailureViews(reading)
        self.writing = writing
        self.rows = Rows(writing)


@pytest.fixture
async def scene(postgres_url: str) -> AsyncIterator[Scene]:
    async with (
        await open_pool(postgres_url, max_size=2, read_only=True) as reading,
        await open_pool(postgres_url, max_size=2) as writing,
    ):
        yield Scene(reading, writing)


async def test_the_pool_of_the_views_cannot_change_anything(scene: Scene) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await scene.reading.execute("update jobs set priority = 0")


async def test_a_job_that_nobody_knows_is_not_found(scene: Scene) -> None:
    with pytest.raises(JobNotFound):
        await scene.jobs.get(new_job_id())
    with pytest.raises(JobNotFound):
        await scene.jobs.result(new_job_id())


class TestResults:
    async def test_the_result_is_what_the_last_success_returned(self, scene: Scene) -> None:
        job_id = await scene.rows.job("succeeded")
        await scene.rows.event(job_id, "accepted", {"args": 1})
        await scene.rows.event(job_id, "succeeded", "the first time")
        await scene.rows.event(job_id, "succeeded", "again")

        assert await scene.jobs.result(job_id) == b'"again"'

    async def test_a_job_that_runs_again_has_no_result_yet(self, scene: Scene) -> None:
        job_id = await scene.rows.job("running", agent_id=new_job_id())
        await scene.rows.event(job_id, "succeeded", "before")

        assert await scene.jobs.result(job_id) is None

    async def test_the_result_of_an_earlier_release_is_found(self, scene: Scene) -> None:
        job_id = await scene.rows.job("succeeded")
        await scene.rows.event(job_id, "result", "old")
        await scene.rows.event(job_id, "imported", {"state": "succeeded"})

        assert await scene.jobs.result(job_id) == b'"old"'

    async def test_a_workflow_has_the_result_of_its_last_step(self, scene: Scene) -> None:
        workflow = await scene.rows.job("succeeded", queue="")
        for step in ("fetch", "publish"):
            job_id = await scene.rows.job("succeeded", workflow_id=workflow, step=step)
            await scene.rows.event(job_id, "succeeded", step)
        await scene.rows.event(workflow, "succeeded")

        assert await scene.jobs.result(workflow) == b'"publish"'


async def test_jobs_are_listed_newest_first_whatever_their_state(scene: Scene) -> None:
    agent = await scene.rows.agent("one")
    made = [
        await scene.rows.job("succeeded"),
        await scene.rows.job(turn=1.0),
        await scene.rows.job(),
        await scene.rows.job(slot="review", held=True),
        await scene.rows.job("running", agent_id=agent),
        await scene.rows.job("running", queue=""),
        await scene.rows.job("waiting"),
        await scene.rows.job("dead"),
        await scene.rows.job("cancelled"),
    ]

    everything = [job.id for job in await scene.jobs.list()]
    by_state = {state: [job.id for job in await scene.jobs.list(state=state)] for state in JobState}

    assert everything == made[::-1]
    assert by_state == {
        "succeeded": [made[0]],
        "queued": [made[3], made[2], made[1]],
        "running": [made[5], made[4]],
        "waiting": [made[6]],
        "dead": [made[7]],
        "cancelled": [made[8]],
    }


@pytest.mark.parametrize("state", [None, *JobState])
async def test_a_list_goes_on_where_it_stopped(scene: Scene, state: JobState | None) -> None:
    agent = await scene.rows.agent("one")
    held_by = {"agent_id": agent} if state is JobState.RUNNING else {}
    made = [await scene.rows.job(state or "queued", **held_by) for _ in range(3)]
    await scene.rows.job(state or "queued", kind="other", **held_by)

    first = await scene.jobs.list(state=state, kind="review", limit=2)
    second = await scene.jobs.list(state=state, kind="review", limit=2, before=first[-1].id)

    assert [job.id for job in first + second] == made[::-1]


async def test_counts_are_by_kind_and_state(scene: Scene) -> None:
    for state, turn in (("queued", 1.0), ("queued", None), ("waiting", None), ("dead", None), ("succeeded", None)):
        await scene.rows.job(state, turn=turn)

    counts = await scene.jobs.counts()

    assert sorted(counts, key=lambda count: count.state) == [
        JobCount("review", JobState.DEAD, 1),
        JobCount("review", JobState.QUEUED, 2),
        JobCount("review", JobState.SUCCEEDED, 1),
        JobCount("review", JobState.WAITING, 1),
    ]


async def test_what_waits_is_told_by_queue_and_priority(scene: Scene) -> None:
    await scene.rows.clock_at(NOON + timedelta(minutes=5))
    await scene.rows.job(turn=1.0)
    await scene.rows.job(turn=2.0, run_at=NOON + timedelta(minutes=4))
    await scene.rows.job(slot="review", held=True)
    await scene.rows.job(priority=0, run_at=NOON + timedelta(hours=1))
    await scene.rows.job("succeeded")

    interactive, batch = await scene.jobs.lines()

    assert interactive == Line("review", Priority.INTERACTIVE, depth=0, held=0, delayed=1, oldest_seconds=0.0)
    assert (batch.depth, batch.held, batch.delayed) == (2, 1, 0)
    assert batch.oldest_seconds == pytest.approx(300, abs=30)
    assert await scene.jobs.held() == {"review": 1}


async def test_agents_tell_what_they_hold(scene: Scene) -> None:
    one, _ = await scene.rows.agent("one"), await scene.rows.agent("two")
    await scene.rows.job("running", agent_id=one)

    agents = await scene.jobs.agents()

    assert [(agent.name, agent.running, agent.queues) for agent in agents] == [
        ("one", 1, ("review",)),
        ("two", 0, ("review",)),
    ]
    assert await scene.jobs.running() == {"review": 1}


class TestDeadJobs:
    async def test_they_are_found_by_what_they_have_in_common(self, scene: Scene) -> None:
        agent, other = new_job_id(), new_job_id()
        job_id = await scene.rows.dead_job(
            Cause.CRASHED, agent, kind="publish", project="o/p", queue="effects", error_class="Gone"
        )
        await scene.rows.dead_job(agent_id=other, finished_at=NOON - timedelta(days=2), error_class="ValueError")
        await scene.rows.job("succeeded", kind="publish")

        for filter_ in (
            DeadFilter(kind="publish"),
            DeadFilter(project="o/p"),
            DeadFilter(queue="effects"),
            DeadFilter(error_class="Gone"),
            DeadFilter(agent_id=agent),
            DeadFilter(cause=Cause.CRASHED),
            DeadFilter(since=NOON),
            DeadFilter(until=NOON + timedelta(seconds=1), since=NOON - timedelta(days=1)),
        ):
            (letter,) = await scene.failures.dead(filter_)
            assert (letter.id, letter.cause, letter.agent_id) == (job_id, Cause.CRASHED, agent)
            assert await scene.failures.count_dead(filter_) == 1
        assert await scene.failures.count_dead(DeadFilter()) == 2
        assert await scene.failures.dead(DeadFilter(until=NOON - timedelta(days=2))) == []

    async def test_a_list_goes_on_where_it_stopped_also_among_those_that_died_together(self, scene: Scene) -> None:
        made = [await scene.rows.dead_job() for _ in range(3)]

        first = await scene.failures.dead(DeadFilter(), limit=2)
        place = DeadPlace(first[-1].died_at, first[-1].id)
        second = await scene.failures.dead(DeadFilter(), before=place, limit=2)

        assert [letter.id for letter in first + second] == made[::-1]

    async def test_the_last_death_counts(self, scene: Scene) -> None:
        job_id = await scene.rows.dead_job(Cause.CRASHED)
        await scene.rows.event(job_id, "retried", actor="ada")
        await scene.rows.event(job_id, "dead", Died(Cause.GAVE_UP))

        assert [letter.cause for letter in await scene.failures.dead(DeadFilter())] == [Cause.GAVE_UP]

    async def test_what_died_under_an_earlier_release_has_no_cause(self, scene: Scene) -> None:
        job_id = await scene.rows.job("dead")
        await scene.rows.event(job_id, "imported", {"state": "dead"})

        assert [letter.cause for letter in await scene.failures.dead(DeadFilter())] == [None]


class TestFailuresOverTime:
    async def test_they_are_told_by_what_they_have_in_common_and_when(self, scene: Scene) -> None:
        job_id = await scene.rows.job()
        for type_, kind, minutes in (
            ("retry", "review", 0),
            ("retry", "review", 59),
            ("dead", "review", 60),
            ("crashed", "publish", 0),
            ("succeeded", "review", 0),
            ("lost", "review", -1),
        ):
            await scene.rows.event(job_id, type_, kind=kind, at=NOON + timedelta(minutes=minutes))

        series = await scene.failures.over_time(
            since=NOON, until=NOON + timedelta(hours=2), by=Trait.KIND, bucket=Bucket.HOUR
        )

        assert [(line.what, line.failures, line.by_type) for line in series] == [
            ("review", 3, {"retry": 2, "dead": 1}),
            ("publish", 1, {"crashed": 1}),
        ]
        assert [(point.began_at, point.failures) for point in series[0].points] == [
            (NOON, 2),
            (NOON + timedelta(hours=1), 1),
        ]

    async def test_beyond_the_most_frequent_they_are_told_as_one(self, scene: Scene) -> None:
        job_id = await scene.rows.job()
        for error, times in (("A", 1), ("B", 3), ("C", 2), ("D", 1)):
            for _ in range(times):
                await scene.rows.event(job_id, "retry", error_class=error)

        series = await scene.failures.over_time(
            since=NOON, until=NOON + timedelta(days=1), by=Trait.ERROR, bucket=Bucket.DAY, limit=2
        )

        assert [(line.what, line.name, line.failures) for line in series] == [
            ("B", "B", 3),
            ("C", "C", 2),
            (None, "all others", 2),
        ]

    async def test_agents_have_names(self, scene: Scene) -> None:
        agent, forgotten = await scene.rows.agent("night shift"), new_job_id()
        job_id = await scene.rows.job()
        for agent_id in (agent, agent, forgotten):
            await scene.rows.event(job_id, "crashed", agent_id=agent_id)

        series = await scene.failures.over_time(
            since=NOON, until=NOON + timedelta(days=1), by=Trait.AGENT, bucket=Bucket.HOUR
        )

        assert [(line.what, line.name) for line in series] == [
            (str(agent), "night shift"),
            (str(forgotten), str(forgotten)),
        ]

    async def test_those_of_jobs_that_have_left_still_count(self, scene: Scene) -> None:
        store = JobStore(scene.writing, Kinds([]))
        job_id = await scene.rows.job("succeeded")
        for type_, minutes in (("accepted", 0), ("retry", 1), ("retry", 2), ("succeeded", 3)):
            await scene.rows.event(job_id, type_, error_class="Gone", at=NOON + timedelta(minutes=minutes))
        await scene.rows.clock_at(NOON + timedelta(days=40))
        assert await store.clean() == 1

        series = await scene.failures.over_time(
            since=NOON, until=NOON + timedelta(days=1), by=Trait.ERROR, bucket=Bucket.HOUR
        )

        assert [(line.what, line.by_type, line.points) for line in series] == [
            ("Gone", {"retry": 2}, [Point(NOON, 2)]),
        ]
        assert await scene.jobs.events(job_id) == []

    async def test_the_newest_come_first(self, scene: Scene) -> None:
        job_id = await scene.rows.job()
        await scene.rows.event(job_id, "retry", message="the first")
        await scene.rows.event(job_id, "accepted", at=NOON + timedelta(seconds=1))
        await scene.rows.event(job_id, "dead", message="the last", at=NOON + timedelta(seconds=2))

        assert [failure.message for failure in await scene.failures.recent(limit=5)] == ["the last", "the first"]


async def test_what_the_store_records_of_a_poisonous_job_is_found_again(scene: Scene) -> None:
    store = JobStore(scene.writing, Kinds([Kind("review", "review")]))
    request = JobRequest("review", PROJECT, msgspec.Raw(b"{}"))
    await store.accept([request])
    agents = [new_job_id() for _ in range(3)]
    for agent_id in agents:
        await store.beat([Beat(agent_id, "nightly", Role.AGENT, ("review",), 1)])
        await store.line_up_due()
        await store.sweep()
        await store.claim("review", [agent_id], kept_for=Priority.BATCH)
        await store.agents_ended([agent_id], vanished=True)

    (letter,) = await scene.failures.dead(DeadFilter(cause=Cause.CRASHED, agent_id=agents[-1]))
    now = await scene.writing.fetchval("select hive_now()")
    series = await scene.failures.over_time(
        since=now - timedelta(hours=1), until=now + timedelta(hours=1), by=Trait.AGENT, bucket=Bucket.DAY
    )

    assert (letter.id, letter.crashes, letter.error_class) == (request.id, 3, "AgentVanished")
    assert {line.what: line.by_type for line in series} == {
        str(agents[0]): {"crashed": 1},
        str(agents[1]): {"crashed": 1},
        str(agents[2]): {"dead": 1},
    }
    assert {line.name for line in series} == {"nightly"}


async def test_people_watch_what_lives_and_what_ended_last_but_no_quick_reviews(scene: Scene) -> None:
    queued = await scene.rows.job(kind="review.pull_request", priority=Priority.PULL_REQUEST)
    await scene.rows.job(priority=Priority.INTERACTIVE)
    await scene.rows.job(project="another/one")
    ended = [
        await scene.rows.job(state, finished_at=NOON + timedelta(seconds=second))
        for second, state in enumerate(("dead", "succeeded", "cancelled"))
    ]

    notable = await scene.jobs.notable(PROJECT, ended=2)

    assert [job.id for job in notable] == [queued, ended[2], ended[1]]
