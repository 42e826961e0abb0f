"""The pages of the rules: every rule has one, and it says enough to act on."""

import re

import pytest

from server.analysis.pages import Page, all_rules, page_of, to_markdown, with_ruffs_examples
from server.analysis.review import all_checks
from server.analysis.ruff_rules import CATALOGUE, SYNTAX_ERROR


def _is_ours(page: Page) -> bool:
    """Ruff finds syntax errors, too."""
    return not page.ruff_code and page.rule is not SYNTAX_ERROR


@pytest.fixture(scope="module")
def pages() -> tuple[Page, ...]:
    return tuple(all_rules().values())


def test_every_rule_has_a_page() -> None:
    known = {check.rule.id for _, check in all_checks()} | {rule.id for rule in CATALOGUE.values()}

    assert known <= set(all_rules())


def test_a_page_says_what_why_and_how_to_be_silent(pages: tuple[Page, ...]) -> None:
    for page in pages:
        text = to_markdown(page)

        assert text.startswith(f"# {page.title}\n")
        assert page.rule.why in text
        assert f"ignore[{page.rule.id.removeprefix('hive.')}]" in text
        assert text.count("```") % 2 == 0


def test_a_page_of_ours_shows_bad_and_good_code_and_what_is_said_of_it(pages: tuple[Page, ...]) -> None:
    for page in filter(_is_ours, pages):
        assert page.says, page.title
        assert page.bad, page.title
        assert page.good, page.title
        assert re.search(r"## Bad\n\n(`[^\n]+`\n\n)?```", to_markdown(page)), page.title


@pytest.mark.parametrize("name", ["hive.unclosed-file", "unclosed-file"])
def test_a_rule_is_found_with_and_without_its_first_word(name: str) -> None:
    assert (found := page_of(name)) is not None
    assert found.rule.id == "hive.unclosed-file"


def test_a_rule_of_ruff_is_found_by_its_code_alone() -> None:
    assert (found := page_of("f632")) is not None
    assert found.ruff_code == "F632"


def test_nobody_is_found_by_another_name() -> None:
    assert page_of("F") is None


def test_a_page_of_ruff_takes_the_first_example_of_ruffs_own() -> None:
    explanation = (
        "## Why\n## Example\n```python\na is 1\n```\nUse instead:\n```python\na == 1\n```\n## More\n```python\nb\n```\n"
    )
    page = page_of("F632")
    assert page is not None

    shown = with_ruffs_examples(page, "is-literal", explanation)

    assert [[*example.files.values()] for example in (*shown.bad, *shown.good)] == [["a is 1\n"], ["a == 1\n"]]
    assert shown.url.endswith("/is-literal/")
