"""Dead letters by HTTP: jobs that gave up, and messages that nobody could open."""

from typing import Any

import pytest
from redis.asyncio import Redis

from server.jobs.job import EventType, JobRequest, encode
from server.jobs.kinds import Kind, Kinds, Step, WorkflowKind
from server.jobs.store import JobStore
from server.messaging import INTAKE, OUTCOMES
from tests.api.conftest import OTHER, PROJECT, Hub


@pytest.fixture
async def forged_message(hub: Hub, redis_urls: dict[str, str]) -> dict[str, Any]:
    """What somebody who can write to Redis, but has no key, put into the intake."""
    async with Redis.from_url(redis_urls["admin"]) as redis:
        await redis.xadd(INTAKE.stream, {"e": b"nonsense"})
    await hub.reviewed()  # entries are read in order: once this one is done, the forged one was tried
    letter: dict[str, Any] = (await hub.get("/api/v1/dead-letters"))["dead_letters"][0]
    return letter


async def test_a_dead_job_is_retried(hub: Hub) -> None:
    job = await hub.dead_job()
    letters = (await hub.get("/api/v1/dead-letters"))["dead_letters"]
    assert [(letter["id"], letter["type"], letter["reason"]) for letter in letters] == [
        (job, "job", "nothing can be done")
    ]

    async with hub.hearing(job, EventType.DEAD):
        answer = await hub.ask("POST", f"/api/v1/dead-letters/{job}/retry")

    assert answer.status == 202
    assert (await hub.get(f"/api/v1/jobs/{job}"))["attempt"] == 2


async def test_a_dead_job_is_discarded(hub: Hub) -> None:
    job = await hub.dead_job()

    async with hub.hearing(job, EventType.DISCARDED):
        answer = await hub.ask("POST", f"/api/v1/dead-letters/{job}/discard")

    assert answer.status == 202
    assert (await hub.get("/api/v1/dead-letters"))["dead_letters"] == []
    assert (await hub.get(f"/api/v1/jobs/{job}"))["state"] == "cancelled"


async def test_a_job_that_is_not_dead_is_no_dead_letter(hub: Hub) -> None:
    job = await hub.reviewed()

    assert (await hub.ask("POST", f"/api/v1/dead-letters/{job}/retry")).status == 409


async def test_a_message_that_nobody_could_open_is_discarded(hub: Hub, forged_message: dict[str, Any]) -> None:
    assert forged_message["type"] == "message"
    assert forged_message["what"] == INTAKE.stream

    answer = await hub.ask("POST", f"/api/v1/dead-letters/{forged_message['id']}/discard")

    assert answer.status == 202
    assert (await hub.get("/api/v1/dead-letters"))["dead_letters"] == []
    assert (await hub.ask("POST", f"/api/v1/dead-letters/{forged_message['id']}/discard")).status == 404


async def test_a_workflow_that_cannot_go_on_is_not_said_to_be_retried(hub: Hub) -> None:
    kinds = Kinds([Kind("work", "work")], [WorkflowKind("build", (Step("a", "work"),), args="int")], {"int": int})
    request = JobRequest("build", PROJECT, encode("no number"))
    await JobStore(hub.pool, kinds).accept([request])

    answer = await hub.ask("POST", f"/api/v1/dead-letters/{request.id}/retry")

    assert (answer.status, "its args were refused" in await answer.text()) == (409, True)


async def test_a_message_cannot_be_retried(hub: Hub, forged_message: dict[str, Any]) -> None:
    assert (await hub.ask("POST", f"/api/v1/dead-letters/{forged_message['id']}/retry")).status == 409


async def test_no_dead_message_has_this_name(hub: Hub) -> None:
    names = ["intake@x", "intake@", "elsewhere@1-1", "intake@1-1", "@", "intake@1-1-1"]

    answers = {name: (await hub.ask("POST", f"/api/v1/dead-letters/{name}/discard")).status for name in names}

    assert answers == dict.fromkeys(names, 404)


