"""Jobs by HTTP: asked for, waited for, followed, cancelled."""

import asyncio
from uuid import uuid4

import msgspec

from server.reviews.snapshot import Coverage, Report
from tests.api.conftest import PROJECT, Hub, finding_of


async def test_a_review_is_accepted_with_the_address_of_its_job(hub: Hub) -> None:
    answer = await hub.ask(
        "POST",
        "/api/v1/reviews",
        json={"project": PROJECT, "files": [{"path": "app.py", "text": "eval(text)\n"}]},
        role="write",
    )

    assert answer.status == 202
    job = await hub.get(answer.headers["Location"])
    assert (job["kind"], job["project"], job["requested_by"]) == ("review", PROJECT, "write")


async def test_waiting_ends_when_the_job_does(hub: Hub) -> None:
    hub.may_finish.clear()
    job = await hub.review()
    waiting = asyncio.create_task(hub.get(f"/api/v1/jobs/{job}?wait=30"))
    assert (await hub.get(f"/api/v1/jobs/{job}"))["state"] in ("queued", "running")

    hub.may_finish.set()

    async with asyncio.timeout(60):
        assert (await waiting)["state"] == "succeeded"


async def test_waiting_is_over_after_the_time_asked_for(hub: Hub) -> None:
    hub.may_finish.clear()
    job = await hub.review()

    async with asyncio.timeout(60):
        assert (await hub.get(f"/api/v1/jobs/{job}?wait=0.2"))["state"] in ("queued", "running")


async def test_each_stage_of_a_job_can_be_waited_for(hub: Hub) -> None:
    hub.may_finish.clear()
    job = await hub.review()

    async with asyncio.timeout(60):
        assert (await hub.get(f"/api/v1/jobs/{job}?wait=30&until=accepted"))["state"] in ("queued", "running")
        assert (await hub.get(f"/api/v1/jobs/{job}?wait=30&until=started"))["state"] == "running"
        hub.may_finish.set()
        assert (await hub.get(f"/api/v1/jobs/{job}?wait=30&until=ended"))["state"] == "succeeded"
        assert (await hub.get(f"/api/v1/jobs/{job}?wait=30&until=started"))["state"] == "succeeded"


async def test_the_result_is_the_report(hub: Hub) -> None:
    job = await hub.review("lib.py")

    report = await hub.get(f"/api/v1/jobs/{job}/result?wait=20")

    assert msgspec.convert(report, Report) == Report((finding_of("lib.py"),), Coverage(("lib.py",)))


async def test_a_job_that_runs_has_no_result_yet(hub: Hub) -> None:
    hub.may_finish.clear()
    job = await hub.review()

    answer = await hub.ask("GET", f"/api/v1/jobs/{job}/result")

    assert answer.status == 409
    assert "wait" in (await answer.json())["hint"]


async def test_a_running_job_is_cancelled(hub: Hub) -> None:
    hub.may_finish.clear()
    job = await hub.review()

    answer = await hub.ask("POST", f"/api/v1/jobs/{job}/cancel", role="write")

    assert answer.status == 202
    assert (await hub.get(f"/api/v1/jobs/{job}?wait=20"))["state"] == "cancelled"
    assert (await hub.ask("POST", f"/api/v1/jobs/{job}/cancel")).status == 200


async def test_what_has_ended_cannot_be_cancelled(hub: Hub) -> None:
    job = await hub.reviewed()

    answer = await hub.ask("POST", f"/api/v1/jobs/{job}/cancel")

    assert answer.status == 409
    assert "succeeded" in (await answer.json())["detail"]


async def test_events_tell_what_happens_until_the_end(hub: Hub) -> None:
    hub.may_finish.clear()
    job = await hub.review()
    told: list[tuple[str, str]] = []

    answer = await hub.ask("GET", f"/api/v1/jobs/{job}/events")
    async with asyncio.timeout(20):
        async for line in answer.content:
            name, _, value = line.decode().strip().partition(": ")
            if name == "event":
                told.append((value, ""))
            elif name == "data":
                said = msgspec.json.decode(value)
                told[-1] = (told[-1][0], said.get("type") or said["state"])
                hub.may_finish.set()

    assert told[0][0] == "job"
    assert told[-2:] == [("event", "succeeded"), ("job", "succeeded")]


async def test_events_of_a_job_that_has_ended_are_one(hub: Hub) -> None:
    job = await hub.reviewed()

    answer = await hub.ask("GET", f"/api/v1/jobs/{job}/events")

    assert answer.content_type == "text/event-stream"
    assert (await answer.text()).count("event: job") == 1


async def test_the_head_of_a_running_jobs_events_is_no_event(hub: Hub) -> None:
    hub.may_finish.clear()
    address = f"/api/v1/jobs/{await hub.review()}/events"

    async with asyncio.timeout(20):
        answer = await hub.ask("HEAD", address)
        followed = await hub.ask("HEAD", address)  # on the same connection

    assert (answer.status, answer.content_type, followed.status) == (200, "text/event-stream", 200)


async def test_jobs_are_listed_newest_first_in_pages(hub: Hub) -> None:
    asked = [await hub.reviewed() for _ in range(3)]

    first = await hub.get("/api/v1/jobs", params={"state": "succeeded", "kind": "review", "limit": 2})
    second = await hub.get("/api/v1/jobs", params={"limit": 2, "cursor": first["next"]})

    assert [job["id"] for job in first["jobs"] + second["jobs"]] == asked[::-1]
    assert second["next"] is None


async def test_an_unknown_job_is_not_found(hub: Hub) -> None:
    assert (await hub.ask("GET", f"/api/v1/jobs/{uuid4()}")).status == 404
    assert (await hub.ask("GET", f"/api/v1/jobs/{uuid4()}?wait=0.1")).status == 404
    assert (await hub.ask("GET", "/api/v1/jobs/seven")).status == 400
