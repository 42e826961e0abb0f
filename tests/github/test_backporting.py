"""A merged pull request with a label is picked onto the branch that the label names, once, by a real git."""

import aiohttp
import asyncpg
import pytest

from tests.github.doing import Doing, notes
from tests.github.git_project import GitProject
from tests.github.repository import Repository
from tests.github.standin import GitHubStandIn, Interruption
from tests.github.world import PullRequest

BACKPORT = "backport"


class Scene(Doing):
    repository: Repository
    project: GitProject

    @property
    def pull(self) -> PullRequest:
        return self.standin.pull_requests["octo/demo", 1]

    @property
    def opened(self) -> list[PullRequest]:
        """By the App."""
        return [p for p in self.standin.pull_requests.values() if p.author.endswith("[bot]")]

    async def merge(self, method: str = "merge") -> None:
        await self.standin.merge(self.pull, method, by="ada")

    async def label(self, *labels: str) -> None:
        self.standin.label(self.repository, 1, *labels)
        await self.deliver("pull_request", self.standin.payload(self.repository, 1, "labeled"), BACKPORT)

    def told(self) -> list[str]:
        return notes(self.standin, 1, "backport")

    def show(self, revision: str) -> str:
        return self.project.git("show", revision)


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, pool: asyncpg.Pool
) -> Scene:
    standin.permissions |= {"contents": "write"}
    project.commit({"app.py": "one = 1\ntwo = 2\nthree = 3\n", "data.bin": b"\0\1", "other.py": "o = 1\n"}, "Begin")
    project.git("branch", "v1")
    project.commit({".hive.toml": "[backport]\nenabled = true\n", "new.py": "n = 1\n"}, "Only on main")
    project.branch("feature")
    project.commit({"app.py": "one = 1\ntwo = 2\nthree = 33\n"}, "Mend three")
    project.commit({"data.bin": b"\0\2", ".gitattributes": "*.py filter=evil\n"}, "Mend data")
    scene = Scene(standin, pool, session)
    scene.project = project
    scene.repository = await standin.create_repository(project.directory)
    await standin.open_pull_request(scene.repository, head="feature", title="Mend it")
    return scene


@pytest.mark.parametrize(("method", "commits"), [("merge", 1), ("squash", 1), ("rebase", 2)])
async def test_what_was_merged_is_picked_onto_the_branch(scene: Scene, method: str, commits: int) -> None:
    await scene.merge(method)

    await scene.label("backport v1")

    [opened] = scene.opened
    assert (opened.head_branch, opened.base_branch, opened.title) == ("backport-1-to-v1", "v1", "[v1] Mend it")
    assert "Backport of #1 to `v1`" in opened.body
    assert scene.told() == ["Backported to `v1` by #2."]
    assert scene.show("backport-1-to-v1:app.py") == "one = 1\ntwo = 2\nthree = 33"
    assert scene.project.git("rev-list", "--count", "v1..backport-1-to-v1") == str(commits)
    assert "new.py" not in scene.project.git("ls-tree", "--name-only", "backport-1-to-v1")
    assert "cherry picked from commit" in scene.project.git("log", "-1", "--format=%B", "backport-1-to-v1")


async def test_a_label_that_was_there_before_the_merge_counts_with_the_merge(scene: Scene) -> None:
    await scene.label("backport v1")
    assert scene.opened == []
    await scene.merge()

    await scene.deliver("pull_request", scene.standin.payload(scene.repository, 1, "closed"), BACKPORT)

    assert scene.told() == ["Backported to `v1` by #2."]


async def test_redeliveries_and_a_lost_answer_make_one_pull_request(scene: Scene) -> None:
    await scene.merge()
    scene.standin.interrupt(Interruption("pulls/create", after=True, drop=True))

    await scene.label("backport v1")
    await scene.label("backport v1")

    assert len(scene.opened) == 1
    assert scene.told() == ["Backported to `v1` by #2."]


async def test_a_death_between_push_and_pull_request_is_made_good(scene: Scene) -> None:
    await scene.merge()
    scene.standin.interrupt(Interruption("pulls/create", status=502))

    await scene.label("backport v1")

    assert len(scene.opened) == 1


async def test_a_conflict_is_told_with_the_commands_and_pushes_nothing(scene: Scene) -> None:
    scene.project.git("checkout", "--quiet", "v1")
    scene.project.commit({"app.py": "one = 1\ntwo = 2\nthree = 'otherwise'\n"}, "Elsewhere")
    await scene.merge()

    await scene.label("backport v1")

    [told] = scene.told()
    assert "conflicts there in\n\n- `app.py`\n" in told
    assert f"git cherry-pick -x -m 1 {scene.pull.merge_sha}" in told
    assert scene.project.git("branch", "--list", "backport*") == ""
    assert scene.opened == []


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ("branch backport-1-to-v1 main", "a branch `backport-1-to-v1` is there already"),
        ("branch -f v1 main", "`v1` holds all of it already"),
        ("branch -D v1", "there is no branch `v1`"),
    ],
)
async def test_what_cannot_be_done_is_told(scene: Scene, prepare: str, words: str) -> None:
    await scene.merge()
    scene.project.git(*prepare.split())

    await scene.label("backport v1")

    [told] = scene.told()
    assert words in told
    assert scene.opened == []


async def test_an_app_that_may_not_push_says_so(scene: Scene) -> None:
    await scene.merge()
    scene.standin.permissions["contents"] = "read"

    await scene.label("backport v1")

    [told] = scene.told()
    assert "GitHub did not take the push. The App needs contents: write" in told


async def test_a_push_that_github_rejects_is_told_and_not_tried_again(scene: Scene) -> None:
    await scene.merge()
    hook = scene.project.directory / ".git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    await scene.label("backport v1")

    [told] = scene.told()
    assert "workflows: write where workflow files change" in told
    assert scene.opened == []


async def test_nothing_is_backported_where_the_base_does_not_ask_for_it(scene: Scene) -> None:
    scene.project.git("checkout", "--quiet", "main")
    scene.project.commit({".hive.toml": "[backport]\nenabled = false\n"})
    await scene.standin.push(scene.repository, 1)
    await scene.merge()

    await scene.label("backport v1")

    assert scene.told() == []
    assert scene.opened == []
