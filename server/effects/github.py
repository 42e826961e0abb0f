"""Speak to GitHub about one repository: what is read, and what is posted.

Decides nothing: `snapshot.py` reads with it, `publishing.py` writes with it. Errors are those of `api.py`.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from server.effects.api import GitHubRefused, GitHubUnavailable, read_answer
from server.effects.app import GitHubApp
from server.effects.asking import Asking
from server.effects.hosts import git_address
from server.reviews.check_run import Annotation, CheckRun
from server.reviews.publish import FileComment, Review
from server.reviews.pull_request import PullRequestRef
from server.reviews.push import PushRef

MAX_COMPARED_FILES = 300
MAX_LISTED_FILES = 3_000
"""What GitHub lists of a comparison, and of a pull request."""

MAX_ANNOTATIONS = 50
"""In one request."""


MAY_WRITE = frozenset({"admin", "write"})
"""GitHub tells `maintain` as `write`, and `triage` as `read`.
https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user"""


class PullRequestFacts(NamedTuple):
    """As it is now. *base_sha* is the tip of the base branch; *title* and *body* are its author's words."""

    state: str
    base_sha: str
    head_sha: str
    changed_files: int
    title: str = ""
    body: str = ""


class ChangedFile(msgspec.Struct, frozen=True):
    """As GitHub lists it. *sha* is the blob at the head; *patch* is missing for binary files and for large ones."""

    filename: str
    status: str
    sha: str | None = None
    changes: int = 0
    patch: str | None = None
    previous_filename: str | None = None


class Comparison(NamedTuple):
    """*status* of the head: `ahead`, `behind`, `diverged` or `identical`. *files* are at most `MAX_COMPARED_FILES`.

    *messages*: of its commits, the oldest first.
    """

    status: str
    merge_base_sha: str
    files: list[ChangedFile]
    messages: tuple[str, ...] = ()


class TreeEntry(msgspec.Struct, frozen=True):
    """*mode* is git's."""

    path: str
    mode: str
    sha: str
    size: int | None = None


class Posted(msgspec.Struct, frozen=True):
    """A review or a comment that is on GitHub. *login* is who wrote it."""

    id: int
    login: str
    body: str
    html_url: str


class PostedComment(Posted, frozen=True):
    """On a line of a file. *commit*: the head that it was first said of. *is_outdated*: its lines changed since."""

    path: str
    commit: str
    is_outdated: bool


class Analysis(msgspec.Struct, frozen=True):
    """One upload to code scanning, as it was taken."""

    commit_sha: str
    sarif_id: str


class ShownCheckRun(NamedTuple):
    """A check run with what it says, but for its annotations."""

    id: int
    conclusion: str
    title: str
    summary: str
    annotations_count: int


class PostedCheckRun(msgspec.Struct, frozen=True):
    id: int
    external_id: str
    is_completed: bool
    annotations_count: int
    html_url: str


async def github_for(app: GitHubApp, ref: PullRequestRef | PushRef) -> "GitHub":
    """GitHub, about the repository of that pull request or push."""
    owner, _, name = ref.repository.partition("/")
    installation_id = ref.installation_id or await app.installation_id(owner, name)
    return GitHub(app, installation_id, owner, name)


