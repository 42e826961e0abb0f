"""Read a stream for as long as a hub runs: take batch after batch, acknowledge what was taken, bury what spoils one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from server.faults import reach
from server.jobs.pace import Pace
from server.messaging import Entry, StreamReader

READ_SECONDS = 5.0
BEHIND_SECONDS = 3.0
"""After so long with full batches only, messages lie unheard in the stream: nobody is silent then, but we are deaf."""

Insist = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]
"""Does what it is given again and again, until Postgres and Redis are there for it."""

log = structlog.get_logger()


class Reading:
    """*take* deals with up to *limit* entries in one go. *pace* says when to let some gather; who has none never waits.

    *deaf* is told the loop's time whenever until then something may have lain in the stream unheard.
    """

    def __init__(
        self,
        reader: StreamReader,
        take: Callable[[Sequence[Entry]], Awaitable[None]],
        limit: int,
        *,
        insist: Insist,
        pace: Pace | None = None,
        deaf: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._reader = reader
        self._take_batch = take
        self._limit = limit
        self._insist = insist
        self._pace = pace
        self._deaf = deaf

    async def run(self) -> None:
        """Run until cancelled."""
        loop = asyncio.get_running_loop()
        kept_up_at = loop.time()
        done: Sequence[Entry] = ()
        while True:
            began = loop.time()
            entries = await self._reader.read(limit=self._limit, block_seconds=READ_SECONDS, done=done)
            now = loop.time()
            if len(entries) < self._limit:
                kept_up_at = now
            if not self._reader.connected or now > min(began + 2 * READ_SECONDS, kept_up_at + BEHIND_SECONDS):
                self._deaf(now)
            done = await self._take(entries) if entries else ()
            if self._pace and (rest_seconds := self._pace.rest_seconds(len(entries), now, loop.time())):
                await asyncio.sleep(rest_seconds)

    async def _take(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """What is done with. When one entry spoils a batch, they are taken one by one and that one is buried."""
        try:
            await self._insist(lambda: self._take_batch(entries))
        except Exception as error:
            if len(entries) > 1:
                return [done for entry in entries for done in await self._take([entry])]
            await self._bury(entries[0], error)
            return ()
        reach("orchestrator.before_ack")
        return entries

    async def _bury(self, entry: Entry, error: Exception) -> None:
        where = {"stream": entry.route.stream, "kind": entry.message.kind}
        if isinstance(error, (msgspec.MsgspecError, UnicodeError, RecursionError)):  # its sender's fault, not ours
            log.warning("an entry cannot be read", **where, error=str(error))
        else:
            log.exception("an entry cannot be taken", **where)
        await self._insist(lambda: self._reader.reject(entry, type(error).__name__))
