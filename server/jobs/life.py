"""How a worker process lives besides its work: it falls asleep when nothing comes, wakes by demand, drains and retires.

Decides and tells; what is let go of and taken up again is its `Sleeper`'s affair, and work itself is `worker.py`'s. In
Postgres nothing depends on it: a sleeping agent gets work like any other, and that wakes it.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import msgspec
import structlog

from server.jobs.agent_state import TRANSITIONS, AgentState
from server.jobs.wire import Outcome

SLEEP_AFTER_SECONDS = 300.0
PROJECTS_NAMED = 50

log = structlog.get_logger()


class Sleeper(Protocol):
    async def consolidate(self) -> str:
        """Let go of whatever can be had again; answers with a phrase for people about what that brought."""

    async def wake(self) -> None:
        """Be as before `consolidate`, warm."""


class Summary(msgspec.Struct):
    """What a process has done since its start. *attempts*: by kind and outcome; *seconds*: by kind.

    *projects*: attempts by project, of the busiest. *sleeps*: how often it fell asleep.
    """

    attempts: dict[str, dict[str, int]] = {}
    seconds: dict[str, float] = {}
    projects: dict[str, int] = {}
    sleeps: int = 0

    def add(self, outcome: Outcome, project: str, seconds: float) -> None:
        of_kind = self.attempts.setdefault(outcome.kind, {})
        of_kind[outcome.type] = of_kind.get(outcome.type, 0) + 1
        self.seconds[outcome.kind] = self.seconds.get(outcome.kind, 0.0) + seconds
        self.projects[project] = self.projects.get(project, 0) + 1


Tell = Callable[[AgentState, str, Summary | None], None]
"""Says what it became, why or how fast, and with `sleeping` what it has done. It must not block."""


class Life:
    """`begin` an attempt, `wake_up` if it `is_resting`, `end` it once its outcome is on its way. `run` meanwhile."""

    def __init__(
        self, tell: Tell, *, sleeper: Sleeper | None = None, sleep_after_seconds: float = SLEEP_AFTER_SECONDS
    ) -> None:
        self._tell = tell
        self._sleeper = sleeper
        self._sleep_after_seconds = sleep_after_seconds
        self._state = AgentState.AWAKE
        self._draining = False
        self._retiring = False
        self._attempts = 0
        self._idle_since = 0.0
        self._turn = asyncio.Lock()
        self._waking: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()
        self._awake.set()
        self.summary = Summary()
        self.retired = asyncio.Event()
        """It was told to retire, and holds nothing any more."""

    @property
    def state(self) -> AgentState:
        return AgentState.DRAINING if self._draining else self._state

    @property
    def is_resting(self) -> bool:
        return self._state is not AgentState.AWAKE

    def begin(self) -> None:
        self._attempts += 1

    def end(self) -> None:
        self._attempts -= 1
        self._idle_since = asyncio.get_running_loop().time()
        self._retire_if_done()

    async def wake_up(self) -> None:
        """Returns when it is awake, or as awake as it gets: work goes on, and says itself what it lacks.

        Whoever waits for it may be stopped; the waking goes on for the others.
        """
        if self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._wake_up())
        await asyncio.shield(self._waking)

    def drain(self, *, retire: bool = False) -> None:
        """Nothing new will come. What is held is finished; then, if it is to *retire*, `retired` is set."""
        was = self.state
        self._draining, self._retiring = True, retire
        self._tell_change(was, "to retire" if retire else "")
        self._retire_if_done()

    def resume(self) -> None:
        was = self.state
        self._draining = self._retiring = False
        self._tell_change(was, "")

    async def run(self) -> None:
        """Fall asleep whenever nothing was to be done for long enough; until cancelled."""
        self._idle_since = asyncio.get_running_loop().time()
        while self._sleeper is not None:
            await self._awake.wait()
            await asyncio.sleep(max(0.0, self._seconds_left()))
            if self._seconds_left() <= 0:
                await self._fall_asleep(self._sleeper)
        await asyncio.Event().wait()

    def _seconds_left(self) -> float:
        """Until it is time to fall asleep."""
        if self._attempts or self._draining:
            return self._sleep_after_seconds
        return self._idle_since + self._sleep_after_seconds - asyncio.get_running_loop().time()

    async def _fall_asleep(self, sleeper: Sleeper) -> None:
        """Work that comes meanwhile waits for its turn, which is the next."""
        async with self._turn:
            self._become(AgentState.PREPARING_SLEEP, f"idle for {self._sleep_after_seconds:g} s")
            self._become(AgentState.CONSOLIDATING)
            began = asyncio.get_running_loop().time()
            try:
                brought = await sleeper.consolidate()
            except Exception as error:
                log.exception("an agent does not fall asleep as it should")
                self._become(AgentState.ERROR, f"consolidating: {type(error).__name__}")
                return
            self.summary.sleeps += 1
            seconds = asyncio.get_running_loop().time() - began
            self._become(AgentState.SLEEPING, f"consolidated in {seconds:.3f} s: {brought}")

    async def _wake_up(self) -> None:
        async with self._turn:
            if self._state is AgentState.AWAKE or self._sleeper is None:
                return
            began = asyncio.get_running_loop().time()
            self._become(AgentState.PREPARING_WAKE, "work came")
            try:
                await self._sleeper.wake()
            except Exception as error:
                log.exception("an agent does not wake up as it should")
                self._become(AgentState.ERROR, f"waking: {type(error).__name__}")
                return
            seconds = asyncio.get_running_loop().time() - began
            self._become(AgentState.AWAKE, f"woke in {seconds:.3f} s")

    def _become(self, state: AgentState, note: str = "") -> None:
        assert state in TRANSITIONS[self._state], f"{self._state} is never followed by {state}"
        self._state = state
        if state is AgentState.AWAKE:
            self._awake.set()
        else:
            self._awake.clear()
        if not self._draining:
            self._tell(state, note, self._telling_summary() if state is AgentState.SLEEPING else None)

    def _tell_change(self, was: AgentState, note: str) -> None:
        if self.state is not was:
            assert self.state in TRANSITIONS[was], f"{was} is never followed by {self.state}"
            self._tell(self.state, note, None)

    def _telling_summary(self) -> Summary:
        busiest = sorted(self.summary.projects.items(), key=lambda of: of[1], reverse=True)[:PROJECTS_NAMED]
        return msgspec.structs.replace(self.summary, projects=dict(busiest))

    def _retire_if_done(self) -> None:
        if self._retiring and not self._attempts:
            self.retired.set()
