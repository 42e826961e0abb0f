"""`make bench`: measure a whole hub against its targets, print a table, write build/bench.json.

    python -m bench [--only editors] [--quick] [--repeats 5]

Every hub here is a real one in a process of its own, on data of its own; so are the clients. It judges and never fails:
on a busy machine (each section tells what others used) latency says little, and CPU per job more.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import analysis, editors, memory, messaging, pull_request, queue
from bench.clients import said_by
from bench.figures import Figure, show
from bench.machine import REPOSITORY, Bystanders, engine_version, machine_facts
from bench.processes import cpu_seconds, memory_mb, processes_of, program_of
from server.embedded.redis import EmbeddedRedis
from server.messaging import Role, acl_rules
from server.observability.logs import configure_logs
from tests.hub import HubProcess, hub_process

SECRET = "bench"  # noqa: S105 - of hubs that live for seconds
STARTS = 7
SECONDS_TO_SETTLE = 3.0
"""After a start, until a hub counts as idle."""
BURST_JOBS = 300

Section = Callable[[Path], Awaitable[tuple[list[Figure], dict[str, Any]]]]
"""Measures on data of its own in the given directory; answers with the table's lines and everything else."""


async def start(directory: Path) -> tuple[list[Figure], dict[str, Any]]:
    """Warm: the data are there, and the files that are read are in the machine's cache."""
    hub = HubProcess(directory)
    took = []
    for _ in range(1 + STARTS):
        began = time.perf_counter()
        await hub.start()
        took.append(time.perf_counter() - began)
        await hub.stop()
    first, *warm = took
    figures = [
        Figure("warm start of a hub to ready, median", statistics.median(warm), "s", 2.0),
        Figure("first start of a hub, with initdb", first, "s"),
    ]
    return figures, {"warm_seconds": warm, "first_seconds": first}


async def idle(directory: Path) -> tuple[list[Figure], dict[str, Any]]:
    async with hub_process(directory, _github_settings()) as hub:
        await asyncio.sleep(SECONDS_TO_SETTLE)
        processes = processes_of(hub.pid)
        memory, before = memory_mb(processes), cpu_seconds(processes)
        await asyncio.sleep(SECONDS_TO_SETTLE)
        after = cpu_seconds(processes)
        engines = {name: engine_version(program_of(processes[name][-1])) for name in ("postgres", "redis", "ruff")}
    percent = {name: 100 * (after[name] - before[name]) / SECONDS_TO_SETTLE for name in processes}
    figures = [Figure("memory of the idle hub process, both doors open", memory["hub"], "MB", 250.0)]
    figures += [Figure(f"memory of {name}", size, "MB") for name, size in memory.items() if name != "hub"]
    figures.append(Figure("CPU of all of them while idle", sum(percent.values()), "%"))
    return figures, {"memory_mb": memory, "idle_cpu_percent": percent, "engines": engines}


async def webhooks(directory: Path) -> tuple[list[Figure], dict[str, Any]]:
    async with hub_process(directory, _github_settings()) as hub:
        address = hub.url.removeprefix("http://")
        measured = await said_by("bench.webhooks", "--http", address, "--secret", SECRET)
    rate = f"{measured['per_second']:.0f}/s"
    figures = [
        Figure(f"webhook at {rate}, received to 202, P50", measured["p50_ms"], "ms"),
        Figure(f"webhook at {rate}, received to 202, P95", measured["p95_ms"], "ms", 10.0),
        Figure(f"webhook at {rate}, received to 202, P99", measured["p99_ms"], "ms"),
        Figure("webhooks refused", measured["refused"], "of them", 1),
    ]
    return figures, measured


async def streams(directory: Path) -> tuple[list[Figure], dict[str, Any]]:
    """Sealing and streams alone, then reviews through a whole hub. Only to inform."""
    redis = EmbeddedRedis(directory / "streams", {role.value: acl_rules(role) for role in Role})
    try:
        alone = await messaging.measure(dict(await redis.start()))
    finally:
        await redis.stop()
    async with hub_process(directory) as hub:
        per_second = await _jobs_per_second(hub)
    figures = [
        Figure("seal a message of 1 KiB", alone["seal_us"], "us"),
        Figure("open it", alone["open_us"], "us"),
        Figure("append to read by who waits, P50", alone["append_to_read_p50_ms"], "ms"),
        Figure("messages appended", alone["appends_per_second"], "/s"),
        Figure("messages read and acknowledged", alone["reads_and_acks_per_second"], "/s"),
        Figure(f"{BURST_JOBS} reviews of one line by REST, asked for at once", per_second, "/s"),
    ]
    return figures, {**alone, "burst_jobs": BURST_JOBS, "burst_jobs_per_second": per_second}


