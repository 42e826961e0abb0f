"""What a wish about a branch's protection changes: exactly what it names. Pure."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from server.github import classic, rulesets
from server.github.classic import Classic
from server.github.operation import WishRefused
from server.github.protection import RequiredCheck, Rules
from server.github.protection_plan import Desired, changes_between, wanted_rules

NOW = Rules(
    approvals=2,
    dismiss_stale_reviews=True,
    checks=(RequiredCheck("ci", 7), RequiredCheck("lint")),
    up_to_date=True,
    no_force_pushes=True,
    restricted=True,
)

WISHES: dict[str, tuple[dict[str, Any], list[tuple[str, bool]]]] = {
    "more approvals": ({"approvals": 3}, [("approvals: 2 -> 3", False)]),
    "fewer approvals": ({"approvals": 1}, [("approvals: 2 -> 1", True)]),
    "as it is": ({"approvals": 2, "pull_request": True, "up_to_date": True, "checks": ["ci"]}, []),
    "a check more": ({"checks": ["e2e"]}, [("checks: ci (app 7), lint -> ci (app 7), lint, e2e", False)]),
    "a check of a named app": (
        {"checks": [RequiredCheck("lint", 9)]},
        [("checks: ci (app 7), lint -> ci (app 7), lint (app 9)", True)],
    ),
    "a check less": ({"drop_checks": ["ci"]}, [("checks: ci (app 7), lint -> lint", True)]),
    "no check at all": (
        {"drop_checks": ["ci", "lint"]},
        [("checks: ci (app 7), lint -> none", True), ("up_to_date: yes -> no", True)],
    ),
    "no pull request": (
        {"pull_request": False},
        [("approvals: 2 -> no pull request needed", True), ("dismiss_stale_reviews: yes -> no", True)],
    ),
    "force pushes": ({"no_force_pushes": False}, [("no_force_pushes: yes -> no", True)]),
}


@pytest.mark.parametrize("name", WISHES)
def test_a_wish_changes_what_it_names_and_nothing_else(name: str):
    document, expected = WISHES[name]

    changes = changes_between(NOW, wanted_rules(NOW, Desired(**document)))

    assert [(change.line, change.loosens) for change in changes] == expected


REFUSED: dict[str, dict[str, Any]] = {
    "names no rule": {},
    "leave out approvals": {"pull_request": False, "approvals": 1},
    "code_owner_reviews needs a pull request": {"pull_request": False, "code_owner_reviews": True},
    "both in checks and in drop_checks": {"checks": ["ci"], "drop_checks": ["ci"]},
    "up_to_date needs a check": {"drop_checks": ["ci", "lint"], "up_to_date": True},
    "instead of admins_too": {"via": "ruleset", "admins_too": True},
    "resolved_conversations needs a pull request": {
        "via": "ruleset",
        "pull_request": False,
        "resolved_conversations": True,
    },
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_wish_that_contradicts_itself_is_refused_with_what_helps(reason: str):
    with pytest.raises(WishRefused, match=reason):
        wanted_rules(NOW, Desired(**REFUSED[reason]))


RULES: dict[str, Rules] = {
    "nothing": Rules(),
    "everything": Rules(
        **{name: True for name in Rules.__struct_fields__ if isinstance(getattr(Rules(), name), bool)},
        approvals=3,
        checks=NOW.checks,
    ),
    "something": replace(NOW, restricted=False),
}


@pytest.mark.parametrize("name", RULES)
def test_a_ruleset_that_was_written_reads_as_it_was_wanted(name: str):
    wanted = replace(RULES[name], restricted=False, admins_too=False)

    body = rulesets.body_of("ours", "main", None, wanted)

    assert rulesets.rules_of(_read(body["rules"])) == wanted
    assert body["conditions"] == {"ref_name": {"include": ["refs/heads/main"], "exclude": []}}


def test_what_a_ruleset_demands_beyond_our_rules_is_written_back_as_it_was():
    foreign = {"type": "commit_message_pattern", "parameters": {"operator": "contains", "pattern": "x"}}
    reviews = {"type": "pull_request", "parameters": {"allowed_merge_methods": ["squash"]}}
    before = {"rules": [foreign, reviews], "bypass_actors": [{"actor_type": "Team", "actor_id": 1}]}

    body = rulesets.body_of("ours", "main", before, Rules(approvals=1))

    assert body["bypass_actors"] == before["bypass_actors"]
    assert body["rules"][0] == foreign
    assert body["rules"][1]["parameters"]["allowed_merge_methods"] == ["squash"]


def test_whom_classic_protection_names_is_written_back():
    people = {"users": [{"login": "ada"}], "teams": [{"slug": "core"}], "apps": []}
    before = _classic({"restrictions": people, "required_pull_request_reviews": {"dismissal_restrictions": people}})
    named = {"users": ["ada"], "teams": ["core"], "apps": []}

    body = classic.body_of(before, replace(classic.rules_of(before), approvals=1))

    assert body["restrictions"] == named
    assert body["required_pull_request_reviews"]["dismissal_restrictions"] == named


def _classic(answer: dict[str, Any]) -> Classic:
    return msgspec.convert(answer, Classic)


def _read(rules: list[Any]) -> list[rulesets.Rule]:
    return msgspec.convert(rules, list[rulesets.Rule])
