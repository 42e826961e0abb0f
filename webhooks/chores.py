"""What a delivery asks for beside a review: that the hub look at a pull request, or at a commit, for what is due. Pure.

An event only says where to look. Of many in a row the last one counts: a look waits for a short rest.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from server.chores.refs import CommitChore, PullChore
from server.jobs.job import JobRequest, Priority, encode
from server.reviews.chore_kinds import (
    BACKPORT,
    DEPENDENCIES,
    FEEDBACK_READ,
    ISSUE,
    MERGE_LOOK,
    MERGE_LOOK_COMMIT,
    REVIEWERS,
)
from server.reviews.project import name_from_remote

Payload = Mapping[str, Any]

REST_SECONDS = 2.0
"""Without a further event about the same thing."""


def chores_of(event: str, payload: Payload) -> tuple[JobRequest, ...]:
    """() for what nothing is due after. Never fails: what is not as GitHub describes it asks for nothing."""
    handler = CHORES.get(event)
    if handler is None:
        return ()
    try:
        return handler(payload)
    except msgspec.ValidationError:
        return ()


def pull_request(payload: Payload) -> tuple[JobRequest, ...]:
    event = msgspec.convert(payload, _PullRequestEvent)
    return tuple(
        request
        for kind in AFTER_PULL_REQUEST.get(event.action, ())
        if (request := _at_pull(kind, event, event.pull_request.number))
    )


def pull_request_review(payload: Payload) -> tuple[JobRequest, ...]:
    """An approval may be what somebody waits for, and so may be a wish for changes that is taken back."""
    event = msgspec.convert(payload, _PullRequestEvent)
    if event.action not in ("submitted", "dismissed"):
        return ()
    request = _at_pull(MERGE_LOOK, event, event.pull_request.number)
    return (request,) if request else ()


def pull_request_review_thread(payload: Payload) -> tuple[JobRequest, ...]:
    """A person resolved a thread, or opened it again: that may say something of a finding."""
    event = msgspec.convert(payload, _PullRequestEvent)
    request = _at_pull(FEEDBACK_READ, event, event.pull_request.number)
    return (request,) if request else ()


def issues(payload: Payload) -> tuple[JobRequest, ...]:
    """An issue that is new, or says something else now."""
    event = msgspec.convert(payload, _IssueEvent)
    if event.action not in ("opened", "edited", "reopened"):
        return ()
    request = _at_pull(ISSUE, event, event.issue.number)
    # A workflow begins at once; of two edits the later one counts.
    return (msgspec.structs.replace(request, debounce_seconds=0.0),) if request else ()


def check_suite(payload: Payload) -> tuple[JobRequest, ...]:
    """All checks of one App on a commit ended."""
    event = msgspec.convert(payload, _CheckSuiteEvent)
    request = _at_commit(event, event.check_suite.head_sha) if event.action == "completed" else None
    return (request,) if request else ()


def status(payload: Payload) -> tuple[JobRequest, ...]:
    """What is pending now was not green before either."""
    event = msgspec.convert(payload, _StatusEvent)
    request = _at_commit(event, event.sha) if event.state != "pending" else None
    return (request,) if request else ()


AFTER_PULL_REQUEST: Mapping[str, tuple[str, ...]] = {
    "opened": (DEPENDENCIES, REVIEWERS),
    "closed": (MERGE_LOOK, BACKPORT, DEPENDENCIES, FEEDBACK_READ),
    "converted_to_draft": (MERGE_LOOK,),
    "edited": (MERGE_LOOK, DEPENDENCIES),
    "labeled": (MERGE_LOOK, BACKPORT),
    "ready_for_review": (MERGE_LOOK, REVIEWERS),
    "reopened": (DEPENDENCIES,),
    "synchronize": (MERGE_LOOK, DEPENDENCIES, FEEDBACK_READ),
    "unlabeled": (MERGE_LOOK,),
}
"""By action the kinds of chores that may be due."""

CHORES: dict[str, Callable[[Payload], tuple[JobRequest, ...]]] = {
    "check_suite": check_suite,
    "issues": issues,
    "pull_request": pull_request,
    "pull_request_review": pull_request_review,
    "pull_request_review_thread": pull_request_review_thread,
    "status": status,
}


def _at_pull(kind: str, event: "_Event", number: int) -> JobRequest | None:
    facts = _facts(event)
    return _request(kind, event, msgspec.convert(facts | {"number": number}, PullChore)) if facts else None


def _at_commit(event: "_Event", sha: str) -> JobRequest | None:
    facts = _facts(event)
    if facts is None:
        return None
    return _request(MERGE_LOOK_COMMIT, event, msgspec.convert(facts | {"head_sha": sha}, CommitChore))


def _facts(event: "_Event") -> dict[str, Any] | None:
    """None of a repository whose address names no project."""
    project = name_from_remote(event.repository.html_url)
    installation_id = event.installation.id if event.installation else None
    if project is None:
        return None
    return {"project": project, "repository": event.repository.full_name, "installation_id": installation_id}


def _request(kind: str, event: "_Event", chore: PullChore | CommitChore) -> JobRequest:
    return JobRequest(
        kind=kind,
        project=chore.project,
        args=encode(chore),
        priority=Priority.PULL_REQUEST,
        concurrency_group=f"{kind} {chore.name}",
        debounce_seconds=REST_SECONDS,
        requested_by=f"github:{event.sender.login}" if event.sender else "github",
    )


# GitHub's wire types: only what is read here.


class _Repository(msgspec.Struct):
    full_name: str
    html_url: str


class _Sender(msgspec.Struct):
    login: str


class _Installation(msgspec.Struct):
    id: int


class _Event(msgspec.Struct, kw_only=True):
    repository: _Repository
    sender: _Sender | None = None
    installation: _Installation | None = None


class _PullRequest(msgspec.Struct):
    number: int


class _PullRequestEvent(_Event, kw_only=True):
    action: str
    pull_request: _PullRequest


class _IssueEvent(_Event, kw_only=True):
    action: str
    issue: _PullRequest


class _CheckSuite(msgspec.Struct):
    head_sha: str


class _CheckSuiteEvent(_Event, kw_only=True):
    action: str
    check_suite: _CheckSuite


class _StatusEvent(_Event, kw_only=True):
    sha: str
    state: str
