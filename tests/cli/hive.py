"""The real `hive` command against a real hub on a data directory of its own."""

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.launch import Hub, running_hub, stop_hub

HIVE = str(Path(sys.executable).with_name("hive"))
TIMEOUT_SECONDS = 90.0


class Hive:
    """*data_dir* has no hub until a command starts one."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("HIVE_", "GIT_"))} | {
            "HIVE_DATA": str(data_dir),
            "HIVE_HTTP": "127.0.0.1:0",
            "HIVE_LSP": "127.0.0.1:0",
        }

    def run(self, *argv: str, cwd: Path = Path("/"), **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [HIVE, *argv],
            cwd=cwd,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def json(self, *argv: str, cwd: Path = Path("/")) -> Any:
        """What the command printed with --json, whatever its exit code."""
        done = self.run(*argv, "--json", cwd=cwd)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def popen(self, *argv: str, cwd: Path = Path("/"), **options: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen([HIVE, *argv], cwd=cwd, env=self.env, **options)

    @property
    def hub(self) -> Hub:
        hub = running_hub(self.data_dir)
        assert hub is not None, "no hub runs"
        return hub

    def agents(self) -> list[int]:
        """The process ids of the hub's agents."""
        return [pid for pid in _children(self.hub.pid) if b"agents" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@contextlib.contextmanager
def a_hive() -> Iterator[Hive]:
    """Not below pytest's directories, which are closed to the account that runs Postgres. `conftest.py` sweeps it."""
    directory = Path(tempfile.mkdtemp(prefix=f"hive-test-{os.getpid()}-"))
    hive = Hive(directory / "data")
    directory.chmod(0o711)
    try:
        yield hive
    finally:
        stop_hub(hive.data_dir)
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def watching(pid: int) -> Iterator[Any]:
    """Gives a function that returns once the process has ended."""
    descriptor = os.pidfd_open(pid)
    try:
        yield lambda: select.select([descriptor], [], [], TIMEOUT_SECONDS)
    finally:
        os.close(descriptor)


def _children(pid: int) -> list[int]:
    text = "".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [int(child) for child in text.split()]
