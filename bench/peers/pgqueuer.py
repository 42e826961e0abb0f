"""PgQueuer on Postgres, every table logged."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.queries import Queries

from bench.peers import program

queries: Queries


async def work() -> None:
    pool = await asyncpg.create_pool(program.POSTGRES_URL, min_size=4, max_size=8)
    queuer = PgQueuer(AsyncpgPoolDriver(pool))

    @queuer.entrypoint("job")
    async def job(row: Any) -> None:
        program.run(json.loads(row.payload))

    await queuer.run(
        batch_size=program.IN_FLIGHT,
        max_concurrent_tasks=2 * program.IN_FLIGHT,
        heartbeat_timeout=timedelta(seconds=program.LEASE_SECONDS),
    )


def worker() -> None:
    program.use_uvloop()
    asyncio.run(work())


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    global queries
    connection = await asyncpg.connect(program.POSTGRES_URL)
    queries = Queries(AsyncpgDriver(connection))
    try:
        yield
    finally:
        await connection.close()


async def make_schema() -> None:
    async with opened():
        await queries.install()


def schema() -> None:
    asyncio.run(make_schema())


async def enqueue(payload: program.Payload) -> Any:
    await queries.enqueue("job", json.dumps(payload).encode())


async def enqueue_many(payloads: Sequence[program.Payload]) -> Any:
    count = len(payloads)
    await queries.enqueue(["job"] * count, [json.dumps(each).encode() for each in payloads], [0] * count)


if __name__ == "__main__":
    program.main(worker=worker, enqueue=enqueue, enqueue_many=enqueue_many, opened=opened, schema=schema)
