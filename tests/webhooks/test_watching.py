"""What deliveries ask for so that editors see it."""

import copy
from typing import Any

import msgspec
import pytest

from server.reviews.open_pull_request import READ, ReadWish
from tests.github.payloads import example, examples
from webhooks.watching import SHOWN, readings_of


def test_what_editors_show_is_read_anew_and_no_example_is_too_strange() -> None:
    for sent in examples():
        is_shown = sent.payload.get("action") in SHOWN.get(sent.event, ())

        requests = readings_of(sent.event, sent.payload)

        assert len(requests) == is_shown, sent.name
        for request in requests:
            wish = msgspec.json.decode(request.args, type=ReadWish)
            assert (request.kind, wish.number) == (READ, sent.payload["pull_request"]["number"]), sent.name
            assert request.debounce_seconds, "a review comes as many comments"


@pytest.mark.parametrize(
    "changes", [{"repository": {"full_name": "../..", "html_url": "x"}}, {"pull_request": {}}, {"action": None}]
)
def test_what_is_strange_asks_for_nothing(changes: dict[str, Any]) -> None:
    payload = copy.deepcopy(example("pull_request_review_thread", "resolved")) | changes

    assert readings_of("pull_request_review_thread", payload) == ()
