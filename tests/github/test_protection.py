"""What protects a branch is seen as it is, and changed only as it was planned."""

import pytest

from server.github.protection import SHOW, BranchNamed, RequiredCheck, Rules
from server.jobs.job import GiveUp
from tests.github.operating import Operator

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


async def test_an_app_without_the_permission_says_which_one_it_needs(operator: Operator):
    with pytest.raises(GiveUp, match=r"needs administration: read on octo/demo; grant it on the App's settings page"):
        await operator.ask(SHOW, MAIN)
