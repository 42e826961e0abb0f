"""A command on a terminal of its own: what it shows is read, what a person types is sent."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

SECONDS = 30.0


class Terminal:
    """*argv* runs on a terminal of 80 columns and 24 lines. For one thread, which it blocks."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._before = termios.tcgetattr(theirs)
        given = {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self._process = subprocess.Popen(
            argv,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=given | {"TERM": "xterm-256color"},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C is a signal
            start_new_session=True,
        )
        self._theirs = theirs
        self.shown = ""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._own)
        os.close(self._theirs)

    def see(self, text: str) -> None:
        """Wait until *text* has been shown since this was last asked."""
        deadline = time.monotonic() + SECONDS
        while text not in self.shown:
            ready, _, _ = select.select([self._own], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{text!r} was not shown: {self.shown!r}"
            self.shown += os.read(self._own, 65536).decode(errors="replace")
        self.shown = self.shown.partition(text)[2]

    def type(self, keys: str) -> None:
        os.write(self._own, keys.encode())

    def ended(self) -> int:
        """Its exit code."""
        return self._process.wait(SECONDS)

    @property
    def is_as_before(self) -> bool:
        """Whether the terminal echoes and waits for Return as it did before the command."""
        return termios.tcgetattr(self._theirs) == self._before
