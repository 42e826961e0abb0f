"""What a project's file asks for beside reviews, a line each, for people. Pure."""

from collections.abc import Iterator

from server.reviews.chore_rules import IssueRules, MergeGate, StaleRules
from server.reviews.configuration import Configuration


def told_of_chores(configuration: Configuration) -> list[str]:
    backport, reviewers = configuration.backport, configuration.reviewers
    return [
        *_merging(configuration.merge),
        *([f"picked onto the branch of a label: {backport.label} <branch>"] if backport.enabled else []),
        *(["a check waits for what `Depends on #N` names"] if configuration.dependencies.enabled else []),
        *([f"owners are asked for a review, up to {reviewers.count}"] if reviewers.enabled else []),
        *(_issues(configuration.issues) if configuration.issues.enabled else []),
        *(_stale(configuration.stale) if configuration.stale.enabled else []),
    ]


def _merging(gate: MergeGate) -> Iterator[str]:
    if gate.method:
        yield f"/hive merge merges by: {gate.method}"
    if gate.approvals:
        yield f"/hive merge waits for approvals of the head: {gate.approvals}"
    if gate.open_findings != "off":
        yield f"/hive merge waits until no finding is open that is {gate.open_findings} or worse"
    yield from (f"/hive merge waits while labelled: {label}" for label in gate.block_labels)
    yield from (f"/hive merge does not wait for the check: {name}" for name in gate.ignore_checks)


def _issues(rules: IssueRules) -> Iterator[str]:
    yield "issues are sorted" + (", and likely duplicates told" if rules.duplicates else "")
    yield from (f"an issue is labelled {label} for: {', '.join(words)}" for label, words in rules.labels.items())
    if rules.close_duplicates:
        yield "an issue that repeats another one almost to the word is closed"
    if rules.assign:
        yield "an owner of a file that an issue names is assigned"
    if rules.needs_info_label:
        yield f"an issue labelled {rules.needs_info_label} is closed after {rules.needs_info_days} days without a touch"


def _stale(rules: StaleRules) -> Iterator[str]:
    closed = f", and closed {rules.close_days} days later" if rules.close_days else ""
    yield f"what nobody touches for {rules.days} days is labelled {rules.label}{closed}"
    yield from (f"never stale if labelled: {label}" for label in rules.exempt_labels)
