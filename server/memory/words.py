"""Cut code and prose into the words by which both are found: identifiers apart, endings off, compounds opened.

Pure. What words mean to each other is `lexicon.py`'s; what each weighs, `terms.py`'s.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

_PIECES = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")
"""`parseHTTPRequest_v2` is parse, HTTP, Request, v, 2. Letters of other scripts stay together."""

MAX_WORD = 40
"""A longer one is a hash or a picture in base64."""

_SILENT_WORDS = (
    "the a an of to in is and or if for this that be it as by with on from are not at its which will was were has "
    "have had but can may should must does do did so than then when there these those into such also only any all "
    "each other some no"
)
_SILENT = frozenset(_SILENT_WORDS.split())
"""They stand everywhere and tell nothing of what they stand in."""

_ENDINGS = (
    *("ization", "isation", "ation", "ition", "tion", "sion", "ment", "able", "ible", "ness"),
    *("or", "er", "ly", "al", "ive"),
)

LEAST_STEM = 4
LONGEST_PART = 12
LEAST_COMPOUND = 6

PARTS_ARE_LIKELIER_BY = 6.0
"""In natural logarithms: one word of the lexicon costs about as much as it is rare, so two cost twice that. Found on
functions that the measured set does not hold."""


def pieces(text: str) -> Iterator[str]:
    """The words as they were written, in lower case; silent and endless ones left out."""
    for found in _PIECES.finditer(text):
        word = found[0].lower()
        if word not in _SILENT and len(word) <= MAX_WORD:
            yield word


def stem(word: str) -> str:
    """`deleting`, `deletes` and `deleted` are one. Not always a word: it is compared, never shown."""
    return _without_ending(_without_tense(_singular(word)))


def _singular(word: str) -> str:
    if len(word) < LEAST_STEM or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if len(word) > LEAST_STEM:
        if word.endswith("ies"):
            return word[:-3] + "y"
        if word.endswith(("sses", "shes", "ches", "xes", "zes")):
            return word[:-2]
    return word[:-1]


def _without_tense(word: str) -> str:
    if len(word) > 5 and word.endswith("ing"):
        return _undoubled(word[:-3])
    if len(word) > 4 and word.endswith("ed") and not word.endswith("eed"):
        return _undoubled(word[:-2])
    return word


def _undoubled(word: str) -> str:
    """`stopp` of `stopping`; `call` and `pass` keep their two."""
    return word[:-1] if len(word) > 2 and word[-1] == word[-2] and word[-1] not in "lsz" else word


def _without_ending(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_STEM:
            word = word.removesuffix(ending)
            break
    if len(word) >= LEAST_STEM and word.endswith("e"):
        word = word[:-1]
    if len(word) >= LEAST_STEM and word.endswith("i"):
        word = word[:-1] + "y"
    return word


class Words:
    """*known*: how often each word was met elsewhere, by which compounds are told from words."""

    def __init__(self, known: Mapping[str, int]) -> None:
        total = sum(known.values()) or 1
        self._costs = {word: math.log(total / met) for word, met in known.items()}
        self._unknown = math.log(total / 0.5)
        self._stems = lru_cache(50_000)(self._stems_of)

    def of(self, text: str) -> list[str]:
        """Stems, in the order of the text; of `makedirs` also those of `make` and `dirs`."""
        return [found for word in pieces(text) for found in self._stems(word)]

    def _stems_of(self, word: str) -> tuple[str, ...]:
        return stem(word), *(stem(part) for part in self.parts(word) if part not in _SILENT)

    def parts(self, word: str) -> tuple[str, ...]:
        """Of a compound that is written as one word; () of any other. At most three, and at most one of two letters."""
        if len(word) < LEAST_COMPOUND:
            return ()
        best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
        for end in range(2, len(word) + 1):
            ways = list(self._ways(word, end, best))
            if ways:
                best[end] = min(ways)
        cost, parts = best.get(len(word), (math.inf, ()))
        if len(parts) > 3 or sum(len(part) < 3 for part in parts) > 1:
            return ()
        return parts if cost < self._costs.get(word, self._unknown) + PARTS_ARE_LIKELIER_BY else ()

    def _ways(
        self, word: str, end: int, best: Mapping[int, tuple[float, tuple[str, ...]]]
    ) -> Iterable[tuple[float, tuple[str, ...]]]:
        """To have cut the word up to *end*."""
        for start in range(max(0, end - LONGEST_PART), end - 1):
            part = word[start:end]
            if start in best and part in self._costs and part != word:
                cost, parts = best[start]
                yield cost + self._costs[part], (*parts, part)
