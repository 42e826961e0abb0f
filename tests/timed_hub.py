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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from server import event_loop
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


times = Times()


class TimedLoop(uvloop.Loop):
    """Times what is called by it: the steps of tasks, timers. What a socket's data goes through first is not."""

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:
        return super().call_soon(_timed(callback), *args, context=context)

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Any:
        return super().call_later(delay, _timed(callback), *args, context=context)


def _timed(callback: Any) -> Callable[..., None]:
    def timed(*args: Any) -> None:
        name = _name(callback)
        before = time.thread_time()
        callback(*args)
        times.note(time.thread_time() - before, name)

    return timed


def _name(callback: Any) -> str:
    """A task's by the first of the coroutines that it was within."""
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
    signal.signal(signal.SIGUSR1, times.forget)
    event_loop.new_event_loop = TimedLoop
    try:
        main()
    finally:
        Path(os.environ["HIVE_TIMES"]).write_text(json.dumps(times.figures()))
