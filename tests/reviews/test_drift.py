"""Where the lines of a pull request's head are in what somebody typed since."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.reviews import drift
from server.reviews.drift import Drift, Whereabouts

OLD = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("new", "asked", "expected"),
    [
        (OLD, (2, 3), (2, 3, True)),
        (["x", *OLD], (2, 3), (3, 4, True)),
        (["a", "b", "d", "e"], (4, 4), (3, 3, True)),
        (["a", "B", "c", "d", "e"], (2, 2), (2, 2, False)),
        (["a", "b", "x", "c", "d", "e"], (2, 3), (2, 4, False)),
        (["a", "d", "e"], (2, 3), (2, 2, False)),
        (["a"], (5, 5), (1, 1, False)),
        ([""], (1, 5), (1, 1, False)),
        (["x", "a", "b", "y", "d", "z", "e"], (4, 4), (5, 5, True)),
    ],
    ids=[
        "the same",
        "moved down",
        "moved up",
        "rewritten",
        "parted",
        "deleted",
        "cut off",
        "emptied",
        "between changes",
    ],
)
def test_lines_are_found_again(new: list[str], asked: tuple[int, int], expected: Whereabouts) -> None:
    assert Drift(OLD, new).now(*asked) == expected


LINES = st.lists(st.sampled_from("abc"), min_size=1, max_size=12)


@given(LINES, LINES, st.integers(1, 12))
def test_what_is_called_exact_is_the_same_line_and_all_lies_within_the_text(
    old: list[str], new: list[str], line: int
) -> None:
    line = min(line, len(old))
    found = Drift(old, new).now(line, line)

    assert 1 <= found.start <= found.end <= len(new)
    assert not found.is_exact or new[found.start - 1] == old[line - 1]


def test_of_far_too_much_only_the_beginning_and_the_end_are_compared() -> None:
    middle = [f"{number}" for number in range(drift.MAX_COMPARED + 1)]

    found = Drift(["a", *middle, "z"], ["a", "new", *reversed(middle), "z"])

    assert found.now(1, 1) == (1, 1, True)
    assert found.now(drift.MAX_COMPARED + 3, drift.MAX_COMPARED + 3).is_exact
    assert not found.now(5, 5).is_exact
