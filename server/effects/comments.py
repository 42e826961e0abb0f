"""Speak to GitHub about the comments of a pull request: who may command there, reactions, and answers.

Decides nothing: `commands.py` does. Errors are those of `api.py`.
"""

from http import HTTPStatus
from typing import NamedTuple

import msgspec

from server.effects.api import GitHubRefused, read_answer
from server.effects.app import GitHubApp
from server.effects.github import PULL, REPOSITORY, GitHub
from server.reviews.commands import CommandRef, Mood
from server.reviews.fixing import FixRef
from server.reviews.pull_request import CommentRef


class Said(msgspec.Struct, frozen=True):
    """A comment, of the conversation or on a line. *login* is who wrote it."""

    id: int
    login: str
    body: str
    html_url: str


async def comments_for(app: GitHubApp, ref: CommandRef | CommentRef | FixRef) -> "Comments":
    """GitHub, about where that command or question stands."""
    owner, _, name = ref.repository.partition("/")
    installation_id = ref.installation_id or await app.installation_id(owner, name)
    match ref:
        case CommentRef():
            place = Place(ref.number, ref.comment_id, None if ref.conversation else ref.thread_id or ref.comment_id)
        case CommandRef():
            place = Place(ref.number, ref.comment_id, ref.thread_id)
        case FixRef():
            place = Place(ref.number, 0, ref.thread_id)
    return Comments(app, installation_id, owner, name, place)


class Place(NamedTuple):
    """A comment of a pull request. *thread_id*: the one that began its thread; None in the conversation. *comment_id*
    0: a button was pressed instead, or the comment got its reaction already.
    """

    number: int
    comment_id: int
    thread_id: int | None


class Comments(GitHub):
    """Around one comment: those on lines of its pull request, or of the conversation."""

    def __init__(self, app: GitHubApp, installation_id: int, owner: str, name: str, place: Place) -> None:
        super().__init__(app, installation_id, owner, name)
        self._place = place
        self._number = str(place.number)

    async def react(self, mood: Mood) -> None:
        """Once, however often it is asked for: GitHub keeps one of each. Not being allowed to is no harm."""
        if not self._place.comment_id:
            return
        kind = "issues" if self._place.thread_id is None else "pulls"
        path = f"{REPOSITORY}/{kind}/comments/{{comment_id}}/reactions"
        try:
            await self._send("POST", path, {"content": mood}, comment_id=str(self._place.comment_id))
        except GitHubRefused as refused:
            if refused.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
                raise

    async def said(self) -> list[Said]:
        """All of the conversation, or all on lines of the pull request."""
        path = f"{ISSUE}/comments" if self._place.thread_id is None else f"{PULL}/comments"
        return [_said(answer) async for answer in self._pages(path, number=self._number)]

    async def answer(self, body: str) -> Said:
        """In the thread, or in the conversation."""
        if self._place.thread_id is None:
            path, url_vars = f"{ISSUE}/comments", {"number": self._number}
        else:
            path = f"{PULL}/comments/{{comment_id}}/replies"
            url_vars = {"number": self._number, "comment_id": str(self._place.thread_id)}
        return _said(await self._send("POST", path, {"body": body}, **url_vars))


ISSUE = f"{REPOSITORY}/issues/{{number}}"


def _said(answer: object) -> Said:
    comment = read_answer(answer, _Comment)
    return Said(comment.id, comment.user.login if comment.user else "", comment.body or "", comment.html_url)


# GitHub's wire types: only what is read here.


class _User(msgspec.Struct):
    login: str


class _Comment(msgspec.Struct):
    id: int
    user: _User | None = None
    body: str | None = None
    html_url: str = ""
