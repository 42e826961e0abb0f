"""Make the figures of a repository on GitHub: its history by git, its pull requests by the API.

`server.history` says what the figures are; `repository_figures.py` keeps what was read, so that only what is new is.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from server.effects.api import read_answer
from server.effects.desk import Desk
from server.effects.existing import existing
from server.effects.github import PULL, REPOSITORY, GitHub
from server.effects.partial_clone import GitUnavailable, PartialClone, partial_clone
from server.effects.repository_figures import RepositoryFigures
from server.github.analytics import Analytics, AnalyticsWish
from server.history import commits as git_history
from server.history.figures import History, figures
from server.history.pulls import PullTimes, pull_figures
from server.jobs.job import GiveUp

MAX_LISTED_PULLS = 2_000
MAX_NEW_PULLS = 100
"""Read by one job, two requests each: what is left is read by the next."""


class Head(NamedTuple):
    branch: str
    sha: str
    committed_at: datetime


class HistoryApi(GitHub):
    async def head(self, branch: str | None) -> Head:
        name = branch or read_answer(await self._get(REPOSITORY), _Repository).default_branch
        answer = await existing(self._get(f"{REPOSITORY}/branches/{{branch}}", branch=name), f"branch {name}")
        commit = read_answer(answer, _Branch).commit
        return Head(name, commit.sha, commit.commit.committer.date)

    async def merged(self, branch: str, since: datetime) -> AsyncIterator["_Pull"]:
        """Into that branch, since then. What was merged was updated by that, so that older pages need not be read."""
        query = {"state": "closed", "base": branch, "sort": "updated", "direction": "desc"}
        seen = 0
        async for answer in self._pages(f"{REPOSITORY}/pulls", query):
            pull, seen = read_answer(answer, _Pull), seen + 1
            if pull.updated_at < since or seen > MAX_LISTED_PULLS:
                return
            if pull.merged_at is not None and pull.merged_at >= since:
                yield pull

    async def first_commit_at(self, number: int) -> datetime | None:
        """When the first commit of a pull request was written; they are listed the oldest first."""
        async for answer in self._pages(f"{PULL}/commits", {"per_page": "1"}, number=str(number)):
            return read_answer(answer, _ListedCommit).commit.author.date
        return None

    async def first_review_at(self, number: int, author: str) -> datetime | None:
        """By a person other than the author."""
        found = [read_answer(a, _Review) async for a in self._pages(f"{PULL}/reviews", number=str(number))]
        moments = [review.submitted_at for review in found if review.is_by_another_than(author)]
        return min((moment for moment in moments if moment), default=None)


async def analyze(desk: Desk, wish: AnalyticsWish) -> Analytics:
    assert desk.pool is not None
    github, kept = await desk.github(HistoryApi), RepositoryFigures(desk.pool, desk.work.project)
    head, since = await github.head(wish.branch), await kept.since(wish.since_days)
    history = await kept.history(wish.since_days, head.sha, since)
    if history is None:
        desk.work.progress(0, 0, "fetching the history by git")
        history = await _read_history(desk, github, head, since)
        await kept.keep_history(wish.since_days, history)
    merged = [pull async for pull in github.merged(head.branch, since)]
    times = await _times(desk, github, kept, merged)
    left = len(merged) - len(times)
    note = f"{left:,} merged pull requests are not read yet: ask again" if left else ""
    return Analytics(desk.repository, head.branch, history, pull_figures(times, len(merged)), note)


async def _times(desk: Desk, github: HistoryApi, kept: RepositoryFigures, merged: list["_Pull"]) -> list[PullTimes]:
    """Of those that are known, and of as many others as one job reads."""
    known = await kept.times([pull.number for pull in merged])
    wanted = [pull for pull in merged if pull.number not in known][:MAX_NEW_PULLS]
    for done, pull in enumerate(wanted):
        desk.work.progress(done, len(wanted), "reading pull requests")
        assert pull.merged_at is not None
        times = PullTimes(
            pull.number,
            pull.created_at,
            pull.merged_at,
            await github.first_commit_at(pull.number),
            await github.first_review_at(pull.number, pull.user.login if pull.user else ""),
        )
        await kept.keep_times(times)
        known[pull.number] = times
    await kept.forget_old_times()
    return [known[pull.number] for pull in merged if pull.number in known]


async def _read_history(desk: Desk, github: HistoryApi, head: Head, since: datetime) -> History:
    if head.committed_at < since:
        return figures(head.sha, since, [], {}, 0)
    address, token = await github.git()
    try:
        async with partial_clone(desk.work.children, address, token, head.sha) as clone:
            await clone.fetch_history(head.sha, since)
            return await _figures(clone, head.sha, since)
    except GitUnavailable as unavailable:
        raise GiveUp(f"the history could not be read: {unavailable}; a shorter period needs less of it") from None


async def _figures(clone: PartialClone, sha: str, since: datetime) -> History:
    listed = await asyncio.to_thread(
        git_history.read_commits, await clone.answer(*git_history.list_command(sha, since))
    )
    parents = await clone.answer(*git_history.PARENTS_COMMAND, given=git_history.parentless(listed))
    cut_off = git_history.read_cut_off(listed, parents)
    changes = await clone.answer(*git_history.CHANGES_COMMAND, given=git_history.changing(listed, cut_off))
    empty_tree = (await clone.answer(*git_history.EMPTY_TREE_COMMAND)).decode().strip()
    sizes = await clone.answer(*git_history.sizes_command(empty_tree, sha))

    def make() -> History:
        commits = git_history.with_changes(listed, changes)
        return figures(sha, since, commits, git_history.read_sizes(sizes), len(cut_off))

    return await asyncio.to_thread(make)


# GitHub's wire types: only what is read here.


class _Repository(msgspec.Struct):
    default_branch: str


class _Signature(msgspec.Struct):
    date: datetime


class _GitCommit(msgspec.Struct):
    author: _Signature
    committer: _Signature


class _ListedCommit(msgspec.Struct):
    commit: _GitCommit


class _BranchCommit(msgspec.Struct):
    sha: str
    commit: _GitCommit


class _Branch(msgspec.Struct):
    commit: _BranchCommit


class _User(msgspec.Struct):
    login: str
    type: str = "User"


class _Pull(msgspec.Struct):
    number: int
    created_at: datetime
    updated_at: datetime
    merged_at: datetime | None = None
    user: _User | None = None


class _Review(msgspec.Struct):
    user: _User | None = None
    submitted_at: datetime | None = None

    def is_by_another_than(self, author: str) -> bool:
        return self.user is not None and self.user.type != "Bot" and self.user.login != author
