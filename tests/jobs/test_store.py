"""The jobs table, on a real Postgres whose clock the tests move."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import msgspec
import pytest

from server.jobs.awaited import Awaited, AwaitedResults
from server.jobs.changes import Changes
from server.jobs.job import Event, EventType, JobRequest, JobState, Priority, new_job_id
from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.orchestrator import LOWER_CLASSES
from server.jobs.projections import replay
from server.jobs.replay import JOBS, WORKFLOWS
from server.jobs.room import RESERVED_EVERY, Room
from server.jobs.store import LEASE_SECONDS, MAX_AGENTS, JobStore
from server.jobs.views import JobViews
from server.jobs.wire import HANDED_OUT_SECONDS, Beat, Held, Outcome, Outcomes, OutcomeType, WorkOrder
from server.messaging import Role, role_of

KINDS = Kinds(
    [
        Kind("review", "review", max_attempts=3),
        Kind("limited", "review", max_running=2, max_running_per_project=1),
        Kind("single", "review", max_running=1),
        Kind("fetch", "effects"),
        Kind("publish", "effects"),
        Kind("index", "review", is_brief=True),
    ],
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
    """A store, its pool, a hand on the clock, and what an orchestrator does with them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.store = JobStore(pool, KINDS)
        self.views = JobViews(pool)
        self.room = Room()

    async def advance(self, seconds: float) -> None:
        await self.pool.execute(
            "insert into clock (ahead) values (make_interval(secs => $1)) "
            "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
            seconds,
        )

    async def agents(self, capacity: int = 100) -> None:
        await self.store.beat([a_beat(AGENT, capacity=capacity), a_beat(ACTOR, "effects", capacity=capacity)])
        await self.look()

    async def look(self) -> None:
        self.room.set(await self.store.members())
        await self.store.line_up_due()

    async def accept(self, *requests: JobRequest) -> Changes:
        return await self.store.accept(requests, room=self.room)

    async def dispatch(self, *, kept: int = 0, kept_for: Priority = Priority.BATCH) -> Changes:
        await self.look()
        changes = Changes()
        for queue in self.room.queues:
            claimed = await self.store.claim(queue, self.room.take(queue, 1000), kept=kept, kept_for=kept_for)
            changes.work += claimed.work
            changes.events += claimed.events
        await self.look()
        return changes

    async def state(self, job_id: UUID) -> str:
        return (await self.views.get(job_id)).state

    async def run(self, changes: Changes, type_: OutcomeType = OutcomeType.SUCCEEDED, result: object = None) -> Changes:
        """All that was handed out ends so; what may follow is handed out."""
        done = Changes()
        for agent_id, order in changes.work:
            ended_here = await self.store.finish([Outcomes(agent_id, (ended(order, type_, result),))])
            done.events += ended_here.events
            done.stopped |= ended_here.stopped
        following = await self.dispatch()
        done.events += following.events
        done.work += following.work
        return done


@pytest.fixture
async def scene(pool: asyncpg.Pool) -> Scene:
    return Scene(pool)


def a_request(kind: str = "review", **fields: object) -> JobRequest:
    return msgspec.structs.replace(JobRequest(kind, "github.com/o/r", msgspec.Raw(b"{}"), id=new_job_id()), **fields)


def a_beat(agent_id: UUID, queue: str = "review", *, capacity: int = 100, held: tuple[Held, ...] = ()) -> Beat:
    return Beat(agent_id, "tester", role_of(queue), (queue,), capacity, held=held)


def orders(changes: Changes) -> list[WorkOrder]:
    return [order for _, order in changes.work]


def ended(order: WorkOrder, type_: OutcomeType = OutcomeType.SUCCEEDED, result: object = None) -> Outcome:
    return Outcome(
        order.job_id,
        order.attempt,
        type_,
        order.kind,
        msgspec.Raw(msgspec.json.encode(result)),
        error="" if type_ is OutcomeType.SUCCEEDED else "broken",
        snooze_seconds=60.0,
    )


def types_of(events: list[Event], job_id: UUID) -> list[EventType]:
    return [event.type for event in events if event.job_id == job_id]


async def test_a_job_is_handed_out_at_once_when_an_agent_has_room(scene: Scene) -> None:
    await scene.agents()
    request = a_request(args=msgspec.Raw(b'{"a":1}'))

    changes = await scene.accept(request)

    assert [(o.job_id, o.attempt, bytes(o.args)) for o in orders(changes)] == [(request.id, 1, b'{"a":1}')]
    assert types_of(changes.events, request.id) == [EventType.ACCEPTED, EventType.STARTED]
    assert await scene.state(request.id) == JobState.RUNNING


