"""A pull request that depends on others has a check that waits for them, and events of those end it."""

import aiohttp
import asyncpg
import pytest

from server.chores.dependencies import CHECK_NAME
from tests.github.doing import Doing
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn

LOOK = "dependencies.look"


class Scene(Doing):
    repository: Repository

    async def say(self, number: int, action: str) -> None:
        await self.deliver("pull_request", self.standin.payload(self.repository, number, action), LOOK)

    async def describe(self, body: str, action: str = "edited") -> None:
        self.standin.pull_requests["octo/demo", 1].body = body
        await self.say(1, action)

    def checks(self) -> list[tuple[str, str | None, str]]:
        runs = [run for run in self.standin.check_runs(self.repository) if run["name"] == CHECK_NAME]
        return [(run["status"], run["conclusion"], run["output"]["title"]) for run in runs]


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, pool: asyncpg.Pool
) -> Scene:
    project.commit({"README": "a demo\n", ".hive.toml": "[dependencies]\nenabled = true\n"})
    scene = Scene(standin, pool, session)
    scene.repository = await standin.create_repository(project.directory)
    for name in ("one", "two"):
        project.branch(name, "main")
        project.commit({f"{name}.py": "x = 1\n"})
        await standin.open_pull_request(scene.repository, head=name)
    return scene


async def test_it_waits_until_the_other_one_is_merged(scene: Scene) -> None:
    await scene.describe("Depends on #2", "opened")
    assert scene.checks() == [("in_progress", None, "Waits for #2")]

    await scene.standin.merge(scene.standin.pull_requests["octo/demo", 2], "merge", by="ada")
    await scene.say(2, "closed")

    assert scene.checks() == [("completed", "success", "All that it depends on is merged")]


async def test_an_edit_that_names_nothing_any_more_ends_it_and_another_begins_anew(scene: Scene) -> None:
    await scene.describe("Depends on #2")
    await scene.describe("Never mind")
    assert scene.checks() == [("completed", "success", "Depends on nothing any more")]

    await scene.describe("Depends on #2, #9")
    await scene.describe("Depends on #2, #9")

    assert scene.checks()[1:] == [("in_progress", None, "Waits for #2, #9")]


async def test_one_that_is_closed_without_a_merge_holds_on(scene: Scene) -> None:
    await scene.describe("Depends on #2")
    scene.standin.close(scene.repository, 2)
    await scene.say(2, "closed")

    [(status, _, _)] = scene.checks()
    assert status == "in_progress"


async def test_who_depends_on_nothing_has_no_check(scene: Scene) -> None:
    await scene.say(1, "opened")

    assert scene.checks() == []
    assert scene.standin.requests["git/get-tree"] == 0
