"""What to say under a comment that asked something. Pure; `server/effects/replying.py` posts it.

An answer is prose of a model: it is shown as it stands, and cites lines of the head.
"""

import re
from urllib.parse import quote

from server.reviews.asks import Citation, Told
from server.reviews.markdown import plain
from server.reviews.publish import flags_note
from server.reviews.pull_request import CommentRef

MAX_TEXT = 20_000
MAX_CITATIONS = 20
MAX_QUOTE = 200


def to_reply(ref: CommentRef, told: Told) -> str:
    """The comment's body, its marker first."""
    cited = "\n".join(_cited(ref, citation) for citation in told.citations[:MAX_CITATIONS])
    cost = f"<sub>{plain(told.bill.model, limit=100)}, ${told.bill.cost_microdollars / 1_000_000:.2f}</sub>"
    answer = plain(told.text, limit=MAX_TEXT)
    parts = (reply_marker(ref.comment_id), answer, cited, flags_note(told.flags), cost)
    return "\n\n".join(part for part in parts if part)


def reply_marker(comment_id: int) -> str:
    return f"<!-- hive:answer {comment_id} -->"


def answered_comment(body: str) -> int | None:
    """The comment that a reply of ours answers; None when it is none."""
    match = re.match(r"<!-- hive:answer (\d{1,20}) -->", body)
    return int(match[1]) if match else None


def _cited(ref: CommentRef, citation: Citation) -> str:
    host = ref.project.partition("/")[0]
    place = f"{citation.path}:{citation.start_line}"
    lines = f"L{citation.start_line}-L{citation.end_line}"
    address = f"https://{host}/{ref.repository}/blob/{ref.head_sha}/{quote(citation.path)}#{lines}"
    shown = " ".join(citation.quote.split())[:MAX_QUOTE]
    return f"- [{plain(place, limit=200)}]({address}): {plain(shown)}"
