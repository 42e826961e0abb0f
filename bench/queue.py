"""The queue section of `make bench`: our engine against its targets and against other Python queues, in the same run.

Real engines, every role a process of its own, jobs of 1 KiB that do nothing, sealed, with durable rows and events. Each
measurement ends with the check that every job ended exactly once and that nothing is left anywhere; without it there is
no figure. What runs in the processes is `queue_roles.py`; the peers are `queue_peers.py`.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.editor import percentile
from bench.environments import PeerFailed
from bench.figures import Figure
from bench.queue_engines import QueueEngines, queue_engines
from bench.queue_history import fill_history
from bench.queue_hive import ALL, QueueHive, queue_hive
from bench.queue_peers import PEERS, Peer, install, measure_peer
from bench.queue_roles import PARKED, PARKED_QUEUE
from server.hub import CAPACITY
from server.jobs.job import Priority
from server.reviews.workflow import REVIEW_QUEUE

Measured = dict[str, float]

WARM_UP = 500
"""Jobs before those that count: connections, epochs, prepared statements."""
WARM_UP_SECONDS = 1.0

FLEET_PROCESSES = 4
"""The agents of a fleet share so many processes: a thousand of these would be measured, not their hub."""
FLEET_CAPACITY = 11
"""Of each agent: ten jobs, and room for one that somebody waits for."""
JOB_SECONDS = 10.0
PROBES_PER_SECOND = 25.0
STARTS = ("start_p50_ms", "start_p95_ms", "start_p99_ms")
LEASE_SECONDS = 5.0
"""Instead of fifteen, for the kill alone: it is waited for."""


@dataclass(frozen=True)
class Effort:
    """*repeats*: of what is a median. *jobs*: of a drain and of a burst. *seconds*: of a steady load.

    *agents*: of a fleet. *finished*, *queued*: what else lies in the tables when growth is measured.
    """

    repeats: int = 5
    jobs: int = 10_000
    seconds: float = 10.0
    agents: int = 1_000
    finished: int = 1_000_000
    queued: int = 100_000

    @classmethod
    def quick(cls) -> "Effort":
        """For who works on the engine: figures in a minute, of little weight."""
        return cls(repeats=1, jobs=4_000, seconds=4.0, agents=200, finished=100_000, queued=20_000)


async def measure(directory: Path, effort: Effort) -> tuple[list[Figure], dict[str, Any]]:
    figures: list[Figure] = []
    rounds: dict[str, Any] = {"effort": asdict(effort)}
    async with queue_engines(directory) as engines:
        for act in (drain, burst, one_process, steady, fleet, faults, history, peers):
            figures += await act(engines, effort, rounds)
    return figures, rounds


# --- what is measured: each notes its rounds and answers with its figures ---------------------------------------------

Rounds = dict[str, Any]


async def drain(engines: QueueEngines, effort: Effort, rounds: Rounds) -> list[Figure]:
    measured = rounds["drain"] = await repeat(effort, lambda: drain_once(engines, effort.jobs))
    return [
        Figure(f"drain of {effort.jobs} queued jobs", median(measured, "per_second"), "/s", at_least=8_000),
        *cpu_figures("drain", measured),
    ]


async def burst(engines: QueueEngines, effort: Effort, rounds: Rounds) -> list[Figure]:
    measured = rounds["burst"] = await repeat(effort, lambda: burst_once(engines, effort))
    return [
        Figure("burst: appended by the door", median(measured, "submitted_per_second"), "/s"),
        Figure(f"burst of {effort.jobs}, door to finished", median(measured, "per_second"), "/s", at_least=6_500),
        *cpu_figures("burst", measured, target=220),
    ]


async def one_process(engines: QueueEngines, effort: Effort, rounds: Rounds) -> list[Figure]:
    measured = rounds["one process"] = await repeat(effort, lambda: burst_once(engines, effort, in_one_process=True))
    return [
        Figure("the same, all roles in one process", median(measured, "per_second"), "/s", at_least=5_000),
        *cpu_figures("one process", measured),
    ]


async def steady(engines: QueueEngines, effort: Effort, rounds: Rounds) -> list[Figure]:
    slow = rounds["50/s"] = await repeat(effort, lambda: steady_once(engines, effort, per_second=50))
    fast = rounds["500/s"] = await repeat(effort, lambda: steady_once(engines, effort, per_second=500))
    return [
        Figure("50/s: submit to start, P50", median(slow, "start_p50_ms"), "ms", 3.0),
        Figure("50/s: submit to start, P95", median(slow, "start_p95_ms"), "ms", 6.0),
        Figure("50/s: submit to start, P99", median(slow, "start_p99_ms"), "ms", 10.0),
        Figure("50/s: round trip at the door, P95", median(slow, "trip_p95_ms"), "ms", 8.0),
        Figure("500/s: submit to start, P50", median(fast, "start_p50_ms"), "ms"),
        Figure("500/s: submit to start, P95", median(fast, "start_p95_ms"), "ms", 10.0),
        Figure("500/s: submit to start, P99", median(fast, "start_p99_ms"), "ms"),
        Figure("500/s: round trip at the door, P95", median(fast, "trip_p95_ms"), "ms"),
        *cpu_figures("500/s", fast),
    ]


async def fleet(engines: QueueEngines, effort: Effort, rounds: Rounds) -> list[Figure]:
    figures = []
    for queued in (0, effort.queued):
        measured = rounds[f"fleet, {queued} queued"] = await fleet_once(engines, effort, queued=queued)
        what = f"{effort.agents} agents" + (f", {queued} batch jobs queued" if queued else "")
        figures += [
            Figure(f"{what}: in flight meanwhile, at least", measured["in_flight"], "jobs"),
            Figure(f"{what}: leases lost", measured["given_back"], "of them", 1),
            Figure(f"{what}: start of an interactive job, P50", measured["start_p50_ms"], "ms"),
            Figure(f"{what}: start of an interactive job, P95", measured["start_p95_ms"], "ms", 20.0),
        ]
    return figures


async def faults(engines: QueueEngines, effort: Effort, rounds: Rounds) -> list[Figure]:
    """What is lost or doubled is found by the check that ends every measurement: a figure means that nothing was."""
    killed = rounds["kill -9"] = await repeat(effort, lambda: kill_once(engines))
    flushed = rounds["FLUSHALL"] = await repeat(effort, lambda: flush_once(engines, effort))
    return [
        Figure("kill -9 of an agent: all it held runs again after", median(killed, "seconds"), "s", LEASE_SECONDS + 1),
        Figure("FLUSHALL twice in a burst: lost or doubled", 0, "jobs", 1),
        Figure("FLUSHALL twice in a burst: run a second time", median(flushed, "again"), "jobs"),
        Figure("FLUSHALL twice in a burst: all finished after", median(flushed, "seconds"), "s"),
    ]


async def history(engines: QueueEngines, effort: Effort, rounds: Rounds) -> list[Figure]:
    """A drain and a steady load where much lies in the tables and where nothing does, in turn: both on one machine."""
    old = await engines.new_database()
    try:
        await fill_history(old, effort.finished)
        finished = rounds["finished"] = await in_turn(
            effort,
            drain=lambda: drain_once(engines, effort.jobs, old),
            steady=lambda: steady_once(engines, effort, per_second=50, database_url=old),
            empty_drain=lambda: drain_once(engines, effort.jobs),
            empty_steady=lambda: steady_once(engines, effort, per_second=50),
        )
    finally:
        await engines.drop_database(old)
    queued = rounds["queued"] = await in_turn(
        effort,
        drain=lambda: drain_once(engines, effort.jobs, behind=effort.queued),
        steady=lambda: steady_once(engines, effort, per_second=50, parked=effort.queued),
        empty_drain=lambda: drain_once(engines, effort.jobs),
        empty_steady=lambda: steady_once(engines, effort, per_second=50),
    )
    return [
        *growth_figures(f"{effort.finished} finished", finished),
        *growth_figures(f"{effort.queued} queued", queued),
        Figure(f"{effort.queued} queued: drain of them all", median(queued["drain"], "whole_per_second"), "/s"),
        Figure("  CPU of a job", median(queued["drain"], "whole_cpu"), "us"),
    ]


def growth_figures(what: str, measured: Mapping[str, Sequence[Measured]]) -> Iterator[Figure]:
    def times(name: str, figure: str) -> float:
        return median(measured[name], figure) / median(measured[f"empty_{name}"], figure)

    yield Figure(f"{what}: drain", median(measured["drain"], "per_second"), "/s")
    yield Figure(f"{what}:   so many times that of empty tables", times("drain", "per_second"), "x", at_least=0.8)
    yield Figure(f"{what}:   CPU of a job, so many times", times("drain", "cpu"), "x", 1.2)
    yield Figure(f"{what}: 50/s: submit to start, P95", median(measured["steady"], "start_p95_ms"), "ms")
    yield Figure(f"{what}:   so many times that of empty tables", times("steady", "start_p95_ms"), "x", 1.2)


async def peers(engines: QueueEngines, effort: Effort, rounds: Rounds) -> list[Figure]:
    """All queues in turn, ours among them, again and again: so all meet the same machine."""
    acts: dict[str, Callable[[], Awaitable[Measured]]] = {"ours": lambda: our_meeting(engines, effort)}
    left_out: dict[str, str] = {}
    for peer in PEERS:
        try:
            await install(peer)
        except PeerFailed as failed:
            left_out[peer.name] = str(failed)
            continue
        acts[peer.name] = partial(meeting, peer, engines, effort, left_out)
    measured = await in_turn(effort, **acts)
    met = {name: [one for one in of_queue if one] for name, of_queue in measured.items() if name not in left_out}
    rounds["peers"], rounds["peers left out"] = met, left_out
    return [figure for peer in PEERS if peer.name in met for figure in peer_figures(peer, met["ours"], met[peer.name])]


async def our_meeting(engines: QueueEngines, effort: Effort) -> Measured:
    """What peers are asked for, of ours, under the same names."""
    drained = await drain_once(engines, effort.jobs)
    steady = await steady_once(engines, effort, per_second=50)
    return {
        "enqueued_per_second": drained["submitted_per_second"],
        "drained_per_second": drained["per_second"],
        "cpu_us": drained["cpu"],
        **{name: steady[name] for name in STARTS},
    }


async def meeting(peer: Peer, engines: QueueEngines, effort: Effort, left_out: dict[str, str]) -> Measured:
    """One that fails says why, and is not asked again."""
    if peer.name in left_out:
        return {}
    try:
        jobs = effort.jobs // 5 if peer.slow else effort.jobs
        return await measure_peer(peer, engines, jobs=jobs, seconds=effort.seconds)
    except PeerFailed as failed:
        left_out[peer.name] = str(failed)
        return {}


def peer_figures(peer: Peer, ours: Sequence[Measured], theirs: Sequence[Measured]) -> Iterator[Figure]:
    def times(name: str) -> float:
        return median(ours, name) / median(theirs, name)

    aim = 1.0 if peer.durable else None
    yield Figure(f"{peer.name}: our drain is so many times", times("drained_per_second"), "x", at_least=peer.ahead)
    yield Figure(f"{peer.name}: our CPU of a job is so many times", times("cpu_us"), "x")
    yield Figure(f"{peer.name}: our P95 at 50/s is so many times", times("start_p95_ms"), "x", aim)


def show_peers(rounds: Rounds, console: Console) -> None:
    """All queues of the run side by side."""
    table = Table(title="queues side by side, medians", title_justify="left", title_style="bold", show_edge=False)
    for column in ("queue", "enqueued/s", "drained/s", "CPU us", "P50 ms", "P95 ms", "P99 ms", "durable", "sealed"):
        table.add_column(column, justify="left" if column == "queue" else "right")
    durable = {"ours", *(peer.name for peer in PEERS if peer.durable)}
    for name, measured in rounds["peers"].items():
        figures = ("enqueued_per_second", "drained_per_second", "cpu_us", *STARTS)
        cells = [f"{median(measured, figure):,.1f}" for figure in figures]
        kept, sealed = ("yes" if yes else "no" for yes in (name in durable, name == "ours"))
        table.add_row(name, *cells, kept, sealed, style="bold" if name == "ours" else "")
    console.print(table, *(f"left out: {name}: {why}" for name, why in rounds["peers left out"].items()), "", sep="\n")


# --- one round of each ------------------------------------------------------------------------------------------------


async def drain_once(engines: QueueEngines, jobs: int, database_url: str | None = None, *, behind: int = 0) -> Measured:
    """All are queued before the one agent starts. From the first start to the last end, as Postgres shows it.

    *behind*: so many others stand in the same line; some of them run among the *jobs*, and count. They are drained too.
    """
    async with queue_hive(engines, database_url) as hive:
        for role in ("orchestrator", "door"):
            await hive.start(role)
        places, others = hive.places(jobs), hive.places(behind)
        took = await hive.submit(places, wait=False)
        if behind:
            await hive.submit(others, wait=False)
        await hive.until_queued(jobs + behind)
        await hive.start("agent")
        await hive.until(engines.board.any_started)
        before = hive.cpu_seconds()  # without what it costs to start a process
        await hive.until(engines.board.all_ran(places))
        ended = time.monotonic_ns() if behind else await hive.until_all_ended()
        used, ran = hive.cpu_seconds(), engines.board.count_ran()
        await hive.until(engines.board.all_ran(others))
        all_ended = await hive.until_all_ended()
        whole = cpu_us(before, hive.cpu_seconds(), jobs + behind)["cpu"]
        await hive.check(range(others.stop))
        began = engines.board.first_start(places)
    return {
        "per_second": ran * 1e9 / (ended - began),
        "submitted_per_second": jobs / took["submit_seconds"],
        "whole_per_second": (jobs + behind) * 1e9 / (all_ended - began),
        "whole_cpu": whole,
        **cpu_us(before, used, ran),
    }


async def burst_once(engines: QueueEngines, effort: Effort, *, in_one_process: bool = False) -> Measured:
    async with queue_hive(engines) as hive:
        await start_roles(hive, in_one_process=in_one_process)
        await hive.submit(hive.places(WARM_UP))
        before = hive.cpu_seconds()
        places = hive.places(effort.jobs)
        took = await hive.submit(places)
        used = cpu_us(before, hive.cpu_seconds(), effort.jobs)
        await hive.check(range(places.stop))
    return {
        "per_second": effort.jobs / took["seconds"],
        "submitted_per_second": effort.jobs / took["submit_seconds"],
        **used,
    }


async def steady_once(
    engines: QueueEngines, effort: Effort, *, per_second: float, parked: int = 0, database_url: str | None = None
) -> Measured:
    """*parked*: so many other jobs lie queued where nobody works."""
    async with queue_hive(engines, database_url) as hive:
        await start_roles(hive)
        if parked:
            await hive.submit(hive.places(parked), kind=PARKED, wait=False)
            await hive.until_queued(parked, PARKED_QUEUE)
        await hive.submit(hive.places(int(per_second * WARM_UP_SECONDS)), per_second=per_second)
        before = hive.cpu_seconds()
        places = hive.places(int(per_second * effort.seconds))
        await hive.submit(places, per_second=per_second)
        used = cpu_us(before, hive.cpu_seconds(), len(places))
        await hive.check(range(parked, places.stop))
        return {**latencies(engines, places), **used}


async def fleet_once(engines: QueueEngines, effort: Effort, *, queued: int) -> Measured:
    """Every agent holds ten jobs of ten seconds, a tenth of which ends each second; interactive ones come in between.

    With none *queued* there is room for these; else all room is taken whenever they come.
    """
    in_flight = 10 * effort.agents
    async with queue_hive(engines) as hive:
        await hive.start("orchestrator")
        load, people = await hive.start("door"), await hive.start("door")
        shares = [effort.agents // FLEET_PROCESSES] * FLEET_PROCESSES
        await asyncio.gather(*(hive.start("agent", agents=share, capacity=FLEET_CAPACITY) for share in shares))
        await hive.until_agents(sum(shares))
        long, how = _load_of_fleet(hive, effort, queued)
        async with asyncio.TaskGroup() as group:
            submitting = group.create_task(hive.submit(long, through=load, wait=False, **how))
            if queued:
                await submitting
                await hive.until_taken_in()  # what is only appended stands before people, too
            await hive.until(engines.board.all_ran(long[: in_flight - 1]))
            running = [await hive.running()]
            probes = hive.places(int(PROBES_PER_SECOND * effort.seconds))
            await hive.submit(probes, through=people, per_second=PROBES_PER_SECOND, priority=Priority.INTERACTIVE)
            running.append(await hive.running())
            given_back = await hive.given_back()
        engines.board.hurry = True
        await hive.until_all_ended()
        await hive.check(range(probes.stop), reruns=bool(given_back))
        return {**latencies(engines, probes), "given_back": given_back, "in_flight": min(running)}


def _load_of_fleet(hive: QueueHive, effort: Effort, queued: int) -> tuple[range, dict[str, Any]]:
    in_flight = 10 * effort.agents
    if not queued:
        return hive.places(2 * in_flight), {"per_second": in_flight / JOB_SECONDS, "seconds": JOB_SECONDS}
    # What starts at first ends little by little, and so does all that starts after it.
    phased = FLEET_CAPACITY * effort.agents
    how = {"priority": Priority.BATCH, "seconds": JOB_SECONDS, "phased": phased}
    return hive.places(queued + 3 * in_flight), how


async def kill_once(engines: QueueEngines) -> Measured:
    """From kill -9 of an agent that holds as many jobs as a hub's own does, until the last of them runs in another.

    One after the other: what has lost its agent is suspected of it, and runs alone.
    """
    async with queue_hive(engines) as hive:
        for role in ("orchestrator", "door"):
            await hive.start(role, lease_seconds=LEASE_SECONDS)
        held = CAPACITY[REVIEW_QUEUE]
        first = await hive.start("agent", capacity=held)
        places = hive.places(held)
        await hive.submit(places, seconds=600.0, wait=False)
        await hive.until(engines.board.all_ran(places))
        await hive.start("agent", capacity=held)
        await hive.until_agents(2)
        killed = time.monotonic_ns()
        await first.kill()
        await hive.until_all_ended()
        await hive.check(places, reruns=True)
        return {"seconds": (max(engines.board.started[places.start : places.stop]) - killed) / 1e9}


async def flush_once(engines: QueueEngines, effort: Effort) -> Measured:
    """A burst during which Redis is emptied, at a third and at two thirds of it."""
    async with queue_hive(engines) as hive:
        await start_roles(hive, log_level="error")
        await hive.submit(hive.places(WARM_UP))
        places = hive.places(effort.jobs)
        bursting = asyncio.create_task(hive.submit(places))
        for third in (1, 2):
            await hive.until(engines.board.all_ran(places[: effort.jobs * third // 3]))
            await engines.admin.flushall()
        took = await bursting
        again = await hive.check(range(places.stop), reruns=True)
        return {"seconds": took["seconds"], "again": again}


async def start_roles(hive: QueueHive, *, in_one_process: bool = False, log_level: str = "warning") -> None:
    if in_one_process:
        await hive.start(*ALL, log_level=log_level)
    else:
        for role in ("orchestrator", "agent", "door"):
            await hive.start(role, log_level=log_level)
    await hive.until_agents(1)


# --- figures of rounds ------------------------------------------------------------------------------------------------


async def in_turn(effort: Effort, **acts: Callable[[], Awaitable[Measured]]) -> dict[str, list[Measured]]:
    measured: dict[str, list[Measured]] = {name: [] for name in acts}
    for _ in range(effort.repeats):
        for name, act in acts.items():
            measured[name].append(await act())
    return measured


async def repeat(effort: Effort, act: Callable[[], Awaitable[Measured]]) -> list[Measured]:
    return [await act() for _ in range(effort.repeats)]


def median(rounds: Sequence[Measured], name: str) -> float:
    return statistics.median(measured[name] for measured in rounds)


def latencies(engines: QueueEngines, places: range) -> Measured:
    start, trip = engines.board.start_seconds(places), engines.board.round_trip_seconds(places)
    found = {f"start_p{part}_ms": percentile(start, part / 100) for part in (50, 95, 99)}
    return {**found, **{f"trip_p{part}_ms": percentile(trip, part / 100) for part in (50, 95, 99)}}


def cpu_us(before: Measured, after: Measured, jobs: int) -> Measured:
    """Of one job, by process."""
    used = {f"cpu {name}": 1e6 * (spent - before.get(name, 0.0)) / jobs for name, spent in after.items()}
    return {**used, "cpu": sum(used.values())}


def cpu_figures(what: str, rounds: Sequence[Measured], target: float | None = None) -> list[Figure]:
    names = [name for name in rounds[0] if name.startswith("cpu ")]
    return [
        Figure(f"{what}: CPU of a job, all processes", median(rounds, "cpu"), "us", target),
        *(Figure(f"{what}:   of it {name.removeprefix('cpu ')}", median(rounds, name), "us") for name in names),
    ]
