"""SAQ over Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from saq import Worker
from saq.queue.redis import RedisQueue

from bench.peers import program

# With redis-py's own limits its hundred blocking reads break.
queue = RedisQueue(Redis.from_url(program.REDIS_URL, socket_timeout=None, max_connections=1000))


async def job(context: dict[str, Any], *, payload: program.Payload) -> program.Payload:
    return program.run(payload)


async def work() -> None:
    await queue.connect()
    await Worker(queue, [job], concurrency=program.IN_FLIGHT).start()


def worker() -> None:
    program.use_uvloop()
    asyncio.run(work())


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    await queue.connect()
    try:
        yield
    finally:
        await queue.disconnect()


async def enqueue(payload: program.Payload) -> Any:
    await queue.enqueue("job", payload=payload, retries=3)


if __name__ == "__main__":
    program.main(worker=worker, enqueue=enqueue, opened=opened)
