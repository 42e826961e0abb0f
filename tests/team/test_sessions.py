"""Sessions, gathered from the events of a real Postgres whose clock the tests move."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from server.jobs.agent_state import AgentState
from server.jobs.job import JobRequest, encode, new_job_id
from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.life import Summary
from server.jobs.room import Room
from server.jobs.store import JobStore
from server.jobs.wire import Beat, Outcome, Outcomes, OutcomeType, StateTold
from server.messaging import Role
from server.team.sessions import REST_SECONDS, Cursor, Session, SessionKind, SessionNotFound, Sessions
from tests.clock import Clock

PROJECT, OTHER = "github.com/o/r", "github.com/o/other"
KINDS = Kinds(
    [Kind("review", "review")],
    [WorkflowKind("both", (Step("first", "review"), Step("second", "review", needs=("first",))))],
)


class Scene:
    """Sessions, the store whose events they tell of, and a hand on the clock."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.store = JobStore(pool, KINDS)
        self.sessions = Sessions(pool)
        self.clock = Clock(pool)

    async def agent(self, name: str = "bee", agent_id: UUID | None = None) -> UUID:
        beat = Beat(agent_id or new_job_id(), name, Role.AGENT, ("review",), 50)
        await self.store.beat([beat])
        return beat.agent_id

    async def ask(self, owner: str, project: str = PROJECT, *, kind: str = "review") -> UUID:
        """A job that has ended, where an agent is there to end it."""
        request = JobRequest(kind, project, msgspec.Raw(b"{}"), requested_by=owner)
        room = Room()
        room.set(await self.store.members())
        changes = await self.store.accept([request], room=room)
        for agent_id, order in changes.work:
            outcome = Outcome(order.job_id, order.attempt, OutcomeType.SUCCEEDED, order.kind)
            await self.store.finish([Outcomes(agent_id, (outcome,))])
        return request.id

    async def gather(self) -> None:
        await self.sessions.gather(await self.pool.fetchval("select max(seq) from job_events") or 0)

    async def of(self, owner: str) -> Sequence[Session]:
        await self.gather()
        return await self.sessions.list(owner=owner)


@pytest.fixture
async def scene(pool: asyncpg.Pool) -> Scene:
    return Scene(pool)


async def test_what_a_person_asks_for_in_a_project_is_one_session(scene: Scene) -> None:
    agent_id = await scene.agent()
    first = await scene.ask("ada")
    await scene.clock.advance(3600)
    await scene.agent(agent_id=agent_id)
    second = await scene.ask("ada")
    elsewhere = await scene.ask("ada", OTHER)

    [newest, here] = await scene.of("ada")

    assert {newest.project, here.project} == {PROJECT, OTHER}
    session = here if here.project == PROJECT else newest
    assert 3600 <= (session.last_seen_at - session.started_at).total_seconds() < 3610
    details = await scene.sessions.get(session.id)
    assert [job.id for job in details.jobs] == [second, first]
    assert details.counts == {"review": {"accepted": 2, "succeeded": 2}}
    assert elsewhere not in [job.id for job in details.jobs]


async def test_who_comes_back_soon_goes_on_and_who_rested_begins_anew(scene: Scene) -> None:
    await scene.ask("ada")
    [first] = await scene.of("ada")
    await scene.clock.advance(REST_SECONDS - 60)
    await scene.ask("ada")
    [resumed] = await scene.of("ada")
    await scene.clock.advance(REST_SECONDS + 60)
    await scene.ask("ada")

    [again, ended] = await scene.of("ada")

    assert resumed.id == first.id == ended.id
    assert (ended.ended_at, again.ended_at) == (resumed.last_seen_at, None)
    assert again.started_at > ended.last_seen_at


async def test_nothing_is_told_twice_nor_left_out(scene: Scene) -> None:
    await scene.agent()
    for _ in range(3):
        await scene.ask("ada")
        await scene.gather()
        await scene.gather()

    [session] = await scene.of("ada")

    assert (await scene.sessions.get(session.id)).counts["review"] == {"accepted": 3, "succeeded": 3}


async def test_hubs_that_gather_at_once_tell_once(scene: Scene) -> None:
    await scene.ask("ada")
    async with scene.pool.acquire() as connection, connection.transaction():
        await connection.execute("select from sessions_gathered for update")

        assert await scene.of("ada") == []
    [session] = await scene.of("ada")

    assert (await scene.sessions.get(session.id)).counts == {"review": {"accepted": 1}}


