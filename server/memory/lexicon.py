"""What is known of words before any project is seen: how common each is, and which others mean much the same in code.

The table was learned by `bench/lexicon.py` from what people write above functions and in them, in some fifty libraries
that are not the standard library, on which search is measured. It is small, in text, and a person may read it.
"""

import importlib.resources
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from server.memory.words import Words, stem


class Related(NamedTuple):
    """*likeness*: how likely the word stands in code that is told of by the other, 0 to 1."""

    stem: str
    likeness: float


class Lexicon:
    """*met*: in how many of *functions* each word stood. *related*: by stem, the nearest first."""

    def __init__(self, functions: int, met: Mapping[str, int], related: Mapping[str, Sequence[Related]]) -> None:
        self.words = Words({word: count for word, count in met.items() if count >= LEAST_MET})
        self._functions = functions
        self._met_by_stem: dict[str, int] = {}
        for word, count in met.items():
            of = stem(word)
            self._met_by_stem[of] = self._met_by_stem.get(of, 0) + count
        self._related = related

    def related(self, word: str) -> Sequence[Related]:
        return self._related.get(word, ())

    def share(self, word: str) -> float:
        """In what part of all functions a stem stands."""
        return min(self._met_by_stem.get(word, 0) / self._functions, 1.0)

    def rarity(self, word: str) -> float:
        """The inverse document frequency of BM25: 0 for what stands everywhere."""
        met = min(self._met_by_stem.get(word, 0), self._functions)
        return math.log(1 + (self._functions - met + 0.5) / (met + 0.5))

    @classmethod
    def read(cls, text: str) -> "Lexicon":
        """A line for each word: how often it was met, or, below the empty line, what is related to a stem."""
        words, _, relations = text.partition("\n\n")
        counts = dict(line.split(" ", 1) for line in words.splitlines() if not line.startswith("#"))
        functions = int(counts.pop(FUNCTIONS))
        related = {}
        for line in relations.splitlines():
            of, *others = line.split()
            pairs = (other.rpartition(":") for other in others)
            related[of] = [Related(other, float(likeness)) for other, _, likeness in pairs]
        return cls(functions, {word: int(count) for word, count in counts.items()}, related)


LEAST_MET = 40
"""A word that was met less often does not make compounds."""

FUNCTIONS = "(functions)"


@cache
def lexicon() -> Lexicon:
    file = importlib.resources.files("server.memory").joinpath("lexicon.txt")
    return Lexicon.read(file.read_text(encoding="utf-8"))
