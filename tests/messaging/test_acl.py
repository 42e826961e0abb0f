"""What Redis itself lets each role do: its own way through the streams, and nothing beside it."""

from uuid import UUID

import pytest
from redis.exceptions import NoPermissionError

from server.messaging import EVENTS, INTAKE, OUTCOMES, Message, Role, Route, acl_rules, inbox
from tests.streams import Streams

WORK, ACTS = inbox(Role.AGENT, UUID(int=1)), inbox(Role.EFFECTS, UUID(int=2))


@pytest.mark.parametrize(
    ("sender", "route"),
    [
        (Role.DOOR, INTAKE),
        (Role.AGENT, OUTCOMES),
        (Role.EFFECTS, OUTCOMES),
    ],
    ids=lambda value: value.stream if isinstance(value, Route) else value,
)
async def test_each_role_may_go_its_own_way_to_the_end(streams: Streams, sender: Role, route: Route) -> None:
    """Small and large, unreadable and rejected, taken over, forgotten and acknowledged."""
    writer = streams.writer(sender)
    await writer.append(route, Message("test", b"one"), Message("test", bytes(300_000)), Message("test", b"two"))
    await streams.admin.xadd(route.stream, {"e": b"junk"})
    dead = streams.reader(route, consumer="dead", forgotten_after_seconds=0)
    await dead.read()
    heir = streams.reader(route, consumer="heir", abandoned_after_seconds=0, forgotten_after_seconds=0)

    one, large, two = await heir.read()
    await heir.renew([one])
    await heir.reject(two, "no sense")
    await heir.ack([one, large])

    assert await streams.admin.xlen(route.dead_key) == 2
    assert await streams.admin.xlen(route.stream) == 0
    assert await streams.admin.keys("*:attachment:*") == []


@pytest.mark.parametrize("route", [WORK, ACTS], ids=lambda route: route.recipients)
async def test_a_worker_may_empty_its_inbox(streams: Streams, route: Route) -> None:
    await streams.writer(Role.ORCHESTRATOR).append(route, Message("test", bytes(300_000)))
    await streams.admin.xadd(route.key, {"e": b"junk"})
    pages = streams.inbox(route, block_seconds=0.05).pages()

    [[large]] = [await anext(pages)]
    await streams.writer(Role.ORCHESTRATOR).append(route, Message("test", b"next"))
    [following] = await anext(pages)

    assert (len(large.body), following.body) == (300_000, b"next")
    assert await streams.admin.xlen(route.dead_key) == 1
    assert await streams.admin.xlen(route.key) == 1, "what was taken is gone"
    assert await streams.admin.keys("*:attachment:*") == []


async def test_a_door_may_follow_the_events(streams: Streams) -> None:
    events = streams.events()
    await events.begin()
    await streams.admin.xadd(EVENTS.stream, {"e": b"junk"})
    await streams.writer(Role.ORCHESTRATOR).append(EVENTS, Message("test", bytes(100_000)))

    assert len((await anext(aiter(events))).body) == 100_000


FORBIDDEN = [
    (Role.DOOR, ("XREADGROUP", "GROUP", "hive", "x", "STREAMS", INTAKE.stream, ">")),
    (Role.DOOR, ("XADD", WORK.key, "*", "e", "x")),
    (Role.DOOR, ("XADD", OUTCOMES.stream, "*", "e", "x")),
    (Role.DOOR, ("XDEL", INTAKE.stream, "1-1")),
    (Role.DOOR, ("DEL", INTAKE.stream)),
    (Role.AGENT, ("XADD", INTAKE.stream, "*", "e", "x")),
    (Role.AGENT, ("XADD", EVENTS.stream, "*", "e", "x")),
    (Role.AGENT, ("XREAD", "STREAMS", ACTS.key, "0")),
    (Role.AGENT, ("XREAD", "STREAMS", EVENTS.stream, "0")),
    (Role.AGENT, ("XRANGE", OUTCOMES.stream, "-", "+")),
    (Role.EFFECTS, ("XREAD", "STREAMS", WORK.key, "0")),
    (Role.EFFECTS, ("XADD", INTAKE.stream, "*", "e", "x")),
    (Role.ORCHESTRATOR, ("SET", "another:key", "x")),
    *[
        (role, command)
        for role in Role
        for command in [("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "dir"), ("ACL", "LIST"), ("EVAL", "1", "0")]
    ],
]


@pytest.mark.parametrize(
    ("role", "command"), FORBIDDEN, ids=lambda value: value if isinstance(value, str) else value[0]
)
async def test_no_role_may_do_what_is_not_its_own(streams: Streams, role: Role, command: tuple[str, ...]) -> None:
    with pytest.raises(NoPermissionError):
        await streams.redis(role).execute_command(*command)  # type: ignore[no-untyped-call]


def test_rules_take_away_all_that_was_granted_before() -> None:
    assert [acl_rules(role)[:3] for role in Role] == [["resetkeys", "resetchannels", "-@all"]] * 4
