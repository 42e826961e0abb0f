"""What a model need not look at again: what it has seen to the end of the head before, unless somebody asks anew."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from msgspec.structs import replace

from server.db import open_pool
from server.effects.app import GitHubApp
from server.effects.github import github_for
from server.effects.since import looked_at_before
from server.reviews.finding import Opinion
from server.reviews.snapshot import LineRange, Looked, Thinking
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn
from tests.github.test_carrying import StoredScene
from tests.github.test_publishing import CODE, a_finding
from tests.github.test_snapshot import ref_of

CLAIM = replace(a_finding(1), rule="model.logic")
DOUBTED = replace(a_finding(2), opinion=Opinion(False, "It is a constant."))


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, postgres_url: str
) -> AsyncIterator[StoredScene]:
    """Reviewed once, with a model that looked at all of it."""
    project.commit({"README": "a demo\n"})
    project.branch("feature")
    project.commit({"app.py": CODE})
    repository = await standin.create_repository(project.directory)
    ref = ref_of(await standin.open_pull_request(repository, head="feature"))
    pool = await open_pool(postgres_url)
    scene = StoredScene(standin, project, pool, session, repository, ref, [CLAIM, DOUBTED, a_finding(3)])
    scene.thinking = Thinking("claude")
    yield scene
    await pool.close()


async def looked(scene: StoredScene, app: GitHubApp) -> Looked | None:
    return await looked_at_before(await github_for(app, scene.ref), scene.store, scene.ref, scene.ref.head_sha)


async def test_after_a_push_only_its_lines_are_to_be_looked_at(scene: StoredScene, app: GitHubApp) -> None:
    await scene.reviewed()
    before = scene.ref.head_sha
    await scene.push({"app.py": CODE.replace("value_40 = 40\n", ""), "README": "another demo\n"})

    seen = await looked(scene, app)

    assert seen is not None
    assert (seen.head_sha, seen.pushed) == (before, {"app.py": (LineRange(37, 42),), "README": (LineRange(1, 1),)})
    assert {finding.rule: finding.opinion for finding in seen.findings} == {
        CLAIM.rule: None,
        DOUBTED.rule: DOUBTED.opinion,
    }


async def test_what_was_not_seen_to_the_end_or_is_asked_for_is_looked_at_as_a_whole(
    scene: StoredScene, app: GitHubApp
) -> None:
    scene.thinking = Thinking("claude", note="the model judged 1 of 2 parts")
    await scene.reviewed()
    await scene.push({"more.py": "more = 1\n"})
    assert await looked(scene, app) is None

    scene.thinking = Thinking("claude")
    await scene.publish(await scene.snapshot())
    await scene.push({"more.py": "more = 2\n"})
    assert await looked(scene, app) is not None
    scene.ref = replace(scene.ref, automatic=False)
    assert await looked(scene, app) is None


async def test_after_a_force_push_all_is_looked_at(scene: StoredScene, app: GitHubApp) -> None:
    await scene.reviewed()
    scene.project.git("reset", "--hard", "--quiet", "main")
    await scene.push({"app.py": CODE})

    assert await looked(scene, app) is None
