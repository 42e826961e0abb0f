"""What follows when a repository gets another name or owner, goes, or is taken from the App."""

import copy
from typing import Any

import msgspec
import pytest

from server.reviews.moves import ProjectLeft, ProjectMoved
from tests.github.payloads import examples
from webhooks.events import Declined, decide
from webhooks.moves import moves_of


def a_delivery(event: str, action: str, **changes: Any) -> dict[str, Any]:
    found = (sent.payload for sent in examples() if sent.event == event and sent.payload.get("action") == action)
    return copy.deepcopy(next(found)) | changes


REPOSITORY = {"repository": {"full_name": "Ada/Shop", "html_url": "https://git.example.com/Ada/Shop"}}

MOVED = {
    "renamed": ({"changes": {"repository": {"name": {"from": "Till"}}}}, "Ada/Till"),
    "transferred by a person": ({"changes": {"owner": {"from": {"user": {"login": "Bob"}}}}}, "Bob/Shop"),
    "transferred by a company": ({"changes": {"owner": {"from": {"organization": {"login": "Inc"}}}}}, "Inc/Shop"),
}


@pytest.mark.parametrize(("changes", "old"), MOVED.values(), ids=MOVED)
def test_a_project_moves_from_its_old_name_to_its_new_one(changes: dict[str, Any], old: str) -> None:
    [request] = moves_of("repository", a_delivery("repository", "renamed", **REPOSITORY, **changes))

    assert msgspec.json.decode(request.args, type=ProjectMoved) == ProjectMoved(
        f"git.example.com/{old.lower()}", "git.example.com/ada/shop", old, "Ada/Shop"
    )
    assert request.kind == "project.move"


def test_a_repository_that_is_deleted_is_left() -> None:
    [request] = moves_of("repository", a_delivery("repository", "renamed", **REPOSITORY) | {"action": "deleted"})

    left = msgspec.json.decode(request.args, type=ProjectLeft)
    assert left == ProjectLeft("git.example.com/ada/shop", "Ada/Shop", is_deleted=True)


@pytest.mark.parametrize(("event", "action"), [("installation", "deleted"), ("installation_repositories", "removed")])
def test_what_is_taken_from_the_app_is_left(event: str, action: str) -> None:
    [request] = moves_of(event, a_delivery(event, action))

    left = msgspec.json.decode(request.args, type=ProjectLeft)
    assert left == ProjectLeft("github.com/octocat/hello-world", "octocat/Hello-World")


NOTHING = {
    "suspended": ("installation", a_delivery("installation", "suspend")),
    "added": ("installation_repositories", a_delivery("installation_repositories", "added")),
    "the same name": ("repository", {"action": "renamed", **REPOSITORY, "changes": {}}),
    "no name": ("repository", {"action": "renamed", **REPOSITORY, "changes": {"repository": {"name": {"from": ".."}}}}),
    "no repository": ("repository", {"action": "deleted"}),
    "no action": ("repository", {"action": ["renamed"]}),
}


@pytest.mark.parametrize(("event", "payload"), NOTHING.values(), ids=NOTHING)
def test_nothing_follows_from(event: str, payload: dict[str, Any]) -> None:
    assert moves_of(event, payload) == ()
    assert isinstance(decide(event, payload), Declined), "and its delivery has a reason"
