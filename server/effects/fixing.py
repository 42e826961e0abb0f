"""Fix findings of a pull request at a person's command, once: a commit on its head branch, or what people may apply.

The ledger remembers, and the commit's trailer is looked for before another one is made. Only on top of the head that
was read: a newer push is left alone. `server/reviews/fixing.py` decides what is changed and said.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from uuid import UUID

import msgspec

from server.effects.api import GitHubRefused
from server.effects.branches import Branches, Head
from server.effects.comments import Comments
from server.effects.ledger import Ledger
from server.reviews import commands
from server.reviews.asks import FixOffer
from server.reviews.fixing import (
    FixRef,
    Plan,
    commit_message,
    is_message_of,
    nothing_text,
    offered_text,
    pushed_text,
    suggestions,
    to_plan,
)
from server.reviews.publish import Review, StillParses
from server.reviews.snapshot import Report, Snapshot

BranchesOf = Callable[[str], Awaitable[Branches]]
"""GitHub, about the repository of that name."""


class Fixed(msgspec.Struct, frozen=True):
    """The result of `fix.publish`. *commit* "": nothing was pushed. *url*: where it is told; *note*: why nowhere."""

    commit: str = ""
    url: str = ""
    note: str = ""


class _Pushed(msgspec.Struct, frozen=True):
    """What the ledger keeps of it. No commit, and *refusal*: why not."""

    commit: str = ""
    refusal: str = ""
    is_outdated: bool = False


class _Url(msgspec.Struct, frozen=True):
    html_url: str


class FixPublisher:
    """For one command. *login*: the name under which the App posts and commits."""

    def __init__(
        self,
        comments: Comments,
        branches_of: BranchesOf,
        ledger: Ledger,
        *,
        login: str,
        still_parses: StillParses,
        job_id: UUID,
    ) -> None:
        self._comments = comments
        self._branches_of = branches_of
        self._ledger = ledger
        self._login = login
        self._still_parses = still_parses
        self._job_id = job_id

    async def publish(self, ref: FixRef, snapshot: Snapshot, report: Report, offer: FixOffer | None) -> Fixed:
        """*offer*: a model's. The permission is looked up once more: there may have been minutes since the command."""
        if not await self._comments.may_write(ref.login):
            return Fixed(note=f"{ref.login} may not write to {ref.repository} any more")
        plan = await asyncio.to_thread(to_plan, ref.findings, report, snapshot, offer, self._still_parses)
        if not plan.texts:
            return Fixed(url=await self._say(ref, nothing_text(plan)))
        pushed = await self._push_once(ref, snapshot, plan)
        if pushed.commit:
            return Fixed(pushed.commit, await self._say(ref, pushed_text(ref, plan, pushed.commit)))
        if pushed.is_outdated:
            return Fixed(url=await self._say(ref, f"Nothing was changed: {pushed.refusal}."), note=pushed.refusal)
        return Fixed(url=await self._offer(ref, snapshot, plan, pushed.refusal), note=pushed.refusal)

    async def _push_once(self, ref: FixRef, snapshot: Snapshot, plan: Plan) -> _Pushed:
        ours = await self._branches_of(ref.repository)

        async def find() -> _Pushed | None:
            head = await ours.head(ref.number)
            if head.sha == snapshot.head_sha:
                return None
            for commit in await ours.commits_since(snapshot.head_sha, head.sha):
                if commit.login == self._login and is_message_of(commit.message, ref.asked_by):
                    return _Pushed(commit.sha)
            return None

        async def act() -> _Pushed:
            head = await ours.head(ref.number)
            if refusal := _why_not(head, snapshot, ref):
                return refusal
            try:
                return _Pushed(await self._push(ref, head, plan))
            except GitHubRefused as refused:
                return await self._after_refusal(ref, snapshot, ours, refused)

        return await self._ledger.once(self._key("fix", ref), _Pushed, job_id=self._job_id, find=find, act=act)

    async def _push(self, ref: FixRef, head: Head, plan: Plan) -> str:
        theirs = await self._branches_of(head.repository)
        commit = await theirs.commit(head.sha, plan.texts, commit_message(plan, ref))
        await theirs.advance(head.branch, commit)
        return commit

    async def _after_refusal(self, ref: FixRef, snapshot: Snapshot, ours: Branches, refused: GitHubRefused) -> _Pushed:
        """A push that came meanwhile, a rule of the branch, or a permission that is missing."""
        head = await ours.head(ref.number)
        if head.sha != snapshot.head_sha:
            return _newer(head)
        if refused.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            return _Pushed(refusal=f"the App may not push to {head.repository}: it needs contents: write there")
        return _Pushed(refusal=str(refused))

    async def _offer(self, ref: FixRef, snapshot: Snapshot, plan: Plan, why: str) -> str:
        """Suggestions where the diff has room for them, else all of it as a diff."""
        comments = await asyncio.to_thread(suggestions, ref, plan, snapshot, self._still_parses)
        text = offered_text(plan, snapshot, why)
        if not comments:
            return await self._say(ref, text)
        body = commands.answer_body(ref.asked_by, text)
        review = Review(snapshot.head_sha, body, comments, ())

        async def find() -> _Url | None:
            for posted in await self._comments.reviews(ref.number):
                if posted.login == self._login and commands.is_answer_to(posted.body, ref.asked_by):
                    return _Url(posted.html_url)
            return None

        async def act() -> _Url:
            return _Url((await self._comments.create_review(ref.number, review)).html_url)

        key = self._key("fix suggested", ref)
        return (await self._ledger.once(key, _Url, job_id=self._job_id, find=find, act=act)).html_url

    async def _say(self, ref: FixRef, text: str) -> str:
        async def find() -> _Url | None:
            for said in await self._comments.said():
                if said.login == self._login and commands.is_answer_to(said.body, ref.asked_by):
                    return _Url(said.html_url)
            return None

        async def act() -> _Url:
            return _Url((await self._comments.answer(commands.answer_body(ref.asked_by, text))).html_url)

        key = self._key("answer to fix", ref)
        return (await self._ledger.once(key, _Url, job_id=self._job_id, find=find, act=act)).html_url

    def _key(self, what: str, ref: FixRef) -> str:
        return f"{what} {ref.project}#{ref.number} {ref.asked_by}"


def _why_not(head: Head, snapshot: Snapshot, ref: FixRef) -> _Pushed | None:
    """None: it may be pushed, as far as we know."""
    if head.state != "open":
        return _Pushed(refusal=f"the pull request is {head.state}", is_outdated=True)
    if head.sha != snapshot.head_sha:
        return _newer(head)
    if not head.repository:
        return _Pushed(refusal="the repository of its head is gone")
    is_fork = head.repository.lower() != ref.repository.lower()
    if is_fork and not head.maintainers_may_edit:
        return _Pushed(refusal="its author does not let maintainers push to the fork")
    return None


def _newer(head: Head) -> _Pushed:
    refusal = f"a newer push ({head.sha[:12]}) came while the fix was made: command it again"
    return _Pushed(refusal=refusal, is_outdated=True)
