"""The pull request section of `make bench`: 3,000 files and 300,000 changed lines, from the delivery to the check run.

A real hub against GitHub's stand-in, which lists, shows and refuses as GitHub does; so most of it comes by git. What a
process took at most is the kernel's own count, read while it lives: that of a git that ended between two looks is lost.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figure
from bench.processes import processes_of
from tests.journeys.scene import Scene, a_scene

TARGET_MB = 1024.0
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 1200.0
LINES_OF_A_FILE = 100


@dataclass(frozen=True)
class Effort:
    """*files* of 100 changed lines each; a third of them was there before."""

    files: int = 3_000

    @classmethod
    def quick(cls) -> "Effort":
        return cls(files=600)


async def measure(directory: Path, effort: Effort) -> tuple[list[Figure], dict[str, Any]]:
    (directory / "data").mkdir()
    async with a_scene(directory / "data", directory / "project") as scene:
        scene.github.listed_files_limit = min(3_000, effort.files // 2)
        old = {_path(number): _text(number, "before") for number in range(0, effort.files, 3)}
        scene.project.branch("main")
        scene.project.commit(dict(old))
        delivery = await scene.open_pull_request({_path(n): _text(n, "after") for n in range(effort.files)})
        began = time.perf_counter()
        async with _watched(scene) as peaks:
            await _reviewed(scene, await scene.deliver(delivery))
        took = time.perf_counter() - began
        (run,) = scene.github.check_runs(scene.repository, scene.head_sha)
    lines = effort.files * LINES_OF_A_FILE
    figures = [
        Figure(f"{effort.files:,} files, {lines:,} lines: most memory of {name}", peak, "MB", TARGET_MB)
        for name, peak in sorted(peaks.items())
    ]
    figures.append(Figure("the same, delivery to the end", took, "s"))
    return figures, {"peaks_mb": peaks, "seconds": took, "check_run": run["output"]["summary"][:2_000]}


async def _reviewed(scene: Scene, job_id: str) -> None:
    while True:
        _, job = await scene.hub.call("GET", f"/api/v1/jobs/{job_id}?wait=60")
        if job["state"] in ("succeeded", "dead", "cancelled"):
            assert job["state"] == "succeeded", job
            return


@asynccontextmanager
async def _watched(scene: Scene) -> AsyncIterator[dict[str, float]]:
    """The most that a process of each name took."""
    peaks: dict[str, float] = {}

    async def watch() -> None:
        while True:
            for name, pids in processes_of(scene.hub.pid).items():
                for pid in pids:
                    peaks[name] = max(peaks.get(name, 0.0), _peak_mb(pid))
            await asyncio.sleep(LOOK_SECONDS)

    watching = asyncio.create_task(watch())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield peaks
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


def _peak_mb(pid: int) -> float:
    with contextlib.suppress(OSError):
        if found := re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="utf-8")):
            return int(found[1]) / 1024
    return 0.0


def _path(number: int) -> str:
    return f"shop/{number // 100:02}/part_{number:04}.py"


def _text(number: int, when: str) -> str:
    """Code as people write it: functions that call each other, and here and there something to say."""
    functions = [
        f'def {when}_{number}_{n}(order, prices):\n    """Of part {number}."""\n    total = {n}\n'
        f"    for item in order:\n        if item not in prices:\n            raise LookupError(item)\n"
        f"        total += prices[item] * {n}\n    log.info('%s of %s', total, order)\n    return total\n\n"
        for n in range(9)
    ]
    return f"import logging\n\nlog = logging.getLogger({when!r})\nALL = []\n\n" + "".join(functions) + "# end\n" * 5
