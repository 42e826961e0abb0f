"""The GitHub App that a hub wants: its permissions, its events, and what each is for. Pure."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from server.effects.hosts import site_of

DOOR = "/webhooks/github"


class Wanted(NamedTuple):
    """*level*: `read` or `write`, which is more."""

    level: str
    why: str


PERMISSIONS = {
    "metadata": Wanted("read", "who may command, and what GitHub asks of every App"),
    "contents": Wanted("write", "read the code; write is for resolving threads, fixes, merges and backports"),
    "pull_requests": Wanted("write", "read pull requests, post reviews, the summary and answers"),
    "checks": Wanted("write", "a check run for each head that is reviewed"),
    "statuses": Wanted("read", "whether others' checks let /hive merge go on"),
    "issues": Wanted("write", "commands in a conversation; labels, assignees and comments where [issues] wants them"),
}

OPTIONAL = {
    "administration": Wanted("write", "hive github protection: read is enough to show and to plan"),
    "deployments": Wanted("write", "hive github deployments: read is enough to list"),
    "statuses": Wanted("write", "hive github status"),
    "security_events": Wanted("write", "[github] sarif = true: reviews in code scanning"),
}
"""Not asked for by the manifest: nobody is to grant what he does not use."""

EVENTS = {
    "pull_request": "a pull request is opened, or somebody pushes to it: it is reviewed",
    "issues": "an issue is opened or edited, where [issues] wants it sorted",
    "issue_comment": "a command in a pull request's conversation",
    "pull_request_review_comment": "a command or a question at a line",
    "pull_request_review_thread": "a thread is resolved, or opened again: editors show it",
    "check_run": "somebody presses re-run, or fix this",
    "check_suite": "somebody presses re-run all, or checks end for which /hive merge waits",
    "status": "a check ends for which /hive merge waits",
    "pull_request_review": "somebody approves for whom /hive merge waits",
    "push": "what changes on the default branch is remembered",
    "repository": "a repository gets another name or owner, or goes: what is kept of it follows",
}


def manifest(name: str, hub_url: str) -> dict[str, Any]:
    """https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest"""
    return {
        "name": name,
        "url": hub_url,
        "hook_attributes": {"url": f"{hub_url}{DOOR}", "active": True},
        "public": False,
        "default_permissions": {permission: wanted.level for permission, wanted in PERMISSIONS.items()},
        "default_events": list(EVENTS),
    }


def registration_address(api_url: str, name: str, hub_url: str, organization: str = "") -> str:
    """The page of GitHub on which everything is filled in already, but for the webhook's secret.

    https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-using-url-parameters
    """
    account = f"organizations/{quote(organization, safe='')}/" if organization else ""
    fields = [
        ("name", name),
        ("url", hub_url),
        ("public", "false"),
        ("webhook_active", "true"),
        ("webhook_url", f"{hub_url}{DOOR}"),
        *((permission, wanted.level) for permission, wanted in PERMISSIONS.items()),
        *(("events[]", event) for event in EVENTS),
    ]
    return f"{site_of(api_url)}/{account}settings/apps/new?{urlencode(fields)}"


def missing_permissions(granted: Mapping[str, str]) -> list[str]:
    """`checks: write`, for each that is not granted, or not enough of it."""
    enough = {"read": ("read", "write", "admin"), "write": ("write", "admin")}
    return [
        f"{permission}: {wanted.level}"
        for permission, wanted in PERMISSIONS.items()
        if granted.get(permission) not in enough[wanted.level]
    ]


def missing_events(subscribed: Collection[str]) -> list[str]:
    return [event for event in EVENTS if event not in subscribed]
