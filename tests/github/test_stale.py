"""What nobody touches for long is warned of, kept by any touch, and closed: looked through on a schedule."""

from datetime import UTC, datetime, timedelta

import aiohttp
import asyncpg
import msgspec
import pytest

from server.chores.stale import SCHEDULE, Repositories
from server.effects.chores.stale import Swept
from server.jobs.job import new_job_id
from server.reviews.workflow import KINDS
from tests.github.doing import Doing
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn
from tests.github.world import Issue

RULES = """\
[stale]
enabled = true

[issues]
enabled = true
needs_info_label = "needs-info"
"""


class Scene(Doing):
    repository: Repository
    project: GitProject

    def issue(self, number: int) -> Issue:
        return self.standin.issues["octo/demo", number]

    def old(self, title: str, *labels: str, days: float = 61) -> int:
        number = int(self.standin.open_issue(self.repository, title)["issue"]["number"])
        self.issue(number).labels = [*labels]
        self.issue(number).updated_at = datetime.now(UTC) - timedelta(days=days)
        return number

    async def sweep(self) -> Swept:
        """The steps of the workflow, in turn."""
        found: Repositories = await self.attempt("stale.list", "github", b"{}", new_job_id())
        [chore] = found.repositories
        swept: Swept = await self.attempt("stale.repository", "github", msgspec.json.encode(chore), new_job_id())
        return swept

    async def later(self, *, days: float) -> None:
        await self.pool.execute(
            "insert into clock (ahead) values (make_interval(secs => $1)) "
            "on conflict (single) do update set ahead = clock.ahead + excluded.ahead",
            days * 86_400,
        )

    def said(self, number: int) -> list[str]:
        return [comment["body"].partition("\n\n")[2] for comment in self.issue(number).conversation]


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, pool: asyncpg.Pool
) -> Scene:
    standin.permissions |= {"issues": "write"}
    project.commit({".hive.toml": RULES})
    scene = Scene(standin, pool, session)
    scene.project = project
    scene.repository = await standin.create_repository(project.directory)
    scene.repository.labels = ["stale", "pinned"]
    return scene


async def test_what_is_old_is_warned_of_once_and_closed_later(scene: Scene) -> None:
    old, _, _ = scene.old("Old"), scene.old("Pinned", "pinned"), scene.old("New", days=3)

    assert await scene.sweep() == Swept(warned=(old,))
    assert await scene.sweep() == Swept()
    [warning] = scene.said(old)
    assert "was not touched for 60 days. A word or a change keeps it. Otherwise it is closed in 14 days." in warning

    await scene.later(days=15)
    swept = await scene.sweep()

    assert old in swept.closed
    assert (scene.issue(old).state, scene.issue(old).state_reason) == ("closed", "not_planned")
    assert "Whoever still needs it may reopen it" in scene.said(old)[-1]


async def test_a_touch_keeps_it(scene: Scene) -> None:
    old = scene.old("Old")
    await scene.sweep()
    scene.issue(old).updated_at = datetime.now(UTC) + timedelta(days=1)

    assert (await scene.sweep()).unmarked == (old,)

    assert scene.issue(old).labels == []
    assert scene.issue(old).state == "open"


async def test_an_issue_that_is_never_answered_is_closed(scene: Scene) -> None:
    asked, answered = scene.old("Asked", "needs-info", days=15), scene.old("Answered", "needs-info", days=2)

    assert (await scene.sweep()).closed == (asked,)

    assert scene.issue(answered).state == "open"
    assert scene.said(asked) == [
        "Closed, because what was asked for did not come. Whoever can tell more may reopen it."
    ]


async def test_nothing_is_touched_where_the_project_does_not_ask_for_it(scene: Scene) -> None:
    scene.project.commit({".hive.toml": ""})
    scene.old("Old")

    assert await scene.sweep() == Swept()
    assert scene.standin.requests["issues/list-for-repo"] == 0


def test_the_leader_looks_every_six_hours() -> None:
    assert KINDS.knows(SCHEDULE.kind)
    assert SCHEDULE.recurrence.every_seconds == 6 * 3600
