"""A real hub in a process of its own, for whole journeys: it can be asked, stopped, killed and started again."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from server.embedded.orphan import recorded_pid
from server.launch import Hub, running_hub

REPOSITORY = Path(__file__).parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 30.0
ERRORS = ("error", "critical")
ENGINE_PID_FILES = {"postgres": "postgres/data/postmaster.pid", "redis": "redis/redis.pid"}


class HubProcess:
    """`hive up --quiet` on *data_dir*, with any free ports. *env* is added to an otherwise bare environment."""

    def __init__(
        self,
        data_dir: Path,
        env: Mapping[str, str] | None = None,
        *,
        python: str = sys.executable,
        module: str = "server",
    ) -> None:
        """*module*: what does as `hive`."""
        self.data_dir = data_dir
        self._command = (python, "-m", module, "up", "--quiet")
        self._env = {
            "PATH": os.environ["PATH"],
            "HIVE_DATA": str(data_dir),
            "HIVE_HTTP": "127.0.0.1:0",
            "HIVE_LSP": "127.0.0.1:0",
            "HIVE_LOG": "json",
            **(env or {}),
        }
        self._process: asyncio.subprocess.Process | None = None
        self._hub: Hub | None = None

    @property
    def env(self) -> dict[str, str]:
        """For commands that are to find this hub."""
        return dict(self._env)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        return self._running.url

    @property
    def lsp(self) -> tuple[str, int]:
        host, _, port = self._running.lsp.rpartition(":")
        return host, int(port)

    @property
    def token(self) -> str:
        return self._running.token

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    @property
    def errors(self) -> list[str]:
        """Lines of the log that are errors, or that nobody logged: a traceback's, a library's."""
        return [
            line for line in self.log.splitlines() if not line.startswith("{") or json.loads(line)["level"] in ERRORS
        ]

    async def start(self) -> None:
        """Returns when it is ready."""
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=REPOSITORY, env=self._env, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        async with asyncio.timeout(START_SECONDS):
            while True:
                self._hub = await asyncio.to_thread(running_hub, self.data_dir)
                if self._hub is not None and self._hub.pid == self.pid:
                    return
                if self._process.returncode is not None:
                    raise AssertionError(f"the hub ended while starting:\n{self.log[-4000:]}")
                await asyncio.sleep(0.02)  # a file and a port of another process: nothing signals them

    async def stop(self) -> int:
        """As Ctrl-C does. Returns the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOP_SECONDS):
            return await self._process.wait()

    async def kill(self) -> None:
        """kill -9 of the hub's own process; its children are on their own."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def fail_engine(self, name: str, signum: signal.Signals) -> None:
        """Signal its `postgres` or `redis`; returns when another one runs in its place and the hub is ready again."""
        pid_file = self.data_dir / ENGINE_PID_FILES[name]
        failed = recorded_pid(pid_file)
        assert failed is not None
        os.kill(failed, signum)
        async with asyncio.timeout(START_SECONDS):
            while True:
                status, _ = await self.call("GET", "/ready")
                if status == 200 and recorded_pid(pid_file) not in (None, failed):
                    return
                await asyncio.sleep(0.02)  # as above

    def children(self, module: str) -> list[int]:
        """The pids of its worker processes that run *module*, such as `server.agents`."""
        found: list[int] = []
        if self._process is None:
            return found
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                argv = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if module.encode() in argv and parent == self.pid:
                    found.append(int(entry.name))
        return found

    async def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
        """One request to the API: status and JSON. *token*: a key instead of the hub's local one."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, f"{self.url}{path}", json=body) as answer,
        ):
            return answer.status, await answer.json(content_type=None)

    @property
    def _running(self) -> Hub:
        assert self._hub is not None, "the hub was not started"
        return self._hub

    @property
    def log_path(self) -> Path:
        return self.data_dir / "test-hub.log"


@asynccontextmanager
async def hub_process(
    data_dir: Path, env: Mapping[str, str] | None = None, *, module: str = "server"
) -> AsyncIterator[HubProcess]:
    """Started; on leaving stopped, or killed when it does not stop."""
    hub = HubProcess(data_dir, env, module=module)
    await hub.start()
    try:
        yield hub
    finally:
        try:
            await hub.stop()
        except TimeoutError:
            await hub.kill()
            raise
