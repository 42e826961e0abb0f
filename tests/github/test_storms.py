"""A further push with something of everything, and all that can go wrong at GitHub meanwhile: all is said once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace

from server.db import open_pool
from server.effects.api import GitHubRefused, GitHubUnavailable
from server.hubs.locks import LockLost
from server.jobs.job import GiveUp, Snooze, new_job_id
from server.reviews.publish import finding_fingerprints, reviewed_head
from server.reviews.snapshot import Snapshot
from server.reviews.summary import summary_marker
from tests.github.git_project import GitProject
from tests.github.standin import GitHubStandIn, Interruption
from tests.github.test_publishing import CODE, Scene, a_finding
from tests.github.test_snapshot import ref_of

pytestmark = pytest.mark.slow

BASE = {".hive.toml": "[github]\nsarif = true\n", "app.py": CODE}
FIRST = CODE.replace("value_1 = 1\n", "value_1 = -1\n").replace("value_2 = 2\n", "value_2 = -2\n")
SECOND = FIRST.replace("value_2 = -2\n", "value_2 = 2\n").replace("value_3 = 3\n", "value_3 = -3\n")

CALLS = {
    "apps/create-installation-access-token",
    "apps/get-authenticated",
    "pulls/get",
    "git/get-tree",
    "git/get-blob",
    "repos/compare-commits-with-basehead",
    "checks/list-for-ref",
    "checks/get",
    "checks/create",
    "pulls/list-reviews",
    "pulls/list-review-comments",
    "pulls/create-review-comment",
    "pulls/create-review",
    "issues/list-comments",
    "issues/update-comment",
    "code-scanning/list-recent-analyses",
    "code-scanning/upload-sarif",
    "graphql/reviewThreads",
    "graphql/resolveReviewThread",
}
"""All that a review asks of GitHub, and does there."""


@pytest.fixture
async def scene(
    standin: GitHubStandIn, project: GitProject, session: aiohttp.ClientSession, postgres_url: str
) -> AsyncIterator[Scene]:
    """Reviewed once. The push is not reviewed yet: it mends a finding, and brings one in its hunk and one outside."""
    standin.permissions |= {"contents": "write", "security_events": "write"}
    project.commit(dict(BASE))
    project.branch("feature")
    project.commit({"app.py": FIRST})
    repository = await standin.create_repository(project.directory)
    ref = ref_of(await standin.open_pull_request(repository, head="feature"))
    pool = await open_pool(postgres_url)
    scene = Scene(standin, project, pool, session, repository, ref, [a_finding(1), a_finding(2)])
    await scene.publish(await scene.snapshot())
    await scene.push({"app.py": SECOND})
    scene.findings = [a_finding(1), a_finding(3), a_finding(40, is_reopened=True)]
    scene.start_process()
    standin.requests.clear()
    yield scene
    await pool.close()


async def until_done(scene: Scene, snapshot: Snapshot | None = None) -> None:
    """As the orchestrator runs the two steps: again after an error, and after what a Snooze asks for."""
    for _ in range(3 * len(CALLS)):
        try:
            snapshot = snapshot or await scene.snapshot()
            await scene.publish(snapshot)
            return
        except Snooze as snooze:
            await scene.advance(snooze.seconds)
        except (GitHubUnavailable, GitHubRefused, LockLost):  # refused: an identity, which can be mended
            pass
        scene.start_process()
    raise AssertionError("it never got done")


def assert_all_of_it_is_told_once(scene: Scene) -> None:
    reviews = Counter(reviewed_head(review["body"]) for review in scene.reviews() if review["body"])
    assert set(reviews.values()) == {1}
    comments = scene.standin.comments(scene.repository, scene.ref.number)
    said = Counter(fingerprint for comment in comments for fingerprint in finding_fingerprints(comment["body"]))
    assert said == Counter(finding.fingerprint for finding in (a_finding(2), *scene.findings))
    gone = {c["id"] for c in comments if finding_fingerprints(c["body"]) == {a_finding(2).fingerprint}}
    assert scene.resolved() == gone
    [summary] = scene.summaries()
    assert summary["body"].startswith(summary_marker(scene.ref.head_sha))
    [run] = scene.check_runs()
    assert (run["status"], len(run["annotations"])) == ("completed", 3)
    uploads = Counter(analysis["commit_sha"] for analysis in scene.standin.analyses)
    assert uploads[scene.ref.head_sha] == 1
    assert set(uploads.values()) == {1}


async def test_these_are_all_calls_that_there_are(scene: Scene) -> None:
    await until_done(scene)

    assert_all_of_it_is_told_once(scene)
    assert scene.standin.requests.keys() == CALLS


WRONG: dict[str, dict[str, Any]] = {
    "the secondary limit": {"status": 403, "headers": {"Retry-After": "30"}, "message": "secondary rate limit"},
    "too many requests": {"status": 429, "headers": {}, "message": "slow down"},
    "a bad gateway": {"status": 502},
    "an answer that is lost": {"after": True, "drop": True},
    "a token that ran out": {"status": 401, "message": "Bad credentials"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_whatever_every_kind_of_call_meets_all_is_told_once(scene: Scene, wrong: dict[str, Any]) -> None:
    for operation in CALLS:
        scene.standin.interrupt(Interruption(operation, **wrong))

    await until_done(scene)

    assert_all_of_it_is_told_once(scene)
    assert all(interruption.reached.is_set() for interruption in scene.standin.interruptions)


async def test_a_storm_of_deliveries_of_one_push_is_told_once(scene: Scene) -> None:
    snapshot = await scene.snapshot()
    storm = [Scene(*shared(scene), findings=scene.findings, job_id=new_job_id()) for _ in range(4)]

    await asyncio.gather(*(until_done(one, snapshot) for one in storm))

    assert_all_of_it_is_told_once(scene)


@pytest.mark.parametrize("newest_first", [False, True])
async def test_two_pushes_in_quick_succession_are_told_once_and_the_newest_has_the_last_word(
    scene: Scene, newest_first: bool
) -> None:
    older, snapshot = Scene(*shared(scene), findings=scene.findings, job_id=new_job_id()), await scene.snapshot()
    await scene.push({"app.py": SECOND + "more = 1\n"})
    newer = await scene.snapshot()
    both = [until_done(older, snapshot), until_done(scene, newer)]

    await asyncio.gather(*(both[::-1] if newest_first else both))

    assert_all_of_it_is_told_once(scene)
    [run] = older.check_runs()
    assert "a newer push" in run["output"]["summary"]


@pytest.mark.parametrize(
    "point", ["pulls/get", "pulls/list-review-comments", "pulls/create-review-comment", "pulls/create-review"]
)
async def test_a_force_push_amid_a_review_leaves_nothing_twice(scene: Scene, point: str) -> None:
    snapshot, older = await scene.snapshot(), Scene(*shared(scene), findings=scene.findings, job_id=new_job_id())
    held = scene.standin.interrupt(Interruption(point, hold=True))
    publishing = asyncio.create_task(until_done(older, snapshot))
    await held.happened()
    scene.project.git("reset", "--hard", "--quiet", "main")
    await scene.push({"app.py": SECOND + "forced = 1\n"})
    held.release()
    await publishing
    [run] = older.check_runs()
    assert "a newer push" in run["output"]["summary"]
    if point.startswith("pulls/create"):
        scene.standin.violations.clear()  # GitHub alone can know that the commit has just left the pull request

    await until_done(scene)

    assert_all_of_it_is_told_once(scene)


LOST = {
    "to comment, before the review": ("pulls/create-review", "pull_requests", "read", GiveUp),
    "to comment, before the summary": ("issues/update-comment", "pull_requests", "read", None),
    "to check": ("checks/create", "checks", "read", None),
    "to resolve": ("graphql/resolveReviewThread", "contents", "read", None),
    "to upload": ("code-scanning/upload-sarif", "security_events", "read", None),
}


@pytest.mark.parametrize(("point", "permission", "level", "ends"), LOST.values(), ids=LOST)
async def test_a_permission_that_is_lost_amid_a_review_is_told_and_nothing_comes_twice_when_it_is_back(
    scene: Scene, point: str, permission: str, level: str, ends: type[Exception] | None
) -> None:
    snapshot = await scene.snapshot()
    held = scene.standin.interrupt(Interruption(point, hold=True))
    publishing = asyncio.create_task(scene.publish(snapshot))
    await held.happened()
    before, scene.standin.permissions[permission] = scene.standin.permissions[permission], level
    held.release()
    if ends:
        with pytest.raises(ends, match="lacks a permission"):
            await publishing
    else:
        published = await publishing
        [summary] = scene.summaries()
        assert permission in published.note + summary["body"].replace("\\", "") or published.note

    scene.standin.permissions[permission] = before
    await until_done(scene, snapshot)

    assert_all_of_it_is_told_once(scene)


def shared(scene: Scene) -> tuple[Any, ...]:
    """The world of a scene, for another process in it."""
    return scene.standin, scene.project, scene.pool, scene.session, scene.repository, replace(scene.ref)
