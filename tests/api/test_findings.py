"""Findings by HTTP: found once, dismissed for all, with a history."""

from server.reviews.feedback import Feedback, FeedbackKind
from tests.api.conftest import OTHER, PROJECT, Hub, finding_of

FOUND = finding_of("app.py").fingerprint


async def test_what_a_review_found_is_listed(hub: Hub) -> None:
    await hub.reviewed("app.py", "lib.py")

    page = await hub.get("/api/v1/findings", params={"project": PROJECT, "path": "app.py"})

    assert [known["finding"]["fingerprint"] for known in page["findings"]] == [FOUND]
    assert [place["place"] for place in page["findings"][0]["places"]] == ["api"]


async def test_a_dismissal_is_announced_and_holds_for_the_next_review(hub: Hub) -> None:
    await hub.reviewed()
    answer = await hub.ask(
        "POST", f"/api/v1/findings/{FOUND}/dismiss", params={"project": PROJECT}, json={"why": "a test"}, role="write"
    )
    assert (await answer.json())["finding"]["status"] == "dismissed"

    job = await hub.reviewed()

    report = await hub.get(f"/api/v1/jobs/{job}/result")
    assert [finding["status"] for finding in report["findings"]] == ["dismissed"]
    assert "findings_changed" in [event.type for event in hub.heard]


async def test_it_can_be_reopened_and_the_history_tells(hub: Hub) -> None:
    await hub.reviewed()
    named = {"project": PROJECT}
    await hub.ask("POST", f"/api/v1/findings/{FOUND}/dismiss", params=named, json={"why": "a test"}, role="write")
    await hub.ask("POST", f"/api/v1/findings/{FOUND}/reopen", params=named, role="admin")

    found = await hub.get(f"/api/v1/findings/{FOUND}", params=named)

    assert found["finding"]["finding"]["status"] == "open"
    assert [(d["type"], d["by"], d["why"]) for d in found["history"]] == [
        ("dismissed", "write", "a test"),
        ("reopened", "admin", ""),
    ]


async def test_pages_hold_together(hub: Hub) -> None:
    await hub.reviewed(*(f"{n}.py" for n in range(5)))

    first = await hub.get("/api/v1/findings", params={"limit": 3})
    second = await hub.get("/api/v1/findings", params={"limit": 3, "cursor": first["next"]})

    paths = [known["finding"]["path"] for known in first["findings"] + second["findings"]]
    assert sorted(paths) == [f"{n}.py" for n in range(5)]
    assert second["next"] is None


async def test_a_finding_is_named_with_its_project(hub: Hub) -> None:
    await hub.reviewed()

    without = await hub.ask("GET", f"/api/v1/findings/{FOUND}")
    elsewhere = await hub.ask("GET", f"/api/v1/findings/{FOUND}", params={"project": OTHER})

    assert (without.status, elsewhere.status) == (400, 404)


async def test_what_people_showed_stands_with_the_finding_and_is_counted_by_rule(hub: Hub) -> None:
    await hub.reviewed()
    await hub.parts.feedback.keep(
        PROJECT, "pull_request:octo/app#7", [Feedback(FOUND, FeedbackKind.DISLIKED, "github:ada")]
    )

    found = await hub.get(f"/api/v1/findings/{FOUND}", params={"project": PROJECT})
    counted = await hub.get("/api/v1/feedback", params={"project": PROJECT})

    assert [(shown["kind"], shown["by"]) for shown in found["feedback"]] == [("disliked", "github:ada")]
    assert [(row["rule"], row["rejected"]) for row in counted["rules"]] == [(found["finding"]["finding"]["rule"], 1)]
    assert (await hub.get("/api/v1/feedback", role="project read"))["rules"] == counted["rules"]
