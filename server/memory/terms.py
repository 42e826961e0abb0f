"""What each word of a text weighs for search (BM25), as a sparse vector over hashed words.

Pure. The same weights serve the exact search for words and, folded into few dimensions, the embedding (`hashing.py`).
"""

import heapq
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple
from zlib import crc32

from server.memory.lexicon import Lexicon

DIMENSION = 2**24
"""Of the sparse vectors: two of a project's words seldom share a place."""

SATURATION = 1.2
"""How fast a second mention counts for less: BM25's k1."""

LENGTH_COUNTS = 0.9
"""How much a long text must say a word more often: BM25's b."""

USUAL_LENGTH = 40.0
"""Words of a passage in which a word weighs what it should. A fixed one, so that one passage's weights never depend on
others; shorter than most are, which favours what is about one thing."""

TIMES_SYMBOL = 3
TIMES_PATH = 2
"""What a passage is called counts so many times as what stands in it."""

MAX_WORDS = 400
"""Different ones of one passage; of more the most frequent."""

RELATED = 10
"""Words that a query's word may bring along, each for three times its likeness: a whole page of them never outweighs
what was asked for. All these numbers were found on functions that the measured set does not hold."""

RELATED_COUNT = 3.0


class Passage(NamedTuple):
    """What is to be found again. *symbol*: what it is called, with what is around it (`Cart.total`)."""

    text: str
    symbol: str = ""
    path: str = ""


def count_words(passage: Passage, lexicon: Lexicon) -> Counter[str]:
    around, _, name = passage.symbol.rpartition(".")
    path, dot, suffix = passage.path.rpartition(".")
    counts = Counter(lexicon.words.of(passage.text))
    for text, times in ((name, TIMES_SYMBOL), (around, TIMES_PATH), (path if dot else suffix, TIMES_PATH)):
        for word in lexicon.words.of(text):
            counts[word] += times
    return Counter(dict(counts.most_common(MAX_WORDS)))


def ask_words(query: str, lexicon: Lexicon) -> dict[str, float]:
    """The query's words, each once, and those that are related to them, for less."""
    asked = dict.fromkeys(lexicon.words.of(query), 1.0)
    wanted = dict(asked)
    for word in asked:
        for other, likeness in lexicon.related(word)[:RELATED]:
            wanted[other] = wanted.get(other, 0.0) + RELATED_COUNT * likeness
    return wanted


def weigh(counts: Mapping[str, int]) -> dict[str, float]:
    """BM25's share of a passage; that of the query is rarity."""
    length = sum(counts.values())
    brake = SATURATION * (1 - LENGTH_COUNTS + LENGTH_COUNTS * length / USUAL_LENGTH)
    return {word: count * (SATURATION + 1) / (count + brake) for word, count in counts.items()}


def place(word: str) -> int:
    """Of a word in a sparse vector; Postgres counts from 1."""
    return crc32(word.encode()) % DIMENSION + 1


def sparse(weights: Mapping[str, float]) -> dict[int, float]:
    places: dict[int, float] = {}
    for word, weight in weights.items():
        at = place(word)
        places[at] = places.get(at, 0.0) + weight
    return places


def rarest(wanted: Mapping[str, float], lexicon: Lexicon, *, contexts: int, budget: int) -> list[str]:
    """The words by which candidates are looked up: those that say most, while about *budget* of *contexts* hold them.

    One at least.
    """
    by_worth = heapq.nlargest(len(wanted), wanted, key=lambda word: wanted[word] * lexicon.rarity(word))
    chosen: list[str] = []
    for word in by_worth:
        budget -= int(lexicon.share(word) * contexts) + 1
        if chosen and budget < 0:
            continue
        chosen.append(word)
    return chosen
