"""Connections to Redis with settings that are safe here; redis-py's own are not for blocking reads.

One server, the master that Sentinels name, or a Cluster (`cluster.py`): who uses a connection does not see which. RESP2
and no CLIENT SETINFO: Redis 6.2 and its ACL users suffice.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from redis.asyncio import Redis, Sentinel, SentinelConnectionPool
from redis.asyncio.connection import ConnectionPool, SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.errors import ConfigurationInvalid, RedisUnavailable
from server.messaging.cluster import Cluster
from server.messaging.pipelining import ANSWER_SECONDS, Command, Server
from server.redis_url import Host, RedisUrl, Shape

CONNECT_SECONDS = 5.0
PATIENCE_SECONDS = {Shape.SINGLE: 0.5, Shape.SENTINEL: 5.0, Shape.CLUSTER: 5.0}
"""For how long a broken connection is made again: longer where another server may take over."""

SENTINEL_SECONDS = 1.0
"""What a Sentinel may take, before the next one is asked."""

UNREACHABLE = (RedisError, OSError, TimeoutError)


def connect(url: str) -> Redis:
    """For commands that answer at once. Raises `ConfigurationInvalid` for what is no URL of a Redis.

    A connection that breaks is made again, for as long as `PATIENCE_SECONDS` says, so an append may happen twice. A
    Redis that hangs is not asked again: five seconds are all that a door can wait.
    """
    parsed = _parse(url)
    return _link(parsed, PATIENCE_SECONDS[parsed.shape])


def connect_for_blocking(url: str) -> Redis:
    """For one reader, who sets the time limit of each read and tries again by itself.

    Nothing is sent again behind its back: a resent XREADGROUP would lose the entries of the first one's lost reply.
    Raises `ConfigurationInvalid` for what is no URL of a Redis.
    """
    return _link(_parse(url), 0.0)


async def command(redis: Redis, *parts: bytes | str | int, within_seconds: float = ANSWER_SECONDS) -> Any:
    """One command and its reply, as Redis sent it. Raises a refusal, and what an unreachable Redis raises."""
    [reply] = await pipelined(redis, [parts], within_seconds=within_seconds)
    if isinstance(reply, Exception):
        raise reply
    return reply


async def pipelined(redis: Redis, commands: Sequence[Command], *, within_seconds: float = ANSWER_SECONDS) -> list[Any]:
    """All at once: the replies as Redis sent them, an error in the place of what was refused.

    Raises what an unreachable Redis raises; a Cluster has such errors in their places, because other nodes answer.
    """
    return await cast(_Link, redis).pipelined(commands, within_seconds)


async def transaction(redis: Redis, commands: Sequence[Command]) -> list[Any]:
    """All or nothing, for keys of one tag. Raises the first refusal, and what an unreachable Redis raises."""
    return await cast(_Link, redis).all_or_nothing(commands, ANSWER_SECONDS)


def lane_of(redis: Redis, key: str) -> Hashable:
    """What goes the same way may share a round trip: all keys, unless it is a Cluster."""
    return cast(_Link, redis).lane(key)


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


_Link = Server | Cluster
"""What `connect` makes; to everybody else it is a Redis."""


class _MasterPool(SentinelConnectionPool):
    """Closes what asked the Sentinels, too."""

    async def aclose(self) -> None:
        await super().aclose()
        await self.sentinel_manager.aclose()


def _parse(url: str) -> RedisUrl:
    try:
        return RedisUrl.parse(url)
    except ValueError as error:
        raise ConfigurationInvalid(f"this is no URL of a Redis: {error}") from None


def _link(url: RedisUrl, patience_seconds: float) -> Redis:
    settings: dict[str, Any] = {**parse_url(url.plain), **_SAFE}

    def node(host: Host) -> Server:
        return Server(ConnectionPool(**{**settings, "host": host.name, "port": host.port}), patience_seconds=0.0)

    match url.shape:
        case Shape.SINGLE:
            return Server(ConnectionPool(**settings), patience_seconds)
        case Shape.SENTINEL:
            return Server(_master_pool(url, settings), patience_seconds)
        case Shape.CLUSTER:
            return Cluster(url.hosts, node, patience_seconds=patience_seconds)


_SAFE = {
    "protocol": 2,
    "driver_info": None,
    "socket_timeout": None,  # all that is done has a time limit of its own
    "socket_connect_timeout": CONNECT_SECONDS,
    "retry": Retry(NoBackoff(), 0),
}


def _master_pool(url: RedisUrl, settings: dict[str, Any]) -> ConnectionPool:
    """TLS, where it is asked for, is the same for the Sentinels."""
    own = {name: value for name, value in settings.items() if name not in ("host", "port", "connection_class")}
    tls = {name: value for name, value in own.items() if name.startswith("ssl_")}
    is_secure = settings.get("connection_class") is SSLConnection
    asking = {
        **tls,
        **_SAFE,
        "ssl": is_secure,
        "username": url.sentinel_username,
        "password": url.sentinel_password,
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
    }
    sentinels: Any = Sentinel
    master_pool: Any = _MasterPool
    pool: ConnectionPool = master_pool(url.service, sentinels(url.hosts, sentinel_kwargs=asking), ssl=is_secure, **own)
    return pool