async def test_a_dead_job_tells_its_whole_history(hub: Hub) -> None:
    job = await hub.dead_job()

    shown = await hub.get(f"/api/v1/dead-letters/{job}")

    assert (shown["dead_letter"]["cause"], shown["dead_letter"]["attempt"]) == ("gave_up", 1)
    assert [event["type"] for event in shown["history"]] == ["accepted", "started", "dead"]
    assert (shown["job"]["id"], shown["message"]) == (job, None)


async def test_who_retried_and_who_discarded_is_recorded(hub: Hub) -> None:
    job = await hub.dead_job()
    async with hub.hearing(job, EventType.DEAD):
        await hub.ask("POST", f"/api/v1/dead-letters/{job}/retry")
    async with hub.hearing(job, EventType.DISCARDED):
        await hub.ask("POST", f"/api/v1/dead-letters/{job}/discard")

    history = (await hub.get(f"/api/v1/jobs/{job}/history"))["events"]

    assert [(event["type"], event["actor"]) for event in history if event["actor"]] == [
        ("retried", "admin"),
        ("discarded", "admin"),
    ]


async def test_who_discarded_a_message_is_recorded(hub: Hub, forged_message: dict[str, Any]) -> None:
    address = f"/api/v1/dead-letters/{forged_message['id']}"
    assert (await hub.get(address))["message"]["envelope_bytes"] == len(b"nonsense")

    await hub.ask("POST", f"{address}/discard")

    gone = await hub.ask("GET", address)
    assert gone.status == 404
    assert "admin discarded it" in (await gone.json())["hint"]
    row = await hub.pool.fetchrow("select message_id, stream, actor from dead_message_events")
    assert tuple(row) == (forged_message["id"], INTAKE.stream, "admin")


FILTERS = [
    {"kind": "review"},
    {"project": PROJECT},
    {"queue": "review"},
    {"error": "GiveUp"},
    {"cause": "gave_up"},
    {"type": "job"},
    {"since": "2020-01-01T00:00:00Z"},
    {"until": "2100-01-01T00:00:00Z", "type": "job"},
]
OTHERS = [
    {"kind": "publish"},
    {"project": OTHER},
    {"queue": "effects"},
    {"error": "ValueError"},
    {"cause": "crashed"},
    {"type": "message"},
    {"since": "2100-01-01T00:00:00Z"},
    {"until": "2020-01-01T00:00:00Z"},
    {"agent": "0199aaaa-0000-7000-8000-000000000001"},
]


async def test_dead_letters_are_found_by_what_they_have_in_common(hub: Hub) -> None:
    job = await hub.dead_job()

    for found, filters in ((True, FILTERS), (False, OTHERS)):
        for given in filters:
            listed = await hub.get("/api/v1/dead-letters", params=given)
            body = {"filter": given, "dry_run": True}
            counted = await (await hub.ask("POST", "/api/v1/dead-letters/discard", json=body)).json()
            assert [letter["id"] for letter in listed["dead_letters"]] == ([job] if found else []), given
            assert counted["matched"] == int(found), given
    (letter,) = (await hub.get("/api/v1/dead-letters"))["dead_letters"]
    assert (await hub.get("/api/v1/dead-letters", params={"agent": letter["agent_id"]}))["dead_letters"] == [letter]


