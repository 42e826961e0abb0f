"""What sealing, opening and the way through Redis cost, alone: no jobs, no Postgres.

`measure(urls)` for `make bench`; run by itself it starts a Redis of its own.
"""

import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from server.embedded.redis import EmbeddedRedis
from server.messaging import (
    INTAKE,
    Identity,
    Keyring,
    Message,
    Role,
    StreamReader,
    StreamWriter,
    acl_rules,
    connect,
)
from server.messaging.epoch import begin_epoch, epoch_header, open_epoch
from server.messaging.sealing import Opener, Sealer

BODY_BYTES = 1024
ROUNDS = 5


async def measure(urls: dict[str, str]) -> dict[str, float]:
    """Medians of five rounds. *urls*: of an empty Redis, by role."""
    with tempfile.TemporaryDirectory() as directory:
        keyring = Keyring.create(Path(directory) / "keys")
        door, orchestrator = keyring.identity(Role.DOOR), keyring.identity(Role.ORCHESTRATOR)
    return {**measure_envelopes(door, orchestrator), **await measure_streams(urls, door, orchestrator)}


def measure_envelopes(door: Identity, orchestrator: Identity) -> dict[str, float]:
    message = a_message()
    sealer, opener = Sealer(door), Opener(orchestrator)
    envelope = sealer.seal(INTAKE, message)
    header = epoch_header(envelope)
    return {
        "seal_us": microseconds(lambda: sealer.seal(INTAKE, message), 5000),
        "open_us": microseconds(lambda: opener.open(INTAKE, envelope), 5000),
        "begin_epoch_us": microseconds(lambda: begin_epoch(door, INTAKE, message.tenant, now_ms=0), 200),
        "open_epoch_us": microseconds(lambda: open_epoch(orchestrator, INTAKE, header), 200),
        "envelope_overhead_bytes": float(len(envelope) - BODY_BYTES),
    }


async def measure_streams(urls: dict[str, str], door: Identity, orchestrator: Identity) -> dict[str, float]:
    redis = connect(urls[Role.DOOR])
    writer = StreamWriter(redis, door)
    reader = StreamReader(urls[Role.ORCHESTRATOR], orchestrator, [INTAKE], "bench", "bench")
    try:
        appends, reads, cpu = [], [], []
        for _ in range(ROUNDS):
            began = time.process_time()
            appends.append(await appends_a_second(writer, 10_000))
            reads.append(await reads_a_second(reader, 10_000))
            cpu.append((time.process_time() - began) / 10_000)
        waits = [await append_to_read_seconds(writer, reader) for _ in range(300)]
    finally:
        await reader.close()
        await redis.aclose()
    centiles = statistics.quantiles(waits, n=100)
    return {
        "appends_per_second": statistics.median(appends),
        "reads_and_acks_per_second": statistics.median(reads),
        "cpu_us_of_a_message": statistics.median(cpu) * 1e6,  # ours, from the seal to the acknowledgement
        "append_to_read_p50_ms": centiles[49] * 1000,
        "append_to_read_p95_ms": centiles[94] * 1000,
    }


async def appends_a_second(writer: StreamWriter, count: int, callers: int = 200) -> float:
    message = a_message()

    async def call() -> None:
        for _ in range(count // callers):
            await writer.append(INTAKE, message)

    began = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    return count / (time.perf_counter() - began)


async def reads_a_second(reader: StreamReader, count: int) -> float:
    began, seen = time.perf_counter(), 0
    while seen < count:
        entries = await reader.read()
        await reader.ack(entries)
        seen += len(entries)
    return count / (time.perf_counter() - began)


async def append_to_read_seconds(writer: StreamWriter, reader: StreamReader) -> float:
    """From the call of a door to the message in the orchestrator's hands, who was waiting for it."""
    reading = asyncio.create_task(reader.read())
    await asyncio.sleep(0.002)  # until it waits
    began = time.perf_counter()
    await writer.append(INTAKE, a_message())
    entries = await reading
    waited = time.perf_counter() - began
    await reader.ack(entries)
    return waited


def a_message() -> Message:
    return Message("bench", os.urandom(BODY_BYTES), "acme/widgets", uuid4())


def microseconds(act: Callable[[], object], count: int) -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(count):
            act()
        rounds.append((time.perf_counter() - began) / count * 1e6)
    return statistics.median(rounds)


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o711)  # noqa: ASYNC240 - once, before anything runs
        redis = EmbeddedRedis(Path(directory) / "redis", {role.value: acl_rules(role) for role in Role})
        try:
            print(json.dumps(await measure(await redis.start()), indent=2))
        finally:
            await redis.stop()


if __name__ == "__main__":
    asyncio.run(main())
