"""Keep the one comment that sums up a pull request: made once, edited ever after.

Whoever does this holds the pull request's lock, so that nobody else edits between looking and writing. A summary that
somebody deleted stays deleted: the ledger knows that there was one.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from uuid import UUID

import msgspec

from server.effects.api import GitHubRefused
from server.effects.github import GitHub, Posted
from server.effects.ledger import Ledger
from server.reviews.pull_request import PullRequestRef
from server.reviews.summary import summarized_head


class PostedSummary(msgspec.Struct, frozen=True):
    """What the ledger keeps of it."""

    html_url: str


async def keep_summary(
    github: GitHub,
    ledger: Ledger,
    ref: PullRequestRef,
    body: str,
    *,
    is_worth_making: bool,
    login: str,
    job_id: UUID,
    still_alone: Callable[[], Awaitable[None]],
) -> str:
    """Its address; "" where there is none and none *is_worth_making*. *login*: the name under which the App posts."""

    async def find_posted() -> PostedSummary | None:
        found = await find_summary(github, ref, login=login)
        return PostedSummary(found.html_url) if found else None

    async def create() -> PostedSummary:
        await still_alone()
        return PostedSummary((await github.create_issue_comment(ref.number, body)).html_url)

    found = await find_summary(github, ref, login=login)
    if found is None:
        if not is_worth_making:
            return ""
        key = f"summary {ref.project}#{ref.number}"
        return (await ledger.once(key, PostedSummary, job_id=job_id, find=find_posted, act=create)).html_url
    if found.body != body:
        await still_alone()
        await _edit(github, found.id, body)
    return found.html_url


async def move_summary(github: GitHub, ref: PullRequestRef, from_sha: str, *, login: str) -> str:
    """Let it speak of this head, whose change is the same: its address, "" where there is none."""
    found = await find_summary(github, ref, login=login)
    if found is None:
        return ""
    if summarized_head(found.body) == from_sha:
        await _edit(github, found.id, found.body.replace(from_sha, ref.head_sha))
    return found.html_url


async def find_summary(github: GitHub, ref: PullRequestRef, *, login: str) -> Posted | None:
    """Looked for on every page."""
    for said in await github.issue_comments(ref.number):
        if said.login == login and summarized_head(said.body):
            return said
    return None


async def _edit(github: GitHub, comment_id: int, body: str) -> None:
    """Says the same however often it is done."""
    try:
        await github.update_issue_comment(comment_id, body)
    except GitHubRefused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:  # deleted since it was looked for
            raise
