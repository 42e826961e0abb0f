"""Connections to Redis with settings that are safe here; redis-py's own are not for blocking reads.

One server, the master that Sentinels name, or a Cluster (`cluster.py`): who uses a connection does not see which. RESP2
and no CLIENT SETINFO: Redis 6.2 and its ACL users suffice.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis.asyncio import Redis, Sentinel, SentinelConnectionPool
from redis.asyncio.connection import ConnectionPool, SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.errors import ConfigurationInvalid, RedisUnavailable
from server.messaging.backoff import persist
from server.messaging.cluster import Cluster
from server.messaging.pipelining import Command, exchange, exchange_whole
from server.redis_url import Host, RedisUrl, Shape

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 5.0
PATIENCE_SECONDS = {Shape.SINGLE: 0.5, Shape.SENTINEL: 5.0, Shape.CLUSTER: 5.0}
"""For how long a broken connection is made again: longer where another server may take over."""

SENTINEL_SECONDS = 1.0
"""What a Sentinel may take, before the next one is asked."""

UNREACHABLE = (RedisError, OSError, TimeoutError)
_RAW_REPLIES = ("XREADGROUP", "XREAD", "XAUTOCLAIM", "XREVRANGE")


def connect(url: str) -> Redis:
    """For commands that answer at once. Raises `ConfigurationInvalid` for what is no URL of a Redis.

    A connection that breaks is made again, for as long as `PATIENCE_SECONDS` says, so an append may happen twice. A
    Redis that hangs is not asked again: five seconds are all that a door can wait.
    """
    parsed = _parse(url)
    return _client(parsed, ANSWER_SECONDS, patience_seconds=PATIENCE_SECONDS[parsed.shape])


def connect_for_blocking(url: str) -> Redis:
    """For one reader, who does one thing at a time, sets the time limit of each read and tries again by itself.

    Nothing is sent again behind its back: a resent XREADGROUP would lose the entries of the first one's lost reply.
    Replies come raw, as Redis sent them. Raises `ConfigurationInvalid` for what is no URL of a Redis.
    """
    return _client(_parse(url), None, has_raw_replies=True)


async def command(redis: Redis, *parts: bytes | str | int) -> Any:
    """One command and its reply."""
    return await redis.execute_command(*parts)  # type: ignore[no-untyped-call]  # redis-py left it untyped


async def pipelined(redis: Redis, commands: Sequence[Command], *, within_seconds: float = ANSWER_SECONDS) -> list[Any]:
    """All at once: the replies as Redis sent them, an error in the place of what was refused.

    Raises what an unreachable Redis raises; a Cluster has such errors in their places, because other nodes answer.
    """
    if isinstance(redis, Cluster):
        return await redis.pipelined(commands, within_seconds)
    return await persist(lambda: exchange(redis, commands, within_seconds), _patience(redis))


async def transaction(redis: Redis, commands: Sequence[Command]) -> list[Any]:
    """All or nothing, for keys of one tag. Raises the first refusal, and what an unreachable Redis raises."""
    if isinstance(redis, Cluster):
        return await redis.all_or_nothing(commands, ANSWER_SECONDS)
    return await persist(lambda: exchange_whole(redis, commands, ANSWER_SECONDS), _patience(redis))


def server_of(redis: Redis, key: str) -> Hashable:
    """What one server does comes in one round trip: the same for all keys, unless it is a Cluster."""
    return redis.owner(key) if type(redis) is Cluster else None  # isinstance takes 2 us: Redis is a typing.Protocol


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


class _Server(Redis):
    """One server, or whichever is the master now. It tries again here alone: the layers below would multiply it."""

    def __init__(self, pool: ConnectionPool, patience_seconds: float, *, has_raw_replies: bool) -> None:
        super().__init__(connection_pool=pool)  # not redis-py's single connection: it would never ask a Sentinel again
        self.auto_close_connection_pool = True
        self.patience_seconds = patience_seconds
        if has_raw_replies:
            for name in _RAW_REPLIES:
                self.set_response_callback(name, _raw)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        execute: Any = super().execute_command  # redis-py left it untyped
        return await persist(lambda: execute(*args, **options), self.patience_seconds)


class _MasterPool(SentinelConnectionPool):
    """Closes what asked the Sentinels, too."""

    async def aclose(self) -> None:
        await super().aclose()
        await self.sentinel_manager.aclose()


def _patience(redis: Redis) -> float:
    return redis.patience_seconds if isinstance(redis, _Server) else 0.0


def _parse(url: str) -> RedisUrl:
    try:
        return RedisUrl.parse(url)
    except ValueError as error:
        raise ConfigurationInvalid(f"this is no URL of a Redis: {error}") from None


def _client(
    url: RedisUrl, answer_seconds: float | None, *, patience_seconds: float = 0.0, has_raw_replies: bool = False
) -> Redis:
    settings: dict[str, Any] = {**parse_url(url.plain), **_SAFE, "socket_timeout": answer_seconds}

    def server(pool: ConnectionPool, patience_seconds: float) -> Redis:
        return _Server(pool, patience_seconds, has_raw_replies=has_raw_replies)

    def node(host: Host) -> Redis:
        return server(ConnectionPool(**{**settings, "host": host.name, "port": host.port}), 0.0)

    match url.shape:
        case Shape.SINGLE:
            return server(ConnectionPool(**settings), patience_seconds)
        case Shape.SENTINEL:
            return server(_master_pool(url, settings), patience_seconds)
        case Shape.CLUSTER:
            return Cluster(url.hosts, node, patience_seconds=patience_seconds)


_SAFE = {
    "protocol": 2,
    "driver_info": None,
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


def _raw(response: Any, **kwargs: Any) -> Any:
    return response
