"""Rulesets as GitHub's API shows them, read into the neutral shape. Pure.

https://docs.github.com/en/rest/repos/rules
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from server.github.protection import RequiredCheck, Rules, Source

FLAGS = {
    "required_signatures": "signed_commits",
    "required_linear_history": "linear_history",
    "non_fast_forward": "no_force_pushes",
    "deletion": "no_deletion",
    "creation": "no_creation",
    "update": "locked",
}
"""By GitHub's type of rule our name of it, where it has nothing more to say."""


class _Check(msgspec.Struct):
    context: str
    integration_id: int | None = None


class Parameters(msgspec.Struct):
    """Of the two types of rule that say more than that they are there; the types of others share none of these."""

    required_approving_review_count: int = 0
    dismiss_stale_reviews_on_push: bool = False
    require_code_owner_review: bool = False
    require_last_push_approval: bool = False
    required_review_thread_resolution: bool = False
    required_status_checks: list[_Check] = []
    strict_required_status_checks_policy: bool = False


class Rule(msgspec.Struct):
    """The last two tell where a rule comes from that holds for a branch."""

    type: str
    parameters: Parameters = msgspec.field(default_factory=Parameters)
    ruleset_id: int = 0
    ruleset_source: str = ""


class Actor(msgspec.Struct):
    actor_type: str
    actor_id: int | None = None
    bypass_mode: str = "always"


class _RefNames(msgspec.Struct):
    include: list[str] = []
    exclude: list[str] = []


class _Conditions(msgspec.Struct):
    ref_name: _RefNames = msgspec.field(default_factory=_RefNames)


class Ruleset(msgspec.Struct):
    """The answer to `repos/get-repo-ruleset`. *bypass_actors*: shown only to who may change it."""

    id: int
    name: str
    enforcement: str
    source_type: str = "Repository"
    target: str = "branch"
    bypass_actors: list[Actor] | None = None
    conditions: _Conditions | None = None
    rules: list[Rule] = []


def source_of(ruleset_id: int, rules: Sequence[Rule], ruleset: Ruleset | None) -> Source:
    """*rules*: those of it that hold for the branch. *ruleset* None: GitHub does not show it to us."""
    actors = (ruleset.bypass_actors if ruleset else None) or []
    return Source(
        "ruleset",
        msgspec.structs.replace(rules_of(rules), admins_too=not actors),
        name=ruleset.name if ruleset else "",
        id=ruleset_id,
        owner=rules[0].ruleset_source if rules else "",
        bypass=tuple(f"{actor.actor_type} {actor.actor_id or ''}".strip() for actor in actors),
        others=tuple(
            rule.type for rule in rules if rule.type not in (*FLAGS, "pull_request", "required_status_checks")
        ),
    )


def rules_of(rules: Iterable[Rule]) -> Rules:
    values: dict[str, Any] = {}
    for rule in rules:
        if rule.type in FLAGS:
            values[FLAGS[rule.type]] = True
        elif rule.type == "pull_request":
            values |= _reviews_of(rule.parameters)
        elif rule.type == "required_status_checks":
            checks = rule.parameters.required_status_checks
            values["checks"] = tuple(RequiredCheck(check.context, check.integration_id) for check in checks)
            values["up_to_date"] = rule.parameters.strict_required_status_checks_policy
    return Rules(**values)


def _reviews_of(wanted: Parameters) -> dict[str, Any]:
    return {
        "approvals": wanted.required_approving_review_count,
        "dismiss_stale_reviews": wanted.dismiss_stale_reviews_on_push,
        "code_owner_reviews": wanted.require_code_owner_review,
        "last_push_approval": wanted.require_last_push_approval,
        "resolved_conversations": wanted.required_review_thread_resolution,
    }
