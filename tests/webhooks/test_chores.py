"""What deliveries ask for beside a review."""

import copy
from typing import Any

import msgspec
import pytest

from server.chores.refs import CommitChore, PullChore
from server.reviews.chore_kinds import ISSUE
from tests.github.payloads import example, examples
from webhooks.chores import AFTER_PULL_REQUEST, chores_of


def test_no_example_is_too_strange() -> None:
    for sent in examples():
        for request in chores_of(sent.event, sent.payload):
            assert request.concurrency_group, sent.name
            assert request.debounce_seconds or request.kind == ISSUE, sent.name


@pytest.mark.parametrize("action", AFTER_PULL_REQUEST)
def test_a_pull_request_is_looked_at(action: str) -> None:
    payload = copy.deepcopy(example("pull_request", "opened")) | {"action": action}

    requests = chores_of("pull_request", payload)

    assert tuple(request.kind for request in requests) == AFTER_PULL_REQUEST[action]
    for request in requests:
        chore = msgspec.json.decode(request.args, type=PullChore)
        assert (chore.repository, chore.number) == ("Codertocat/Hello-World", 2)


def a_status(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(next(sent.payload for sent in examples() if sent.event == "status")) | changes


def test_a_status_that_ended_leads_to_its_commit() -> None:
    [request] = chores_of("status", a_status(state="success", sha="a" * 40))

    assert msgspec.json.decode(request.args, type=CommitChore).head_sha == "a" * 40


@pytest.mark.parametrize("changes", [{"state": "pending"}, {"sha": "../../etc"}, {"repository": {}}])
def test_what_is_pending_or_strange_asks_for_nothing(changes: dict[str, Any]) -> None:
    assert chores_of("status", a_status(**changes)) == ()
