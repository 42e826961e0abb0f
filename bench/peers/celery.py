"""Celery over Redis, acknowledging late, results kept."""

from typing import Any

from celery import Celery

from bench.peers import program

_redis = program.RedisAddress
_URL = f"redis+socket://{_redis.username}:{_redis.password}@{_redis.path}"

app = Celery("bench.peers.celery", broker=_URL, backend=_URL)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=4,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


@app.task(name="job")
def job(payload: program.Payload) -> program.Payload:
    return program.run(payload)


def worker() -> None:
    app.worker_main(["worker", "-c", "2", "-l", "ERROR", "--without-gossip", "--without-mingle"])


async def enqueue(payload: program.Payload) -> Any:
    job.delay(payload)


if __name__ == "__main__":
    program.main(worker=worker, enqueue=enqueue, blocks=True)
