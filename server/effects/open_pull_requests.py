"""Read the open pull request of a branch with its review threads, for editors that have the branch checked out.

Reads only; `thread_acts.py` acts in the threads. What people wrote comes cut to size, and is shown as it stands.
"""

import msgspec

from server.effects.app import GitHubApp
from server.effects.github import GitHub
from server.reviews.open_pull_request import (
    MAX_BODY,
    MAX_COMMENTS,
    MAX_THREADS,
    OpenPullRequest,
    ReadWish,
    ReviewThread,
    ThreadAct,
    ThreadComment,
)
from server.reviews.project import name_from_remote
from server.reviews.publish import finding_fingerprints

NO_PULL_REQUEST = "no pull request of this branch is open"
CUT = f"only the first {MAX_THREADS} threads are shown"


async def open_pull_requests_for(app: GitHubApp, wish: ReadWish | ThreadAct) -> "OpenPullRequests":
    owner, _, name = wish.repository.partition("/")
    installation_id = wish.installation_id or await app.installation_id(owner, name)
    return OpenPullRequests(GitHub(app, installation_id, owner, name), wish, login=await app.login())


class OpenPullRequests:
    """Of one repository. *login*: the name under which the App posts."""

    def __init__(self, github: GitHub, wish: ReadWish | ThreadAct, *, login: str) -> None:
        self.github = github
        self._project = wish.project
        owner, _, repo = wish.repository.partition("/")
        self._repository = {"owner": owner, "repo": repo}
        self._login = login

    async def read(self, wish: ReadWish) -> OpenPullRequest | None:
        """None where the project is another forge's."""
        if wish.number is not None:
            told = await self.by_number(wish.number)
        else:
            assert wish.branch is not None
            told = await self._by_branch(wish.branch)
        return told and msgspec.structs.replace(told, reviewed_sha=wish.reviewed_sha)

    async def by_number(self, number: int) -> OpenPullRequest | None:
        first = await self._page(number, None)
        if name_from_remote(first.url.rpartition("/pull/")[0]) != self._project:
            return None
        if first.state != "OPEN":
            return await self._by_branch(first.branch)
        threads, page = self._threads(first), first.review_threads.page_info
        while page.has_next_page and page.end_cursor and len(threads) < MAX_THREADS:
            following = await self._page(number, page.end_cursor)
            threads += self._threads(following)
            page = following.review_threads.page_info
        return OpenPullRequest(
            self._project,
            first.branch,
            first.number,
            first.title[:500],
            first.url,
            first.head_ref_oid,
            note=CUT if page.has_next_page else "",
            threads=tuple(threads[:MAX_THREADS]),
        )

    async def _by_branch(self, branch: str) -> OpenPullRequest:
        """The newest one: there may be several, into different bases. *branch* may be `owner:name`, of a fork."""
        name = branch.rpartition(":")[2]
        answer = await self.github.graphql(OF_BRANCH, self._repository | {"branch": name}, _OfBranch)
        for found in answer.repository.pull_requests.nodes:
            if found.branch.lower() == branch.lower() and (told := await self.by_number(found.number)) is not None:
                return msgspec.structs.replace(told, branch=branch)
        return OpenPullRequest(self._project, branch, note=NO_PULL_REQUEST)

    async def _page(self, number: int, after: str | None) -> "_PullRequest":
        variables = self._repository | {"number": number, "after": after}
        return (await self.github.graphql(WITH_THREADS, variables, _Answer)).repository.pull_request

    def _threads(self, page: "_PullRequest") -> list[ReviewThread]:
        return [self._thread(node) for node in page.review_threads.nodes]

    def _thread(self, node: "_Thread") -> ReviewThread:
        comments = tuple(self._comment(comment) for comment in node.comments.nodes)
        about = finding_fingerprints(comments[0].body) if comments and comments[0].is_ours else frozenset()
        stands = node.subject_type == "LINE" and node.diff_side == "RIGHT"
        return ReviewThread(
            node.id,
            node.path,
            (node.start_line or node.line) if stands else None,
            node.line if stands else None,
            node.is_resolved,
            node.is_outdated,
            next(iter(about)) if len(about) == 1 else "",
            comments,
        )

    def _comment(self, comment: "_Comment") -> ThreadComment:
        """GraphQL names an App without its `[bot]`; of who is gone it names nobody."""
        author = comment.author.login if comment.author else "ghost"
        is_bot = comment.author is not None and comment.author.type_name == "Bot"
        is_ours = is_bot and author in (self._login, self._login.removesuffix("[bot]"))
        return ThreadComment(
            int(comment.full_database_id or 0),
            author,
            comment.body[:MAX_BODY],
            comment.url,
            comment.created_at,
            is_ours,
        )


OF_BRANCH = """\
query($owner: String!, $repo: String!, $branch: String!) {
  repository(owner: $owner, name: $repo) {
    pullRequests(headRefName: $branch, states: OPEN, first: 10, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { number isCrossRepository headRefName headRepositoryOwner { login } }
    }
  }
}"""

WITH_THREADS = f"""\
query($owner: String!, $repo: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $repo) {{
    pullRequest(number: $number) {{
      number title url state isCrossRepository headRefName headRefOid headRepositoryOwner {{ login }}
      reviewThreads(first: 50, after: $after) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{
          id isResolved isOutdated path line startLine diffSide subjectType
          comments(first: {MAX_COMMENTS}) {{
            nodes {{ fullDatabaseId body url createdAt author {{ __typename login }} }}
          }}
        }}
      }}
    }}
  }}
}}"""


# GitHub's wire types: only what is asked for above.


class _Owner(msgspec.Struct):
    login: str


class _Found(msgspec.Struct, rename="camel", kw_only=True):
    number: int
    is_cross_repository: bool
    head_ref_name: str
    head_repository_owner: _Owner | None = None

    @property
    def branch(self) -> str:
        """Of a fork with its owner, in small letters as in the names of projects; who deleted theirs is `ghost`."""
        if not self.is_cross_repository:
            return self.head_ref_name
        owner = self.head_repository_owner.login.lower() if self.head_repository_owner else "ghost"
        return f"{owner}:{self.head_ref_name}"


class _FoundNodes(msgspec.Struct):
    nodes: list[_Found]


class _BranchRepository(msgspec.Struct, rename="camel"):
    pull_requests: _FoundNodes


class _OfBranch(msgspec.Struct):
    repository: _BranchRepository


class _Author(msgspec.Struct):
    login: str
    type_name: str = msgspec.field(name="__typename", default="")


class _Comment(msgspec.Struct, rename="camel"):
    body: str
    url: str
    created_at: str
    full_database_id: str | None = None
    author: _Author | None = None


class _Comments(msgspec.Struct):
    nodes: list[_Comment]


class _Thread(msgspec.Struct, rename="camel"):
    id: str
    is_resolved: bool
    is_outdated: bool
    path: str
    diff_side: str
    subject_type: str
    comments: _Comments
    line: int | None = None
    start_line: int | None = None


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Threads(msgspec.Struct, rename="camel"):
    page_info: _PageInfo
    nodes: list[_Thread]


class _PullRequest(_Found, rename="camel", kw_only=True):
    title: str
    url: str
    state: str
    head_ref_oid: str
    review_threads: _Threads


class _Repository(msgspec.Struct, rename="camel"):
    pull_request: _PullRequest


class _Answer(msgspec.Struct):
    repository: _Repository
