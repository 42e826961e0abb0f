"""How GraphQL says no, with status 200, and where it is asked."""

from typing import Any

import pytest
from gidgethub.sansio import format_url

from server.effects.api import GitHubRefused, GitHubUnavailable, read_graphql_answer
from server.jobs.job import Snooze


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://github.example.com/api/v3", "https://github.example.com/api/graphql"),
    ],
    ids=["github.com", "an Enterprise Server"],
)
def test_graphql_stands_beside_the_rest_api(base_url: str, expected: str) -> None:
    assert format_url("../graphql", {}, base_url=base_url) == expected


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"errors": [{"type": "FORBIDDEN", "message": "no"}]}, GitHubRefused),
        ({"errors": [{"type": "NOT_FOUND", "message": "no"}], "data": None}, GitHubRefused),
        ({"errors": [{"type": "RATE_LIMITED", "message": "slowly"}]}, Snooze),
        ({"errors": [{"message": "Something went wrong"}]}, GitHubUnavailable),
        ({"data": []}, GitHubUnavailable),
        ({}, GitHubUnavailable),
        ([], GitHubUnavailable),
    ],
    ids=["forbidden", "not found", "rate limited", "broken", "other data", "no data", "no object"],
)
def test_an_answer_that_is_none_says_what_to_do_next(answer: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_graphql_answer(answer, dict)
