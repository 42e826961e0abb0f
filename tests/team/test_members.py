"""Agents as members, on a real Postgres: wishes bind processes at once and outlive them."""

from uuid import UUID

import asyncpg
import msgspec
import pytest

from server.jobs.agent_state import AgentState
from server.jobs.job import JobRequest, new_job_id
from server.jobs.kinds import Kind, Kinds
from server.jobs.room import Room
from server.jobs.store import LEASE_SECONDS, JobStore
from server.jobs.wire import Beat, StateTold
from server.messaging import Role
from server.team.members import AgentNotFound, Member, Members
from tests.clock import Clock

AWAKE, DRAINING, SLEEPING = AgentState.AWAKE, AgentState.DRAINING, AgentState.SLEEPING


class Scene:
    """Members, the store that writes their beats, and a hand on the clock."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.members = Members(pool)
        self.store = JobStore(pool, Kinds([Kind("review", "review"), Kind("rank", "ranking")]))
        self.clock = Clock(pool)

    async def beat(self, name: str = "bee", agent_id: UUID | None = None, **fields: object) -> UUID:
        beat, _ = await self.hear(name, agent_id, **fields)
        return beat.agent_id

    async def hear(self, name: str = "bee", agent_id: UUID | None = None, **fields: object) -> tuple[Beat, list[str]]:
        """A beat, and what it was answered with."""
        beat = Beat(agent_id or new_job_id(), name, Role.AGENT, ("review",), 4)
        beat = msgspec.structs.replace(beat, **fields)
        changes, _ = await self.store.beat([beat])
        return beat, [wish for _, _, wish in changes.wishes]

    async def handed_out(self) -> int:
        """How much of ten new jobs is handed out now."""
        room = Room()
        room.set(await self.store.members())
        requests = [JobRequest("review", "github.com/o/r", msgspec.Raw(b"{}")) for _ in range(10)]
        changes = await self.store.accept(requests, room=room)
        return len(changes.work)

    async def only(self, name: str = "bee") -> Member:
        [member] = await self.members.get(name)
        return member

    async def history(self, name: str = "bee") -> list[tuple[str, str]]:
        return [(event.type, event.actor) for event in reversed(await self.members.events(name))]


@pytest.fixture
async def scene(pool: asyncpg.Pool) -> Scene:
    return Scene(pool)


async def test_a_process_that_beats_is_a_member(scene: Scene) -> None:
    agent_id = await scene.beat()
    assert await scene.handed_out() == 4
    await scene.beat(agent_id=agent_id)
    await scene.clock.advance(2)

    member = await scene.only()

    assert (member.id, member.role, member.queues, member.capacity) == (agent_id, "agent", ("review",), 4)
    assert (member.state, member.wanted, member.held) == (AWAKE, "work", 4)
    assert member.silent_seconds is not None
    assert 2 <= member.silent_seconds < 3
    assert [found.id for found in await scene.members.list()] == [agent_id]
    assert await scene.history() == [("awake", "")]


async def test_who_is_to_drain_gets_nothing_more_at_once_and_hears_of_it_with_the_next_beat(scene: Scene) -> None:
    agent_id = await scene.beat()

    await scene.members.drain("bee", by="ada")

    assert await scene.handed_out() == 0
    assert (await scene.only()).state is DRAINING
    assert (await scene.hear(agent_id=agent_id))[1] == ["drain"]
    assert (await scene.hear(agent_id=agent_id))[1] == ["drain"], "until it does"
    assert (await scene.hear(agent_id=agent_id, state=DRAINING))[1] == []


async def test_a_draining_agent_is_handed_nothing_when_something_it_held_has_ended(scene: Scene) -> None:
    agent_id = await scene.beat()
    await scene.members.drain("bee", by="ada")
    room = Room()
    room.set(await scene.store.members())

    assert room.role_of(agent_id) is Role.AGENT, "it must still hear what to stop"
    assert list(room.freed(agent_id, 1)) == []
    assert room.take("review", 10) == []


async def test_who_may_go_on_gets_work_at_once(scene: Scene) -> None:
    agent_id = await scene.beat()
    await scene.members.drain("bee", by="ada")
    await scene.members.drain("bee", by="eve")
    await scene.beat(agent_id=agent_id, state=DRAINING)

    await scene.members.resume("bee", by="bob")

    assert await scene.handed_out() == 4
    assert (await scene.hear(agent_id=agent_id, state=DRAINING))[1] == ["resume"]
    assert (await scene.only()).state is AWAKE
    assert await scene.history() == [
        ("awake", ""), ("draining", ""), ("drain", "ada"), ("awake", ""), ("resume", "bob")
    ]  # fmt: skip


async def test_a_wish_outlives_the_process(scene: Scene) -> None:
    first = await scene.beat()
    await scene.members.drain("bee", by="ada")
    await scene.store.agents_ended([first], vanished=True)
    assert (await scene.only()).state is AgentState.EXPECTED

    second, wishes = await scene.hear()

    assert (second.agent_id != first, wishes) == (True, ["drain"])
    assert (await scene.only()).state is DRAINING
    assert await scene.handed_out() == 0


async def test_one_that_retired_is_told_so_whenever_it_comes_back(scene: Scene) -> None:
    agent_id = await scene.beat()
    await scene.members.retire("bee", by="ada")
    assert (await scene.hear(agent_id=agent_id))[1] == ["retire"]
    assert (await scene.hear(agent_id=agent_id, state=DRAINING))[1] == ["retire"]

    await scene.store.agents_ended([agent_id], vanished=False)

    assert (await scene.only()).state is AgentState.RETIRED
    assert (await scene.hear())[1] == ["retire"]
    assert ("retire", "ada") in await scene.history()
    assert ("retired", "") in await scene.history()


async def test_an_announced_name_is_expected_and_limits_the_process_that_comes(scene: Scene) -> None:
    await scene.members.announce("bee", by="ada", queues=["review", "ranking"], capacity=2)
    expected = await scene.only()
    assert (expected.state, expected.id, expected.queues, expected.capacity) == (
        AgentState.EXPECTED, None, ("review", "ranking"), 2
    )  # fmt: skip
    assert await scene.handed_out() == 0

    agent_id = await scene.beat(queues=("review", "secret"), capacity=8)

    here = await scene.only()
    assert (here.id, here.state, here.queues, here.capacity) == (agent_id, AWAKE, ("review",), 2)
    assert (here.announced_by, await scene.handed_out()) == ("ada", 2)
    [*_, event] = await scene.members.events("bee")
    assert (event.type, event.message) == ("announced", "queues review, ranking; capacity 2")


async def test_what_it_says_of_itself_stands_with_the_reason(scene: Scene) -> None:
    agent_id = await scene.beat()

    states = [(AgentState.PREPARING_SLEEP, "idle for 300 s"), (AgentState.CONSOLIDATING, ""), (SLEEPING, "0.1 s")]
    await scene.members.told([StateTold(agent_id, state, note) for state, note in states])
    await scene.beat(agent_id=agent_id, state=SLEEPING)
    assert ((await scene.only()).state, (await scene.only()).note) == (SLEEPING, "0.1 s")
    assert await scene.handed_out() == 4, "work wakes it"
    await scene.beat(agent_id=agent_id, state=AWAKE)

    assert ((await scene.only()).state, (await scene.only()).note) == (AWAKE, "")
    events = reversed(await scene.members.events("bee"))
    assert [(event.type, event.message) for event in events] == [("awake", ""), *states, ("awake", "")]


async def test_who_is_to_drain_is_draining_whatever_it_says(scene: Scene) -> None:
    agent_id = await scene.beat()
    await scene.members.drain("bee", by="ada")

    await scene.members.told([StateTold(agent_id, AWAKE), StateTold(agent_id, DRAINING)])
    await scene.beat(agent_id=agent_id, state=SLEEPING)

    assert (await scene.only()).state is DRAINING


async def test_a_silent_agent_is_lost_and_its_history_stays(scene: Scene) -> None:
    await scene.beat()
    await scene.clock.advance(LEASE_SECONDS + 1)
    await scene.store.rescue()

    assert await scene.members.list() == []
    assert await scene.members.get("bee") == []
    assert await scene.history() == [("awake", ""), ("lost", "")]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await scene.pool.execute("delete from agent_events")


async def test_what_became_of_agents_is_forgotten_after_thirty_days_and_not_before(scene: Scene) -> None:
    await scene.beat()
    await scene.members.forget()
    assert await scene.history() == [("awake", "")]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await scene.pool.execute("truncate agent_events")

    await scene.clock.advance(31 * 86400)
    await scene.beat()
    await scene.members.forget()

    assert await scene.history() == [("awake", "")], "the second"


async def test_something_may_be_wished_of_whoever_is_here_or_expected_after_all_was_forgotten(scene: Scene) -> None:
    here = await scene.beat("here")
    await scene.members.announce("expected", by="ada")
    await scene.clock.advance(31 * 86400)
    await scene.beat("here", here)
    await scene.members.forget()

    for name in ("here", "expected"):
        await scene.members.drain(name, by="ada")
        assert (await scene.only(name)).wanted == "drain"


async def test_nobody_says_of_itself_that_it_has_ended(scene: Scene) -> None:
    agent_id = await scene.beat()

    await scene.members.told([StateTold(agent_id, AgentState.RETIRED), StateTold(agent_id, AgentState.EXPECTED)])

    assert (await scene.only()).state is AWAKE


async def test_of_one_that_is_away_something_may_be_wished(scene: Scene) -> None:
    await scene.store.agents_ended([await scene.beat()], vanished=False)

    await scene.members.drain("bee", by="ada")

    assert (await scene.only()).state is AgentState.EXPECTED
    assert (await scene.hear())[1] == ["drain"]


async def test_nothing_is_wished_of_a_name_that_nobody_knows(scene: Scene) -> None:
    with pytest.raises(AgentNotFound):
        await scene.members.get("nobody")
    for wish in (scene.members.drain, scene.members.resume, scene.members.retire):
        with pytest.raises(AgentNotFound):
            await wish("nobody", by="ada")


async def test_what_is_so_already_is_not_noted_again(scene: Scene) -> None:
    await scene.beat()

    await scene.members.resume("bee", by="ada")

    assert await scene.history() == [("awake", "")]
