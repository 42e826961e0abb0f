"""Comment on files as a whole, where the diff does not show the lines: a review takes no such comments, each is alone.

All of a head are one effect: what an interrupted attempt left is looked for on GitHub, and gone on from. What GitHub
refuses is told in the review's body. `server/reviews/publish.py` decides which.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec

from server.effects.api import GitHubRefused
from server.effects.github import GitHub
from server.effects.ledger import Ledger
from server.reviews.publish import FileComment, finding_fingerprints
from server.reviews.pull_request import PullRequestRef


class _Told(msgspec.Struct, frozen=True):
    fingerprints: tuple[str, ...]


async def comment_on_files(
    github: GitHub,
    ledger: Ledger,
    ref: PullRequestRef,
    wanted: Sequence[FileComment],
    *,
    login: str,
    job_id: UUID,
    still_right: Callable[[], Awaitable[None]],
) -> frozenset[str]:
    """The fingerprints that are told so now. *login*: the name under which the App posts.

    *still_right* raises when this is not to be said any more.
    """
    if not wanted:
        return frozenset()

    async def told() -> set[str]:
        comments = await github.review_comments(ref.number)
        ours = [said for said in comments if said.login == login and said.commit == ref.head_sha]
        return {fingerprint for said in ours for fingerprint in finding_fingerprints(said.body)}

    async def find() -> _Told | None:
        there = await told()
        is_done = all(comment.fingerprint in there for comment in wanted)
        return _Told(tuple(comment.fingerprint for comment in wanted)) if is_done else None

    async def act() -> _Told:
        there = await told()
        for comment in wanted:
            if comment.fingerprint in there:
                continue
            await still_right()
            try:
                await github.create_file_comment(ref.number, ref.head_sha, comment)
            except GitHubRefused:  # and would be for the next one
                break
            there.add(comment.fingerprint)
        return _Told(tuple(comment.fingerprint for comment in wanted if comment.fingerprint in there))

    key = f"comments on files {ref.project}#{ref.number}@{ref.head_sha}"
    done = await ledger.once(key, _Told, job_id=job_id, find=find, act=act)
    return frozenset(done.fingerprints)
