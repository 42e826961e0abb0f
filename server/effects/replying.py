"""Answer a comment of a pull request, once: the ledger remembers, and a marker in the reply is looked for."""

from uuid import UUID

import msgspec

from server.effects.comments import Comments
from server.effects.ledger import Ledger
from server.reviews.asks import Told
from server.reviews.pull_request import CommentRef
from server.reviews.replies import answered_comment, to_reply


class Replied(msgspec.Struct, frozen=True):
    """The result of `comment.reply`. No address where nothing was posted; *note* says why."""

    url: str = ""
    note: str = ""


async def reply(
    comments: Comments, ledger: Ledger, ref: CommentRef, told: Told, *, login: str, job_id: UUID
) -> Replied:
    """*login*: the name under which the App posts; what others wrote is no reply of ours."""

    async def find() -> Replied | None:
        for said in await comments.said():
            if said.login == login and answered_comment(said.body) == ref.comment_id:
                return Replied(said.html_url)
        return None

    async def act() -> Replied:
        return Replied((await comments.answer(to_reply(ref, told))).html_url)

    where = "in the conversation " if ref.conversation else ""
    key = f"answer {where}{ref.project}#{ref.number} comment {ref.comment_id}"
    return await ledger.once(key, Replied, job_id=job_id, find=find, act=act)
