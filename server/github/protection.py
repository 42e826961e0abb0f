"""What protects a branch, in one neutral shape, whichever of GitHub's two mechanisms says it. Pure.

`classic` and `rulesets` read GitHub's own shapes into this one.
"""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from server.github.operation import Operation

# Ends up in addresses: https://git-scm.com/docs/git-check-ref-format, without what it only allows.
Branch = Annotated[
    str,
    msgspec.Meta(
        max_length=255,
        pattern=r"^(?!.*(?:\.\.|//|@\{|/\.|\.lock\Z|[./]\Z))[^\x00-\x20\x7f~^:?*\[\\./-][^\x00-\x20\x7f~^:?*\[\\]*\Z",
    ),
]


class RequiredCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*app*: the id of the GitHub App that has to report it; None for whoever does."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    app: int | None = None


class Rules(msgspec.Struct, frozen=True, omit_defaults=True):
    """What has to hold before a branch changes; by default nothing has.

    *approvals*: None where no pull request is needed, 0 where one is, but no approval. *locked*: nobody may push.
    *restricted*: only who is listed may push. *admins_too*: whoever administers the repository is held to it.
    """

    approvals: int | None = None
    dismiss_stale_reviews: bool = False
    code_owner_reviews: bool = False
    last_push_approval: bool = False
    resolved_conversations: bool = False
    checks: tuple[RequiredCheck, ...] = ()
    up_to_date: bool = False
    signed_commits: bool = False
    linear_history: bool = False
    no_force_pushes: bool = False
    no_deletion: bool = False
    no_creation: bool = False
    locked: bool = False
    restricted: bool = False
    admins_too: bool = False


class Source(msgspec.Struct, frozen=True):
    """One mechanism that protects the branch: `classic`, or `ruleset` with its *id*.

    *owner*: the repository or organization whose ruleset it is. *bypass*: who need not keep to it. *others*: what it
    demands beyond `rules`, by GitHub's name.
    """

    via: str
    rules: Rules
    name: str = ""
    id: int = 0
    owner: str = ""
    bypass: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class Protection(msgspec.Struct, frozen=True):
    """*rules*: what holds, the strictest of all *sources*. *digest* changes with anything that GitHub says of it."""

    repository: str
    branch: str
    rules: Rules
    sources: tuple[Source, ...]
    digest: str


class BranchNamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    branch: Branch


SHOW = Operation("github.protection.show", BranchNamed, Protection, needs="administration: read")


def shown(value: object) -> str:
    """The value of a rule, for people."""
    match value:
        case None:
            return "no pull request needed"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return (
                ", ".join(f"{check.name} (app {check.app})" if check.app else check.name for check in value) or "none"
            )
        case _:
            return str(value)


def strictest(all_rules: Iterable[Rules]) -> Rules:
    """What holds where several mechanisms protect one branch: GitHub applies them all."""
    merged = Rules()
    for rules in all_rules:
        values: dict[str, Any] = {}
        for name in Rules.__struct_fields__:
            ours, theirs = getattr(merged, name), getattr(rules, name)
            match ours, theirs:
                case bool(), bool():
                    values[name] = ours or theirs
                case tuple(), tuple():
                    values[name] = tuple(sorted({*ours, *theirs}, key=lambda check: (check.name, check.app or 0)))
                case _:
                    values[name] = max((n for n in (ours, theirs) if n is not None), default=None)
        merged = Rules(**values)
    return merged


def digest_of(*answers: Any) -> str:
    """Of GitHub's answers as they came: also what has no place in the neutral shape counts."""
    return hashlib.sha256(msgspec.json.encode(answers, order="deterministic")).hexdigest()[:32]
