"""Pick a merged pull request onto the branches that its labels name: for each a branch of ours and a pull request.

Both happen once: the ledger remembers, and both are looked for before they are made. What conflicts is told with the
commands for a person, and nothing of it is pushed.
"""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import msgspec

from server.chores import backporting
from server.chores.backporting import Conflict, Merged, Pick
from server.chores.refs import PullChore
from server.effects.api import GitHubRefused, read_answer
from server.effects.chores.note import Notes
from server.effects.chores.picking import pick_onto
from server.effects.chores.pulls import Pull, PullGitHub, configuration_at
from server.effects.chores.writing_clone import writing_clone
from server.effects.github import PULL, REPOSITORY
from server.effects.ledger import Ledger
from server.effects.partial_clone import GitUnavailable
from server.jobs.children import Children

REFUSED_PUSH = ("403", "failed to push")
"""What git says of a push that would be refused again; of a network that is away it says something else."""


class Backported(msgspec.Struct, frozen=True):
    """The result: what was said of each branch. *note*: why of none."""

    told: tuple[str, ...] = ()
    note: str = ""


class _Opened(msgspec.Struct, frozen=True):
    """What the ledger keeps."""

    number: int


class BackportGitHub(PullGitHub):
    async def tip(self, branch: str) -> str | None:
        """None when there is no such branch."""
        try:
            answer = await self._get(f"{REPOSITORY}/git/ref/{{ref}}", ref=f"heads/{branch}")
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        return read_answer(answer, _Ref).object.sha

    async def history(self, sha: str, count: int) -> list[Merged]:
        """The newest first."""
        path = f"{REPOSITORY}/commits{{?sha,per_page}}"
        answer, _ = await self._ask("GET", path, {"sha": sha, "per_page": str(count)})
        return [_merged(commit) for commit in read_answer(answer, list[_Commit])]

    async def messages(self, number: int) -> list[str]:
        """Of a pull request's commits, the oldest first."""
        return [
            read_answer(c, _Commit).commit.message async for c in self._pages(f"{PULL}/commits", number=str(number))
        ]

    async def opened_from(self, branch: str) -> int | None:
        """The pull request of that branch, open or not."""
        query = {"head": f"{self._repository['owner']}:{branch}", "state": "all"}
        async for answer in self._pages(f"{REPOSITORY}/pulls", query):
            return read_answer(answer, _Numbered).number
        return None

    async def open_pull_request(self, head: str, base: str, title: str, body: str) -> int:
        data = {"head": head, "base": base, "title": title, "body": body}
        return read_answer(await self._send("POST", f"{REPOSITORY}/pulls", data), _Numbered).number


class Backporter:
    """For one pull request. *login*: the name under which the App posts."""

    def __init__(self, github: BackportGitHub, ledger: Ledger, children: Children, *, login: str, job_id: UUID) -> None:
        self._github = github
        self._ledger = ledger
        self._children = children
        self._job_id = job_id
        self._notes = Notes(github, ledger, login=login, job_id=job_id)

    async def backport(self, ref: PullChore) -> Backported:
        pull = await self._github.pull(ref.number)
        if not pull.is_merged:
            return Backported(note="it is not merged")
        rules = (await configuration_at(self._github, pull)).backport
        if not rules.enabled:
            return Backported(note="backports are not switched on in .hive.toml of the base")
        told = []
        for branch in backporting.branches_wanted(pull.labels, rules):
            text = await self._to(ref, pull, branch)
            marker = backporting.note_marker(branch)
            await self._notes.keep(ref.number, marker, text, key=f"backport {ref.project}#{ref.number} to {branch}")
            told.append(text)
        return Backported(tuple(told))

    async def _to(self, ref: PullChore, pull: Pull, branch: str) -> str:
        """What is said of it."""
        head = backporting.branch_for(pull.number, branch)
        if opened := await self._github.opened_from(head):
            return backporting.done_text(branch, opened)
        tip = await self._github.tip(branch)
        if tip is None:
            return backporting.no_branch_text(branch)
        picks = await self._picks(pull)

        async def find() -> _Opened | None:
            number = await self._github.opened_from(head)
            return _Opened(number) if number else None

        address, token = await self._github.git()
        async with writing_clone(self._children, address, token, tip) as clone:
            picked = await pick_onto(clone, tip, picks, number=pull.number, title=pull.title)
            if isinstance(picked, Conflict):
                return backporting.conflict_text(pull.number, branch, picks, picked)
            if picked == tip:
                return backporting.nothing_text(branch)
            if await self._github.tip(head) not in (None, picked):
                return backporting.taken_text(branch, head)

            async def act() -> _Opened:
                await clone.push(picked, head)
                title = backporting.title_for(pull.title, branch)
                body = backporting.body_for(pull.number, branch, picks)
                return _Opened(await self._github.open_pull_request(head, branch, title, body))

            key = f"backport {ref.project}#{ref.number} to {branch}"
            try:
                opened_now = await self._ledger.once(key, _Opened, job_id=self._job_id, find=find, act=act)
            except GitHubRefused as refused:
                return backporting.unopened_text(branch, head, refused.status)
            except GitUnavailable as unavailable:
                if not any(sign in str(unavailable) for sign in REFUSED_PUSH):
                    raise
                return backporting.not_allowed_text(branch)
        return backporting.done_text(branch, opened_now.number)

    async def _picks(self, pull: Pull) -> list[Pick]:
        messages = (await self._github.messages(pull.number))[: backporting.MAX_COMMITS]
        history = await self._github.history(pull.merge_sha, max(1, len(messages)))
        return backporting.picks_of(history, messages)


def _merged(commit: "_Commit") -> Merged:
    author = commit.commit.author
    name = author.name.translate(_NOT_IN_NAMES) or "nobody"
    email = author.email.translate(_NOT_IN_NAMES)
    parents = tuple(parent.sha for parent in commit.parents)
    return Merged(commit.sha, parents, commit.commit.message, f"{name} <{email}>", author.date)


_NOT_IN_NAMES = {ord(character): None for character in "<>\n\r\0"}

# GitHub's wire types: only what is read here.


class _Named(msgspec.Struct):
    date: datetime
    name: str = ""
    email: str = ""


class _Sha(msgspec.Struct):
    sha: str


class _Ref(msgspec.Struct):
    object: _Sha


class _Said(msgspec.Struct):
    message: str
    author: _Named


class _Commit(msgspec.Struct):
    sha: str
    commit: _Said
    parents: list[_Sha] = []


class _Numbered(msgspec.Struct):
    number: int
