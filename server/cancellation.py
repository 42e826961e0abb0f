"""Cancellations that got lost on their way.

Python 3.11's `asyncio.wait_for` swallows a cancellation that arrives while its own future is done already
(https://github.com/python/cpython/issues/86296), and redis-py sends every command through it; a statement of asyncpg
may end in an error of its connection instead. A loop that must end when it is told to asks here at every turn.
"""

import asyncio
from typing import Any


def stop_if_cancelled() -> None:
    """Raise CancelledError when the current task was cancelled and did not hear of it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def end(task: "asyncio.Task[Any]") -> None:
    """Cancel a task and wait until it has ended. One that lost its cancellation is told again."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1.0)
