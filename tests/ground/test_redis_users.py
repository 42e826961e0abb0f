"""The users of the embedded Redis: each role gets at its own keys and at nothing else, and strangers at nothing."""

from uuid import UUID

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError

from server.messaging import EVENTS, INTAKE, OUTCOMES, Role, inbox

WORK = inbox(Role.AGENT, UUID(int=1)).key
ACTS = inbox(Role.EFFECTS, UUID(int=2)).key
STREAMS = {INTAKE.stream, OUTCOMES.stream, EVENTS.stream, WORK, ACTS}

MAY_APPEND = {
    Role.DOOR: {INTAKE.stream, EVENTS.stream},
    Role.ORCHESTRATOR: STREAMS,
    Role.AGENT: {OUTCOMES.stream, WORK},
    Role.EFFECTS: {OUTCOMES.stream, ACTS},
}
"""A role reads one stream and writes another; Redis 6.2 cannot tell these rights apart within one user."""


@pytest.mark.parametrize("role", Role)
async def test_a_role_may_append_only_where_it_speaks_or_listens(role: Role, redis_urls: dict[str, str]) -> None:
    refused = set()
    async with Redis.from_url(redis_urls[role]) as redis:
        for stream in STREAMS:
            try:
                await redis.xadd(stream, {"envelope": b"sealed"})
            except NoPermissionError:
                refused.add(stream)

    assert refused == STREAMS - MAY_APPEND[role]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "command",
    [
        ("GET", "elsewhere"),
        ("SCAN", "0"),
        ("SHUTDOWN",),
        ("DEBUG", "SLEEP", "0"),
        ("MONITOR",),
        ("SAVE",),
        ("REPLICAOF", "127.0.0.1", "1"),
        ("MODULE", "LIST"),
        ("PUBLISH", "channel", "text"),
    ],
    ids=lambda command: command[0],
)
async def test_no_role_may_look_around_or_govern(
    role: Role, command: tuple[str, ...], redis_urls: dict[str, str]
) -> None:
    async with Redis.from_url(redis_urls[role]) as redis:
        with pytest.raises(NoPermissionError):
            await redis.execute_command(*command)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("user", ["", "default:@", "default:guess@", "agent:guess@", "keeper:@"])
async def test_strangers_get_nothing(user: str, redis_urls: dict[str, str]) -> None:
    path = redis_urls[Role.AGENT].split("@")[1]

    async with Redis.from_url(f"unix://{user}{path}") as redis:
        with pytest.raises(RedisConnectionError, match=r"invalid username-password|already authenticated"):
            await redis.ping()
