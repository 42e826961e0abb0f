"""Keys change while messages are on their way: all go on with the new ones, and whoever was revoked is not heard."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from server.messaging import (
    EVENTS,
    INTAKE,
    Identity,
    Keyring,
    KeyringInvalid,
    LiveIdentity,
    LiveKeyring,
    Message,
    Role,
    StreamReader,
    follow_pipe,
)
from server.messaging.dead_letters import list_dead_letters
from tests.streams import Streams


class Hive(Streams):
    """A door and an orchestrator in one process, whose keys are files."""

    def __init__(self, urls: dict[str, str], directory: Path, stack: AsyncExitStack) -> None:
        self.keyring = Keyring.create(directory)
        self.keys = LiveKeyring(self.keyring)
        super().__init__(urls.__getitem__, self.keys.identity, stack)

    async def reasons(self) -> list[str]:
        return [dead.reason for dead in await list_dead_letters(self.redis(Role.ORCHESTRATOR), INTAKE)]


@pytest_asyncio.fixture
async def hive(redis_urls: dict[str, str], tmp_path: Path) -> AsyncIterator[Hive]:
    async with AsyncExitStack() as stack:
        yield Hive(redis_urls, tmp_path / "keys", stack)


async def bodies_of(reader: StreamReader, count: int) -> list[bytes]:
    found: list[bytes] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            entries = await reader.read()
            await reader.ack(entries)
            found += [entry.message.body for entry in entries]
    return found


async def test_nothing_is_lost_while_keys_rotate_again_and_again(hive: Hive) -> None:
    writer, reader = hive.writer(Role.DOOR), hive.reader(INTAKE)
    reading = asyncio.create_task(bodies_of(reader, 300))

    for turn in range(10):
        appends = [writer.append(INTAKE, Message("test", f"{turn} {number}".encode())) for number in range(30)]
        sending = asyncio.gather(*appends)
        hive.keyring.rotate(*[[], [Role.DOOR], [Role.ORCHESTRATOR]][turn % 3])
        assert await hive.keys.look()
        await sending

    assert len(set(await reading)) == 300
    assert await hive.reasons() == []
    assert hive.keys.identity(Role.DOOR).current.generation == 11


async def test_a_new_key_is_used_from_the_next_message_on(hive: Hive) -> None:
    writer, events = hive.writer(Role.ORCHESTRATOR), hive.events()
    await events.begin()
    heard = aiter(events)
    await writer.append(EVENTS, Message("test", b"before"))
    first = await anext(heard)
    before = hive.keys.identity(Role.ORCHESTRATOR).current.signing_key_id

    hive.keyring.rotate()
    await hive.keys.look()
    await writer.append(EVENTS, Message("test", b"after"))

    assert (first.body, (await anext(heard)).body) == (b"before", b"after")
    [_, (_, fields)] = await hive.redis(Role.ORCHESTRATOR).xrange(EVENTS.stream)
    after = hive.keys.identity(Role.ORCHESTRATOR).current.signing_key_id
    assert before not in fields[b"e"]
    assert after in fields[b"e"]


async def test_a_revoked_sender_is_not_heard_any_more_in_an_epoch_that_was_open(hive: Hive) -> None:
    thief = hive.writer(Role.DOOR, hive.keyring.identity(Role.DOOR))
    reader = hive.reader(INTAKE)
    await thief.append(INTAKE, Message("test", b"before"))
    assert await bodies_of(reader, 1) == [b"before"]

    hive.keyring.revoke(Role.DOOR)
    await hive.keys.look()
    await thief.append(INTAKE, Message("test", b"stolen"))
    await hive.writer(Role.DOOR).append(INTAKE, Message("test", b"honest"))

    assert await bodies_of(reader, 1) == [b"honest"]
    assert await hive.reasons() == ["sender's key was revoked"]


async def test_changed_files_are_noticed_and_told_before_they_are_used(hive: Hive) -> None:
    told: asyncio.Queue[tuple[Mapping[Role, Identity], bytes]] = asyncio.Queue()
    in_use: Callable[[], bytes] = lambda: hive.keys.identity(Role.AGENT).current.signing_key_id  # noqa: E731

    async def heard(identities: Mapping[Role, Identity]) -> None:
        await told.put((identities, in_use()))

    hive.keys.on_change(heard)
    before, running = in_use(), asyncio.create_task(hive.keys.run())
    try:
        hive.keyring.rotate()
        async with asyncio.timeout(60):
            identities, used_meanwhile = await told.get()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert used_meanwhile == before
    assert identities[Role.AGENT].signing_key_id == in_use() != before


async def test_whoever_cannot_be_told_keeps_no_revocation_from_being_obeyed(hive: Hive) -> None:
    async def fails(identities: Mapping[Role, Identity]) -> None:
        raise OSError("the child is gone")

    hive.keys.on_change(fails)
    revoked = hive.keyring.identity(Role.DOOR).signing_key_id

    hive.keyring.revoke(Role.DOOR)
    await hive.keys.look()

    assert hive.keys.identity(Role.ORCHESTRATOR).current.is_revoked(revoked)


async def test_keys_that_cannot_be_used_change_nothing(hive: Hive, tmp_path: Path) -> None:
    before = hive.keys.identity(Role.DOOR).current
    hive.keyring.rotate()
    (tmp_path / "keys" / "registry.json").write_bytes(b"damaged")

    with pytest.raises(KeyringInvalid):
        await hive.keys.look()

    assert hive.keys.identity(Role.DOOR).current is before


async def test_a_child_takes_new_keys_from_its_pipe_and_nothing_else(hive: Hive) -> None:
    child, pipe = LiveIdentity(hive.keyring.identity(Role.AGENT)), asyncio.StreamReader()
    old = hive.keyring.identity(Role.AGENT).export()
    hive.keyring.rotate()
    new = hive.keyring.identity(Role.AGENT)

    for line in (b"{nonsense", hive.keyring.identity(Role.DOOR).export(), new.export(), old):
        pipe.feed_data(line + b"\n")
    pipe.feed_eof()
    await follow_pipe(pipe, child)

    assert child.current.signing_key_id == new.signing_key_id
    assert child.current.generation == 2
