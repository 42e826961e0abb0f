"""From an entry of a stream to a message, or to the dead letters.

Shared by the two kinds of reader; knows nothing of groups, positions or reconnecting.
"""

import asyncio
from typing import NamedTuple, Protocol

import msgspec
from redis.asyncio import Redis

from server.messaging.attachments import Reference, open_attachment, read_reference
from server.messaging.connection import command
from server.messaging.dead_letters import bury
from server.messaging.epoch import EnvelopeRefused
from server.messaging.message import ReceivedMessage
from server.messaging.routes import Route
from server.messaging.writer import ENVELOPE_FIELD, OFF_LOOP_BYTES

RawEntry = tuple[bytes, list[bytes]]
"""As Redis sends it: an id, and field, value, field, value."""


class Received(NamedTuple):
    message: ReceivedMessage
    envelope: bytes
    attachment_key: str | None


class Opens(Protocol):
    """An `Opener`, or whoever has a key of its own."""

    def open(self, route: Route, envelope: bytes) -> tuple[ReceivedMessage, bool]:
        """The message, and whether its body is a reference to an attachment. Raises `EnvelopeRefused`."""


class Receiver:
    """*redis* is for what reading needs beside reading: attachments and dead letters."""

    def __init__(self, redis: Redis, opener: Opens, group: str | None) -> None:
        self._redis = redis
        self._opener = opener
        self._group = group

    def open(self, route: Route, entry: RawEntry) -> Received | None:
        """The message, if nothing has to be asked of Redis for it; else let `receive` do it."""
        envelope = _envelope(entry[1])
        try:
            message, is_reference = self._opener.open(route, envelope)
        except EnvelopeRefused:
            return None
        return None if is_reference else Received(message, envelope, None)

    async def receive(self, route: Route, entry: RawEntry) -> Received | None:
        """The message; None when it cannot be trusted and now lies in the dead letters. Raises what Redis raises."""
        entry_id, fields = entry
        envelope = _envelope(fields)
        try:
            message, is_reference = self._opener.open(route, envelope)
            if not is_reference:
                return Received(message, envelope, None)
            reference = read_reference(message.body)
            body = await self._attachment(route, reference)
        except EnvelopeRefused as refused:
            await self.bury(route, entry_id, envelope, refused.refusal)
            return None
        return Received(_with_body(message, body), envelope, route.attachment_key(reference.digest))

    async def bury(self, route: Route, entry_id: bytes, envelope: bytes, reason: str) -> None:
        await bury(self._redis, route, self._group, entry_id, envelope, reason)

    async def _attachment(self, route: Route, reference: Reference) -> bytes:
        # GETRANGE is inclusive: one byte more than promised shows that it is not what was promised, and no more.
        key = route.attachment_key(reference.digest)
        ciphertext = await command(self._redis, "GETRANGE", key, 0, reference.size_bytes)
        if reference.size_bytes <= OFF_LOOP_BYTES:
            return open_attachment(reference, ciphertext)
        return await asyncio.to_thread(open_attachment, reference, ciphertext)


def _envelope(fields: list[bytes]) -> bytes:
    """What lies under our field; for a foreign entry all of it, so that the dead letters show what it was."""
    if len(fields) == 2 and fields[0] == ENVELOPE_FIELD:
        return fields[1]
    return b" ".join(fields)


def _with_body(message: ReceivedMessage, body: bytes) -> ReceivedMessage:
    return msgspec.structs.replace(message, body=body)
