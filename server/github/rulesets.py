"""Rulesets as GitHub's API has them, and the neutral shape: read, and written. Pure.

https://docs.github.com/en/rest/repos/rules
"""

from collections.abc import Iterable, Mapping, Sequence
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

KNOWN = (*FLAGS, "pull_request", "required_status_checks")


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

    def means_only(self, branch: str) -> bool:
        names = self.conditions.ref_name if self.conditions else _RefNames()
        return self.target == "branch" and names.include == [f"refs/heads/{branch}"] and not names.exclude


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
        others=tuple(rule.type for rule in rules if rule.type not in KNOWN),
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


def body_of(name: str, branch: str, before: Mapping[str, Any] | None, wanted: Rules) -> dict[str, Any]:
    """What `repos/create-repo-ruleset` or `update-repo-ruleset` is sent. *before*: the ruleset as GitHub answered.

    What `Rules` do not know of it is kept: rules of other types, parameters, who may bypass it.
    """
    kept = {field: before[field] for field in ("bypass_actors", "conditions") if field in before} if before else {}
    conditions = {"ref_name": {"include": [f"refs/heads/{branch}"], "exclude": []}}
    identity = {"name": name, "target": "branch", "enforcement": "active", "conditions": conditions}
    return identity | kept | {"rules": _rules_body(before.get("rules", []) if before else [], wanted)}


def _rules_body(before: Sequence[Mapping[str, Any]], wanted: Rules) -> list[Any]:
    found = {rule["type"]: rule for rule in before}
    demanded: dict[str, dict[str, Any]] = {
        type_: {"type": type_} for type_, name in FLAGS.items() if getattr(wanted, name)
    }
    if wanted.approvals is not None:
        demanded["pull_request"] = {"type": "pull_request", "parameters": _reviews_body(wanted)}
    if wanted.checks:
        demanded["required_status_checks"] = {"type": "required_status_checks", "parameters": _checks_body(wanted)}
    body = [rule for rule in before if rule["type"] not in KNOWN]
    for type_, rule in demanded.items():
        parameters = found.get(type_, {}).get("parameters", {}) | rule.get("parameters", {})
        body.append({"type": type_, "parameters": parameters} if parameters else rule)
    return body


def _reviews_body(wanted: Rules) -> dict[str, Any]:
    return {
        "required_approving_review_count": wanted.approvals,
        "dismiss_stale_reviews_on_push": wanted.dismiss_stale_reviews,
        "require_code_owner_review": wanted.code_owner_reviews,
        "require_last_push_approval": wanted.last_push_approval,
        "required_review_thread_resolution": wanted.resolved_conversations,
    }


def _checks_body(wanted: Rules) -> dict[str, Any]:
    checks = [{"context": c.name} | ({"integration_id": c.app} if c.app else {}) for c in wanted.checks]
    return {"required_status_checks": checks, "strict_required_status_checks_policy": wanted.up_to_date}