async def test_a_workflow_is_listed_as_the_one_job_that_was_asked_for(scene: Scene) -> None:
    asked = await scene.ask("ada", kind="both")

    [session] = await scene.of("ada")

    details = await scene.sessions.get(session.id)
    assert [job.id for job in details.jobs] == [asked]
    assert details.counts == {"both": {"accepted": 1}, "review": {"accepted": 1}}


async def test_an_agents_session_survives_its_restarts(scene: Scene) -> None:
    first = await scene.agent()
    jobs = [await scene.ask("ada")]
    [session] = await scene.of("bee")
    await scene.store.agents_ended([first], vanished=True)
    await scene.agent()
    jobs.append(await scene.ask("", OTHER))

    [same] = await scene.of("bee")

    assert (same.id, same.kind, same.project) == (session.id, SessionKind.AGENT, "")
    details = await scene.sessions.get(same.id)
    assert [job.id for job in details.jobs] == jobs[::-1]
    assert details.counts["review"] == {"started": 2, "succeeded": 2}


async def test_an_agent_that_waits_has_a_session_for_as_long_as_it_is_here(scene: Scene) -> None:
    agent_id = await scene.agent()
    for _ in range(6):
        await scene.clock.advance(REST_SECONDS / 3)
        await scene.agent(agent_id=agent_id)
        await scene.gather()

    [session] = await scene.of("bee")

    assert session.ended_at is None
    assert (session.last_seen_at - session.started_at).total_seconds() >= 2 * REST_SECONDS


async def test_agents_that_began_before_the_clock_was_set_back_have_sessions_too(scene: Scene) -> None:
    """As when a machine boots with a clock that is ahead."""
    agent_id = await scene.agent()
    await scene.ask("ada")
    await scene.clock.advance(-3600)
    await scene.agent(agent_id=agent_id)
    await scene.sessions.keep_summaries([StateTold(agent_id, AgentState.SLEEPING, summary=encode(Summary()))])

    [session] = await scene.of("bee")

    assert session.started_at <= session.last_seen_at
    assert len(await scene.of("ada")) == 1


async def test_what_its_processes_have_done_stands_with_the_session(scene: Scene) -> None:
    first = await scene.agent()
    early = Summary({"review": {"succeeded": 1}}, {"review": 0.5}, {PROJECT: 1}, 1)
    late = Summary({"review": {"succeeded": 3}}, {"review": 1.5}, {PROJECT: 3}, 2)
    told = [StateTold(first, AgentState.SLEEPING, "", encode(summary)) for summary in (early, late)]
    second = await scene.agent()
    told.append(StateTold(second, AgentState.SLEEPING, "", encode(early)))

    await scene.sessions.keep_summaries(told)

    [session] = await scene.of("bee")
    assert (await scene.sessions.get(session.id)).processes == {str(first): late, str(second): early}


@pytest.mark.parametrize(
    "summary", [b"null", b'{"attempts": 3}', b'{"projects": {"\\u0000": 1}}', b'{"attempts": {' + b" " * 65536 + b"}}"]
)
async def test_what_is_no_summary_is_not_kept(scene: Scene, summary: bytes) -> None:
    agent_id = await scene.agent()

    await scene.sessions.keep_summaries([StateTold(agent_id, AgentState.SLEEPING, "", msgspec.Raw(summary))])

    assert await scene.sessions.list() == []


async def test_what_a_schedule_asks_for_is_nobodys_session(scene: Scene) -> None:
    await scene.ask("schedule:nightly")
    await scene.gather()

    assert await scene.sessions.list() == []


async def test_pages_follow_each_other_and_the_old_are_forgotten(scene: Scene) -> None:
    for owner in ("ada", "bob", "eve"):
        await scene.ask(owner)
    await scene.gather()
    page = await scene.sessions.list(limit=2)
    rest = await scene.sessions.list(after=Cursor(page[-1].last_seen_at, page[-1].id), limit=2)
    assert len({session.owner for session in (*page, *rest)}) == 3

    await scene.clock.advance(REST_SECONDS * 2)
    await scene.gather()
    await scene.clock.advance(91 * 86400)
    await scene.sessions.forget()

    assert await scene.sessions.list() == []
    with pytest.raises(SessionNotFound):
        await scene.sessions.get(uuid4())
