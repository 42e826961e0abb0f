"""Every check against its own examples: each bad one is hit, no good one is, and a fix mends what it says it mends."""

import ast
import re
from typing import Any

import pytest

from server.analysis.language import Language
from server.analysis.pages import PATHS, hits_of
from server.analysis.review import READERS, TEXT, Reader, all_checks
from server.analysis.rule import Check, Hit
from server.analysis.source import Source
from server.reviews.finding import apply_edits


def _reader(language: Language, source: Source) -> Reader:
    return TEXT if language is Language.OTHER else READERS[source.language]


CHECKS = [
    pytest.param(language, check, id=f"{language.name.lower()}-{check.find.__name__}")
    for language, check in all_checks()
]
"""A test for each check, not for each of its thousands of examples: a failure shows the examples that it is about."""


@pytest.mark.parametrize(("language", "check"), CHECKS)
def test_a_check_is_right_about_its_own_examples(language: Language, check: Check[Any]) -> None:
    bad = {text: hits_of(language, check, text) for text in check.bad}
    good = {text: hits_of(language, check, text) for text in check.good}

    assert bad
    assert good
    for text in (*bad, *good):
        _assert_parses(language, text)
    assert [text for text, hits in bad.items() if not hits] == []
    assert [(text, hit.message) for text, hits in good.items() for hit in hits] == []
    assert [hit.message for hits in bad.values() for hit in hits if not _is_english(hit.message)] == []
    for text, hits in bad.items():
        _assert_fixes_leave_valid_code_without_the_problem(language, check, text, hits)


def _is_english(message: str) -> bool:
    """Not `A AWS key`: an article that was put before a name without looking at it."""
    return re.search(r"\b[Aa] [AEIOaeio]", message) is None


def _assert_fixes_leave_valid_code_without_the_problem(
    language: Language, check: Check[Any], text: str, hits: list[Hit]
) -> None:
    for hit in hits:
        if hit.fix is not None:
            mended = apply_edits(text, hit.fix.edits)

            assert mended != text
            _assert_parses(language, mended)
            left = hits_of(language, check, mended)
            assert hit.span not in {again.span for again in left}, text
            assert len(left) < len(hits), text


def _assert_parses(language: Language, text: str) -> None:
    if language is Language.PYTHON:
        ast.parse(text)
    else:
        source = Source.of(PATHS[language], text)
        assert _reader(language, source).parser.parse(source).gap == ""
