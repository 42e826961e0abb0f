"""Keep contexts and find them again: by meaning (vectors) and by words, both at once, within one project.

The statements stand in `contexts.sql`. It decides nothing about what is worth remembering: `indexing.py` cuts files,
`learning.py` takes decisions over, `consolidation.py` forgets. A search reads; only `use` notes that it was of use.
"""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from uuid import UUID, uuid4

import asyncpg
import msgspec
import structlog

from server.db import Connection, Queries
from server.memory.context import (
    MAX_TEXT_BYTES,
    Context,
    ContextKind,
    ContextNotFound,
    ContextRefused,
    Cut,
    MemorySize,
    NewContext,
    Piece,
    Recorded,
)
from server.memory.embedder import Embedder, unpack
from server.memory.hashing import HashEmbedder
from server.memory.lexicon import Lexicon, lexicon
from server.memory.pieces import embedded, kind_word, project_word
from server.memory.remote import EmbedderFailed, RemoteEmbedder
from server.memory.terms import (
    DIMENSION,
    Passage,
    ask_words,
    place,
    rarest,
)

MAX_QUERY_CHARACTERS = 2_000

OF_EACH_WAY = 60
"""How many the search by meaning and the search by words bring into the fused ranking."""

CANDIDATES = 1_500
"""How many contexts are weighed by their words."""

FEW = 3_000
"""In a project of so few contexts all vectors are compared; the index would first meet those of other projects."""

SIZE_KNOWN_SECONDS = 600.0
EMBEDDED_KNOWN_SECONDS = 60.0
MOST = 0.95
"""Of a project's contexts: the rest came lately, and are found by their words."""

WAS_OF_USE = 5
"""Of what a search answers, the first few count as used."""

SEARCHING = (
    # Walk on past what is another project's, until enough was found or so many were looked at.
    "set local hnsw.ef_search = 60; set local hnsw.iterative_scan = strict_order;"
    " set local hnsw.max_scan_tuples = 20000; set local enable_sort = off; set local enable_seqscan = off;"
    " set local jit = off"
)

log = structlog.get_logger("hive.memory")


