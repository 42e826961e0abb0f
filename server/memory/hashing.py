"""The embedding that needs no download: words and their pieces of four letters, weighed, hashed into few dimensions.

Deterministic: the same text has the same vector on every machine and in every release of the same name.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from zlib import crc32

from server.memory.embedder import pack
from server.memory.lexicon import Lexicon, lexicon
from server.memory.terms import Passage, ask_words, count_words

SATURATION = 3.0
RARITY_POWER = 0.4
"""Both sides of a product weigh their words by it, so a little less than a root of what BM25 takes once."""

LETTERS = 4


class HashEmbedder:
    """An `Embedder`. Change its name with anything that changes a vector: those of one name are compared."""

    name = "hash-1024-v1"
    dimension = 1024

    def __init__(self, known: Lexicon | None = None) -> None:
        self._lexicon = known or lexicon()
        self._features = lru_cache(50_000)(self._features_of)

    def embed(self, passages: Sequence[Passage]) -> list[bytes]:
        return [self._fold(count_words(passage, self._lexicon)) for passage in passages]

    def embed_query(self, query: str) -> bytes:
        return self._fold(ask_words(query, self._lexicon))

    def _fold(self, counts: Mapping[str, float]) -> bytes:
        """Of length 1, as halves; all zeros of a text without words."""
        vector = [0.0] * self.dimension
        for word, count in counts.items():
            weight = count * (1 + SATURATION) / (count + SATURATION)
            for at, value in self._features(word):
                vector[at] += weight * value
        length = math.sqrt(sum(value * value for value in vector)) or 1.0
        return pack(value / length for value in vector)

    def _features_of(self, word: str) -> tuple[tuple[int, float], ...]:
        """Where a word adds how much: itself, and its pieces, which together count as much again."""
        weight = self._lexicon.rarity(word) ** RARITY_POWER
        features = [self._feature(word, weight)]
        if len(word) >= LETTERS:
            marked = f"<{word}>"
            grams = [f"#{marked[at : at + LETTERS]}" for at in range(len(marked) - LETTERS + 1)]
            features += (self._feature(gram, weight / math.sqrt(len(grams))) for gram in grams)
        return tuple(features)

    def _feature(self, name: str, weight: float) -> tuple[int, float]:
        """Signs by chance, so that what shares a place by chance cancels out."""
        hashed = crc32(name.encode())
        return (hashed >> 1) % self.dimension, weight if hashed & 1 else -weight
