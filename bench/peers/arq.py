"""arq over Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from arq import ArqRedis, create_pool
from arq.connections import RedisSettings
from arq.worker import Worker

from bench.peers import program

_redis = program.RedisAddress
SETTINGS = RedisSettings(unix_socket_path=_redis.path, username=_redis.username, password=_redis.password)

pool: ArqRedis


async def job(context: dict[str, Any], payload: program.Payload) -> program.Payload:
    return program.run(payload)


def worker() -> None:
    program.use_uvloop()
    asyncio.set_event_loop(asyncio.new_event_loop())
    Worker([job], redis_settings=SETTINGS, max_jobs=program.IN_FLIGHT).run()


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    global pool
    pool = await create_pool(SETTINGS)
    try:
        yield
    finally:
        await pool.aclose()


async def enqueue(payload: program.Payload) -> Any:
    await pool.enqueue_job("job", payload)


if __name__ == "__main__":
    program.main(worker=worker, enqueue=enqueue, opened=opened)
