"""Learn `server/memory/lexicon.txt`: which words are common in code, and which stand in code that another tells of.

    python -m bench.lexicon FOLDER... > server/memory/lexicon.txt

Each FOLDER holds installed packages. What tells of a function is the first line of its docstring; translation by IBM's
Model 1 then says by which of the function's words it is explained. Nothing of the standard library is learned from, nor
any function that has its docstring's first line or its code: search is measured on it (`bench/memory.py`). No package
counts for more than some hundreds of functions, and what is related must be so in several packages.
"""

import math
import random
import re
import sys
import sysconfig
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.functions import Documented, documented_functions
from server.memory.lexicon import FUNCTIONS, LEAST_MET, Lexicon
from server.memory.terms import Passage, count_words
from server.memory.words import pieces

LONGEST = 8_000
"""Characters of a function; longer ones say everything."""

OF_ONE_PACKAGE = 2_000
ROUNDS = 4
LEAST_TOLD = 8
LEAST_WRITTEN = 20
LEAST_PACKAGES = 3
LEAST_TOGETHER = 3.0
LEAST_LIKENESS = 0.01
LEAST_INFORMATION = 2.0
MOST_RELATED = 10
LEAST_COUNTED = 8
"""Of words: rarer ones are as good as unknown."""

Pair = tuple[str, frozenset[str], dict[str, float]]
"""The package, the words of the docstring's first line, those of the code with their weights."""


def main() -> None:
    functions = list(_to_learn_from([Path(folder) for folder in sys.argv[1:]]))
    met: Counter[str] = Counter()
    for _, function in functions:
        met.update(set(pieces(f"{function.code} {function.told}")))
    known = {word: count for word, count in met.items() if count >= LEAST_COUNTED and not word.isdigit()}
    lexicon = Lexicon(len(functions), known, {})
    related = _relate([_pair(package, function, lexicon) for package, function in functions])
    print("# How many functions hold each word; below the empty line, what is related to a stem. See lexicon.py.")
    print(f"{FUNCTIONS} {len(functions)}")
    for word in sorted(known):
        print(word, known[word])
    print()
    for word in sorted(related):
        print(word, " ".join(f"{other}:{likeness:.3f}" for likeness, other in related[word]))


def _to_learn_from(folders: Sequence[Path]) -> Iterator[tuple[str, Documented]]:
    standard = list(documented_functions(Path(sysconfig.get_paths()["stdlib"])))
    told, seen = {function.told for function in standard}, {_bare(function.code) for function in standard}
    by_package: dict[str, list[Documented]] = defaultdict(list)
    for function in (function for folder in folders for function in documented_functions(folder)):
        code = _bare(function.code)
        if len(function.code) <= LONGEST and function.told not in told and code not in seen:
            seen.add(code)
            by_package[function.path.split("/")[0]].append(function)
    chance = random.Random(0)  # noqa: S311 - the same sample each time
    for package, functions in sorted(by_package.items()):
        chosen = functions if len(functions) <= OF_ONE_PACKAGE else chance.sample(functions, OF_ONE_PACKAGE)
        yield from ((package, function) for function in chosen)


def _bare(code: str) -> str:
    return re.sub(r"\s+", "", code)


def _pair(package: str, function: Documented, lexicon: Lexicon) -> Pair:
    counts = count_words(Passage(function.code, function.symbol, function.path), lexicon)
    weights = {word: 1 + min(count, 4) / 4 for word, count in counts.items()}
    return package, frozenset(lexicon.words.of(function.told)), weights


def _relate(pairs: Sequence[Pair]) -> dict[str, list[tuple[float, str]]]:
    pairs = _without_rare_words(pairs)
    together, packages = _translate(pairs)
    told: Counter[str] = Counter()
    written: Counter[str] = Counter()
    for (asked, word), count in together.items():
        told[asked] += count
        written[word] += count
    total = sum(told.values())
    related: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (asked, word), count in together.items():
        likeness = count / told[asked]
        information = math.log(count * total / (told[asked] * written[word])) if count else 0.0
        if (
            word != asked
            and count >= LEAST_TOGETHER
            and likeness >= LEAST_LIKENESS
            and information >= LEAST_INFORMATION
            and len(packages[asked, word]) >= LEAST_PACKAGES
        ):
            related[asked].append((likeness, word))
    return {word: sorted(others, reverse=True)[:MOST_RELATED] for word, others in related.items()}


def _without_rare_words(pairs: Sequence[Pair]) -> list[Pair]:
    told = Counter(word for _, asked, _ in pairs for word in asked)
    written = Counter(word for _, _, weights in pairs for word in weights)
    return [
        (
            package,
            frozenset(word for word in asked if told[word] >= LEAST_TOLD),
            {word: weight for word, weight in weights.items() if written[word] >= LEAST_WRITTEN},
        )
        for package, asked, weights in pairs
    ]


def _translate(pairs: Sequence[Pair]) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], set[str]]]:
    """How often each word of code explains each word that is told, and in which packages they were seen together."""
    chances: dict[tuple[str, str], float] = {}
    together: dict[tuple[str, str], float] = {}
    packages: dict[tuple[str, str], set[str]] = defaultdict(set)
    for turn in range(ROUNDS):
        together = defaultdict(float)
        for package, asked, weights in pairs:
            for word in asked:
                shares = {of: weight * chances.get((word, of), 1.0) for of, weight in weights.items()}
                whole = sum(shares.values())
                for of, share in shares.items():
                    together[word, of] += share / whole
                    if turn == 0:
                        packages[word, of].add(package)
        written: dict[str, float] = defaultdict(float)
        for (_, of), count in together.items():
            written[of] += count
        chances = {(word, of): count / (written[of] + 1.0) for (word, of), count in together.items()}
    return together, packages


assert LEAST_COUNTED <= LEAST_MET, "what makes compounds is counted"

if __name__ == "__main__":
    main()
