"""A peer's program: `python -m bench.peers.<peer> worker`, `schema`, or `produce FIRST COUNT [PER_SECOND]`.

Runs in the peer's environment: standard library and the peer's own packages only.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bench.queue_board import Board

Payload = dict[str, Any]

BOARD = Board(Path(os.environ["HIVE_BENCH_BOARD"]))
REDIS_URL = os.environ["HIVE_BENCH_REDIS"]
POSTGRES_URL = os.environ["HIVE_BENCH_POSTGRES"]

IN_FLIGHT = 100
"""Jobs that a worker may have under way, where it can say so, and callers that enqueue side by side."""
TOGETHER = 200
"""Jobs in one call, where the peer has one for many."""
LEASE_SECONDS = 30

PAYLOAD_BYTES = 1024


class RedisAddress:
    """The parts of `REDIS_URL`, for who takes no URL of a unix socket."""

    _parts = urlsplit(REDIS_URL)
    path = unquote(_parts.path)
    username = _parts.username
    password = _parts.password


def run(payload: Payload) -> Payload:
    """The job."""
    BOARD.start(payload["place"])
    return {"place": payload["place"]}


def payload(place: int) -> Payload:
    made = {"place": place, "pad": ""}
    return {**made, "pad": "x" * (PAYLOAD_BYTES - len(json.dumps(made)))}


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


def main(
    *,
    worker: Callable[[], object],
    enqueue: Callable[[Payload], Awaitable[object]],
    enqueue_many: Callable[[Sequence[Payload]], Awaitable[object]] | None = None,
    opened: Callable[[], AbstractAsyncContextManager[object]] = _nothing,
    schema: Callable[[], object] | None = None,
    blocks: bool = False,
) -> None:
    """*opened*: what has to be open while it enqueues. *blocks*: its calls wait, so there is no use in several."""
    act, *numbers = sys.argv[1:]
    if act == "worker":
        worker()
    elif act == "schema":
        if schema is not None:
            schema()
    else:
        use_uvloop()
        places = range(int(numbers[0]), int(numbers[0]) + int(numbers[1]))
        per_second = float(numbers[2]) if len(numbers) > 2 else 0.0
        print(json.dumps({"seconds": asyncio.run(_produce(places, per_second, enqueue, enqueue_many, opened, blocks))}))


async def _produce(
    places: range,
    per_second: float,
    enqueue: Callable[[Payload], Awaitable[object]],
    enqueue_many: Callable[[Sequence[Payload]], Awaitable[object]] | None,
    opened: Callable[[], AbstractAsyncContextManager[object]],
    blocks: bool,
) -> float:
    async with opened():
        began = time.monotonic()
        if per_second:
            for number, place in enumerate(places):
                await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
                BOARD.submit(place)
                await enqueue(payload(place))
        elif enqueue_many is not None:
            for first in range(places.start, places.stop, TOGETHER):
                await enqueue_many([payload(place) for place in range(first, min(first + TOGETHER, places.stop))])
        else:
            left = iter(places)

            async def caller() -> None:
                for place in left:
                    await enqueue(payload(place))

            await asyncio.gather(*(caller() for _ in range(1 if blocks else IN_FLIGHT)))
        return time.monotonic() - began


def use_uvloop() -> None:
    """Where the peer's environment has it: those who recommend it get it."""
    try:
        import uvloop
    except ImportError:
        return
    uvloop.install()
