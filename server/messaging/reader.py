"""Read streams as one consumer of a group: each message once, unless somebody died with it.

First what this consumer was sent and never got to see (a lost reply, an earlier life) and what others abandoned, then
what is new, the most urgent route first. At least once: a message can come again after a crash or an outage, so whoever
acts on it goes by its job.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec
import structlog
from redis.exceptions import ResponseError

from server.cancellation import stop_if_cancelled
from server.messaging.backoff import Backoff
from server.messaging.connection import (
    UNREACHABLE,
    command,
    connect,
    connect_for_blocking,
    pipelined,
    redis_errors,
)
from server.messaging.identity import Identity, LiveIdentity
from server.messaging.message import ReceivedMessage
from server.messaging.pipelining import ANSWER_SECONDS, Command, raise_refusal
from server.messaging.receiving import Receiver
from server.messaging.routes import Route
from server.messaging.sealing import Opener

PAGE = 256
OPENED_AT_ONCE = 32
"""Of many messages; then the loop turns once, for what others wait for."""

_log = structlog.get_logger(__name__)


class Entry(msgspec.Struct, frozen=True):
    """A message and its place: pending in Redis until it is acknowledged."""

    route: Route
    id: bytes
    message: ReceivedMessage
    envelope: bytes
    attachment_key: str | None = None

    def __repr__(self) -> str:
        return f"Entry({self.route.key}, {self.id.decode()}, {self.message!r})"


class StreamReader:
    """One task reads; any may acknowledge.

    *routes* in order of urgency, all of one tag. *consumer*: a new name at every start of a process. What another
    consumer neither acknowledged nor renewed for *abandoned_after_seconds* is taken over; one that holds nothing and
    was silent for *forgotten_after_seconds* is taken off the group.
    """

    def __init__(
        self,
        redis_url: str,
        identity: Identity | LiveIdentity,
        routes: Sequence[Route],
        group: str,
        consumer: str,
        *,
        abandoned_after_seconds: float = 60.0,
        forgotten_after_seconds: float = 3600.0,
    ) -> None:
        self._blocking = connect_for_blocking(redis_url)
        self._redis = connect(redis_url)
        self._receiver = Receiver(self._redis, Opener(identity), group)
        self._routes = {route.stream.encode(): route for route in routes}
        self._group = group
        self._consumer = consumer
        self._abandoned_after_seconds = abandoned_after_seconds
        self._forgotten_after_seconds = forgotten_after_seconds
        self._backoff = Backoff()
        self._groups_made = False
        self._held: set[tuple[str, bytes]] = set()
        self._surplus: list[Entry] = []
        self._done: list[Command] = []
        """Acknowledgements that go out with the next read."""
        self._look_back = True  # own pending entries may exist that were never handed out
        self._look_around_at = 0.0  # when to look for abandoned ones, in the loop's time
        self.connected = False
        """Whether Redis answered last; for /ready."""

    async def read(self, *, limit: int = 256, block_seconds: float = 5.0, done: Iterable[Entry] = ()) -> list[Entry]:
        """Up to *limit* messages; [] when none came within *block_seconds*. *done* is acknowledged on the way.

        An outage of Redis is waited out here, with growing pauses, and never raised; a lost group is made again.
        """
        self._done += self._acknowledgements(done)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + block_seconds
        while True:
            stop_if_cancelled()
            entries: list[Entry] = []
            try:
                entries = await self._read_once(limit, max(0.0, deadline - loop.time()))
            except UNREACHABLE as error:
                await self._recover(error, until=deadline)
            else:
                self._answered()
            if entries or loop.time() >= deadline:
                return entries

    async def ack(self, entries: Iterable[Entry]) -> None:
        """Done with: delete them, and their attachments. Raises `RedisUnavailable`; then they will be read again."""
        commands = self._acknowledgements(entries)
        if not commands:
            return
        try:
            with redis_errors("acknowledging messages"):
                raise_refusal(await pipelined(self._redis, commands))
        except BaseException:
            self._look_back = True
            raise

    async def reject(self, entry: Entry, reason: str) -> None:
        """Move to the dead letters what opened but makes no sense. Raises `RedisUnavailable`."""
        with redis_errors("burying a message"):
            await self._receiver.bury(entry.route, entry.id, entry.envelope, reason)
        self._held.discard((entry.route.stream, entry.id))

    async def renew(self, entries: Iterable[Entry]) -> None:
        """Say that these are still being worked on, so that nobody takes them over. Raises `RedisUnavailable`."""
        with redis_errors("renewing messages"):
            for route, group in _by_route(entries):
                ids = [entry.id for entry in group]
                await command(self._redis, "XCLAIM", route.stream, self._group, self._consumer, 0, *ids, "JUSTID")

    async def close(self) -> None:
        """What was read and not acknowledged stays pending, for others to take over."""
        await self._blocking.aclose()
        await self._redis.aclose()

    def _acknowledgements(self, entries: Iterable[Entry]) -> list[Command]:
        commands: list[Command] = []
        for route, group in _by_route(entries):
            ids = [entry.id for entry in group]
            commands += [("XACK", route.stream, self._group, *ids), ("XDEL", route.stream, *ids)]
            attachments = [entry.attachment_key for entry in group if entry.attachment_key]
            if attachments:
                commands.append(("UNLINK", *attachments))
            self._held.difference_update((route.stream, entry_id) for entry_id in ids)
        return commands

    async def _read_once(self, limit: int, block_seconds: float) -> list[Entry]:
        if not self._surplus:
            try:
                self._surplus = await self._unfinished(limit) or await self._new(limit, block_seconds)
            except BaseException:
                self._look_back = True  # what was sent meanwhile is pending, and nobody has seen it
                raise
            self._held.update((entry.route.stream, entry.id) for entry in self._surplus)
        entries, self._surplus = self._surplus[:limit], self._surplus[limit:]
        return entries

    async def _unfinished(self, limit: int) -> list[Entry]:
        """What is pending and in nobody's hands: this consumer's, and that of consumers who went silent."""
        if not self._groups_made:
            await self._make_groups()
        now = asyncio.get_running_loop().time()
        if now >= self._look_around_at:
            for route in self._routes.values():
                await self._take_over_abandoned(route)
                await self._forget_dead_consumers(route)
            self._look_around_at = now + self._abandoned_after_seconds / 2
        entries: list[Entry] = []
        if self._look_back:
            self._look_back = False  # first, because an `ack` that fails meanwhile asks for another look
            for stream in self._routes:
                entries += await self._own_pending(stream, limit - len(entries))
            self._look_back |= len(entries) >= limit
        return entries

    async def _own_pending(self, stream: bytes, limit: int) -> list[Entry]:
        entries: list[Entry] = []
        after = b"0"
        while len(entries) < limit:
            page = await self._xreadgroup([stream], after, count=PAGE)
            if not page or not page[0][1]:
                break
            after = page[0][1][-1][0]
            entries += await self._receive(page)
        return entries

    async def _new(self, limit: int, block_seconds: float) -> list[Entry]:
        """The urgent first. COUNT is per stream: when all of them are full this takes more than *limit*, for later.

        One command for all, because streams are rarely full: work is handed out where there is room for it.
        """
        until_look_around = self._look_around_at - asyncio.get_running_loop().time()
        wait = max(0.0, min(block_seconds, until_look_around))
        return await self._receive(await self._xreadgroup(list(self._routes), b">", count=limit, block_seconds=wait))

    async def _receive(self, reply: "Reply") -> list[Entry]:
        entries: list[Entry] = []
        for stream, raw_entries in reply:
            route = self._routes[stream]
            for entry_id, fields in raw_entries:
                if (route.stream, entry_id) in self._held:
                    continue
                if fields is None:  # deleted while it was pending
                    await command(self._redis, "XACK", route.stream, self._group, entry_id)
                    continue
                raw = (entry_id, fields)
                received = self._receiver.open(route, raw) or await self._receiver.receive(route, raw)
                if received is not None:
                    entries.append(Entry(route, entry_id, *received))
                    if len(entries) % OPENED_AT_ONCE == 0:
                        await asyncio.sleep(0)
        return entries

    async def _xreadgroup(
        self, streams: Sequence[bytes], position: bytes, *, count: int, block_seconds: float | None = None
    ) -> "Reply":
        block: tuple[str | int, ...] = ()
        if block_seconds is not None:
            block = ("BLOCK", max(1, int(block_seconds * 1000)))  # BLOCK 0 would wait for ever
        positions = [position] * len(streams)
        parts = ("GROUP", self._group, self._consumer, "COUNT", count, *block, "STREAMS", *streams, *positions)
        stop_if_cancelled()  # the command before may have lost it: not after the whole wait
        within_seconds = (block_seconds or 0.0) + ANSWER_SECONDS
        replies = await pipelined(self._blocking, [*self._done, ("XREADGROUP", *parts)], within_seconds=within_seconds)
        raise_refusal(replies)
        self._done.clear()
        return replies[-1] or []

    async def _take_over_abandoned(self, route: Route) -> None:
        """Ids only: the entries come with the look back, which also shows those that were deleted meanwhile."""
        idle_ms = int(self._abandoned_after_seconds * 1000)
        cursor = b"0-0"
        while True:
            parts = (route.stream, self._group, self._consumer, idle_ms, cursor, "COUNT", PAGE, "JUSTID")
            cursor, ids, *_ = await command(self._blocking, "XAUTOCLAIM", *parts)
            if any((route.stream, entry_id) not in self._held for entry_id in ids):
                self._look_back = True
            if cursor == b"0-0":
                return

    async def _forget_dead_consumers(self, route: Route) -> None:
        """DELCONSUMER would lose what is pending, so only those that hold nothing."""
        consumers = await command(self._redis, "XINFO", "CONSUMERS", route.stream, self._group)
        for flat in consumers:
            consumer = dict(zip(flat[::2], flat[1::2], strict=True))
            if consumer[b"pending"] == 0 and consumer[b"idle"] > self._forgotten_after_seconds * 1000:
                await command(self._redis, "XGROUP", "DELCONSUMER", route.stream, self._group, consumer[b"name"])

    async def _make_groups(self) -> None:
        """From 0: what was appended before the group existed is read too."""
        for route in self._routes.values():
            try:
                await command(self._redis, "XGROUP", "CREATE", route.stream, self._group, "0", "MKSTREAM")
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
        self._groups_made = True

    async def _recover(self, error: Exception, *, until: float) -> None:
        if isinstance(error, ResponseError) and any(word in str(error) for word in _GROUP_IS_GONE):
            _log.warning("streams_lost", group=self._group, error=str(error))
            self._groups_made = False
            return
        if self.connected or self._backoff.is_fresh:
            _log.warning("redis_lost", group=self._group, error=str(error))
        self.connected = False
        remaining = until - asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, min(self._backoff.next_seconds(), remaining)))

    def _answered(self) -> None:
        if not self.connected:
            _log.info("redis_reached", group=self._group)
        self.connected = True
        self._backoff.reset()


Reply = list[tuple[bytes, list[tuple[bytes, list[bytes] | None]]]]
"""As Redis sends it: for each stream its entries; an entry without fields was deleted while it was pending."""

_GROUP_IS_GONE = ("NOGROUP", "UNBLOCKED")


def _by_route(entries: Iterable[Entry]) -> Iterator[tuple[Route, list[Entry]]]:
    for _, group in groupby(sorted(entries, key=_stream), key=_stream):
        of_route = list(group)
        yield of_route[0].route, of_route


def _stream(entry: Entry) -> str:
    return entry.route.stream
