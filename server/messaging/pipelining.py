"""Many commands in one round trip, over a connection of redis-py's: packed once, replies as Redis sent them.

redis-py's own pipeline spends more on a message than sealing it does: it packs in Python and sets a time limit for each
single reply. Tries nothing again: that is `connection.py`'s affair.
"""

import asyncio
import math
from collections.abc import Iterable, Sequence
from typing import Any

from hiredis import pack_command
from redis.asyncio import Redis
from redis.exceptions import ExecAbortError, ResponseError

Command = tuple[bytes | str | int, ...]


async def exchange(redis: Redis, commands: Sequence[Command], within_seconds: float) -> list[Any]:
    """The replies in order, a `ResponseError` in the place of what was refused. Raises what a broken connection raises.

    TimeoutError when not all of them came *within_seconds*.
    """
    packed = b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]  # of any length
    pool: Any = redis.connection_pool  # redis-py left it untyped
    async with asyncio.timeout(within_seconds):
        connection = await pool.get_connection()
        try:
            await connection.send_packed_command(packed, check_health=False)
            return await _replies(connection, len(commands))
        finally:
            await pool.release(connection)


async def exchange_whole(redis: Redis, commands: Sequence[Command], within_seconds: float) -> list[Any]:
    """All or nothing. Raises the first refusal."""
    *queued, replies = await exchange(redis, [("MULTI",), *commands, ("EXEC",)], within_seconds)
    raise_refusal(queued)
    raise_refusal([replies])
    raise_refusal(replies or [ExecAbortError("the transaction was discarded")])
    return list(replies)


def raise_refusal(replies: Iterable[Any]) -> None:
    """Raise the first error among the replies."""
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply


async def _replies(connection: Any, count: int) -> list[Any]:
    replies: list[Any] = []
    for _ in range(count):
        try:
            replies.append(
                await connection.read_response(disable_decoding=True, timeout=math.inf)
            )  # one for all is set
        except ResponseError as refused:
            replies.append(refused)
    return replies
