"""Dramatiq over Redis, results kept."""

import os
import sys
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

from bench.peers import program

broker = RedisBroker(url=program.REDIS_URL)
broker.add_middleware(Results(backend=RedisBackend(url=program.REDIS_URL)))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True, max_retries=3)
def job(payload: program.Payload) -> program.Payload:
    return program.run(payload)


def worker() -> None:
    os.execv(sys.executable, [sys.executable, "-m", "dramatiq", "bench.peers.dramatiq", "-p", "1", "-t", "16"])  # noqa: S606 - its own program takes over


async def enqueue(payload: program.Payload) -> Any:
    job.send(payload)


if __name__ == "__main__":
    program.main(worker=worker, enqueue=enqueue, blocks=True)
