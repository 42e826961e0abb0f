"""The event loop of processes that live long: libuv's, which spends a fifth less on each job than asyncio's own.

Its clock has milliseconds and stands still within a turn of the loop: what is shorter is measured by `time.monotonic`.
"""

import asyncio
import contextlib
import ctypes
import os
import sys
from collections.abc import Collection, Coroutine
from typing import Any, TypeVar

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`."""
    if sys.platform != "win32":
        hand_on_no_files()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def hand_on_no_files(but: Collection[int] = ()) -> None:
    """Programs that we start get none of our open files, beside the standard streams and *but*.

    asyncio closes them in the child; libuv hands on whatever may be inherited, and copies of the child's own streams.
    """
    if _libc is None or _libc.syscall(_CLOSE_RANGE, _FIRST_FILE, _LAST_FILE, _ON_EXEC) != 0:
        for name in os.listdir("/dev/fd"):  # whoever became another user may not look; a kernel so old is rare
            if int(name) >= _FIRST_FILE.value:
                with contextlib.suppress(OSError):  # the folder that was listed
                    os.set_inheritable(int(name), False)
    for descriptor in but:
        os.set_inheritable(descriptor, True)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # here: nothing may be loaded after a fork
_CLOSE_RANGE = 436  # Linux 5.9, and with the flag 5.11; the same number on every architecture
_FIRST_FILE, _LAST_FILE = ctypes.c_uint(3), ctypes.c_uint(2**32 - 1)
_ON_EXEC = ctypes.c_uint(4)
