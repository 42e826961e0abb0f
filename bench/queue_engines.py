"""The Postgres and the Redis of the queue's measurements: the embedded ones as every hub starts them, fsync and all.

Each measurement gets a database of its own and an empty Redis; our roles and the peers meet the same two engines.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis

from bench.processes import family_cpu_seconds
from bench.queue_board import Board
from server.db import connect, migrate
from server.embedded.postgres import EmbeddedPostgres
from server.embedded.redis import EmbeddedRedis
from server.messaging import Keyring, Role, acl_rules

ADMIN = "admin"
"""A Redis user of the measurements' own, who may do anything; the roles may only do what they may in a real hub."""

_TEMPLATE = "hive"


@dataclass
class QueueEngines:
    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    redis_urls: dict[str, str]
    keys: Path
    board: Board
    board_path: Path
    admin: "Redis"

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    @property
    def peers_url(self) -> str:
        return self.redis_urls[ADMIN]

    def database_url(self, name: str) -> str:
        return self.postgres.url.replace("@/hive?", f"@/{name}?")

    async def new_database(self, *, migrated: bool = True) -> str:
        """The URL of a fresh one."""
        name = f"queue_{next(self._numbers)}"
        async with connect(self.database_url("postgres")) as admin:
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE if migrated else 'template0'}")
        return self.database_url(name)

    async def drop_database(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        async with connect(self.database_url("postgres")) as admin:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def empty(self) -> None:
        """Redis and the board, and a checkpoint, so that no measurement pays for what one before it wrote."""
        await self.admin.flushall()
        self.board.clear()
        async with connect(self.database_url("postgres")) as admin:
            await admin.execute("CHECKPOINT")

    def cpu_seconds(self) -> dict[str, float]:
        pids = {"redis": self.redis.pid, "postgres": self.postgres.pid}
        return {name: family_cpu_seconds(pid) for name, pid in pids.items() if pid is not None}


@asynccontextmanager
async def queue_engines(directory: Path) -> AsyncIterator[QueueEngines]:
    postgres = EmbeddedPostgres(directory / "postgres")
    redis = EmbeddedRedis(
        directory / "redis", {**{role.value: acl_rules(role) for role in Role}, ADMIN: ["~*", "&*", "+@all"]}
    )
    try:
        url = await postgres.start()
        await migrate(url)
        urls = await redis.start()
        keys = directory / "keys"
        Keyring.create(keys)
        board_path = directory / "board"
        async with Redis.from_url(urls[ADMIN], protocol=2) as admin:
            yield QueueEngines(postgres, redis, urls, keys, Board(board_path), board_path, admin)
    finally:
        await redis.stop()
        await postgres.stop()
