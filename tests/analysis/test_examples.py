"""Every check against its own examples: each bad one is hit, no good one is, and a fix mends what it says it mends."""

import ast
import re
from typing import Any

import pytest

from server.analysis.language import Language
from server.analysis.pages import PATHS, hits_of
from server.analysis.review import READERS, TEXT, Reader, all_checks
from server.analysis.rule import Check
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
def test_bad_examples_are_hit(language: Language, check: Check[Any]) -> None:
    assert [text for text in check.bad if not hits_of(language, check, text)] == []


@pytest.mark.parametrize(("language", "check"), CHECKS)
def test_messages_are_english(language: Language, check: Check[Any]) -> None:
    """`A AWS key`: an article that was put before a name without looking at it."""
    messages = {hit.message for text in check.bad for hit in hits_of(language, check, text)}

    assert [message for message in messages if re.search(r"\b[Aa] [AEIOaeio]", message)] == []


@pytest.mark.parametrize(("language", "check"), CHECKS)
def test_good_examples_are_not_hit(language: Language, check: Check[Any]) -> None:
    assert [(text, hit.message) for text in check.good for hit in hits_of(language, check, text)] == []


@pytest.mark.parametrize(("language", "check"), CHECKS)
def test_fixes_leave_valid_code_without_the_problem(language: Language, check: Check[Any]) -> None:
    for text in check.bad:
        hits = hits_of(language, check, text)
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


@pytest.mark.parametrize(("language", "check"), CHECKS)
def test_every_check_says_what_is_bad_and_what_is_good(language: Language, check: Check[Any]) -> None:
    assert check.bad
    assert check.good
    for text in (*check.bad, *check.good):
        _assert_parses(language, text)
