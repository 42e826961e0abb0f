"""Procrastinate on Postgres."""

import asyncio
from collections.abc import Sequence
from typing import Any

import procrastinate

from bench.peers import program

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=program.POSTGRES_URL))


@app.task(name="job")
async def job(payload: program.Payload) -> program.Payload:
    return program.run(payload)


async def work() -> None:
    async with app.open_async():
        await app.run_worker_async(concurrency=program.IN_FLIGHT, wait=True, install_signal_handlers=False)


def worker() -> None:
    program.use_uvloop()
    asyncio.run(work())


async def make_schema() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


def schema() -> None:
    asyncio.run(make_schema())


async def enqueue(payload: program.Payload) -> Any:
    await job.defer_async(payload=payload)


async def enqueue_many(payloads: Sequence[program.Payload]) -> Any:
    await job.batch_defer_async(*[{"payload": payload} for payload in payloads])


if __name__ == "__main__":
    program.main(worker=worker, enqueue=enqueue, enqueue_many=enqueue_many, opened=app.open_async, schema=schema)
