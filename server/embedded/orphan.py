"""End an engine that outlived the hub it belonged to.

It is replaced, not adopted: the engine that runs is always this release's, with this start's settings, and our child.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import structlog

PATIENCE_SECONDS = 20.0
"""After that, kill -9: both engines recover from it."""

log = structlog.get_logger("hive.embedded")


async def end_orphan(pid_file: Path, *, mark: str, stop_signal: signal.Signals) -> None:
    """Whoever calls holds the data directory's lock, so nobody uses what runs there. *mark* as in `running_pid`."""
    pid = running_pid(pid_file, mark)
    if pid is None:
        return
    log.warning("stopping an engine that a killed hub left behind", pid=pid, directory=str(pid_file.parent))
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
        while mark in _command_line(pid):
            if time.monotonic() > give_up_at:
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.01)  # it is not our child, so nothing tells us


def running_pid(pid_file: Path, mark: str) -> int | None:
    """The process that *pid_file* names, if *mark* is in its command line: its number may be another's by now."""
    pid = recorded_pid(pid_file)
    return pid if pid is not None and mark in _command_line(pid) else None


def recorded_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _command_line(pid: int) -> str:
    if os.path.isdir("/proc/self"):
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    listed = subprocess.run(["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return listed.stdout
