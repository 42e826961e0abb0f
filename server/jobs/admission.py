"""Who is let in next under a kind's limit: the most urgent, but every tenth place goes to who is less. Pure."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

from server.jobs.job import Priority
from server.jobs.room import KEPT_EVERY

WHOLE = ""
"""Under it the places of the whole limit are counted, beside those of each project."""


class Candidate(NamedTuple):
    """A held job. *turn*: how far its project has come in its class."""

    id: UUID
    project: str
    priority: int
    turn: float


_Classes: TypeAlias = dict[int, list[Candidate]]
"""What waits in one line, by urgency; who is first is at the end."""


def admit(
    candidates: Sequence[Candidate],
    *,
    in_all: int | None,
    of_project: Mapping[str, int] | None,
    counts: MutableMapping[str, int],
) -> list[UUID]:
    """The jobs that get a place. *in_all*: how many there are; *of_project*: how many for each project; None for any.

    *counts*: how many places were given while something less urgent waited, of the whole and of each project: every
    tenth goes to a lower class. It is counted on here.
    """
    lines = _lines(candidates, by_project=of_project is not None)
    if of_project is None:
        return _from(lines.get(WHOLE, {}), len(candidates) if in_all is None else in_all, WHOLE, counts)
    if in_all is None:
        return [job for project, line in lines.items() for job in _from(line, of_project[project], project, counts)]
    room = dict(of_project)
    admitted: list[UUID] = []
    while len(admitted) < in_all and (open_ := {p: line for p, line in lines.items() if line and room[p] > 0}):
        project = _whose_turn(open_, counts)
        admitted += _from(lines[project], 1, project, counts)
        room[project] -= 1
    return admitted


def _whose_turn(lines: Mapping[str, _Classes], counts: MutableMapping[str, int]) -> str:
    """A project counts for as urgent as the most urgent that waits in it, whoever of it is next."""
    by_urgency: dict[int, list[str]] = {}
    for project, line in lines.items():
        by_urgency.setdefault(min(line), []).append(project)
    urgency = _next_class(by_urgency, WHOLE, counts)
    return min(by_urgency[urgency], key=lambda project: _place(lines[project][urgency][-1]))


def _from(line: _Classes, places: int, name: str, counts: MutableMapping[str, int]) -> list[UUID]:
    admitted: list[UUID] = []
    while line and len(admitted) < places:
        urgency = _next_class(line, name, counts)
        admitted.append(line[urgency].pop().id)
        if not line[urgency]:
            del line[urgency]
    return admitted


def _next_class(waiting: Mapping[int, object], name: str, counts: MutableMapping[str, int]) -> int:
    most_urgent = min(waiting)
    if len(waiting) == 1:  # to nobody anything is owed
        return most_urgent
    counts[name] = counts.get(name, 0) + 1
    nth, rest = divmod(counts[name], KEPT_EVERY)
    if rest:
        return most_urgent
    lower = (Priority.PULL_REQUEST, Priority.BATCH) if nth % 2 == 0 else (Priority.BATCH, Priority.PULL_REQUEST)
    return next(int(priority) for priority in lower if priority in waiting and priority > most_urgent)


def _lines(candidates: Sequence[Candidate], *, by_project: bool) -> dict[str, _Classes]:
    lines: dict[str, _Classes] = {}
    for candidate in sorted(candidates, key=_place, reverse=True):
        line = lines.setdefault(candidate.project if by_project else WHOLE, {})
        line.setdefault(candidate.priority, []).append(candidate)
    return lines


def _place(candidate: Candidate) -> tuple[float, UUID]:
    return candidate.turn, candidate.id
