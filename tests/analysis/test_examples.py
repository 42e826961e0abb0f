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


def _examples(which: str) -> list[Any]:
    return [
        pytest.param(language, check, text, id=f"{language.name.lower()}-{check.find.__name__}-{number}")
        for language, check in all_checks()
        for number, text in enumerate(getattr(check, which))
    ]


@pytest.mark.parametrize(("language", "check", "text"), _examples("bad"))
def test_a_bad_example_is_hit(language: Language, check: Check[Any], text: str) -> None:
    assert hits_of(language, check, text)


@pytest.mark.parametrize(("language", "check", "text"), _examples("bad"))
def test_a_message_is_english(language: Language, check: Check[Any], text: str) -> None:
    """`A AWS key`: an article that was put before a name without looking at it."""
    assert [hit.message for hit in hits_of(language, check, text) if re.search(r"\b[Aa] [AEIOaeio]", hit.message)] == []


@pytest.mark.parametrize(("language", "check", "text"), _examples("good"))
def test_a_good_example_is_not_hit(language: Language, check: Check[Any], text: str) -> None:
    assert [hit.message for hit in hits_of(language, check, text)] == []


@pytest.mark.parametrize(("language", "check", "text"), _examples("bad"))
def test_a_fix_leaves_valid_code_without_the_problem(language: Language, check: Check[Any], text: str) -> None:
    for hit in hits_of(language, check, text):
        if hit.fix is None:
            continue

        mended = apply_edits(text, hit.fix.edits)

        assert mended != text
        _assert_parses(language, mended)
        assert hit.span not in {again.span for again in hits_of(language, check, mended)}
        assert len(hits_of(language, check, mended)) < len(hits_of(language, check, text))


def _assert_parses(language: Language, text: str) -> None:
    if language is Language.PYTHON:
        ast.parse(text)
    else:
        source = Source.of(PATHS[language], text)
        assert _reader(language, source).parser.parse(source).gap == ""


@pytest.mark.parametrize(
    ("language", "check"),
    [
        pytest.param(language, check, id=f"{language.name.lower()}-{check.find.__name__}")
        for language, check in all_checks()
    ],
)
def test_every_check_says_what_is_bad_and_what_is_good(language: Language, check: Check[Any]) -> None:
    assert check.bad
    assert check.good
    for text in (*check.bad, *check.good):
        _assert_parses(language, text)
