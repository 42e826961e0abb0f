"""SQL as words, of whatever database: quotes, comments and dollar signs are what all of them have to agree on."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple


class Sort(Enum):
    WORD = auto()
    """A keyword, a name (quoted or not), a variable."""
    TEXT = auto()
    NUMBER = auto()
    SIGN = auto()
    BODY = auto()
    """Where the quoted body of a routine begins or ends; what is between them is read like everything else."""


class Token(NamedTuple):
    """*word* in lower case, without its quotes; of a text what stands in it, as written. 0-based offsets."""

    sort: Sort
    word: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        return self.sort is Sort.WORD


_TOKEN = re.compile(
    r"""
      (?P<hidden> \s+ | --[^\n]* | /\*(?>[^*]|\*(?!/))*+(?:\*/|\Z) | \#(?:[ \t!][^\n]*|$) )
    | (?P<text> [nebxu]?&?'(?P<inner>(?>[^']|''|(?<=\\)'(?![\s,;)]))*+)' )
    | (?P<body> \$(?:[a-z_]\w*)?\$ )
    | (?P<quoted> "[^"\n]*+" | `[^`\n]*+` | \[[a-z_][^\]\n]*+\] )
    | (?P<name> @{0,2}[^\W\d][\w$\#]* | [:$\#]+\w+ )
    | (?P<number> \d[\w.]* )
    | (?P<sign> \|\| | := | <> | != | <= | >= | :: | => | \S )
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)


def tokens_of(text: str) -> Iterator[Token]:
    bodies = _bodies(text)
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        if kind == "hidden":
            continue
        start, end = found.span()
        if found["text"] is not None:
            yield Token(Sort.TEXT, found["inner"], start, end)
        elif kind == "body":
            yield Token(Sort.BODY if start in bodies else Sort.SIGN, found[0], start, end)
        elif kind in ("quoted", "name"):
            yield Token(Sort.WORD, found[0].strip('"`[]').lower(), start, end)
        else:
            yield Token(Sort.NUMBER if kind == "number" else Sort.SIGN, found[0], start, end)


_DOLLARS = re.compile(r"\$(?:[a-z_]\w*)?\$", re.IGNORECASE)


def _bodies(text: str) -> set[int]:
    """Offsets of the dollar quotes that come in pairs."""
    paired: set[int] = set()
    opened: tuple[str, int] | None = None
    for found in _DOLLARS.finditer(text):
        if opened is None:
            opened = (found[0], found.start())
        elif found[0] == opened[0]:
            paired.update((opened[1], found.start()))
            opened = None
    return paired
