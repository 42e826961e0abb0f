"""What the diff of a file does not show is told of the file as a whole: GitHub's stand-in and a real Postgres."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from server.db import open_pool
from server.reviews.publish import MAX_FILE_COMMENTS, finding_fingerprints, reviewed_head
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn, Interruption
from tests.github.test_publishing import CODE, Scene, a_finding
from tests.github.test_snapshot import ref_of


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, postgres_url: str
) -> AsyncIterator[Scene]:
    """Of `app.py` the diff shows the first four lines."""
    project.commit({"app.py": CODE})
    project.branch("feature")
    project.commit({"app.py": CODE.replace("value_1 = 1\n", "value_1 = -1\n")})
    repository = await standin.create_repository(project.directory)
    ref = ref_of(await standin.open_pull_request(repository, head="feature"))
    pool = await open_pool(postgres_url)
    yield Scene(standin, project, pool, session, repository, ref, [a_finding(1), a_finding(40), a_finding(50)])
    await pool.close()


def on_files(scene: Scene) -> list[frozenset[str]]:
    """What the comments on files speak of."""
    comments = scene.standin.comments(scene.repository, scene.ref.number)
    return [finding_fingerprints(said["body"]) for said in comments if said["subject_type"] == "file"]


def bodies(scene: Scene) -> list[str]:
    """Of the reviews that are more than one comment."""
    return [review["body"] for review in scene.reviews() if reviewed_head(review["body"])]


def assert_told_once(scene: Scene) -> None:
    assert on_files(scene) == [{a_finding(40).fingerprint}, {a_finding(50).fingerprint}]
    [body] = bodies(scene)
    assert finding_fingerprints(body) == set()
    [run] = scene.check_runs()
    assert len(run["annotations"]) == 3


async def test_findings_outside_the_hunks_are_comments_on_their_file(scene: Scene) -> None:
    published = await scene.publish(await scene.snapshot())

    assert_told_once(scene)
    assert published.comments == 3
    comment = scene.standin.comments(scene.repository, 1)[0]
    assert comment["path"] == "app.py"
    assert f"/blob/{scene.ref.head_sha}/app.py#L40-L40" in comment["body"]
    assert "found 3 problems" in bodies(scene)[0]


async def test_over_the_cap_they_stand_in_the_body(scene: Scene) -> None:
    scene.findings = [a_finding(line) for line in range(20, 40)]

    await scene.publish(await scene.snapshot())

    told = {finding.fingerprint for finding in scene.findings}
    assert len(on_files(scene)) == MAX_FILE_COMMENTS
    assert finding_fingerprints(bodies(scene)[0]) == told - frozenset().union(*on_files(scene))


async def test_what_github_refuses_is_told_in_the_body(scene: Scene) -> None:
    scene.standin.interrupt(Interruption("pulls/create-review-comment", status=422))

    await scene.publish(await scene.snapshot())

    assert on_files(scene) == []
    assert finding_fingerprints(bodies(scene)[0]) == {a_finding(40).fingerprint, a_finding(50).fingerprint}


async def test_a_later_push_says_none_again_and_resolves_what_is_gone(scene: Scene) -> None:
    scene.standin.permissions["contents"] = "write"
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": CODE.replace("value_40 = 40\n", "value_40 = None\n")})
    scene.findings = [a_finding(50)]

    await scene.publish(await scene.snapshot())

    assert len(on_files(scene)) == 2
    comments = scene.standin.comments(scene.repository, 1)
    gone = [c["id"] for c in comments if finding_fingerprints(c["body"]) != {a_finding(50).fingerprint}]
    assert scene.resolved() == set(gone)


DIES = [
    pytest.param(True, id="the process dies"),
    pytest.param(False, id="the answer is lost", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("dies", DIES)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("already", [0, 1], ids=["the first", "the second"])
async def test_whatever_breaks_on_the_way_each_is_told_once(
    scene: Scene, already: int, after: bool, dies: bool
) -> None:
    snapshot = await scene.snapshot()
    scene.standin.interrupt(Interruption("pulls/create-review-comment", times=already))
    point = scene.standin.interrupt(Interruption("pulls/create-review-comment", after=after, hold=dies, drop=True))
    if dies:
        doomed = asyncio.create_task(scene.publish(snapshot))
        await point.happened()
        doomed.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await doomed
        point.release()
        scene.start_process()

    await scene.publish_until_done(snapshot)

    assert_told_once(scene)
