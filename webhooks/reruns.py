"""What a person wants who presses "Re-run" at one of our check runs, or at all of them. Pure.

GitHub tells only the App whose check run it is, and lets only those press it who may write to the repository.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from server.reviews.project import name_from_remote
from server.reviews.pull_request import PullRequestRef

Payload = Mapping[str, Any]


def rerun_of_check_run(payload: Payload) -> PullRequestRef | str:
    """Which pull request is to be reviewed anew, or why none. Raises msgspec.ValidationError."""
    event = msgspec.convert(payload, _CheckRunEvent)
    if event.action != "rerequested":
        return f"a check run that is {event.action} asks for nothing"
    # Of a pull request from a fork GitHub does not tell the number; it stands in the name that we gave the run.
    named = _EXTERNAL_ID.match(event.check_run.external_id or "")
    number = int(named[1]) if named else _number(event.check_run.pull_requests)
    return _ref(event, number, event.check_run.head_sha)


def rerun_of_check_suite(payload: Payload) -> PullRequestRef | str:
    """Which pull request is to be reviewed anew, or why none. Raises msgspec.ValidationError."""
    event = msgspec.convert(payload, _CheckSuiteEvent)
    if event.action != "rerequested":
        return f"a check suite that is {event.action} asks for nothing: pull requests are reviewed, not commits"
    return _ref(event, _number(event.check_suite.pull_requests), event.check_suite.head_sha)


def _ref(event: "_Event", number: int, head_sha: str) -> PullRequestRef | str:
    project = name_from_remote(event.repository.html_url)
    if project is None:
        return "the repository's address names no project"
    if not number:
        return "GitHub does not say of which pull request: re-run the check Agent Hive instead of all"
    facts = {
        "project": project,
        "repository": event.repository.full_name,
        "number": number,
        "base_sha": head_sha,  # looked up, as is the newest head: a re-run is about the pull request as it is
        "head_sha": head_sha,
        "installation_id": event.installation.id if event.installation else None,
        "rerun": True,
    }
    return msgspec.convert(facts, PullRequestRef)


def _number(pull_requests: list["_PullRequest"]) -> int:
    """0 when there is none."""
    return pull_requests[0].number if pull_requests else 0


_EXTERNAL_ID = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}#([1-9]\d{0,9})@[0-9a-f]{40}", re.ASCII)


class _PullRequest(msgspec.Struct):
    number: int


class _CheckSuite(msgspec.Struct):
    head_sha: str
    pull_requests: list[_PullRequest] = []


class _CheckRun(_CheckSuite):
    external_id: str | None = None


class _Repository(msgspec.Struct):
    full_name: str
    html_url: str


class _Sender(msgspec.Struct):
    login: str


class _Installation(msgspec.Struct):
    id: int


class _Event(msgspec.Struct, kw_only=True):
    action: str
    repository: _Repository
    sender: _Sender
    installation: _Installation | None = None


class _CheckRunEvent(_Event, kw_only=True):
    check_run: _CheckRun


class _CheckSuiteEvent(_Event, kw_only=True):
    check_suite: _CheckSuite
