"""The open pull request of a branch with its review threads, and what a person wants done in one. Values only.

What people wrote there is text of strangers: it is shown, never obeyed. `server/effects/open_pull_requests.py` reads it
from GitHub, `watched_branches.py` keeps it, `lsp/pull_requests.py` shows it.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

from server.jobs.job import JobRequest, Priority, encode
from server.reviews.pull_request import Repository

READ = "pull_request.read"
ACT = "pull_request.act"

REST_SECONDS = 0.2
"""Of many events about one pull request in a row, the last one is followed: a review comes as many comments."""

MAX_THREADS = 300
MAX_COMMENTS = 30
"""Of one thread, its first ones."""
MAX_BODY = 20_000
MAX_REPLY = 10_000

Branch = Annotated[str, msgspec.Meta(min_length=1, max_length=250, pattern=r"^[^\x00-\x20\x7f]+\Z")]
Number = Annotated[int, msgspec.Meta(ge=1)]


class ThreadComment(msgspec.Struct, frozen=True):
    """*is_ours*: the hub's App wrote it. *created_at*: ISO 8601."""

    id: int
    author: str
    body: str
    url: str
    created_at: str
    is_ours: bool = False


class ReviewThread(msgspec.Struct, frozen=True):
    """*start_line* to *line*, at the pull request's head; None: it is about the file, or its lines are gone.

    *fingerprint*: of the one finding with which we began it, "" for any other thread.
    """

    id: str
    path: str
    start_line: int | None
    line: int | None
    is_resolved: bool
    is_outdated: bool
    fingerprint: str
    comments: tuple[ThreadComment, ...]


class OpenPullRequest(msgspec.Struct, frozen=True):
    """Of a branch. *number* None: it has no open one; *note* says more, for people.

    *reviewed_sha*: the newest head of which our review is posted, "" before the first.
    """

    project: str
    branch: str
    number: int | None = None
    title: str = ""
    url: str = ""
    head_sha: str = ""
    reviewed_sha: str = ""
    note: str = ""
    threads: tuple[ReviewThread, ...] = ()

    def thread(self, thread_id: str) -> ReviewThread | None:
        return next((thread for thread in self.threads if thread.id == thread_id), None)


class ReadWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `pull_request.read`: by its number or, from an editor, by its branch.

    *reviewed_sha*: a review of that head was just posted.
    """

    project: str
    repository: Repository
    number: Number | None = None
    branch: Branch | None = None
    reviewed_sha: str = ""
    installation_id: int | None = None


class Verb(StrEnum):
    """`settle`: what was decided about a finding holds for the threads that we began about it."""

    REPLY = "reply"
    RESOLVE = "resolve"
    UNRESOLVE = "unresolve"
    SETTLE = "settle"


class ThreadAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `pull_request.act`. *who*: the name of the person's key. *body*: of a reply.

    *fingerprint* and *is_dismissed* say what is to be settled, *thread_id* (GraphQL's) what else is done where.
    """

    project: str
    repository: Repository
    number: Number
    verb: Verb
    who: str
    thread_id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    body: Annotated[str, msgspec.Meta(max_length=MAX_REPLY)] = ""
    fingerprint: Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{32})?\Z")] = ""
    is_dismissed: bool = False
    installation_id: int | None = None


class Read(msgspec.Struct, frozen=True):
    """The result of `pull_request.read`. None where nobody has the project open in an editor."""

    pull_request: OpenPullRequest | None = None


class Acted(msgspec.Struct, frozen=True):
    """The result of `pull_request.act`, with the pull request as it is then. *note*: why it is not done, for people."""

    done: bool
    note: str = ""
    pull_request: OpenPullRequest | None = None


def read_request(wish: ReadWish, *, by: str, at_once: bool = False) -> JobRequest:
    """*at_once*: a person waits for it. For an editor in any case, so that it leaves as soon as an editor's jobs do."""
    which = f"#{wish.number}" if wish.number else f":{wish.branch}"
    return JobRequest(
        READ,
        wish.project,
        encode(wish),
        priority=Priority.INTERACTIVE,
        concurrency_group=f"{READ} {wish.project}{which}"[:300],
        debounce_seconds=0.0 if at_once else REST_SECONDS,
        requested_by=by,
    )


def act_request(act: ThreadAct) -> JobRequest:
    return JobRequest(ACT, act.project, encode(act), priority=Priority.PULL_REQUEST, requested_by=act.who)


def repository_of(project: str) -> str | None:
    """GitHub's `owner/name` for the name of a project; None where that cannot be one on GitHub."""
    host, _, repository = project.partition("/")
    try:
        return msgspec.convert(repository, Repository) if "." in host else None
    except msgspec.ValidationError:
        return None
