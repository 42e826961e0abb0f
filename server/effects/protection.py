"""What is done about a branch's protection: shown, planned, changed as it was planned. `branch_protection.py` speaks.

GitHub replaces protection as a whole and knows no condition for that. So one job at a time changes a branch's, and only
from the state that its plan saw; what an attempt may have done is looked at before it is done again.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from server.effects.api import read_answer
from server.effects.branch_protection import BranchProtection, protection_of
from server.effects.desk import Desk
from server.github import classic, rulesets
from server.github.classic import Classic
from server.github.operation import WishRefused
from server.github.protection import BranchNamed, Protection, Rules, digest_of
from server.github.protection_plan import (
    CHANGED_MEANWHILE,
    DRY_RUN,
    NOTHING_TO_CHANGE,
    Applied,
    ApplyWish,
    Plan,
    Wish,
    changes_between,
    wanted_rules,
)
from server.github.rulesets import Ruleset
from server.hubs.locks import LockTaken
from server.jobs.job import GiveUp, Snooze

BUSY_SECONDS = 5.0


class _Agreed(msgspec.Struct, frozen=True):
    """What the first attempt of a job found: whether the state was the plan's, and what that changes."""

    plan: Plan
    is_as_planned: bool


class _Written(msgspec.Struct, frozen=True):
    pass


class _Target(NamedTuple):
    """The mechanism that a wish means. *answer*: as GitHub says it, None where there is none yet."""

    answer: Any
    before: Rules
    now: Rules
    digest: str


async def show(desk: Desk, wish: BranchNamed) -> Protection:
    github = await desk.github(BranchProtection)
    return protection_of(desk.repository, wish.branch, await github.standing(wish.branch))


async def plan(desk: Desk, wish: Wish) -> Plan:
    return _plan(desk, wish, await _target(await desk.github(BranchProtection), wish))


async def apply(desk: Desk, wish: ApplyWish) -> Applied:
    if wish.dry_run:
        return Applied(await plan(desk, wish), is_applied=False, note=DRY_RUN)
    try:
        name = f"protection:{desk.repository.lower()}:{wish.branch}"
        async with desk.locks.hold(name, by=f"job {desk.work.job_id}") as lock:
            return await _apply(desk, wish, partial(desk.locks.confirm, lock))
    except LockTaken:
        raise Snooze(BUSY_SECONDS, "another job changes the protection of this branch") from None


async def _apply(desk: Desk, wish: ApplyWish, still_alone: Callable[[], Awaitable[None]]) -> Applied:
    github, job_id = await desk.github(BranchProtection), desk.work.job_id
    target = await _target(github, wish)
    planned = _plan(desk, wish, target)

    async def agree() -> _Agreed:
        return _Agreed(planned, planned.digest == wish.digest)

    agreed = await desk.ledger.once(
        f"protection plan of {job_id}", _Agreed, job_id=job_id, find=_nothing, act=agree
    )  # fmt: skip
    if not agreed.is_as_planned:
        return Applied(agreed.plan, is_applied=False, note=CHANGED_MEANWHILE)
    if not agreed.plan.changes:
        return Applied(agreed.plan, is_applied=False, note=NOTHING_TO_CHANGE)

    async def find() -> _Written | None:
        return None if planned.changes else _Written()

    async def act() -> _Written:
        await still_alone()
        await _write(github, wish, target, planned.wanted)
        return _Written()

    await desk.ledger.once(f"protection of {job_id}", _Written, job_id=job_id, find=find, act=act)
    _check(_plan(desk, wish, await _target(github, wish)))
    return Applied(agreed.plan, is_applied=True)


async def _nothing() -> None:
    """Agreeing leaves nothing outside."""


async def _target(github: BranchProtection, wish: Wish) -> _Target:
    """Of the state as it is now. Raises WishRefused for a ruleset that is not this branch's alone."""
    standing = await github.standing(wish.branch)
    if wish.desired.via == "classic":
        if standing.classic is None:
            return _Target(None, classic.NEW, Rules(), standing.digest)
        rules = classic.rules_of(read_answer(standing.classic, Classic))
        return _Target(standing.classic, rules, rules, standing.digest)
    answer = await github.own_ruleset(wish.desired.ruleset)
    digest = digest_of(standing.digest, answer)
    if answer is None:
        return _Target(None, Rules(), Rules(), digest)
    ruleset = read_answer(answer, Ruleset)
    _refuse_shared(ruleset, wish.branch)
    rules = rulesets.rules_of(ruleset.rules)
    return _Target(answer, rules, rules, digest)


def _refuse_shared(ruleset: Ruleset, branch: str) -> None:
    if not ruleset.means_only(branch):
        raise WishRefused(f"the ruleset {ruleset.name} means other branches, too: name another, or change it on GitHub")
    if ruleset.enforcement != "active":
        raise WishRefused(f"the ruleset {ruleset.name} is not in force: activate it on GitHub, or name another")


def _plan(desk: Desk, wish: Wish, target: _Target) -> Plan:
    wanted = wanted_rules(target.before, wish.desired)
    return Plan(
        repository=desk.repository,
        branch=wish.branch,
        via=wish.desired.via,
        ruleset=wish.desired.ruleset if wish.desired.via == "ruleset" else "",
        creates=target.answer is None,
        now=target.now,
        wanted=wanted,
        changes=changes_between(target.now, wanted),
        digest=target.digest,
    )


async def _write(github: BranchProtection, wish: Wish, target: _Target, wanted: Rules) -> None:
    if wish.desired.via == "classic":
        before = None if target.answer is None else read_answer(target.answer, Classic)
        body = classic.body_of(before, wanted)
        await github.replace_classic(
            wish.branch, body, signed=wanted.signed_commits, was_signed=target.now.signed_commits
        )
        return
    answer: Mapping[str, Any] | None = target.answer
    id_ = None if answer is None else read_answer(answer, Ruleset).id
    await github.write_ruleset(id_, rulesets.body_of(wish.desired.ruleset, wish.branch, answer, wanted))


def _check(again: Plan) -> None:
    """GitHub leaves out, without a word, what an account's plan does not hold."""
    if again.changes:
        left = "; ".join(change.line for change in again.changes)
        raise GiveUp(f"GitHub took the change, but this is not as wanted: {left}")
