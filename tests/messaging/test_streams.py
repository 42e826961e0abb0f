"""Messages through a real Redis, each role with its own rights: once, the urgent first, whatever breaks on the way."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis, UnixDomainSocketConnection

from server.embedded.redis import EmbeddedRedis
from server.errors import RedisUnavailable
from server.messaging import (
    EVENTS,
    INTAKE,
    OUTCOMES,
    Entry,
    Identity,
    Message,
    MessageTooLarge,
    ReceivedMessage,
    Role,
    StreamReader,
    StreamWriter,
    acl_rules,
    connect,
)
from server.messaging.events import EventReader
from server.messaging.message import MAX_BODY_BYTES
from tests.messaging.conftest import LATER, SOON, URGENT
from tests.streams import Streams


def numbered(count: int, prefix: str = "") -> list[Message]:
    return [Message("test", f"{prefix}{number}".encode()) for number in range(count)]


def bodies(entries: Iterable[Entry]) -> list[bytes]:
    return [entry.message.body for entry in entries]


async def pending(redis: Redis, stream: str = INTAKE.stream) -> int:
    summary = await redis.xpending(stream, "hive")
    return int(summary["pending"])


async def until_blocked(admin: Redis, command: str, clients: int = 1) -> None:
    """Return when so many clients wait in a blocking *command*."""
    while True:
        waiting = [c for c in await admin.client_list() if c["cmd"].lower() == command and "b" in c["flags"]]
        if len(waiting) >= clients:
            return
        await asyncio.sleep(0)


async def cut_connections(admin: Redis, user: str) -> None:
    for client in await admin.client_list():
        if client["user"] == user:
            await admin.client_kill_filter(_id=client["id"])


# -- the plain way


async def test_a_message_arrives_with_all_that_was_said_and_who_said_it(streams: Streams) -> None:
    reader, job = streams.reader(INTAKE), uuid4()
    await streams.writer(Role.DOOR).append(INTAKE, Message("review", b"body", "acme/widgets", job))

    [entry] = await reader.read()

    said = entry.message
    assert (said.kind, said.body, said.tenant, said.job_id) == ("review", b"body", "acme/widgets", job)
    assert said.sender is Role.DOOR
    assert reader.connected


async def test_messages_come_in_the_order_in_which_they_were_appended(streams: Streams) -> None:
    reader = streams.reader(INTAKE)
    await streams.writer(Role.DOOR).append(INTAKE, *numbered(300))

    first, second = await reader.read(limit=200), await reader.read(limit=200)

    assert bodies(first + second) == [message.body for message in numbered(300)]


async def test_what_is_acknowledged_leaves_redis(streams: Streams) -> None:
    reader = streams.reader(INTAKE)
    await streams.writer(Role.DOOR).append(INTAKE, *numbered(3))
    entries = await reader.read()

    await reader.ack(entries[:2])
    assert (await streams.admin.xlen(INTAKE.stream), await pending(streams.admin)) == (1, 1)
    await reader.ack(entries[2:])

    assert (await streams.admin.xlen(INTAKE.stream), await pending(streams.admin)) == (0, 0)
    assert await reader.read(block_seconds=0) == []


async def test_acknowledging_nothing_asks_redis_nothing(streams: Streams) -> None:
    await streams.reader(INTAKE).ack([])


async def test_an_idle_reader_gets_a_message_as_soon_as_it_is_appended(streams: Streams) -> None:
    reader = streams.reader(URGENT, SOON, LATER)
    reading = asyncio.create_task(reader.read(block_seconds=30))
    await until_blocked(streams.admin, "xreadgroup")

    await streams.writer(Role.AGENT).append(SOON, Message("test", b"now"))

    async with asyncio.timeout(2):
        assert bodies(await reading) == [b"now"]


async def test_nothing_to_read_is_an_empty_list_in_time(streams: Streams) -> None:
    async with asyncio.timeout(2):
        assert await streams.reader(INTAKE).read(block_seconds=0.05) == []


async def test_urgent_streams_are_emptied_first_and_the_limit_holds_over_all(streams: Streams) -> None:
    reader, writer = streams.reader(URGENT, SOON, LATER), streams.writer(Role.AGENT)
    await writer.append(LATER, *numbered(3, "later"))
    await writer.append(SOON, *numbered(3, "soon"))
    await writer.append(URGENT, *numbered(2, "urgent"))

    first, second = await reader.read(limit=4), await reader.read(limit=10)

    assert bodies(first) == [b"urgent0", b"urgent1", b"soon0", b"soon1"]
    assert bodies(second) == [b"soon2", b"later0", b"later1", b"later2"]


async def test_the_limit_holds_when_several_streams_wake_an_idle_reader_at_once(streams: Streams) -> None:
    reader, writer = streams.reader(URGENT, SOON, LATER), streams.writer(Role.AGENT)
    reading = asyncio.create_task(reader.read(limit=1, block_seconds=30))
    await until_blocked(streams.admin, "xreadgroup")
    await asyncio.gather(*(writer.append(route, Message("test", route.stream.encode())) for route in (LATER, URGENT)))

    got = await reading + await reader.read(limit=1)

    assert sorted(bodies(got)) == [URGENT.stream.encode(), LATER.stream.encode()]


async def test_two_readers_of_a_group_share_the_messages(streams: Streams) -> None:
    one, other = streams.reader(INTAKE, consumer="one"), streams.reader(INTAKE, consumer="other")
    await streams.writer(Role.DOOR).append(INTAKE, *numbered(10))

    shares = [await one.read(limit=4), await other.read(limit=4), await one.read(limit=4)]

    assert [len(share) for share in shares] == [4, 4, 2]
    assert sorted(body for share in shares for body in bodies(share)) == [m.body for m in numbered(10)]


async def test_messages_from_before_the_first_reader_are_read(streams: Streams) -> None:
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"early"))

    assert bodies(await streams.reader(INTAKE).read()) == [b"early"]


# -- what breaks


async def test_a_restarted_consumer_of_the_same_name_reads_its_unfinished_messages_first(streams: Streams) -> None:
    writer = streams.writer(Role.DOOR)
    await writer.append(INTAKE, *numbered(3, "old"))
    await streams.reader(INTAKE).read()
    await writer.append(INTAKE, *numbered(2, "new"))

    restarted = streams.reader(INTAKE)

    assert bodies(await restarted.read()) == [b"old0", b"old1", b"old2"]
    assert bodies(await restarted.read()) == [b"new0", b"new1"]


async def test_more_unfinished_messages_than_asked_for_come_in_portions_and_once_each(streams: Streams) -> None:
    await streams.writer(Role.DOOR).append(INTAKE, *numbered(700))
    await streams.reader(INTAKE).read(limit=700)

    restarted = streams.reader(INTAKE)
    got: list[bytes] = []
    while len(got) < 700:
        got += bodies(await restarted.read(limit=300))

    assert got == [message.body for message in numbered(700)]
    assert await restarted.read(block_seconds=0) == []


async def test_what_a_dead_reader_held_is_taken_over(streams: Streams) -> None:
    await streams.writer(Role.DOOR).append(INTAKE, *numbered(300))
    await streams.reader(INTAKE, consumer="dead").read(limit=300)

    heir = streams.reader(INTAKE, consumer="heir", abandoned_after_seconds=0.02)
    inherited: list[Entry] = []
    while len(inherited) < 300:
        inherited += await heir.read(limit=300, block_seconds=0.1)

    assert len({entry.id for entry in inherited}) == len(inherited) == 300
    await heir.ack(inherited)
    assert await pending(streams.admin) == 0


async def test_a_busy_reader_notices_later_that_another_one_died(streams: Streams) -> None:
    heir = streams.reader(INTAKE, consumer="heir", abandoned_after_seconds=0.05)
    assert await heir.read(block_seconds=0) == []
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"left behind"))
    await streams.reader(INTAKE, consumer="dead").read()

    async with asyncio.timeout(5):
        assert bodies(await heir.read(block_seconds=5)) == [b"left behind"]


async def test_what_is_renewed_is_not_taken_over(streams: Streams) -> None:
    owner = streams.reader(INTAKE, consumer="owner")
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"long work"))
    entries = await owner.read()
    ids: list[Any] = [entry.id for entry in entries]
    await streams.admin.xclaim(INTAKE.stream, "hive", "owner", 0, ids, idle=60_000, justid=True)

    await owner.renew(entries)

    other = streams.reader(INTAKE, consumer="other", abandoned_after_seconds=30)
    assert await other.read(block_seconds=0) == []


async def test_a_message_is_not_handed_out_again_while_it_is_held(streams: Streams) -> None:
    """The reader takes over its own old entries too: they are in hand, not abandoned."""
    reader = streams.reader(INTAKE, abandoned_after_seconds=0)
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"held"))
    entries = await reader.read()

    assert await reader.read(block_seconds=0.02) == []

    await reader.ack(entries)


async def test_an_entry_that_was_deleted_while_pending_is_forgotten(streams: Streams) -> None:
    await streams.writer(Role.DOOR).append(INTAKE, *numbered(2))
    gone, _ = await streams.reader(INTAKE).read()
    await streams.admin.xdel(INTAKE.stream, gone.id)

    restarted = streams.reader(INTAKE)

    assert bodies(await restarted.read()) == [b"1"]
    assert await pending(streams.admin) == 1


async def test_a_cancelled_read_loses_nothing(streams: Streams) -> None:
    reader, writer = streams.reader(INTAKE), streams.writer(Role.DOOR)
    reading = asyncio.create_task(reader.read(block_seconds=30))
    await until_blocked(streams.admin, "xreadgroup")

    appending = asyncio.create_task(writer.append(INTAKE, Message("test", b"in flight")))
    reading.cancel()
    await appending
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert bodies(await reader.read()) == [b"in flight"]


async def test_a_reply_that_was_lost_on_the_way_is_read_again(streams: Streams) -> None:
    """Redis gave the entry to this consumer, who never saw it: as after a broken connection."""
    reader = streams.reader(INTAKE)
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"lost"))
    await streams.admin.xgroup_create(INTAKE.stream, "hive", "0")
    await streams.admin.xreadgroup("hive", "first", {INTAKE.stream: ">"})

    assert bodies(await reader.read()) == [b"lost"]


async def test_a_reader_whose_connections_are_cut_goes_on(streams: Streams) -> None:
    reader = streams.reader(INTAKE)
    reading = asyncio.create_task(reader.read(block_seconds=30))
    await until_blocked(streams.admin, "xreadgroup")

    await cut_connections(streams.admin, "orchestrator")
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"after"))

    async with asyncio.timeout(60):
        assert bodies(await reading) == [b"after"]


@pytest.mark.parametrize("routes", [(INTAKE,), (URGENT, SOON, LATER)], ids=["one stream", "three priorities"])
async def test_a_flushed_redis_is_read_again(streams: Streams, routes: tuple[object, ...]) -> None:
    reader = streams.reader(*routes)  # type: ignore[arg-type]
    route = routes[-1]
    writer = streams.writer(Role.DOOR if route is INTAKE else Role.AGENT)
    reading = asyncio.create_task(reader.read(block_seconds=30))
    await until_blocked(streams.admin, "xreadgroup")

    await streams.admin.flushall()
    await writer.append(route, Message("test", b"after"))  # type: ignore[arg-type]

    async with asyncio.timeout(60):
        assert bodies(await reading) == [b"after"]


async def test_acknowledging_after_a_flush_does_no_harm(streams: Streams) -> None:
    reader = streams.reader(INTAKE)
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"before"))
    entries = await reader.read()

    await streams.admin.flushall()
    await reader.ack(entries)

    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"after"))
    assert bodies(await reader.read()) == [b"after"]


async def test_consumers_that_died_are_taken_off_the_group_once_they_hold_nothing(streams: Streams) -> None:
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"kept"))
    await streams.reader(INTAKE, consumer="holds one").read()
    await streams.reader(INTAKE, consumer="holds none").read(block_seconds=0)

    reader = streams.reader(INTAKE, forgotten_after_seconds=0)
    await reader.read(block_seconds=0)

    names = [consumer["name"] for consumer in await streams.admin.xinfo_consumers(INTAKE.stream, "hive")]
    assert b"holds one" in names
    assert b"holds none" not in names


# -- Redis goes away


@asynccontextmanager
async def own_redis(data_dir: Path) -> AsyncIterator[tuple[EmbeddedRedis, dict[str, str]]]:
    """One that this test may kill."""
    redis = EmbeddedRedis(data_dir / "redis", {role.value: acl_rules(role) for role in Role})
    urls = await redis.start()
    try:
        yield redis, urls
    finally:
        await redis.stop()


async def test_a_redis_that_was_stopped_and_started_is_read_on(
    data_dir: Path, identities: dict[Role, Identity]
) -> None:
    async with own_redis(data_dir) as (server, urls):
        redis = connect(urls[Role.DOOR])
        writer = StreamWriter(redis, identities[Role.DOOR])
        reader = StreamReader(urls[Role.ORCHESTRATOR], identities[Role.ORCHESTRATOR], [INTAKE], "hive", "first")
        await writer.append(INTAKE, *numbered(2, "before"))
        held = await reader.read()

        await server.stop()
        with pytest.raises(RedisUnavailable):
            await writer.append(INTAKE, Message("test", b"nobody there"))
        assert await reader.read(block_seconds=0.05) == []
        assert not reader.connected
        with pytest.raises(RedisUnavailable):
            await reader.ack(held)
        reading = asyncio.create_task(reader.read(block_seconds=30))
        await server.start()

        again = await reading
        assert bodies(again) == [b"before0", b"before1"]  # not acknowledged: at least once
        await reader.ack(again)
        await writer.append(INTAKE, Message("test", b"after"))
        assert bodies(await reader.read()) == [b"after"]
        await reader.close()
        await redis.aclose()


async def test_events_go_on_after_redis_was_stopped_and_started(
    data_dir: Path, identities: dict[Role, Identity]
) -> None:
    async with own_redis(data_dir) as (server, urls):
        redis = connect(urls[Role.ORCHESTRATOR])
        writer = StreamWriter(redis, identities[Role.ORCHESTRATOR])
        events = EventReader(urls[Role.DOOR], identities[Role.DOOR])
        await events.begin()
        following = aiter(events)
        await writer.append(EVENTS, Message("test", b"before"))
        assert (await anext(following)).body == b"before"

        await server.stop()
        next_event = asyncio.create_task(anext_of(following))
        await server.start()
        await writer.append(EVENTS, Message("test", b"after"))

        async with asyncio.timeout(60):
            assert (await next_event).body == b"after"
        await events.close()
        await redis.aclose()


async def anext_of(following: AsyncIterator[ReceivedMessage]) -> ReceivedMessage:
    return await anext(following)


# -- writing


class RoundTrips:
    """Counts what goes out with messages in it, over a real connection."""

    def __init__(self, redis: Redis) -> None:
        self.count = 0
        self.began = asyncio.Event()
        redis.connection_pool.connection_class = CountingConnection
        redis.connection_pool.connection_kwargs["told"] = self


class CountingConnection(UnixDomainSocketConnection):
    def __init__(self, *, told: RoundTrips, **settings: Any) -> None:
        super().__init__(**settings)
        self._told = told

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        if b"XADD" in (command if isinstance(command, bytes) else b"".join(command)):
            self._told.count += 1
            self._told.began.set()
        await super().send_packed_command(command, check_health)


async def test_appends_that_come_together_share_a_round_trip(
    streams: Streams, redis_urls: dict[str, str], identities: dict[Role, Identity]
) -> None:
    async with connect(redis_urls[Role.DOOR]) as redis:
        round_trips = RoundTrips(redis)
        writer = StreamWriter(redis, identities[Role.DOOR])

        await asyncio.gather(*(writer.append(INTAKE, message) for message in numbered(500)))

        assert round_trips.count == 1
        assert await streams.admin.xlen(INTAKE.stream) == 500


async def test_appends_that_come_during_a_flush_share_the_next_one(
    streams: Streams, redis_urls: dict[str, str], identities: dict[Role, Identity]
) -> None:
    async with connect(redis_urls[Role.DOOR]) as redis:
        round_trips = RoundTrips(redis)
        writer = StreamWriter(redis, identities[Role.DOOR])
        first = asyncio.create_task(writer.append(INTAKE, Message("test", b"first")))
        await round_trips.began.wait()

        await asyncio.gather(first, *(writer.append(INTAKE, message) for message in numbered(50)))

        assert round_trips.count == 2


async def test_a_cancelled_caller_does_not_stop_the_others(streams: Streams) -> None:
    writer = streams.writer(Role.DOOR)
    appends = [asyncio.create_task(writer.append(INTAKE, message)) for message in numbered(3)]
    await asyncio.sleep(0)  # each has begun and waits for the flush

    appends[1].cancel()
    await asyncio.gather(appends[0], appends[2])

    assert await streams.admin.xlen(INTAKE.stream) >= 2


async def test_a_closed_writer_has_sent_what_was_under_way(streams: Streams) -> None:
    writer = streams.writer(Role.DOOR)
    append = asyncio.create_task(writer.append(INTAKE, Message("test", b"last words")))
    await asyncio.sleep(0)  # it has begun and waits for the flush
    append.cancel()

    await writer.close()

    assert await streams.admin.xlen(INTAKE.stream) == 1


async def test_an_append_that_redis_refuses_fails_alone(streams: Streams) -> None:
    """A door may write to the intake and, by its rights in Redis, not to the outcomes."""
    writer = streams.writer(Role.DOOR)

    kept, refused = await asyncio.gather(
        writer.append(INTAKE, Message("test", b"kept")),
        writer.append(OUTCOMES, Message("test", b"refused")),
        return_exceptions=True,
    )

    assert kept is None
    assert isinstance(refused, RedisUnavailable)
    assert refused.hint
    assert await streams.admin.xlen(INTAKE.stream) == 1


async def test_a_full_redis_is_said_and_not_swallowed(streams: Streams) -> None:
    writer = streams.writer(Role.DOOR)
    await streams.admin.config_set("maxmemory", "1")
    try:
        with pytest.raises(RedisUnavailable, match="maxmemory"):
            await writer.append(INTAKE, Message("test", b"body"))
    finally:
        await streams.admin.config_set("maxmemory", "0")


async def test_a_body_above_the_limit_is_refused_before_it_is_sent(streams: Streams) -> None:
    with pytest.raises(MessageTooLarge):
        await streams.writer(Role.DOOR).append(INTAKE, Message("test", bytes(MAX_BODY_BYTES + 1)))

    assert await streams.admin.keys() == []


# -- events


async def test_every_door_hears_every_event_from_where_it_began(streams: Streams) -> None:
    writer = streams.writer(Role.ORCHESTRATOR)
    await writer.append(EVENTS, Message("test", b"too early"))
    doors = [streams.events(), streams.events()]
    for door in doors:
        await door.begin()

    await writer.append(EVENTS, *numbered(3))

    heard = [[(await anext(following)).body for _ in range(3)] for following in map(aiter, doors)]
    assert heard == [[b"0", b"1", b"2"]] * 2


async def test_events_go_on_after_redis_was_flushed(streams: Streams) -> None:
    writer, events = streams.writer(Role.ORCHESTRATOR), streams.events()
    await events.begin()
    following = aiter(events)
    await writer.append(EVENTS, Message("test", b"before"))
    assert (await anext(following)).body == b"before"
    next_event = asyncio.create_task(anext_of(following))
    await until_blocked(streams.admin, "xread")

    await streams.admin.flushall()
    await writer.append(EVENTS, Message("test", b"after"))

    async with asyncio.timeout(60):
        assert (await next_event).body == b"after"


async def test_events_go_on_when_ids_begin_again_below(streams: Streams) -> None:
    """A failover to a server whose clock is behind."""
    writer, events = streams.writer(Role.ORCHESTRATOR), streams.events(block_seconds=0.02)
    await streams.admin.xadd(EVENTS.stream, {"from": "the future"}, id="99999999999999-0")
    await events.begin()
    following = aiter(events)
    next_event = asyncio.create_task(anext_of(following))
    await until_blocked(streams.admin, "xread")

    await streams.admin.flushall()
    await writer.append(EVENTS, Message("test", b"after"))

    async with asyncio.timeout(60):
        assert (await next_event).body == b"after"


async def test_events_are_capped_and_work_is_not(streams: Streams) -> None:
    writer, few = streams.writer(Role.ORCHESTRATOR), replace(EVENTS, kept=200)

    await writer.append(few, *numbered(1000))
    await writer.append(LATER, *numbered(1000))

    assert EVENTS.kept == 20_000
    assert 200 <= await streams.admin.xlen(EVENTS.stream) < 400
    assert await streams.admin.xlen(LATER.stream) == 1000


async def test_an_event_with_a_large_body_reaches_every_door(streams: Streams) -> None:
    doors = [streams.events(), streams.events()]
    for door in doors:
        await door.begin()

    await streams.writer(Role.ORCHESTRATOR).append(EVENTS, Message("test", b"x" * 100_000))

    assert [len((await anext(aiter(door))).body) for door in doors] == [100_000, 100_000]
