"""The words of a rule: what it says, where it looks, what it hit.

A `Rule` is data and speaks of every language; a `Check` is one small function that looks for it in one language, with
examples that the tests run and that the rule's page shows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from server.analysis.source import Span
from server.reviews.finding import Confidence, Fix, Location, Severity

FileT = TypeVar("FileT")


class Kind(StrEnum):
    """A bug is wrong wherever it stands; what is only a security problem is milder in test code."""

    BUG = "bug"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Rule:
    """*answers_to*: codes of other tools (`S608`) whose inline suppressions silence this rule too.

    *cwe* is the weakness itself; *also* are its parents and other names in the CWE list, where people use them for the
    same thing (259 beside 798). *remedy*: what to do instead, in a sentence or two, for the rule's page.
    """

    id: str
    kind: Kind
    severity: Severity
    confidence: Confidence
    why: str
    cwe: int | None = None
    answers_to: tuple[str, ...] = ()
    in_tests: bool = True
    also: tuple[int, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a check struck. *severity* and *confidence* override the rule's; *evidence* stands for the source text.

    *related*: the places that explain it; with *is_flow*, the source of a value first and then each step of its way.
    """

    span: Span
    message: str
    fix: Fix | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    evidence: str | None = None
    related: tuple[Location, ...] = ()
    is_flow: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A hit of a rule: a finding that has no identity yet."""

    rule: Rule
    hit: Hit


@dataclass(frozen=True, slots=True)
class Failure:
    """A bug of ours: a check that raised *error*, and is not asked about this file again."""

    rule: Rule
    error: Exception

    def __str__(self) -> str:
        return f"rule {self.rule.id} failed ({type(self.error).__name__})"


@dataclass(frozen=True, slots=True)
class Check(Generic[FileT]):
    """Looks for *rule* at every node of the types *on*. Each of *bad* is hit; none of *good* is."""

    rule: Rule
    on: tuple[Any, ...]
    find: Callable[[Any, FileT], Iterator[Hit]]
    bad: tuple[str, ...]
    good: tuple[str, ...]


def check(
    rule: Rule, *, on: tuple[Any, ...], bad: tuple[str, ...], good: tuple[str, ...]
) -> Callable[[Callable[[Any, FileT], Iterator[Hit]]], Check[FileT]]:
    """Make a Check of the function below it."""

    def make(find: Callable[[Any, FileT], Iterator[Hit]]) -> Check[FileT]:
        return Check(rule, on, find, bad, good)

    return make
