"""The facts without which a figure means nothing: the machine, how busy it was, the versions."""

import os
import platform
import re
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent


def machine_facts() -> dict[str, Any]:
    """Call it before anything is measured: *load_average* is of then."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _found(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo")) or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": int(_found(r"MemTotal:\s*(\d+)", Path("/proc/meminfo")) or 0) // 1024,
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("asyncpg", "redis", "pygls", "ruff", "aiohttp")},
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
    }


def engine_version(argv_0: str) -> str:
    """What a running engine's program says of itself: `postgres (PostgreSQL) 18.4`."""
    said = subprocess.run([argv_0, "--version"], capture_output=True, text=True, check=False).stdout
    return said.strip().splitlines()[0] if said.strip() else ""


class Bystanders:
    """How much of the machine others use from now on: latency measured beside them says little."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._others_before = _others_cpu_seconds()

    def percent(self) -> float:
        """Call it when our own processes have ended: only then do they count as ours."""
        room = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        return max(0.0, 100 * (_others_cpu_seconds() - self._others_before) / room)


def _others_cpu_seconds() -> float:
    ticks = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:]
    user, nice, system, _idle, _waiting, *interrupts_and_stolen = map(int, ticks[:8])
    busy = (user + nice + system + sum(interrupts_and_stolen)) / os.sysconf("SC_CLK_TCK")
    own = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return busy - sum(usage.ru_utime + usage.ru_stime for usage in own)


def _found(pattern: str, file: Path) -> str:
    match = re.search(pattern, file.read_text(encoding="utf-8")) if file.exists() else None
    return match[1].strip() if match else ""


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip()


if sys.platform != "linux":
    raise SystemExit("the measurements read /proc, which only Linux has")
