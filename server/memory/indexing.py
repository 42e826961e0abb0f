"""The `memory.index` job: cut files, take secrets out, embed what is left. Runs in the agent, which has no Postgres.

What it answers is written by `recording.py`, which trusts none of it.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from server.memory.chunks import Chunk, chunks_of
from server.memory.context import ContextKind, Cut, Piece
from server.memory.embedder import Embedder
from server.memory.hashing import HashEmbedder
from server.memory.lexicon import Lexicon, lexicon
from server.memory.pieces import embedded, piece_id
from server.memory.terms import Passage
from server.memory.wire import MAX_PIECES, Indexed, Indexing, digest_of_text


class Indexer:
    """*redact* takes secrets out of a text and leaves its lines where they are."""

    def __init__(
        self, redact: Callable[[str], str], *, embedder: Embedder | None = None, known: Lexicon | None = None
    ) -> None:
        self._redact = redact
        self._embedder = embedder or HashEmbedder()
        self._lexicon = known or lexicon()

    def index(self, indexing: Indexing) -> Indexed:
        """Pure, and as slow as the files are long: not for an event loop."""
        files: list[Cut] = []
        room = MAX_PIECES
        for file in indexing.files:
            digest = digest_of_text(file.text)
            chunks = chunks_of(file.path, self._redact(file.text))
            if len(chunks) > room:
                files.append(Cut(file.path, digest, (), "too much for one job: send it in a smaller part"))
                continue
            room -= len(chunks)
            files.append(Cut(file.path, digest, tuple(self._pieces(indexing.project, file.path, chunks))))
        return Indexed(indexing.project, self._embedder.name, tuple(files), indexing.gone)

    def _pieces(self, project: str, path: str, chunks: Sequence[Chunk]) -> list[Piece]:
        """A chunk keeps its id for as long as it is the so-manieth of its name in its file."""
        met: dict[str, int] = {}
        ids: dict[str, UUID] = {}
        pieces = []
        for chunk in chunks:
            nth = met[chunk.symbol] = met.get(chunk.symbol, 0) + 1
            id_ = piece_id(project, path, chunk.symbol, nth)
            ids.setdefault(chunk.symbol, id_)
            parent = ids.get(chunk.around) if chunk.around else None
            pieces.append(self._piece(id_, project, Passage(chunk.text, chunk.symbol, path), chunk, parent))
        return pieces

    def _piece(self, id_: UUID, project: str, passage: Passage, chunk: Chunk, parent: UUID | None) -> Piece:
        return embedded(
            id_,
            ContextKind(chunk.kind),
            passage,
            self._embedder,
            self._lexicon,
            project=project,
            start_line=chunk.start_line,
            end_line=chunk.end_line,
            parent=parent,
        )