class GitHub(Asking):
    """One repository, seen as the App's installation there."""

    async def git(self) -> tuple[str, str]:
        """Where git fetches the repository from, and the password for that: for what the API does not show."""
        token = await self._app.token(self._installation_id)
        return git_address(self._app.api_url, "/".join(self._repository.values())), token

    # What is read.

    async def pull_request(self, number: int) -> PullRequestFacts:
        answer = read_answer(await self._get(f"{PULL}", number=str(number)), _PullRequest)
        facts = PullRequestFacts(answer.state, answer.base.sha, answer.head.sha, answer.changed_files)
        return facts._replace(title=answer.title, body=answer.body or "")

    async def compare(self, base_sha: str, head_sha: str, *, commits: int = 1) -> Comparison:
        """What the head changes since it left the base, as a pull request shows it. *commits*: at most so many."""
        path = f"{REPOSITORY}/compare/{{base}}...{{head}}{{?per_page}}"
        answer = read_answer(await self._get(path, base=base_sha, head=head_sha, per_page=str(commits)), _Comparison)
        messages = tuple(compared.commit.message for compared in answer.commits)
        return Comparison(answer.status, answer.merge_base_commit.sha, answer.files, messages)

    async def files(self, number: int) -> list[ChangedFile]:
        """The files of a pull request as it is now: not pinned, but ten times as many as `compare` lists."""
        return [read_answer(file, ChangedFile) async for file in self._pages(f"{PULL}/files", number=str(number))]

    async def tree(self, sha: str) -> dict[str, TreeEntry]:
        """Every file at a commit by its path; GitHub leaves some out of a huge repository."""
        answer = await self._get(f"{REPOSITORY}/git/trees/{{sha}}{{?recursive}}", sha=sha, recursive="1")
        return {entry.path: entry for entry in read_answer(answer, _Tree).tree}

    async def blob(self, sha: str) -> bytes:
        """A file's content, checked against its SHA, and remembered: it never changes."""
        key = (*self._repository.values(), sha)
        if (known := self._app.blobs.get(key)) is not None:
            return known
        content = await self._fetch_blob(sha)
        self._app.blobs.keep(key, content)
        return content

    async def _fetch_blob(self, sha: str) -> bytes:
        answer = read_answer(await self._get(f"{REPOSITORY}/git/blobs/{{sha}}", sha=sha), _Blob)
        try:
            content = base64.b64decode(answer.content)
        except binascii.Error:
            raise GitHubUnavailable("GitHub sent a file that is not base64") from None
        if _git_sha(content, sha) != sha:
            raise GitHubUnavailable("GitHub sent a file whose content does not fit its SHA")
        return content

    async def reviews(self, number: int) -> list[Posted]:
        return [_posted(review) async for review in self._pages(f"{PULL}/reviews", number=str(number))]

    async def review_comments(self, number: int) -> list[PostedComment]:
        return [_posted_comment(comment) async for comment in self._pages(f"{PULL}/comments", number=str(number))]

    async def issue_comments(self, number: int) -> list[Posted]:
        """On the pull request as a whole."""
        path = f"{REPOSITORY}/issues/{{number}}/comments"
        return [_posted(comment) async for comment in self._pages(path, number=str(number))]

    async def check_runs(self, head_sha: str, name: str) -> list[PostedCheckRun]:
        """The App's own check runs of that name on a commit."""
        path = f"{REPOSITORY}/commits/{{sha}}/check-runs"
        only = {"check_name": name, "app_id": str(self._app.id), "filter": "all"}
        return [_posted_check_run(run) async for run in self._pages(path, only, items="check_runs", sha=head_sha)]

    async def may_write(self, login: str) -> bool:
        """Whether somebody may write to the repository. Somebody whom GitHub does not know there may nothing."""
        path = f"{REPOSITORY}/collaborators/{{username}}/permission"
        try:
            answer = await self._get(path, username=login)
        except GitHubRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return read_answer(answer, _Permission).permission in MAY_WRITE

    async def check_run(self, id_: int) -> ShownCheckRun:
        run = read_answer(await self._get(f"{REPOSITORY}/check-runs/{{id}}", id=str(id_)), _CheckRun)
        output = run.output
        said = (run.conclusion or "", output.title or "", output.summary or "")
        return ShownCheckRun(run.id, *said, output.annotations_count)

    async def annotations(self, id_: int) -> list[Annotation]:
        path = f"{REPOSITORY}/check-runs/{{id}}/annotations"
        return [read_answer(annotation, Annotation) async for annotation in self._pages(path, id=str(id_))]

    async def analyses(self, number: int, tool: str) -> list[Analysis]:
        """What code scanning was told of a pull request by that tool. Refused with 404 when it was told nothing."""
        only = {"pr": str(number), "tool_name": tool}
        path = f"{REPOSITORY}/code-scanning/analyses"
        return [read_answer(analysis, Analysis) async for analysis in self._pages(path, only)]

    # What is posted.

    async def create_review(self, number: int, review: Review) -> Posted:
        comments = [
            {"path": c.path, "line": c.line, "side": "RIGHT", "body": c.body}
            | ({"start_line": c.start_line, "start_side": "RIGHT"} if c.start_line else {})
            for c in review.comments
        ]
        data = {"commit_id": review.commit, "event": "COMMENT", "body": review.body, "comments": comments}
        return _posted(await self._send("POST", f"{PULL}/reviews", data, number=str(number)))

    async def create_file_comment(self, number: int, head_sha: str, comment: FileComment) -> Posted:
        """On a file of the diff as a whole."""
        data = {"commit_id": head_sha, "path": comment.path, "subject_type": "file", "body": comment.body}
        return _posted(await self._send("POST", f"{PULL}/comments", data, number=str(number)))

    async def create_issue_comment(self, number: int, body: str) -> Posted:
        """On the pull request as a whole."""
        path = f"{REPOSITORY}/issues/{{number}}/comments"
        return _posted(await self._send("POST", path, {"body": body}, number=str(number)))

    async def update_issue_comment(self, id_: int, body: str) -> Posted:
        path = f"{REPOSITORY}/issues/comments/{{id}}"
        return _posted(await self._send("PATCH", path, {"body": body}, id=str(id_)))

    async def upload_sarif(self, number: int, head_sha: str, content: str) -> str:
        """Its id. *content*: SARIF, packed by gzip, in base64."""
        data = {"commit_sha": head_sha, "ref": f"refs/pull/{number}/head", "sarif": content}
        answer = await self._send("POST", f"{REPOSITORY}/code-scanning/sarifs", data)
        return read_answer(answer, _Upload).id

    async def create_check_run(
        self, name: str, run: CheckRun, annotations: Sequence[Annotation], *, complete: bool
    ) -> PostedCheckRun:
        """At most MAX_ANNOTATIONS of the run's annotations; not *complete*: more will follow."""
        identity = {"name": name, "head_sha": run.head_sha, "external_id": run.external_id}
        data = identity | _progress(run, annotations, complete=complete)
        return _posted_check_run(await self._send("POST", f"{REPOSITORY}/check-runs", data))

    async def update_check_run(
        self, id_: int, run: CheckRun, annotations: Sequence[Annotation], *, complete: bool
    ) -> PostedCheckRun:
        """Adds *annotations* to those that it has."""
        data = _progress(run, annotations, complete=complete)
        return _posted_check_run(await self._send("PATCH", f"{REPOSITORY}/check-runs/{{id}}", data, id=str(id_)))


