"""What a delivery asks for: a job, or nothing and the reason why.

Pure: payloads in, values out. The payload was signed by GitHub, but people chose the names and texts in it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from server.jobs.job import JobRequest, Priority, encode
from server.reviews import commands
from server.reviews.project import name_from_remote
from server.reviews.pull_request import PullRequestRef
from server.reviews.push import PushRef
from webhooks.reasons import reason_for
from webhooks.reruns import fix_pressed, rerun_of_check_run, rerun_of_check_suite

Payload = Mapping[str, Any]


class Declined(NamedTuple):
    """No job comes of it. *reason* is for people, and goes into the delivery's note."""

    reason: str


def decide(event: str, payload: Payload) -> JobRequest | Declined:
    """The job that *event* (GitHub's `X-GitHub-Event`) asks for."""
    handler = HANDLERS.get(event)
    if handler is None:
        return Declined(reason_for(event, payload))
    try:
        return handler(payload)
    except msgspec.ValidationError as error:
        return Declined(f"the {event} payload is not as GitHub describes it: {error}")


def pull_request(payload: Payload) -> JobRequest | Declined:
    """A review of the whole pull request at its head, for every push, if the project's rules have it so."""
    event = msgspec.convert(payload, _PullRequestEvent)
    if event.action not in REVIEWED_ACTIONS:
        return Declined(OTHER_ACTIONS.get(event.action, f"a pull request that is {event.action} shows no new code"))
    if event.pull_request.state != "open":
        return Declined(f"the pull request is {event.pull_request.state}")
    project = name_from_remote(event.repository.html_url)
    if project is None:
        return Declined("the repository's address names no project")
    # Checked by convert, because these values end up in addresses of requests to GitHub.
    ref = msgspec.convert(
        {
            "project": project,
            "repository": event.repository.full_name,
            "number": event.pull_request.number,
            "base_sha": event.pull_request.base.sha,
            "head_sha": event.pull_request.head.sha,
            "installation_id": event.installation.id if event.installation else None,
            "automatic": True,
            "relabelled": event.action in RELABELLED_ACTIONS,
            "before_sha": event.before or None,
        },
        PullRequestRef,
    )
    if ref.relabelled:
        return _relabelled(ref, event.sender.login)
    return JobRequest(
        kind="review.pull_request",
        project=project,
        args=encode(ref),
        # The project says whether drafts are reviewed; once it is ready, the same head is asked about anew.
        key=f"{ref.key} draft" if event.pull_request.draft else ref.key,
        priority=Priority.PULL_REQUEST,
        concurrency_group=ref.name,
        requested_by=f"github:{event.sender.login}",
    )


def _relabelled(ref: PullRequestRef, login: str) -> JobRequest:
    """In a group of its own: a review that is under way goes on, and of many labels in a row the last one counts."""
    return JobRequest(
        kind="review.pull_request",
        project=ref.project,
        args=encode(ref),
        priority=Priority.PULL_REQUEST,
        concurrency_group=f"{ref.name} labels",
        debounce_seconds=REST_SECONDS,
        requested_by=f"github:{login}",
    )


def check_run(payload: Payload) -> JobRequest | Declined:
    """A button was pressed at our check run."""
    if payload.get("action") == "requested_action":
        return _pressed(fix_pressed(payload))
    return _rerun(payload, rerun_of_check_run(payload))


def check_suite(payload: Payload) -> JobRequest | Declined:
    """ "Re-run all" was pressed."""
    return _rerun(payload, rerun_of_check_suite(payload))


def _rerun(payload: Payload, ref: PullRequestRef | str) -> JobRequest | Declined:
    if isinstance(ref, str):
        return Declined(ref)
    return JobRequest(
        kind="review.pull_request",
        project=ref.project,
        args=encode(ref),
        key=f"{ref.key} again",
        priority=Priority.PULL_REQUEST,
        concurrency_group=ref.name,
        requested_by=f"github:{payload['sender']['login']}",
    )


def _pressed(ref: commands.CommandRef | str) -> JobRequest | Declined:
    return Declined(ref) if isinstance(ref, str) else _command_job(ref)


def _command_job(ref: commands.CommandRef) -> JobRequest:
    return JobRequest(
        kind=commands.KIND,
        project=ref.project,
        args=encode(ref),
        key=ref.key,
        priority=Priority.PULL_REQUEST,
        requested_by=f"github:{ref.login}",
    )


def push(payload: Payload) -> JobRequest | Declined:
    """What a push to the default branch changes is remembered."""
    event = msgspec.convert(payload, _PushEvent)
    if event.ref != f"refs/heads/{event.repository.default_branch}":
        return Declined("a push to another branch than the default one is not remembered")
    if event.deleted or event.created or not event.before.strip("0"):
        return Declined("a branch that comes or goes shows no change: hive memory index remembers all of it")
    project = name_from_remote(event.repository.html_url)
    if project is None:
        return Declined("the repository's address names no project")
    ref = msgspec.convert(
        {
            "project": project,
            "repository": event.repository.full_name,
            "before_sha": event.before,
            "after_sha": event.after,
            "installation_id": event.installation.id if event.installation else None,
        },
        PushRef,
    )
    return JobRequest(
        kind="memory.push",
        project=project,
        args=encode(ref),
        key=ref.key,
        priority=Priority.BATCH,
        requested_by=f"github:{event.sender.login}" if event.sender else "github",
    )