async def test_jobs_and_messages_are_listed_together_in_pages(hub: Hub, redis_urls: dict[str, str]) -> None:
    wanted = [await hub.dead_job()]
    async with Redis.from_url(redis_urls["admin"]) as redis:
        for _ in range(2):
            entry = await redis.xadd(INTAKE.dead_key, {"e": b"x", "reason": "forged", "stream": INTAKE.stream})
            wanted.append(f"intake@{bytes(entry).decode()}")
    wanted.append(await hub.dead_job())

    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await hub.get("/api/v1/dead-letters", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        found += [letter["id"] for letter in page["dead_letters"]]
        cursor = page["next"]

    assert found == wanted[::-1]


async def test_messages_that_died_in_one_moment_are_told_and_counted_each_once(
    hub: Hub, redis_urls: dict[str, str]
) -> None:
    wanted = []
    async with Redis.from_url(redis_urls["admin"]) as redis:
        for route, moment in ((OUTCOMES, 5), (OUTCOMES, 7), (INTAKE, 7)):
            for number in range(12):
                entry = f"{moment}-{number}"
                await redis.xadd(route.dead_key, {"e": b"x", "reason": "forged", "stream": route.stream}, id=entry)
                wanted.append(f"{route.tag[6:-1]}@{entry}")

    for limit in (1, 5, 50):
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            page = await hub.get("/api/v1/dead-letters", params=params)
            found += [letter["id"] for letter in page["dead_letters"]]
            cursor = page["next"]
        assert sorted(found) == sorted(wanted), limit


async def test_a_dry_run_changes_nothing(hub: Hub) -> None:
    await hub.dead_job()

    for verb in ("retry", "discard"):
        answer = await hub.ask("POST", f"/api/v1/dead-letters/{verb}", json={"filter": {}, "dry_run": True})
        assert await answer.json() == {"matched": 1, "ids": [], "settled": 0, "next": None}

    assert len((await hub.get("/api/v1/dead-letters"))["dead_letters"]) == 1


async def test_all_that_a_filter_finds_is_discarded_page_by_page(hub: Hub, forged_message: dict[str, Any]) -> None:
    jobs = [await hub.dead_job() for _ in range(3)]
    told: list[str] = []
    body: dict[str, Any] = {"filter": {}, "limit": 2}

    while True:
        answer = await (await hub.ask("POST", "/api/v1/dead-letters/discard", json=body)).json()
        assert answer["settled"] == len(answer["ids"])
        told += answer["ids"]
        if answer["next"] is None:
            break
        body["cursor"] = answer["next"]

    assert told == [*jobs[::-1], forged_message["id"]]
    assert (await hub.get("/api/v1/dead-letters"))["dead_letters"] == []
    assert {(await hub.get(f"/api/v1/jobs/{job}"))["state"] for job in jobs} == {"cancelled"}


async def test_all_that_a_filter_finds_is_retried_and_messages_are_left(
    hub: Hub, forged_message: dict[str, Any]
) -> None:
    job = await hub.dead_job()

    async with hub.hearing(job, EventType.DEAD):
        answer = await hub.ask("POST", "/api/v1/dead-letters/retry", json={"filter": {}})

    assert await answer.json() == {"matched": 1, "ids": [job], "settled": 1, "next": None}
    assert (await hub.get(f"/api/v1/jobs/{job}"))["attempt"] == 2
    assert len((await hub.get("/api/v1/dead-letters", params={"type": "message"}))["dead_letters"]) == 1


async def test_what_to_retry_must_be_said(hub: Hub) -> None:
    odd: dict[str, dict[str, Any]] = {
        "no filter": {},
        "an unknown trait": {"filter": {"kinds": "review"}},
        "messages cannot be retried": {"filter": {"type": "message"}},
        "a time without a zone": {"filter": {"since": "2026-11-22T12:00:00"}},
    }

    answers = {
        name: (await hub.ask("POST", "/api/v1/dead-letters/retry", json=body)).status for name, body in odd.items()
    }

    assert answers == dict.fromkeys(odd, 400)


async def test_failures_are_told_over_time(hub: Hub) -> None:
    await hub.dead_job()
    await hub.reviewed()

    told = await hub.get("/api/v1/dead-letters/analytics", params={"by": "error"})

    assert told["failures"] == 1
    (series,) = told["series"]
    assert (series["what"], series["by_type"], len(series["points"])) == ("GiveUp", {"dead": 1}, 1)


async def test_failures_of_such_a_time_cannot_be_told(hub: Hub) -> None:
    odd = {
        "no time": {"since": "2026-11-22T12:00:00Z", "until": "2026-11-22T12:00:00Z"},
        "too many hours": {"since": "2020-01-01T00:00:00Z"},
        "no trait": {"by": "mood"},
    }

    answers = {
        name: (await hub.ask("GET", "/api/v1/dead-letters/analytics", params=query)).status
        for name, query in odd.items()
    }

    assert answers == dict.fromkeys(odd, 400)
