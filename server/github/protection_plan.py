"""A wish about a branch's protection, and exactly what it would change. Pure.

A wish names rules; of what it does not name nothing changes. One mechanism is changed: the branch's classic protection,
or a ruleset that means this branch alone.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from server.github.operation import Operation, WishRefused
from server.github.protection import Branch, RequiredCheck, Rules, shown

CheckName = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]

REVIEW_RULES = ("dismiss_stale_reviews", "code_owner_reviews", "last_push_approval")


class Desired(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The document: rules by their names. *checks* are added to those that are required, *drop_checks* taken away.

    *via*: `classic` protection, or the `ruleset` of that name, which is made where there is none.
    *approvals* 0: a pull request is needed, but no approval; *pull_request* false: none is needed.
    """

    via: Literal["classic", "ruleset"] = "classic"
    ruleset: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] = "Agent Hive"
    pull_request: bool | UnsetType = UNSET
    approvals: Annotated[int, msgspec.Meta(ge=0, le=6)] | UnsetType = UNSET
    dismiss_stale_reviews: bool | UnsetType = UNSET
    code_owner_reviews: bool | UnsetType = UNSET
    last_push_approval: bool | UnsetType = UNSET
    resolved_conversations: bool | UnsetType = UNSET
    checks: Annotated[tuple[CheckName | RequiredCheck, ...], msgspec.Meta(max_length=100)] = ()
    drop_checks: Annotated[tuple[CheckName, ...], msgspec.Meta(max_length=100)] = ()
    up_to_date: bool | UnsetType = UNSET
    signed_commits: bool | UnsetType = UNSET
    linear_history: bool | UnsetType = UNSET
    no_force_pushes: bool | UnsetType = UNSET
    no_deletion: bool | UnsetType = UNSET
    no_creation: bool | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    admins_too: bool | UnsetType = UNSET


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    branch: Branch
    desired: Desired


class ApplyWish(Wish, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """*digest*: the plan's, whose difference is applied and no other. *dry_run*: only say what would change."""

    digest: Annotated[str, msgspec.Meta(max_length=64)]
    dry_run: bool = True


class Change(msgspec.Struct, frozen=True):
    """*line*: for people, `approvals: 1 -> 2`. *loosens*: it demands less than before."""

    rule: str
    line: str
    loosens: bool = False


class Plan(msgspec.Struct, frozen=True):
    """*creates*: there is no such protection or ruleset yet. *digest*: of all that protects the branch now."""

    repository: str
    branch: str
    via: str
    ruleset: str
    creates: bool
    now: Rules
    wanted: Rules
    changes: tuple[Change, ...]
    digest: str


class Applied(msgspec.Struct, frozen=True):
    """*is_applied*: the plan's difference was made. If not, *note* tells why."""

    plan: Plan
    is_applied: bool
    note: str = ""


PLAN = Operation("github.protection.plan", Wish, Plan, needs="administration: read")
APPLY = Operation("github.protection.apply", ApplyWish, Applied, needs="administration: write")

DRY_RUN = "a dry run: nothing was changed"
NOTHING_TO_CHANGE = "it is as wanted already"
CHANGED_MEANWHILE = "what protects the branch changed since that plan: nothing was done; plan again"


def wanted_rules(before: Rules, desired: Desired) -> Rules:
    """What the mechanism has to demand. Raises WishRefused for what contradicts itself."""
    if desired == Desired(via=desired.via, ruleset=desired.ruleset):
        raise WishRefused("the document names no rule; hive github protection plan --help lists them")
    if desired.via == "ruleset" and desired.admins_too is not UNSET:
        raise WishRefused("a ruleset names who may bypass it instead of admins_too: change that on GitHub's page of it")
    values = {name: getattr(desired, name, UNSET) for name in Rules.__struct_fields__ if name not in _OTHERWISE}
    values = {name: value for name, value in values.items() if value is not UNSET}
    approvals = _approvals(before.approvals, desired)
    if approvals is None:
        values |= dict.fromkeys(_refuse_reviews(desired), False)
    wanted = msgspec.structs.replace(before, approvals=approvals, checks=_checks(before.checks, desired), **values)
    if not wanted.checks and desired.up_to_date is True:
        raise WishRefused("up_to_date needs a check that has to pass: name one in checks")
    return wanted if wanted.checks else msgspec.structs.replace(wanted, up_to_date=False)


_OTHERWISE = ("approvals", "checks", "restricted")


def _approvals(before: int | None, desired: Desired) -> int | None:
    if desired.pull_request is False:
        if desired.approvals is not UNSET:
            raise WishRefused("approvals need a pull request: leave out approvals, or pull_request = false")
        return None
    if not isinstance(desired.approvals, UnsetType):
        return desired.approvals
    return 0 if before is None and desired.pull_request is True else before


def _refuse_reviews(desired: Desired) -> tuple[str, ...]:
    """The rules that nothing can demand without a pull request."""
    rules = REVIEW_RULES if desired.via == "classic" else (*REVIEW_RULES, "resolved_conversations")
    for name in rules:
        if getattr(desired, name) is True:
            raise WishRefused(f"{name} needs a pull request: name approvals, too")
    return rules


def _checks(before: tuple[RequiredCheck, ...], desired: Desired) -> tuple[RequiredCheck, ...]:
    """A check that is required already keeps its app, unless another one is named."""
    found = {check.name: check for check in before}
    for named in desired.checks:
        check = RequiredCheck(named) if isinstance(named, str) else named
        if check.name in desired.drop_checks:
            raise WishRefused(f"{check.name} stands both in checks and in drop_checks")
        if isinstance(named, RequiredCheck) or check.name not in found:
            found[check.name] = check
    return tuple(check for name, check in found.items() if name not in desired.drop_checks)


def changes_between(before: Rules, wanted: Rules) -> tuple[Change, ...]:
    found = []
    for name in Rules.__struct_fields__:
        now, then = getattr(before, name), getattr(wanted, name)
        if now != then:
            found.append(Change(name, f"{name}: {shown(now)} -> {shown(then)}", _loosens(now, then)))
    return tuple(found)


def _loosens(now: object, then: object) -> bool:
    match now, then:
        case bool(), bool():
            return now and not then
        case int(), int():
            return then < now
        case tuple(), tuple():
            return not set(now) <= set(then)
        case _:
            return then is None
