"""Append sealed messages to streams, many callers in one round trip.

Whatever arrives while one round trip is under way goes into the next: no waiting window, and the batches grow by
themselves under load. Each node of a Cluster has a lane of its own, so that one that is away holds up nobody else.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from server.messaging.attachments import seal_attachment
from server.messaging.connection import lane_of, pipelined, unavailable
from server.messaging.identity import Identity, LiveIdentity
from server.messaging.message import MAX_BODY_BYTES, Message, MessageTooLarge
from server.messaging.pipelining import Command
from server.messaging.routes import Route
from server.messaging.sealing import Sealer

ENVELOPE_FIELD = b"e"
MAX_BATCH_BYTES = 8 * 1024 * 1024
OFF_LOOP_BYTES = 1024 * 1024
"""Sealing this much takes about a millisecond: larger bodies are sealed in a thread."""
SEALED_AT_ONCE = 16
"""Of many messages; then the loop turns once: what others wait for is not behind a thousand of them."""


class StreamWriter:
    """*redis* is `connect`'s and stays the caller's to close."""

    def __init__(
        self, redis: Redis, identity: Identity | LiveIdentity, *, now: Callable[[], float] = time.time
    ) -> None:
        self._redis = redis
        self._sealer = Sealer(identity, now=now)
        self._lanes: dict[Hashable, _Lane] = {}

    async def append(self, route: Route, *messages: Message) -> None:
        """Return once Redis has kept all of *messages* (as durably as its appendfsync says).

        Raises `RedisUnavailable` when it did not say so: some of them may be kept all the same, and a connection that
        broke may have kept them twice. `MessageTooLarge` is raised before anything is sent.
        """
        commands: list[Command] = []
        for message in messages:
            commands += await self._commands(route, message)
        if commands:
            await self._lane(route).begin(commands, sum(len(message.body) for message in messages))

    async def append_each(self, *parts: Iterable[tuple[Route, Message]]) -> None:
        """As `append`, for messages of many routes. Each part is on its way before the next one is even made."""
        kept: list[asyncio.Future[None]] = []
        for part in parts:
            if kept:
                await asyncio.sleep(0)
            for route, message in part:
                kept.append(self._lane(route).begin(await self._commands(route, message), len(message.body)))
                if len(kept) % SEALED_AT_ONCE == 0:
                    await asyncio.sleep(0)
        if kept:
            await asyncio.gather(*kept)

    async def close(self) -> None:
        """Wait for what is under way. Cancelled callers do not wait for it themselves."""
        for lane in self._lanes.values():
            await lane.close()

    def _lane(self, route: Route) -> "_Lane":
        way = lane_of(self._redis, route.key)
        lane = self._lanes.get(way)
        if lane is None:
            lane = self._lanes[way] = _Lane(self._redis)
        return lane

    async def _commands(self, route: Route, message: Message) -> list[Command]:
        if len(message.body) <= route.inline_limit_bytes:
            return _xadd(route, self._sealer.seal(route, message))
        return await self._with_attachment(route, message)

    async def _with_attachment(self, route: Route, message: Message) -> list[Command]:
        size = len(message.body)
        if size > MAX_BODY_BYTES:
            raise MessageTooLarge(f"a message of {size} bytes is above the limit of {MAX_BODY_BYTES}")
        if size <= OFF_LOOP_BYTES:
            sealed = seal_attachment(message.body)
        else:
            sealed = await asyncio.to_thread(seal_attachment, message.body)
        key = route.attachment_key(sealed.digest)
        envelope = self._sealer.seal(route, message, attachment=sealed.reference)
        return [("SET", key, sealed.ciphertext, "EX", route.attachment_seconds), *_xadd(route, envelope)]


class _Lane:
    """One round trip at a time."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: deque[_Append] = deque()
        self._flusher: asyncio.Task[None] | None = None

    def begin(self, commands: list[Command], size_bytes: int) -> "asyncio.Future[None]":
        """The answer is done once Redis has kept them."""
        append = _Append(commands, size_bytes, asyncio.get_running_loop().create_future())
        self._waiting.append(append)
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush(), name="stream-writer")
        return append.kept

    async def close(self) -> None:
        if self._flusher is not None:
            await self._flusher

    async def _flush(self) -> None:
        try:
            while self._waiting:
                await self._send(self._take_batch())
        finally:
            self._flusher = None

    def _take_batch(self) -> list["_Append"]:
        batch = [self._waiting.popleft()]
        size = batch[0].size_bytes
        while self._waiting and size + self._waiting[0].size_bytes <= MAX_BATCH_BYTES:
            batch.append(self._waiting.popleft())
            size += batch[-1].size_bytes
        return batch

    async def _send(self, batch: Sequence["_Append"]) -> None:
        try:
            replies = await pipelined(self._redis, [command for append in batch for command in append.commands])
        except Exception as error:  # whatever it is: a caller who is never answered would be worse
            for append in batch:
                append.fail(error)
            return
        at = 0
        for append in batch:
            end = at + len(append.commands)
            append.settle(replies[at:end])
            at = end


def _xadd(route: Route, envelope: bytes) -> list[Command]:
    cap = () if route.kept is None else ("MAXLEN", "~", route.kept)
    expiry: list[Command] = [] if route.key_seconds is None else [("EXPIRE", route.key, route.key_seconds)]
    return [("XADD", route.key, *cap, "*", ENVELOPE_FIELD, envelope), *expiry]


@dataclass(slots=True)
class _Append:
    """What one caller waits for."""

    commands: list[Command]
    size_bytes: int
    kept: "asyncio.Future[None]"

    def settle(self, replies: Sequence[Any]) -> None:
        for reply in replies:
            if isinstance(reply, Exception):
                self.fail(reply)
                return
        if not self.kept.done():
            self.kept.set_result(None)

    def fail(self, error: BaseException) -> None:
        if not self.kept.done():  # its caller may have been cancelled
            self.kept.set_exception(unavailable("keeping a message", error))
