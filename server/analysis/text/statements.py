"""Statements that are told by their own words, one line each, so that the text of a file is enough to find them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from server.analysis.language import Language
from server.analysis.rule import Hit
from server.analysis.source import Source
from server.analysis.text.credentials import COMMENT, DOCUMENTATION
from server.analysis.text.file import TextFile


class Statement(NamedTuple):
    """*hint* stands in every one of them. *unless*: what makes it harmless, there or on the lines that follow."""

    hint: str
    pattern: re.Pattern[str]
    message: str
    unless: re.Pattern[str] | None = None


KNOWN_BETTER = frozenset(
    {Language.PYTHON, Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX, Language.PROSE, Language.TEMPLATE}
)
"""Languages with checks that know the syntax, and those in which no program is written."""

NOT_IN_PYTHON = frozenset({Language.PYTHON, Language.PROSE, Language.TEMPLATE})
"""The same, for statements that JavaScript's checks do not look for."""

AROUND = 400
"""Characters behind a statement in which it may still be made harmless, before the next one of its kind."""


def hits_of(file: TextFile, *statements: Statement, not_in: frozenset[Language] = KNOWN_BETTER) -> Iterator[Hit]:
    """Each place at which one of the statements stands, but in comments and where it is made harmless."""
    source = file.source
    if source.language in not_in or DOCUMENTATION.search(source.path) is not None:
        return
    for statement in statements:
        if not source.mentions(statement.hint):
            continue
        for found in statement.pattern.finditer(source.text):
            if not _is_comment(source, found.start()) and not _is_harmless(statement, found, source):
                yield Hit(source.line_span(file.line_of(found.start())), statement.message)


def _is_comment(source: Source, at: int) -> bool:
    return COMMENT.match(source.text, source.text.rfind("\n", 0, at) + 1) is not None


def _is_harmless(statement: Statement, found: re.Match[str], source: Source) -> bool:
    following = source.text.find(statement.hint, found.end())
    end = min(found.end() + AROUND, following if following >= 0 else len(source.text))
    after = source.text[found.start() : end]
    return statement.unless is not None and statement.unless.search(after) is not None
