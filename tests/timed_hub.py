"""`python -m tests.timed_hub up --quiet`: the hub, which tells at its end how long callbacks held its event loop.

CPU time of the loop's thread, because machines that run this do other things too: what a callback waits for its turn on
a processor is not its doing. `HIVE_TIMES` names the file that gets the figures. Counted from its last SIGUSR1 on: what
the hub does before it is ready holds up nobody.
"""

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from server.__main__ import main

LONG_SECONDS = 0.020
SLOWEST = 8
MAX_NAMES = 4


class Times:
    """Of every callback that the event loop runs."""

    def __init__(self) -> None:
        self.forget()

    def forget(self, *_: Any) -> None:
        self._callbacks = 0
        self._long = 0
        self._slowest: list[tuple[float, str]] = []

    def note(self, seconds: float, name: str) -> None:
        self._callbacks += 1
        self._long += seconds > LONG_SECONDS
        if len(self._slowest) < SLOWEST or seconds > self._slowest[-1][0]:
            self._slowest = sorted([*self._slowest, (seconds, name)], reverse=True)[:SLOWEST]

    def figures(self) -> dict[str, Any]:
        slowest = [[round(1000 * seconds, 2), name] for seconds, name in self._slowest]
        return {"callbacks": self._callbacks, "over_20_ms": self._long, "slowest_ms": slowest}


def watch(times: Times) -> None:
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        name = _name(handle)
        before = time.thread_time()
        run(handle)
        times.note(time.thread_time() - before, name)

    asyncio.Handle._run = timed  # type: ignore[method-assign]


def _name(handle: asyncio.Handle) -> str:
    """A task's by the first of the coroutines that it was within."""
    callback: Any = handle._callback  # type: ignore[attr-defined]
    owner = getattr(callback, "__self__", None)
    if not isinstance(owner, asyncio.Task):
        return getattr(callback, "__qualname__", repr(callback))
    within: Any = owner.get_coro()
    names = []
    while within is not None and len(names) < MAX_NAMES:
        names.append(getattr(within, "__qualname__", type(within).__name__))
        within = getattr(within, "cr_await", None)
    return " > ".join(names)


if __name__ == "__main__":
    times = Times()
    signal.signal(signal.SIGUSR1, times.forget)
    watch(times)
    try:
        main()
    finally:
        Path(os.environ["HIVE_TIMES"]).write_text(json.dumps(times.figures()))
