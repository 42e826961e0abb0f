"""The jobs table, on a real Postgres whose clock the tests move."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import msgspec
import pytest

from server.db import open_pool
from server.jobs.job import Event, EventType, JobRequest, JobState, Priority, new_job_id
from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.store import LEASE_SECONDS, Changes, JobStore
from server.jobs.wire import Beat, Held, Outcome, OutcomeType, WorkOrder

KINDS = Kinds(
    [Kind("review", "review", max_attempts=3), Kind("fetch", "effects"), Kind("publish", "effects")],
    [
        WorkflowKind(
            "review.pull_request",
            (
                Step("snapshot", "fetch"),
                Step("review", "review", needs=("snapshot",)),
                Step("publish", "publish", needs=("snapshot", "review")),
            ),
        )
    ],
)
AGENT = new_job_id()
ACTOR = new_job_id()


class Scene:
    """A store, its pool, and a hand on the clock."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.store = JobStore(pool, KINDS)

    async def advance(self, seconds: float) -> None:
        await self.pool.execute(
            "insert into clock (ahead) values (make_interval(secs => $1)) "
            "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
            seconds,
        )

    async def agents(self, capacity: int = 100) -> None:
        await self.store.beat(Beat(AGENT, "review", capacity))
        await self.store.beat(Beat(ACTOR, "effects", capacity))

    async def state(self, job_id: UUID) -> str:
        return (await self.store.get(job_id)).state

    async def run(self, changes: Changes, type_: OutcomeType = OutcomeType.SUCCEEDED, result: object = None) -> Changes:
        return await self.store.finish([ended(order, type_, result) for order in orders(changes)])


@pytest.fixture
async def scene(postgres_url: str) -> AsyncIterator[Scene]:
    pool = await open_pool(postgres_url, max_size=4)
    yield Scene(pool)
    await pool.close()


def a_request(kind: str = "review", **fields: object) -> JobRequest:
    return msgspec.structs.replace(JobRequest(kind, "github.com/o/r", msgspec.Raw(b"{}"), id=new_job_id()), **fields)


def orders(changes: Changes) -> list[WorkOrder]:
    return [order for _, _, order in changes.work]


def ended(order: WorkOrder, type_: OutcomeType = OutcomeType.SUCCEEDED, result: object = None) -> Outcome:
    return Outcome(
        order.job_id,
        order.attempt,
        type_,
        msgspec.Raw(msgspec.json.encode(result)),
        error="broken",
        snooze_seconds=60.0,
    )


def types_of(events: list[Event], job_id: UUID) -> list[EventType]:
    return [event.type for event in events if event.job_id == job_id]


async def test_a_job_is_handed_out_at_once_when_an_agent_has_room(scene: Scene) -> None:
    await scene.agents()
    request = a_request(args=msgspec.Raw(b'{"a":1}'))

    changes = await scene.store.accept([request])

    assert [(o.job_id, o.attempt, bytes(o.args)) for o in orders(changes)] == [(request.id, 1, b'{"a":1}')]
    assert types_of(changes.events, request.id) == [EventType.ACCEPTED, EventType.STARTED]
    assert await scene.state(request.id) == JobState.RUNNING


async def test_no_more_is_handed_out_than_agents_have_room_for(scene: Scene) -> None:
    await scene.agents(capacity=2)

    changes = await scene.store.accept([a_request() for _ in range(5)])

    assert len(orders(changes)) == 2
    assert len(orders(await scene.run(changes))) == 2


async def test_an_agent_that_fell_silent_has_no_room(scene: Scene) -> None:
    await scene.agents()
    await scene.advance(16)

    assert orders(await scene.store.accept([a_request()])) == []


async def test_the_most_urgent_goes_first(scene: Scene) -> None:
    batch, editor = a_request(priority=Priority.BATCH), a_request(priority=Priority.INTERACTIVE)
    await scene.store.accept([batch, editor])
    await scene.agents(capacity=1)

    assert [o.job_id for o in orders(await scene.store.dispatch(["review"]))] == [editor.id]


