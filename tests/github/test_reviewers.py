"""Whoever owns what a pull request changes is asked for a review, once, by CODEOWNERS of the base."""

import aiohttp
import asyncpg
import pytest

from tests.github.doing import Doing
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn
from tests.github.world import PullRequest

REQUEST = "reviewers.request"
OWNERS = "*.py @ada @bo @cy @eve @gone\n*.md @bo\n"


class Scene(Doing):
    repository: Repository
    project: GitProject

    @property
    def pull(self) -> PullRequest:
        return self.standin.pull_requests["octo/demo", 1]

    async def open(self, action: str = "opened") -> None:
        await self.deliver("pull_request", self.standin.payload(self.repository, 1, action), REQUEST)

    @property
    def note(self) -> str:
        return str(self.results[-1].note)


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, pool: asyncpg.Pool
) -> Scene:
    standin.collaborators |= {"bo": "write", "cy": "admin", "eve": "read"}
    project.commit({"CODEOWNERS": OWNERS, ".hive.toml": "[reviewers]\nenabled = true\ncount = 1\n"})
    project.branch("feature")
    project.commit({"app.py": "x = 1\n", "CODEOWNERS": "* @mallory\n"})
    scene = Scene(standin, pool, session)
    scene.project = project
    scene.repository = await standin.create_repository(project.directory)
    await standin.open_pull_request(scene.repository, head="feature")
    return scene


async def test_an_owner_who_may_write_and_has_least_to_do_is_asked(scene: Scene) -> None:
    other = await scene.standin.open_pull_request(scene.repository, head="main")
    scene.standin.pull_requests["octo/demo", other["number"]].requested = ["bo"]

    await scene.open()

    assert scene.pull.requested == ["cy"]


async def test_who_was_taken_off_again_is_not_asked_anew(scene: Scene) -> None:
    await scene.open()
    scene.pull.requested.clear()

    await scene.open("ready_for_review")

    assert scene.pull.requested == []


async def test_enough_are_asked_already(scene: Scene) -> None:
    scene.pull.requested = ["zoe"]

    await scene.open()

    assert scene.pull.requested == ["zoe"]
    assert scene.note == "enough are asked already"


async def test_a_draft_is_left_alone_until_it_is_ready(scene: Scene) -> None:
    scene.pull.draft = True
    await scene.open()
    assert scene.pull.requested == []

    scene.pull.draft = False
    await scene.open("ready_for_review")

    assert scene.pull.requested == ["bo"]
