"""`python -m tests.soak`: jobs without end, and one fault after another; then a look for what must not be.

    python -m tests.soak --minutes 10 --seed 7     random faults under continuous load
    python -m tests.soak --jobs 500000             no faults, as fast as it goes

Exit code 1 when anything was lost, doubled or left behind. Ctrl-C ends the load; what was asked for is still waited for
and looked at.
"""

import argparse
import asyncio
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import asyncpg

from server.embedded.account import prepare_data_directory
from server.faults import POINTS
from server.jobs.job import EventType
from server.messaging import INTAKE, OUTCOMES
from server.observability.logs import configure_logs
from tests.faults.hive import ChaosHive, Engines, open_hive
from tests.faults.load import SHARES, mixture
from tests.faults.nursery import open_nursery
from tests.invariants import in_words

PARTS = ("orchestrator-1", "orchestrator-2", "agent-1", "agent-2", "agent-3", "effects", "door")
LEASE_SECONDS = 5.0
CAPACITY = 8
IN_FLIGHT = 200
BATCH = 20
MANY_CAPACITY = 200
MANY_IN_FLIGHT = 5000
MANY_IN_BATCH = 500
FAULT_EVERY_SECONDS = (1.0, 5.0)
STILL_SECONDS = (0.5, 2 * LEASE_SECONDS)
PROGRESS_SECONDS = 5.0
PATIENCE_SECONDS = 180.0
"""How long what was asked for may take to end once there are no more faults."""

MAY_CRASH = frozenset({EventType.DEAD})
"""A job whose agents were killed three times is dead, which here is no fault of its own."""


