"""Read one worker's inbox: a stream of its own, from its beginning, each entry gone once it was taken.

No group and no acknowledgement: there is one reader, and what a dead one left is given back from Postgres. The trim of
what was taken travels with the next read.
"""

from typing import Any

from server.cancellation import stop_if_cancelled
from server.messaging.connection import pipelined
from server.messaging.events import BEGINNING, EventReader
from server.messaging.identity import Identity, LiveIdentity
from server.messaging.pipelining import ANSWER_SECONDS, Command, raise_refusal
from server.messaging.receiving import Opens, Received
from server.messaging.routes import Route

PAGE = 256


class InboxReader(EventReader):
    """Iterate `pages` in one task: a page is taken when the next one is asked for. What came before is read too."""

    def __init__(
        self,
        redis_url: str,
        identity: Identity | LiveIdentity,
        route: Route,
        *,
        opener: Opens | None = None,
        block_seconds: float = 5.0,
    ) -> None:
        super().__init__(redis_url, identity, route, opener=opener, block_seconds=block_seconds)
        self._position = BEGINNING
        self._attachments: list[str] = []

    def _received(self, received: Received) -> None:
        if received.attachment_key is not None:
            self._attachments.append(received.attachment_key)

    async def _entries_after(self, position: bytes) -> list[tuple[bytes, list[bytes] | None]]:
        key = self._route.key
        taken: list[Command] = []
        if position != BEGINNING:
            taken.append(("XTRIM", key, "MINID", _next(position)))
        if self._attachments:
            taken.append(("UNLINK", *self._attachments))
        read = ("XREAD", "COUNT", PAGE, "BLOCK", int(self._block_seconds * 1000), "STREAMS", key, position)
        stop_if_cancelled()
        within_seconds = self._block_seconds + ANSWER_SECONDS
        replies = await pipelined(self._blocking, [*taken, read], within_seconds=within_seconds)
        raise_refusal(replies)
        self._attachments.clear()
        entries: list[tuple[bytes, list[bytes] | None]] = _raw(replies[-1])
        return entries


def _raw(reply: Any) -> Any:
    return reply[0][1] if reply else []


def _next(position: bytes) -> bytes:
    milliseconds, _, sequence = position.partition(b"-")
    return milliseconds + b"-" + str(int(sequence) + 1).encode()
