"""Find the hub of a data directory, start one in the background when none runs, stop it.

Standard library only and quick to import: `hive lsp` calls it on every editor start. The hub itself is `server/hub/`.
"""

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from server.data_directory import default_data_directory
from server.errors import HiveError

MAX_LOG_BYTES = 10 * 1024 * 1024
"""At the next start a larger hub.log becomes hub.log.1."""


class Hub(NamedTuple):
    """How to reach a running hub. *http* and *lsp* are `host:port`; *token* is good for this run of it only."""

    pid: int
    http: str
    lsp: str
    token: str

    @property
    def url(self) -> str:
        return f"http://{self.http}"


class HubDidNotStart(HiveError):
    """A hub was started and ended, or was not ready in time."""


class HubDidNotStop(HiveError):
    """A hub was asked to stop and still runs."""


class HubOfAnother(HiveError):
    """The data directory has a hub, but it belongs to another user."""


def run_file(data_dir: Path) -> Path:
    return data_dir / "run" / "hub.json"


def log_file(data_dir: Path) -> Path:
    return data_dir / "logs" / "hub.log"


def write_run_file(data_dir: Path, hub: Hub) -> None:
    """Tell the commands of this user where the hub is. The file appears whole and readable by its owner alone."""
    path = run_file(data_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(hub._asdict(), file)
    draft.replace(path)


def running_hub(data_dir: Path) -> Hub | None:
    """The hub that lives and answers. None when there is none, also when a killed one left its file behind."""
    try:
        fields = json.loads(run_file(data_dir).read_bytes())
        hub = Hub(int(fields["pid"]), str(fields["http"]), str(fields["lsp"]), str(fields["token"]))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        hint = "set HIVE_DATA to a directory of your own, or HIVE_URL and HIVE_TOKEN to use that hub"
        raise HubOfAnother(f"the hub in {data_dir} belongs to another user", hint=hint) from error
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return hub if _is_alive(hub.pid) and _answers(hub.http) else None


def ensure_hub(
    env: Mapping[str, str], *, deadline_seconds: float = 60.0, announce: Callable[[str], None] = lambda _: None
) -> Hub:
    """The running hub of the data directory that *env* names, started first if need be.

    Any number of callers may ask at once: one of them starts it. *announce* hears what takes time. Raises
    `HubDidNotStart` with the end of its log.
    """
    data_dir = default_data_directory(env)
    hub = running_hub(data_dir)
    if hub is not None:
        return hub
    deadline = time.monotonic() + deadline_seconds
    _make_directories(data_dir)
    with _only_starter(data_dir, deadline):
        hub = running_hub(data_dir)
        if hub is not None:
            return hub
        announce(f"starting a hub in {data_dir}")
        return _start(data_dir, env, deadline)


def stop_hub(data_dir: Path, *, deadline_seconds: float = 60.0) -> Hub | None:
    """Ask the hub of the data directory to stop and wait until it has. Returns it, or None when none ran.

    Raises `HubDidNotStop`.
    """
    hub = running_hub(data_dir)
    if hub is None:
        return None
    deadline = time.monotonic() + deadline_seconds
    try:
        os.kill(hub.pid, signal.SIGTERM)
    except ProcessLookupError:
        return hub
    while _is_held(data_dir / "hub.lock"):  # not the process: nobody may be there to reap it
        if time.monotonic() > deadline:
            hint = f"its log is {log_file(data_dir)}"
            raise HubDidNotStop(f"the hub (process {hub.pid}) has not stopped in time", hint=hint)
        time.sleep(0.02)
    return hub


def _make_directories(data_dir: Path) -> None:
    try:
        for directory in (run_file(data_dir).parent, log_file(data_dir).parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HubDidNotStart(
            f"cannot use the data directory {data_dir}: {error.strerror}",
            hint="set HIVE_DATA to a directory that you may write to",
        ) from error


@contextlib.contextmanager
def _only_starter(data_dir: Path, deadline: float) -> Iterator[None]:
    """Hold `run/start.lock`: who comes second waits, then finds the hub of the first."""
    with (data_dir / "run" / "start.lock").open("a") as lock:
        while not _try_lock(lock.fileno()):
            _wait_until(deadline, data_dir)
        yield


def _start(data_dir: Path, env: Mapping[str, str], deadline: float) -> Hub:
    import subprocess  # here: a warm start does not pay for it

    log = log_file(data_dir)
    log_start = _rotate(log)
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        process = subprocess.Popen(
            # -P and cwd: the folder we were called in is somebody's code; none of it may be imported.
            [sys.executable, "-P", "-m", "server", "up", "--quiet"],
            cwd=data_dir,
            env={**env, "HIVE_DATA": str(data_dir)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while True:
        hub = running_hub(data_dir)
        if hub is not None:
            return hub
        # A hub that a person is starting in a terminal holds the directory: ours was refused, theirs is to come.
        if process.poll() is not None and not _is_held(data_dir / "hub.lock"):
            said = _tail(log, log_start) or f"exit status {process.returncode}"
            raise HubDidNotStart(f"the hub ended while starting: {said}", hint=f"its log is {log}; try: hive doctor")
        _wait_until(deadline, data_dir)


def _wait_until(deadline: float, data_dir: Path) -> None:
    if time.monotonic() > deadline:
        log = log_file(data_dir)
        raise HubDidNotStart("the hub was not ready in time", hint=f"its log is {log}; try: hive doctor")
    time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # signal 0 would be Ctrl-C there; the port decides alone
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _answers(address: str) -> bool:
    try:
        parts = urlsplit(f"//{address}")
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1.0):
            return True
    except (OSError, ValueError):
        return False


def _try_lock(descriptor: int) -> bool:
    import fcntl  # here: not on Windows, where only a hub elsewhere (HIVE_URL) can be used

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open("rb") as file:
        return not _try_lock(file.fileno())


def _rotate(log: Path) -> int:
    """Keep one older log. Returns where the new run's part begins."""
    try:
        size = log.stat().st_size
    except FileNotFoundError:
        return 0
    if size <= MAX_LOG_BYTES:
        return size
    log.replace(log.with_name("hub.log.1"))
    return 0


def _tail(log: Path, start: int, lines: int = 8) -> str:
    with log.open("rb") as file:
        file.seek(start)
        text = file.read().decode("utf-8", "replace")
    return "\n".join(text.strip().splitlines()[-lines:])
