"""Whatever dies, stands still, is lost, doubled, forged or set wrong: every job ends once, as if nothing had been."""

import asyncio
from random import Random

import pytest

from server.faults import POINTS, Point
from tests.faults.conftest import OpenHive
from tests.faults.hive import ChaosHive, Places
from tests.faults.load import mixture

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]

ALL = ("orchestrator-1", "orchestrator-2", "agent-1", "agent-2", "effects", "door")
WHO_PASSES = {"door": "door", "agent": "agent-1"}
"""By the first word of a point; an orchestrator passes all the others."""

JOBS = 60
FEW = 6
MANY_PASSINGS = 4


@pytest.mark.parametrize("point", POINTS)
async def test_whoever_is_killed_wherever_it_is_nothing_is_lost_and_nothing_done_twice(
    hive_at: OpenHive, places: Places, chance: Random, point: Point
) -> None:
    victim = WHO_PASSES.get(point.partition(".")[0], "orchestrator-1")
    async with hive_at(places) as hive:
        await hive.start_all(ALL, faults={victim: f"{point}:kill:{chance.randint(1, MANY_PASSINGS)}"})
        if point.startswith("rescue"):
            hive.client.submit(mixture(chance, JOBS))
            await hive.client.ended(1)
            await hive.replace("agent-1")

        await submit_until(hive, chance, hive.parts[victim].ended)
        await hive.start(victim)

        await hive.check()


async def submit_until(hive: ChaosHive, chance: Random, happened: asyncio.Event) -> None:
    """Keep it busy, a few jobs at a time, for as long as it takes; and once more, with many."""
    while not happened.is_set():
        hive.client.submit(mixture(chance, FEW))
        half = asyncio.create_task(hive.client.ended(len(hive.client.asked) - FEW // 2))
        event = asyncio.create_task(happened.wait())
        await asyncio.wait({half, event}, return_when=asyncio.FIRST_COMPLETED)
        half.cancel()
        event.cancel()
    hive.client.submit(mixture(chance, JOBS))
