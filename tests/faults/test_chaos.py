"""Whatever dies, stands still, is lost, doubled, forged or set wrong: every job ends once, as if nothing had been."""

import asyncio
from random import Random

import pytest

from server.faults import POINTS, Point
from server.messaging import INTAKE, OUTCOMES
from tests.faults.conftest import LEASE_SECONDS, OpenHive
from tests.faults.hive import ChaosHive, Engines, Places
from tests.faults.load import mixture
from tests.faults.roles import Errand

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]

ALL = ("orchestrator-1", "orchestrator-2", "agent-1", "agent-2", "effects", "door")
WHO_PASSES = {"door": "door", "agent": "agent-1"}
"""By the first word of a point; an orchestrator passes all the others."""

JOBS = 60
FEW = 6
MANY_PASSINGS = 4
A_WHILE = 1200.0


# --- who dies ---------------------------------------------------------------------------------------------------------


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


async def test_an_effect_is_done_once_though_who_did_it_was_killed_before_it_could_say_so(
    hive_at: OpenHive, places: Places, chance: Random
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL, faults={"effects": "agent.in_work"})
        hive.client.submit(mixture(chance, FEW, {"post": 1}))

        await hive.parts["effects"].ended.wait()
        assert len(hive.diary.lines("posted")) >= 1
        await hive.start("effects")

        await hive.check()
        assert len(hive.diary.lines("posted")) == FEW


async def test_an_elected_hub_takes_over_the_duties_of_one_that_was_killed(
    hive_at: OpenHive, places: Places, chance: Random
) -> None:
    async with hive_at(places) as hive:
        hive.is_elected = True
        await hive.start("orchestrator-1")
        await hive.start_all(ALL[1:])
        hive.client.submit(mixture(chance, JOBS))
        await hive.client.ended(FEW)

        await asyncio.gather(hive.parts["orchestrator-1"].kill(), hive.parts["agent-1"].kill())

        await hive.check()


# --- who stands still -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["agent.before_work", "agent.after_work"])
async def test_an_agent_that_stood_still_for_longer_than_its_lease_can_write_nothing(
    hive_at: OpenHive, places: Places, chance: Random, point: Point
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL, faults={"agent-1": f"{point}:stop:{chance.randint(1, MANY_PASSINGS)}"})
        await submit_until(hive, chance, hive.parts["agent-1"].stopped)
        await hive.client.ended()

        hive.parts["agent-1"].resume()
        await hive.parts["agent-1"].ended.wait()  # it heard that it was given up; another takes its place

        await hive.check()


@pytest.mark.parametrize(
    "point", ["intake.before_commit", "outcomes.before_commit", "dispatch.before_append", "transaction.before_commit"]
)
async def test_a_hub_that_stood_still_while_another_did_its_work_does_not_do_it_again(
    hive_at: OpenHive, places: Places, chance: Random, point: Point
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL, faults={"orchestrator-1": f"{point}:stop:{chance.randint(1, MANY_PASSINGS)}"})
        await submit_until(hive, chance, hive.parts["orchestrator-1"].stopped)
        await hive.client.ended()

        hive.parts["orchestrator-1"].resume()
        hive.client.submit(mixture(chance, JOBS))

        await hive.check()


