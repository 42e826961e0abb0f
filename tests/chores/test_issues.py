"""What is suggested of an issue, from its words."""

import msgspec
import pytest

from server.chores.issues import (
    Duplicate,
    IssueRead,
    Told,
    duplicates_of,
    labels_by_words,
    number_of,
    paths_named,
    plan,
    remembered,
)
from server.reviews.asks import Bill, Triage
from server.reviews.chore_rules import IssueRules
from server.reviews.finding import Severity

CRASH = Told(9, "Crash when the config file is empty", "Traceback: KeyError in server/config.py")


@pytest.mark.parametrize(
    ("title", "body", "is_found"),
    [
        ("Crash when the config file is empty", "Traceback: KeyError in server/config.py, line 3", True),
        ("Crash when config file empty", "It ends with a KeyError", True),
        ("Document the config file", "Nobody knows what stands in it", False),
        ("", "", False),
    ],
)
def test_what_shares_most_words_is_a_likely_duplicate(title: str, body: str, is_found: bool) -> None:
    assert bool(duplicates_of(CRASH, [Told(3, title, body)])) == is_found


def test_only_an_older_issue_is_repeated_and_no_pull_request() -> None:
    others = [msgspec.structs.replace(CRASH, number=12), msgspec.structs.replace(CRASH, number=2, is_pull=True)]

    assert duplicates_of(CRASH, others) == ()


def test_labels_by_whole_words() -> None:
    mapping = {"bug": ("crash", "traceback"), "docs": ("document",), "ui": ("button",)}

    assert labels_by_words(CRASH, mapping) == ["bug"]
    assert labels_by_words(Told(1, "Documented", "rebutton"), mapping) == []


def test_files_that_are_named_are_found() -> None:
    assert paths_named(CRASH, {"server/config.py", "config.py", "KeyError.py"}) == ["server/config.py"]


def test_a_page_of_memory_knows_its_issue() -> None:
    [page] = remembered("p", CRASH).files

    assert number_of(page.path) == 9
    assert number_of("docs/9.md") == 0


READ = IssueRead(told=CRASH, labels=("Bug", "docs"), rules=IssueRules(labels={"bug": ("crash",), "gone": ("crash",)}))
TRIAGE = Triage(("docs", "invented"), Severity.HIGH, (4,), "It reads like #4. See https://evil.example @all", Bill())


def test_only_labels_that_the_repository_has() -> None:
    assert plan(READ, None).labels == ("Bug",)
    assert plan(READ, TRIAGE).labels == ("Bug", "docs")


def test_what_a_model_says_is_shown_as_words() -> None:
    text = plan(READ, TRIAGE).text

    assert text.startswith("This may be the same as #4.\n\nSeverity, as it reads: high. ")
    assert "@all" not in text
    assert "https://evil" not in text


@pytest.mark.parametrize(("likeness", "wanted", "closes_as"), [(1.0, True, 3), (1.0, False, 0), (0.7, True, 0)])
def test_nothing_is_closed_unless_the_project_wants_it(likeness: float, wanted: bool, closes_as: int) -> None:
    rules = IssueRules(close_duplicates=wanted)
    read = msgspec.structs.replace(READ, rules=rules, duplicates=(Duplicate(3, likeness),))

    assert plan(read, None).closes_as == closes_as
    assert "This may be the same as #3" in plan(read, None).text
