"""A review in code scanning, where the base wants it: once for each head, and told where it cannot be."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from server.db import open_pool
from server.reviews.finding import FindingStatus
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn, Interruption
from tests.github.test_publishing import CODE, Scene, a_finding
from tests.github.test_snapshot import ref_of


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, postgres_url: str
) -> AsyncIterator[Scene]:
    project.commit({".hive.toml": "[github]\nsarif = true\n"})
    project.branch("feature")
    project.commit({"app.py": CODE})
    repository = await standin.create_repository(project.directory)
    ref = ref_of(await standin.open_pull_request(repository, head="feature"))
    standin.permissions["security_events"] = "write"
    pool = await open_pool(postgres_url)
    findings = [a_finding(1), a_finding(2, status=FindingStatus.DISMISSED)]
    yield Scene(standin, project, pool, session, repository, ref, findings)
    await pool.close()


async def test_each_head_is_uploaded_once_with_fingerprints_that_last(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    await scene.publish(snapshot)
    await scene.pool.execute("truncate effects")
    await scene.publish(snapshot)
    await scene.push({"more.py": "more = 1\n"})
    await scene.publish(await scene.snapshot())

    first, second = scene.standin.analyses
    assert (first["ref"], second["commit_sha"]) == ("refs/pull/1/head", scene.ref.head_sha)
    results = first["log"]["runs"][0]["results"]
    fingerprint = a_finding(1).fingerprint
    assert [result["partialFingerprints"]["primaryLocationLineHash"] for result in results] == [f"{fingerprint}:1"]


async def test_no_credential_is_uploaded(scene: Scene) -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    scene.findings = [a_finding(1, message=f"The key {key} stands here")]

    await scene.publish(await scene.snapshot())

    [analysis] = scene.standin.analyses
    [result] = analysis["log"]["runs"][0]["results"]
    assert key not in str(analysis["log"])
    assert "[redacted:" in result["message"]["text"]


@pytest.mark.parametrize("granted", [{"security_events": "read"}, {}], ids=["read", "none"])
async def test_a_permission_that_is_missing_is_told_and_the_review_posted(
    scene: Scene, granted: dict[str, str]
) -> None:
    del scene.standin.permissions["security_events"]
    scene.standin.permissions |= granted

    published = await scene.publish(await scene.snapshot())

    assert scene.standin.analyses == []
    assert len(scene.reviews()) == 1
    assert "the App needs security_events: write" in published.note
    [summary] = scene.summaries()
    assert "needs security\\_events: write" in summary["body"]
    assert "needs security\\_events: write" in scene.check_runs()[0]["output"]["summary"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_an_upload_whose_answer_is_lost_is_not_made_twice(scene: Scene, after: bool) -> None:
    scene.standin.interrupt(Interruption("code-scanning/upload-sarif", after=after, drop=True))

    await scene.publish_until_done(await scene.snapshot())

    assert len(scene.standin.analyses) == len(scene.reviews()) == 1
