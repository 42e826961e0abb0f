"""Recurring jobs by HTTP."""

from typing import Any

import pytest

from tests.api.conftest import OTHER, PROJECT, Hub

NIGHTLY = {"name": "nightly", "kind": "review", "project": PROJECT, "args": {"files": []}, "cron": "30 2 * * *"}


async def add(hub: Hub, **fields: Any) -> Any:
    answer = await hub.ask("POST", "/api/v1/schedules", json=NIGHTLY | fields)
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def test_a_schedule_from_its_making_to_its_end(hub: Hub) -> None:
    made = await add(hub, timezone="Europe/Berlin")
    paused = await (await hub.ask("POST", "/api/v1/schedules/nightly/pause")).json()
    resumed = await (await hub.ask("POST", "/api/v1/schedules/nightly/resume")).json()
    await hub.ask("POST", "/api/v1/schedules/nightly/remove")

    assert (made["cron"], made["timezone"], made["created_by"]) == ("30 2 * * *", "Europe/Berlin", "admin")
    assert (paused["next_at"], resumed["next_at"]) == (None, made["next_at"])
    assert (await hub.get("/api/v1/schedules"))["schedules"] == []
    assert (await hub.ask("GET", "/api/v1/schedules/nightly")).status == 404


async def test_one_run_more_is_a_job_like_any_other(hub: Hub) -> None:
    await add(hub, args={"project": PROJECT, "files": [{"path": "app.py", "text": "eval(text)\n"}]})

    answer = await hub.ask("POST", "/api/v1/schedules/nightly/run")

    job = (await answer.json())["job"]
    assert (answer.status, answer.headers["Location"]) == (202, f"/api/v1/jobs/{job}")
    ended = await hub.get(f"/api/v1/jobs/{job}?wait=20")
    assert (ended["state"], ended["requested_by"]) == ("succeeded", "admin")
    shown = await hub.get("/api/v1/schedules/nightly")
    assert shown["schedule"]["last_job_id"] == job
    assert [(event["type"], event["actor"]) for event in shown["events"]] == [("asked", "admin"), ("created", "admin")]


async def test_a_key_of_one_project_sees_its_own_schedules_only(hub: Hub) -> None:
    await add(hub)
    await add(hub, name="elsewhere", project=OTHER)

    listed = await hub.get("/api/v1/schedules", role="project read")
    hidden = await hub.ask("GET", "/api/v1/schedules/elsewhere", role="project read")
    forbidden = await hub.ask("GET", f"/api/v1/schedules?project={OTHER}", role="project read")

    assert [schedule["name"] for schedule in listed["schedules"]] == ["nightly"]
    assert (hidden.status, forbidden.status) == (404, 403)
    assert (await hub.get("/api/v1/schedules/nightly", role="project read"))["schedule"]["args"] == {"files": []}


CANNOT_BE: list[tuple[dict[str, Any], int]] = [
    ({"cron": "nightly"}, 400),
    ({"cron": None}, 400),
    ({"every_seconds": 60}, 400),
    ({"timezone": "Mars/Olympus"}, 400),
    ({"kind": "launch"}, 400),
    ({"name": "Nightly!"}, 400),
    ({"priority": 7}, 400),
    ({"missed": "always"}, 400),
    ({"name": "taken"}, 409),
]


async def test_what_cannot_be_is_refused(hub: Hub, subtests: pytest.Subtests) -> None:
    await add(hub, name="taken")
    for fields, status in CANNOT_BE:
        with subtests.test(str(fields)):
            answer = await hub.ask("POST", "/api/v1/schedules", json=NIGHTLY | fields)

            assert answer.status == status, await answer.text()
            assert len((await hub.get("/api/v1/schedules"))["schedules"]) == 1
