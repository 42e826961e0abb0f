"""Keep one worker process alive for as long as the hub lives.

The child gets an empty environment and, over its standard input, its own keys only (`process.py` is its side). When it
dies the orchestrator is told at once, so that what it held need not wait for its lease.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
import structlog

from server.errors import HiveError
from server.jobs.children import end_children_of
from server.jobs.process import EXIT_RETIRED, Bootstrap
from server.messaging import Identity

READY_SECONDS = 30.0
STOP_SECONDS = 5.0
FIRST_LIVES = 3
"""So often a process may end before it was ever ready; then it is its settings, and waiting helps nobody."""

log = structlog.get_logger()


class WorkerDoesNotStart(HiveError):
    """A worker process ended again and again, and was never ready."""


class Supervisor:
    """*module* is run with `python -m`."""

    def __init__(self, module: str, bootstrap: Bootstrap) -> None:
        self.queue = bootstrap.queue
        self._module = module
        self._bootstrap = bootstrap
        self._died: Callable[[UUID], Awaitable[None]] | None = None
        self.ready = asyncio.Event()
        self.is_retired = False
        """An admin retired it: it stays ended until the hub starts anew."""
        self.restarts = 0
        self._stdin: asyncio.StreamWriter | None = None

    def on_death(self, died: Callable[[UUID], Awaitable[None]]) -> None:
        """*died* hears the agent id of every process that ended from now on."""
        self._died = died

    async def give_keys(self, identity: Identity) -> None:
        """New keys for the process that lives, and for those that follow it."""
        self._bootstrap = msgspec.structs.replace(self._bootstrap, identity=identity.export())
        if self._stdin is not None:
            with contextlib.suppress(ConnectionError):  # it just ended; the next one has them
                self._stdin.write(identity.export() + b"\n")
                await self._stdin.drain()

    async def run(self) -> None:
        """Until cancelled; then the child is asked to end, and ended. Raises `WorkerDoesNotStart`."""
        delay_seconds = 0.1
        was_ready = False
        while True:
            began = asyncio.get_running_loop().time()
            agent_id = await self._live_once()
            was_ready |= agent_id is not None
            if agent_id is not None:
                await end_children_of(agent_id)  # before others begin what they worked on
                if self._died is not None:
                    await self._died(agent_id)
            if self.is_retired:
                await asyncio.Event().wait()
            self.restarts += 1
            if self.restarts >= FIRST_LIVES and not was_ready:
                raise WorkerDoesNotStart(
                    f"the {self.queue} process does not start", hint="the log above says why; so does: hive doctor"
                )
            if asyncio.get_running_loop().time() - began > 30.0:
                delay_seconds = 0.1
            log.warning("a worker process ended", module=self._module, restart_seconds=delay_seconds)
            await asyncio.sleep(delay_seconds)
            delay_seconds = min(10.0, delay_seconds * 2)

    async def _live_once(self) -> UUID | None:
        """From its start to its end. Returns under which agent id it worked; None when it did not get so far."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", self._module, env={}, cwd="/", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        agent_id: UUID | None = None
        try:
            process.stdin.write(msgspec.json.encode(self._bootstrap) + b"\n")
            self._stdin = process.stdin
            async with asyncio.timeout(READY_SECONDS):
                line = await process.stdout.readline()
            if line:
                agent_id = UUID(line.decode().strip())
                self.ready.set()
            await process.wait()
        except TimeoutError:
            log.error("a worker process was not ready in time", module=self._module)
        finally:
            self._stdin = None
            self.ready.clear()
            await asyncio.shield(_end(process))
        self.is_retired = process.returncode == EXIT_RETIRED
        return agent_id


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
