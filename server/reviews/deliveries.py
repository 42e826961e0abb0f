"""Keep which deliveries came, each once, and what came of them.

`record` runs in the transaction that makes the jobs, so that a delivery and its job are kept together or not at all.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from asyncpg import Pool, Record

from server.db import Connection, Queries
from server.errors import HiveError
from server.jobs.job import Delivery

_SQL = Queries.load("server.reviews", "deliveries.sql")


async def record(connection: Connection, deliveries: Sequence[Delivery]) -> set[str]:
    """Write deliveries, and answer with the ids of those whose job is to be made: the first of each id is the one.

    A known GUID is counted. A known body under a new GUID, which GitHub never sends, is a duplicate. Of new ones that
    came together and ask for the same job, by its key, only the first has it made.
    """
    times = Counter(delivery.id for delivery in deliveries)
    # The first of each GUID, as the one that came first is the one whose job was or will be made.
    waiting = {delivery.id: delivery for delivery in reversed(deliveries)}
    new = await _insert(connection, list(reversed(waiting.values())))
    again = {id_: times[id_] - (id_ in new) for id_ in times if id_ not in new or times[id_] > 1}
    counted = await connection.fetch(_SQL.count_redeliveries, list(again), list(again.values()))
    known = new | {row["id"] for row in counted}
    await _insert_duplicates(connection, [d for d in waiting.values() if d.id not in known], times)
    return new - await _share_jobs(connection, [d for d in reversed(waiting.values()) if d.id in new])


class DeliveryState(StrEnum):
    """`accepted` asked for a job; `ignored` did not; `duplicate` is a known body under another GUID."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"


class KnownDelivery(msgspec.Struct, frozen=True):
    """A row. *received_at* is when it first came; *note* says why there is no job."""

    id: str
    event: str
    action: str
    state: DeliveryState
    job: UUID | None
    received_at: datetime
    repository: str
    installation_id: int | None
    note: str
    times_received: int
    body_sha256: str


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of deliveries ended."""

    received_at: datetime
    id: str


class DeliveryNotFound(HiveError):
    """No delivery has this id."""


class DeliveryStore:
    """What the API reads."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list(
        self,
        *,
        event: str | None = None,
        state: DeliveryState | None = None,
        repository: str | None = None,
        after: Cursor | None = None,
        limit: int = 50,
    ) -> list[KnownDelivery]:
        """A page of deliveries, the newest first."""
        cursor = (after.received_at, after.id) if after else (None, None)
        rows = await self._pool.fetch(_SQL.list_deliveries, event, state, repository, *cursor, limit)
        return [_known_delivery(row) for row in rows]

    async def get(self, delivery_id: str) -> KnownDelivery:
        """Raises `DeliveryNotFound`."""
        row = await self._pool.fetchrow(_SQL.get_delivery, delivery_id)
        if row is None:
            raise DeliveryNotFound(f"there is no delivery {delivery_id}")
        return _known_delivery(row)

    async def forget(self, *, older_than_seconds: float) -> None:
        """Retention. A replayed body is no longer known then, but what it asks for is: reviews name their head."""
        await self._pool.execute(_SQL.forget_deliveries, older_than_seconds)


async def _insert(connection: Connection, deliveries: Sequence[Delivery]) -> set[str]:
    jobs = [delivery.job for delivery in deliveries]
    rows = await connection.fetch(
        _SQL.insert_deliveries,
        *_columns(deliveries),
        [delivery.note for delivery in deliveries],
        [job and job.id for job in jobs],
        [job and job.kind for job in jobs],
        [job and job.key for job in jobs],
    )
    return {row["id"] for row in rows}


async def _share_jobs(connection: Connection, deliveries: Sequence[Delivery]) -> set[str]:
    """Let deliveries name the job of the first that asks for the same; answers with the others' ids."""
    first: dict[tuple[str, str], str] = {}
    others = set()
    for delivery in deliveries:
        if delivery.job and delivery.job.key is not None:
            same = first.setdefault((delivery.job.kind, delivery.job.key), delivery.id)
            if same != delivery.id:
                await connection.execute(_SQL.share_job, delivery.id, same)
                others.add(delivery.id)
    return others


async def _insert_duplicates(connection: Connection, deliveries: Sequence[Delivery], times: Counter[str]) -> None:
    if deliveries:
        counts = [times[delivery.id] for delivery in deliveries]
        await connection.execute(_SQL.insert_duplicates, *_columns(deliveries), counts)


def _columns(deliveries: Iterable[Delivery]) -> list[tuple[object, ...]]:
    rows = [
        (d.id, d.event, d.action, d.body_sha256, d.received_at, d.repository, d.installation_id) for d in deliveries
    ]
    return list(zip(*rows, strict=True))


def _known_delivery(row: Record) -> KnownDelivery:
    return KnownDelivery(
        id=row["id"],
        event=row["event"],
        action=row["action"],
        state=DeliveryState(row["state"]),
        job=row["job"],
        received_at=row["received_at"],
        repository=row["repository"],
        installation_id=row["installation_id"],
        note=row["note"],
        times_received=row["times_received"],
        body_sha256=row["body_sha256"],
    )
