"""Speak to GitHub about a pull request that may be merged: its checks, its approvals, the merge. Decides nothing."""

from http import HTTPStatus
from typing import NamedTuple, TypeVar

import msgspec

from server.chores.merging import Check, check_state, status_state
from server.effects.api import GitHubRefused, read_answer
from server.effects.app import GitHubApp
from server.effects.configured import BaseGitHub, read_base
from server.effects.github import PULL, REPOSITORY, GitHub
from server.reviews.chore_rules import MergeMethod
from server.reviews.configuration import Configuration

G = TypeVar("G", bound=GitHub)


class Pull(NamedTuple):
    """As it is now. *node_id*: its name in GraphQL. *auto_merged_by*: who told GitHub to merge it by itself."""

    number: int
    node_id: str
    title: str
    author: str
    state: str
    is_merged: bool
    is_draft: bool
    head_sha: str
    base_sha: str
    base_branch: str
    mergeable: bool | None
    rules: str
    labels: tuple[str, ...]
    merge_sha: str
    auto_merged_by: str
    body: str


class Said(NamedTuple):
    """A review that approves or asks for changes."""

    login: str
    is_approval: bool
    sha: str


class Ways(NamedTuple):
    """How the repository lets pull requests be merged. *by_itself*: GitHub's auto-merge is switched on."""

    methods: frozenset[MergeMethod]
    by_itself: bool


class PullGitHub(BaseGitHub):
    async def pull(self, number: int) -> Pull:
        answer = read_answer(await self._get(PULL, number=str(number)), _PullRequest)
        return Pull(
            number=number,
            node_id=answer.node_id,
            title=answer.title,
            author=answer.user.login if answer.user else "",
            state=answer.state,
            is_merged=answer.merged,
            is_draft=bool(answer.draft),
            head_sha=answer.head.sha,
            base_sha=answer.base.sha,
            base_branch=answer.base.ref,
            mergeable=answer.mergeable,
            rules=answer.mergeable_state,
            labels=tuple(label.name for label in answer.labels),
            merge_sha=answer.merge_commit_sha or "",
            auto_merged_by=answer.auto_merge.enabled_by.login if answer.auto_merge else "",
            body=answer.body or "",
        )

    async def checks(self, sha: str) -> tuple[Check, ...]:
        """Everybody's check runs, the newest of each name, and statuses."""
        path, latest = f"{REPOSITORY}/commits/{{sha}}/check-runs", {"filter": "latest"}
        runs = [read_answer(run, _CheckRun) async for run in self._pages(path, latest, items="check_runs", sha=sha)]
        path = f"{REPOSITORY}/commits/{{sha}}/status"
        statuses = [read_answer(status, _Status) async for status in self._pages(path, items="statuses", sha=sha)]
        return (
            *(Check(run.name, check_state(run.status, run.conclusion)) for run in runs),
            *(Check(status.context, status_state(status.state)) for status in statuses),
        )

    async def said(self, number: int) -> list[Said]:
        """The last word of each: a later approval takes a wish for changes back, and a dismissal takes back either."""
        last: dict[str, Said] = {}
        async for answer in self._pages(f"{PULL}/reviews", number=str(number)):
            review = read_answer(answer, _Review)
            login = review.user.login if review.user else ""
            if review.state in ("APPROVED", "CHANGES_REQUESTED"):
                last[login] = Said(login, review.state == "APPROVED", review.commit_id or "")
            elif review.state == "DISMISSED":
                last.pop(login, None)
        return [said for login, said in last.items() if login]

    async def ways(self) -> Ways:
        answer = read_answer(await self._get(REPOSITORY), _Repository)
        allowed: list[tuple[MergeMethod, bool]] = [
            ("merge", answer.allow_merge_commit),
            ("squash", answer.allow_squash_merge),
            ("rebase", answer.allow_rebase_merge),
        ]
        return Ways(frozenset(method for method, is_allowed in allowed if is_allowed), answer.allow_auto_merge)

    async def merge(self, number: int, sha: str, method: MergeMethod) -> str:
        """The merge's SHA. GitHub refuses (409) when the head is another one by now."""
        data = {"sha": sha, "merge_method": method}
        return read_answer(await self._send("PUT", f"{PULL}/merge", data, number=str(number)), _Merged).sha

    async def merge_by_itself(self, node_id: str, sha: str, method: MergeMethod) -> bool:
        """Have GitHub merge it once the rules of the branch allow it. False where it does not take that on."""
        variables = {"pull": node_id, "head": sha, "method": method.upper()}
        try:
            await self.graphql(ENABLE_AUTO_MERGE, variables, dict)
        except GitHubRefused as refused:
            if refused.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY):
                raise
            return False
        return True

    async def merge_by_itself_no_more(self, node_id: str) -> None:
        """Of one that GitHub merges by itself no more, it is no harm."""
        try:
            await self.graphql(DISABLE_AUTO_MERGE, {"pull": node_id}, dict)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise


ENABLE_AUTO_MERGE = """\
mutation($pull: ID!, $head: GitObjectID!, $method: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: {pullRequestId: $pull, expectedHeadOid: $head, mergeMethod: $method}) {
    pullRequest { id }
  }
}"""
DISABLE_AUTO_MERGE = """\
mutation($pull: ID!) {
  disablePullRequestAutoMerge(input: {pullRequestId: $pull}) { pullRequest { id } }
}"""


async def github_about(type_: type[G], app: GitHubApp, repository: str, installation_id: int | None) -> G:
    owner, _, name = repository.partition("/")
    return type_(app, installation_id or await app.installation_id(owner, name), owner, name)


async def configuration_at(github: BaseGitHub, pull: Pull) -> Configuration:
    """What the base of the pull request says."""
    return (await read_base(github, pull.base_sha)).configuration


# GitHub's wire types: only what is read here.


class _User(msgspec.Struct):
    login: str


class _Named(msgspec.Struct):
    name: str


class _Branch(msgspec.Struct):
    ref: str
    sha: str


class _AutoMerge(msgspec.Struct):
    enabled_by: _User


class _PullRequest(msgspec.Struct):
    node_id: str
    title: str
    state: str
    head: _Branch
    base: _Branch
    merged: bool
    mergeable_state: str
    mergeable: bool | None = None
    user: _User | None = None
    draft: bool | None = None
    labels: list[_Named] = []
    merge_commit_sha: str | None = None
    auto_merge: _AutoMerge | None = None
    body: str | None = None


class _CheckRun(msgspec.Struct):
    name: str
    status: str
    conclusion: str | None = None


class _Status(msgspec.Struct):
    context: str
    state: str


class _Review(msgspec.Struct):
    state: str
    user: _User | None = None
    commit_id: str | None = None


class _Repository(msgspec.Struct):
    """GitHub tells the ways to merge only to whom may write contents; else none is known."""

    allow_merge_commit: bool = False
    allow_squash_merge: bool = False
    allow_rebase_merge: bool = False
    allow_auto_merge: bool = False


class _Merged(msgspec.Struct):
    sha: str