async def test_the_same_request_twice_is_one_job_and_the_answer_says_how_it_stands(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    await scene.run(await scene.store.accept([request]), result={"findings": 3})

    again = await scene.store.accept([request])

    assert again.events == []
    assert orders(again) == []
    assert [(e.type, bytes(e.data)) for e in again.answers] == [(EventType.SUCCEEDED, b'{"findings":3}')]


async def test_a_key_is_unique_among_live_jobs_only(scene: Scene) -> None:
    await scene.agents()
    first, second, third = (a_request(key="o/r#1@abc") for _ in range(3))
    changes = await scene.store.accept([first])

    refused = await scene.store.accept([second])
    await scene.run(changes)
    accepted = await scene.store.accept([third])

    assert types_of(refused.answers, second.id) == [EventType.CANCELLED]
    assert types_of(accepted.events, third.id) == [EventType.ACCEPTED, EventType.STARTED]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
async def test_a_newer_job_supersedes_the_older_of_its_group(scene: Scene, together: bool) -> None:
    await scene.agents()
    older, newer = (a_request(concurrency_group="s:file.py") for _ in range(2))

    changes = [await scene.store.accept(batch) for batch in ([[older, newer]] if together else [[older], [newer]])]

    events = [event for change in changes for event in change.events]
    assert types_of(events, older.id)[-1] == EventType.SUPERSEDED
    assert await scene.state(older.id) == JobState.CANCELLED
    assert await scene.state(newer.id) == JobState.RUNNING


async def test_the_outcome_of_a_cancelled_job_is_dropped(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    changes = await scene.store.accept([request])
    await scene.store.cancel([request.id], by="ann")

    late = await scene.run(changes)

    assert late.events == []
    assert await scene.state(request.id) == JobState.CANCELLED


async def test_a_failed_job_waits_and_is_tried_again_until_it_is_dead(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    changes = await scene.store.accept([request])
    seen = []
    for _ in range(3):
        changes = await scene.run(changes, OutcomeType.FAILED)
        seen.append((types_of(changes.events, request.id), await scene.state(request.id)))
        assert orders(changes) == []
        await scene.advance(10)
        await scene.agents()
        changes = await scene.store.dispatch(["review"])

    assert seen == [([EventType.RETRY], "queued"), ([EventType.RETRY], "queued"), ([EventType.DEAD], "dead")]
    assert (await scene.store.get(request.id)).error == "broken"


async def test_a_snoozed_job_comes_back_later_and_has_lost_no_attempt(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    changes = await scene.store.accept([request])
    for _ in range(5):
        changes = await scene.run(changes, OutcomeType.SNOOZED)
        assert types_of(changes.events, request.id) == [EventType.SNOOZED]
        await scene.advance(61)
        await scene.agents()
        changes = await scene.store.dispatch(["review"])

    assert [o.attempt for o in orders(changes)] == [6]


async def test_what_gives_up_is_dead_at_once_and_a_person_can_retry_it(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    dead = await scene.run(await scene.store.accept([request]), OutcomeType.GAVE_UP)

    again = await scene.store.retry_dead([request.id], by="ann")

    assert types_of(dead.events, request.id) == [EventType.DEAD]
    assert [e.message for e in again.events] == ["retried by ann", ""]
    assert [o.attempt for o in orders(again)] == [2]


async def test_a_job_whose_lease_ran_out_is_handed_out_again_and_the_late_result_is_refused(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    first = await scene.store.accept([request])
    await scene.advance(LEASE_SECONDS + 1)
    await scene.agents()

    second = await scene.store.rescue()
    late = await scene.run(first, result="late")
    await scene.run(second, result="in time")

    assert [o.attempt for o in orders(second)] == [2]
    assert late.events == []
    assert await scene.store.result(request.id) == b'"in time"'


async def test_a_beat_keeps_the_lease_and_names_what_is_no_longer_held(scene: Scene) -> None:
    await scene.agents()
    request, cancelled = a_request(), a_request()
    await scene.store.accept([request, cancelled])
    await scene.store.cancel([cancelled.id], by="ann")
    held = (Held(request.id, 1), Held(cancelled.id, 1))

    await scene.advance(LEASE_SECONDS - 1)
    lost = await scene.store.beat(Beat(AGENT, "review", 100, held))
    await scene.advance(LEASE_SECONDS - 1)

    assert lost == [cancelled.id]
    assert (await scene.store.rescue()).events == []


async def test_a_job_that_takes_its_agent_down_three_times_is_poison(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    await scene.store.accept([request])
    for attempt in (1, 2, 3):
        agent = new_job_id()
        await scene.store.beat(Beat(agent, "review", 1, (Held(request.id, attempt),)))
        changes = await scene.store.forget_agent(agent)

    assert types_of(changes.events, request.id) == [EventType.DEAD]
    assert "vanished" in ((await scene.store.get(request.id)).error or "")


async def test_a_workflow_runs_its_steps_in_order_and_hands_results_on(scene: Scene) -> None:
    await scene.agents()
    request = a_request("review.pull_request", args=msgspec.Raw(b'{"number":7}'))

    fetched = await scene.store.accept([request])
    reviewed = await scene.run(fetched, result="the snapshot")
    published = await scene.run(reviewed, result="the report")
    ended = await scene.run(published, result="posted")

    assert [o.kind for c in (fetched, reviewed, published) for o in orders(c)] == ["fetch", "review", "publish"]
    assert all(bytes(o.args) == b'{"number":7}' for c in (fetched, reviewed, published) for o in orders(c))
    (last,) = orders(published)
    assert {step: bytes(r) for step, r in last.inputs.items()} == {
        "snapshot": b'"the snapshot"',
        "review": b'"the report"',
    }
    assert types_of(ended.events, request.id) == [EventType.SUCCEEDED]
    assert await scene.store.result(request.id) == b'"posted"'


async def test_a_dead_step_ends_its_workflow_and_a_retry_goes_on_where_it_stopped(scene: Scene) -> None:
    await scene.agents()
    request = a_request("review.pull_request")
    fetched = await scene.store.accept([request])
    dead = await scene.run(fetched, OutcomeType.GAVE_UP)
    assert types_of(dead.events, request.id) == [EventType.DEAD]
    assert (await scene.store.get(request.id)).error == "snapshot: broken"

    changes = await scene.store.retry_dead([orders(fetched)[0].job_id], by="ann")
    for result in ("the snapshot", "the report", "posted"):
        changes = await scene.run(changes, result=result)

    assert types_of(changes.events, request.id) == [EventType.SUCCEEDED]


async def test_a_newer_push_cancels_the_older_workflow_with_all_its_steps(scene: Scene) -> None:
    await scene.agents()
    older, newer = (a_request("review.pull_request", concurrency_group="o/r#7") for _ in range(2))
    fetched = await scene.store.accept([older])
    await scene.store.accept([newer])

    late = await scene.run(fetched, result="the snapshot")

    steps = await scene.pool.fetch("select state from jobs where workflow_id = $1", older.id)
    assert {row["state"] for row in steps} == {"cancelled"}
    assert late.events == []
    assert await scene.state(newer.id) == JobState.RUNNING


async def test_a_request_with_a_live_key_makes_no_steps(scene: Scene) -> None:
    await scene.agents()
    first, second = (a_request("review.pull_request", key="o/r#7@abc") for _ in range(2))
    await scene.store.accept([first])

    refused = await scene.store.accept([second])

    assert types_of(refused.answers, second.id) == [EventType.CANCELLED]
    assert await scene.pool.fetchval("select count(*) from jobs where workflow_id = $1", second.id) == 0


async def test_an_unknown_kind_is_answered_and_recorded_nowhere(scene: Scene) -> None:
    request = a_request("fly")

    changes = await scene.store.accept([request])

    assert [(e.type, e.message) for e in changes.answers] == [(EventType.DEAD, "unknown kind of job: fly")]


async def test_editor_jobs_leave_within_the_hour_and_others_stay(scene: Scene) -> None:
    await scene.agents()
    editor, pull_request = a_request(priority=Priority.INTERACTIVE), a_request(priority=Priority.PULL_REQUEST)
    await scene.run(await scene.store.accept([editor, pull_request]))
    await scene.advance(3600)

    assert await scene.store.clean() == 1

    assert [job.id for job in await scene.store.list()] == [pull_request.id]
    assert await scene.store.events(editor.id) == []
    assert await scene.store.events(pull_request.id) != []


async def test_every_change_of_state_has_its_event(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    changes = await scene.run(await scene.store.accept([request]), OutcomeType.FAILED)
    await scene.advance(10)
    await scene.agents()
    changes = await scene.store.dispatch(["review"])
    await scene.run(changes)

    events = await scene.store.events(request.id)

    assert [(e["type"], e["attempt"]) for e in events] == [
        ("accepted", 0), ("started", 1), ("retry", 1), ("started", 2), ("succeeded", 2),
    ]  # fmt: skip
    assert events[0]["at"].tzinfo is UTC or isinstance(events[0]["at"], datetime)
