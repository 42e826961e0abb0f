"""What a person wants who presses a button at our check runs: "Re-run", also at all of them, or "Fix this". Pure.

GitHub tells only the App whose check run it is, and lets only those press it who may write to the repository.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from server.reviews.check_run import FIX
from server.reviews.commands import Command, CommandRef, Name
from server.reviews.project import name_from_remote
from server.reviews.pull_request import PullRequestRef

Payload = Mapping[str, Any]


def rerun_of_check_run(payload: Payload) -> PullRequestRef | str:
    """Which pull request is to be reviewed anew, or why none. Raises msgspec.ValidationError."""
    event = msgspec.convert(payload, _CheckRunEvent)
    if event.action != "rerequested":
        return f"a check run that is {event.action} asks for nothing"
    return _ref(event, _number_of(event.check_run), event.check_run.head_sha)


def rerun_of_check_suite(payload: Payload) -> PullRequestRef | str:
    """Which pull request is to be reviewed anew, or why none. Raises msgspec.ValidationError."""
    event = msgspec.convert(payload, _CheckSuiteEvent)
    if event.action != "rerequested":
        return f"a check suite that is {event.action} asks for nothing: pull requests are reviewed, not commits"
    return _ref(event, _number(event.check_suite.pull_requests), event.check_suite.head_sha)


def fix_pressed(payload: Payload) -> CommandRef | str:
    """The command that "Fix this" stands for, or why there is none. Raises msgspec.ValidationError."""
    event = msgspec.convert(payload, _CheckRunEvent)
    if event.requested_action is None or event.requested_action.identifier != FIX.identifier:
        return "the requested_action is no button of ours"
    if event.sender.type == "Bot":
        return "bots command nothing here"
    run = event.check_run
    ref = _ref(event, _number_of(run), run.head_sha)
    if isinstance(ref, str):
        return ref
    facts = {
        "project": ref.project,
        "repository": ref.repository,
        "number": ref.number,
        "login": event.sender.login,
        "comment_id": 0,
        "command": Command(Name.FIX, all=True),
        "installation_id": ref.installation_id,
        "pressed_at": run.head_sha,
    }
    return msgspec.convert(facts, CommandRef)


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


def _number_of(run: "_CheckRun") -> int:
    """Of a pull request from a fork GitHub does not tell it; it stands in the name that we gave the run."""
    named = _EXTERNAL_ID.match(run.external_id or "")
    return int(named[1]) if named else _number(run.pull_requests)


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
    type: str = "User"


class _Action(msgspec.Struct):
    identifier: str = ""


class _Installation(msgspec.Struct):
    id: int


class _Event(msgspec.Struct, kw_only=True):
    action: str
    repository: _Repository
    sender: _Sender
    installation: _Installation | None = None


class _CheckRunEvent(_Event, kw_only=True):
    check_run: _CheckRun
    requested_action: _Action | None = None


class _CheckSuiteEvent(_Event, kw_only=True):
    check_suite: _CheckSuite