class Contexts:
    """*redact* takes secrets out of what is to be remembered, before anything else sees it.

    *remote*: an embedder elsewhere. Where it has embedded a project (`embedding.py`), its vectors are searched instead
    of those of *embedder*, which every context is born with.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        redact: Callable[[str], str],
        views: asyncpg.Pool | None = None,
        embedder: Embedder | None = None,
        remote: RemoteEmbedder | None = None,
        known: Lexicon | None = None,
    ) -> None:
        self._pool = pool
        self._views = views or pool
        self._redact = redact
        self._embedder = embedder or HashEmbedder()
        self._lexicon = known or lexicon()
        self._sql = Queries.load("server.memory", "contexts.sql")
        self._sizes: dict[str, tuple[int, float]] = {}
        self._remote = remote
        self._embedded: dict[str, tuple[bool, float]] = {}

    @property
    def model(self) -> str:
        """The name under which its vectors are kept."""
        return self._embedder.name

    # --- remembering ----------------------------------------------------------------------------------------------

    async def add(self, new: NewContext) -> Context:
        """Raises `ContextRefused`."""
        piece = self.piece_of(new)
        async with self._pool.acquire() as connection, connection.transaction():
            if new.parent is not None:
                await self._must_have(connection, new.project, new.parent)
            if new.about:
                await connection.execute(self._sql.forget_about, new.project, new.about)
            await self.put(connection, new.project, [piece])
        return await self.get(piece.id, project=new.project)

    def piece_of(self, new: NewContext) -> Piece:
        """Redacted, embedded and weighed. Raises `ContextRefused`."""
        text = self._redact(new.text.replace("\0", "")).strip()
        if not text:
            raise ContextRefused("there is nothing to remember", hint="give it a text")
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise ContextRefused(
                f"a context holds at most {MAX_TEXT_BYTES // 1024} KiB of text", hint="leave several smaller ones"
            )
        passage = Passage(text, new.symbol, new.path)
        return embedded(
            uuid4(), new.kind, passage, self._embedder, self._lexicon, project=new.project,
            start_line=new.start_line, end_line=max(new.start_line, new.end_line), about=new.about, owner=new.owner,
            session=new.session, importance=new.importance, parent=new.parent,
        )  # fmt: skip

    async def put(self, connection: Connection, project: str, pieces: Sequence[Piece]) -> None:
        """Write them in the caller's transaction. Raises `VectorInvalid` before it touches the database."""
        if not pieces:
            return
        dimension = self._embedder.dimension
        vectors = [vector_literal(unpack(piece.vector, dimension)) for piece in pieces]
        columns = [
            [getattr(piece, name) for piece in pieces]
            for name in (
                *("id", "kind", "text", "path", "symbol", "start_line", "end_line", "digest", "about", "owner"),
                *("session", "importance", "parent"),
            )
        ]
        await connection.execute(self._sql.put, project, self._embedder.name, dimension, *columns, vectors)
        await connection.execute(
            self._sql.put_words,
            [piece.id for piece in pieces],
            [_array(piece.places) for piece in pieces],
            [_sparse_literal(dict(zip(piece.places, piece.weights, strict=True))) for piece in pieces],
        )

    async def record(self, connection: Connection, project: str, files: Sequence[Cut], gone: Sequence[str]) -> Recorded:
        """What files hold now, in the caller's transaction: what did not change is not touched."""
        kept = [cut for cut in files if not cut.left_out]
        paths = [*(cut.path for cut in files), *gone]
        known = {row["id"]: row for row in await connection.fetch(self._sql.known_of_paths, project, paths)}
        pieces = {piece.id: piece for cut in kept for piece in cut.pieces}
        changed = [piece for piece in pieces.values() if _is_new(piece, known.get(piece.id))]
        moved = [p for p in pieces.values() if p.id in known and not _is_new(p, known[p.id]) and _moved(p, known[p.id])]
        dropped = known.keys() - pieces.keys()
        await connection.execute(self._sql.drop, project, list(dropped))
        await self.put(connection, project, changed)
        if moved:
            lines = [piece.start_line for piece in moved], [piece.end_line for piece in moved]
            await connection.execute(self._sql.move, project, [piece.id for piece in moved], *lines)
        await connection.execute(self._sql.forget_files, project, paths)
        await connection.execute(
            self._sql.note_files, project, [cut.path for cut in kept], [cut.digest for cut in kept]
        )
        return Recorded(
            files=len(kept),
            written=len(changed),
            unchanged=len(pieces) - len(changed),
            forgotten=len(dropped),
            left_out={cut.path: cut.left_out for cut in files if cut.left_out},
        )

    # --- finding --------------------------------------------------------------------------------------------------

    async def search(
        self, project: str, query: str, *, kind: ContextKind | None = None, limit: int = 10
    ) -> Sequence[Context]:
        """The most fitting first. Only reads."""
        query = query[:MAX_QUERY_CHARACTERS]
        wanted = ask_words(query, self._lexicon)
        if not wanted:
            return []
        contexts = await self._size(project)
        held = [place(project_word(project)), *([place(kind_word(kind))] if kind else [])]
        looked_up = rarest(wanted, self._lexicon, contexts=contexts, budget=CANDIDATES)
        weights = {place(word): weight * self._lexicon.rarity(word) for word, weight in wanted.items()}
        meaning = await self._meaning(project, query, contexts)
        async with self._views.acquire() as connection, connection.transaction(readonly=True):
            if contexts > FEW:
                await connection.execute(SEARCHING)
            statement, *asked = meaning
            near = await connection.fetch(statement, project, *asked, kind, OF_EACH_WAY)
            rows = await connection.fetch(
                self._sql.search,
                project,
                [row["id"] for row in near],
                _sparse_literal(weights),
                held,
                [place(word) for word in looked_up],
                OF_EACH_WAY,
                CANDIDATES,
                limit,
            )
        return [_context(row) for row in rows]

    async def _meaning(self, project: str, query: str, contexts: int) -> tuple[str, str, str]:
        """The statement that finds the nearest, the model of the vectors that it compares, and the query's vector."""
        is_few = contexts <= FEW
        remote = self._remote
        if remote is not None and await self._is_embedded(project, remote):
            try:
                vector = await remote.ask(self._redact(query))
            except EmbedderFailed as error:
                log.warning("searched without the embedder", reason=str(error))
            else:
                statement = self._sql.near_few_remote if is_few else self._sql.near_remote
                return _of_dimension(statement, remote.dimension), remote.name, vector_literal(vector)
        own = self._embedder
        statement = _of_dimension(self._sql.near_few if is_few else self._sql.near, own.dimension)
        return statement, own.name, vector_literal(unpack(own.embed_query(query), own.dimension))

    async def _is_embedded(self, project: str, remote: RemoteEmbedder) -> bool:
        """Whether so much of the project has the embedder's vectors that they find more than those of our own."""
        known, until = self._embedded.get(project, (False, 0.0))
        if monotonic() >= until:
            row = await self._views.fetchrow(self._sql.count_remote, project, remote.name)
            known = row["contexts"] > 0 and row["embedded"] >= MOST * row["contexts"]
            if len(self._embedded) > 10_000:
                self._embedded.clear()
            self._embedded[project] = known, monotonic() + EMBEDDED_KNOWN_SECONDS
        return known

    async def _size(self, project: str) -> int:
        """How many contexts a project has; it need not be exact."""
        known, until = self._sizes.get(project, (0, 0.0))
        if monotonic() >= until:
            known = await self._views.fetchval(self._sql.count_of_project, project)
            if len(self._sizes) > 10_000:
                self._sizes.clear()
            self._sizes[project] = known, monotonic() + (SIZE_KNOWN_SECONDS if known > FEW else 0.0)
        return known

    async def get(self, id_: UUID, *, project: str | None = None) -> Context:
        """Raises `ContextNotFound`, also for what another project remembers."""
        row = await self._pool.fetchrow(self._sql.get, id_, project)
        if row is None:
            raise ContextNotFound(f"there is no context {id_}", hint="hive memory search finds their ids")
        return _context(row)

    async def use(self, project: str, found: Sequence[Context]) -> None:
        """What a search found was shown to somebody: its first few fade more slowly from now on."""
        fading = [c.id for c in found[:WAS_OF_USE] if c.kind in (ContextKind.NOTE, ContextKind.FEEDBACK)]
        if fading:
            await self._pool.execute(self._sql.mark_used, project, fading)

    async def files(self, project: str, *, after: str = "", limit: int = 10_000) -> Mapping[str, str]:
        """By path the digest of the content that was indexed last."""
        rows = await self._views.fetch(self._sql.files, project, after, limit)
        return {row["path"]: row["digest"] for row in rows}

    async def sizes(self, project: str | None = None) -> Sequence[MemorySize]:
        rows = await self._views.fetch(self._sql.stats, project, self._remote.name if self._remote else "")
        return [msgspec.convert(dict(row), MemorySize) for row in rows]

    # --- forgetting -----------------------------------------------------------------------------------------------

    async def forget(self, id_: UUID, *, by: str, why: str = "", project: str | None = None) -> None:
        """Row, vector and words are gone; an event without the text stays. Raises `ContextNotFound`."""
        if await self._pool.fetchval(self._sql.forget, id_, project, by, why) is None:
            raise ContextNotFound(f"there is no context {id_}", hint="it may be forgotten already")
        log.info("context forgotten", context=str(id_), by=by)

    async def forget_all(self, project: str, *, by: str, why: str = "", kind: ContextKind | None = None) -> int:
        """How many; a page at a time, so that nothing waits for long."""
        gone = 0
        while True:
            page = len(await self._pool.fetch(self._sql.forget_project, project, kind, by, why, FORGOTTEN_AT_ONCE))
            gone += page
            if page < FORGOTTEN_AT_ONCE:
                break
        self._sizes.pop(project, None)
        log.info("contexts forgotten", project=project, contexts=gone, by=by)
        return gone

    async def _must_have(self, connection: Connection, project: str, id_: UUID) -> None:
        if await connection.fetchrow(self._sql.get, id_, project) is None:
            raise ContextRefused(f"the parent {id_} is no context of {project}", hint="name one of the same project")


FORGOTTEN_AT_ONCE = 1_000


def _is_new(piece: Piece, known: asyncpg.Record | None) -> bool:
    return known is None or bool(known["digest"] != piece.digest)


def _moved(piece: Piece, known: asyncpg.Record) -> bool:
    return (piece.start_line, piece.end_line) != (known["start_line"], known["end_line"])


def vector_literal(vector: Sequence[float]) -> str:
    """As Postgres reads it."""
    return f"[{','.join(f'{number:.4g}' for number in vector)}]"


def _of_dimension(statement: str, dimension: int) -> str:
    return statement.replace("1024", str(dimension))


def _array(places: Sequence[int]) -> str:
    return "{" + ",".join(map(str, places)) + "}"


def _sparse_literal(weights: Mapping[int, float]) -> str:
    """Postgres leaves zeros out of a sparse vector, so we do."""
    held = ",".join(f"{at}:{weights[at]:.5g}" for at in sorted(weights) if weights[at])
    return f"{{{held}}}/{DIMENSION}"


def _context(row: asyncpg.Record) -> Context:
    return msgspec.convert(dict(row), Context)
