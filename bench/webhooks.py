"""From a delivery to its 202: GitHub's own examples, signed, sent at a steady rate whatever the hub does.

    python -m bench.webhooks --http 127.0.0.1:8642 --secret ...

In a process of its own, so that it does not slow the hub down by sharing its loop. Time runs from when a delivery was
due to be sent, so a hub that stalls is charged for everything that had to wait.
"""

import argparse
import asyncio
import itertools
import json
import time
from collections.abc import Sequence
from typing import Any

from bench.editor import percentile
from tests.github.payloads import examples
from tests.github.signing import signed_delivery

CONNECTIONS = 8
WARM_UP = 100
"""Deliveries that are not counted."""


def requests(secret: str, host: str, count: int) -> list[bytes]:
    """Whole HTTP requests. Every body is another one, or the hub would see a replay."""
    made = []
    for number, example in zip(range(count), itertools.cycle(examples()), strict=False):
        delivery = signed_delivery(secret, example.event, {**example.payload, "bench": number})
        headers = {"Host": host, **delivery.headers, "Content-Length": str(len(delivery.body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        made.append(f"POST /webhooks/github HTTP/1.1\r\n{lines}\r\n".encode() + delivery.body)
    return made


class Connection:
    """Just enough of an HTTP client, so that little of the time is its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def post(self, request: bytes) -> int:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        length = next(int(field.partition(b":")[2]) for field in fields if field.startswith(b"content-length:"))
        await self._reader.readexactly(length)
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        self._writer.close()


async def send_steadily(host: str, bodies: Sequence[bytes], per_second: float) -> tuple[list[int], list[float]]:
    """Statuses, and seconds from when each was due."""
    name, _, port = host.rpartition(":")
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(Connection(*await asyncio.open_connection(name.strip("[]"), int(port))))
    statuses, took = [0] * len(bodies), [0.0] * len(bodies)
    began = time.perf_counter()

    async def post(number: int, due: float) -> None:
        connection = await free.get()
        statuses[number] = await connection.post(bodies[number])
        took[number] = time.perf_counter() - due
        free.put_nowait(connection)

    async with asyncio.TaskGroup() as under_way:
        for number in range(len(bodies)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            under_way.create_task(post(number, due))
    while not free.empty():
        free.get_nowait().close()
    return statuses, took


async def measure(host: str, secret: str, *, per_second: float, seconds: float) -> dict[str, Any]:
    """Milliseconds."""
    bodies = requests(secret, host, WARM_UP + int(per_second * seconds))
    statuses, took = await send_steadily(host, bodies, per_second)
    counted = took[WARM_UP:]
    return {
        "deliveries": len(counted),
        "per_second": per_second,
        "connections": CONNECTIONS,
        "mean_body_bytes": sum(map(len, bodies)) // len(bodies),
        "refused": sum(status not in (200, 202) for status in statuses),
        "p50_ms": percentile(counted, 0.5),
        "p95_ms": percentile(counted, 0.95),
        "p99_ms": percentile(counted, 0.99),
        "max_ms": percentile(counted, 1.0),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--http", required=True, help="host:port of the hub's HTTP door")
    parser.add_argument("--secret", required=True, help="its webhook secret")
    parser.add_argument("--per-second", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    print(
        json.dumps(asyncio.run(measure(given.http, given.secret, per_second=given.per_second, seconds=given.seconds)))
    )


if __name__ == "__main__":
    main()
