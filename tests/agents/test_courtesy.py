"""Long work that pauses while short work is under way."""

import asyncio

import pytest

from server.agents.courtesy import SENDING_SECONDS, Courtesy
from server.analysis.budget import OutOfTime


async def test_who_is_patient_works_on_where_nobody_hurries() -> None:
    Courtesy().patient(60.0).spend()


async def test_who_is_patient_waits_until_the_last_one_in_a_hurry_has_answered() -> None:
    courtesy = Courtesy()

    with courtesy.hurry():
        with courtesy.hurry():
            work = asyncio.ensure_future(asyncio.to_thread(courtesy.patient(60.0).spend))
        await asyncio.wait({work}, timeout=2 * SENDING_SECONDS)
        assert not work.done()

    await work


class NeverFree:
    """Somebody is always in a hurry, or is again after a moment of a millisecond every *so_often* seconds."""

    def __init__(self, so_often: float) -> None:
        self.now, self.paused = 0.0, 0.0
        self._so_often = so_often

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float) -> bool:
        pause = min(timeout, self._so_often)
        self.now += pause
        self.paused += pause
        return pause < timeout


@pytest.mark.parametrize("so_often", [60.0, 0.1])
async def test_who_is_patient_gets_a_share_though_somebody_is_always_in_a_hurry(
    monkeypatch: pytest.MonkeyPatch, so_often: float
) -> None:
    """Fifty editors that type: a pull request's review paused at every sixteen nodes, and never came to its end."""
    never_free, courtesy = NeverFree(so_often), Courtesy()
    monkeypatch.setattr(courtesy, "_free", never_free)
    budget = courtesy.patient(60.0, lambda: never_free.now)

    for _ in range(10_000):  # ten seconds of work
        budget.spend()
        never_free.now += 0.001

    assert never_free.paused < 110.0


async def test_a_pause_does_not_count_and_what_nobody_wants_any_more_ends_after_it() -> None:
    courtesy = Courtesy()
    budget = courtesy.patient(0.3)

    with courtesy.hurry():
        await asyncio.to_thread(budget.spend)  # a pause that is longer than the budget
        budget.withdraw()
        with pytest.raises(OutOfTime):
            budget.spend()
