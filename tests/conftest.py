"""Real engines: one Postgres and one Redis for a session; a fresh database and an empty Redis for each test."""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from redis.asyncio import Redis

from server import settling
from server.db import connect, migrate, open_pool
from server.embedded.account import prepare_data_directory
from server.embedded.orphan import running_pid
from server.embedded.postgres import EmbeddedPostgres
from server.embedded.redis import EmbeddedRedis
from server.messaging import Identity, Keyring, Role
from server.messaging.acl import acl_rules
from tests.databases import Databases
from tests.hub import HubProcess, hub_process
from tests.streams import Streams

settings.register_profile("busy machines", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machines")  # how fast anything is, is the bench's affair

ADMIN = "admin"
"""A Redis user of the tests' own, who may do anything; the roles may only do what they may in a real hub."""

UNSAFE = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # a test is over before it comes to anything
    "max_connections": "200",
}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Thousands of tests come into being and stay: to look again and again whether any of them is garbage is half of
    the time that it takes, in each process. Then it is looked for as seldom as in a hub."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(*settling.THRESHOLD)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory as the hub makes it. Not below tmp_path, which is closed to the account that runs Postgres."""
    directory = make_directory()
    yield directory
    shutil.rmtree(directory)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _databases() -> AsyncIterator[Databases]:
    """A server whose database `hive` is migrated. Without fsync: its data is of no use after the session."""
    directory = make_directory()
    postgres = EmbeddedPostgres(directory / "postgres", settings=UNSAFE)
    url = await postgres.start()
    try:
        await migrate(url)
        async with Databases(url, "hive") as databases:
            async with connect(databases.url_of("postgres")) as admin:
                await admin.execute("alter database hive is_template true")
            yield databases
    finally:
        await postgres.stop()
        shutil.rmtree(directory)


@pytest_asyncio.fixture(loop_scope="session")
async def postgres_url(_databases: Databases) -> AsyncIterator[str]:
    """A migrated database that only this test sees."""
    async with _databases.one() as url:
        yield url


@pytest_asyncio.fixture
async def pool(postgres_url: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(postgres_url, max_size=12)
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def empty_postgres_url(_databases: Databases) -> AsyncIterator[str]:
    """A database with nothing in it, for tests of migrations."""
    name = "nothing"
    async with connect(_databases.url_of("postgres")) as admin:
        await admin.execute(f"create database {name} template template0 strategy file_copy")
        yield _databases.url_of(name)
        await admin.execute(f"drop database {name} with (force)")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _redis_server() -> AsyncIterator[dict[str, str]]:
    directory = make_directory()
    users = {role.value: acl_rules(role) for role in Role}
    redis = EmbeddedRedis(directory / "redis", {**users, ADMIN: ["~*", "&*", "+@all"]})
    try:
        yield await redis.start()
    finally:
        await redis.stop()
        shutil.rmtree(directory)


@pytest_asyncio.fixture
async def redis_urls(_redis_server: dict[str, str]) -> dict[str, str]:
    """A URL for each role, and for `admin`, who may do anything. Empty when the test starts."""
    async with Redis.from_url(_redis_server[ADMIN]) as redis:
        await redis.flushall()
    return _redis_server


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("hive") / "keys")


@pytest.fixture(scope="session")
def identities(keyring: Keyring) -> dict[Role, Identity]:
    return {role: keyring.identity(role) for role in Role}


@pytest_asyncio.fixture
async def streams(redis_urls: dict[str, str], identities: dict[Role, Identity]) -> AsyncIterator[Streams]:
    async with AsyncExitStack() as stack:
        yield Streams(redis_urls.__getitem__, identities.__getitem__, stack)


def _scratch() -> Path:
    """In memory where there is room: making a database is making 300 files, 15 times as fast there as on a disk."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30:
        return memory
    return Path(tempfile.gettempdir())


@pytest_asyncio.fixture
async def hub(data_dir: Path) -> AsyncIterator[HubProcess]:
    """A whole hub of the test's own, in a process, ready. Takes a second or two."""
    async with hub_process(data_dir) as running:
        yield running


def make_directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix=f"hive-test-{os.getpid()}-", dir=_scratch()))
    prepare_data_directory(directory)
    return directory


@pytest.fixture(scope="session", autouse=True)
def _sweep() -> None:
    """Remove what killed test sessions left behind: engines that run, and their directories."""
    for directory in _scratch().glob("hive-test-*-*"):
        if not _is_alive(int(directory.name.split("-")[2])):
            for pid_file in (*directory.rglob("postmaster.pid"), *directory.rglob("redis.pid")):
                pid = running_pid(pid_file, mark=str(directory))
                if pid is not None:
                    os.kill(pid, signal.SIGKILL)
            shutil.rmtree(directory, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