async def _jobs_per_second(hub: HubProcess) -> float:
    async def review(number: int) -> None:
        body = {"project": "local/bench", "files": [{"path": f"{number}.py", "text": "print(1)\n"}]}
        _, accepted = await hub.call("POST", "/api/v1/reviews", body)
        await hub.call("GET", f"/api/v1/jobs/{accepted['job']}?wait=30")

    began = time.perf_counter()
    await asyncio.gather(*map(review, range(BURST_JOBS)))
    return BURST_JOBS / (time.perf_counter() - began)


SECTIONS: dict[str, Section] = {
    "start": start,
    "idle": idle,
    "webhooks": webhooks,
    "editors": editors.measure,
    "streams": streams,
    "analysis": partial(analysis.measure, effort=analysis.Effort()),
    "memory": partial(memory.measure, effort=memory.Effort()),
    "pull_request": partial(pull_request.measure, effort=pull_request.Effort()),
    "queue": partial(queue.measure, effort=queue.Effort()),
}


async def measure(names: list[str], sections: Mapping[str, Section]) -> None:
    console = Console(width=110)
    facts = machine_facts()
    console.print(
        f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_mb']} MB; load average {facts['load_average']}; "
        f"Python {facts['python']}; {facts['commit'][:12]}{' and more' if facts['uncommitted_changes'] else ''}\n"
    )
    written: dict[str, Any] = {"machine": facts, "figures": [], "details": {}}
    for name in names:
        with tempfile.TemporaryDirectory(prefix="hive-bench-") as directory:
            os.chmod(directory, 0o711)  # noqa: S103 - an engine's own account passes through
            bystanders = Bystanders()
            figures, details = await sections[name](Path(directory))
            figures.append(Figure("of the machine's CPU, others used meanwhile", bystanders.percent(), "%"))
        show(name, figures, console)
        if name == "editors":
            editors.show_peers(details, console)
        if name == "queue":
            queue.show_peers(details, console)
        if name == "analysis":
            analysis.show_peers(details, console)
        written["figures"] += [figure.as_dict() for figure in figures]
        written["details"][name] = details
    output = REPOSITORY / "build" / "bench.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    missed = [figure["name"] for figure in written["figures"] if figure["verdict"] == "MISSED"]
    console.print(f"{len(missed)} targets missed{''.join(f'{chr(10)}  {name}' for name in missed)}")
    console.print(f"Written to {output.relative_to(REPOSITORY)}")


def _github_settings() -> dict[str, str]:
    """The webhook's door open, and nowhere to call: nothing here may reach GitHub."""
    return {"GITHUB_WEBHOOK_SECRET": SECRET, "GITHUB_API_URL": "http://127.0.0.1:9"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="of queue, analysis, memory and pull_request: less of all, figures of little weight",
    )
    parser.add_argument("--repeats", type=int, help="of the queue: rounds of which a figure is the median")
    arguments = parser.parse_args()
    configure_logs("console", level="warning")
    effort = queue.Effort.quick() if arguments.quick else queue.Effort()
    effort = replace(effort, repeats=arguments.repeats or effort.repeats)
    lines = analysis.Effort.quick() if arguments.quick else analysis.Effort()
    changed = pull_request.Effort.quick() if arguments.quick else pull_request.Effort()
    remembered = memory.Effort.quick() if arguments.quick else memory.Effort()
    chosen = {
        "queue": partial(queue.measure, effort=effort),
        "analysis": partial(analysis.measure, effort=lines),
        "memory": partial(memory.measure, effort=remembered),
        "pull_request": partial(pull_request.measure, effort=changed),
    }
    asyncio.run(measure(arguments.only, {**SECTIONS, **chosen}))


if __name__ == "__main__":
    main()
