"""A cancellation that got lost on its way.

Python 3.11's `asyncio.wait_for` swallows a cancellation that arrives while its own future is done already
(https://github.com/python/cpython/issues/86296), and redis-py sends every command through it; a statement of asyncpg
may end in an error of its connection instead. A loop that must end when it is told to asks here at every turn.
"""

import asyncio


def stop_if_cancelled() -> None:
    """Raise CancelledError when the current task was cancelled and did not hear of it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
