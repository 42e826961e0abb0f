"""Take note of what a `memory.index` job cut and embedded: new and changed pieces are written, others are not touched.

Runs in the transaction that finishes the job. What the agent says was made beside hostile code: whatever could not come
of the job's own files is refused as a whole, before anything is written.
"""

from collections import Counter
from typing import Any

import asyncpg
import msgspec

from server.memory.context import MAX_TEXT_BYTES, ContextKind, Cut, Piece
from server.memory.contexts import Contexts
from server.memory.pieces import piece_id
from server.memory.terms import DIMENSION, MAX_WORDS
from server.memory.wire import MAX_PIECES, Indexed, IndexedFile, digest_of_text

MAX_LINE = 2**31 - 1


class IndexRefused(ValueError):
    """The agent's answer does not fit its job."""


class _Args(msgspec.Struct):
    files: tuple[IndexedFile, ...] = ()
    gone: tuple[str, ...] = ()


class Remembering:
    """An `OnSucceeded` for `memory.index` jobs."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts

    async def __call__(self, connection: Any, job: asyncpg.Record, result: bytes) -> bytes:
        """Raises `IndexRefused` or `VectorInvalid`, which end the job."""
        indexed = msgspec.json.decode(result, type=Indexed)
        asked = msgspec.json.decode(job["args"], type=_Args)
        _refuse_odd(indexed, asked, job["project"], self._contexts.model)
        recorded = await self._contexts.record(connection, job["project"], indexed.files, asked.gone)
        return msgspec.json.encode(recorded)


def _refuse_odd(indexed: Indexed, asked: _Args, project: str, model: str) -> None:
    if indexed.project != project or indexed.model != model:
        raise IndexRefused("the answer is of another project, or of another embedder")
    digests = {file.path: file.text for file in asked.files}
    if len({cut.path for cut in indexed.files}) != len(indexed.files):
        raise IndexRefused("a file is answered twice")
    if sum(len(cut.pieces) for cut in indexed.files) > MAX_PIECES:
        raise IndexRefused(f"one job gives at most {MAX_PIECES} pieces")
    for cut in indexed.files:
        if cut.path not in digests or cut.digest != digest_of_text(digests[cut.path]):
            raise IndexRefused("a file is answered that was not asked about")
        met: Counter[str] = Counter()
        ids = {piece.id for piece in cut.pieces}
        for piece in cut.pieces:
            met[piece.symbol] += 1
            if piece.id != piece_id(project, cut.path, piece.symbol, met[piece.symbol]):
                raise IndexRefused("a piece has an id that is not its own")
            if piece.parent is not None and (piece.parent not in ids or piece.parent == piece.id):
                raise IndexRefused("a piece's parent is not of its file")
            _refuse_odd_piece(piece, cut)


def _refuse_odd_piece(piece: Piece, cut: Cut) -> None:
    if piece.path != cut.path or piece.kind not in (ContextKind.CODE, ContextKind.PROSE):
        raise IndexRefused("a piece is not of its file")
    if piece.about or piece.owner or piece.session or piece.importance != 0.5:
        raise IndexRefused("a piece claims what only a person may say")
    if not piece.text or "\0" in piece.text + piece.symbol or len(piece.text.encode()) > MAX_TEXT_BYTES:
        raise IndexRefused("a piece's text is empty, too long, or none")
    if not 1 <= piece.start_line <= piece.end_line <= MAX_LINE or len(piece.symbol) > 4_000:
        raise IndexRefused("a piece's place is none")
    if len(piece.places) != len(piece.weights) or len(piece.places) > MAX_WORDS + 2:
        raise IndexRefused("a piece's words do not fit their weights")
    if list(piece.places) != sorted(set(piece.places)) or not all(1 <= at <= DIMENSION for at in piece.places):
        raise IndexRefused("a piece's words are out of range")
    if not all(0 <= weight < 1_000 for weight in piece.weights):
        raise IndexRefused("a piece's weights are out of range")
