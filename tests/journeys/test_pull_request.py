"""From GitHub's delivery to one review on the pull request, whatever comes twice and whoever is killed on the way."""

import os
import signal
from collections import Counter

import pytest

from server.reviews.publish import reviewed_head
from tests.github.signing import SignedDelivery
from tests.github.standin import Interruption
from tests.journeys.scene import CODE, PROJECT, RULES, Scene, reached, said
from webhooks.chores import AFTER_PULL_REQUEST

pytestmark = pytest.mark.journey

LONG = "".join(
    f"def sum_{n}(prices):\n    total = 0\n    for price in prices:\n        total += {n} * price\n    return total\n"
    for n in range(600)
)
"""A tenth of a second of reviewing and more, and nothing to find."""


async def test_a_pull_request_gets_one_review_with_comments_suggestions_and_a_check_run(scene: Scene) -> None:
    await scene.reviewed(await scene.open_pull_request({"shop.py": CODE}))

    (review,) = scene.reviews()
    assert reviewed_head(review["body"]) == review["commit_id"] == scene.head_sha
    comments = {comment["line"]: comment for comment in review["comments"]}
    assert comments.keys() == RULES.keys()
    assert all(rule in comments[line]["body"] for line, rule in RULES.items())
    suggested = "def remember(price, seen=None):\n    if seen is None:\n        seen = []"
    assert f"```suggestion\n{suggested}\n```" in comments[4]["body"]
    assert "[CWE-95]" in comments[10]["body"]
    run = scene.check_run(scene.head_sha)
    assert (run["name"], run["status"]) == ("Agent Hive", "completed")
    assert scene.head_sha in run["output"]["summary"]
    assert {annotation["start_line"] for annotation in run["annotations"]} == RULES.keys()


async def test_a_delivery_that_comes_again_changes_nothing(scene: Scene) -> None:
    opened = await scene.open_pull_request({"shop.py": CODE})
    job_id = await scene.deliver(opened)
    await scene.ended(job_id)
    for kind in AFTER_PULL_REQUEST["opened"]:
        await scene.ended((await scene.started(kind))["job_id"])
    asked = Counter(scene.github.requests)

    replayed = SignedDelivery(
        {**opened.headers, "X-GitHub-Delivery": "4b0f2c68-0000-4000-8000-3c5d5e6f7a8b"}, opened.body
    )
    for delivery in (opened, opened, replayed):
        await scene.deliver(delivery)
    await scene.taken_in()

    _, page = await scene.hub.call("GET", "/api/v1/jobs?kind=review.pull_request")
    assert [job["id"] for job in page["jobs"]] == [job_id]
    _, known = await scene.hub.call("GET", f"/api/v1/deliveries/{opened.id}")
    assert (known["state"], known["job"], known["times_received"]) == ("accepted", job_id, 3)
    _, known = await scene.hub.call("GET", f"/api/v1/deliveries/{replayed.id}")
    assert (known["state"], known["job"]) == ("duplicate", None)
    assert scene.github.requests == asked


async def test_another_event_of_a_head_that_was_reviewed_posts_nothing_more(scene: Scene) -> None:
    await scene.reviewed(await scene.open_pull_request({"shop.py": CODE}))

    reopened = scene.github.payload(scene.repository, 1, "reopened")
    await scene.reviewed(scene.github.signed_delivery("pull_request", reopened))

    assert len(scene.reviews()) == 1
    assert scene.check_run(scene.head_sha)["status"] == "completed"


async def test_a_newer_push_supersedes_the_review_under_way(scene: Scene) -> None:
    fetching = scene.interrupt("git/get-tree")
    older = await scene.deliver(await scene.open_pull_request({"shop.py": CODE}))
    await reached(fetching)

    newer = await scene.deliver(await scene.push({"till.py": CODE}))
    superseded = await scene.ended(older)
    fetching.release()
    succeeded = await scene.ended(newer)

    assert (superseded["state"], superseded["error"]) == ("cancelled", "superseded by a newer request")
    assert succeeded["state"] == "succeeded"
    (review,) = scene.reviews()
    assert review["commit_id"] == scene.head_sha
    assert {comment["path"] for comment in review["comments"]} == {"shop.py", "till.py"}
    assert len(scene.github.check_runs(scene.repository)) == 1


async def test_what_was_said_of_an_earlier_push_is_not_said_again(scene: Scene) -> None:
    await scene.reviewed(await scene.open_pull_request({"shop.py": CODE}))
    await scene.reviewed(await scene.push({"till.py": CODE}))

    first, second = scene.reviews()

    assert {comment["path"] for comment in first["comments"]} == {"shop.py"}
    assert {comment["path"] for comment in second["comments"]} == {"till.py"}
    assert not said(first) & said(second)


async def test_a_branch_that_was_only_updated_keeps_its_verdict_and_its_findings(scene: Scene) -> None:
    await scene.reviewed(await scene.open_pull_request({"shop.py": CODE}))
    before = scene.check_run(scene.head_sha)
    fetched = scene.github.requests["git/get-blob"]
    scene.project.git("checkout", "--quiet", "main")
    scene.project.commit({"README.md": "Another demo.\n"})
    scene.project.git("checkout", "--quiet", "feature")
    scene.project.git("merge", "--quiet", "--no-edit", "main")

    updated = await scene.github.push(scene.repository, 1)
    await scene.reviewed(scene.github.signed_delivery("pull_request", updated))

    after = scene.check_run(scene.head_sha)
    assert (after["conclusion"], after["annotations"]) == (before["conclusion"], before["annotations"])
    assert scene.github.requests["git/get-blob"] == fetched
    assert len(scene.reviews()) == 1
    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&status=open")
    assert len(page["findings"]) == len(RULES)


