"""Which pull request is meant, pinned at two commits.

Names and SHAs only: what the pull request says (title, branch names) is hostile text and stays with GitHub.
"""

from typing import Annotated

import msgspec

# Both end up in addresses of requests, so `..` is no name and a line end no part of one (`$` would allow it).
Sha = Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")]
Repository = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}\Z")]


class PullRequestRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The args of `review.pull_request`.

    *project* is the name under which findings are kept (`server.reviews.project`); *repository* is GitHub's
    `owner/name`. *base_sha* is the tip of the base branch when the event happened, not the merge base.
    *installation_id* is missing when a repository's own webhook told of it, not the App's. *automatic*: nobody asked
    for it, so that the project's rules say whether it is reviewed (`server.reviews.auto_review`).
    *relabelled*: only its labels changed, so that nothing is done about a head that was reviewed.
    *before_sha*: the head that a push took the place of.
    *rerun*: somebody wants it again, as it is now; the SHAs are only the newest that are known, and `snapshot.fetch`
    looks them up.
    """

    project: str
    repository: Repository
    number: Annotated[int, msgspec.Meta(ge=1)]
    base_sha: Sha
    head_sha: Sha
    installation_id: int | None = None
    automatic: bool = False
    rerun: bool = False
    before_sha: Sha | None = None
    relabelled: bool = False

    @property
    def name(self) -> str:
        """`owner/repo#7`: one review is live for it at a time."""
        return f"{self.repository}#{self.number}"

    @property
    def key(self) -> str:
        """`owner/repo#7@<head>`: what is reviewed once."""
        return f"{self.name}@{self.head_sha}"


class CommentRef(PullRequestRef, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The args of `comment.answer`. *question*: what somebody who works on the repository asks there.

    *thread_id*: the comment that began the thread, if it is another one; of the *conversation* there are none.
    """

    comment_id: Annotated[int, msgspec.Meta(ge=1)]
    thread_id: Annotated[int, msgspec.Meta(ge=1)] | None = None
    conversation: bool = False
    question: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
