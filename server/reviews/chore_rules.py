"""What `.hive.toml` says of chores: merging, backports, and whatever else is done beside reviews. Pure schema.

Nothing is done by itself that a project's file does not ask for.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

MergeMethod: TypeAlias = Literal["merge", "squash", "rebase"]

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class MergeGate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `/hive merge` waits for beside green checks and GitHub's own rules of the branch."""

    method: Annotated[
        MergeMethod | None, msgspec.Meta(description="How to merge, where the repository allows it so.")
    ] = None
    approvals: Annotated[
        int, msgspec.Meta(ge=0, le=10, description="Of the very head that is merged, by who may write.")
    ] = 0
    open_findings: Annotated[
        Literal["critical", "high", "medium", "low", "off"],
        msgspec.Meta(description="No finding of this severity or worse may be open."),
    ] = "off"
    block_labels: Annotated[
        tuple[Word, ...], msgspec.Meta(max_length=100, description="Not with any of these labels.")
    ] = ()
    ignore_checks: Annotated[
        tuple[Word, ...], msgspec.Meta(max_length=100, description="Checks that need not be green.")
    ] = ()


class BackportRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A merged pull request with a label `backport <branch>` is picked onto that branch, as one of its own."""

    enabled: bool = False
    label: Annotated[
        str, msgspec.Meta(min_length=1, max_length=40, description="What such a label begins with, before a space.")
    ] = "backport"


class DependencyRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line `Depends on #12` in a pull request's description makes a check that waits until #12 is merged."""

    enabled: bool = False


class ReviewerRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who owns what a pull request changes is asked for a review when it is opened or leaves its draft."""

    enabled: bool = False
    count: Annotated[int, msgspec.Meta(ge=1, le=10, description="Ask until so many are asked in all.")] = 2
    teams: Annotated[bool, msgspec.Meta(description="Ask teams for files that no single person owns.")] = False
    exclude: Annotated[tuple[Word, ...], msgspec.Meta(max_length=100, description="Logins that are never asked.")] = ()
    file: Annotated[
        str,
        msgspec.Meta(max_length=500, description="Another file than CODEOWNERS, whose owners GitHub asks by itself."),
    ] = ""


class StaleRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What nobody touched for long is warned of, and then closed; any touch keeps it. By the default branch."""

    enabled: bool = False
    days: Annotated[int, msgspec.Meta(ge=1, le=3650, description="Without a touch, until it is warned of.")] = 60
    close_days: Annotated[
        int, msgspec.Meta(ge=0, le=3650, description="After the warning, until it is closed; 0: never.")
    ] = 14
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] = "stale"
    exempt_labels: Annotated[tuple[Word, ...], msgspec.Meta(max_length=100)] = ("pinned", "security")
    issues: bool = True
    pull_requests: bool = True


class IssueRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done with an issue that is opened or edited, by `.hive.toml` of the default branch."""

    enabled: bool = False
    labels: Annotated[
        dict[Word, Annotated[tuple[Word, ...], msgspec.Meta(max_length=50)]],
        msgspec.Meta(max_length=50, description="By label of the repository: words of which one stands in the issue."),
    ] = {}
    duplicates: Annotated[bool, msgspec.Meta(description="Tell of issues that seem to say the same.")] = True
    close_duplicates: Annotated[bool, msgspec.Meta(description="Close one that says the same almost to the word.")] = (
        False
    )
    assign: Annotated[
        bool, msgspec.Meta(description="Assign whoever owns, by CODEOWNERS, a file that the issue names.")
    ] = False
    needs_info_label: Annotated[
        str, msgspec.Meta(max_length=50, description="Issues with it are closed when no answer comes; empty for none.")
    ] = ""
    needs_info_days: Annotated[int, msgspec.Meta(ge=1, le=3650, description="Without a touch, until then.")] = 14
