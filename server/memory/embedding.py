"""Give every context a vector of the embedder elsewhere: those that came since, and all when another model is set.

It runs beside the hub's other duties, on the leader alone. Until then a context is found by its words and by the vector
that it was born with.
"""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

import asyncpg
import structlog

from server.db import Queries
from server.memory.contexts import vector_literal
from server.memory.remote import AT_ONCE, EmbedderFailed, RemoteEmbedder, Vector

LOOK_EVERY_SECONDS = 15.0
AGAIN_SECONDS = 60.0
MAX_REFUSED = 10_000

log = structlog.get_logger("hive.memory")


class Embedding:
    def __init__(self, pool: asyncpg.Pool, embedder: RemoteEmbedder, *, is_leading: Callable[[], bool]) -> None:
        self._pool = pool
        self._embedder = embedder
        self._is_leading = is_leading
        self._sql = Queries.load("server.memory", "contexts.sql")
        self._refused: set[UUID] = set()
        """Whose texts the embedder does not take."""
        self._has_index = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = LOOK_EVERY_SECONDS
            try:
                if self._is_leading() and await self.embed_some():
                    pause = 0.0
            except EmbedderFailed as error:
                pause = AGAIN_SECONDS
                log.warning(
                    "contexts are not embedded", reason=str(error), hint=error.hint or None, again_seconds=pause
                )
            await asyncio.sleep(pause)

    async def embed_some(self) -> int:
        """How many were looked at; 0 when all have their vectors. Raises `EmbedderFailed`."""
        if not self._has_index:
            await self._pool.execute(self._for_dimension(self._sql.index_remote))
            self._has_index = True
        rows = await self._pool.fetch(self._sql.without_remote, self._embedder.name, list(self._refused), AT_ONCE)
        if not rows:
            return 0
        kept, vectors = await self._vectors(rows)
        refused = [row["id"] for row in rows if row not in kept]
        if refused and not kept and len(rows) > 1:
            raise EmbedderFailed("the embedder refuses every text", hint="check HIVE_EMBEDDER and HIVE_EMBEDDER_MODEL")
        self._refused.update(refused)
        await self._pool.execute(
            self._sql.put_remote,
            self._embedder.name,
            self._embedder.dimension,
            [row["id"] for row in kept],
            [row["digest"] for row in kept],
            [vector_literal(vector) for vector in vectors],
        )
        log.info("contexts embedded", contexts=len(kept), refused=len(refused), model=self._embedder.name)
        return len(rows)

    async def _vectors(self, rows: Sequence[asyncpg.Record]) -> tuple[list[asyncpg.Record], list[Vector]]:
        """Of all that the embedder takes: one text that it does not take spoils the others' request."""
        try:
            return list(rows), await self._embedder.embed([_text_of(row) for row in rows])
        except EmbedderFailed as error:
            if not error.is_text or len(self._refused) >= MAX_REFUSED:
                raise
            if len(rows) == 1:
                return [], []
        middle = len(rows) // 2
        halves = [await self._vectors(half) for half in (rows[:middle], rows[middle:])]
        return [row for kept, _ in halves for row in kept], [vector for _, vectors in halves for vector in vectors]

    def _for_dimension(self, statement: str) -> str:
        return statement.replace("1024", str(self._embedder.dimension))


def _text_of(row: asyncpg.Record) -> str:
    """What it is called is a part of what it says."""
    return "\n".join(filter(None, (row["path"], row["symbol"], row["text"])))
