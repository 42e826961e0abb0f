"""Each delivery once, in a real Postgres."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from server.jobs.job import Delivery, JobRequest, encode, new_job_id
from server.reviews import deliveries
from server.reviews.deliveries import Cursor, DeliveryNotFound, DeliveryState, DeliveryStore

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_delivery(
    id_: str, body: str = "", *, key: str | None = None, at: datetime = NOON, event: str = "pull_request"
) -> Delivery:
    """*key*: it asks for a job of that key."""
    job = JobRequest("review.pull_request", "github.com/octo/demo", encode({}), key=key) if key else None
    digest = hashlib.sha256((body or id_).encode()).hexdigest()
    return Delivery(id_, event, digest, at, "opened", "octo/demo", 7, job, "" if job else "nothing to do")


async def record(pool: asyncpg.Pool, *batch: Delivery) -> set[str]:
    async with pool.acquire() as connection, connection.transaction():
        return await deliveries.record(connection, batch)


async def states(pool: asyncpg.Pool) -> dict[str, tuple[str, int]]:
    return {d.id: (d.state.value, d.times_received) for d in await DeliveryStore(pool).list()}


async def test_a_delivery_is_recorded_with_its_job(pool: asyncpg.Pool) -> None:
    delivery = a_delivery("one", key="octo/demo#1@aaa")

    assert await record(pool, delivery) == {"one"}

    known = await DeliveryStore(pool).get("one")
    assert delivery.job is not None
    assert (known.state, known.job, known.note) == (DeliveryState.ACCEPTED, delivery.job.id, "")
    assert (known.event, known.action, known.received_at) == ("pull_request", "opened", NOON)
    assert (known.repository, known.installation_id, known.times_received) == ("octo/demo", 7, 1)


async def test_a_delivery_without_a_job_says_why(pool: asyncpg.Pool) -> None:
    await record(pool, a_delivery("one", event="star"))

    known = await DeliveryStore(pool).get("one")
    assert (known.state, known.job, known.note) == (DeliveryState.IGNORED, None, "nothing to do")


async def test_a_redelivery_is_only_counted(pool: asyncpg.Pool) -> None:
    await record(pool, a_delivery("one", key="k"))

    assert await record(pool, a_delivery("one", key="k")) == set()

    assert await states(pool) == {"one": ("accepted", 2)}


async def test_redeliveries_in_one_batch_count_as_one_delivery(pool: asyncpg.Pool) -> None:
    batch = [a_delivery("one", key="k") for _ in range(3)]

    assert await record(pool, *batch) == {"one"}

    assert await states(pool) == {"one": ("accepted", 3)}
    assert batch[0].job is not None
    assert (await DeliveryStore(pool).get("one")).job == batch[0].job.id


async def test_a_known_body_under_another_guid_is_a_duplicate_without_a_job(pool: asyncpg.Pool) -> None:
    await record(pool, a_delivery("one", "body", key="k"))

    assert await record(pool, a_delivery("two", "body", key="k"), a_delivery("two", "body", key="k")) == set()
    await record(pool, a_delivery("two", "body", key="k"))

    assert await states(pool) == {"one": ("accepted", 1), "two": ("duplicate", 3)}
    assert (await DeliveryStore(pool).get("two")).note == "the same body came as delivery one"


async def test_a_body_twice_in_one_batch_is_recorded_once_as_new(pool: asyncpg.Pool) -> None:
    new = await record(pool, a_delivery("one", "body", key="k"), a_delivery("two", "body", key="k"))

    assert len(new) == 1
    assert sorted(state for state, _ in (await states(pool)).values()) == ["accepted", "duplicate"]


async def test_the_same_deliveries_at_two_hubs_are_recorded_once(pool: asyncpg.Pool) -> None:
    batches: Sequence[list[Delivery]] = [[a_delivery(f"{n}", key=f"k{n}") for n in range(50)] for _ in range(6)]

    new = await asyncio.gather(*(record(pool, *batch) for batch in batches))

    assert sorted(id_ for ids in new for id_ in ids) == sorted(str(n) for n in range(50))
    assert set((await states(pool)).values()) == {("accepted", 6)}


async def test_deliveries_that_ask_for_the_same_name_the_one_job(pool: asyncpg.Pool) -> None:
    first, second = a_delivery("one", key="k"), a_delivery("two", key="k")

    assert await record(pool, first, second) == {"one"}

    store = DeliveryStore(pool)
    assert first.job is not None
    assert (await store.get("one")).job == (await store.get("two")).job == first.job.id


async def test_a_delivery_names_the_live_job_of_its_key(pool: asyncpg.Pool) -> None:
    live = new_job_id()
    await pool.execute(
        "insert into jobs (id, kind, project, queue, state, priority, max_attempts, key)"
        " values ($1, 'review.pull_request', 'github.com/octo/demo', '', 'running', 1, 1, 'k')",
        live,
    )

    await record(pool, a_delivery("one", key="k"))

    assert (await DeliveryStore(pool).get("one")).job == live


async def test_nothing_is_recorded_when_the_transaction_fails(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await deliveries.record(connection, [a_delivery("one")])

        await transaction.rollback()

    assert await states(pool) == {}


async def test_pages_go_from_the_newest_to_the_oldest(pool: asyncpg.Pool) -> None:
    await record(pool, *(a_delivery(f"{n}", at=NOON + timedelta(minutes=n // 2)) for n in range(5)))
    store = DeliveryStore(pool)

    first = await store.list(limit=2)
    rest = await store.list(after=Cursor(first[-1].received_at, first[-1].id))

    assert [d.id for d in first + rest] == ["4", "3", "2", "1", "0"]


async def test_lists_are_narrowed(pool: asyncpg.Pool) -> None:
    await record(pool, a_delivery("one", key="k"), a_delivery("two", event="star"))
    store = DeliveryStore(pool)

    assert [d.id for d in await store.list(event="star")] == ["two"]
    assert [d.id for d in await store.list(state=DeliveryState.ACCEPTED)] == ["one"]
    assert await store.list(repository="octo/other") == []


async def test_an_unknown_delivery_is_not_found(pool: asyncpg.Pool) -> None:
    with pytest.raises(DeliveryNotFound):
        await DeliveryStore(pool).get("none")


async def test_old_deliveries_are_forgotten(pool: asyncpg.Pool) -> None:
    now = datetime.now(UTC)
    await record(pool, a_delivery("old", at=now - timedelta(days=91)), a_delivery("young", at=now - timedelta(days=89)))

    await DeliveryStore(pool).forget(older_than_seconds=90 * 86400.0)

    assert set(await states(pool)) == {"young"}
