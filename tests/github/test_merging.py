"""A person wants a head merged: it waits for what is missing, is merged once, and one comment tells how it stands."""

import asyncio

import aiohttp
import asyncpg
import pytest

from server.chores.wishes import MergeWishes
from server.github.merging import MERGE, MergeWanted
from server.github.operation import WishRefused
from tests.github.doing import Doing, notes
from tests.github.git_project import GitProject
from tests.github.operating import Operator
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn, Interruption
from tests.github.world import PullRequest

PROJECT = "github.com/octo/demo"


class Scene(Doing):
    repository: Repository
    project: GitProject

    @property
    def pull(self) -> PullRequest:
        return self.standin.pull_requests["octo/demo", 1]

    async def command(self, body: str, *, login: str = "ada") -> None:
        await self.deliver("issue_comment", self.standin.command(self.repository, 1, body, login=login))

    async def told(self) -> str:
        """The one note."""
        [note] = notes(self.standin, 1, "merge")
        return note

    async def waits(self) -> bool:
        return bool(await MergeWishes(self.pool).untold(PROJECT, 1))

    async def set_status(self, state: str) -> None:
        payload = self.standin.set_status(self.repository, self.pull.head_sha, "build", state)
        await self.deliver("status", payload)


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, pool: asyncpg.Pool
) -> Scene:
    standin.permissions |= {"contents": "write", "statuses": "read"}
    project.commit({"README": "a demo\n"})
    project.branch("feature")
    project.commit({"app.py": "value = 1\n"})
    scene = Scene(standin, pool, session)
    scene.project = project
    scene.repository = await standin.create_repository(project.directory)
    await standin.open_pull_request(scene.repository, head="feature")
    return scene


async def test_what_is_ready_is_merged_at_once(scene: Scene) -> None:
    head = scene.pull.head_sha

    await scene.command("/hive merge")

    assert scene.pull.merge_sha
    assert scene.project.git("rev-parse", "main^2") == head
    note = await scene.told()
    assert note.startswith(f"Merged as {scene.pull.merge_sha[:12]}: {head[:12]} was ready, and github:ada")
    assert not await scene.waits()


async def test_it_waits_for_a_check_and_is_merged_by_the_event_that_it_passed(scene: Scene) -> None:
    await scene.set_status("pending")
    await scene.command("/hive merge")
    assert "check build, which has not ended" in await scene.told()

    await scene.set_status("failure")
    assert "check build, which failed" in await scene.told()
    assert not scene.pull.merge_sha

    await scene.set_status("success")
    assert scene.pull.merge_sha
    assert "Merged as" in await scene.told()
    assert scene.standin.requests["pulls/merge"] == 1


async def test_it_waits_for_the_approvals_that_the_base_asks_for(scene: Scene) -> None:
    scene.standin.collaborators |= {"bo": "write", "eve": "read"}
    scene.project.git("checkout", "--quiet", "main")
    scene.project.commit({".hive.toml": '[merge]\napprovals = 1\nmethod = "squash"\n'})
    await scene.standin.push(scene.repository, 1)
    await scene.command("/hive merge")

    for login in ("eve", "ada"):  # who may not write, and the author
        review = scene.standin.add_review(scene.repository, 1, login=login, body="", state="APPROVED")
        await scene.deliver("pull_request_review", review)
        assert "approvals of this head: 0 of 1" in await scene.told()

    review = scene.standin.add_review(scene.repository, 1, login="bo", body="", state="APPROVED")
    await scene.deliver("pull_request_review", review)

    assert len(scene.project.git("rev-list", "--parents", "-1", "main").split()) == 2  # squashed: one parent
    assert "Merged as" in await scene.told()


async def test_a_newer_push_takes_the_wish_back(scene: Scene) -> None:
    await scene.set_status("pending")
    await scene.command("/hive merge")
    scene.project.commit({"app.py": "value = 2\n"})

    await scene.deliver("pull_request", await scene.standin.push(scene.repository, 1), "merge.look")

    assert "Not merged: a newer push" in await scene.told()
    assert not scene.pull.merge_sha
    assert not await scene.waits()


