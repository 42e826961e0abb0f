"""Why nothing is done on an event that asks for no job: the note of its delivery, for people.

Pure. `events.py` knows what is done.
"""

from collections.abc import Mapping
from typing import Any

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
    ("installation", "deleted"): "the App is gone from there: nothing was known of it",
    ("installation", "suspend"): "the App is suspended there: GitHub sends nothing until it is not any more",
    ("installation", "unsuspend"): "the App is back: the next push of each pull request is reviewed",
    ("installation", "new_permissions_accepted"): "the App's next request makes use of them",
    ("installation_repositories", "added"): "pull requests there are reviewed from now on",
    ("installation_repositories", "removed"): "the App is gone from there: no repository is named",
    ("repository", "deleted"): "its address names no project",
    ("repository", "renamed"): "its old name or its new one is no project's",
    ("repository", "transferred"): "its old name or its new one is no project's",
    ("repository", "archived"): "it takes no more pull requests, and what was found is kept",
}


def reason_for(event: str, payload: Mapping[str, Any]) -> str:
    """Never fails: a payload that is not as expected gets the reason of its event."""
    action = payload.get("action")
    of_action = OF_ACTIONS.get((event, action)) if isinstance(action, str) else None
    return of_action or REASONS.get(event) or f"nothing is done on {event} events"
