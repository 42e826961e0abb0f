"""Processes in no time: one has imported everything, and forks the others, which live and die as any process does.

`Nursery` is the side of the tests; run as a module this is the other side. Whoever forked a process hears at once when
it stops, goes on or ends, which nobody else does.
"""

import asyncio
import contextlib
import itertools
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import msgspec

MAX_NOTICE_BYTES = 64 * 1024


class Birth(msgspec.Struct, frozen=True):
    """Its standard input, output and error travel beside it."""

    number: int
    role: str


class Notice(msgspec.Struct, frozen=True):
    """What became of the process *number*. *code*: of its end, as subprocess has it."""

    number: int
    what: Literal["born", "stopped", "continued", "ended"]
    pid: int
    code: int = 0


class Child:
    """A process. What it says on its standard output are the lines of `said`."""

    def __init__(self, role: str, stdin: asyncio.WriteTransport, said: asyncio.StreamReader) -> None:
        self.role = role
        self.pid = 0
        self.said = said
        self._stdin = stdin
        self.born = asyncio.Event()
        self.stopped = asyncio.Event()
        self.ended = asyncio.Event()
        self.code = 0

    @property
    def lives(self) -> bool:
        return not self.ended.is_set()

    def tell(self, line: bytes) -> None:
        if not self._stdin.is_closing():
            self._stdin.write(line + b"\n")

    def send_signal(self, signum: signal.Signals) -> None:
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signum)

    async def kill(self) -> None:
        """As by kill -9."""
        self.send_signal(signal.SIGKILL)
        await self.ended.wait()

    async def pause(self) -> None:
        """As by kill -STOP; `resume` lets it go on. Returns when it stands still, or has ended before."""
        self.send_signal(signal.SIGSTOP)
        either = [asyncio.ensure_future(event.wait()) for event in (self.stopped, self.ended)]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        for each in either:
            each.cancel()

    def resume(self) -> None:
        self.stopped.clear()
        self.send_signal(signal.SIGCONT)

    async def leave(self) -> None:
        """Its standard input ends, which asks it to end."""
        self._stdin.close()
        try:
            async with asyncio.timeout(5.0):
                await self.ended.wait()
        except TimeoutError:
            await self.kill()

    def note(self, notice: Notice) -> None:
        match notice.what:
            case "born":
                self.pid = notice.pid
                self.born.set()
            case "stopped":
                self.stopped.set()
            case "continued":
                self.stopped.clear()
            case "ended":
                self.code = notice.code
                self.ended.set()
                self._stdin.close()


class Nursery:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, Child] = {}
        self._numbers = itertools.count(1)

    async def bear(self, role: str, log: Path) -> Child:
        """A process that does what `roles.py` says of *role*. It begins with a line on its standard input."""
        given_in, stdin = os.pipe()
        said, given_out = os.pipe()
        given_err = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        number = next(self._numbers)
        child = self._children[number] = Child(role, await _write_end(stdin), await _read_end(said))
        with _closing(given_in, given_out, given_err):
            birth = msgspec.json.encode(Birth(number, role))
            socket.send_fds(self._control, [birth], [given_in, given_out, given_err])
        await child.born.wait()
        return child

    def hear(self) -> None:
        while True:
            try:
                line = self._control.recv(MAX_NOTICE_BYTES)
            except BlockingIOError:
                return
            if not line:
                raise RuntimeError("the nursery is gone")
            notice = msgspec.json.decode(line, type=Notice)
            self._children[notice.number].note(notice)


@asynccontextmanager
async def open_nursery(log: Path) -> AsyncIterator[Nursery]:
    """On leaving, every process of it is killed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, log.open("ab") as said:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.nursery", str(theirs.fileno()), pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip
        ours.setblocking(False)
        nursery = Nursery(ours)
        loop = asyncio.get_running_loop()
        loop.add_reader(ours, nursery.hear)
        try:
            yield nursery
        finally:
            loop.remove_reader(ours)
            ours.shutdown(socket.SHUT_RDWR)
            await process.wait()


async def _write_end(descriptor: int) -> asyncio.WriteTransport:
    pipe = os.fdopen(descriptor, "wb", buffering=0)
    transport, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.Protocol, pipe)
    return transport


async def _read_end(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=2**24)
    pipe = os.fdopen(descriptor, "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader


@contextlib.contextmanager
def _closing(*descriptors: int) -> Iterator[None]:
    try:
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


# --- the other side -------------------------------------------------------------------------------------------------


class _Parent:
    """Single-threaded and without a loop, so that forking is safe."""

    def __init__(self, control: socket.socket, roles: Mapping[str, Callable[[], None]]) -> None:
        self._control = control
        self._roles = roles
        self._numbers: dict[int, int] = {}
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write)

    def live(self) -> None:
        while True:
            readable, _, _ = select.select([self._control.fileno(), self._wake_read], [], [])
            if self._wake_read in readable:
                os.read(self._wake_read, 4096)
                self._look_after_them()
            if self._control.fileno() in readable and not self._obey():
                break
        for pid in self._numbers:
            os.kill(pid, signal.SIGKILL)

    def _obey(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, MAX_NOTICE_BYTES, 3)
        if not message:
            return False
        birth = msgspec.json.decode(message, type=Birth)
        pid = os.fork()
        if pid == 0:
            self._become(birth.role, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._numbers[pid] = birth.number
        self._tell(Notice(birth.number, "born", pid))
        return True

    def _look_after_them(self) -> None:
        while self._numbers:
            pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if pid == 0:
                return
            number = self._numbers[pid]
            if os.WIFSTOPPED(status):
                self._tell(Notice(number, "stopped", pid))
            elif os.WIFCONTINUED(status):
                self._tell(Notice(number, "continued", pid))
            else:
                del self._numbers[pid]
                self._tell(Notice(number, "ended", pid, os.waitstatus_to_exitcode(status)))

    def _tell(self, notice: Notice) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # then there is nothing left to do but to end
            self._control.send(msgspec.json.encode(notice))

    def _become(self, role: str, descriptors: list[int]) -> None:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._control.close()
            for given, standard in zip(descriptors, (0, 1, 2), strict=True):
                os.dup2(given, standard)
                os.close(given)
            os.setsid()
            self._roles[role]()
            code = 0
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)


def main() -> None:
    from tests.faults.roles import ROLES  # here: the side of the tests needs none of it

    _Parent(socket.socket(fileno=int(sys.argv[1])), ROLES).live()


if __name__ == "__main__":
    main()
