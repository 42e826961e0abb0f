"""What a maintainer commands in comments, from the delivery to what is done in the hub and on the pull request."""

import pytest

from tests.journeys.scene import CODE, PROJECT, RULES, Scene

pytestmark = pytest.mark.journey


async def test_a_review_that_is_asked_for_is_posted_and_its_finding_dismissed_in_its_thread(scene: Scene) -> None:
    await scene.open_pull_request({"shop.py": CODE})  # its delivery never arrives
    asked = scene.github.command(scene.repository, 1, "/hive review")
    delivery = scene.github.signed_delivery("issue_comment", asked)

    await scene.reviewed(delivery)
    await scene.ended((await scene.started("review.publish"))["job_id"])
    await scene.deliver(delivery)
    await scene.taken_in()

    (review,) = scene.reviews()
    comments = {comment["line"]: comment["id"] for comment in review["comments"]}
    assert comments.keys() == RULES.keys()
    assert scene.github.reactions[asked["comment"]["id"]] == ["eyes", "+1"]

    dismissal = scene.github.reply(scene.repository, 1, comments[14], "/hive dismiss Only a demo runs it.")
    await scene.reviewed(scene.github.signed_delivery("pull_request_review_comment", dismissal))

    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&status=dismissed")
    (known,) = page["findings"]
    assert known["finding"]["rule"] == RULES[14]
    assert (known["dismissal"]["by"], known["dismissal"]["why"]) == ("github:ada", "Only a demo runs it.")

    reviewed = scene.head_sha
    pressed = scene.github.press(scene.repository, scene.check_run(reviewed), "fix")
    scene.github.permissions["contents"] = "write"
    await scene.reviewed(scene.github.signed_delivery("check_run", pressed))
    await scene.ended((await scene.started("fix.publish"))["job_id"])

    assert scene.check_run(reviewed)["actions"][0]["label"] == "Fix this"
    assert scene.head_sha != reviewed
    fixed = scene.project.git("show", "feature:shop.py")
    assert "def remember(price, seen=None):\n    if seen is None:\n        seen = []" in fixed
    assert "return eval(question)" in fixed
