"""Connections to Redis with settings that are safe here; redis-py's own are not for blocking reads.

RESP2 and no CLIENT SETINFO: Redis 6.2 and its ACL users suffice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from server.errors import RedisUnavailable

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 5.0
UNREACHABLE = (RedisError, OSError, TimeoutError)
_RAW_REPLIES = ("XREADGROUP", "XREAD", "XAUTOCLAIM", "XREVRANGE")


def connect(url: str) -> Redis:
    """For commands that answer at once.

    A connection that breaks is made again, three times, so an append may happen twice. A Redis that hangs is not asked
    again: five seconds are all that a door can wait.
    """
    retry = Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.5), 3, supported_errors=(RedisConnectionError,))
    return Redis.from_url(
        url,
        protocol=2,
        driver_info=None,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        retry=retry,
    )


def connect_for_blocking(url: str) -> Redis:
    """One connection for one reader, who sets the time limit of each read and reconnects by itself.

    Nothing is sent again behind its back: a resent XREADGROUP would lose the entries of the first one's lost reply.
    Replies come raw, as Redis sent them.
    """
    redis = Redis.from_url(
        url,
        protocol=2,
        driver_info=None,
        socket_timeout=None,
        socket_connect_timeout=CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        single_connection_client=True,
    )
    for command in _RAW_REPLIES:
        redis.set_response_callback(command, _raw)
    return redis


async def command(redis: Redis, *parts: bytes | str | int) -> Any:
    """One command and its reply."""
    return await redis.execute_command(*parts)  # type: ignore[no-untyped-call]  # redis-py left it untyped


@contextmanager
def redis_errors(doing: str) -> Iterator[None]:
    """Every way in which Redis can fail, as `RedisUnavailable`."""
    try:
        yield
    except UNREACHABLE as error:
        raise unavailable(doing, error) from error


def unavailable(doing: str, error: BaseException) -> RedisUnavailable:
    return RedisUnavailable(
        f"Redis failed while {doing}: {error}", hint="Is Redis running? `hive doctor` looks closer."
    )


def _raw(response: Any, **kwargs: Any) -> Any:
    return response
