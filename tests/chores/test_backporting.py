"""What is picked onto which branch."""

from datetime import UTC, datetime

import pytest

from server.chores.backporting import Merged, branches_wanted, is_branch, picks_of
from server.reviews.chore_rules import BackportRules


@pytest.mark.parametrize("name", ["main", "release/1.x", "v2", "stable-3.0", "a/b/c_d"])
def test_a_name_of_a_branch(name: str) -> None:
    assert is_branch(name)


NO_NAMES = [
    "",
    "-x",
    "a..b",
    "a b",
    "a;rm",
    "a/",
    "/a",
    "a//b",
    ".a",
    "a.",
    "a.lock",
    "a\n",
    "$(x)",
    "a`b",
    "ü",
    "a-->",
]


@pytest.mark.parametrize("name", [*NO_NAMES, "x" * 99 + "$", "x" * 101])
def test_what_is_no_name_that_is_taken(name: str) -> None:
    assert not is_branch(name)


def test_labels_name_branches_once_each() -> None:
    labels = ["bug", "backport v1", "Backport v1", "backport  v2 ", "backport", "backport $(reboot)", "backports v3"]

    assert branches_wanted(labels, BackportRules()) == ["v1", "v2"]


def a_commit(sha: str, message: str, *parents: str) -> Merged:
    return Merged(sha, parents, message, "Ada <ada@example.com>", datetime(2026, 1, 2, tzinfo=UTC))


ONE, TWO = a_commit("1", "One", "0"), a_commit("2", "Two", "1")


@pytest.mark.parametrize(
    ("history", "messages", "picked"),
    [
        ([a_commit("m", "Merge", "0", "2"), TWO], ["One", "Two"], [("m", True)]),
        ([a_commit("s", "Title (#1)", "0"), ONE], ["One", "Two"], [("s", False)]),
        ([TWO, ONE], ["One", "Two"], [("1", False), ("2", False)]),
        ([ONE], ["One"], [("1", False)]),
    ],
    ids=["a merge", "squashed", "rebased", "one commit"],
)
def test_what_the_merge_brought_is_picked(
    history: list[Merged], messages: list[str], picked: list[tuple[str, bool]]
) -> None:
    assert [(pick.commit.sha, pick.is_merge) for pick in picks_of(history, messages)] == picked
