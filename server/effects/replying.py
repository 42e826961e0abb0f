"""Answer a comment of a pull request, once: the ledger remembers, and a marker in the reply is looked for."""

from uuid import UUID

import msgspec

from server.effects.github import GitHub, Posted
from server.effects.ledger import Ledger
from server.reviews.asks import Told
from server.reviews.pull_request import CommentRef
from server.reviews.replies import answered_comment, to_reply


class Replied(msgspec.Struct, frozen=True):
    """The result of `comment.reply`. No address where nothing was posted; *note* says why."""

    url: str = ""
    note: str = ""


async def reply(github: GitHub, ledger: Ledger, ref: CommentRef, told: Told, *, login: str, job_id: UUID) -> Replied:
    """*login*: the name under which the App posts; what others wrote is no reply of ours."""

    async def find() -> Replied | None:
        for posted in await github.review_comments(ref.number):
            if posted.login == login and answered_comment(posted.body) == ref.comment_id:
                return Replied(posted.html_url)
        return None

    async def act() -> Replied:
        posted: Posted = await github.create_reply(ref.number, ref.comment_id, to_reply(ref, told))
        return Replied(posted.html_url)

    key = f"answer {ref.project}#{ref.number} comment {ref.comment_id}"
    return await ledger.once(key, Replied, job_id=job_id, find=find, act=act)
