"""Keep one engine's process running: start it, wait until it answers, start it again when it dies, stop it.

Knows neither Postgres nor Redis; `postgres.py` and `redis.py` say what to run and what an answer is.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from server.embedded.account import Account
from server.errors import HiveError

START_PATIENCE_SECONDS = 10.0
"""How long an engine is tried again that ends by a fault which passes."""

ANSWER_PATIENCE_SECONDS = 120.0
"""How long a living engine may take to answer. It may have a crash to recover from."""

STOP_PATIENCE_SECONDS = 20.0
MAX_PAUSE_SECONDS = 5.0
MAX_LOG_BYTES = 10 * 1024 * 1024

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
"""All that an engine sees; nothing of ours."""

log = structlog.get_logger("hive.embedded")


class EngineFailed(HiveError):
    """An embedded server did not start; the message has the end of its log."""


@dataclass(frozen=True)
class Program:
    """What to run. *answers* says when it is ready; *passing_fault* is in its log when waiting a moment will help."""

    name: str
    argv: Sequence[str]
    account: Account
    log_file: Path
    stop_signal: signal.Signals
    answers: Callable[[], Awaitable[bool]]
    passing_fault: str | None = None


class Engine:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Returns when the engine answers; from then on it is started again whenever it ends. Raises `EngineFailed`."""
        _rotate(self._program.log_file)
        give_up_at = time.monotonic() + START_PATIENCE_SECONDS
        while True:
            try:
                await self._launch()
                break
            except EngineFailed as error:
                if not self._passes(error) or time.monotonic() > give_up_at:
                    raise
            await asyncio.sleep(0.05)
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self._program.name}")

    async def stop(self) -> None:
        while self._keeper is not None and not self._keeper.done():
            self._keeper.cancel()
            await asyncio.wait([self._keeper], timeout=1.0)  # again, if what it met kept the cancellation for itself
        self._keeper = None
        await self._end_process()

    async def _keep(self) -> None:
        while True:
            assert self._process is not None
            status = await self._process.wait()
            log.warning("engine ended; starting it again", engine=self._program.name, status=status)
            await self._relaunch()

    async def _relaunch(self) -> None:
        pause_seconds = 0.05
        while True:
            try:
                return await self._launch()
            except EngineFailed as error:
                log.error("engine does not start", engine=self._program.name, error=str(error))
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, MAX_PAUSE_SECONDS)

    def _passes(self, error: EngineFailed) -> bool:
        return self._program.passing_fault is not None and self._program.passing_fault in str(error)

    async def _launch(self) -> None:
        log_start = self._log_size()
        try:
            self._process = await self._spawn()
            await self._until_it_answers(log_start)
        except BaseException:
            await self._end_process()
            raise

    async def _spawn(self) -> asyncio.subprocess.Process:
        descriptor = os.open(self._program.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return await asyncio.create_subprocess_exec(
                *self._program.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,  # a Ctrl-C in the terminal is for the hub, which stops its engines last
                **self._program.account.process_options,
            )
        except OSError as error:
            raise EngineFailed(f"{self._program.name}: {self._program.argv[0]} cannot be run: {error}") from error
        finally:
            os.close(descriptor)

    async def _until_it_answers(self, log_start: int) -> None:
        assert self._process is not None
        give_up_at = time.monotonic() + ANSWER_PATIENCE_SECONDS
        pause_seconds = 0.004
        while not await self._program.answers():
            if self._process.returncode is not None or time.monotonic() > give_up_at:
                raise EngineFailed(
                    f"{self._program.name} did not start: {self._log_since(log_start)}",
                    hint=f"its log is {self._program.log_file}; hive doctor tells more",
                )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_seconds):
                    await self._process.wait()
            pause_seconds = min(1.5 * pause_seconds, 0.1)

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self._program.stop_signal)
        try:
            async with asyncio.timeout(STOP_PATIENCE_SECONDS):
                await process.wait()
        except TimeoutError:
            log.error("engine does not stop; killing it", engine=self._program.name)
            process.kill()
            await process.wait()

    def _log_size(self) -> int:
        return self._program.log_file.stat().st_size if self._program.log_file.exists() else 0

    def _log_since(self, start: int) -> str:
        if not self._program.log_file.exists():
            return "it said nothing"
        with self._program.log_file.open("rb") as file:
            file.seek(start)
            lines = file.read(16_384).decode("utf-8", "replace").strip().splitlines()
        return "\n".join(lines[-5:]) or "it said nothing"


def _rotate(log_file: Path) -> None:
    log_file.parent.mkdir(mode=0o700, exist_ok=True)
    if log_file.exists() and log_file.stat().st_size > MAX_LOG_BYTES:
        log_file.replace(log_file.with_name(f"{log_file.name}.1"))
