"""The same messages where Redis is a master with Sentinels, or a Cluster: all follow whoever takes over.

Real servers. What a master kept and did not pass on before it died is lost, as Redis says; these scenes wait for that.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from server.errors import RedisUnavailable
from server.messaging import (
    EVENTS,
    INTAKE,
    OUTCOMES,
    Entry,
    Identity,
    Letter,
    Message,
    Post,
    Role,
    StreamReader,
    StreamWriter,
    connect,
)
from server.messaging.dead_letters import list_dead_letters
from tests.cli.hive import Hive as Commands
from tests.hub import HubProcess, hub_process
from tests.messaging.redis_groups import ClusterOfThree, Guarded, Server, free_port, running
from tests.streams import Streams

pytestmark = pytest.mark.journey

SPREAD = (INTAKE, OUTCOMES, EVENTS)
"""Three tags, three slots; a test sees that they lie on more than one node."""


class Hive(Streams):
    """Writers and readers of the roles at one group of servers."""

    def __init__(self, group: Any, identities: dict[Role, Identity], stack: AsyncExitStack) -> None:
        super().__init__(group.url, identities.__getitem__, stack)
        self.group = group


@pytest_asyncio.fixture
async def guarded(data_dir: Path, identities: dict[Role, Identity]) -> AsyncIterator[Hive]:
    async with AsyncExitStack() as stack:
        group = await stack.enter_async_context(running(Guarded(data_dir / "redis")))
        yield Hive(group, identities, stack)


@pytest_asyncio.fixture
async def cluster(data_dir: Path, identities: dict[Role, Identity]) -> AsyncIterator[Hive]:
    async with AsyncExitStack() as stack:
        group = await stack.enter_async_context(running(ClusterOfThree(data_dir / "redis", INTAKE.stream)))
        yield Hive(group, identities, stack)


@pytest.fixture(params=["guarded", "cluster"])
def hive(request: pytest.FixtureRequest) -> Hive:
    found: Hive = request.getfixturevalue(request.param)
    return found


def numbered(count: int, prefix: str) -> list[Message]:
    return [Message("test", f"{prefix}{number}".encode()) for number in range(count)]


def bodies(entries: Iterable[Entry]) -> set[bytes]:
    return {entry.message.body for entry in entries}


def said(messages: Iterable[Message]) -> set[bytes]:
    return {message.body for message in messages}


async def append_until_kept(writer: StreamWriter, message: Message) -> None:
    """As every door does: who was told that it is not kept asks again."""
    while True:
        try:
            return await writer.append(INTAKE, message)
        except RedisUnavailable:
            await asyncio.sleep(0.05)


async def read_all(reader: StreamReader, wanted: set[bytes]) -> None:
    """Read and acknowledge until all of *wanted* came, once or more."""
    async with asyncio.timeout(60):
        while wanted:
            entries = await reader.read(block_seconds=1)
            wanted = wanted - bodies(entries)
            while True:
                try:
                    await reader.ack(entries)
                    break
                except RedisUnavailable:
                    await asyncio.sleep(0.05)


async def test_small_large_and_broken_messages_go_all_their_ways(hive: Hive) -> None:
    door, reader, orchestrator = hive.writer(Role.DOOR), hive.reader(INTAKE), hive.redis(Role.ORCHESTRATOR)
    await door.append(INTAKE, Message("test", b"small"), Message("test", bytes(300_000)))
    await hive.redis(Role.DOOR).xadd(INTAKE.stream, {"e": b"junk"})
    await door.append(INTAKE, Message("test", b"no sense"))

    small, large, odd = await reader.read()
    await reader.renew([small])
    await reader.reject(odd, "no sense")
    await reader.ack([small, large])

    assert (small.message.body, len(large.message.body)) == (b"small", 300_000)
    reasons = [dead.reason for dead in await list_dead_letters(orchestrator, INTAKE)]
    assert reasons == ["no sense", "malformed envelope"]
    assert await orchestrator.xlen(INTAKE.stream) == 0
    assert await orchestrator.ping()
    assert (await orchestrator.info("server"))["redis_mode"] in ("standalone", "cluster")


async def test_events_reach_a_door(hive: Hive) -> None:
    events = hive.events(block_seconds=1)
    await events.begin()

    await hive.writer(Role.ORCHESTRATOR).append(EVENTS, Message("test", b"news"))

    assert (await anext(aiter(events))).body == b"news"


async def test_agents_write_letters_to_one_another(hive: Hive, identities: dict[Role, Identity]) -> None:
    letters: list[Letter] = []

    async def keep(letter: Letter) -> None:
        letters.append(letter)

    url, identity = hive.group.url(Role.AGENT), identities[Role.AGENT]
    alice, bob = (Post(url, identity, UUID(int=number), keep, block_seconds=1) for number in range(2))
    await asyncio.gather(alice.begin(), bob.begin())
    listening = [asyncio.create_task(each.run()) for each in (alice, bob)]
    await alice.send(UUID(int=1), "question", b"to one")
    await bob.broadcast("news", b"to all", expected=[UUID(int=0)])
    for each in listening:
        each.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    await asyncio.gather(alice.close(), bob.close())

    assert [letter.body for letter in letters] == [b"to one", b"to all"]


async def test_when_the_master_dies_readers_and_writers_follow_the_new_one(hive: Hive) -> None:
    writer, reader, master = hive.writer(Role.DOOR), hive.reader(INTAKE), _master(hive.group)
    before, during, after = (numbered(50, name) for name in ("before", "during", "after"))
    await writer.append(INTAKE, *before)
    held = await reader.read(limit=10)
    await master.until(_all_is_passed_on)

    master.kill()
    appending = [asyncio.create_task(append_until_kept(writer, message)) for message in during]
    reading = asyncio.create_task(read_all(reader, said([*before[10:], *during, *after])))
    await hive.group.until_promoted()
    await asyncio.gather(*appending, *(append_until_kept(writer, message) for message in after))

    await reading
    await reader.ack(held)
    assert (await hive.redis(Role.ORCHESTRATOR).xpending(INTAKE.stream, "hive"))["pending"] == 0


async def test_when_the_master_hangs_readers_and_writers_follow_the_new_one(hive: Hive) -> None:
    writer, reader, master = hive.writer(Role.DOOR), hive.reader(INTAKE), _master(hive.group)
    before, after = numbered(20, "before"), numbered(20, "after")
    await writer.append(INTAKE, *before)
    await read_all(reader, said(before))
    await master.until(_all_is_passed_on)

    master.freeze()
    reading = asyncio.create_task(read_all(reader, said(after)))
    await asyncio.gather(*(append_until_kept(writer, message) for message in after))

    await reading


async def test_events_go_on_when_the_master_dies(guarded: Hive) -> None:
    writer, events = guarded.writer(Role.ORCHESTRATOR), guarded.events(block_seconds=1)
    await events.begin()
    heard = aiter(events)
    await writer.append(EVENTS, Message("test", b"before"))
    assert (await anext(heard)).body == b"before"
    await guarded.group.master.until(_all_is_passed_on)

    guarded.group.master.kill()
    await guarded.group.until_promoted()
    while True:
        try:
            await writer.append(EVENTS, Message("test", b"after"))
            break
        except RedisUnavailable:
            await asyncio.sleep(0.05)

    async with asyncio.timeout(30):
        assert (await anext(heard)).body == b"after"


async def test_the_streams_of_a_cluster_lie_on_several_nodes_and_are_written_together(cluster: Hive) -> None:
    writer, redis = cluster.writer(Role.DOOR), cluster.redis(Role.ORCHESTRATOR)
    nodes = {route: cluster.group.owner(route.stream) for route in SPREAD}
    assert len(set(nodes.values())) > 1

    orchestrator = cluster.writer(Role.ORCHESTRATOR)
    agent = cluster.writer(Role.AGENT)
    await asyncio.gather(
        *(writer.append(INTAKE, message) for message in numbered(100, "")),
        *(orchestrator.append(EVENTS, message) for message in numbered(100, "")),
        *(agent.append(OUTCOMES, message) for message in numbered(100, "")),
    )

    assert [await redis.xlen(route.stream) for route in SPREAD] == [100, 100, 100]
    for route, node in nodes.items():
        assert await node.ask("XLEN", route.stream) == 100


async def test_a_slot_that_moves_takes_its_reader_and_its_writers_along(cluster: Hive) -> None:
    writer, reader = cluster.writer(Role.DOOR), cluster.reader(INTAKE)
    before, during, after = (numbered(100, name) for name in ("before", "during", "after"))
    await writer.append(INTAKE, *before)
    reading = asyncio.create_task(read_all(reader, said([*before, *during, *after])))

    appending = [asyncio.create_task(writer.append(INTAKE, message)) for message in during]
    target = await cluster.group.move_slot(INTAKE.stream)
    await asyncio.gather(*appending)
    await asyncio.gather(*(writer.append(INTAKE, message) for message in after))

    await reading
    assert await target.ask("XLEN", INTAKE.stream) == 0
    assert (await cluster.redis(Role.ORCHESTRATOR).xpending(INTAKE.stream, "hive"))["pending"] == 0


async def test_a_message_can_be_buried_while_its_slot_moves(cluster: Hive) -> None:
    reader = cluster.reader(INTAKE)
    await cluster.writer(Role.DOOR).append(INTAKE, Message("test", b"no sense"))
    [entry] = await reader.read()
    await cluster.group.move_slot(INTAKE.stream)

    await reader.reject(entry, "no sense")

    [dead] = await list_dead_letters(cluster.redis(Role.ORCHESTRATOR), INTAKE)
    assert dead.reason == "no sense"


async def test_a_node_that_is_away_holds_up_only_its_own_streams(cluster: Hive) -> None:
    """Nobody follows the owner of the events: it does not come back."""
    writer = cluster.writer(Role.ORCHESTRATOR)
    redis, away = cluster.redis(Role.ORCHESTRATOR), cluster.group.owner(EVENTS.stream)
    assert away not in (cluster.group.owner(INTAKE.stream), cluster.group.owner(OUTCOMES.stream))
    await writer.append(EVENTS, Message("test", b"before"))

    away.kill()
    lost = asyncio.create_task(writer.append(EVENTS, Message("test", b"lost")))
    async with asyncio.timeout(4):
        await cluster.writer(Role.DOOR).append(INTAKE, Message("test", b"kept"))
        await cluster.writer(Role.AGENT).append(OUTCOMES, Message("test", b"kept"))
        assert await redis.xlen(INTAKE.stream) == 1

    with pytest.raises(RedisUnavailable):
        await lost


async def test_a_plain_redis_is_no_cluster(data_dir: Path) -> None:
    alone = Server(data_dir, free_port())
    alone.configure({})
    await alone.start()
    try:
        redis = connect(f"redis+cluster://door:sesame@127.0.0.1:{alone.host.port}")
        with pytest.raises(Exception, match="cluster support disabled"):
            await redis.ping()
        await redis.aclose()
    finally:
        alone.kill()


def _master(group: Guarded | ClusterOfThree) -> Server:
    return group.master if isinstance(group, Guarded) else group.owner(INTAKE.stream)


async def _all_is_passed_on(redis: Any) -> bool:
    return bool(await redis.wait(1, 1000))


async def test_a_whole_hub_lives_on_when_the_master_dies(hive: Hive, data_dir: Path) -> None:
    """Accepted before, during and after: every review ends."""
    urls = {f"REDIS_URL_{role.upper()}": hive.group.url(role) for role in Role}
    async with hub_process(data_dir, urls) as hub:
        before = await asyncio.gather(*(reviewed(hub, f"before{number}") for number in range(5)))
        _master(hive.group).kill()
        during = [asyncio.create_task(reviewed(hub, f"during{number}")) for number in range(5)]
        await hive.group.until_promoted()
        after = await asyncio.gather(*(reviewed(hub, f"after{number}") for number in range(5)))

        assert [*before, *await asyncio.gather(*during), *after] == ["succeeded"] * 15


async def reviewed(hub: HubProcess, name: str) -> str:
    """How the review ended; asked for again for as long as the hub says that it cannot take it."""
    asked = {"project": "local/x", "files": [{"path": f"{name}.py", "text": "print(1)\n"}]}
    while True:
        status, accepted = await hub.call("POST", "/api/v1/reviews", asked)
        if status < 500:
            break
        await asyncio.sleep(0.1)
    _, job = await hub.call("GET", f"/api/v1/jobs/{accepted['job']}?wait=60")
    return str(job["state"])


def test_the_doctor_looks_at_every_server_that_the_url_leads_to(hive: Hive, data_dir: Path) -> None:
    urls = {f"REDIS_URL_{role.upper()}": hive.group.url(role) for role in Role}

    done = Commands(data_dir).run("doctor", "--json", **urls)

    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["redis"]["state"] == "ok", done.stdout
    assert checks["redis users"]["state"] == "ok"
