"""When an issue or a pull request is stale, when that is over, and when it is closed. Pure.

Whatever happens to it is activity: GitHub tells only when it was touched last. `server/effects/chores/stale.py` looks
through every repository of the App, again and again, on the leader's schedule.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec

from server.jobs.recurrence import Recurrence
from server.jobs.schedules import Missed, NewSchedule
from server.reviews.chore_kinds import STALE
from server.reviews.chore_rules import IssueRules, StaleRules
from server.reviews.pull_request import Repository

SCHEDULE = NewSchedule(
    name="github-stale",
    kind=STALE,
    project="github",
    recurrence=Recurrence(None, 6 * 3600.0, "UTC"),
    missed=Missed.ONCE,
)

OWN_ACT = timedelta(minutes=2)
"""After our note: what GitHub counts of our own act is no activity."""


class RepositoryChore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One repository of the App."""

    project: str
    repository: Repository
    default_branch: Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
    installation_id: int


class Repositories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*left_out*: how many there was no room for."""

    repositories: tuple[RepositoryChore, ...]
    left_out: int = 0


class Item(msgspec.Struct, frozen=True):
    """One that is open. *warned_at*: of our newest word that it is stale."""

    number: int
    labels: tuple[str, ...]
    updated_at: datetime
    is_pull: bool = False
    warned_at: datetime | None = None


class Due(StrEnum):
    NOTHING = "nothing"
    WARN = "warn"
    UNMARK = "unmark"
    CLOSE = "close"


def due(item: Item, rules: StaleRules, *, now: datetime) -> Due:
    is_marked = _has(item, rules.label)
    is_meant = rules.pull_requests if item.is_pull else rules.issues
    if not is_meant or any(_has(item, label) for label in rules.exempt_labels):
        return Due.UNMARK if is_marked and item.warned_at else Due.NOTHING
    if not is_marked:
        return Due.WARN if item.updated_at <= now - timedelta(days=rules.days) else Due.NOTHING
    if item.warned_at is None:  # a person's mark: who wrote there is told what it means
        return Due.WARN
    if item.updated_at > item.warned_at + OWN_ACT:
        return Due.UNMARK
    is_over = rules.close_days and item.warned_at <= now - timedelta(days=rules.close_days)
    return Due.CLOSE if is_over else Due.NOTHING


def lacks_information(item: Item, rules: IssueRules, *, now: datetime) -> bool:
    """For so long that it is closed."""
    if not rules.needs_info_label or item.is_pull or not _has(item, rules.needs_info_label):
        return False
    return item.updated_at <= now - timedelta(days=rules.needs_info_days)


def _has(item: Item, label: str) -> bool:
    return label.casefold() in {known.casefold() for known in item.labels}


def warning(item: Item, rules: StaleRules) -> str:
    what = "pull request" if item.is_pull else "issue"
    closed = f" Otherwise it is closed in {_days(rules.close_days)}." if rules.close_days else ""
    return f"This {what} was not touched for {_days(rules.days)}. A word or a change keeps it.{closed}"


def _days(days: int) -> str:
    return "a day" if days == 1 else f"{days} days"


CLOSING = "Closed, because nothing came since it was called stale. Whoever still needs it may reopen it."
LACKING = "Closed, because what was asked for did not come. Whoever can tell more may reopen it."


def marker(kind: str, since: datetime) -> str:
    """The first line of our word about it. *since*: when it was touched last before."""
    return f"<!-- hive:{kind} {since:%Y-%m-%dT%H:%M:%SZ} -->"


def is_warning(body: str) -> bool:
    return body.startswith("<!-- hive:stale ")