REPOSITORY = "/repos/{owner}/{repo}"
PULL = f"{REPOSITORY}/pulls/{{number}}"


def _progress(run: CheckRun, annotations: Sequence[Annotation], *, complete: bool) -> dict[str, Any]:
    state = {"status": "completed", "conclusion": run.conclusion} if complete else {"status": "in_progress"}
    actions = {"actions": run.actions} if run.actions else {}
    return state | actions | {"output": {"title": run.title, "summary": run.summary, "annotations": annotations}}


def _git_sha(content: bytes, like: str) -> str:
    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _posted(answer: Any) -> Posted:
    posted = read_answer(answer, _Review)
    return Posted(posted.id, posted.user.login if posted.user else "", posted.body or "", posted.html_url)


def _posted_comment(answer: Any) -> PostedComment:
    posted, comment = _posted(answer), read_answer(answer, _LineComment)
    return PostedComment(
        posted.id,
        posted.login,
        posted.body,
        posted.html_url,
        path=comment.path,
        commit=comment.original_commit_id,
        is_outdated=comment.line is None and comment.subject_type != "file",
    )


def _posted_check_run(answer: Any) -> PostedCheckRun:
    run = read_answer(answer, _CheckRun)
    is_completed = run.status == "completed"
    return PostedCheckRun(run.id, run.external_id or "", is_completed, run.output.annotations_count, run.html_url or "")


# GitHub's wire types: only what is read here.


class _Commit(msgspec.Struct):
    sha: str


class _PullRequest(msgspec.Struct):
    state: str
    base: _Commit
    head: _Commit
    changed_files: int
    title: str = ""
    body: str | None = None


class _Permission(msgspec.Struct):
    permission: str


class _Said(msgspec.Struct):
    message: str = ""


class _ComparedCommit(msgspec.Struct):
    commit: _Said


class _Comparison(msgspec.Struct):
    status: str
    merge_base_commit: _Commit
    files: list[ChangedFile] = []
    commits: list[_ComparedCommit] = []


class _Tree(msgspec.Struct):
    tree: list[TreeEntry]


class _Blob(msgspec.Struct):
    content: str


class _User(msgspec.Struct):
    login: str


class _Review(msgspec.Struct):
    id: int
    user: _User | None = None
    body: str | None = None
    html_url: str = ""


class _LineComment(msgspec.Struct):
    path: str = ""
    original_commit_id: str = ""
    line: int | None = None
    subject_type: str = "line"


class _Upload(msgspec.Struct):
    id: str = ""


class _Output(msgspec.Struct):
    annotations_count: int
    title: str | None = None
    summary: str | None = None


class _CheckRun(msgspec.Struct):
    id: int
    status: str
    output: _Output
    external_id: str | None = None
    html_url: str | None = None
    conclusion: str | None = None
