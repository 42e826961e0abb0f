"""What a hub does beside reviews, from deliveries to GitHub: chores of one delivery, a merge that waits, an issue."""

import pytest

from tests.github.world import PullRequest
from tests.journeys.scene import Scene

pytestmark = pytest.mark.journey

RULES = """\
[dependencies]
enabled = true

[issues]
enabled = true
labels = { bug = ["crash"] }
"""


async def test_a_pull_request_waits_for_another_and_is_merged_by_the_event_of_its_check(scene: Scene) -> None:
    scene.github.permissions |= {"contents": "write", "statuses": "read", "issues": "write"}
    scene.repository.labels = ["bug"]
    scene.project.commit({".hive.toml": RULES})
    await scene.github.open_pull_request(scene.repository, head="main")
    await scene.open_pull_request({"shop.py": "price = 1\n"})
    pull: PullRequest = scene.github.pull_requests["octo/demo", 2]
    pull.body = "Depends on #1"

    # One delivery: the review, and what is beside it.
    await scene.reviewed(
        scene.github.signed_delivery("pull_request", scene.github.payload(scene.repository, 2, "opened"))
    )
    await scene.ended((await scene.started("dependencies.look"))["job_id"])
    checks = {run["name"]: run["status"] for run in scene.github.check_runs(scene.repository, pull.head_sha)}
    assert checks == {"Agent Hive": "completed", "Agent Hive: depends on": "in_progress"}

    pull.body = "Depends on nothing"
    edited = scene.github.payload(scene.repository, 2, "edited")
    await scene.reviewed(scene.github.signed_delivery("pull_request", edited))
    status = scene.github.set_status(scene.repository, pull.head_sha, "build", "pending")
    command = scene.github.command(scene.repository, 2, "/hive merge")
    await scene.reviewed(scene.github.signed_delivery("issue_comment", command))
    assert not pull.merge_sha

    status = scene.github.set_status(scene.repository, pull.head_sha, "build", "success")
    await scene.reviewed(scene.github.signed_delivery("status", status))
    assert scene.project.git("rev-parse", "main^2") == pull.head_sha

    issue = scene.github.open_issue(scene.repository, "Crash at start", "KeyError")
    await scene.reviewed(scene.github.signed_delivery("issues", issue))
    assert scene.github.issues["octo/demo", 3].labels == ["bug"]