async def test_an_agent_killed_with_9_amid_a_review_makes_no_difference(scene: Scene) -> None:
    fetching = scene.interrupt("git/get-tree")
    long = {f"totals_{n}.py": LONG for n in range(12)}
    workflow = await scene.deliver(await scene.open_pull_request({"shop.py": CODE, **long}))
    await reached(fetching)
    (agent,) = scene.hub.children("server.agents")

    fetching.release()
    await scene.started("review")
    os.kill(agent, signal.SIGKILL)

    await everything_is_posted_once(scene, workflow)
    assert (await scene.step(workflow, "review"))["attempt"] == 2


POSTS = ("pulls/create-review", "checks/create")


@pytest.mark.parametrize("operation", POSTS)
async def test_a_hub_killed_with_9_between_posting_and_recording_posts_nothing_twice(
    scene: Scene, operation: str
) -> None:
    posting = scene.interrupt(operation, after=True)
    workflow = await scene.deliver(await scene.open_pull_request({"shop.py": CODE}))
    await reached(posting)

    await scene.hub.kill()
    await scene.hub.start()

    await everything_is_posted_once(scene, workflow)


async def test_an_effects_process_killed_with_9_between_posting_and_recording_posts_nothing_twice(scene: Scene) -> None:
    posting = scene.interrupt("pulls/create-review", after=True)
    workflow = await scene.deliver(await scene.open_pull_request({"shop.py": CODE}))
    await reached(posting)

    (effects,) = scene.hub.children("server.effects")
    os.kill(effects, signal.SIGKILL)

    await everything_is_posted_once(scene, workflow)


async def test_a_postgres_that_stops_between_posting_and_recording_leads_to_no_second_post(scene: Scene) -> None:
    posting = scene.interrupt("pulls/create-review", after=True)
    workflow = await scene.deliver(await scene.open_pull_request({"shop.py": CODE}))
    await reached(posting)

    await scene.hub.fail_engine("postgres", signal.SIGQUIT)
    posting.release()

    await everything_is_posted_once(scene, workflow)


async def test_a_post_that_takes_effect_long_after_its_hub_was_killed_is_not_made_again(scene: Scene) -> None:
    """The worst moment: the next attempt has looked, and seen nothing, before the first one's request gets through."""
    posting = scene.github.interrupt(Interruption("pulls/create-review", hold=True, gives_up_seconds=10.0))
    workflow = await scene.deliver(await scene.open_pull_request({"shop.py": CODE}))
    await reached(posting)
    looked = scene.github.interrupt(Interruption("pulls/list-reviews", after=True))

    await scene.hub.kill()
    await scene.hub.start()
    await reached(looked)
    posting.release()

    await everything_is_posted_once(scene, workflow, in_vain=int(posting.gave_up))


async def test_a_hub_stopped_amid_a_review_goes_on_with_it_at_its_next_start(scene: Scene) -> None:
    fetching = scene.interrupt("git/get-tree")
    workflow = await scene.deliver(await scene.open_pull_request({"shop.py": CODE}))
    await reached(fetching)

    assert await scene.hub.stop() == 0
    await scene.hub.start()

    await everything_is_posted_once(scene, workflow)


async def everything_is_posted_once(scene: Scene, workflow_id: str, *, in_vain: int = 0) -> None:
    """When the workflow has ended: asked of GitHub once, there once, and known to the hub. *in_vain*: on a machine so
    slow that GitHub gave the first request up.
    """
    ended = await scene.ended(workflow_id)
    assert ended["state"] == "succeeded", ended
    _, published = await scene.hub.call("GET", f"/api/v1/jobs/{workflow_id}/result")
    (review,), run = scene.reviews(), scene.check_run(scene.head_sha)
    assert len(review["comments"]) == len(RULES)
    assert run["status"] == "completed"
    assert (published["review_url"], published["check_run_url"]) == (review["html_url"], run["html_url"])
    assert [scene.github.requests[operation] for operation in POSTS] == [1 + in_vain, 1]


async def test_a_finding_dismissed_by_the_api_is_not_on_the_next_push(scene: Scene) -> None:
    await scene.reviewed(await scene.open_pull_request({"shop.py": CODE}))
    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&rule=hive.code-from-text")
    (known,) = page["findings"]
    assert known["places"][0]["place"] == "pull_request:octo/demo#1"
    # The next file has the same problems; one of them is dismissed before GitHub ever heard of it.
    coming = {"project": PROJECT, "files": [{"path": "till.py", "text": CODE}]}
    _, started = await scene.hub.call("POST", "/api/v1/reviews", coming)
    await scene.ended(started["job"])
    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&path=till.py&rule=hive.shell-command")
    (foreseen,) = page["findings"]

    for finding in (known, foreseen):
        fingerprint = finding["finding"]["fingerprint"]
        address = f"/api/v1/findings/{fingerprint}/dismiss?project={PROJECT}"
        status, _ = await scene.hub.call("POST", address, {"why": "ours to run"})
        assert status == 200
    await scene.reviewed(await scene.push({"till.py": CODE}))

    _, second = scene.reviews()
    assert {comment["line"] for comment in second["comments"]} == {4, 10}
    annotations = scene.check_run(scene.head_sha)["annotations"]
    assert sorted((a["path"], a["start_line"]) for a in annotations) == [
        ("shop.py", 4), ("shop.py", 14), ("till.py", 4), ("till.py", 10)
    ]  # fmt: skip
