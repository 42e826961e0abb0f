"""`python -m tests.soak_editors`: many editors that type for minutes, and a look for what must not be.

    python -m tests.soak_editors --minutes 5 --editors 50

Each of them makes a finding come or go about twice a second, and waits for the diagnostics of that very version: one
that is missing, or stale, ends the soak. Beside them one editor asks for something small without pause: so long anybody
waits for the loop and for the machine; `handlers` is how long the loop was held by what it ran (`timed_hub.py`). Exit
code 1 when a diagnostic was missing, when a handler took more than 20 ms, or when the hub's memory grew by more than a
tenth after the first fifth of the time.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.editor import EDITS_PER_SECOND, WARM_UP_EDITS, hub, measure, percentile
from bench.processes import memory_mb, processes_of
from server.embedded.account import prepare_data_directory
from tests.hub import HubProcess, hub_process

MOST_GROWTH = 0.10
LOOK_SECONDS = 2.0
PROBE_SECONDS = 0.005
LONG_SECONDS = 0.020
ENGINES = ("postgres", "redis")


async def soak(process: HubProcess, token: str, *, editors: int, minutes: float) -> dict[str, Any]:
    host, port = process.lsp
    server = hub(f"{host}:{port}", token)
    edits = math.ceil(60 * minutes * EDITS_PER_SECOND) - WARM_UP_EDITS
    memory: list[dict[str, float]] = []
    waits: list[float] = []
    over = asyncio.Event()
    async with asyncio.TaskGroup() as watching:
        watching.create_task(_weigh(process.pid, memory, over))
        watching.create_task(_probe(server, waits, over))
        figures: dict[str, Any] = await measure(server, editors=editors, edits=edits, seconds=60 * minutes)
        over.set()
    warm = memory[len(memory) // 5 :]
    return {
        **figures,
        "minutes": minutes,
        "probe_p99_ms": percentile(waits, 0.99),
        "probe_longest_ms": percentile(waits, 1.0),
        "probes_over_20_ms": sum(wait > LONG_SECONDS for wait in waits),
        "probes": len(waits),
        "memory_mb": {name: [warm[0][name], warm[-1].get(name, 0.0)] for name in warm[0]},
        "growth": round(_ours(warm[-1]) / _ours(warm[0]) - 1, 4),
    }


def _ours(memory: dict[str, float]) -> float:
    """Without the engines, which fill the caches that they were given."""
    return sum(megabytes for name, megabytes in memory.items() if name not in ENGINES)


async def _weigh(pid: int, memory: list[dict[str, float]], over: asyncio.Event) -> None:
    while not over.is_set():
        with contextlib.suppress(OSError, StopIteration):  # a process ended while it was looked at
            memory.append(memory_mb(processes_of(pid)))
        await asyncio.sleep(LOOK_SECONDS)


async def _probe(server: Any, waits: list[float], over: asyncio.Event) -> None:
    editor = await server.connect()
    await editor.ask("initialize", {"processId": None, "capabilities": {}, "initializationOptions": server.options})
    nowhere = {"textDocument": {"uri": "file:///none.py"}}
    while not over.is_set():
        asked = time.perf_counter()
        await editor.ask("textDocument/codeLens", nowhere)
        waits.append(time.perf_counter() - asked)
        await asyncio.sleep(PROBE_SECONDS)


async def _run(editors: int, minutes: float) -> int:
    with tempfile.TemporaryDirectory() as directory:
        prepare_data_directory(Path(directory))
        times = Path(directory) / "times.json"
        async with hub_process(Path(directory), {"HIVE_TIMES": str(times)}, module="tests.timed_hub") as process:
            token = json.loads((process.data_dir / "run" / "hub.json").read_text())["token"]
            await process.call("GET", "/ready")  # answered once the start is over, the rest of it too
            os.kill(process.pid, signal.SIGUSR1)
            figures = await soak(process, token, editors=editors, minutes=minutes)
        figures["handlers"] = json.loads(times.read_text())
    print(json.dumps(figures, indent=2))
    if figures["handlers"]["over_20_ms"]:
        print(f"handlers over 20 ms: {figures['handlers']['over_20_ms']}", file=sys.stderr)
        return 1
    if figures["growth"] > MOST_GROWTH:
        print(f"memory grew by {100 * figures['growth']:.0f} %", file=sys.stderr)
        return 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--editors", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5.0)
    arguments = parser.parse_args()
    code = 1
    try:
        code = asyncio.run(_run(arguments.editors, arguments.minutes))
    except* TimeoutError:
        print("diagnostics of a version did not come within 30 s", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
