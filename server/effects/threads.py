"""Resolve the threads of findings that are gone, and open again those of findings that came back.

What a thread is now is read before it is changed, and saying it twice changes nothing: no ledger is needed. Only
GraphQL knows of threads. `server/reviews/rounds.py` says which.
"""

from http import HTTPStatus
from typing import NamedTuple

import msgspec

from server.chores.refs import PullChore
from server.effects.api import GitHubRefused
from server.effects.github import GitHub
from server.reviews.pull_request import PullRequestRef
from server.reviews.rounds import Round, Thread, threads_to_reopen, threads_to_resolve


class Settled(NamedTuple):
    """How many threads were changed, and *note* for people about those that could not be."""

    resolved: int = 0
    reopened: int = 0
    note: str = ""


async def settle_threads(github: GitHub, ref: PullRequestRef, round_: Round, *, login: str) -> Settled:
    """*login*: the name under which the App posts."""
    if not any(said.comment_id for said in (*round_.gone, *round_.again)):
        return Settled()
    try:
        threads = await read_threads(github, ref)
    except GitHubRefused as refused:
        return Settled(note=f"The threads could not be seen, so none was resolved ({refused})")
    wanted = threads_to_resolve(round_, threads)
    resolved, refusal = await _change_all(github, wanted, RESOLVE)
    reopened, _ = await _change_all(github, threads_to_reopen(round_, threads, login=login), UNRESOLVE)
    if refusal is None:
        return Settled(resolved, reopened)
    why = "the App needs contents: write" if refusal.status == HTTPStatus.FORBIDDEN else str(refusal)
    left = len(wanted) - resolved
    return Settled(resolved, reopened, f"Threads of findings that are gone, left open: {left}. GitHub refused, {why}")


async def read_threads(github: GitHub, ref: PullRequestRef | PullChore) -> list[Thread]:
    """Of the comments on lines, all pages."""
    owner, _, repo = ref.repository.partition("/")
    threads: list[Thread] = []
    after: str | None = None
    while True:
        variables = {"owner": owner, "repo": repo, "number": ref.number, "after": after}
        answer = await github.graphql(THREADS, variables, _Answer)
        page = answer.repository.pull_request.review_threads
        threads += (_thread(node) for node in page.nodes)
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page or after is None:
            return threads


async def _change_all(github: GitHub, threads: list[Thread], mutation: str) -> tuple[int, GitHubRefused | None]:
    """How many were; what is refused for one is refused for all."""
    for done, thread in enumerate(threads):
        try:
            await github.graphql(mutation, {"thread": thread.id}, dict)
        except GitHubRefused as refused:
            return done, refused
    return len(threads), None


THREADS = """\
query($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id isResolved resolvedBy { login } comments(first: 1) { nodes { fullDatabaseId } } }
      }
    }
  }
}"""
RESOLVE = """\
mutation($thread: ID!) { resolveReviewThread(input: {threadId: $thread}) { thread { id } } }"""
UNRESOLVE = """\
mutation($thread: ID!) { unresolveReviewThread(input: {threadId: $thread}) { thread { id } } }"""


def _thread(node: "_Node") -> Thread:
    begun_by = next((comment.full_database_id for comment in node.comments.nodes), None)
    resolved_by = node.resolved_by.login if node.resolved_by else ""
    return Thread(node.id, int(begun_by or 0), node.is_resolved, resolved_by)


# GitHub's wire types: only what is asked for above.


class _User(msgspec.Struct):
    login: str


class _Comment(msgspec.Struct, rename="camel"):
    full_database_id: str | None = None


class _Comments(msgspec.Struct):
    nodes: list[_Comment] = []


class _Node(msgspec.Struct, rename="camel"):
    id: str
    is_resolved: bool
    comments: _Comments
    resolved_by: _User | None = None


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Page(msgspec.Struct, rename="camel"):
    page_info: _PageInfo
    nodes: list[_Node]


class _PullRequest(msgspec.Struct, rename="camel"):
    review_threads: _Page


class _Repository(msgspec.Struct, rename="camel"):
    pull_request: _PullRequest


class _Answer(msgspec.Struct):
    repository: _Repository
