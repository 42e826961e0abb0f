"""Post what was found: one review, one check run, each once for a head.

The ledger remembers, and what is on GitHub is looked for by markers before anything is posted: only in what the App
itself wrote, for anybody can write a marker. `server/reviews/publish.py` decides what is said.
"""

from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from uuid import UUID

import msgspec

from server.effects.api import GitHubRefused
from server.effects.github import MAX_ANNOTATIONS, GitHub, Posted, PostedCheckRun
from server.effects.ledger import Ledger
from server.reviews.check_run import CheckRun, to_check_run
from server.reviews.publish import Review, StillParses, finding_fingerprints, reviewed_head, to_review
from server.reviews.pull_request import PullRequestRef
from server.reviews.snapshot import Report, Snapshot

CHECK_NAME = "Agent Hive"


class Published(msgspec.Struct, frozen=True):
    """The result of `review.publish`. Addresses are "" where nothing was posted, and *note* says why."""

    review_url: str = ""
    comments: int = 0
    check_run_url: str = ""
    note: str = ""


class PostedReview(msgspec.Struct, frozen=True):
    """What the ledger keeps of a review. No address: there was nothing to say."""

    html_url: str = ""
    comments: int = 0


class Publisher:
    """For one pull request at one head. *login*: the name under which the App posts.

    *still_alone* raises when somebody else may be posting to this pull request by now.
    """

    def __init__(
        self,
        github: GitHub,
        ledger: Ledger,
        *,
        login: str,
        still_parses: StillParses,
        job_id: UUID,
        still_alone: Callable[[], Awaitable[None]],
    ) -> None:
        self._github = github
        self._ledger = ledger
        self._login = login
        self._still_parses = still_parses
        self._job_id = job_id
        self._still_alone = still_alone

    async def publish(self, ref: PullRequestRef, snapshot: Snapshot, report: Report) -> Published:
        """Post the review, unless the head is no longer what was reviewed, and the check run, which names its head."""
        facts = await self._github.pull_request(ref.number)
        note = ""
        review = PostedReview()
        if facts.state != "open":
            note = f"no review was posted: the pull request is {facts.state}"
        elif facts.head_sha != ref.head_sha:
            note = f"no review was posted: a newer push ({facts.head_sha[:12]}) has a review of its own"
        else:
            review = await self._review_once(ref, snapshot, report)
        check_run_url, refusal = await self._check_run_once(ref, to_check_run(ref, report, note=note))
        return Published(review.html_url, review.comments, check_run_url, "; ".join(filter(None, (note, refusal))))

    async def _review_once(self, ref: PullRequestRef, snapshot: Snapshot, report: Report) -> PostedReview:
        return await self._ledger.once(
            f"review {ref.project}#{ref.number}@{ref.head_sha}",
            PostedReview,
            job_id=self._job_id,
            find=lambda: self._find_review(ref),
            act=lambda: self._post_review(ref, snapshot, report),
        )

    async def _find_review(self, ref: PullRequestRef) -> PostedReview | None:
        for review in self._own(await self._github.reviews(ref.number)):
            if reviewed_head(review.body) == ref.head_sha:
                return PostedReview(review.html_url)
        return None

    async def _post_review(self, ref: PullRequestRef, snapshot: Snapshot, report: Report) -> PostedReview:
        posted = await self._posted_fingerprints(ref)
        review = to_review(ref, report, snapshot, posted=posted, still_parses=self._still_parses)
        if review is None:
            return PostedReview()
        await self._still_alone()
        try:
            return _posted(await self._github.create_review(ref.number, review), review)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.UNPROCESSABLE_ENTITY or not review.comments:
                raise
        # GitHub sees a line otherwise than its own patch says. It posted nothing, so everything goes into the body.
        review = to_review(ref, report, snapshot, posted=posted, still_parses=self._still_parses, inline=False)
        assert review is not None
        return _posted(await self._github.create_review(ref.number, review), review)

    async def _posted_fingerprints(self, ref: PullRequestRef) -> frozenset[str]:
        """What earlier reviews of this pull request spoke of: said once is enough."""
        reviews, comments = await self._github.reviews(ref.number), await self._github.review_comments(ref.number)
        return frozenset().union(*(finding_fingerprints(said.body) for said in self._own([*reviews, *comments])))

    def _own(self, posts: Iterable[Posted]) -> list[Posted]:
        return [post for post in posts if post.login == self._login]

    async def _check_run_once(self, ref: PullRequestRef, run: CheckRun) -> tuple[str, str]:
        """Its address, and why there is none. An App may comment and yet not be allowed to check."""
        try:
            posted = await self._ledger.once(
                f"check {ref.project}#{ref.number}@{ref.head_sha}",
                PostedCheckRun,
                job_id=self._job_id,
                find=lambda: self._find_check_run(run, completed=True),
                act=lambda: self._post_check_run(run),
            )
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            return "", "no check run was posted: the App may not write checks"
        return posted.html_url, ""

    async def _find_check_run(self, run: CheckRun, *, completed: bool) -> PostedCheckRun | None:
        for posted in await self._github.check_runs(run.head_sha, CHECK_NAME):
            if posted.external_id == run.external_id and posted.is_completed == completed:
                return posted
        return None

    async def _post_check_run(self, run: CheckRun) -> PostedCheckRun:
        """In batches, going on from what an interrupted attempt got through."""
        posted = await self._find_check_run(run, completed=False)
        while posted is None or not posted.is_completed:
            done = posted.annotations_count if posted else 0
            batch = run.annotations[done : done + MAX_ANNOTATIONS]
            complete = done + len(batch) >= len(run.annotations)
            if posted is None:
                posted = await self._github.create_check_run(CHECK_NAME, run, batch, complete=complete)
            else:
                posted = await self._github.update_check_run(posted.id, run, batch, complete=complete)
        return posted


def _posted(post: Posted, review: Review) -> PostedReview:
    return PostedReview(post.html_url, len(review.comments))
