"""The kinds of chores that the effects process runs, as a plain table."""

import asyncpg
import msgspec

from server.chores.dependencies import Dependencies
from server.chores.issues import IssueRead
from server.chores.refs import CommitChore, PullChore
from server.chores.stale import Repositories, RepositoryChore
from server.chores.wishes import MergeWishes
from server.effects.app import GitHubApp
from server.effects.chores.backporting import Backported, Backporter, BackportGitHub
from server.effects.chores.dependencies import Checked, DependencyChecks
from server.effects.chores.issues import IssueGitHub, Sorted, read_issue, sort_issue
from server.effects.chores.looking import BUSY_SECONDS, look_at_merge
from server.effects.chores.merging import Looked
from server.effects.chores.pulls import PullGitHub, github_about
from server.effects.chores.reviewers import Requested, ReviewerGitHub, request_reviews
from server.effects.chores.stale import StaleGitHub, Sweep, Swept, list_repositories
from server.effects.feedback import FeedbackRead, read_feedback
from server.effects.ledger import Ledger
from server.effects.projects import Followed, leave_project, move_project
from server.hubs.locks import Locks, LockTaken
from server.jobs.job import Snooze
from server.jobs.worker import Handler, Work
from server.memory.contexts import Contexts
from server.reviews import chore_kinds as kinds
from server.reviews.asks import Triage
from server.reviews.feedback import FeedbackStore
from server.reviews.moves import LEAVE, MOVE, ProjectLeft, ProjectMoved


def chore_handlers(
    app: GitHubApp, ledger: Ledger, locks: Locks, pool: asyncpg.Pool, *, thinks: bool
) -> dict[str, Handler]:
    """*thinks*: there is a model."""
    wishes = MergeWishes(pool)

    async def look(work: Work, ref: PullChore) -> Looked:
        return await look_at_merge(app, ledger, locks, pool, ref, job_id=work.job_id)

    async def look_at_pull(work: Work) -> Looked:
        return await look(work, msgspec.json.decode(work.args, type=PullChore))

    async def look_at_commit(work: Work) -> list[Looked]:
        ref = msgspec.json.decode(work.args, type=CommitChore)
        numbers = await wishes.waiting_for(ref.project, ref.head_sha)
        chores = [PullChore(ref.project, ref.repository, number, ref.installation_id) for number in numbers]
        return [await look(work, chore) for chore in chores]

    async def move(work: Work) -> Followed:
        moved = msgspec.json.decode(work.args, type=ProjectMoved)
        app.forget_repository(moved.old_repository)
        return await move_project(pool, moved)

    async def leave(work: Work) -> Followed:
        left = msgspec.json.decode(work.args, type=ProjectLeft)
        app.forget_repository(left.repository)
        return await leave_project(pool, left)

    async def look_at_feedback(work: Work) -> FeedbackRead:
        return await read_feedback(app, FeedbackStore(pool), msgspec.json.decode(work.args, type=PullChore))

    async def backport(work: Work) -> Backported:
        ref = msgspec.json.decode(work.args, type=PullChore)
        github = await github_about(BackportGitHub, app, ref.repository, ref.installation_id)
        try:
            async with locks.hold(f"backport:{ref.project}#{ref.number}", by=f"job {work.job_id}"):
                backporter = Backporter(github, ledger, work.children, login=await app.login(), job_id=work.job_id)
                return await backporter.backport(ref)
        except LockTaken:
            raise Snooze(BUSY_SECONDS, "this pull request is being backported") from None

    async def look_at_dependencies(work: Work) -> Checked:
        ref = msgspec.json.decode(work.args, type=PullChore)
        github = await github_about(PullGitHub, app, ref.repository, ref.installation_id)
        try:
            # Of the project: the end of one pull request changes the checks of others.
            async with locks.hold(f"dependencies:{ref.project}", by=f"job {work.job_id}"):
                return await DependencyChecks(github, ledger, Dependencies(pool), job_id=work.job_id).look(ref)
        except LockTaken:
            raise Snooze(BUSY_SECONDS, "other dependencies of this project are looked at") from None

    async def request_reviewers(work: Work) -> Requested:
        ref = msgspec.json.decode(work.args, type=PullChore)
        github = await github_about(ReviewerGitHub, app, ref.repository, ref.installation_id)
        return await request_reviews(github, ledger, ref, job_id=work.job_id)

    async def read_one_issue(work: Work) -> IssueRead:
        ref = msgspec.json.decode(work.args, type=PullChore)
        github = await github_about(IssueGitHub, app, ref.repository, ref.installation_id)
        # Only asked here: what is remembered goes through an agent, which takes secrets out of it.
        return await read_issue(github, Contexts(pool, redact=str), ref, thinks=thinks)

    async def sort_one_issue(work: Work) -> Sorted:
        ref = msgspec.json.decode(work.args, type=PullChore)
        read = msgspec.json.decode(work.inputs["read"], type=IssueRead)
        thought = msgspec.json.decode(work.inputs.get("think", b"[]"), type=list[Triage])
        github = await github_about(IssueGitHub, app, ref.repository, ref.installation_id)
        triage = thought[0] if thought else None
        return await sort_issue(github, ledger, ref, read, triage, login=await app.login(), job_id=work.job_id)

    async def list_all_repositories(work: Work) -> Repositories:
        return await list_repositories(app)

    async def sweep_repository(work: Work) -> Swept:
        chore = msgspec.json.decode(work.args, type=RepositoryChore)
        github = await github_about(StaleGitHub, app, chore.repository, chore.installation_id)
        return await Sweep(github, ledger, pool, chore, login=await app.login(), job_id=work.job_id).sweep()

    return {
        kinds.MERGE_LOOK: look_at_pull,
        kinds.MERGE_LOOK_COMMIT: look_at_commit,
        kinds.BACKPORT: backport,
        kinds.DEPENDENCIES: look_at_dependencies,
        kinds.REVIEWERS: request_reviewers,
        kinds.ISSUE_READ: read_one_issue,
        kinds.ISSUE_SORT: sort_one_issue,
        kinds.STALE_LIST: list_all_repositories,
        kinds.STALE_SWEEP: sweep_repository,
        kinds.FEEDBACK_READ: look_at_feedback,
        MOVE: move,
        LEAVE: leave,
    }
