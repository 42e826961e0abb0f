"""Set the check of a pull request that waits for others, and of those that wait for it.

A check that ended is left as it is: where it has to wait again, a new one of the same name takes its place.
"""

from http import HTTPStatus
from uuid import UUID

import msgspec

from server.chores.dependencies import (
    CHECK_NAME,
    Dependencies,
    Dependency,
    Standing,
    dependencies_of,
    standing_of,
)
from server.chores.refs import PullChore
from server.effects.api import GitHubRefused
from server.effects.chores.pulls import Pull, PullGitHub, configuration_at
from server.effects.github import PostedCheckRun
from server.effects.ledger import Ledger
from server.reviews.check_run import CheckRun, Conclusion


class Checked(msgspec.Struct, frozen=True):
    """The result: by pull request what its check says now."""

    told: dict[int, str] = {}


class DependencyChecks:
    """For one look."""

    def __init__(self, github: PullGitHub, ledger: Ledger, dependencies: Dependencies, *, job_id: UUID) -> None:
        self._github = github
        self._ledger = ledger
        self._dependencies = dependencies
        self._job_id = job_id

    async def look(self, ref: PullChore) -> Checked:
        """At the pull request, and at those that wait for it."""
        told: dict[int, str] = {}
        waiting = await self._dependencies.waiting_for(ref.project, ref.number)
        for number in (ref.number, *waiting):
            if title := await self._check(msgspec.structs.replace(ref, number=number)):
                told[number] = title
        return Checked(told)

    async def _check(self, ref: PullChore) -> str:
        """ "" where there is nothing to check."""
        pull, known = await self._github.pull(ref.number), await self._dependencies.of(ref.project, ref.number)
        named = dependencies_of(pull.body, number=ref.number)
        if pull.state != "open":
            await self._dependencies.keep(ref.project, ref.number, ())
            return ""
        if not named and not known:
            return ""
        if not (await configuration_at(self._github, pull)).dependencies.enabled:
            return ""
        await self._dependencies.keep(ref.project, ref.number, named)
        standing = standing_of([await self._dependency(number) for number in named])
        await self._say(ref, pull, standing)
        return standing.title

    async def _dependency(self, number: int) -> Dependency:
        try:
            pull = await self._github.pull(number)
        except GitHubRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return Dependency(number, "unknown")
        return Dependency(number, "merged" if pull.is_merged else pull.state)

    async def _say(self, ref: PullChore, pull: Pull, standing: Standing) -> None:
        run = CheckRun(
            head_sha=pull.head_sha,
            external_id=f"{ref.name}@{pull.head_sha}",
            conclusion=Conclusion.SUCCESS,
            title=standing.title,
            summary=standing.summary,
            annotations=(),
        )
        posted = await self._github.check_runs(pull.head_sha, CHECK_NAME)
        newest = max(posted, key=lambda one: one.id, default=None)
        if newest is not None and not newest.is_completed:
            await self._github.update_check_run(newest.id, run, (), complete=standing.is_over)
            return
        if newest is not None and standing.is_over:
            return

        async def find() -> PostedCheckRun | None:
            now = await self._github.check_runs(pull.head_sha, CHECK_NAME)
            return now[0] if len(now) > len(posted) else None

        async def act() -> PostedCheckRun:
            return await self._github.create_check_run(CHECK_NAME, run, (), complete=standing.is_over)

        key = f"dependencies {ref.project}#{ref.number}@{pull.head_sha} {len(posted)}"
        await self._ledger.once(key, PostedCheckRun, job_id=self._job_id, find=find, act=act)
