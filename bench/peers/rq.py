"""RQ over Redis, its worker that does not fork."""

from collections.abc import Sequence
from typing import Any

from redis import Redis
from rq import Queue, SimpleWorker

from bench.peers import program, rq_job

redis = Redis.from_url(program.REDIS_URL)
queue = Queue(connection=redis)


def worker() -> None:
    SimpleWorker([queue], connection=redis).work(logging_level="ERROR")


async def enqueue(payload: program.Payload) -> Any:
    queue.enqueue(rq_job.job, payload)


async def enqueue_many(payloads: Sequence[program.Payload]) -> Any:
    queue.enqueue_many([Queue.prepare_data(rq_job.job, (payload,)) for payload in payloads])


if __name__ == "__main__":
    program.main(worker=worker, enqueue=enqueue, enqueue_many=enqueue_many, blocks=True)
