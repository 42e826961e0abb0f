"""One Redis server, and many commands in one round trip: packed once, replies as Redis sent them.

redis-py makes the connections. Its own pipeline spends more on a message than sealing it does: it packs in Python, sets
a time limit for each single reply, and takes a connection out of its pool with a dozen steps.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from hiredis import pack_command
from redis._parsers.hiredis import NOT_ENOUGH_DATA
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ExecAbortError

from server.messaging.backoff import persist

ANSWER_SECONDS = 5.0

AT_HAND = 8
"""Connections that are not given back to the pool after use; more are in use at once in a rush only."""

READ_BYTES = 256 * 1024

Command = tuple[bytes | str | int, ...]


class Server(Redis):
    """One server, or whichever is the master now. For *patience_seconds* a broken connection is made again.

    That is done here alone: each layer below that tried again would multiply it.
    """

    def __init__(self, pool: ConnectionPool, patience_seconds: float) -> None:
        super().__init__(connection_pool=pool)  # not redis-py's single connection: it would never ask a Sentinel again
        self.auto_close_connection_pool = True
        self._pool: Any = pool  # redis-py left it untyped
        self._patience_seconds = patience_seconds
        self._at_hand: list[Any] = []

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        execute: Any = super().execute_command  # redis-py left it untyped

        async def attempt() -> Any:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await execute(*args, **options)

        return await persist(attempt, self._patience_seconds)

    def lane(self, key: str) -> None:
        """All keys are reached by one way."""

    async def pipelined(self, commands: Sequence[Command], within_seconds: float) -> list[Any]:
        return await persist(lambda: self.exchange(commands, within_seconds), self._patience_seconds)

    async def all_or_nothing(self, commands: Sequence[Command], within_seconds: float) -> list[Any]:
        return await persist(lambda: self.exchange_whole(commands, within_seconds), self._patience_seconds)

    async def exchange(self, commands: Sequence[Command], within_seconds: float) -> list[Any]:
        """Once: the replies in order, a `ResponseError` in the place of what was refused.

        Raises what a broken connection raises; TimeoutError when not all replies came *within_seconds*.
        """
        packed = b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]  # of any length
        async with asyncio.timeout(within_seconds):
            connection = await self._take_connection()
            try:
                await connection.send_packed_command(packed, check_health=False)
                replies = await _replies(connection, len(commands))
            except BaseException:
                await self._give_up(connection)
                raise
            if len(self._at_hand) < AT_HAND:
                self._at_hand.append(connection)
            else:
                await self._pool.release(connection)
            return replies

    async def exchange_whole(self, commands: Sequence[Command], within_seconds: float) -> list[Any]:
        """Once, and all or nothing. Raises the first refusal."""
        *queued, replies = await self.exchange([("MULTI",), *commands, ("EXEC",)], within_seconds)
        raise_refusal(queued)
        raise_refusal([replies])
        raise_refusal(replies or [ExecAbortError("the transaction was discarded")])
        return list(replies)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        while self._at_hand:
            await self._pool.release(self._at_hand.pop())
        await super().aclose(close_connection_pool)

    async def _take_connection(self) -> Any:
        while self._at_hand:
            connection = self._at_hand.pop()
            if await _is_usable(connection):
                return connection
            await self._give_up(connection)
        return await self._pool.get_connection()

    async def _give_up(self, connection: Any) -> None:
        await connection.disconnect(nowait=True)
        await self._pool.release(connection)


def raise_refusal(replies: Iterable[Any]) -> None:
    """Raise the first error among the replies."""
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply


async def _is_usable(connection: Any) -> bool:
    """Nobody has asked, so whatever is there to read is the end of it."""
    try:
        return not await connection.can_read()
    except RedisConnectionError:
        return False


async def _replies(connection: Any, count: int) -> list[Any]:
    """Straight out of hiredis: redis-py goes through five layers for each reply. A `ResponseError` is one, too."""
    stream, parser = connection._reader, connection._parser._reader
    replies: list[Any] = []
    while True:
        while len(replies) < count and (reply := parser.gets(False)) is not NOT_ENOUGH_DATA:
            if isinstance(reply, RedisConnectionError):  # it is loading, say: not for this command alone
                raise reply
            replies.append(reply)
        if len(replies) == count:
            return replies
        received = await stream.read(READ_BYTES)
        if not received:
            raise RedisConnectionError("Redis closed the connection")
        parser.feed(received)
