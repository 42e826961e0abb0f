"""taskiq over a Redis stream, results kept."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

from bench.peers import program

broker = RedisStreamBroker(program.REDIS_URL, consumer_id="0").with_result_backend(
    RedisAsyncResultBackend(program.REDIS_URL, result_ex_time=3600)
)


@broker.task(task_name="job")
async def job(payload: program.Payload) -> program.Payload:
    return program.run(payload)


def worker() -> None:
    options = ("-w", "1", "--max-async-tasks", str(program.IN_FLIGHT), "--log-level", "ERROR")
    os.execv(sys.executable, [sys.executable, "-m", "taskiq", "worker", "bench.peers.taskiq:broker", *options])  # noqa: S606 - its own program takes over


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    await broker.startup()
    try:
        yield
    finally:
        await broker.shutdown()


async def enqueue(payload: program.Payload) -> Any:
    await job.kiq(payload)


if __name__ == "__main__":
    program.main(worker=worker, enqueue=enqueue, opened=opened)
