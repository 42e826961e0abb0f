"""The whole path in one process: door, sealed streams, orchestrator, worker and back, on real Redis and Postgres."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from server.jobs.door import Door
from server.jobs.job import Confirmation, Event, EventType, GiveUp, JobRequest, JobState, Priority, Snooze, new_job_id
from server.jobs.kinds import Kind, Kinds
from server.jobs.orchestrator import Orchestrator
from server.jobs.store import JobStore
from server.jobs.views import JobViews
from server.jobs.wire import MAX_ERROR_LENGTH, Wish
from server.jobs.worker import Handler, Work, Worker
from server.messaging import (
    INTAKE,
    INTAKES,
    OUTCOMES,
    Identity,
    Message,
    Role,
    StreamWriter,
    inbox,
)
from server.messaging.post import Letter, Post
from tests.streams import Streams, running

KINDS = Kinds(
    [
        Kind(name, "review", max_attempts=2)
        for name in ("echo", "fail", "give_up", "rant", "snooze", "count", "slow", "big", "write")
    ]
)


FAILURES = {error.__name__: error for error in (RuntimeError, TimeoutError, asyncio.CancelledError)}


@dataclass
class Hive:
    door: Door
    views: JobViews
    writer: StreamWriter
    redis: Any
    events: list[Event]
    executions: list[str]
    stopped: asyncio.Event
    colleague_id: UUID
    letters: list[Letter]
    forgotten: asyncio.Event

    async def submit(self, kind: str, args: object = None, **fields: Any) -> tuple[JobRequest, Event]:
        request = JobRequest(kind, "github.com/o/r", msgspec.Raw(msgspec.json.encode(args)), **fields)
        final = asyncio.create_task(self.door.wait(request.id))
        await asyncio.sleep(0)
        await self.door.submit(request)
        async with asyncio.timeout(20):
            return request, await final


def handlers(hive_executions: list[str], stopped: asyncio.Event) -> Mapping[str, Handler]:
    async def echo(work: Work) -> Any:
        work.progress(1, 2, "half")
        return msgspec.json.decode(work.args)

    async def count(work: Work) -> Any:
        hive_executions.append(str(work.job_id))
        return len(hive_executions)

    async def fail(work: Work) -> Any:
        raise FAILURES[msgspec.json.decode(work.args)]("the secret is hunter2")

    async def give_up(work: Work) -> Any:
        raise GiveUp("no such pull request")

    async def rant(work: Work) -> Any:
        work.progress(-1, 2, "n" * 1000)
        raise GiveUp("a\0b\ud800" + "!" * 10_000)

    async def snooze(work: Work) -> Any:
        if work.attempt == 1:
            raise Snooze(0.01, "limited")
        return work.attempt

    async def slow(work: Work) -> Any:
        work.progress(1, 3, "a third")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.set()
            raise

    async def big(work: Work) -> Any:
        return "x" * 2_000_000

    async def write(work: Work) -> Any:
        assert work.post is not None
        await work.post.send(UUID(msgspec.json.decode(work.args)), "note", b"look at shop.py")
        return "read"

    return {f.__name__: f for f in (echo, count, fail, give_up, rant, snooze, slow, big, write)}


@pytest.fixture
async def hive(
    pool: asyncpg.Pool, streams: Streams, redis_urls: dict[str, str], identities: Mapping[Role, Identity]
) -> AsyncIterator[Hive]:
    forgotten = asyncio.Event()

    async def stumble() -> None:
        raise ValueError("a row that nobody expected")

    async def forget() -> None:
        forgotten.set()

    orchestrator = Orchestrator(
        JobStore(pool, KINDS),
        writer=streams.writer(Role.ORCHESTRATOR),
        intakes=[streams.reader(*INTAKES)],
        outcomes=streams.reader(OUTCOMES),
        retention=[stumble, forget],
    )
    door_writer = streams.writer(Role.DOOR)
    door = Door(door_writer, streams.events())
    executions: list[str] = []
    stopped = asyncio.Event()
    agent_id = new_job_id()
    letters: list[Letter] = []

    async def read(letter: Letter) -> None:
        letters.append(letter)

    colleague_id = new_job_id()
    posts = [Post(redis_urls[Role.AGENT], identities[Role.AGENT], each, read) for each in (agent_id, colleague_id)]
    for post in posts:
        await post.begin()
    worker = Worker(
        agent_id,
        "tester",
        ("review",),
        handlers(executions, stopped),
        role=Role.AGENT,
        writer=streams.writer(Role.AGENT),
        inbox=streams.inbox(inbox(Role.AGENT, agent_id)),
        capacity=8,
        post=posts[0],
    )
    heard: list[Event] = []
    door.listen(heard.append)
    async with running(
        orchestrator.run(), orchestrator.lead(), door.run(), worker.run(), *(post.run() for post in posts)
    ):
        views = JobViews(pool)
        yield Hive(
            door, views, door_writer, streams.admin, heard, executions, stopped, colleague_id, letters, forgotten
        )
    for post in posts:
        await post.close()


async def test_a_request_comes_back_as_its_result(hive: Hive) -> None:
    request, final = await hive.submit("echo", {"text": "käse \U0001f9c0"})

    assert final.type is EventType.SUCCEEDED
    assert msgspec.json.decode(final.data) == {"text": "käse \U0001f9c0"}
    told = [event.type for event in hive.events if event.job_id == request.id]
    assert told[:2] == [EventType.ACCEPTED, EventType.STARTED]


async def test_a_door_can_wait_until_a_job_is_accepted_started_and_finished(hive: Hive) -> None:
    request = JobRequest("echo", "github.com/o/r", msgspec.Raw(b"1"))
    waits = [asyncio.create_task(hive.door.wait(request.id, confirmation)) for confirmation in Confirmation]
    await asyncio.sleep(0)

    await hive.door.submit(request)
    async with asyncio.timeout(20):
        confirmed = [(await wait).type for wait in waits]

    assert confirmed == [EventType.ACCEPTED, EventType.STARTED, EventType.SUCCEEDED]


async def test_a_request_that_is_put_into_the_stream_again_after_it_was_forgotten_is_not_done_again(
    hive: Hive, streams: Streams, identities: Mapping[Role, Identity]
) -> None:
    request = JobRequest("count", "github.com/o/r", msgspec.Raw(b"1"), priority=Priority.INTERACTIVE)
    hour_ago = StreamWriter(streams.redis(Role.DOOR), identities[Role.DOOR], now=lambda: time.time() - 3600)
    answer = asyncio.create_task(hive.door.wait(request.id))
    await asyncio.sleep(0)

    await hour_ago.append(INTAKE, Message("job", msgspec.json.encode(request), request.project, request.id))

    async with asyncio.timeout(20):
        assert (await answer).type is EventType.CANCELLED
    assert hive.executions == []


async def test_an_agent_at_work_writes_a_letter_and_knows_that_it_was_read(hive: Hive) -> None:
    _, final = await hive.submit("write", str(hive.colleague_id))

    assert msgspec.json.decode(final.data) == "read"
    assert [(letter.kind, letter.body) for letter in hive.letters] == [("note", b"look at shop.py")]


async def test_work_goes_on_and_the_rest_is_forgotten_when_one_thing_cannot_be(hive: Hive) -> None:
    async with asyncio.timeout(20):
        await hive.forgotten.wait()

    _, final = await hive.submit("echo", 1)
    assert final.type is EventType.SUCCEEDED


async def test_results_larger_than_a_message_travel_too(hive: Hive) -> None:
    _, final = await hive.submit("big", "y" * 1_000_000)

    assert len(final.data) == 2_000_002


@pytest.mark.parametrize("error", FAILURES)
async def test_a_failure_is_tried_again_and_then_dead_and_says_no_secret(hive: Hive, error: str) -> None:
    request, final = await hive.submit("fail", error)

    assert final.type is EventType.DEAD
    assert final.attempt == 2
    assert "hunter2" not in repr(hive.events)
    assert (await hive.views.get(request.id)).error == error


async def test_giving_up_is_final_at_once(hive: Hive) -> None:
    _, final = await hive.submit("give_up")

    assert (final.type, final.attempt, final.message) == (EventType.DEAD, 1, "no such pull request")


async def test_an_error_ends_its_attempt_whatever_stands_in_it(hive: Hive) -> None:
    _, final = await hive.submit("rant")

    assert (final.type, final.message) == (EventType.DEAD, "ab?" + "!" * (MAX_ERROR_LENGTH - 5) + "…")


async def test_a_snooze_comes_back(hive: Hive) -> None:
    _, final = await hive.submit("snooze")

    assert (final.type, bytes(final.data)) == (EventType.SUCCEEDED, b"2")


async def test_a_handler_that_is_not_there_says_so(hive: Hive) -> None:
    _, final = await hive.submit("nonsense")

    assert (final.type, final.message) == (EventType.DEAD, "unknown kind of job: nonsense")


async def test_work_that_lasts_tells_how_far_it_is_and_work_that_is_over_at_once_does_not(hive: Hive) -> None:
    lasting = JobRequest("slow", "p", msgspec.Raw(b"null"))
    told = asyncio.Event()
    hive.door.listen(lambda e: told.set() if e.job_id == lasting.id and e.type is EventType.PROGRESS else None)

    short, _ = await hive.submit("echo", "hello")
    await hive.door.submit(lasting)
    async with asyncio.timeout(60):
        await told.wait()

    assert EventType.PROGRESS not in {event.type for event in hive.events if event.job_id == short.id}


async def test_a_running_job_can_be_cancelled_and_its_agent_stops(hive: Hive) -> None:
    request = JobRequest("slow", "p", msgspec.Raw(b"null"))
    started = asyncio.Event()
    hive.door.listen(lambda e: started.set() if e.job_id == request.id and e.type is EventType.STARTED else None)
    final = asyncio.create_task(hive.door.wait(request.id))
    await asyncio.sleep(0)
    await hive.door.submit(request)
    async with asyncio.timeout(60):
        await started.wait()

    await hive.door.cancel([request.id], by="ann")

    async with asyncio.timeout(60):
        assert (await final).type is EventType.CANCELLED
        await hive.stopped.wait()
    assert (await hive.views.get(request.id)).state is JobState.CANCELLED


async def test_two_hundred_jobs_survive_a_flushed_redis_and_none_ends_twice(hive: Hive) -> None:
    requests = [JobRequest("count", "p", msgspec.Raw(b"null")) for _ in range(200)]
    finals = [asyncio.create_task(hive.door.wait(request.id)) for request in requests]
    await asyncio.sleep(0)
    for at, request in enumerate(requests):
        await hive.door.submit(request)
        if at in (60, 120, 180):
            await hive.redis.flushall()

    async with asyncio.timeout(60):
        ended = await asyncio.gather(*finals)

    assert {event.type for event in ended} == {EventType.SUCCEEDED}
    for request in requests:
        types = [event.type for event in await hive.views.events(request.id)]
        assert types.count("succeeded") == 1, types


async def test_a_wish_that_a_flushed_redis_took_is_made_again(hive: Hive, pool: asyncpg.Pool) -> None:
    request, _ = await hive.submit("give_up")
    again = asyncio.create_task(hive.door.wait(request.id))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table jobs")  # so that the orchestrator is busy with what it reads first
        await hive.door.submit(JobRequest("echo", "p", msgspec.Raw(b"1")))
        while not (await hive.redis.xpending(INTAKES[Priority.BATCH].key, "hive"))["pending"]:
            pass
        await hive.door.retry([request.id], by="ann")
        await hive.redis.flushall()

    async with asyncio.timeout(20):
        assert (await again).attempt == 2


async def test_a_request_that_a_flushed_redis_took_stays_cancelled_when_it_is_made_again(
    hive: Hive, pool: asyncpg.Pool
) -> None:
    request = JobRequest("slow", "p", msgspec.Raw(b"1"))
    ended = asyncio.create_task(hive.door.wait(request.id))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table jobs")  # so that the orchestrator is busy with what it reads first
        await hive.door.submit(JobRequest("echo", "p", msgspec.Raw(b"1")))
        while not (await hive.redis.xpending(INTAKES[Priority.BATCH].key, "hive"))["pending"]:
            pass
        await hive.door.submit(request)
        await hive.redis.flushall()
        await hive.door.cancel([request.id], by="ann")

    async with asyncio.timeout(20):
        assert (await ended).type == EventType.CANCELLED


async def test_a_wish_that_comes_again_after_it_was_granted_changes_nothing(hive: Hive) -> None:
    request, _ = await hive.submit("give_up")
    wish = Message("retry", msgspec.json.encode(Wish((request.id,), "ann")))
    again = asyncio.create_task(hive.door.wait(request.id))
    await hive.writer.append(INTAKE, wish)
    async with asyncio.timeout(20):
        await again

    await hive.writer.append(INTAKE, wish)
    await hive.submit("echo", 1, priority=Priority.PULL_REQUEST)

    types = [event.type for event in await hive.views.events(request.id)]
    assert types.count("retried") == 1


async def test_a_message_that_makes_no_sense_is_buried_and_the_next_is_taken(hive: Hive) -> None:
    await hive.writer.append(INTAKE, Message("job", b'{"kind":3}'), Message("dance", b"{}"))

    _, final = await hive.submit("echo", 1)

    assert final.type is EventType.SUCCEEDED
    assert await hive.redis.xlen(INTAKE.dead_key) == 2


async def test_nothing_of_a_payload_can_be_read_in_redis(hive: Hive) -> None:
    seen: list[bytes] = []

    async def watch() -> None:
        while True:
            for key in await hive.redis.keys("*"):
                if await hive.redis.type(key) == b"stream":
                    seen.extend(v for _, fields in await hive.redis.xrange(key) for v in fields.values())
                elif await hive.redis.type(key) == b"string":
                    seen.append(await hive.redis.get(key) or b"")
            await asyncio.sleep(0)

    watcher = asyncio.create_task(watch())
    for _ in range(20):
        await hive.submit("echo", {"password": "correct horse battery staple"}, id=new_job_id())
    watcher.cancel()

    assert seen
    assert not [value for value in seen if b"correct horse" in value or b"password" in value]
