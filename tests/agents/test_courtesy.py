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


async def test_a_pause_does_not_count_and_what_nobody_wants_any_more_ends_after_it() -> None:
    courtesy = Courtesy()
    budget = courtesy.patient(0.3)

    with courtesy.hurry():
        await asyncio.to_thread(budget.spend)  # a pause that is longer than the budget
        budget.withdraw()
        with pytest.raises(OutOfTime):
            budget.spend()
