"""Why nothing is done on an event that asks for no job: the note of its delivery, for people.

Pure. `events.py` knows what is done.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from server.reviews.project import name_from_remote

REASONS: dict[str, str] = {
    "deployment": "nothing is deployed by us: whoever deploys reports how it stands",
    "deployment_protection_rule": "no deployment waits for a word of ours",
    "deployment_review": "who lets a deployment go on decides on GitHub",
    "deployment_status": "how a deployment stands is GitHub's to know: hive github deployments asks each time",
    "github_app_authorization": "nothing is done in the name of single people",
    "installation": "what the App may do is GitHub's to know: it is asked each time",
    "installation_repositories": "where the App is installed is GitHub's to know: it is asked each time",
    "issues": "an issue is looked at when it is opened, edited or reopened",
    "member": "who may command is looked up when somebody commands",
    "membership": "who may command is looked up when somebody commands",
    "organization": "who may command is looked up when somebody commands",
    "ping": "GitHub's greeting: the webhook and its secret are right",
    "pull_request_review": "what people say in reviews of their own asks nothing of us",
    "pull_request_review_thread": "what a thread that people resolve says of a finding is kept, and asks for no review",
    "repository": "what is known of a project does not depend on this",
    "status": "a check of others that is under way changes nothing yet",
    "team": "who may command is looked up when somebody commands",
    "team_add": "who may command is looked up when somebody commands",
    "workflow_job": "what others check is no part of a review",
    "workflow_run": "what others check is no part of a review",
}

OF_ACTIONS: dict[tuple[str, str], str] = {
    ("installation", "created"): "the App is installed: pull requests are reviewed from now on",
    ("installation", "deleted"): "the App is gone from there: what was found is kept, nothing more is posted",
    ("installation", "suspend"): "the App is suspended there: GitHub sends nothing until it is not any more",
    ("installation", "unsuspend"): "the App is back: the next push of each pull request is reviewed",
    ("installation", "new_permissions_accepted"): "the App's next request makes use of them",
    ("installation_repositories", "added"): "pull requests there are reviewed from now on",
    ("installation_repositories", "removed"): "what was found there is kept, and nothing more is read or posted",
    ("repository", "deleted"): "what was found there is kept until somebody discards it",
    ("repository", "archived"): "it takes no more pull requests, and what was found is kept",
}


def reason_for(event: str, payload: Mapping[str, Any]) -> str:
    """Never fails: a payload that is not as expected gets the reason of its event."""
    action = payload.get("action")
    if event == "repository" and action in ("renamed", "transferred"):
        return _moved(payload)
    of_action = OF_ACTIONS.get((event, action)) if isinstance(action, str) else None
    return of_action or REASONS.get(event) or f"nothing is done on {event} events"


def _moved(payload: Mapping[str, Any]) -> str:
    """Copies with the old remote are about, so that what was found is not moved along."""
    try:
        moved = msgspec.convert(payload, _Moved)
    except msgspec.ValidationError:
        return REASONS["repository"]
    owner, _, name = moved.repository.full_name.partition("/")
    old_owner = (moved.changes.owner and moved.changes.owner.login) or owner
    old_name = moved.changes.repository.name.old if moved.changes.repository else name
    old = name_from_remote(moved.repository.html_url.removesuffix(f"{owner}/{name}") + f"{old_owner}/{old_name}")
    new = name_from_remote(moved.repository.html_url)
    if old is None or new is None or old == new:
        return REASONS["repository"]
    return f"what was found until now stays known as {old}; from now on it is {new}"


# GitHub's wire types: only what is read here.


class _Account(msgspec.Struct):
    login: str


class _OldOwner(msgspec.Struct):
    user: _Account | None = None
    organization: _Account | None = None


class _OwnerChange(msgspec.Struct):
    old: _OldOwner = msgspec.field(name="from")

    @property
    def login(self) -> str:
        account = self.old.user or self.old.organization
        return account.login if account else ""


class _NameChange(msgspec.Struct):
    old: str = msgspec.field(name="from")


class _RepositoryChange(msgspec.Struct):
    name: _NameChange


class _Changes(msgspec.Struct):
    owner: _OwnerChange | None = None
    repository: _RepositoryChange | None = None


class _Repository(msgspec.Struct):
    full_name: str
    html_url: str


class _Moved(msgspec.Struct):
    repository: _Repository
    changes: _Changes
