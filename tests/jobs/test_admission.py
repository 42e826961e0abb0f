"""Who gets the places of a kind's limit."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.jobs.admission import Candidate, admit
from server.jobs.job import Priority

PROJECTS = ("a", "b", "c")

waiting = st.lists(st.tuples(st.sampled_from(PROJECTS), st.sampled_from(Priority), st.integers(0, 9)), max_size=30).map(
    lambda rows: [Candidate(UUID(int=number), *row) for number, row in enumerate(rows)]
)


def line_of(*classes: Priority, project: str = "a", each: int = 1000) -> list[Candidate]:
    return [Candidate(UUID(int=c * 10_000 + n), project, c, float(n)) for c in classes for n in range(each)]


def served(
    candidates: list[Candidate], places: int, *, in_all: int | None = None, of_project: Mapping[str, int] | None = None
) -> list[Candidate]:
    """One place after the other, as they become free."""
    counts: dict[str, int] = {}
    left = {candidate.id: candidate for candidate in candidates}
    order = []
    for _ in range(places):
        order += [left.pop(id_) for id_ in admit([*left.values()], in_all=in_all, of_project=of_project, counts=counts)]
    return order


@pytest.mark.parametrize(
    "limits", [{"in_all": 1}, {"of_project": {"a": 1}}, {"in_all": 1, "of_project": {"a": 1}}], ids=str
)
@pytest.mark.parametrize(
    ("classes", "lower"),
    [
        ((Priority.INTERACTIVE, Priority.BATCH), [2, 2, 2, 2]),
        ((Priority.PULL_REQUEST, Priority.BATCH), [2, 2, 2, 2]),
        ((Priority.INTERACTIVE, Priority.PULL_REQUEST), [1, 1, 1, 1]),
        ((Priority.INTERACTIVE, Priority.PULL_REQUEST, Priority.BATCH), [2, 1, 2, 1]),
    ],
    ids=str,
)
def test_every_tenth_place_goes_to_a_lower_class(
    limits: Mapping[str, object], classes: tuple[Priority, ...], lower: list[int]
) -> None:
    order = served(line_of(*classes), 40, **limits)  # type: ignore[arg-type]

    assert [candidate.priority for candidate in order[9::10]] == lower
    assert sum(candidate.priority > classes[0] for candidate in order) == 4


def test_who_waits_in_another_project_gets_every_tenth_place_too() -> None:
    urgent = line_of(Priority.INTERACTIVE) + line_of(Priority.BATCH, project="b")

    order = served(urgent, 40, in_all=1, of_project={"a": 1, "b": 1})

    assert [place for place, candidate in enumerate(order, 1) if candidate.project == "b"] == [10, 20, 30, 40]


@given(waiting, st.one_of(st.none(), st.integers(0, 9)), st.one_of(st.none(), st.integers(0, 3)), st.integers(0, 30))
def test_limits_are_kept_and_no_place_is_left(
    candidates: list[Candidate], in_all: int | None, each: int | None, count: int
) -> None:
    of_project = None if each is None else dict.fromkeys(PROJECTS, each)
    by_id = {candidate.id: candidate for candidate in candidates}

    admitted = admit(candidates, in_all=in_all, of_project=of_project, counts=dict.fromkeys(["", *PROJECTS], count))

    waits, got = (Counter(c.project for c in some) for some in (candidates, [by_id[id_] for id_ in admitted]))
    most = sum(count if each is None else min(each, count) for count in waits.values())
    assert len(admitted) == len(set(admitted)) == (most if in_all is None else min(most, in_all))
    assert each is None or all(count <= each for count in got.values())


@given(waiting)
def test_of_a_class_those_come_first_whose_project_has_come_least_far(candidates: list[Candidate]) -> None:
    by_id = {candidate.id: candidate for candidate in candidates}

    order = [by_id[id_] for id_ in admit(candidates, in_all=len(candidates), of_project=None, counts={})]

    for priority in Priority:
        turns = [candidate.turn for candidate in order if candidate.priority == priority]
        assert turns == sorted(turns)
