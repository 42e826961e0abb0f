"""The harness of the chaos tests itself: what a hive that was closed left running would speak into the next test."""

import asyncio

import pytest

from tests.faults.conftest import OpenHive
from tests.faults.hive import Places

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]


async def test_a_hive_that_closes_while_an_agent_begins_anew_starts_nobody_after(
    hive_at: OpenHive, places: Places
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(["orchestrator-1", "agent-1", "door"])
        first = hive.parts["agent-1"]
        await first.leave()
        while True:
            if hive.parts["agent-1"] is not first:
                break
            await asyncio.sleep(0)  # its successor is being born: nothing signals us

    assert not any(child.lives for child in hive.parts.values())
    assert not [task for task in asyncio.all_tasks() if "_start_again" in repr(task)]
