"""A worker's life: asleep when nothing comes, awake by demand. The sleeper waits where the test wants it to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.jobs.agent_state import TRANSITIONS, AgentState
from server.jobs.job import new_job_id
from server.jobs.life import Life, Summary
from server.jobs.wire import Outcome, OutcomeType

AWAKE, SLEEPING, ERROR, DRAINING = AgentState.AWAKE, AgentState.SLEEPING, AgentState.ERROR, AgentState.DRAINING
FALLING_ASLEEP = [AgentState.PREPARING_SLEEP, AgentState.CONSOLIDATING, SLEEPING]
WAKING_UP = [AgentState.PREPARING_WAKE, AWAKE]


class ScriptedSleeper:
    def __init__(self) -> None:
        self.may_consolidate = asyncio.Event()
        self.may_consolidate.set()
        self.may_wake = asyncio.Event()
        self.may_wake.set()
        self.wakes = 0
        self.broken = False

    async def consolidate(self) -> str:
        await self.may_consolidate.wait()
        if self.broken:
            raise RuntimeError("no rest")
        return "90 -> 40 MB"

    async def wake(self) -> None:
        self.wakes += 1
        await self.may_wake.wait()
        if self.broken:
            raise RuntimeError("no coffee")


class Scene:
    """A life that falls asleep at once, and what it told."""

    def __init__(self) -> None:
        self.sleeper = ScriptedSleeper()
        self.told: list[tuple[AgentState, str, Summary | None]] = []
        self._heard = asyncio.Condition()
        self.life = Life(self._tell, sleeper=self.sleeper, sleep_after_seconds=0.01)

    @property
    def states(self) -> list[AgentState]:
        return [state for state, _, _ in self.told]

    async def hears(self, state: AgentState, times: int = 1) -> None:
        async with asyncio.timeout(60), self._heard:
            await self._heard.wait_for(lambda: self.states.count(state) >= times)

    async def attempt(self, may_end: asyncio.Event | None = None) -> None:
        self.life.begin()
        try:
            if self.life.is_resting:
                await self.life.wake_up()
            if may_end is not None:
                await may_end.wait()
        finally:
            self.life.end()

    def _tell(self, state: AgentState, note: str, summary: Summary | None) -> None:
        self.told.append((state, note, summary))
        self._telling = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self._heard:
            self._heard.notify_all()


@asynccontextmanager
async def living() -> AsyncIterator[Scene]:
    scene = Scene()
    task = asyncio.create_task(scene.life.run())
    try:
        yield scene
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_who_has_nothing_to_do_falls_asleep_and_wakes_by_demand() -> None:
    async with living() as scene:
        scene.life.summary.add(Outcome(new_job_id(), 1, OutcomeType.SUCCEEDED, "review"), "github.com/o/r", 0.5)
        await scene.hears(SLEEPING)
        await scene.attempt()

    assert scene.states[:5] == FALLING_ASLEEP + WAKING_UP
    notes = [note for _, note, _ in scene.told]
    assert notes[0] == "idle for 0.01 s"
    assert notes[2].endswith(": 90 -> 40 MB")
    assert notes[4].startswith("woke in 0.")
    summary = scene.told[2][2]
    assert summary == Summary({"review": {"succeeded": 1}}, {"review": 0.5}, {"github.com/o/r": 1}, sleeps=1)


async def test_work_that_comes_while_it_falls_asleep_waits_and_wakes_it_once() -> None:
    async with living() as scene:
        scene.sleeper.may_consolidate.clear()
        await scene.hears(AgentState.CONSOLIDATING)
        attempts = [asyncio.create_task(scene.attempt()) for _ in range(5)]
        scene.sleeper.may_consolidate.set()
        await asyncio.gather(*attempts)

    assert scene.states[:5] == FALLING_ASLEEP + WAKING_UP
    assert scene.sleeper.wakes == 1


async def test_one_whose_waking_was_for_work_that_nobody_wants_any_more_wakes_all_the_same() -> None:
    async with living() as scene:
        await scene.hears(SLEEPING)
        scene.sleeper.may_wake.clear()
        attempts = [asyncio.create_task(scene.attempt()) for _ in range(2)]
        await scene.hears(AgentState.PREPARING_WAKE)
        attempts[0].cancel()
        scene.sleeper.may_wake.set()
        await attempts[1]

        assert scene.states[3:5] == WAKING_UP
        assert scene.sleeper.wakes == 1


async def test_whoever_works_does_not_fall_asleep() -> None:
    async with living() as scene:
        scene.life.begin()
        await asyncio.sleep(0.05)  # five times what it would have waited
        assert scene.states == []
        scene.life.end()
        await scene.hears(SLEEPING)


async def test_one_that_cannot_wake_works_all_the_same_and_says_so() -> None:
    async with living() as scene:
        await scene.hears(SLEEPING)
        scene.sleeper.broken = True
        await scene.attempt()
        assert scene.life.state is ERROR
        scene.sleeper.broken = False
        await scene.attempt()

    assert scene.states[3:7] == [AgentState.PREPARING_WAKE, ERROR, *WAKING_UP]


async def test_one_that_cannot_fall_asleep_says_so_and_works() -> None:
    async with living() as scene:
        scene.sleeper.broken = True
        await scene.hears(ERROR)
        scene.sleeper.broken = False
        await scene.attempt()
        assert scene.life.state is AWAKE


async def test_one_that_is_to_retire_finishes_what_it_holds_first() -> None:
    async with living() as scene:
        scene.life.begin()
        scene.life.drain(retire=True)
        scene.life.drain(retire=True)
        assert (scene.life.state, scene.life.retired.is_set()) == (DRAINING, False)

        scene.life.end()

        assert scene.life.retired.is_set()
        assert scene.states == [DRAINING]


async def test_who_drains_does_not_fall_asleep_and_may_be_called_back() -> None:
    async with living() as scene:
        scene.life.drain()
        await asyncio.sleep(0.05)  # five times what it would have waited
        assert scene.states == [DRAINING]

        scene.life.resume()

        assert scene.states == [DRAINING, AWAKE]
        assert not scene.life.retired.is_set()
        await scene.hears(SLEEPING)


async def test_who_is_to_drain_in_its_sleep_sleeps_on_when_it_may() -> None:
    async with living() as scene:
        await scene.hears(SLEEPING)
        scene.life.drain()
        scene.life.resume()

    assert scene.states == [*FALLING_ASLEEP, DRAINING, SLEEPING]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["work", "finish", "stop", "rest", "drain", "resume", "break", "mend"]), max_size=25))
def test_whatever_happens_work_is_done_and_no_state_follows_one_that_it_cannot(happenings: list[str]) -> None:
    asyncio.run(_live_through(happenings))


async def _live_through(happenings: list[str]) -> None:
    async with living() as scene:
        attempts: list[tuple[asyncio.Task[None], asyncio.Event]] = []
        for happening in happenings:
            match happening:
                case "work":
                    may_end = asyncio.Event()
                    attempts.append((asyncio.create_task(scene.attempt(may_end)), may_end))
                case "finish" if attempts:
                    attempts[0][1].set()
                case "stop" if attempts:
                    attempts.pop()[0].cancel()
                case "rest":
                    await asyncio.sleep(0.012)  # a little more than until it falls asleep
                case "drain":
                    scene.life.drain()
                case "resume":
                    scene.life.resume()
                case "break" | "mend":
                    scene.sleeper.broken = happening == "break"
            await asyncio.sleep(0)
        for _, may_end in attempts:
            may_end.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*(attempt for attempt, _ in attempts))
        told = [AWAKE, *scene.states]
        assert [pair for pair in pairwise(told) if pair[1] not in TRANSITIONS[pair[0]]] == []
        assert scene.life.state is told[-1]


@pytest.mark.parametrize("state", AgentState)
def test_every_state_has_its_place_and_only_ends_are_final(state: AgentState) -> None:
    ends = {AgentState.LEFT, AgentState.LOST, AgentState.RETIRED}

    assert (TRANSITIONS[state] == frozenset()) == (state in ends)
    assert AgentState.EXPECTED not in TRANSITIONS[state]
