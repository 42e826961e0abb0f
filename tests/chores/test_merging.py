"""Whether a pull request is ready to be merged, as a table."""

import msgspec
import pytest

from server.chores.merging import (
    Candidate,
    Check,
    Ends,
    Ready,
    Unknown,
    Verdict,
    Waits,
    check_state,
    decide,
    method_of,
)
from server.reviews.chore_rules import MergeGate

HEAD, OTHER = "a" * 40, "b" * 40
GREEN = Candidate("open", False, False, HEAD, True, "clean")


def candidate(**changes: object) -> Candidate:
    return msgspec.structs.replace(GREEN, **changes)


def approval(login: str, sha: str = HEAD) -> Verdict:
    return Verdict(login, True, sha)


@pytest.mark.parametrize(
    ("now", "gate", "reason"),
    [
        ({"is_draft": True}, MergeGate(), "draft"),
        ({"checks": (Check("build", "pending"),)}, MergeGate(), "check build, which has not ended"),
        ({"checks": (Check("build", "failed"),)}, MergeGate(), "check build, which failed"),
        ({"labels": ("WIP",)}, MergeGate(block_labels=("wip",)), "label WIP"),
        ({"verdicts": (Verdict("bo", False, OTHER),)}, MergeGate(), "bo, who asked for changes"),
        ({"verdicts": (approval("bo"),)}, MergeGate(approvals=2), "approvals of this head: 1 of 2"),
        ({"verdicts": (approval("bo", OTHER),)}, MergeGate(approvals=1), "approvals of this head: 0 of 1"),
        ({"open_findings": 3}, MergeGate(open_findings="high"), "severity high or worse: 3"),
        ({"rules": "dirty"}, MergeGate(), "conflicts"),
        ({"rules": "behind"}, MergeGate(), "behind"),
        ({"rules": "blocked"}, MergeGate(), "rules of the base branch"),
    ],
)
def test_it_waits_for_what_is_missing(now: dict[str, object], gate: MergeGate, reason: str) -> None:
    decision = decide(candidate(**now), gate, wanted_sha=HEAD)

    assert isinstance(decision, Waits)
    [told] = decision.reasons
    assert reason in told
    assert decision.is_githubs == (now.get("rules") == "blocked")


@pytest.mark.parametrize(
    ("now", "gate"),
    [
        ({}, MergeGate()),
        ({"rules": "unstable"}, MergeGate()),
        ({"checks": (Check("Flaky", "failed"),)}, MergeGate(ignore_checks=("flaky",))),
        ({"verdicts": (approval("bo"), approval("cy"))}, MergeGate(approvals=2)),
        ({"labels": ("bug",)}, MergeGate(block_labels=("wip",))),
    ],
)
def test_it_is_ready_when_nothing_is_missing(now: dict[str, object], gate: MergeGate) -> None:
    assert decide(candidate(**now), gate, wanted_sha=HEAD) == Ready()


@pytest.mark.parametrize(
    ("now", "word"),
    [
        ({"is_merged": True, "state": "closed"}, "It is merged"),
        ({"state": "closed"}, "is closed"),
        ({"head_sha": OTHER}, "a newer push (bbbbbbbbbbbb)"),
    ],
)
def test_the_wish_ends_with_what_was_wanted(now: dict[str, object], word: str) -> None:
    decision = decide(candidate(**now), MergeGate(), wanted_sha=HEAD)

    assert isinstance(decision, Ends)
    assert word in decision.why


@pytest.mark.parametrize("now", [{"mergeable": None}, {"rules": "unknown"}])
def test_github_is_left_to_work_it_out(now: dict[str, object]) -> None:
    assert decide(candidate(**now), MergeGate(), wanted_sha=HEAD) == Unknown()


def test_the_project_says_how_to_merge_where_the_repository_allows_it() -> None:
    assert method_of(MergeGate(method="rebase"), {"merge", "rebase"}) == "rebase"
    assert method_of(MergeGate(method="rebase"), {"merge", "squash"}) == "merge"
    assert method_of(MergeGate(), {"squash"}) == "squash"
    assert method_of(MergeGate(), set()) is None


@pytest.mark.parametrize(
    ("status", "conclusion", "state"),
    [
        ("in_progress", None, "pending"),
        ("completed", "success", "passed"),
        ("completed", "skipped", "passed"),
        ("completed", "neutral", "passed"),
        ("completed", "cancelled", "failed"),
        ("completed", "action_required", "failed"),
    ],
)
def test_a_check_counts_as_on_github(status: str, conclusion: str | None, state: str) -> None:
    assert check_state(status, conclusion) == state
