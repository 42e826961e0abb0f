"""What cannot be trusted goes to the dead letters as ciphertext, with the reason, once; everything else goes on."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.messaging import EVENTS, INTAKE, Identity, Keyring, Message, Role, Route, StreamWriter
from server.messaging.dead_letters import DeadLetter, discard_dead_letters, list_dead_letters
from server.messaging.routes import INLINE_LIMIT_BYTES
from server.messaging.sealing import Sealer
from tests.messaging.conftest import LATER, URGENT
from tests.streams import Streams

LARGE = Message("test", b"large " * INLINE_LIMIT_BYTES)


async def append_raw(redis: Any, envelope: bytes, route: Route = INTAKE) -> bytes:
    entry_id = await redis.xadd(route.stream, {"e": envelope})
    assert isinstance(entry_id, bytes)
    return entry_id


async def the_dead_letters(streams: Streams, route: Route = INTAKE) -> list[DeadLetter]:
    return await list_dead_letters(streams.redis(Role.ORCHESTRATOR), route)


async def test_a_tampered_entry_dies_and_the_next_one_lives(streams: Streams, identities: dict[Role, Identity]) -> None:
    envelope = bytearray(Sealer(identities[Role.DOOR]).seal(INTAKE, Message("test", b"body")))
    envelope[-1] ^= 1
    entry_id = await append_raw(streams.admin, bytes(envelope))
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"next"))

    [entry] = await streams.reader(INTAKE).read()

    assert entry.message.body == b"next"
    [dead] = await the_dead_letters(streams)
    assert (dead.reason, dead.stream) == ("body does not authenticate", INTAKE.stream)
    assert (dead.envelope, dead.entry_id) == (bytes(envelope), entry_id.decode())
    assert abs(dead.died_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_dead_letter_is_never_read_again(streams: Streams) -> None:
    await append_raw(streams.admin, b"junk")
    reader = streams.reader(INTAKE)

    assert await reader.read(block_seconds=0.05) == []
    assert await streams.reader(INTAKE).read(block_seconds=0) == []

    assert len(await the_dead_letters(streams)) == 1
    assert await streams.admin.xlen(INTAKE.stream) == 0
    assert (await streams.admin.xpending(INTAKE.stream, "hive"))["pending"] == 0


async def test_junk_that_was_pending_with_a_dead_consumer_dies_too(streams: Streams) -> None:
    await append_raw(streams.admin, b"junk")
    await streams.admin.xgroup_create(INTAKE.stream, "hive", "0")
    await streams.admin.xreadgroup("hive", "dead", {INTAKE.stream: ">"})

    assert await streams.reader(INTAKE, abandoned_after_seconds=0).read(block_seconds=0.05) == []

    assert [dead.reason for dead in await the_dead_letters(streams)] == ["malformed envelope"]


@pytest.mark.parametrize("fields", [{"x": b"y"}, {"e": b""}, {"e": b"1", "f": b"2"}], ids=["foreign", "empty", "more"])
async def test_an_entry_that_is_none_of_ours_dies(streams: Streams, fields: dict[str, bytes]) -> None:
    await streams.admin.xadd(INTAKE.stream, fields)

    assert await streams.reader(INTAKE).read(block_seconds=0.02) == []

    assert [dead.reason for dead in await the_dead_letters(streams)] == ["malformed envelope"]


async def test_an_entry_moved_to_another_stream_dies(streams: Streams) -> None:
    await streams.writer(Role.AGENT).append(LATER, Message("test", b"body"))
    [(_, fields)] = await streams.admin.xrange(LATER.stream)
    await streams.admin.xadd(URGENT.stream, fields)

    assert await streams.reader(URGENT).read(block_seconds=0.02) == []

    [dead] = await the_dead_letters(streams, URGENT)
    assert (dead.reason, dead.stream) == ("sealed for another stream", URGENT.stream)


async def test_a_sender_of_another_hive_is_not_heard(
    streams: Streams, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Keyring.create(tmp_path_factory.mktemp("stranger") / "keys").identity(Role.DOOR)
    await StreamWriter(streams.admin, stranger).append(INTAKE, Message("test", b"body"))

    assert await streams.reader(INTAKE).read(block_seconds=0.02) == []

    assert [dead.reason for dead in await the_dead_letters(streams)] == ["sender's key is not registered"]


async def test_a_thousand_bad_entries_neither_loop_nor_hold_up_a_good_one(streams: Streams) -> None:
    pipeline = streams.admin.pipeline(transaction=False)
    for number in range(1000):
        pipeline.xadd(INTAKE.stream, {"e": f"AH\x01\x01 junk {number}"})
    await pipeline.execute()
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"good"))
    reader = streams.reader(INTAKE)

    [entry] = await reader.read(block_seconds=30)
    await reader.ack([entry])

    assert entry.message.body == b"good"
    assert await streams.admin.xlen(INTAKE.dead_key) == 1000
    assert await streams.admin.xlen(INTAKE.stream) == 0


async def test_what_makes_no_sense_to_its_receiver_can_be_rejected(streams: Streams) -> None:
    reader = streams.reader(INTAKE)
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"{not json"))
    [entry] = await reader.read()

    await reader.reject(entry, "body does not fit the schema of test")

    [dead] = await the_dead_letters(streams)
    assert dead.reason == "body does not fit the schema of test"
    assert b"not json" not in dead.envelope
    assert await streams.admin.xlen(INTAKE.stream) == 0


async def test_a_bad_event_is_passed_over(streams: Streams) -> None:
    events = streams.events()
    await events.begin()
    following: AsyncIterator[object] = aiter(events)
    await append_raw(streams.admin, b"junk", EVENTS)
    await streams.writer(Role.ORCHESTRATOR).append(EVENTS, Message("test", b"good"))

    event = await anext(following)

    assert getattr(event, "body", None) == b"good"
    assert [dead.reason for dead in await the_dead_letters(streams, EVENTS)] == ["malformed envelope"]


# -- attachments


async def test_a_large_body_travels_apart_and_leaves_with_its_message(streams: Streams) -> None:
    reader = streams.reader(INTAKE)
    await streams.writer(Role.DOOR).append(INTAKE, LARGE)
    [key] = await streams.admin.keys("*:attachment:*")
    assert key.decode().startswith("hive:{intake}:attachment:")
    assert 0 < await streams.admin.ttl(key) <= INTAKE.attachment_seconds

    [entry] = await reader.read()
    assert entry.message.body == LARGE.body
    await reader.ack([entry])

    assert await streams.admin.keys("*:attachment:*") == []


async def test_a_body_of_exactly_the_limit_travels_inside(streams: Streams) -> None:
    body = bytes(INLINE_LIMIT_BYTES)
    await streams.writer(Role.DOOR).append(INTAKE, Message("test", body))

    [entry] = await streams.reader(INTAKE).read()

    assert entry.message.body == body
    assert await streams.admin.keys("*:attachment:*") == []


async def test_a_body_of_25_mib_arrives(streams: Streams) -> None:
    body = b"0123456789abcdef" * (25 * 65536)

    await streams.writer(Role.DOOR).append(INTAKE, Message("test", body))

    [entry] = await streams.reader(INTAKE).read()
    assert entry.message.body == body


async def test_a_message_whose_attachment_is_gone_dies(streams: Streams) -> None:
    await streams.writer(Role.DOOR).append(INTAKE, LARGE)
    await streams.admin.delete(*await streams.admin.keys("*:attachment:*"))

    assert await streams.reader(INTAKE).read(block_seconds=0.02) == []

    assert [dead.reason for dead in await the_dead_letters(streams)] == ["attachment is missing"]


@pytest.mark.parametrize("change", ["flip", "shorten", "lengthen", "replace"])
async def test_a_message_whose_attachment_was_changed_dies(streams: Streams, change: str) -> None:
    await streams.writer(Role.DOOR).append(INTAKE, LARGE)
    [key] = await streams.admin.keys("*:attachment:*")
    ciphertext = await streams.admin.get(key)
    changed = {
        "flip": bytes([ciphertext[0] ^ 1]) + ciphertext[1:],
        "shorten": ciphertext[:-1],
        "lengthen": ciphertext + b"\0",
        "replace": bytes(len(ciphertext)),
    }
    await streams.admin.set(key, changed[change])

    assert await streams.reader(INTAKE).read(block_seconds=0.02) == []

    assert [dead.reason for dead in await the_dead_letters(streams)] == ["attachment is not the one that was sent"]


# -- listing and discarding


async def test_dead_letters_are_listed_newest_first_in_pages(streams: Streams) -> None:
    for number in range(5):
        await append_raw(streams.admin, b"junk %d" % number)
    await streams.reader(INTAKE).read(block_seconds=0.02)
    redis = streams.redis(Role.ORCHESTRATOR)

    first = await list_dead_letters(redis, INTAKE, limit=3)
    second = await list_dead_letters(redis, INTAKE, limit=3, before=first[-1].id)

    assert [dead.envelope for dead in first + second] == [b"junk 4", b"junk 3", b"junk 2", b"junk 1", b"junk 0"]


async def test_a_discarded_dead_letter_is_gone(streams: Streams) -> None:
    await append_raw(streams.admin, b"one")
    await append_raw(streams.admin, b"two")
    await streams.reader(INTAKE).read(block_seconds=0.02)
    redis = streams.redis(Role.ORCHESTRATOR)
    newest, oldest = await list_dead_letters(redis, INTAKE)

    assert await discard_dead_letters(redis, INTAKE, [oldest.id, "1-1"]) == 1
    assert await discard_dead_letters(redis, INTAKE, []) == 0

    assert await list_dead_letters(redis, INTAKE) == [newest]


async def test_rotation_keeps_opening_what_lies_in_the_streams(
    redis_urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    keyring = Keyring.create(tmp_path_factory.mktemp("hive") / "keys")
    identities = {role: keyring.identity(role) for role in Role}
    async with AsyncExitStack() as stack:
        streams = Streams(redis_urls.__getitem__, identities.__getitem__, stack)
        await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"before"))

        keyring.rotate()
        identities.update({role: keyring.identity(role) for role in Role})
        await streams.writer(Role.DOOR).append(INTAKE, Message("test", b"after"))

        entries = await streams.reader(INTAKE).read()
        assert [entry.message.body for entry in entries] == [b"before", b"after"]