async def test_agents_are_not_taken_for_dead_because_the_only_hub_stood_still(
    hive_at: OpenHive, places: Places, chance: Random
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(["orchestrator-1", "agent-1", "effects", "door"])
        lasting = mixture(chance, FEW, {"lasts": 1})
        hive.client.submit(lasting)
        await hive.client.until(lambda: len(hive.client.started) == FEW)

        await hive.parts["orchestrator-1"].pause()
        await asyncio.sleep(LEASE_SECONDS + 1)  # it is the time that passes which is to do no harm
        hive.parts["orchestrator-1"].resume()
        hive.client.submit(mixture(chance, JOBS))
        hive.client.wish(Errand(cancel=tuple(request.id for request in lasting)))

        await hive.check()
        assert await hive.query("select from job_events where type in ('crashed', 'lost')") == []


async def test_a_leader_that_stood_still_amid_a_rescue_keeps_nobody_waiting(
    hive_at: OpenHive, places: Places, chance: Random
) -> None:
    async with hive_at(places) as hive:
        hive.is_elected = True
        await hive.start("orchestrator-1", fault="rescue.before_commit:stop:4")
        await hive.start_all(ALL[1:])
        hive.client.submit(mixture(chance, JOBS))
        await hive.client.ended(FEW)
        await hive.parts["agent-1"].kill()

        await hive.parts["orchestrator-1"].stopped.wait()
        await hive.client.ended()
        hive.parts["orchestrator-1"].resume()

        await hive.check()


# --- what is lost -----------------------------------------------------------------------------------------------------


async def test_a_redis_that_is_flushed_again_and_again_loses_nothing(
    hive_at: OpenHive, places: Places, chance: Random
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL)
        for ended in (FEW, 3 * FEW, 9 * FEW):
            hive.client.submit(mixture(chance, JOBS))
            await hive.client.ended(ended)
            await hive.flush()

        await hive.check()


async def test_a_redis_that_is_killed_loses_nothing(hive_at: OpenHive, engines: Engines, chance: Random) -> None:
    async with hive_at(await engines.start()) as hive:
        await hive.start_all(ALL)
        for ended in (FEW, 5 * FEW):
            hive.client.submit(mixture(chance, JOBS))
            await hive.client.ended(ended)
            engines.kill_redis()

        await hive.check()


async def test_a_postgres_that_stops_at_once_and_again_while_it_recovers_loses_nothing(
    hive_at: OpenHive, engines: Engines, chance: Random
) -> None:
    async with hive_at(await engines.start()) as hive:
        await hive.start_all(ALL)
        hive.client.submit(mixture(chance, JOBS))
        await hive.client.ended(FEW)

        await engines.stop_postgres_at_once()
        await engines.stop_postgres_at_once()
        hive.client.submit(mixture(chance, JOBS))

        await hive.check()


# --- what is doubled and forged ---------------------------------------------------------------------------------------


async def test_envelopes_that_come_twice_are_taken_once(hive_at: OpenHive, places: Places, chance: Random) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL)
        inboxes = await hive.inboxes()
        await hive.stand_still("orchestrator")
        hive.client.submit(mixture(chance, JOBS))
        await hive.client.kept()
        seen = await hive.copy(INTAKE.key, INTAKE.key)
        await hive.stand_still("agent")
        hive.go_on("orchestrator")
        for each in inboxes:
            seen += await hive.copy(each, each)
        await hive.stand_still("orchestrator")
        hive.go_on("agent")
        seen += await hive.copy(OUTCOMES.key, OUTCOMES.key, at_least=4)
        hive.go_on("orchestrator")
        await hive.client.ended()

        for stream, envelope in seen:  # and once more, when all is over
            await hive.append(stream, envelope)

        await hive.check()


async def test_what_was_said_to_one_is_not_heard_by_another(hive_at: OpenHive, places: Places, chance: Random) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL)
        first, second = await hive.inboxes()
        await hive.stand_still("agent")
        hive.client.submit(mixture(chance, JOBS))

        await hive.copy(first, second)
        await hive.copy(second, first)
        for envelope in await hive.envelopes(first):
            await hive.append_garbage(OUTCOMES.key, envelope)
        hive.go_on("agent")

        await hive.check()


async def test_what_was_forged_is_put_aside_and_the_rest_goes_on(
    hive_at: OpenHive, places: Places, chance: Random
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL)
        inboxes = await hive.inboxes()
        await hive.stand_still("orchestrator")
        hive.client.submit(mixture(chance, JOBS))
        await hive.client.kept()

        for stream in (INTAKE.key, OUTCOMES.key, *inboxes):
            envelope, *_ = await hive.envelopes(INTAKE.key)
            for forged in (tampered(envelope, chance), envelope[: chance.randrange(len(envelope))], b"garbage"):
                await hive.append_garbage(stream, forged)
        hive.go_on("orchestrator")
        hive.client.submit(mixture(chance, JOBS))

        await hive.check()


def tampered(envelope: bytes, chance: Random) -> bytes:
    """With one bit turned."""
    at = chance.randrange(len(envelope))
    return envelope[:at] + bytes([envelope[at] ^ 1 << chance.randrange(8)]) + envelope[at + 1 :]


# --- what is set wrong ------------------------------------------------------------------------------------------------


async def test_a_clock_that_jumps_forwards_and_back_loses_nothing(
    hive_at: OpenHive, places: Places, chance: Random
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL)
        for seconds in (600, -600, -300, 900):
            hive.client.submit(mixture(chance, JOBS))
            await hive.client.ended(len(hive.client.ends) + FEW)
            await hive.move_clock(seconds)

        await hive.check()
        assert await hive.query("select from job_events where type = 'crashed'") == []  # nobody was silent


async def test_an_agent_that_died_before_the_clock_was_set_back_is_missed_all_the_same(
    hive_at: OpenHive, places: Places, chance: Random
) -> None:
    async with hive_at(places) as hive:
        await hive.start_all(ALL)
        await hive.move_clock(A_WHILE)
        await hive.all_beat()
        hive.client.submit(mixture(chance, JOBS))
        await hive.client.ended(FEW)

        await hive.parts["agent-1"].kill()
        await hive.move_clock(-A_WHILE)
        [far_away] = await hive.query(
            "select count(*) from jobs where state = 'queued' and run_at > hive_now() + interval '1 minute'"
        )

        await hive.client.ended(JOBS - far_away["count"])
        await hive.move_clock(A_WHILE)  # what failed before waits for a moment that is far away now
        await hive.check()


# --- all of it --------------------------------------------------------------------------------------------------------


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
