"""Nothing that is said can be read in Redis: not in a key, not in its file, not in our own log."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.messaging import EVENTS, INTAKE, OUTCOMES, Message, Role, inbox
from tests.streams import Streams

SAID = "Grosses-Geheimnis"
TENANT = "github.com/acme/widgets"
PIECES = [SAID.encode(), SAID[:8].encode(), TENANT.encode(), b"acme", SAID.encode("utf-16-le")]
WORK = inbox(Role.AGENT, UUID(int=1))


async def say_everything(streams: Streams) -> None:
    """On every stream, small and large, read and unread, good and bad."""
    small, large = Message("test", SAID.encode(), TENANT), Message("test", SAID.encode() * 30_000, TENANT)
    await streams.writer(Role.DOOR).append(INTAKE, small, large)
    await streams.writer(Role.ORCHESTRATOR).append(WORK, small, large)
    await streams.writer(Role.ORCHESTRATOR).append(EVENTS, small, large)
    await streams.writer(Role.AGENT).append(OUTCOMES, small, large)
    reader = streams.reader(INTAKE)
    unreadable, readable = await reader.read()
    await reader.reject(unreadable, "for the dead letters")
    await reader.ack([readable])


async def everything_in(redis: Any) -> list[bytes]:
    """Every key and everything under it, as bytes."""
    found: list[bytes] = []
    async for key in redis.scan_iter(count=1000):
        found.append(key)
        kind = (await redis.type(key)).decode()
        if kind == "stream":
            for entry_id, fields in await redis.xrange(key):
                found += [entry_id, *fields.keys(), *fields.values()]
        else:
            assert kind == "string"
            found.append(await redis.get(key))
    return found


async def test_nothing_said_is_readable_in_any_key_of_redis(streams: Streams) -> None:
    await say_everything(streams)

    found = await everything_in(streams.admin)

    assert sum(map(len, found)) > 1_000_000
    assert [piece for piece in PIECES for value in found if piece in value] == []


def content_of(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.rglob("*") if file.is_file())


async def test_nothing_said_is_readable_in_the_file_of_redis(streams: Streams) -> None:
    await say_everything(streams)

    directory = Path((await streams.admin.config_get("dir"))["dir"])
    content = await asyncio.to_thread(content_of, directory)

    assert len(content) > 1_000_000
    assert [piece for piece in PIECES if piece in content] == []


async def test_nothing_said_is_readable_in_our_log(streams: Streams, capfd: pytest.CaptureFixture[str]) -> None:
    await say_everything(streams)
    reader = streams.inbox(WORK)
    page = await anext(reader.pages())
    print(page, reader, page[0])  # what a log line or a traceback would make of them

    logged: Any = capfd.readouterr()

    assert "dead_letter" in logged.out
    assert SAID not in logged.out + logged.err
