"""The feed of everything that happens to jobs: pages, and server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientResponse

from server.api.events_feed import STREAM
from server.jobs.feed import MAX_FOLLOWERS
from tests.api.conftest import OTHER, PROJECT, Hub

STORY = ["accepted", "started", "succeeded"]


async def pages(hub: Hub, query: str = "after=0", **options: Any) -> Any:
    return await hub.get(f"/api/v1/events?{query}", **options)


def types_of(page: Any) -> list[str]:
    return [event["type"] for event in page["events"]]


@asynccontextmanager
async def stream(hub: Hub, query: str = "after=0", **options: Any) -> AsyncIterator[ClientResponse]:
    headers = {"Accept": STREAM, **options.pop("headers", {})}
    answer = await hub.ask("GET", f"/api/v1/events?{query}", headers=headers, **options)
    assert answer.status == 200, await answer.text()
    yield answer
    answer.close()


async def sent(answer: ClientResponse, number: int) -> list[dict[str, str]]:
    """The next server-sent events that have data."""
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    async with asyncio.timeout(20):
        while len(found) < number:
            field, _, value = (await answer.content.readline()).decode().rstrip("\n").partition(": ")
            if field:
                event[field] = value
            else:
                found += [event] if "data" in event else []
                event = {}
    return found


async def forget_events(hub: Hub, *, up_to: int) -> None:
    """As retention does."""
    await hub.pool.execute("delete from job_events where seq <= $1", up_to)
    await hub.pool.execute("update forgotten_events set seq = $1", up_to)


async def test_a_page_has_everything_in_order(hub: Hub) -> None:
    job = await hub.reviewed()

    page = await pages(hub)

    assert types_of(page) == STORY
    assert {event["job_id"] for event in page["events"]} == {job}
    assert [event["seq"] for event in page["events"]] == sorted(event["seq"] for event in page["events"])
    assert (page["next"], page["truncated"]) == (page["events"][-1]["seq"], False)
    assert page["complete_after"] == 0


async def test_what_was_asked_and_answered_is_not_told(hub: Hub) -> None:
    await hub.reviewed()

    page = await pages(hub)

    assert [event["data"] for event in page["events"]] == [None, None, None]


async def test_without_a_number_a_page_has_the_newest(hub: Hub) -> None:
    await hub.reviewed()

    assert types_of(await pages(hub, "limit=2")) == STORY[-2:]


async def test_pages_follow_each_other_to_the_end(hub: Hub) -> None:
    await hub.reviewed()

    first = await pages(hub, "after=0&limit=2")
    second = await pages(hub, f"after={first['next']}&limit=2")
    last = await pages(hub, f"after={second['next']}&limit=2")

    assert [*types_of(first), *types_of(second), *types_of(last)] == STORY
    assert last["next"] == second["next"]


async def test_a_page_says_that_events_before_it_are_gone(hub: Hub) -> None:
    await hub.reviewed()
    await forget_events(hub, up_to=2)

    assert (await pages(hub, "after=1"))["truncated"]
    assert not (await pages(hub, "after=2"))["truncated"]
    assert (await pages(hub, "after=2"))["complete_after"] == 2


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("kind=review", STORY),
        ("kind=review.pull_request,nothing", []),
        ("type=started,succeeded", STORY[1:]),
        (f"project={OTHER}", []),
    ],
)
async def test_only_what_is_asked_for_is_told(hub: Hub, query: str, types: list[str]) -> None:
    await hub.reviewed()

    assert types_of(await pages(hub, f"after=0&{query}")) == types


async def test_a_key_of_one_project_hears_nothing_of_another(hub: Hub) -> None:
    mine = await hub.reviewed()
    await hub.reviewed(project=OTHER)

    page = await pages(hub, role="project read")
    async with stream(hub, role="project read") as answer:
        heard = await sent(answer, 3)
        another = await hub.reviewed(project=PROJECT)
        heard += await sent(answer, 3)

    assert {event["job_id"] for event in page["events"]} == {mine}
    assert {msgspec.json.decode(event["data"])["job_id"] for event in heard} == {mine, another}
    assert (await hub.ask("GET", f"/api/v1/events?project={OTHER}", role="project read")).status == 403


async def test_a_stream_tells_what_was_and_what_comes(hub: Hub) -> None:
    await hub.reviewed()

    async with stream(hub) as answer:
        was = await sent(answer, 3)
        await hub.reviewed()
        comes = await sent(answer, 3)

    assert answer.headers["Content-Type"] == STREAM
    assert [msgspec.json.decode(event["data"])["type"] for event in (*was, *comes)] == STORY + STORY
    assert [int(event["id"]) for event in (*was, *comes)] == sorted(int(event["id"]) for event in (*was, *comes))


async def test_a_stream_without_a_number_begins_now(hub: Hub) -> None:
    await hub.reviewed()

    async with stream(hub, "") as answer:
        job = await hub.reviewed()
        assert {msgspec.json.decode(event["data"])["job_id"] for event in await sent(answer, 3)} == {job}


async def test_a_reader_that_comes_again_goes_on_where_it_was(hub: Hub) -> None:
    await hub.reviewed()
    async with stream(hub) as answer:
        first, *_ = await sent(answer, 3)

    async with stream(hub, headers={"Last-Event-ID": first["id"]}) as answer:
        assert [msgspec.json.decode(event["data"])["type"] for event in await sent(answer, 2)] == STORY[1:]


async def test_a_stream_says_that_events_before_it_are_gone(hub: Hub) -> None:
    await hub.reviewed()
    await forget_events(hub, up_to=2)

    async with stream(hub, "after=1") as answer:
        truncated, event = await sent(answer, 2)

    assert (truncated["event"], truncated["data"]) == ("truncated", '{"complete_after":2}')
    assert int(event["id"]) == 3


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("after=-1", {}),
        ("after=9223372036854775808", {}),
        ("type=invented", {}),
        ("", {"Last-Event-ID": "one", "Accept": STREAM}),
    ],
)
async def test_what_does_not_fit_is_refused(hub: Hub, query: str, headers: dict[str, str]) -> None:
    assert (await hub.ask("GET", f"/api/v1/events?{query}", headers=headers)).status == 400


async def test_too_many_readers_are_asked_to_come_later(hub: Hub) -> None:
    with ExitStack() as others:
        for _ in range(MAX_FOLLOWERS):
            others.enter_context(hub.parts.feed.follow(0))

        answer = await hub.ask("GET", "/api/v1/events", headers={"Accept": STREAM})

    assert (answer.status, "Retry-After" in answer.headers) == (503, True)
