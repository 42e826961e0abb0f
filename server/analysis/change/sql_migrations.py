"""What a migration written as SQL does to tables with rows. By its words: every database has a grammar of its own."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Danger(NamedTuple):
    """*kind*: loses, fails, renames or locks. 0-based offsets of the text."""

    kind: str
    start: int
    end: int
    message: str


_STATEMENT = re.compile(r"[^;]+")
_HIDDEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_NAME = r"(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?[\"`\[]?(?P<table>[\w.]+)[\"`\]]?"
_CREATES = re.compile(rf"\bcreate\s+(?:temp(?:orary)?\s+|unlogged\s+)?table\s+{_NAME}", re.IGNORECASE)
_TABLE = re.compile(rf"\b(?:alter|drop|rename)\s+table\s+{_NAME}", re.IGNORECASE)
_INDEX = re.compile(
    r"\bcreate\s+(?:unique\s+)?index\s+(?!concurrently\b)(?:(?!\bon\b)[^;])*\bon\s+(?:only\s+)?[\"`]?(?P<table>[\w.]+)",
    re.IGNORECASE,
)
_POSTGRES = re.compile(
    r"\b(?:jsonb|timestamptz|bigserial|serial|bytea|tsvector|plpgsql|gen_random_uuid|concurrently)\b|\$\$",
    re.IGNORECASE,
)

_DANGERS = (
    ("loses", re.compile(r"\bdrop\s+table\b", re.IGNORECASE), "The table {} is dropped with what it holds"),
    ("loses", re.compile(r"\bdrop\s+column\b", re.IGNORECASE), "A column of {} is dropped with what it holds"),
    (
        "renames",
        re.compile(r"\brename\s+(?:column\b|to\b|(?!constraint\b|index\b|table\b)\w+\s+to\b)", re.IGNORECASE),
        "A name of {} changes: both are in use during the deployment",
    ),
    (
        "fails",
        re.compile(
            r"\badd\s+(?:column\s+)?(?!constraint\b|primary\b|foreign\b|unique\b|check\b|index\b|key\b)"
            r"(?:(?!\b(?:default|generated|identity|serial|bigserial|auto_increment)\b|,\s*(?:add|drop|alter)\b)[^;])*"
            r"\bnot\s+null\b(?!(?:(?!,\s*(?:add|drop|alter)\b)[^;])*\b(?:default|generated|identity|auto_increment)\b)",
            re.IGNORECASE,
        ),
        "{} gets a column that is NOT NULL without a default: its rows have no value",
    ),
    (
        "locks",
        re.compile(
            r"\balter\s+(?:column\s+)?[\"`]?\w+[\"`]?\s+(?:set\s+data\s+)?type\b|\bmodify\s+column\b", re.IGNORECASE
        ),
        "A column of {} changes its type: the table is rewritten",
    ),
)

LONGEST_STATEMENT = 20_000


def dangers_of(text: str) -> Iterator[Danger]:
    """In the order of the text."""
    code = _HIDDEN.sub(lambda hidden: re.sub(r"[^\n]", " ", hidden[0]), text)
    made = {created["table"].lower() for created in _CREATES.finditer(code)}
    is_postgres = _POSTGRES.search(code) is not None
    for statement in _STATEMENT.finditer(code):
        if len(statement[0]) <= LONGEST_STATEMENT:
            yield from _dangers_in(statement, made, is_postgres)


def _dangers_in(statement: re.Match[str], made: set[str], is_postgres: bool) -> Iterator[Danger]:
    words = statement[0]
    named = _TABLE.search(words)
    index = _INDEX.search(words) if is_postgres else None
    if named is not None and named["table"].lower() not in made:
        for kind, pattern, message in _DANGERS:
            if pattern.search(words, named.start()):
                yield Danger(kind, *_first_line(statement, named.start()), message.format(named["table"]))
    elif index is not None and index["table"].lower() not in made:
        message = f"The index on {index['table']} is not made concurrently: writers wait"
        yield Danger("locks", *_first_line(statement, index.start()), message)


def _first_line(statement: re.Match[str], start: int) -> tuple[int, int]:
    line = statement[0][start:].split("\n", 1)[0].rstrip()
    return statement.start() + start, statement.start() + start + len(line)
