"""What turns texts into vectors that are near each other when the texts mean the same.

A vector is bytes: numbers of two bytes each, the lowest first, of length 1. That is how it travels and is checked; how
Postgres wants it is `contexts.py`'s affair.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from typing import Protocol

from server.memory.terms import Passage


class Embedder(Protocol):
    """*name* is kept beside each vector: only vectors of one name are compared."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, passages: Sequence[Passage]) -> list[bytes]: ...

    def embed_query(self, query: str) -> bytes: ...


class VectorInvalid(ValueError):
    """These bytes are no vector of that dimension."""


def pack(numbers: Iterable[float]) -> bytes:
    given = list(numbers)
    return struct.pack(f"<{len(given)}e", *given)


def unpack(vector: bytes, dimension: int) -> tuple[float, ...]:
    """Raises `VectorInvalid`: what an agent returns was made beside hostile code."""
    if len(vector) != 2 * dimension:
        raise VectorInvalid(f"a vector is not of {dimension} numbers")
    numbers = struct.unpack(f"<{dimension}e", vector)
    if not all(map(math.isfinite, numbers)):
        raise VectorInvalid("a vector holds what is no number")
    return numbers