async def test_a_push_in_the_very_moment_of_the_merge_is_not_merged(scene: Scene) -> None:
    merging = scene.standin.interrupt(Interruption("pulls/merge", hold=True))
    commanded = asyncio.create_task(scene.command("/hive merge"))
    await merging.happened()
    scene.project.commit({"app.py": "value = 2\n"})
    await scene.standin.push(scene.repository, 1)
    merging.release()
    await commanded

    assert not scene.pull.merge_sha
    assert "Head branch was modified" in await scene.told()


async def test_a_person_takes_it_back(scene: Scene) -> None:
    await scene.set_status("pending")
    await scene.command("/hive merge")

    await scene.command("/hive merge cancel")

    assert await scene.told() == "Not merged: github:ada took it back."
    await scene.set_status("success")
    assert not scene.pull.merge_sha


async def test_a_lost_answer_merges_once(scene: Scene) -> None:
    scene.standin.interrupt(Interruption("pulls/merge", after=True, drop=True))

    await scene.command("/hive merge")

    assert f"Merged as {scene.pull.merge_sha[:12]}" in await scene.told()
    assert scene.project.git("rev-list", "--count", "--merges", "main") == "1"


async def test_who_lost_the_right_to_write_merges_nothing(scene: Scene) -> None:
    await scene.set_status("pending")
    await scene.command("/hive merge")
    scene.standin.collaborators["ada"] = "read"

    await scene.set_status("success")

    assert not scene.pull.merge_sha
    assert "may not write to the repository any more" in await scene.told()


async def test_github_merges_by_itself_what_only_its_own_rules_hold_up(scene: Scene) -> None:
    scene.repository.merges_by_itself = True
    scene.pull.rules = "blocked"
    await scene.command("/hive merge")
    assert "GitHub's auto-merge will do it" in await scene.told()
    assert scene.pull.auto_merged_by

    scene.project.commit({"app.py": "value = 2\n"})
    await scene.deliver("pull_request", await scene.standin.push(scene.repository, 1), "merge.look")

    assert not scene.pull.auto_merged_by
    assert "Not merged: a newer push" in await scene.told()


async def test_without_auto_merge_the_hub_waits_for_githubs_rules(scene: Scene) -> None:
    scene.pull.rules = "blocked"
    await scene.command("/hive merge")
    assert "GitHub's rules of the base branch" in await scene.told()

    scene.pull.rules = "clean"
    scene.standin.collaborators["bo"] = "write"
    review = scene.standin.add_review(scene.repository, 1, login="bo", body="", state="APPROVED")
    await scene.deliver("pull_request_review", review)

    assert "Merged as" in await scene.told()


@pytest.mark.parametrize(
    ("permission", "words"),
    [
        ("contents", "the repository allows no way to merge"),
        ("statuses", "which needs contents: write, statuses: read"),
    ],
)
async def test_an_app_that_may_not_says_so(scene: Scene, permission: str, words: str) -> None:
    del scene.standin.permissions[permission]
    scene.standin.permissions.setdefault("contents", "read")

    await scene.command("/hive merge")

    assert words in await scene.told()
    assert not await scene.waits()


async def test_a_program_has_a_head_merged_and_takes_it_back(scene: Scene) -> None:
    operator = Operator(scene.standin, scene.pool, scene.session, scene.repository)
    await scene.set_status("pending")

    told = await operator.ask(MERGE, MergeWanted(1, scene.pull.head_sha))
    assert (told.waits, told.note) == (True, await scene.told())
    assert "a program, through the hub's API, asked" in told.note
    assert (await operator.ask(MERGE, MergeWanted(1, cancel=True))).note.startswith("Not merged: a program")

    with pytest.raises(WishRefused, match="its head is"):
        await operator.ask(MERGE, MergeWanted(1, "b" * 40))
    with pytest.raises(WishRefused, match="nothing to take back"):
        await operator.ask(MERGE, MergeWanted(1, cancel=True))