async def test_who_follows_is_claimed_in_the_transaction_that_writes_who_ended_or_neither_is(scene: Scene) -> None:
    await scene.agents(capacity=1)
    first, second = a_request(), a_request()
    (order,) = orders(await scene.accept(first))
    await scene.accept(second)
    report = [Outcomes(AGENT, (ended(order),))]

    async def go_on(*, into: str = "") -> Changes:
        async with scene.store.in_one() as store:
            await store.finish(report)
            claimed = await store.claim("review", [AGENT])
            assert await scene.state(first.id) == JobState.RUNNING, "nobody else sees it yet"
            if into:
                raise LookupError(into)
            return claimed

    with pytest.raises(LookupError):
        await go_on(into="a crash")
    assert [await scene.state(first.id), await scene.state(second.id)] == [JobState.RUNNING, JobState.QUEUED]

    claimed = await go_on()

    assert [o.job_id for o in orders(claimed)] == [second.id]
    assert [await scene.state(first.id), await scene.state(second.id)] == [JobState.SUCCEEDED, JobState.RUNNING]


async def test_no_more_is_handed_out_than_agents_have_room_for(scene: Scene) -> None:
    await scene.agents(capacity=2)

    changes = await scene.accept(*(a_request() for _ in range(5)))

    assert len(orders(changes)) == 2
    assert len(orders(await scene.run(changes))) == 2


async def test_an_agent_that_fell_silent_has_no_room(scene: Scene) -> None:
    await scene.agents()
    await scene.advance(16)
    await scene.look()

    assert orders(await scene.accept(a_request())) == []


async def test_the_most_urgent_goes_first(scene: Scene) -> None:
    batch, editor = a_request(priority=Priority.BATCH), a_request(priority=Priority.INTERACTIVE)
    await scene.accept(batch, editor)
    await scene.agents(capacity=1)

    assert [o.job_id for o in orders(await scene.dispatch())] == [editor.id]


async def test_a_door_that_missed_an_end_hears_of_all_that_have_ended_and_of_nothing_else(scene: Scene) -> None:
    await scene.agents()
    ended_one, waiting = a_request(), a_request(delay_seconds=60.0)
    await scene.run(await scene.accept(ended_one, waiting), result={"n": 1})

    answers = (await scene.store.stand([ended_one.id, waiting.id, new_job_id()])).answers

    assert [(a.job_id, a.type, bytes(a.data)) for a in answers] == [(ended_one.id, EventType.SUCCEEDED, b'{"n":1}')]


