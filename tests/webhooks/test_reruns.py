"""Who presses "Re-run" at a check run is answered by a review of the pull request as it is."""

import copy
from typing import Any

import msgspec
import pytest

from server.jobs.job import JobRequest
from server.reviews.pull_request import PullRequestRef
from tests.github.payloads import example
from webhooks.events import Declined, decide

HEAD = "d" * 40


def a_rerun(event: str, **changes: Any) -> dict[str, Any]:
    payload = copy.deepcopy(example(event, "rerequested"))
    payload[event] |= {"head_sha": HEAD, "pull_requests": [], **changes}
    return payload


def asked_for(event: str, payload: dict[str, Any]) -> PullRequestRef:
    request = decide(event, payload)
    assert isinstance(request, JobRequest)
    assert request.kind == "review.pull_request"
    assert request.requested_by == f"github:{payload['sender']['login']}"
    ref = msgspec.json.decode(request.args, type=PullRequestRef)
    assert ref.rerun
    assert not ref.automatic
    assert request.concurrency_group == ref.name
    return ref


def test_a_check_run_of_ours_names_its_pull_request_also_from_a_fork() -> None:
    ref = asked_for("check_run", a_rerun("check_run", external_id=f"octo/demo#7@{HEAD} 01a2"))

    assert (ref.number, ref.head_sha) == (7, HEAD)


def test_without_a_name_of_ours_github_says_which_pull_request() -> None:
    ref = asked_for("check_run", a_rerun("check_run", external_id="42", pull_requests=[{"number": 9}]))

    assert ref.number == 9


def test_a_check_suite_is_about_the_pull_request_that_github_names() -> None:
    assert asked_for("check_suite", a_rerun("check_suite", pull_requests=[{"number": 9}])).number == 9


@pytest.mark.parametrize("event", ["check_run", "check_suite"])
def test_without_a_pull_request_it_is_said_what_to_press(event: str) -> None:
    decision = decide(event, a_rerun(event, external_id=None))

    assert isinstance(decision, Declined)
    assert "re-run the check Agent Hive" in decision.reason


@pytest.mark.parametrize(
    ("event", "action"),
    [("check_run", "created"), ("check_run", "completed"), ("check_run", "requested_action"),
     ("check_suite", "requested"), ("check_suite", "completed")],
)  # fmt: skip
def test_what_is_no_rerun_is_declined_with_the_reason(event: str, action: str) -> None:
    payload = a_rerun(event, pull_requests=[{"number": 9}]) | {"action": action}

    decision = decide(event, payload)

    assert isinstance(decision, Declined)
    assert action in decision.reason


def test_a_name_that_is_none_of_ours_ends_up_in_no_address() -> None:
    decision = decide("check_run", a_rerun("check_run", external_id=f"../..#7@{HEAD}\n", head_sha="../../x",
                                           pull_requests=[{"number": 9}]))  # fmt: skip

    assert isinstance(decision, Declined)
