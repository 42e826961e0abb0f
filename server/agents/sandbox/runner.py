"""Run one command over one tree in the sandbox, and say how it ended.

The tree goes in through a pipe, as an archive of plain files that is unpacked inside: nothing of it is written on this
machine, and no link in it means anything. What the command writes is gone when it ends.
"""

import asyncio
import concurrent.futures.thread  # noqa: F401 - asyncio loads it late, when our own files may not be readable any more
import contextlib
import io
import os
import tarfile
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple

from server.agents.sandbox.system_calls import write_filter
from server.agents.sandbox.walls import TREE, Sandbox, Sizes
from server.jobs import descendants
from server.jobs.children import Children

MEBIBYTE = 1024 * 1024
LOOK_EVERY_SECONDS = 0.1
CLOSING_SECONDS = 2.0
NICENESS = 10
"""Who waits for an answer goes before tests."""
CANNOT_START = 125
"""The exit code of our own script inside, when the tree did not fit."""

_NO_MARK = "no attempt"
"""What runs inside has no variable of ours: it is known by who started it."""
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Ended(StrEnum):
    """By itself, or by us because of a limit."""

    ITSELF = "by itself"
    TIME = "out of time"
    MEMORY = "out of memory"


class Limits(NamedTuple):
    """*memory_bytes*: of all processes together; what they write into the tree and /tmp comes on top."""

    seconds: float = 120.0
    memory_bytes: int = 2048 * MEBIBYTE
    processes: int = 128
    open_files: int = 1024
    tree_bytes: int = 512 * MEBIBYTE
    scratch_bytes: int = 256 * MEBIBYTE
    file_bytes: int = 256 * MEBIBYTE
    output_bytes: int = 24_000


class Run(NamedTuple):
    """*exit_code*: negative for a signal. *output*: both streams as they came, its middle left out when it is long."""

    exit_code: int
    ended: Ended
    seconds: float
    output: str
    left_out_bytes: int = 0

    @property
    def passed(self) -> bool:
        return self.exit_code == 0 and self.ended is Ended.ITSELF


class Runner:
    """For one attempt: what it starts ends with it. *turns*: shared by all runners of a machine, whose memory is at
    stake; without them this one runs one command at a time."""

    def __init__(
        self,
        sandbox: Sandbox,
        children: Children,
        limits: Limits | None = None,
        turns: asyncio.Semaphore | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._children = children
        self._limits = limits or Limits()
        self._turns = turns or asyncio.Semaphore(1)

    async def run(self, tree: Mapping[str, str | bytes], command: Sequence[str]) -> Run:
        """Cancelling it ends every process of it. Raises OSError when nothing can be started."""
        archive = await asyncio.to_thread(_archive, tree)
        async with self._turns:
            return await self._run(archive, command)

    async def _run(self, archive: bytes, command: Sequence[str]) -> Run:
        began = time.monotonic()
        process = await self._start(command)
        output = _Output(self._limits.output_bytes)
        try:
            ended = await self._wait(process, archive, output)
        finally:
            await descendants.end(partial(descendants.find, _NO_MARK, {process.pid}))
            await _close(process)
        return Run(await process.wait(), ended, time.monotonic() - began, output.text, output.left_out_bytes)

    async def _wait(self, process: Process, archive: bytes, output: "_Output") -> Ended:
        try:
            async with asyncio.timeout(self._limits.seconds), asyncio.TaskGroup() as tasks:
                tasks.create_task(_hand_in(process, archive))
                tasks.create_task(output.read(process))
                watch = tasks.create_task(self._watch(process.pid))
                await process.wait()
                watch.cancel()
        except TimeoutError:
            return Ended.TIME
        except ExceptionGroup as failed:
            if failed.split(_TooMuchMemory)[1] is not None:
                raise
            return Ended.MEMORY
        return Ended.ITSELF

    async def _start(self, command: Sequence[str]) -> Process:
        sizes = Sizes(self._limits.tree_bytes, self._limits.scratch_bytes)
        with _filter() as system_calls:
            argv = self._sandbox.around([*_UNPACK, *self._limited(), *command], sizes, system_calls)
            return await self._children.start(*argv, stdin=PIPE, stdout=PIPE, stderr=STDOUT, pass_fds=(system_calls,))

    def _limited(self) -> list[str]:
        """Set inside, where only what runs inside is counted. CPU: of one process, should the clock not be enough."""
        limits = self._limits
        return [
            *("nice", "-n", str(NICENESS)),
            "prlimit",
            f"--nproc={limits.processes}",
            f"--nofile={limits.open_files}",
            f"--fsize={limits.file_bytes}",
            f"--data={limits.memory_bytes}",
            f"--cpu={int(limits.seconds) + 1}",
            "--core=0",
            "--",
        ]

    async def _watch(self, pid: int) -> None:
        """No control group is ours to limit, so somebody has to look. Raises _TooMuchMemory."""
        while True:
            if await asyncio.to_thread(_memory_of, pid) > self._limits.memory_bytes:
                raise _TooMuchMemory
            await asyncio.sleep(LOOK_EVERY_SECONDS)


class _TooMuchMemory(Exception):
    pass


_UNPACK = (
    "sh",
    "-c",
    f'tar -xf - --no-same-owner --no-same-permissions -C {TREE} || exit {CANNOT_START}; exec "$@" < /dev/null',
    "sh",
)


def _archive(tree: Mapping[str, str | bytes]) -> bytes:
    """Plain files only, below the tree and nowhere else. A script stays one that can be run."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in sorted(tree.items()):
            if not _is_inside(path):
                continue
            data = content.encode("utf-8", "replace") if isinstance(content, str) else content
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            entry.mode = 0o755 if data.startswith(b"#!") else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _is_inside(path: str) -> bool:
    """Nothing of git's own either: its hooks and settings are nobody's tests."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and ".git" not in map(str.lower, parts)


async def _hand_in(process: Process, archive: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it ended before it had read all
        process.stdin.write(archive)
        await process.stdin.drain()
    process.stdin.close()


async def _close(process: Process) -> None:
    """Read what it said last and nobody heard: before its end is reached, its pipes stay open."""
    assert process.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_SECONDS):
            while await process.stdout.read(65_536):
                pass
            await process.wait()


class _Output:
    """The beginning and the end of what a process says; what comes between is read and forgotten."""

    def __init__(self, most_bytes: int) -> None:
        self._half = most_bytes // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._seen = 0

    async def read(self, process: Process) -> None:
        assert process.stdout is not None
        while piece := await process.stdout.read(65_536):
            self._seen += len(piece)
            room = self._half - len(self._head)
            self._head += piece[:room]
            self._tail = (self._tail + piece[max(room, 0) :])[-self._half :]

    @property
    def left_out_bytes(self) -> int:
        return self._seen - len(self._head) - len(self._tail)

    @property
    def text(self) -> str:
        middle = f"\n[{self.left_out_bytes:,} bytes are left out]\n" if self.left_out_bytes else ""
        return self._head.decode("utf-8", "replace") + middle + self._tail.decode("utf-8", "replace")


@contextlib.contextmanager
def _filter() -> Iterator[int]:
    descriptor = write_filter()
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _memory_of(pid: int) -> int:
    """Bytes that the processes below *pid* hold, those that they share counted for each."""
    total = 0
    for one in descendants.find(_NO_MARK, {pid}):
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{one}/statm", "rb") as file:  # it may have ended
            total += int(file.read().split()[1])
    return total * _PAGE_BYTES
