"""What an issue is called, whom it concerns and which others say the same: suggestions from its words. Pure.

Labels come from the project's own mapping, duplicates from how much two texts share. A model's suggestion is checked by
the same rules before anything is done with it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from server.memory.wire import IndexedFile, Indexing
from server.reviews.asks import Issue, Triage
from server.reviews.chore_rules import IssueRules
from server.reviews.markdown import plain

MARKER = "<!-- hive:issue -->"
MAX_LABELS = 5
MAX_DUPLICATES = 3
MAX_BODY = 20_000
MAX_PATHS = 50

LIKELY = 0.5
"""Of what two issues share (`likeness`): told as a likely duplicate."""
SAME = 0.9
"""Closed as one, where the project wants that."""


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An issue in its author's words. *is_pull*: a pull request, of which GitHub makes issues too."""

    number: int
    title: str
    body: str
    state: str = "open"
    author: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    is_pull: bool = False


class Duplicate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    likeness: float


class IssueRead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first step's result. *parts*: what is remembered of it; *asks*: what a model is asked, once or not at all.

    *declined*: why nothing is done, for people. *labels*: those of the repository.
    """

    declined: str = ""
    told: Told | None = None
    labels: tuple[str, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    assignee: str = ""
    rules: IssueRules = IssueRules()
    parts: tuple[Indexing, ...] = ()
    asks: tuple[Issue, ...] = ()


class Plan(NamedTuple):
    """*labels*: to be added. *text*: of the one comment, "" for none. *closes_as*: the issue that it repeats, or 0."""

    labels: tuple[str, ...]
    assignee: str
    text: str
    closes_as: int


def plan(read: IssueRead, triage: Triage | None) -> Plan:
    assert read.told is not None
    told, rules = read.told, read.rules
    wanted = [*labels_by_words(told, rules.labels), *(triage.labels if triage else ())]
    labels = [label for label in _known(wanted, read.labels) if label not in told.labels][:MAX_LABELS]
    known = {duplicate.number for duplicate in read.duplicates}
    thought = [number for number in (triage.duplicates if triage else ()) if number not in known]
    numbers = [*(duplicate.number for duplicate in read.duplicates), *thought][:MAX_DUPLICATES]
    same = next((one.number for one in read.duplicates if one.likeness >= SAME), 0)
    closes_as = same if rules.close_duplicates and told.state == "open" else 0
    return Plan(tuple(labels), read.assignee, _text(numbers, closes_as, triage), closes_as)


def _known(wanted: Iterable[str], labels: Sequence[str]) -> list[str]:
    """As the repository writes them, each once."""
    by_name = {label.casefold(): label for label in labels}
    return list(dict.fromkeys(by_name[name.casefold()] for name in wanted if name.casefold() in by_name))


def labels_by_words(told: Told, mapping: Mapping[str, Collection[str]]) -> list[str]:
    """Those of which a word stands in the issue, as a whole word."""
    text = f"{told.title}\n{told.body[:MAX_BODY]}".casefold()
    return [label for label, words in mapping.items() if any(_stands(word.casefold(), text) for word in words)]


def _stands(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def likeness(one: Told, other: Told) -> float:
    """From 0 to 1: what their titles share counts as much as all that they share."""
    titles = _share(_words(one.title), _words(other.title))
    whole = _share(_words(f"{one.title} {one.body[:MAX_BODY]}"), _words(f"{other.title} {other.body[:MAX_BODY]}"))
    return (titles + whole) / 2


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", text.casefold()) if len(word) > 2 and word not in _COMMON)


_COMMON = frozenset(("the", "and", "for", "with", "that", "this", "from", "when", "not", "are", "was", "but", "have"))


def duplicates_of(told: Told, others: Iterable[Told]) -> tuple[Duplicate, ...]:
    """The likeliest first; of a closed one too, for what was said there."""
    found = [Duplicate(other.number, likeness(told, other)) for other in others if _may_be(told, other)]
    likely = [duplicate for duplicate in found if duplicate.likeness >= LIKELY]
    return tuple(sorted(likely, key=lambda one: (-one.likeness, one.number))[:MAX_DUPLICATES])


def _may_be(told: Told, other: Told) -> bool:
    return other.number < told.number and not other.is_pull


def paths_named(told: Told, paths: Collection[str]) -> list[str]:
    """Files of the repository that the issue names by their whole path."""
    words = dict.fromkeys(re.findall(r"[\w./+-]*\w", f"{told.title}\n{told.body[:MAX_BODY]}"))
    return [word for word in words if word in paths][:MAX_PATHS]


FOLDER = "GitHub issues/"


def remembered(project: str, told: Told) -> Indexing:
    """What is kept of it, to be found by meaning: a page of prose, whose new version takes the old one's place."""
    return Indexing(project, (IndexedFile(f"{FOLDER}{told.number}.md", f"# {told.title}\n\n{told.body[:MAX_BODY]}\n"),))


def number_of(path: str) -> int:
    """Of a page of memory; 0 for another one."""
    match = _PAGE.fullmatch(path)
    return int(match[1]) if match else 0


_PAGE = re.compile(rf"{FOLDER}([1-9][0-9]{{0,8}})\.md", re.ASCII)


def _text(duplicates: Sequence[int], closes_as: int, triage: Triage | None) -> str:
    """ "" when there is nothing to say."""
    parts = []
    if duplicates:
        parts.append("This may be the same as " + ", ".join(f"#{number}" for number in duplicates) + ".")
    if closes_as:
        parts.append(f"It says what #{closes_as} says, so it is closed: reopen it if it is not the same.")
    if triage and triage.why and (triage.severity or triage.duplicates):
        severity = f"Severity, as it reads: {triage.severity.value}. " if triage.severity else ""
        parts.append(f"{severity}{plain(triage.why, limit=600)}")
    return "\n\n".join(parts)


NOTHING_ANY_MORE = "Nothing like this is known any more."
