"""Commit to the head branch of a pull request, on top of exactly the head that was read.

By git's own objects, of which only the last, the branch, is seen by anybody: GitHub moves it only forward. Decides
nothing: `fixing.py` does. Errors are those of `api.py`.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from server.effects.api import read_answer
from server.effects.app import GitHubApp
from server.effects.github import PULL, REPOSITORY, GitHub
from server.reviews.pull_request import PullRequestRef

MAX_COMMITS = 100
"""After the head that was read: that many are looked at for one of ours."""


class Head(NamedTuple):
    """The head of a pull request as it is now. *repository*: `owner/name`, "" where its fork is gone."""

    state: str
    sha: str
    branch: str
    repository: str
    maintainers_may_edit: bool


class Commit(msgspec.Struct, frozen=True):
    """*login*: of whom GitHub takes for its author, "" of nobody that it knows."""

    sha: str
    login: str
    message: str


async def branches_for(app: GitHubApp, ref: PullRequestRef, repository: str = "") -> "Branches":
    """GitHub about the pull request's repository, or *repository*, a fork of it: its maintainers let us in."""
    owner, _, name = ref.repository.partition("/")
    installation_id = ref.installation_id or await app.installation_id(owner, name)
    owner, _, name = (repository or ref.repository).partition("/")
    return Branches(app, installation_id, owner, name)


class Branches(GitHub):
    async def head(self, number: int) -> Head:
        answer = read_answer(await self._get(PULL, number=str(number)), _PullRequest)
        head = answer.head
        repository = head.repo.full_name if head.repo else ""
        return Head(answer.state, head.sha, head.ref, repository, answer.maintainer_can_modify)

    async def commits_since(self, sha: str, head_sha: str) -> list[Commit]:
        """The oldest first."""
        path = f"{REPOSITORY}/compare/{{base}}...{{head}}{{?per_page}}"
        answer = read_answer(await self._get(path, base=sha, head=head_sha, per_page=str(MAX_COMMITS)), _Comparison)
        return [Commit(c.sha, c.author.login if c.author else "", c.commit.message) for c in answer.commits]

    async def commit(self, parent_sha: str, texts: Mapping[str, str], message: str) -> str:
        """The SHA of a new commit that nobody sees yet. Files keep their modes."""
        parent = read_answer(await self._get(f"{REPOSITORY}/git/commits/{{sha}}", sha=parent_sha), _Commit)
        modes = await self.tree(parent_sha)
        entries = [
            {"path": path, "mode": modes[path].mode, "type": "blob", "content": text} for path, text in texts.items()
        ]
        tree = {"base_tree": parent.tree.sha, "tree": entries}
        tree_sha = read_answer(await self._send("POST", f"{REPOSITORY}/git/trees", tree), _Object).sha
        commit = {"message": message, "tree": tree_sha, "parents": [parent_sha]}
        return read_answer(await self._send("POST", f"{REPOSITORY}/git/commits", commit), _Object).sha

    async def advance(self, branch: str, sha: str) -> None:
        """Only from the commit's parent, or what stands before it. What is not so is refused."""
        # The name is one part of the address, its slashes too: what a branch is called leads nowhere else.
        path = f"{REPOSITORY}/git/refs/{{ref}}"
        await self._send("PATCH", path, {"sha": sha, "force": False}, ref=f"heads/{branch}")


# GitHub's wire types: only what is read here.


class _Named(msgspec.Struct):
    full_name: str


class _Head(msgspec.Struct):
    sha: str
    ref: str
    repo: _Named | None = None


class _PullRequest(msgspec.Struct):
    state: str
    head: _Head
    maintainer_can_modify: bool = False


class _Object(msgspec.Struct):
    sha: str


class _Commit(msgspec.Struct):
    tree: _Object


class _User(msgspec.Struct):
    login: str = ""


class _Said(msgspec.Struct):
    message: str = ""


class _ComparedCommit(msgspec.Struct):
    sha: str
    commit: _Said
    author: _User | None = None


class _Comparison(msgspec.Struct):
    commits: list[_ComparedCommit] = []
