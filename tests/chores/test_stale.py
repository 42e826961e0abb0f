"""When something is stale, no more, or closed."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from server.chores.stale import Due, Item, due, lacks_information
from server.reviews.chore_rules import IssueRules, StaleRules

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RULES = StaleRules(enabled=True, days=60, close_days=14)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("labels", "updated", "warned", "rules", "expected"),
    [
        ((), 59, None, {}, Due.NOTHING),
        ((), 61, None, {}, Due.WARN),
        (("Pinned",), 61, None, {}, Due.NOTHING),
        ((), 61, None, {"issues": False}, Due.NOTHING),
        (("stale",), 1, None, {}, Due.WARN),
        (("Stale",), 10, 10, {}, Due.NOTHING),
        (("stale",), 15, 15, {}, Due.CLOSE),
        (("stale",), 15, 15, {"close_days": 0}, Due.NOTHING),
        (("stale",), 1, 15, {}, Due.UNMARK),
        (("stale", "security"), 15, 15, {}, Due.UNMARK),
        (("stale", "security"), 15, None, {}, Due.NOTHING),
    ],
)
def test_what_is_due(
    labels: tuple[str, ...], updated: float, warned: float | None, rules: dict[str, object], expected: Due
) -> None:
    item = Item(1, labels, ago(updated), warned_at=None if warned is None else ago(warned))

    assert due(item, msgspec.structs.replace(RULES, **rules), now=NOW) is expected


@pytest.mark.parametrize(
    ("item", "is_closed"),
    [
        (Item(1, ("needs-info",), ago(15)), True),
        (Item(1, ("needs-info",), ago(13)), False),
        (Item(1, (), ago(15)), False),
        (Item(1, ("needs-info",), ago(15), is_pull=True), False),
    ],
)
def test_an_issue_without_an_answer(item: Item, is_closed: bool) -> None:
    assert lacks_information(item, IssueRules(needs_info_label="needs-info"), now=NOW) == is_closed
    assert not lacks_information(item, IssueRules(), now=NOW)