@dataclass
class Soak:
    hive: ChaosHive
    engines: Engines
    chance: Random
    began: float = field(default_factory=time.monotonic)
    faults: Counter[str] = field(default_factory=Counter)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    # --- load -----------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """So many in flight all the time."""
        client = self.hive.client
        while not self.is_over.is_set():
            client.submit(mixture(self.chance, BATCH))
            await self._first(client.until(lambda: len(client.asked) - len(client.ends) < IN_FLIGHT))

    async def load_many(self, jobs: int) -> None:
        """Short ones, as many as Redis takes."""
        client = self.hive.client
        while len(client.asked) < jobs and not self.is_over.is_set():
            client.submit(mixture(self.chance, min(MANY_IN_BATCH, jobs - len(client.asked)), {"short": 1}))
            await self._first(client.until(lambda: len(client.asked) - len(client.ends) < MANY_IN_FLIGHT))

    async def _first(self, wait: Awaitable[None]) -> None:
        """Until then, or until it is over."""
        tasks = [asyncio.ensure_future(wait), asyncio.ensure_future(self.is_over.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    async def end_after(self, seconds: float) -> None:
        await asyncio.wait([asyncio.ensure_future(self.is_over.wait())], timeout=seconds)
        self.is_over.set()

    async def show_progress(self) -> None:
        while True:
            client = self.hive.client
            seconds = time.monotonic() - self.began
            _say(
                f"{seconds:6.0f} s  asked {len(client.asked):>7}  ended {len(client.ends):>7}  "
                f"faults {self.faults.total():>4}  {', '.join(name for name, _ in self.faults.most_common(3))}"
            )
            await asyncio.sleep(PROGRESS_SECONDS)

    # --- faults ---------------------------------------------------------------------------------------------------

    async def break_things(self) -> None:
        while not self.is_over.is_set():
            fault = self.chance.choice(self._faults())
            self.faults[fault.__name__.strip("_")] += 1
            await fault()
            await self._first(asyncio.sleep(self.chance.uniform(*FAULT_EVERY_SECONDS)))

    def _faults(self) -> list[Callable[[], Awaitable[None]]]:
        return [
            self._kill, self._kill, self._kill_at_a_point, self._kill_at_a_point, self._stand_still, self._flush_redis,
            self._kill_redis, self._stop_postgres, self._stop_postgres_twice, self._append_twice, self._append_garbage,
            self._move_clock,
        ]  # fmt: skip

    async def _kill(self) -> None:
        await self.hive.replace(self.chance.choice(PARTS))

    async def _kill_at_a_point(self) -> None:
        """Whoever passes it, within the next seconds."""
        name = self.chance.choice(PARTS)
        points = _points(name.partition("-")[0])
        fault = f"{self.chance.choice(points)}:kill:{self.chance.randint(1, 20)}"
        await self.hive.parts[name].kill()
        child = await self.hive.start(name, fault=fault)
        with suppress(TimeoutError):
            async with asyncio.timeout(STILL_SECONDS[1]):
                await child.ended.wait()
        await self.hive.replace(name)

    async def _stand_still(self) -> None:
        name = self.chance.choice(PARTS)
        child = self.hive.parts[name]
        if child.lives:
            await child.pause()
            await self._first(asyncio.sleep(self.chance.uniform(*STILL_SECONDS)))
            child.resume()

    async def _flush_redis(self) -> None:
        await self.hive.flush()

    async def _kill_redis(self) -> None:
        self.engines.kill_redis()
        await self.hive.redis_answers()

    async def _stop_postgres(self) -> None:
        await self.engines.stop_postgres_at_once()

    async def _stop_postgres_twice(self) -> None:
        await self.engines.stop_postgres_at_once()
        await self.engines.stop_postgres_at_once()

    async def _append_twice(self) -> None:
        for stream in (INTAKE.key, OUTCOMES.key):
            await self.hive.copy(stream, stream, at_least=0)

    async def _append_garbage(self) -> None:
        await self.hive.append_garbage(self.chance.choice([INTAKE.key, OUTCOMES.key]), self.chance.randbytes(100))

    async def _move_clock(self) -> None:
        seconds = self.chance.choice([1.0, 3.0, 60.0])
        await self.hive.move_clock(seconds)
        await self._first(asyncio.sleep(1.0))
        await self.hive.move_clock(-seconds)


def _points(role: str) -> list[str]:
    """Those that a process of *role* comes by."""
    own = {"door": ["door"], "agent": ["agent"], "effects": ["agent"]}
    words = own.get(role, ["intake", "outcomes", "dispatch", "orchestrator", "rescue"])
    return [point for point in POINTS if point.partition(".")[0] in words]


# --- the run ----------------------------------------------------------------------------------------------------------


async def soak(minutes: float, jobs: int, seed: int) -> int:
    """The exit code."""
    directory = Path(tempfile.mkdtemp(prefix="hive-soak-"))
    prepare_data_directory(directory)
    engines = Engines(directory)
    try:
        async with open_nursery(directory / "nursery.log") as nursery:
            places = await engines.start()
            patience = float("inf") if jobs else minutes * 60 + PATIENCE_SECONDS
            async with open_hive(
                nursery, places, directory, lease_seconds=LEASE_SECONDS, patience_seconds=patience
            ) as hive:
                return await _run(Soak(hive, engines, Random(seed)), minutes, jobs)
    finally:
        await engines.stop()
        shutil.rmtree(directory, ignore_errors=True)


async def _run(soak: Soak, minutes: float, jobs: int) -> int:
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, soak.is_over.set)
    soak.hive.capacity = MANY_CAPACITY if jobs else CAPACITY
    await soak.hive.start_all(PARTS)
    progress = asyncio.create_task(soak.show_progress())
    if jobs:
        await soak.load_many(jobs)
    else:
        async with asyncio.TaskGroup() as both:
            both.create_task(soak.load())
            both.create_task(soak.break_things())
            both.create_task(soak.end_after(minutes * 60))
    loaded_seconds = time.monotonic() - soak.began
    await soak.hive.client.ended()
    seconds = time.monotonic() - soak.began
    progress.cancel()
    for job_id in soak.hive.client.asked:
        soak.hive.may_also_end(job_id, MAY_CRASH)
    found = await soak.hive.found()
    await _tell_figures(soak, loaded_seconds, seconds)
    if not found:
        _say("nothing lost, nothing doubled, nothing left")
        return 0
    _say(in_words(found))
    _say(soak.hive.log)
    return 1


async def _tell_figures(soak: Soak, loaded_seconds: float, seconds: float) -> None:
    client = soak.hive.client
    connection = await asyncpg.connect(soak.hive.places.database_url)
    rows = await connection.fetch(_LATENCIES)
    events = await connection.fetch("select type, count(*) as events from job_events group by type order by type")
    await connection.close()
    _say(f"jobs {len(client.asked)} in {seconds:.0f} s ({len(client.asked) / seconds:.0f}/s)")
    _say(f"faults {soak.faults.total()} in {loaded_seconds:.0f} s: {dict(soak.faults)}")
    _say(f"events: { {row['type']: row['events'] for row in events} }")
    for name in ("wait", "run"):
        values = [row[name] for row in rows if row[name] is not None]
        if len(values) > 1:
            _say(
                f"P50 / P95 of {name}: {statistics.median(values):.3f} / {statistics.quantiles(values, n=20)[18]:.3f} s"
            )


_LATENCIES = """
select extract(epoch from started_at - created_at)::float8 as wait,
       extract(epoch from finished_at - started_at)::float8 as run
from jobs where queue <> '' order by random() limit 100000
"""


def _say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--jobs", type=int, default=0, help="so many, and no faults")
    given = parser.parse_args()
    configure_logs("json", level="critical")
    _say(f"seed {given.seed}; shares {SHARES}")
    return asyncio.run(soak(given.minutes, given.jobs, given.seed))


if __name__ == "__main__":
    sys.exit(main())