async def test_the_same_request_twice_is_one_job_and_the_answer_says_how_it_stands(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    await scene.run(await scene.accept(request), result={"findings": 3})

    again = await scene.accept(request)

    assert again.events == []
    assert orders(again) == []
    assert [(e.type, bytes(e.data)) for e in again.answers] == [(EventType.SUCCEEDED, b'{"findings":3}')]


async def test_a_key_is_unique_among_live_jobs_only(scene: Scene) -> None:
    await scene.agents()
    first, second, third = (a_request(key="o/r#1@abc") for _ in range(3))
    changes = await scene.accept(first)

    refused = await scene.accept(second)
    await scene.run(changes)
    accepted = await scene.accept(third)

    assert types_of(refused.answers, second.id) == [EventType.CANCELLED]
    assert types_of(accepted.events, third.id) == [EventType.ACCEPTED, EventType.STARTED]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
async def test_a_newer_job_supersedes_the_older_of_its_group(scene: Scene, together: bool) -> None:
    await scene.agents()
    older, newer = (a_request(concurrency_group="s:file.py") for _ in range(2))

    changes = [await scene.accept(*batch) for batch in ([[older, newer]] if together else [[older], [newer]])]

    events = [event for change in changes for event in change.events]
    assert types_of(events, older.id)[-1] == EventType.SUPERSEDED
    assert await scene.state(older.id) == JobState.CANCELLED
    assert await scene.state(newer.id) == JobState.RUNNING


@pytest.mark.parametrize("newer_commits_first", [True, False])
async def test_of_a_group_that_two_hubs_accept_at_one_moment_the_newest_is_left(
    scene: Scene, newer_commits_first: bool
) -> None:
    await scene.agents()
    older, newer = (a_request(concurrency_group="s:file.py") for _ in range(2))
    first, last = (newer, older) if newer_commits_first else (older, newer)
    async with scene.store.in_one() as other_hub:
        await other_hub.accept([last], room=scene.room)
        await scene.accept(first)
        early = await scene.store.supersede([first])

    late = await scene.store.supersede([last])

    assert early.events == []
    assert types_of(late.events, older.id) == [EventType.SUPERSEDED]
    assert [held.job_id for held in late.stopped[AGENT]] == [older.id]
    assert (await scene.state(older.id), await scene.state(newer.id)) == (JobState.CANCELLED, JobState.RUNNING)


async def test_the_outcome_of_a_cancelled_job_is_dropped(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    changes = await scene.accept(request)
    await scene.store.cancel([request.id], by="ann")

    late = await scene.run(changes)

    assert late.events == []
    assert await scene.state(request.id) == JobState.CANCELLED


async def test_a_failed_job_waits_and_is_tried_again_until_it_is_dead(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    changes = await scene.accept(request)
    seen = []
    for _ in range(3):
        changes = await scene.run(changes, OutcomeType.FAILED)
        seen.append((types_of(changes.events, request.id), await scene.state(request.id)))
        assert orders(changes) == []
        await scene.advance(10)
        await scene.agents()
        changes = await scene.dispatch()

    assert seen == [([EventType.RETRY], "queued"), ([EventType.RETRY], "queued"), ([EventType.DEAD], "dead")]
    assert (await scene.views.get(request.id)).error == "broken"


async def test_a_snoozed_job_comes_back_later_and_has_lost_no_attempt(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    changes = await scene.accept(request)
    for _ in range(5):
        changes = await scene.run(changes, OutcomeType.SNOOZED)
        assert types_of(changes.events, request.id) == [EventType.SNOOZED]
        await scene.advance(61)
        await scene.agents()
        changes = await scene.dispatch()

    assert [o.attempt for o in orders(changes)] == [6]


async def test_what_gives_up_is_dead_at_once_and_a_person_can_retry_it(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    dead = await scene.run(await scene.accept(request), OutcomeType.GAVE_UP)

    again = await scene.store.retry_dead([request.id], by="ann")

    assert types_of(dead.events, request.id) == [EventType.DEAD]
    assert [e.message for e in again.events] == ["retried by ann"]
    assert [o.attempt for o in orders(await scene.dispatch())] == [2]
    assert [e.actor for e in await scene.views.events(request.id) if e.type == EventType.RETRIED] == ["ann"]


async def test_what_a_person_discards_rests_and_the_record_says_who(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    await scene.run(await scene.accept(request), OutcomeType.GAVE_UP)

    await scene.store.discard_dead([request.id], by="ann")

    assert await scene.state(request.id) == JobState.CANCELLED
    assert [(e.type, e.actor) for e in await scene.views.events(request.id)][-1] == (EventType.DISCARDED, "ann")


async def test_a_job_whose_lease_ran_out_is_handed_out_again_and_the_late_result_is_refused(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    first = await scene.accept(request)
    await scene.advance(LEASE_SECONDS + 1)

    rescued = await scene.store.rescue()
    other = new_job_id()
    await scene.store.beat([a_beat(other)])
    second = await scene.dispatch()
    late = await scene.store.finish([Outcomes(AGENT, (ended(orders(first)[0], result="late"),))])
    await scene.run(second, result="in time")

    assert types_of(rescued.events, request.id) == [EventType.CRASHED]
    assert [(agent, o.attempt) for agent, o in second.work] == [(other, 2)]
    assert late.events == []
    assert await scene.views.result(request.id) == b'"in time"'


async def test_an_agent_whose_lease_ran_out_is_told_to_begin_anew_and_never_gets_work_again(scene: Scene) -> None:
    await scene.agents()
    await scene.advance(LEASE_SECONDS + 1)
    await scene.store.rescue()

    changes, _ = await scene.store.beat([a_beat(AGENT)])
    await scene.look()

    assert [agent for agent, _ in changes.gone] == [AGENT]
    assert orders(await scene.accept(a_request())) == []


async def test_a_beat_keeps_the_lease_of_all_that_is_held_and_names_what_is_not_held_any_more(scene: Scene) -> None:
    await scene.agents()
    request, cancelled = a_request(), a_request()
    await scene.accept(request, cancelled)
    await scene.store.cancel([cancelled.id], by="ann")
    held = (Held(request.id, 1), Held(cancelled.id, 1))

    await scene.advance(LEASE_SECONDS - 1)
    changes, _ = await scene.store.beat([a_beat(AGENT, held=held)])
    await scene.advance(LEASE_SECONDS - 1)

    assert changes.stopped == {AGENT: [Held(cancelled.id, 1)]}
    assert await scene.state(request.id) == JobState.RUNNING
    assert types_of((await scene.store.rescue()).events, request.id) == []


async def test_what_was_handed_out_and_is_not_held_is_handed_out_again_and_counts_as_nothing(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    await scene.accept(request)

    await scene.store.beat([a_beat(AGENT)])
    too_early = await scene.dispatch()
    await scene.advance(HANDED_OUT_SECONDS + 1)
    asked, _ = await scene.store.beat([a_beat(AGENT)])
    still_asked, _ = await scene.store.beat([a_beat(AGENT)])
    [(_, ping)] = asked.pings
    heard, _ = await scene.store.beat([msgspec.structs.replace(a_beat(AGENT), heard_at=ping.at)])
    again = await scene.dispatch()

    assert orders(too_early) == []
    assert types_of([*asked.events, *still_asked.events], request.id) == []  # it may only be late
    assert types_of(heard.events, request.id) == [EventType.LOST]
    assert [o.attempt for o in orders(again)] == [2]
    job = await scene.views.get(request.id)
    assert (job.failures, job.crashes) == (0, 0)


async def test_what_is_not_held_because_it_has_just_ended_is_not_taken_for_lost(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    handed = await scene.accept(request)
    await scene.advance(HANDED_OUT_SECONDS + 1)
    asked, _ = await scene.store.beat([a_beat(AGENT)])
    [(_, ping)] = asked.pings

    later = msgspec.structs.replace(a_beat(AGENT), heard_at=ping.at)
    meanwhile, _ = await scene.store.beat([later], {request.id})  # its outcome is read and will be written next
    await scene.run(handed)

    assert (meanwhile.events, meanwhile.pings) == ([], [])
    assert await scene.state(request.id) == "succeeded"


async def test_who_is_silent_is_handed_nothing_but_still_told_what_is_its_own(scene: Scene) -> None:
    await scene.agents()
    await scene.advance(LEASE_SECONDS + 1)
    await scene.look()

    assert orders(await scene.accept(a_request())) == []
    assert scene.room.role_of(AGENT) is Role.AGENT


async def test_an_interactive_job_starts_in_a_reserved_place_though_others_are_in_line(scene: Scene) -> None:
    await scene.agents(capacity=2 * RESERVED_EVERY)
    batch = await scene.accept(*(a_request(priority=Priority.BATCH) for _ in range(2 * RESERVED_EVERY)))
    scene.room.line_grew(batch.lined_up, urgent=batch.urgent)

    started = orders(await scene.accept(*(a_request(priority=Priority.INTERACTIVE) for _ in range(3))))

    assert len(orders(batch)) == 2 * RESERVED_EVERY - 2
    assert (batch.lined_up, batch.urgent) == ({"review"}, set())
    assert len(started) == 2


async def test_the_third_that_finds_no_place_is_in_line_before_all_others(scene: Scene) -> None:
    await scene.agents(capacity=0)
    await scene.accept(*(a_request(priority=Priority.BATCH) for _ in range(3)))
    late = a_request(priority=Priority.INTERACTIVE)
    joined = await scene.accept(late)

    claimed = await scene.store.claim("review", [AGENT] * 4, down_to=Priority.INTERACTIVE)

    assert joined.urgent == {"review"}
    assert [order.job_id for order in orders(claimed)] == [late.id]


async def test_a_job_that_takes_its_agent_down_three_times_is_poison(scene: Scene) -> None:
    request = a_request()
    await scene.accept(request)
    for _ in range(3):
        agent = new_job_id()
        await scene.store.beat([a_beat(agent)])
        await scene.dispatch()
        changes = await scene.store.agents_ended([agent], vanished=True)

    assert types_of(changes.events, request.id) == [EventType.DEAD]
    job = await scene.views.get(request.id)
    assert (job.crashes, job.error_class) == (3, "AgentVanished")


async def test_what_a_person_retries_after_crashes_is_no_suspect_any_more(scene: Scene) -> None:
    poisonous = [a_request("single"), *(a_request() for _ in range(3))]
    for request in poisonous:
        await scene.look()
        await scene.accept(request)
        for _ in range(3):
            agent = new_job_id()
            await scene.store.beat([a_beat(agent)])
            await scene.dispatch()
            await scene.store.agents_ended([agent], vanished=True)
    await scene.agents()

    await scene.store.retry_dead([request.id for request in poisonous], by="ann")
    handed = orders(await scene.dispatch())

    assert {order.job_id for order in handed} == {request.id for request in poisonous}
    slots = await scene.pool.fetch("select kind, slot from jobs order by id")
    assert [row["slot"] for row in slots] == ["single", None, None, None]
    await _is_what_its_events_say(scene.pool)


async def test_poison_takes_no_innocent_job_with_it(scene: Scene) -> None:
    poison, *innocent = (a_request() for _ in range(6))
    await scene.accept(poison, *innocent)
    for _ in range(30):
        agent = new_job_id()
        await scene.store.beat([a_beat(agent, capacity=8)])
        handed = await scene.dispatch()
        if any(order.job_id == poison.id for order in orders(handed)):
            await scene.store.agents_ended([agent], vanished=True)
        else:
            await scene.run(handed)
            await scene.store.agents_ended([agent], vanished=False)

    assert await scene.state(poison.id) == JobState.DEAD
    assert {await scene.state(request.id) for request in innocent} == {JobState.SUCCEEDED}


async def test_projects_take_turns_however_many_jobs_one_of_them_has(scene: Scene) -> None:
    await scene.accept(*(a_request(project="big") for _ in range(50)))
    await scene.accept(*(a_request(project="small") for _ in range(3)))
    await scene.agents(capacity=8)

    handed = orders(await scene.dispatch())

    assert [order.project for order in handed].count("small") == 3


async def test_a_project_that_was_idle_gets_its_share_but_no_credit_for_the_past(scene: Scene) -> None:
    await scene.agents(capacity=1)
    changes = await scene.accept(*(a_request(project="busy") for _ in range(20)))
    for _ in range(10):
        changes = await scene.run(changes)
    await scene.accept(*(a_request(project="late") for _ in range(10)))
    served = []
    for _ in range(9):
        changes = await scene.run(changes)
        served += [order.project for order in orders(changes)]

    assert abs(served.count("late") - served.count("busy")) <= 1


async def test_places_kept_for_a_lower_class_are_given_to_it(scene: Scene) -> None:
    await scene.accept(*(a_request(priority=Priority.INTERACTIVE) for _ in range(9)))
    batch = a_request(priority=Priority.BATCH)
    await scene.accept(batch)
    await scene.agents(capacity=3)

    strict = orders(await scene.dispatch())
    await scene.agents(capacity=6)
    generous = orders(await scene.dispatch(kept=1))

    assert batch.id not in [order.job_id for order in strict]
    assert batch.id in [order.job_id for order in generous]
    assert len(generous) == 3


@pytest.mark.parametrize(
    ("urgent", "waiting"),
    [
        (Priority.INTERACTIVE, [Priority.BATCH]),
        (Priority.INTERACTIVE, [Priority.PULL_REQUEST]),
        (Priority.PULL_REQUEST, [Priority.BATCH]),
        (Priority.INTERACTIVE, [Priority.PULL_REQUEST, Priority.BATCH]),
    ],
)
async def test_every_tenth_place_goes_to_a_lower_class_for_as_long_as_one_waits(
    scene: Scene, urgent: Priority, waiting: list[Priority]
) -> None:
    await scene.accept(*(a_request(priority=urgent) for _ in range(60)))
    lower = [a_request(priority=priority) for priority in waiting for _ in range(4)]
    await scene.accept(*lower)
    await scene.agents()
    scene.room.line_grew(["review"], urgent=["review"])

    served = []
    for _ in range(40):
        places = scene.room.take("review", 1)
        kept, before = scene.room.keep("review")
        claimed = await scene.store.claim("review", places, kept=kept, kept_for=LOWER_CLASSES[before % 2])
        served += [order.job_id for order in orders(claimed)]

    places_of_lower = [place for place, job_id in enumerate(served, 1) if job_id in {request.id for request in lower}]
    assert places_of_lower == [10, 20, 30, 40]


async def test_no_more_run_than_a_kind_allows_in_all_and_in_a_project(scene: Scene) -> None:
    await scene.agents()
    requests = [a_request("limited", project=project) for project in ("a", "a", "a", "b", "b", "c")]
    await scene.accept(*requests)
    handed = await scene.dispatch()
    rounds = []
    while handed.work:
        rounds.append(sorted(order.project for order in orders(handed)))
        handed = await scene.run(handed)

    assert all(len(projects) <= 2 and len(set(projects)) == len(projects) for projects in rounds)
    assert sorted(project for projects in rounds for project in projects) == ["a", "a", "a", "b", "b", "c"]


async def test_who_runs_alone_after_a_crash_counts_under_the_limit_of_its_kind(scene: Scene) -> None:
    dying = new_job_id()
    await scene.store.beat([a_beat(dying)])
    await scene.look()
    await scene.accept(a_request("limited"), a_request("limited"))
    await scene.dispatch()
    await scene.store.agents_ended([dying], vanished=True)
    await scene.agents()

    rounds, handed = [], await scene.dispatch()
    while handed.work:
        rounds.append(len(handed.work))
        handed = await scene.run(handed)

    assert rounds == [1, 1]


async def test_projects_take_turns_under_a_limit_too(scene: Scene) -> None:
    await scene.agents()
    await scene.accept(*(a_request("single", project="big") for _ in range(10)))
    await scene.accept(*(a_request("single", project="small") for _ in range(3)))
    served, handed = [], await scene.dispatch()
    while handed.work:
        served += [order.project for order in orders(handed)]
        handed = await scene.run(handed)

    assert served[:7].count("small") == 3


@pytest.mark.parametrize("kind", ["single", "limited"])
async def test_every_tenth_place_under_a_limit_goes_to_a_lower_class(scene: Scene, kind: str) -> None:
    await scene.agents()
    batch = [a_request(kind) for _ in range(3)]
    handed = await scene.accept(*(a_request(kind, priority=Priority.INTERACTIVE) for _ in range(35)), *batch)
    handed.work += (await scene.dispatch()).work
    served = []
    while handed.work:
        served += [order.job_id for order in orders(handed)]
        handed = await scene.run(handed)

    places = [place for place, job_id in enumerate(served, 1) if job_id in {request.id for request in batch}]
    assert places == [10, 20, 30]
    assert len(served) == 38


async def test_a_job_whose_kind_this_release_does_not_know_is_handed_out_like_others(scene: Scene) -> None:
    request, known = a_request("index"), a_request()
    await scene.accept(request, known)
    scene.store = JobStore(scene.pool, Kinds([Kind("review", "review")]))  # a hub that was updated, or was not yet
    await scene.agents()

    handed = orders(await scene.dispatch())

    assert {order.job_id: order.timeout_seconds for order in handed} == {request.id: 600.0, known.id: 600.0}


async def test_a_delayed_job_starts_when_its_time_has_come(scene: Scene) -> None:
    await scene.agents()
    request = a_request(delay_seconds=60.0)

    changes = await scene.accept(request)
    early = await scene.dispatch()
    await scene.advance(61)
    await scene.agents()
    due = await scene.dispatch()

    assert orders(changes) == orders(early) == []
    assert [order.job_id for order in orders(due)] == [request.id]


async def test_what_does_not_start_within_its_time_to_live_is_cancelled(scene: Scene) -> None:
    late, started = a_request(ttl_seconds=30.0), a_request(ttl_seconds=30.0)
    await scene.accept(late)
    await scene.advance(31)
    await scene.agents()

    changes = await scene.store.sweep()
    await scene.accept(started)
    await scene.advance(31)
    later = await scene.store.sweep()

    assert types_of(changes.events, late.id) == [EventType.EXPIRED]
    assert await scene.state(late.id) == JobState.CANCELLED
    assert later.events == []


async def test_what_does_not_end_by_its_deadline_is_stopped_and_dead(scene: Scene) -> None:
    await scene.agents()
    request = a_request(deadline_seconds=10.0)
    await scene.accept(request)
    await scene.advance(11)

    changes = await scene.store.sweep()

    assert types_of(changes.events, request.id) == [EventType.DEAD]
    assert changes.stopped == {AGENT: [Held(request.id, 1)]}
    assert (await scene.views.get(request.id)).error_class == "DeadlineExceeded"


async def test_a_key_may_stay_taken_after_its_job_has_ended(scene: Scene) -> None:
    await scene.agents()
    first, soon, later = (a_request(key="nightly", unique_for_seconds=3600.0) for _ in range(3))
    await scene.run(await scene.accept(first))

    refused = await scene.accept(soon)
    await scene.advance(3601)
    await scene.agents()
    accepted = await scene.accept(later)

    assert types_of(refused.answers, soon.id) == [EventType.CANCELLED]
    assert types_of(accepted.events, later.id)[0] == EventType.ACCEPTED


async def test_a_door_that_asks_again_is_told_how_its_job_stands_though_its_key_is_anothers_now(scene: Scene) -> None:
    await scene.agents()
    first, second = (a_request(key="k", unique_for_seconds=60.0) for _ in range(2))
    await scene.run(await scene.accept(first))
    await scene.advance(61)
    again_before = await scene.accept(first)
    await scene.accept(second)

    again = await scene.accept(first)

    assert await scene.state(second.id) == JobState.RUNNING
    for answer in (again_before, again):
        assert [(event.job_id, event.type) for event in answer.answers] == [(first.id, EventType.SUCCEEDED)]


async def test_a_request_that_found_its_key_live_does_not_keep_it_taken(scene: Scene) -> None:
    await scene.agents()
    running, refused, later = (a_request(key="nightly", unique_for_seconds=3600.0) for _ in range(3))
    changes = await scene.accept(running)
    await scene.advance(3601)
    await scene.agents()

    answered = await scene.accept(refused)
    await scene.run(changes)
    accepted = await scene.accept(later)

    assert types_of(answered.answers, refused.id) == [EventType.CANCELLED]
    assert types_of(accepted.events, later.id)[0] == EventType.ACCEPTED


async def test_of_a_burst_only_the_last_debounced_request_starts_and_what_runs_is_left_alone(scene: Scene) -> None:
    await scene.agents()
    burst = [a_request(concurrency_group="o/r", debounce_seconds=5.0) for _ in range(4)]
    for request in burst:
        await scene.accept(request)
    await scene.advance(6)
    await scene.agents()
    running = await scene.dispatch()
    await scene.accept(a_request(concurrency_group="o/r", debounce_seconds=5.0))

    assert [order.job_id for order in orders(running)] == [burst[-1].id]
    assert await scene.state(burst[-1].id) == JobState.RUNNING


async def test_a_workflow_runs_its_steps_in_order_and_hands_results_on(scene: Scene) -> None:
    await scene.agents()
    request = a_request("review.pull_request", args=msgspec.Raw(b'{"number":7}'))

    fetched = await scene.accept(request)
    reviewed = await scene.run(fetched, result="the snapshot")
    published = await scene.run(reviewed, result="the report")
    ended = await scene.run(published, result="posted")

    assert [o.kind for c in (fetched, reviewed, published) for o in orders(c)] == ["fetch", "review", "publish"]
    assert all(bytes(o.args) == b'{"number":7}' for c in (fetched, reviewed, published) for o in orders(c))
    assert all(o.workflow_id == request.id for c in (fetched, reviewed, published) for o in orders(c))
    (last,) = orders(published)
    assert {step: bytes(r) for step, r in last.inputs.items()} == {
        "snapshot": b'"the snapshot"',
        "review": b'"the report"',
    }
    assert types_of(ended.events, request.id) == [EventType.SUCCEEDED]
    assert await scene.views.result(request.id) == b'"posted"'


async def test_a_dead_step_ends_its_workflow_and_a_retry_goes_on_where_it_stopped(scene: Scene) -> None:
    await scene.agents()
    request = a_request("review.pull_request")
    fetched = await scene.accept(request)
    dead = await scene.run(fetched, OutcomeType.GAVE_UP)
    assert types_of(dead.events, request.id) == [EventType.DEAD]
    assert (await scene.views.get(request.id)).error == "snapshot: broken"

    await scene.store.retry_dead([orders(fetched)[0].job_id], by="ann")
    changes = await scene.dispatch()
    for result in ("the snapshot", "the report", "posted"):
        changes = await scene.run(changes, result=result)

    assert types_of(changes.events, request.id) == [EventType.SUCCEEDED]


async def test_a_newer_push_cancels_the_older_workflow_with_all_its_steps(scene: Scene) -> None:
    await scene.agents()
    older, newer = (a_request("review.pull_request", concurrency_group="o/r#7") for _ in range(2))
    fetched = await scene.accept(older)
    await scene.accept(newer)

    late = await scene.run(fetched, result="the snapshot")

    steps = await scene.pool.fetch("select state from jobs where workflow_id = $1", older.id)
    assert {row["state"] for row in steps} == {"cancelled"}
    assert late.events == []
    assert await scene.state(newer.id) == JobState.RUNNING


async def test_a_request_with_a_live_key_makes_no_steps(scene: Scene) -> None:
    await scene.agents()
    first, second = (a_request("review.pull_request", key="o/r#7@abc") for _ in range(2))
    await scene.accept(first)

    refused = await scene.accept(second)

    assert types_of(refused.answers, second.id) == [EventType.CANCELLED]
    assert await scene.pool.fetchval("select count(*) from jobs where workflow_id = $1", second.id) == 0


async def test_an_unknown_kind_is_answered_and_recorded_nowhere(scene: Scene) -> None:
    request = a_request("fly")

    changes = await scene.accept(request)

    assert [(e.type, e.message) for e in changes.answers] == [(EventType.DEAD, "unknown kind of job: fly")]


async def test_editor_jobs_and_brief_ones_leave_within_the_hour_and_others_stay(scene: Scene) -> None:
    await scene.agents()
    editor, pull_request = a_request(priority=Priority.INTERACTIVE), a_request(priority=Priority.PULL_REQUEST)
    files = a_request("index", priority=Priority.BATCH)
    await scene.run(await scene.accept(editor, pull_request, files))
    await scene.advance(3600)

    assert await scene.store.clean() == 2
    assert scene.store.kept_seconds(files) == scene.store.kept_seconds(editor) < scene.store.kept_seconds(pull_request)

    assert [job.id for job in await scene.views.list()] == [pull_request.id]
    assert await scene.views.events(editor.id) == await scene.views.events(files.id) == []
    assert await scene.views.events(pull_request.id) != []


async def test_an_editor_job_stays_while_somebody_waits_to_come_back_to_its_result(scene: Scene) -> None:
    await scene.agents()
    request = a_request(priority=Priority.INTERACTIVE)
    awaited = AwaitedResults(scene.pool)
    await awaited.add(Awaited(request.id, request.kind, "file:///a.py", ""), principal="ada", editor="window 1")
    await scene.run(await scene.accept(request))
    await scene.advance(86_400)

    assert await scene.store.clean() == 0
    await awaited.remove(request.id)
    assert await scene.store.clean() == 1


async def test_every_change_of_state_has_its_event(scene: Scene) -> None:
    await scene.agents()
    request = a_request()
    changes = await scene.run(await scene.accept(request), OutcomeType.FAILED)
    await scene.advance(10)
    await scene.agents()
    changes = await scene.dispatch()
    await scene.run(changes)

    events = await scene.views.events(request.id)

    assert [(e.type, e.attempt) for e in events] == [
        ("accepted", 0), ("started", 1), ("retry", 1), ("started", 2), ("succeeded", 2),
    ]  # fmt: skip
    assert events[0].at.tzinfo is UTC or isinstance(events[0].at, datetime)


async def test_nobody_ends_what_is_for_another_role_to_run(scene: Scene) -> None:
    await scene.agents()
    job = a_request("fetch")
    work = orders(await scene.accept(job))
    forged = Outcomes(AGENT, (ended(work[0], result={"files": []}),))

    assert (await scene.store.finish([forged], role=Role.AGENT)).events == []
    assert await scene.state(job.id) == "running"

    await scene.store.finish([Outcomes(ACTOR, forged.outcomes)], role=Role.EFFECTS)
    assert await scene.state(job.id) == "succeeded"


async def test_no_agent_beats_or_leaves_for_one_of_another_role(scene: Scene) -> None:
    await scene.agents(capacity=7)

    changes, _ = await scene.store.beat([Beat(ACTOR, "forged", Role.AGENT, ("review",), 0)])

    assert (changes.gone, changes.wishes) == ([], [])
    assert {member.free for member in await scene.store.members()} == {7}
    assert await scene.store.agents_of(Role.AGENT, [AGENT, ACTOR]) == {AGENT}


async def test_an_agent_is_handed_only_work_that_there_is(scene: Scene) -> None:
    await scene.store.beat([Beat(AGENT, "tester", Role.AGENT, ("review", "made up"), 1)])

    assert [member.queues for member in await scene.store.members()] == [("review",)]


async def test_nobody_new_is_heard_once_there_are_too_many_agents(scene: Scene) -> None:
    await scene.store.beat([a_beat(AGENT)])
    await scene.pool.execute(
        "insert into agents select gen_random_uuid(), name, role, queues, 0, state, null, started_at, seen_at,"
        " leased_until, null from agents cross join generate_series(2, $1)",
        MAX_AGENTS,
    )
    stranger = new_job_id()

    _, has_new = await scene.store.beat([a_beat(AGENT), a_beat(stranger)])

    assert not has_new
    assert await scene.store.agents_of(Role.AGENT, [AGENT, stranger]) == {AGENT}


async def _is_what_its_events_say(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        for compared in await replay(connection, [JOBS, WORKFLOWS]):
            assert compared.is_equal, compared
