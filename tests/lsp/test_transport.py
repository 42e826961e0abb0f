"""What is sent, and when a client that does not take it is let go."""

import asyncio

import pytest

from lsp.framing import read_frame
from lsp.transport import MAX_UNSENT_BYTES, UNREAD_SECONDS, Backlog, StreamConnection

LATER = 100.0 + UNREAD_SECONDS + 1


@pytest.mark.parametrize(
    ("looks", "hopeless"),
    [
        ([(100, 0, 100.0), (100, 0, LATER)], False),
        ([(100, 0, 100.0), (100, 100, LATER)], True),
        ([(100, 0, 100.0), (100, 50, 130.0), (100, 150, LATER)], False),
        ([(100, 0, 100.0), (100, 90, 130.0), (100, 190, 130.0 + UNREAD_SECONDS + 1)], True),
        ([(100, 0, 100.0), (100, MAX_UNSENT_BYTES + 1, 100.0)], True),
    ],
    ids=["takes all", "takes nothing", "takes some", "took some, then nothing", "too much waits"],
)
def test_who_takes_nothing_for_long_is_let_go(looks: list[tuple[int, int, float]], hopeless: bool) -> None:
    backlog = Backlog()

    *_, last = [backlog.is_hopeless(*look) for look in looks]

    assert last is hopeless


async def test_what_is_said_before_the_end_arrives_whole_and_in_order() -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = StreamConnection(reader, writer)
        connection.write(b"[1]")
        connection.write(b"[2]")
        await asyncio.sleep(0)
        connection.write(b"[3]")
        await connection.close()

    async with await asyncio.start_server(say, "127.0.0.1") as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        heard = [await read_frame(reader, max_bytes=100) for _ in range(4)]
        writer.close()

    assert heard == [b"[1]", b"[2]", b"[3]", None]
