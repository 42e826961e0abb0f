"""A leader or the holder of a lock in a process of its own, to be paused: `python -m tests.hubs.paused ROLE URL`.

It writes a row into `written` in a guarded transaction, says `inside`, and commits when it reads a line; then it writes
once more. Each time it says `wrote` or `refused`.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import structlog

from server.db import open_pool
from server.hubs.leader import Leadership, Leading
from server.hubs.locks import Locks
from tests.hub import REPOSITORY
from tests.hubs.rows import SECONDS

LEASE_SECONDS = 1.5
NAME = "pull_request:o/r#7"


class PausedProcess:
    """The other end: a process that runs this module."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def said(self) -> str:
        """Its next line."""
        assert self._process.stdout is not None
        async with asyncio.timeout(SECONDS):
            return (await self._process.stdout.readline()).decode().strip()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    async def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self._process.stdin.drain()


@asynccontextmanager
async def paused_process(role: str, url: str) -> AsyncIterator[PausedProcess]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hubs.paused", role, url,
        cwd=REPOSITORY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield PausedProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def main(role: str, url: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    pool = await open_pool(url, max_size=4)
    if role == "leader":
        leading = await Leadership(pool, uuid4(), LEASE_SECONDS).elect()
        assert leading is not None
        await write_twice(leading.epoch, leading.transaction)
    elif role == "running leader":
        done = asyncio.Event()

        async def duties(leading: Leading) -> None:
            try:
                await write_twice(leading.epoch, leading.transaction)
            finally:
                done.set()

        running = asyncio.create_task(Leadership(pool, uuid4(), LEASE_SECONDS).run(duties))
        await done.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    else:
        locks = Locks(pool)

        @asynccontextmanager
        async def guarded() -> AsyncIterator[Any]:
            async with pool.acquire() as connection, connection.transaction():
                await locks.check(connection, lock)
                yield connection

        async with locks.hold(NAME, lease_seconds=LEASE_SECONDS) as lock:
            await write_twice(lock.token, guarded)
    await pool.close()


async def write_twice(token: int, transaction: Any) -> None:
    for waits in (True, False):
        try:
            await write(token, transaction(), waits=waits)
        except BaseException as error:  # also CancelledError: careless code goes on after it
            print("refused", type(error).__name__, flush=True)
        else:
            print("wrote", flush=True)


async def write(token: int, transaction: AbstractAsyncContextManager[Any], *, waits: bool) -> None:
    async with transaction as connection:
        await connection.execute("insert into written (token, who) values ($1, 'paused')", token)
        if waits:
            print("inside", flush=True)
            sys.stdin.readline()  # blocks everything, as a process that is stopped does


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
