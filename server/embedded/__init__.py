"""Postgres and Redis without an installation: ours, in the data directory, unless the settings name real ones.

Nothing here knows what is kept in them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field

from server.config import ROLES_WITH_REDIS_URL, Settings
from server.embedded.account import prepare_data_directory
from server.embedded.lock import DataDirectoryInUse, DataDirectoryLock
from server.embedded.postgres import EmbeddedPostgres
from server.embedded.redis import EmbeddedRedis


@dataclass(frozen=True)
class Engines:
    """Where to find them. The URLs hold passwords. *redis_urls* has one for each role, by its name."""

    database_url: str = field(repr=False)
    redis_urls: Mapping[str, str] = field(repr=False)


async def start_engines(settings: Settings, stack: AsyncExitStack, redis_users: Mapping[str, Sequence[str]]) -> Engines:
    """Start what the settings do not name, both at once; *stack* stops them. Hold the data directory's lock before.

    *redis_users*: the ACL rules of each role, for the embedded Redis. Raises `EngineFailed`.
    """
    try:
        async with asyncio.TaskGroup() as group:
            database_url = group.create_task(_database_url(settings, stack))
            redis_urls = group.create_task(_redis_urls(settings, stack, redis_users))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None  # a person mends one thing at a time
    return Engines(database_url.result(), redis_urls.result())


def named_redis_urls(settings: Settings) -> Mapping[str, str] | None:
    """A URL for each role; None when the embedded Redis is to serve them."""
    urls = {role: settings.redis_role_urls.get(role, settings.redis_url) for role in ROLES_WITH_REDIS_URL}
    named = {role: url for role, url in urls.items() if url is not None}
    return named if len(named) == len(urls) else None


@asynccontextmanager
async def borrow_database(settings: Settings) -> AsyncIterator[str]:
    """For one command: the database that is named, or the running hub's, or ours, started for as long as it takes."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    prepare_data_directory(settings.data_dir)
    postgres = EmbeddedPostgres(settings.data_dir / "postgres")
    with ExitStack() as stack:
        try:
            stack.enter_context(DataDirectoryLock(settings.data_dir))
        except DataDirectoryInUse:
            yield postgres.url
        else:
            try:
                yield await postgres.start()
            finally:
                await postgres.stop()


async def _database_url(settings: Settings, stack: AsyncExitStack) -> str:
    if settings.database_url is not None:
        return settings.database_url
    postgres = EmbeddedPostgres(settings.data_dir / "postgres")
    stack.push_async_callback(postgres.stop)
    return await postgres.start()


async def _redis_urls(
    settings: Settings, stack: AsyncExitStack, users: Mapping[str, Sequence[str]]
) -> Mapping[str, str]:
    named = named_redis_urls(settings)
    if named is not None:
        return named
    redis = EmbeddedRedis(settings.data_dir / "redis", users)
    stack.push_async_callback(redis.stop)
    return await redis.start()
