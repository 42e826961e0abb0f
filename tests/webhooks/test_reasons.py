"""Why nothing is done, for each event that GitHub sends."""

import pytest

from tests.github.payloads import Example, examples
from webhooks.events import HANDLERS, Declined, decide
from webhooks.reasons import OF_ACTIONS, REASONS, reason_for

SUBSCRIBED = {
    *("pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread"),
    *("issue_comment", "issues", "push", "check_suite", "check_run", "workflow_run", "workflow_job", "status"),
    *("deployment", "deployment_status", "installation", "installation_repositories", "repository"),
    *("member", "membership", "organization", "team", "ping"),
}
"""What an App like this one may be sent."""


def test_every_event_is_handled_or_has_a_reason_of_its_own() -> None:
    assert HANDLERS.keys() | REASONS.keys() >= SUBSCRIBED
    assert not HANDLERS.keys() & REASONS.keys()
    assert {event for event, _ in OF_ACTIONS} <= REASONS.keys()


@pytest.mark.parametrize(
    "sent", [sent for sent in examples() if sent.event in REASONS], ids=lambda sent: f"{sent.name}"
)
def test_the_reason_goes_into_the_deliverys_note(sent: Example) -> None:
    decision = decide(sent.event, sent.payload)

    assert isinstance(decision, Declined)
    assert "nothing is done on " + sent.event not in decision.reason


@pytest.mark.parametrize(("event", "action"), [*OF_ACTIONS], ids=lambda named: str(named))
def test_an_action_may_have_a_reason_of_its_own(event: str, action: str) -> None:
    assert reason_for(event, {"action": action}) == OF_ACTIONS[event, action] != REASONS[event]


def test_an_event_that_nobody_knows_is_named() -> None:
    assert reason_for("teleported", {}) == "nothing is done on teleported events"
