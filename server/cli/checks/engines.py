"""Checks of Postgres and Redis: those that are named, the running hub's, or the embedded ones, started for a moment."""

import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from redis.exceptions import NoPermissionError, RedisError

from server.cli.checks import Check, failed, ok, skipped, warning
from server.config import Settings
from server.db import DATABASE_AWAY, connect, migration_states
from server.embedded import named_redis_urls
from server.embedded.account import RUNTIME_ROOT, prepare_data_directory
from server.embedded.lock import DataDirectoryInUse, DataDirectoryLock
from server.embedded.postgres import EmbeddedPostgres
from server.embedded.redis import OLDEST, EmbeddedRedis, answer_to_stranger
from server.errors import HiveError
from server.messaging import INTAKE, Role, acl_rules
from server.messaging import connect as connect_redis
from server.redis_url import RedisUrl

OLDEST_POSTGRES = 15


async def engines(settings: Settings) -> list[Check]:
    """Where no data directory is yet, the embedded engines are tried in a temporary one."""
    try:
        async with _place_to_start(settings.data_dir) as place:
            return [*await _postgres(settings, place), *await _redis(settings, place)]
    except (HiveError, OSError) as error:
        return [failed("engines", error if isinstance(error, HiveError) else str(error))]


@asynccontextmanager
async def _place_to_start(data_dir: Path) -> AsyncIterator[Path | None]:
    """A directory in which we may start engines; None while a hub does."""
    with ExitStack() as stack:
        place: Path | None = data_dir
        try:
            stack.enter_context(DataDirectoryLock(data_dir))
        except DataDirectoryInUse:
            place = None
        except FileNotFoundError:
            temporary = tempfile.TemporaryDirectory(prefix="agent-hive-doctor-", dir=RUNTIME_ROOT)
            place = Path(stack.enter_context(temporary))
            prepare_data_directory(place)
        yield place


async def _postgres(settings: Settings, place: Path | None) -> list[Check]:
    try:
        if settings.database_url is not None:
            return await _database(settings.database_url, "at DATABASE_URL")
        if place is None:
            return await _database(EmbeddedPostgres(settings.data_dir / "postgres").url, "embedded, the running hub's")
        postgres = EmbeddedPostgres(place / "postgres")
        try:
            is_tried = place != settings.data_dir
            return await _database(await postgres.start(), "embedded", has_schema=not is_tried)
        finally:
            await postgres.stop()
    except HiveError as error:
        return [failed("database", error)]
    except (*DATABASE_AWAY, asyncpg.PostgresError) as error:
        return [failed("database", str(error), hint="see the log of Postgres")]


async def _database(url: str, where: str, *, has_schema: bool = True) -> list[Check]:
    async with connect(url) as connection:
        version = await connection.fetchval("SHOW server_version")
        vector = await connection.fetchval("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
    return [
        _version("database", "Postgres", version, (OLDEST_POSTGRES,), where),
        _pgvector(vector),
        await _schema(url) if has_schema else skipped("schema", "none yet", hint="the first hive up makes it"),
    ]


def _pgvector(version: str | None) -> Check:
    if version is None:
        hint = "install pgvector for it, or use the image pgvector/pgvector:pg18"
        return failed("pgvector", "this Postgres does not have it", hint=hint)
    return ok("pgvector", version)


async def _schema(url: str) -> Check:
    states = await migration_states(url)
    by_state = {state: [s.name for s in states if s.state == state] for state in ("edited", "pending", "newer")}
    if by_state["edited"]:
        hint = "restore the files as they were released; put the change into a new migration"
        return failed("schema", f"edited after they were applied: {', '.join(by_state['edited'])}", hint=hint)
    if by_state["pending"]:
        return warning(
            "schema", f"not applied yet: {', '.join(by_state['pending'])}", hint="run hive migrate, or hive up"
        )
    if by_state["newer"]:
        hint = "update Agent Hive here too; until then it keeps to what it knows"
        return warning("schema", f"a newer release applied {', '.join(by_state['newer'])}", hint=hint)
    return ok("schema", f"up to date, {len(states)} migrations")


async def _redis(settings: Settings, place: Path | None) -> list[Check]:
    named = named_redis_urls(settings)
    try:
        if named is not None:
            return await _roles(named, "at REDIS_URL")
        if place is None:
            return [await _running_redis(settings.data_dir / "redis")]
        redis = EmbeddedRedis(place / "redis", {role.value: acl_rules(role) for role in Role})
        try:
            return await _roles(await redis.start(), "embedded")
        finally:
            await redis.stop()
    except HiveError as error:
        return [failed("redis", error)]


async def _running_redis(directory: Path) -> Check:
    """Its passwords are the hub's alone: we can only see that it answers and lets nobody else in."""
    answer = await answer_to_stranger(directory)
    if answer is None:
        return failed("redis", "the running hub's does not answer", hint=f"see {directory.parent}/logs/redis.log")
    if not answer.startswith("-NOAUTH"):
        return failed("redis", f"the running hub's lets strangers in: {answer}", hint="restart the hub")
    return ok("redis", "embedded, the running hub's; refuses strangers")


async def _roles(urls: Mapping[str, str], where: str) -> list[Check]:
    unreached = [check for role, url in urls.items() if (check := await _unreached(role, url)) is not None]
    if unreached:
        return unreached
    about = await _about(urls[Role.ORCHESTRATOR])
    return [
        _version("redis", "Redis", about["redis_version"], OLDEST, where),
        _durability(about),
        await _fences(urls),
    ]


async def _unreached(role: str, url: str) -> Check | None:
    try:
        async with connect_redis(url) as client:
            await client.ping()
    except (RedisError, OSError) as error:
        place = RedisUrl.parse(url).place
        hint = f"check REDIS_URL and REDIS_URL_{role.upper()}, and the user's password"
        return failed(f"redis as {role}", f"{place}: {error}", hint=hint)
    return None


async def _about(url: str) -> dict[str, Any]:
    async with connect_redis(url) as client:
        return dict(await client.info("everything"))


def _durability(about: Mapping[str, Any]) -> Check:
    name = "redis durability"
    if about.get("maxmemory_policy") != "noeviction":
        hint = "set maxmemory-policy noeviction: full must be an error, not a lost entry"
        return warning(name, f"maxmemory-policy is {about.get('maxmemory_policy')}", hint=hint)
    if not about.get("aof_enabled"):
        hint = "set appendonly yes: else a restart loses what was accepted and not yet in Postgres"
        return warning(name, "the append-only file is off", hint=hint)
    return ok(name, "append-only file, no eviction")


async def _fences(urls: Mapping[str, str]) -> Check:
    """An agent must not get at what the doors send to the orchestrator."""
    async with connect_redis(urls[Role.AGENT]) as client:
        try:
            await client.xlen(INTAKE.stream)
        except NoPermissionError:
            return ok("redis users", "each role may do only its own")
    hint = "make a user for each role, as docker-compose.yml does, and set REDIS_URL_AGENT and the others"
    return warning(
        "redis users", "the agents' user may reach every stream (all are sealed, so it can read none)", hint=hint
    )


def _version(name: str, product: str, version: str, oldest: tuple[int, ...], where: str) -> Check:
    said = f"{product} {version}, {where}"
    if tuple(map(int, re.findall(r"\d+", version)[: len(oldest)])) < oldest:
        return failed(name, said, hint=f"{product} {'.'.join(map(str, oldest))} or newer is needed")
    return ok(name, said)
