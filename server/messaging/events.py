"""Follow a broadcast stream: every door hears every event from now on.

No group and no acknowledgement; after an outage it goes on where it was. Who fell behind by more than the stream keeps
has missed events and asks Postgres.
"""

import asyncio
from collections.abc import AsyncIterator

import structlog

from server.cancellation import stop_if_cancelled
from server.messaging.backoff import Backoff
from server.messaging.connection import UNREACHABLE, command, connect, connect_for_blocking, redis_errors
from server.messaging.identity import Identity, LiveIdentity
from server.messaging.message import ReceivedMessage
from server.messaging.pipelining import ANSWER_SECONDS
from server.messaging.reader import Reply
from server.messaging.receiving import Opens, Received, Receiver
from server.messaging.routes import EVENTS, Route
from server.messaging.sealing import Opener

PAGE = 256
BEGINNING = b"0-0"

_log = structlog.get_logger(__name__)


class EventReader:
    """Iterate it in one task: `async for message in reader`. *opener*: unless what *identity* can open is meant."""

    def __init__(
        self,
        redis_url: str,
        identity: Identity | LiveIdentity,
        route: Route = EVENTS,
        *,
        opener: Opens | None = None,
        block_seconds: float = 5.0,
    ) -> None:
        self._blocking = connect_for_blocking(redis_url)
        self._redis = connect(redis_url)
        self._receiver = Receiver(self._redis, opener or Opener(identity), group=None)
        self._route = route
        self._block_seconds = block_seconds
        self._position: bytes | None = None
        self._backoff = Backoff()
        self.connected = False
        """Whether Redis answered last; for /ready."""

    async def begin(self) -> None:
        """Remember where the stream ends now: iteration starts there, else at its own first step.

        Raises `RedisUnavailable`.
        """
        with redis_errors("looking for the end of the events"):
            self._position = await self._end()

    async def __aiter__(self) -> AsyncIterator[ReceivedMessage]:
        async for page in self.pages():
            for message in page:
                yield message

    async def pages(self) -> AsyncIterator[list[ReceivedMessage]]:
        """What came in one go, in order."""
        while True:
            stop_if_cancelled()
            try:
                page = await self._read()
            except UNREACHABLE as error:
                await self._recover(error)
                continue
            if page:
                yield page

    async def close(self) -> None:
        await self._blocking.aclose()
        await self._redis.aclose()

    async def _read(self) -> list[ReceivedMessage]:
        if self._position is None:
            self._position = await self._end()
        entries = await self._entries_after(self._position)
        if not entries:
            await self._notice_a_new_stream()
        messages: list[ReceivedMessage] = []
        for entry_id, fields in entries:
            raw = (entry_id, fields or [])
            received = self._receiver.open(self._route, raw) or await self._receiver.receive(self._route, raw)
            if received is not None:
                messages.append(received.message)
                self._received(received)
        if entries:
            self._position = entries[-1][0]
        self._answered()
        return messages

    def _received(self, received: Received) -> None:
        """A broadcast's attachments stay for the other readers; they leave Redis by themselves."""

    async def _entries_after(self, position: bytes) -> list[tuple[bytes, list[bytes] | None]]:
        parts = ("COUNT", PAGE, "BLOCK", int(self._block_seconds * 1000), "STREAMS", self._route.key, position)
        stop_if_cancelled()  # the command before may have lost it: not after the whole wait
        within_seconds = self._block_seconds + ANSWER_SECONDS
        reply: Reply = await command(self._blocking, "XREAD", *parts, within_seconds=within_seconds) or []
        return reply[0][1] if reply else []

    async def _notice_a_new_stream(self) -> None:
        """After a FLUSHALL with the clock set back, or a failover, new ids may be below our position."""
        end = await self._end()
        if self._position is not None and _order(end) < _order(self._position):
            self._position = BEGINNING

    async def _end(self) -> bytes:
        newest = await command(self._blocking, "XREVRANGE", self._route.key, "+", "-", "COUNT", 1)
        return newest[0][0] if newest else BEGINNING

    async def _recover(self, error: Exception) -> None:
        if self.connected or self._backoff.is_fresh:
            _log.warning("redis_lost", stream=self._route.stream, error=str(error))
        self.connected = False
        await asyncio.sleep(self._backoff.next_seconds())

    def _answered(self) -> None:
        if not self.connected:
            _log.info("redis_reached", stream=self._route.stream)
        self.connected = True
        self._backoff.reset()


def _order(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition(b"-")
    return int(milliseconds), int(sequence)
