"""What protects a branch is seen as it is, and changed only as it was planned."""

from typing import Any

import pytest

from server.effects.api import GitHubUnavailable
from server.github.protection import SHOW, BranchNamed, RequiredCheck, Rules
from server.github.protection_plan import (
    APPLY,
    CHANGED_MEANWHILE,
    DRY_RUN,
    NOTHING_TO_CHANGE,
    PLAN,
    Applied,
    ApplyWish,
    Desired,
    Wish,
)
from server.jobs.job import GiveUp
from tests.github.operating import Operator
from tests.github.standin import Interruption

MAIN = BranchNamed("main")

CLASSIC = {
    "url": "https://api.github.com/p",
    "required_status_checks": {
        "url": "https://api.github.com/c",
        "contexts": ["ci"],
        "contexts_url": "https://api.github.com/c/contexts",
        "checks": [{"context": "ci", "app_id": 7}],
        "strict": True,
    },
    "enforce_admins": {"url": "https://api.github.com/a", "enabled": True},
    "required_signatures": {"url": "https://api.github.com/s", "enabled": False},
    "allow_force_pushes": {"enabled": False},
    "allow_deletions": {"enabled": True},
}
RULESET = {
    "id": 42,
    "name": "Releases",
    "source_type": "Organization",
    "source": "octo",
    "target": "branch",
    "enforcement": "active",
    "bypass_actors": [{"actor_id": 234, "actor_type": "Team", "bypass_mode": "always"}],
    "conditions": {"ref_name": {"include": ["~ALL"], "exclude": []}},
    "rules": [
        {"type": "required_linear_history"},
        {
            "type": "pull_request",
            "parameters": {
                "dismiss_stale_reviews_on_push": True,
                "require_code_owner_review": False,
                "require_last_push_approval": False,
                "required_approving_review_count": 2,
                "required_review_thread_resolution": False,
            },
        },
        {"type": "commit_message_pattern", "parameters": {"operator": "starts_with", "pattern": "issue"}},
    ],
}


async def test_classic_protection_and_rulesets_are_shown_in_one_shape(operator: Operator):
    operator.standin.permissions |= {"administration": "read"}
    operator.standin.protections["octo/demo", "main"] = CLASSIC
    operator.standin.rulesets.append(RULESET)

    found = await operator.ask(SHOW, MAIN)

    assert found.rules == Rules(
        approvals=2,
        dismiss_stale_reviews=True,
        checks=(RequiredCheck("ci", 7),),
        up_to_date=True,
        linear_history=True,
        no_force_pushes=True,
        admins_too=True,
    )
    classic, ruleset = found.sources
    assert (classic.via, classic.rules.approvals) == ("classic", None)
    assert (ruleset.name, ruleset.owner, ruleset.bypass) == ("Releases", "octo", ("Team 234",))
    assert ruleset.others == ("commit_message_pattern",)


async def test_a_branch_that_nothing_protects_is_shown_as_such(operator: Operator):
    operator.standin.permissions |= {"administration": "read"}

    found = await operator.ask(SHOW, MAIN)

    assert (found.sources, found.rules) == ((), Rules())


async def test_a_branch_that_is_not_there_is_told(operator: Operator):
    operator.standin.permissions |= {"administration": "read"}

    with pytest.raises(GiveUp, match="there is no branch gone in this repository"):
        await operator.ask(SHOW, BranchNamed("gone"))


async def test_an_app_without_the_permission_says_which_one_it_needs(operator: Operator):
    with pytest.raises(GiveUp, match=r"needs administration: read on octo/demo; grant it on the App's settings page"):
        await operator.ask(SHOW, MAIN)


def classic_wish(**rules: Any) -> Wish:
    return Wish("main", Desired(**rules))


async def applied(operator: Operator, wish: Wish, *, digest: str | None = None) -> Applied:
    """As a person does: planned, agreed to, applied."""
    digest = digest or (await operator.ask(PLAN, wish)).digest
    return await operator.ask(APPLY, ApplyWish(wish.branch, wish.desired, digest=digest, dry_run=False))


@pytest.fixture
def administrator(operator: Operator) -> Operator:
    operator.standin.permissions |= {"administration": "write"}
    return operator


VIA = [{"via": "classic"}, {"via": "ruleset", "ruleset": "Ours"}]


@pytest.mark.parametrize("via", VIA, ids=["classic", "ruleset"])
async def test_a_wish_is_applied_as_planned_and_once(administrator: Operator, via: dict[str, str]):
    wish = classic_wish(approvals=1, checks=["ci"], signed_commits=True, no_force_pushes=True, **via)

    first = await applied(administrator, wish)
    again = await applied(administrator, wish)
    more = await applied(administrator, classic_wish(linear_history=True, drop_checks=["ci"], **via))

    assert (first.is_applied, first.plan.creates, again.is_applied, again.note) == (
        True,
        True,
        False,
        NOTHING_TO_CHANGE,
    )
    assert [(c.rule, c.loosens) for c in more.plan.changes] == [("checks", True), ("linear_history", False)]
    rules = (await administrator.ask(SHOW, MAIN)).rules
    assert (rules.approvals, rules.signed_commits, rules.linear_history, rules.checks) == (1, True, True, ())


async def test_a_dry_run_changes_nothing(administrator: Operator):
    wish = ApplyWish("main", Desired(approvals=1), digest="")

    answer = await administrator.ask(APPLY, wish)

    assert (answer.is_applied, answer.note, bool(answer.plan.changes)) == (False, DRY_RUN, True)
    assert administrator.standin.protections == {}


@pytest.mark.parametrize("via", VIA, ids=["classic", "ruleset"])
async def test_what_changed_since_the_plan_is_not_overwritten(administrator: Operator, via: dict[str, str]):
    digest = (await administrator.ask(PLAN, classic_wish(approvals=1, **via))).digest
    administrator.standin.protections["octo/demo", "main"] = CLASSIC

    answer = await applied(administrator, classic_wish(approvals=1, **via), digest=digest)

    assert (answer.is_applied, answer.note) == (False, CHANGED_MEANWHILE)
    assert administrator.standin.protections == {("octo/demo", "main"): CLASSIC}
    assert administrator.standin.rulesets == []


@pytest.mark.parametrize("operation", ["repos/update-branch-protection", "repos/create-commit-signature-protection"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_an_attempt_that_died_is_finished_by_the_next(administrator: Operator, operation: str, after: bool):
    wish = classic_wish(approvals=1, signed_commits=True)
    agreed = ApplyWish("main", wish.desired, digest=(await administrator.ask(PLAN, wish)).digest, dry_run=False)
    administrator.standin.interrupt(Interruption(operation, after=after, status=502))

    with pytest.raises(GitHubUnavailable):
        await administrator.ask(APPLY, agreed)
    answer = await administrator.ask_again(APPLY, agreed)

    assert (answer.is_applied, answer.plan.creates) == (True, True)
    rules = (await administrator.ask(SHOW, MAIN)).rules
    assert (rules.approvals, rules.signed_commits) == (1, True)


async def test_a_ruleset_that_means_other_branches_is_left_alone(administrator: Operator):
    administrator.standin.rulesets.append(RULESET | {"source": "octo/demo", "source_type": "Repository"})

    with pytest.raises(GiveUp, match="the ruleset Releases means other branches, too"):
        await administrator.ask(PLAN, classic_wish(approvals=1, via="ruleset", ruleset="Releases"))
