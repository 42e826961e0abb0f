"""Make a Piece of a passage: with its vector, and with its words weighed by place. Pure.

Two of its places carry no weight: they stand for its project and its kind, so that one index finds words within both.
"""

import hashlib
from typing import Any
from uuid import UUID, uuid5

from server.memory.context import ContextKind, Piece
from server.memory.embedder import Embedder
from server.memory.lexicon import Lexicon
from server.memory.terms import Passage, count_words, place, sparse, weigh

_NAMESPACE = UUID("a5c9be0c-6f0e-4f0e-9a3f-6b1d3a3c52d4")


def embedded(
    id_: UUID, kind: ContextKind, passage: Passage, embedder: Embedder, known: Lexicon, *, project: str, **rest: Any
) -> Piece:
    """With everything by which it is found again."""
    weights = sparse(weigh(count_words(passage, known)))
    for word in (project_word(project), kind_word(kind)):
        weights.setdefault(place(word), 0.0)  # looked up, and without weight
    places = sorted(weights)
    return Piece(
        id=id_,
        kind=kind,
        text=passage.text,
        path=passage.path,
        symbol=passage.symbol,
        digest=digest_of(passage, embedder.name),
        vector=embedder.embed([passage])[0],
        places=tuple(places),
        weights=tuple(weights[at] for at in places),
        **rest,
    )


def digest_of(passage: Passage, model: str) -> str:
    return hashlib.sha256("\0".join((model, *passage)).encode()).hexdigest()


def project_word(project: str) -> str:
    return f"project:{project}"


def kind_word(kind: ContextKind) -> str:
    return f"kind:{kind}"


def piece_id(project: str, path: str, symbol: str, nth: int) -> UUID:
    return uuid5(_NAMESPACE, "\0".join((project, path, symbol, str(nth))))
