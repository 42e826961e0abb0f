"""Find all processes that came of a mark, and end them: they are asked, and killed when they do not heed.

A mark is a variable in the environment that children inherit. Who clears its environment is found by its parent or its
session for as long as one of them lives. Linux shows all this; elsewhere only sessions of our own are known.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

MARK = "HIVE_ATTEMPT"
GRACE_SECONDS = 1.0
"""Between being asked and being killed: a cancelled attempt's processes are to be gone within two seconds."""
LOOK_EVERY_SECONDS = 0.04
KILL_ROUNDS = 20
"""Who starts others faster than that is not worth waiting for."""

_PROC = Path("/proc")


class _Seen(NamedTuple):
    parent: int
    session: int
    is_marked: bool


def find(mark: str, sessions: Collection[int] = ()) -> set[int]:
    """Living processes whose mark begins with *mark*, who are in one of *sessions*, and all below them."""
    seen = dict(_look_around(f"{MARK}={mark}".encode()))
    if not seen:
        return set(filter(_has_group, sessions))
    found = {pid for pid, process in seen.items() if process.is_marked or process.session in sessions}
    while below := {pid for pid, process in seen.items() if process.parent in found} - found:
        found |= below
    return found - {os.getpid()}


async def end(find_them: Callable[[], set[int]]) -> None:
    """Whoever is left when this is cancelled is killed at once."""
    deadline = asyncio.get_running_loop().time() + GRACE_SECONDS
    try:
        left = find_them()
        _send(signal.SIGTERM, left)
        while left and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            left = find_them()
        for _ in range(KILL_ROUNDS):
            if not left:
                break
            _send(signal.SIGKILL, left)
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            left = find_them()
    except asyncio.CancelledError:
        _send(signal.SIGKILL, find_them())
        raise


def _look_around(mark: bytes) -> Iterator[tuple[int, _Seen]]:
    """All processes that have not ended."""
    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir(_PROC):
            if entry.name.isdigit():
                with contextlib.suppress(OSError):  # it ended meanwhile
                    state, parent, _, session = _stat(entry.name)
                    if state not in ("Z", "X"):
                        yield int(entry.name), _Seen(int(parent), int(session), _is_marked(entry.name, mark))


def _stat(pid: str) -> list[str]:
    """State, parent, group, session. The name before them may hold anything."""
    return (_PROC / pid / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:4]


def _is_marked(pid: str, mark: bytes) -> bool:
    try:
        environment = (_PROC / pid / "environ").read_bytes()
    except PermissionError:  # somebody else's
        return False
    return any(variable.startswith(mark) for variable in environment.split(b"\0"))


def _has_group(session: int) -> bool:
    """A session's first process leads a group of the same number."""
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True


def _send(signum: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signum) if _PROC.exists() else os.killpg(pid, signum)
