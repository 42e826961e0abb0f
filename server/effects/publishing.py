"""Post what was found: one review and one check run, each once for a head, and one summary for them all.

The ledger remembers, and what is on GitHub is looked for by markers before anything is posted: only in what the App
itself wrote, for anybody can write a marker. `server/reviews/publish.py` decides what is said.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from server.effects.api import GitHubRefused
from server.effects.carrying import find_reviewed
from server.effects.code_scanning import upload_once
from server.effects.github import MAX_ANNOTATIONS, GitHub, Posted, PostedCheckRun
from server.effects.ledger import Ledger
from server.effects.on_files import comment_on_files
from server.effects.since import changed_since
from server.effects.summarizing import find_summary, keep_summary, move_summary
from server.effects.threads import settle_threads
from server.jobs.job import GiveUp
from server.reviews.check_run import CHECK_NAME, CheckRun, carried, to_check_run
from server.reviews.configuration import read_configuration
from server.reviews.markdown import plain
from server.reviews.publish import Review, StillParses, reviewed_head, to_file_comments, to_review
from server.reviews.pull_request import PullRequestRef
from server.reviews.rounds import ChangedSince, Round, Spoken, spoken_of, to_round
from server.reviews.snapshot import Report, Snapshot
from server.reviews.summary import is_worth_saying, summarized_head, to_summary

P = TypeVar("P", bound=Posted)


class Published(msgspec.Struct, frozen=True):
    """The result of `review.publish`. Addresses are "" where nothing was posted, and *note* says why."""

    review_url: str = ""
    comments: int = 0
    check_run_url: str = ""
    note: str = ""
    summary_url: str = ""


class PostedReview(msgspec.Struct, frozen=True):
    """What the ledger keeps of a review. No address: there was nothing to say."""

    html_url: str = ""
    comments: int = 0


def review_key(project: str, number: int, head_sha: str) -> str:
    """Under which the ledger knows the review of a head."""
    return f"review {project}#{number}@{head_sha}"


class _LeftBehind(GitHubRefused):
    """What is to be said is about something that is no more."""

    def __init__(self, why: str) -> None:
        super().__init__(HTTPStatus.CONFLICT, why)


class _Said(NamedTuple):
    review: PostedReview = PostedReview()
    summary_url: str = ""
    note: str = ""


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
        try:
            review, summary_url, note = await self._say(ref, snapshot, report)
        except _LeftBehind as left:
            review, summary_url, note = _Said(note=f"no review was posted: {left}")
        rerun = str(self._job_id) if ref.rerun else ""
        check_run_url, refusal = await self._check_run_once(ref, to_check_run(ref, report, note=note, rerun=rerun))
        note = "; ".join(filter(None, (note, refusal)))
        return Published(review.html_url, review.comments, check_run_url, note, summary_url)

    async def _say(self, ref: PullRequestRef, snapshot: Snapshot, report: Report) -> _Said:
        """All but the check run. Raises `_LeftBehind`."""
        await self._confirm(ref)
        before = await self._said_before(ref)
        round_ = to_round(report, before, await self._changed_since_last(ref, before))
        posted = {spoken.fingerprint for spoken in before} | round_.quiet
        on_files = await self._comment_on_files(ref, snapshot, report, posted)
        review = await self._review_once(ref, snapshot, report, posted, on_files)
        settled = await settle_threads(self._github, ref, round_, login=self._login)
        scanning = await self._upload(ref, snapshot, report)
        summary_url, refusal = await self._summarize(ref, report, round_, notes=(settled.note, scanning))
        return _Said(review, summary_url, "; ".join(filter(None, (refusal, scanning))))

    async def _confirm(self, ref: PullRequestRef) -> None:
        """That it is open, and at this head. Raises `_LeftBehind`."""
        facts = await self._github.pull_request(ref.number)
        if facts.state != "open":
            raise _LeftBehind(f"the pull request is {facts.state}")
        if facts.head_sha != ref.head_sha:
            raise _LeftBehind(f"a newer push ({facts.head_sha[:12]}) has a review of its own")

    async def _still_right(self, ref: PullRequestRef) -> None:
        """Right before something is said of lines: they may be gone, and others may say it by now."""
        await self._still_alone()
        await self._confirm(ref)

    async def _comment_on_files(
        self, ref: PullRequestRef, snapshot: Snapshot, report: Report, posted: Collection[str]
    ) -> frozenset[str]:
        return await comment_on_files(
            self._github,
            self._ledger,
            ref,
            to_file_comments(ref, report, snapshot, posted=posted),
            login=self._login,
            job_id=self._job_id,
            still_right=partial(self._still_right, ref),
        )

    async def carry_over(self, ref: PullRequestRef, from_sha: str) -> Published:
        """The verdict on *from_sha* is that on this head, too; nothing is said anew."""
        earlier = await find_reviewed(self._github, ref, from_sha)
        if earlier is None:
            raise GiveUp(f"the check run of {from_sha[:12]} is gone: /hive review reads this head anew")
        annotations = await self._github.annotations(earlier.id)
        run = carried(ref, from_sha, earlier.conclusion, earlier.title, earlier.summary, annotations)
        facts = await self._github.pull_request(ref.number)
        summary_url = ""
        if facts.state == "open" and facts.head_sha == ref.head_sha:
            summary_url = await move_summary(self._github, ref, from_sha, login=self._login)
        check_run_url, note = await self._check_run_once(ref, run)
        return Published(check_run_url=check_run_url, note=note, summary_url=summary_url)

    async def _said_before(self, ref: PullRequestRef) -> list[Spoken]:
        """What reviews of other heads of this pull request spoke of: said once is enough."""
        said: list[Spoken] = []
        for review in self._own(await self._github.reviews(ref.number)):
            if reviewed_head(review.body) != ref.head_sha:
                said += spoken_of(review.body)
        for comment in self._own(await self._github.review_comments(ref.number)):
            if comment.commit != ref.head_sha:
                said += spoken_of(
                    comment.body,
                    comment_id=comment.id,
                    path=comment.path,
                    html_url=comment.html_url,
                    is_outdated=comment.is_outdated,
                )
        return said

    async def _changed_since_last(self, ref: PullRequestRef, said: list[Spoken]) -> ChangedSince | None:
        """Since the last review that said something: a first one says everything. Adds to *said* what its summary said.

        Which head it was about stands in what the App wrote on GitHub, and nowhere else.
        """
        if not said:
            return None
        summary = await find_summary(self._github, ref, login=self._login)
        last_sha = summarized_head(summary.body) if summary else None
        if summary:
            said += spoken_of(summary.body, is_in_summary=True)
        if last_sha in (None, ref.head_sha):
            reviews = self._own(await self._github.reviews(ref.number))
            heads = [head for review in reviews if (head := reviewed_head(review.body)) not in (None, ref.head_sha)]
            last_sha = heads[-1] if heads else None
        return await changed_since(self._github, last_sha, ref.head_sha) if last_sha else None

    async def _review_once(
        self,
        ref: PullRequestRef,
        snapshot: Snapshot,
        report: Report,
        posted: Collection[str],
        on_files: Collection[str],
    ) -> PostedReview:
        """*posted*: what earlier reviews spoke of, or is told quietly. *on_files*: what comments on files tell."""
        to_say = partial(
            to_review, ref, report, snapshot, posted=posted, on_files=on_files, still_parses=self._still_parses
        )
        return await self._ledger.once(
            review_key(ref.project, ref.number, ref.head_sha),
            PostedReview,
            job_id=self._job_id,
            find=lambda: self._find_review(ref),
            act=lambda: self._post_review(ref, to_say, len(on_files)),
        )

    async def _find_review(self, ref: PullRequestRef) -> PostedReview | None:
        for review in self._own(await self._github.reviews(ref.number)):
            if reviewed_head(review.body) == ref.head_sha:
                return PostedReview(review.html_url)
        return None

    async def _post_review(
        self, ref: PullRequestRef, to_say: Callable[..., Review | None], on_files: int
    ) -> PostedReview:
        """*on_files*: how many comments there are besides."""
        review = to_say()
        if review is None:
            return PostedReview()
        await self._still_right(ref)
        try:
            return _posted(await self._github.create_review(ref.number, review), review, on_files)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
            await self._confirm(ref)
            if not review.comments:
                raise
        # GitHub sees a line otherwise than its own patch says. It posted nothing, so everything goes into the body.
        review = to_say(inline=False)
        assert review is not None
        return _posted(await self._github.create_review(ref.number, review), review, on_files)

    async def _upload(self, ref: PullRequestRef, snapshot: Snapshot, report: Report) -> str:
        """Why it was not done although it is wanted."""
        if not read_configuration(snapshot.configuration).github.sarif:
            return ""
        return await upload_once(self._github, self._ledger, ref, report, job_id=self._job_id)

    async def _summarize(
        self, ref: PullRequestRef, report: Report, round_: Round, notes: Sequence[str]
    ) -> tuple[str, str]:
        """Its address, and why there is none although there is something to say."""
        try:
            url = await keep_summary(
                self._github,
                self._ledger,
                ref,
                to_summary(ref, report, round_, ran=_ran(report), notes=notes),
                is_worth_making=is_worth_saying(report),
                login=self._login,
                job_id=self._job_id,
                still_alone=self._still_alone,
            )
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            return "", "no summary was posted: GitHub did not allow the App to comment"
        return url, ""

    def _own(self, posts: Iterable[P]) -> list[P]:
        return [post for post in posts if post.login == self._login]

    async def _check_run_once(self, ref: PullRequestRef, run: CheckRun) -> tuple[str, str]:
        """Its address, and why there is none. An App may comment and yet not be allowed to check."""
        try:
            posted = await self._ledger.once(
                f"check {ref.project}#{ref.number}@{ref.head_sha}" + (f" {self._job_id}" if ref.rerun else ""),
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


def _ran(report: Report) -> list[str]:
    """What looked at it, with versions."""
    read = (*report.coverage.full, *(file.path for file in report.coverage.partial))
    ruff = [f"Ruff {version('ruff')}"] if any(path.endswith((".py", ".pyi")) for path in read) else []
    model = [plain(report.thinking.model, limit=100)] if report.thinking and report.thinking.model else []
    return [f"rules of Agent Hive {version('agent-hive')}", *ruff, *model]


def _posted(post: Posted, review: Review, on_files: int) -> PostedReview:
    return PostedReview(post.html_url, len(review.comments) + on_files)