def issue_comment(payload: Payload) -> JobRequest | Declined:
    """A command in the conversation of a pull request: `/hive …`."""
    event = msgspec.convert(payload, _IssueCommentEvent)
    if event.issue.pull_request is None:
        return Declined("it is said of an issue, not of a pull request")
    return _commanded(event, event.issue.number, None)


def _commanded(
    event: "_IssueCommentEvent | _CommentEvent", number: int, thread_id: int | None
) -> JobRequest | Declined:
    """What the comment commands, as it was when it was written. Whether its writer may is looked up later."""
    command = commands.parse(event.comment.body) if event.action == "created" else None
    if command is None:
        return Declined("the comment asks nothing of us: a command begins with /hive, and edits are not heard")
    if event.sender.type == "Bot" and not event.sender.login.endswith("[bot]"):
        return Declined("bots command nothing here, unless the project names them, by a name that ends in [bot]")
    project = name_from_remote(event.repository.html_url)
    if project is None:
        return Declined("the repository's address names no project")
    ref = msgspec.convert(
        {
            "project": project,
            "repository": event.repository.full_name,
            "number": number,
            "login": event.sender.login,
            "comment_id": event.comment.id,
            "command": command,
            "thread_id": thread_id,
            "asked_at": _asked_at(event.comment),
            "installation_id": event.installation.id if event.installation else None,
        },
        commands.CommandRef,
    )
    return _command_job(ref)


def pull_request_review_comment(payload: Payload) -> JobRequest | Declined:
    """A command on a line, or in its thread."""
    event = msgspec.convert(payload, _CommentEvent)
    return _commanded(event, event.pull_request.number, event.comment.in_reply_to_id or event.comment.id)


def _asked_at(comment: "_Comment") -> str:
    """Where the comment stands. A path that is more than a path is not repeated: its author chose it."""
    if comment.line is None or not commands.PLAIN_PATH.fullmatch(comment.path):
        return ""
    return f"{comment.path}:{comment.line}"


RELABELLED_ACTIONS = frozenset({"labeled", "unlabeled"})
REVIEWED_ACTIONS = frozenset({"opened", "synchronize", "reopened", "ready_for_review"}) | RELABELLED_ACTIONS

REST_SECONDS = 2.0
"""Without a further label."""

OTHER_ACTIONS = {
    "edited": "its words or its base were edited: both count from the next push on",
    "closed": "the pull request is closed: a review that is under way is not posted any more",
}

HANDLERS: dict[str, Callable[[Payload], JobRequest | Declined]] = {
    "check_run": check_run,
    "check_suite": check_suite,
    "issue_comment": issue_comment,
    "pull_request": pull_request,
    "pull_request_review_comment": pull_request_review_comment,
    "push": push,
}


class Origin(NamedTuple):
    """Where a delivery comes from, as far as its payload says; "" and None where it does not."""

    action: str
    repository: str
    installation_id: int | None


def origin_of(payload: Payload) -> Origin:
    """What every delivery is recorded with. Never fails: a field that is not as expected counts as missing."""
    try:
        summary = msgspec.convert(payload, _Summary)
    except msgspec.ValidationError:
        return Origin("", "", None)
    return Origin(
        _plain(summary.action),
        _plain(summary.repository.full_name if summary.repository else ""),
        summary.installation.id if summary.installation else None,
    )


MAX_NAME_LENGTH = 250


def _plain(text: str) -> str:
    """The text if it can be a name; Postgres keeps no NUL, and logs want no control characters."""
    return text if len(text) <= MAX_NAME_LENGTH and text.isprintable() else ""


# GitHub's wire types: only what is read here. Unknown fields are GitHub's business.


class _Installation(msgspec.Struct):
    id: int


class _NamedRepository(msgspec.Struct):
    full_name: str = ""


class _Summary(msgspec.Struct):
    action: str = ""
    repository: _NamedRepository | None = None
    installation: _Installation | None = None


class _Repository(msgspec.Struct):
    full_name: str
    html_url: str


class _Branch(msgspec.Struct):
    sha: str


class _PullRequest(msgspec.Struct):
    number: int
    state: str
    head: _Branch
    base: _Branch
    draft: bool | None = None


class _Sender(msgspec.Struct):
    login: str
    type: str = "User"


class _PullRequestEvent(msgspec.Struct):
    action: str
    pull_request: _PullRequest
    repository: _Repository
    sender: _Sender
    installation: _Installation | None = None
    before: str = ""


class _PushedRepository(_Repository):
    default_branch: str


class _PushEvent(msgspec.Struct):
    ref: str
    before: str
    after: str
    repository: _PushedRepository
    created: bool = False
    deleted: bool = False
    sender: _Sender | None = None
    installation: _Installation | None = None


class _CommentedPullRequest(msgspec.Struct):
    number: int


class _Comment(msgspec.Struct):
    id: int
    body: str
    path: str = ""
    line: int | None = None
    in_reply_to_id: int | None = None


class _CommentEvent(msgspec.Struct):
    action: str
    comment: _Comment
    pull_request: _CommentedPullRequest
    repository: _Repository
    sender: _Sender
    installation: _Installation | None = None


class _Issue(msgspec.Struct):
    number: int
    pull_request: dict[str, Any] | None = None


class _IssueCommentEvent(msgspec.Struct):
    action: str
    comment: _Comment
    issue: _Issue
    repository: _Repository
    sender: _Sender
    installation: _Installation | None = None
