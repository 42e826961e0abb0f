"""What only several files together show: a flow from one into another, a route whose siblings ask who is there.

A check of this kind has two halves. `extract` keeps of one parsed file what the check needs, and is asked again only
when that file's text changes; `conclude` looks at the facts of all files. Both are pure.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from server.analysis.budget import Budget
from server.analysis.rule import Problem, Rule

FactsT = TypeVar("FactsT")

Files = Mapping[str, str]
"""A small project as an example: path -> text."""


class Found(NamedTuple):
    """A problem, and the file in which it is."""

    path: str
    problem: Problem


class Missed(NamedTuple):
    """What a check could not look at in a file, in a phrase for people."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class ProjectCheck(Generic[FactsT]):
    """Looks for *rules* across files.

    *reads*: the classes of parsed files (`PythonFile`) of which `extract` takes facts; None means that there are none.
    `conclude` calls `Budget.spend` between small pieces of work. Each of *bad* makes its rule speak; in *good*, none
    does.
    """

    name: str
    rules: tuple[Rule, ...]
    reads: tuple[type, ...]
    extract: Callable[[Any], FactsT | None]
    conclude: Callable[[Mapping[str, FactsT], Budget], Iterator[Found | Missed]]
    bad: tuple[tuple[Rule, Files], ...]
    good: tuple[Files, ...]
