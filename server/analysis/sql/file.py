"""A file of SQL: its statements and its routines. Without a grammar: every database has one of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Any, ClassVar, NamedTuple, Self

from server.analysis.parsed import CannotParse
from server.analysis.source import Source, Span
from server.analysis.sql.tokens import Sort, Token, tokens_of
from server.analysis.text.file import TextFile

MAX_CHARACTERS = 400_000
"""A larger file is a dump of data."""

MAX_TOKENS = 150_000

STARTERS = frozenset(
    {
        *("insert", "update", "delete", "exec", "execute", "declare", "while", "return", "begin", "print"),
        *("go", "commit", "create", "drop", "alter", "merge", "open", "fetch", "close", "truncate", "grant", "revoke"),
    }
)
"""Words with which a statement begins also where nobody ended the one before."""


class Statement(NamedTuple):
    """From one semicolon to the next; within a routine's body too."""

    tokens: Sequence[Token]

    @property
    def words(self) -> list[str]:
        """Of texts nothing: what they hold is no SQL."""
        return ["" if token.sort is Sort.TEXT else token.word for token in self.tokens]


class Routine(NamedTuple):
    """A procedure or function with its body. *parameters*: those that can hold text."""

    name: str
    parameters: frozenset[str]
    tokens: Sequence[Token]


@dataclass(frozen=True)
class SqlFile:
    source: Source

    gap: ClassVar[str] = ""

    @classmethod
    def parse(cls, source: Source) -> Self:
        if len(source.text) > MAX_CHARACTERS:
            raise CannotParse("a large file of SQL: text rules only")
        return cls(source)

    def nodes(self, kind: Any) -> Sequence[Any]:
        if kind is Statement:
            return self.statements
        if kind is Routine:
            return self.routines
        return (self,) if kind is SqlFile else ()

    @cached_property
    def tokens(self) -> Sequence[Token]:
        return tuple(islice(tokens_of(self.source.text), MAX_TOKENS))

    @cached_property
    def statements(self) -> Sequence[Statement]:
        return tuple(_statements(self.tokens))

    @cached_property
    def routines(self) -> Sequence[Routine]:
        return tuple(_routines(self.tokens))

    @cached_property
    def made(self) -> frozenset[str]:
        """Tables that the file makes, by their names without a schema."""
        return frozenset(_made(self.tokens))

    @cached_property
    def with_path(self) -> frozenset[str]:
        """Routines of which the file says where they look names up."""
        return frozenset(one.name for one in self.routines if any(token.word == "search_path" for token in one.tokens))

    @cached_property
    def _text(self) -> TextFile:
        return TextFile(self.source)

    def span(self, tokens: Sequence[Token]) -> Span:
        """Of what stands on the first line of them."""
        start = tokens[0].start
        line_end = self.source.text.find("\n", start)
        end = tokens[-1].end if line_end < 0 else min(tokens[-1].end, line_end)
        return self._text.span(start, end)


def leaf(tokens: Sequence[Token], start: int) -> Sequence[Token]:
    """The statement that begins at *start*, up to what ends it or begins another one."""
    depth = 0
    for index in range(start, len(tokens)):
        token = tokens[index]
        depth += (token.word == "(") - (token.word == ")") if token.sort is Sort.SIGN else 0
        ended = token.sort is Sort.BODY or (token.sort is Sort.SIGN and token.word == ";") or depth < 0
        if ended or (depth == 0 and index > start and token.is_name and token.word in STARTERS):
            return tokens[start:index]
    return tokens[start:]


def name_at(tokens: Sequence[Token], index: int) -> str:
    """The last part of the name that begins there: `users` of `public.users`; "" where none stands."""
    name = ""
    while index < len(tokens) and tokens[index].is_name:
        name = tokens[index].word
        if index + 1 >= len(tokens) or tokens[index + 1].word != ".":
            break
        index += 2
    return name


def _statements(tokens: Sequence[Token]) -> Iterator[Statement]:
    begun: list[Token] = []
    for token in tokens:
        is_end = token.sort is Sort.BODY or (token.sort is Sort.SIGN and token.word == ";")
        if is_end or (token.is_name and token.word == "go"):
            if begun:
                yield Statement(tuple(begun))
            begun = []
        else:
            begun.append(token)
    if begun:
        yield Statement(tuple(begun))


_TEXTLESS = frozenset(
    {
        *("int", "integer", "bigint", "smallint", "tinyint", "mediumint", "number", "numeric", "decimal", "float"),
        *("real", "double", "bool", "boolean", "bit", "date", "time", "timestamp", "timestamptz", "datetime"),
        *("datetime2", "uuid", "uniqueidentifier", "regclass", "regtype", "oid", "money", "interval", "serial"),
        *("pls_integer", "binary_integer", "simple_integer", "int4", "int8", "year", "bytea", "trigger"),
    }
)
_MODES = frozenset({"in", "out", "inout", "variadic", "nocopy", "as", "readonly"})


def _routines(tokens: Sequence[Token]) -> Iterator[Routine]:
    begins = [index for index in range(len(tokens)) if _begins_routine(tokens, index)]
    for begin, end in pairwise([*begins, len(tokens)]):
        part = tokens[begin:end]
        kind = next(i for i, token in enumerate(part) if token.word in _ROUTINES)
        yield Routine(name_at(part, kind + 1), frozenset(_parameters(part, kind + 1)), part)


_ROUTINES = frozenset({"procedure", "function", "proc"})


_OTHERS = frozenset({"table", "view", "index", "trigger", "user", "role", "schema", "as", "select", ";"})


def _begins_routine(tokens: Sequence[Token], index: int) -> bool:
    """`create or replace definer = 'x'@'y' procedure`, `alter proc`."""
    if not (tokens[index].is_name and tokens[index].word in ("create", "alter")):
        return False
    words = (token.word for token in tokens[index + 1 : index + 12])
    return next((word for word in words if word in _ROUTINES or word in _OTHERS), "") in _ROUTINES


def _parameters(tokens: Sequence[Token], start: int) -> Iterator[str]:
    """Names of those whose type can hold text. In parentheses; of T-SQL also without, up to `as`."""
    while start < len(tokens) and (tokens[start].is_name or tokens[start].word == ".") and tokens[start].word[0] != "@":
        start += 1
    depth, parameter = 0, list[str]()
    for token in tokens[start:]:
        sign = token.word if token.sort is Sort.SIGN else ""
        depth += (sign == "(") - (sign == ")")
        is_over = sign == ";" or token.sort is Sort.BODY or (token.is_name and depth == 0 and token.word in _AFTER)
        if is_over or (sign == ")" and depth == 0) or (sign == "," and depth <= 1):
            yield from _text_parameter(parameter)
            parameter = []
            if is_over or (sign == ")" and depth == 0):
                return
        elif token.is_name and depth <= 1:
            parameter.append(token.word)


_AFTER = frozenset({"as", "is", "begin", "returns", "return", "language", "with"})


def _text_parameter(words: Sequence[str]) -> Iterator[str]:
    words = [word for word in words if word not in _MODES]
    if len(words) >= 2 and words[1] not in _TEXTLESS:
        yield words[0]


def _made(tokens: Sequence[Token]) -> Iterator[str]:
    for index, token in enumerate(tokens):
        if token.is_name and token.word.startswith("#"):
            yield token.word
        elif token.is_name and token.word == "create":
            rest = [other.word for other in tokens[index + 1 : index + 5]]
            if "table" in rest:
                at = index + 2 + rest.index("table")
                while at < len(tokens) and tokens[at].word in ("if", "not", "exists"):
                    at += 1
                yield name_at(tokens, at)
