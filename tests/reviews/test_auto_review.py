"""Which pull requests are reviewed by themselves."""

import pytest

from server.reviews.auto_review import Standing, reason_against, told_of
from server.reviews.configuration import AutoReview

ADAS = Standing("ada", labels=("Ready", "backend"), changed_files=3, changed_lines=120)

REVIEWED = {
    "by default": (AutoReview(), ADAS),
    "a draft, where drafts are": (AutoReview(drafts=True), Standing("ada", is_draft=True)),
    "with one of the labels, in whatever case": (AutoReview(require_labels=("urgent", "ready")), ADAS),
    "of another author": (AutoReview(skip_authors=("dependabot[bot]",)), ADAS),
    "at the limits": (AutoReview(max_files=3, max_lines=120), ADAS),
}

DECLINED = {
    "switched off": (AutoReview(enabled=False), ADAS, "switched off"),
    "a draft": (AutoReview(), Standing("ada", is_draft=True), "a draft"),
    "without the label": (AutoReview(require_labels=("urgent",)), ADAS, "none of the labels urgent"),
    "with a label": (AutoReview(skip_labels=("READY",)), ADAS, "labelled Ready"),
    "of an author": (AutoReview(skip_authors=("Ada",)), ADAS, "requests of ada"),
    "too many files": (AutoReview(max_files=2), ADAS, "changes 3 files"),
    "too many lines": (AutoReview(max_lines=119), ADAS, "changes 120 lines"),
}


@pytest.mark.parametrize(("rules", "standing"), REVIEWED.values(), ids=REVIEWED)
def test_reviewed(rules: AutoReview, standing: Standing) -> None:
    assert reason_against(rules, standing) == ""


@pytest.mark.parametrize(("rules", "standing", "reason"), DECLINED.values(), ids=DECLINED)
def test_not_reviewed_and_the_reason_says_why(rules: AutoReview, standing: Standing, reason: str) -> None:
    assert reason in reason_against(rules, standing)


def test_every_rule_is_told_of() -> None:
    rules = AutoReview(
        drafts=True, require_labels=("a",), skip_labels=("b",), skip_authors=("c",), max_files=1_000, max_lines=2
    )

    assert told_of(AutoReview()) == []
    assert told_of(AutoReview(enabled=False)) == ["no pull request is reviewed by itself"]
    assert told_of(rules) == [
        "drafts are reviewed, too",
        "reviewed by itself only if labelled: a",
        "not reviewed by itself if labelled: b",
        "not reviewed by itself if of: c",
        "not reviewed by itself above 1,000 changed files",
        "not reviewed by itself above 2 changed lines",
    ]
