"""Whether a pull request that somebody wants merged is ready, what it waits for, or why it is not merged at all. Pure.

Wanted is one head, and no other: whoever pushes after the wish takes it back. `.hive.toml` of the base says what holds
beside GitHub's own rules of the branch.
"""

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from server.reviews.chore_rules import MergeGate, MergeMethod
from server.reviews.finding import Severity
from server.reviews.markdown import plain

CheckState: TypeAlias = Literal["passed", "pending", "failed"]

MAX_TOLD = 10
"""Of the reasons why it waits."""


class Check(NamedTuple):
    """A check run, or a status of a commit."""

    name: str
    state: CheckState


class Verdict(NamedTuple):
    """What somebody who may write to the repository said of the pull request last. *sha*: what it was said of."""

    login: str
    is_approval: bool
    sha: str


class Candidate(msgspec.Struct, frozen=True):
    """A pull request as it is now. *mergeable*: None while GitHub works it out; *rules*: GitHub's `mergeable_state`."""

    state: str
    is_merged: bool
    is_draft: bool
    head_sha: str
    mergeable: bool | None
    rules: str
    labels: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    open_findings: int = 0


class Ready(NamedTuple):
    """It is to be merged."""


class Waits(NamedTuple):
    """*reasons*: for people. *is_github's*: only GitHub's rules of the branch are left."""

    reasons: tuple[str, ...]
    is_githubs: bool = False


class Ends(NamedTuple):
    """The wish is over. *why*: for people."""

    why: str


class Unknown(NamedTuple):
    """GitHub still works out whether it can be merged."""


Decision: TypeAlias = Ready | Waits | Ends | Unknown


def decide(candidate: Candidate, gate: MergeGate, *, wanted_sha: str) -> Decision:
    if candidate.is_merged:
        return Ends(f"It is merged, at {candidate.head_sha[:12]}.")
    if candidate.state != "open":
        return Ends(f"Not merged: the pull request is {candidate.state}.")
    if candidate.head_sha != wanted_sha:
        return Ends(
            f"Not merged: a newer push ({candidate.head_sha[:12]}) came after {wanted_sha[:12]} was to be merged. "
            "`/hive merge` wants the new one."
        )
    reasons = (*_reasons(candidate, gate),)
    if reasons:
        return Waits(reasons)
    if candidate.mergeable is None or candidate.rules == "unknown":
        return Unknown()
    if candidate.rules in _GITHUBS_RULES:
        return Waits((_GITHUBS_RULES[candidate.rules],), is_githubs=candidate.rules == "blocked")
    return Ready()


_GITHUBS_RULES = {
    "dirty": "its conflicts with the base branch",
    "behind": "the base branch: the head has to contain all of it, and it is behind",
    "blocked": "what GitHub's rules of the base branch ask for (approvals or required checks)",
}


def _reasons(candidate: Candidate, gate: MergeGate) -> Iterator[str]:
    if candidate.is_draft:
        yield "the pull request to leave its draft"
    ignored = {name.casefold() for name in gate.ignore_checks}
    for check in candidate.checks:
        if check.state != "passed" and check.name.casefold() not in ignored:
            yield f"check {plain(check.name, limit=100)}, which {_CHECK_WORDS[check.state]}"
    blocking = {label.casefold() for label in gate.block_labels}
    for label in candidate.labels:
        if label.casefold() in blocking:
            yield f"label {plain(label, limit=100)} to be taken off"
    for verdict in candidate.verdicts:
        if not verdict.is_approval:
            yield f"{plain(verdict.login)}, who asked for changes"
    approvals = {v.login for v in candidate.verdicts if v.is_approval and v.sha == candidate.head_sha}
    if len(approvals) < gate.approvals:
        yield f"approvals of this head: {len(approvals)} of {gate.approvals}"
    if candidate.open_findings:
        worst = f"open findings of severity {gate.open_findings} or worse"
        yield f"{worst}: {candidate.open_findings}"


_CHECK_WORDS = {"pending": "has not ended", "failed": "failed"}


def counted_severities(gate: MergeGate) -> tuple[Severity, ...]:
    """Of which no finding may be open."""
    if gate.open_findings == "off":
        return ()
    return tuple(severity for severity in Severity if severity.rank <= Severity(gate.open_findings).rank)


def method_of(gate: MergeGate, allowed: Collection[MergeMethod]) -> MergeMethod | None:
    """The project's own where the repository allows it, else the first that it allows; None when it allows none."""
    if gate.method is not None and gate.method in allowed:
        return gate.method
    return next((method for method in _METHODS if method in allowed), None)


_METHODS: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")


def check_state(status: str, conclusion: str | None) -> CheckState:
    """Of a check run. Skipped and neutral ones stop nobody, as on GitHub."""
    if status != "completed":
        return "pending"
    return "passed" if conclusion in ("success", "neutral", "skipped") else "failed"


def status_state(state: str) -> CheckState:
    """Of a status of a commit."""
    return "passed" if state == "success" else "pending" if state == "pending" else "failed"


# What people read.


def waiting_text(waits: Waits, *, head_sha: str, by: str, is_handed_over: bool) -> str:
    """*by*: who asked. *is_handed_over*: GitHub merges it by itself."""
    told = [f"- {reason}" for reason in waits.reasons[:MAX_TOLD]]
    if len(waits.reasons) > MAX_TOLD:
        told.append(f"- {len(waits.reasons) - MAX_TOLD} more")
    who = " GitHub's auto-merge will do it." if is_handed_over else ""
    return (
        f"{head_sha[:12]} is merged once it is ready, as {plain(by)} asked.{who} It waits for:\n\n"
        + "\n".join(told)
        + "\n\nA newer push cancels this, and so does `/hive merge cancel`."
    )


def merged_text(merged_sha: str, *, head_sha: str, by: str) -> str:
    return f"Merged as {merged_sha[:12]}: {head_sha[:12]} was ready, and {plain(by)} had asked for it."


def taken_back_text(by: str) -> str:
    return f"Not merged: {plain(by)} took it back."


LATER_WISH = "Not merged by this: a later command took its place."
LACKING = (
    "Not merged: GitHub does not allow it to the App, which needs contents: write, statuses: read and checks: read. "
    "Grant them on the App's settings page, accept them where it is installed, and command it again."
)
NO_METHOD = "Not merged: the repository allows no way to merge."


def not_allowed_text(by: str) -> str:
    return f"Not merged: {plain(by)} may not write to the repository any more."


def refused_text(reason: str) -> str:
    return f"Not merged: {plain(reason, limit=500)}"


def note_marker(wish_id: str) -> str:
    """The first line of the one comment about a wish."""
    return f"<!-- hive:merge {wish_id} -->"
