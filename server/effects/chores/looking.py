"""Look at a pull request that somebody wants merged, alone: two events of it are seen to one after the other."""

from functools import partial
from uuid import UUID

import asyncpg

from server.chores.refs import PullChore
from server.chores.wishes import MergeWishes
from server.effects.app import GitHubApp
from server.effects.chores.merging import Looked, Merger
from server.effects.chores.pulls import PullGitHub, github_about
from server.effects.ledger import Ledger
from server.hubs.locks import Locks, LockTaken
from server.jobs.job import Event, Snooze
from server.reviews.findings import FindingStore

BUSY_SECONDS = 5.0


async def look_at_merge(
    app: GitHubApp, ledger: Ledger, locks: Locks, pool: asyncpg.Pool, ref: PullChore, *, job_id: UUID
) -> Looked:
    """Where nobody wants anything, GitHub is not asked. Raises Snooze while another look is under way."""
    wishes = MergeWishes(pool)
    if not await wishes.untold(ref.project, ref.number):
        return Looked()
    github = await github_about(PullGitHub, app, ref.repository, ref.installation_id)
    try:
        async with locks.hold(f"merge:{ref.project}#{ref.number}", by=f"job {job_id}") as lock:
            merger = Merger(
                github,
                ledger,
                wishes,
                FindingStore(pool, _only_asked),
                login=await app.login(),
                job_id=job_id,
                still_alone=partial(locks.confirm, lock),
            )
            return await merger.look(ref)
    except LockTaken:
        raise Snooze(BUSY_SECONDS, "another event of this pull request is seen to") from None


async def _only_asked(event: Event) -> None:
    """A look decides nothing about findings, so that there is nothing to tell."""
