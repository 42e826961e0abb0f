"""What a hub's processes cost, from /proc: memory, and CPU seconds, which say more than latency on a busy machine."""

import contextlib
import os
from collections import defaultdict
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def processes_of(hub_pid: int) -> dict[str, list[int]]:
    """The pids of a hub and all below it, by what they are: hub, agent, effects, ruff, postgres, redis."""
    found: dict[str, list[int]] = defaultdict(list)
    for pid in _family(hub_pid):
        with contextlib.suppress(OSError):  # it ended meanwhile
            found["hub" if pid == hub_pid else _name(pid)].append(pid)
    return dict(found)


def program_of(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/exe")


def cpu_seconds(processes: dict[str, list[int]]) -> dict[str, float]:
    """User and system time so far, by name."""
    return {name: sum(map(_cpu_seconds, pids)) for name, pids in processes.items()}


def family_cpu_seconds(pid: int) -> float:
    """User and system time so far of a process and all below it, also of those that have ended."""
    used = 0.0
    for member in _family(pid):
        with contextlib.suppress(OSError):  # it ended meanwhile: its parent has its time
            used += sum(map(int, _stat(member)[11:15])) / _TICKS_PER_SECOND
    return used


def memory_mb(processes: dict[str, list[int]]) -> dict[str, float]:
    """Resident memory by name. Of several processes that share some, each one's proportional part."""
    return {
        name: round(_rss_mb(pids[0]) if len(pids) == 1 else sum(map(_pss_mb, pids)), 1)
        for name, pids in processes.items()
    }


def _family(first: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                children[int(_stat(int(entry.name))[1])].append(int(entry.name))
    found: list[int] = []
    waiting = [first]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children[pid]
    return found


def _name(pid: int) -> str:
    argv = Path(f"/proc/{pid}/cmdline").read_bytes()
    for mark, name in _NAMES:
        if mark in argv:
            return name
    return argv.partition(b"\0")[0].decode(errors="replace")


_NAMES = (
    (b"server.agents", "agent"),
    (b"server.effects", "effects"),
    (b"postgres", "postgres"),
    (b"redis", "redis"),
    (b"ruff", "ruff"),
)


def _cpu_seconds(pid: int) -> float:
    user, system = _stat(pid)[11:13]
    return (int(user) + int(system)) / _TICKS_PER_SECOND


def _stat(pid: int) -> list[str]:
    """From the state on: the name before it may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def _rss_mb(pid: int) -> float:
    return _field(Path(f"/proc/{pid}/status"), "VmRSS:") / 1024


def _pss_mb(pid: int) -> float:
    try:
        return _field(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024
    except PermissionError:
        return _rss_mb(pid)


def _field(file: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(name))
