"""Processes that a handler starts for one attempt: they end with it, however it ends, and so does all they started.

An agent that is killed takes its own children along; what those started its hub ends (`supervisor.py`).
"""

import asyncio
import ctypes
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple
from uuid import UUID

from server.jobs import descendants


class Ran(NamedTuple):
    """*code*: 0 for success; the signal that ended it, negative."""

    code: int
    output: bytes
    errors: bytes


class Children:
    """Of one attempt. *mark*: by what they are known; it begins with the agent's id, so that its hub knows them."""

    def __init__(self, *mark: object) -> None:
        self._of = mark
        self._sessions: list[int] = []

    @property
    def any(self) -> bool:
        """Whether one was started."""
        return bool(self._sessions)

    @property
    def _mark(self) -> str:
        return ":".join(map(str, self._of))

    async def start(
        self,
        program: str,
        *arguments: str,
        stdin: int = DEVNULL,
        stdout: int = DEVNULL,
        stderr: int = DEVNULL,
        cwd: str = "/",
        environment: Mapping[str, str] | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> Process:
        """In a session of its own, with *environment* and nothing of ours but the files *pass_fds*.

        Raises OSError when it cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            env={**(environment or {}), descendants.MARK: self._mark},
            start_new_session=True,
            pass_fds=pass_fds,
            preexec_fn=partial(_die_with, os.getpid()) if sys.platform == "linux" else None,
        )
        self._sessions.append(process.pid)
        return process

    async def run(
        self,
        program: str,
        *arguments: str,
        given: bytes = b"",
        cwd: str = "/",
        environment: Mapping[str, str] | None = None,
    ) -> Ran:
        """Start it, hand it *given*, and wait for its end."""
        process = await self.start(
            program, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=cwd, environment=environment
        )
        output, errors = await process.communicate(given)
        assert process.returncode is not None
        return Ran(process.returncode, output, errors)

    async def end(self) -> None:
        """All of them, within two seconds. A cancellation waits until they are gone."""
        ending = asyncio.create_task(descendants.end(partial(descendants.find, self._mark, frozenset(self._sessions))))
        was_cancelled = False
        while not ending.done():
            try:
                await asyncio.shield(ending)
            except asyncio.CancelledError:
                was_cancelled = True
        self._sessions.clear()
        if was_cancelled:
            raise asyncio.CancelledError


async def end_children_of(agent_id: UUID) -> None:
    """What an agent that has died left behind."""
    await descendants.end(partial(descendants.find, f"{agent_id}:"))


_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # here: nothing may be loaded after a fork


def _die_with(parent: int) -> None:
    """Runs in the child before its program does: whatever ends the parent ends it too."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it ended before we could say so
