"""What a description says that a pull request waits for."""

import pytest

from server.chores.dependencies import Dependency, dependencies_of, standing_of


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("Depends on #12", (12,)),
        ("Some words.\n\n- [ ] depends-on: #12, #13 and #12\n* Depends on #14\n", (12, 13, 14)),
        ("It depends on #12", ()),
        ("> Depends on #12\n\n```\nDepends on #13\n```\n<!-- Depends on #14 -->", ()),
        ("Depends on #7 and itself #1", (7,)),
        ("Depends on octo/other#12", ()),
        ("Depends on #12 other/repo#13", (12,)),
        ("Depends on #99999999999", ()),
        ("Depends on " + " ".join(f"#{n}" for n in range(2, 50)), tuple(range(2, 22))),
        ("", ()),
    ],
)
def test_what_is_named(body: str, named: tuple[int, ...]) -> None:
    assert dependencies_of(body, number=1) == named


@pytest.mark.parametrize(
    ("states", "is_over", "title"),
    [
        (["merged", "merged"], True, "All that it depends on is merged"),
        (["merged", "open"], False, "Waits for #3"),
        (["closed", "unknown"], False, "Waits for #2, #3"),
        ([], True, "Depends on nothing any more"),
    ],
)
def test_what_the_check_says(states: list[str], is_over: bool, title: str) -> None:
    standing = standing_of([Dependency(number, state) for number, state in enumerate(states, 2)])

    assert (standing.is_over, standing.title) == (is_over, title)
