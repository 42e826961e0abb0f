"""One keyring for the session, and streams that are closed when the test ends."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import settings
from redis.asyncio import Redis

from server.messaging import (
    EventReader,
    Identity,
    InboxReader,
    Keyring,
    Role,
    Route,
    StreamReader,
    StreamWriter,
    connect,
)

URGENT, SOON, LATER = (
    Route(f"hive:{{outcomes}}:{rank}", frozenset({Role.AGENT}), Role.ORCHESTRATOR) for rank in range(3)
)
"""Streams of one reader, in order of urgency."""

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("hive") / "keys")


@pytest.fixture(scope="session")
def identities(keyring: Keyring) -> dict[Role, Identity]:
    return {role: keyring.identity(role) for role in Role}


class Streams:
    """Writers and readers of the roles, each with the rights that Redis gives its role."""

    def __init__(self, urls: dict[str, str], identities: dict[Role, Identity], stack: AsyncExitStack) -> None:
        self._urls = urls
        self._identities = identities
        self._stack = stack
        self.admin: Any = self.redis("admin")  # Any: what redis-py says of its replies covers every protocol

    def redis(self, user: str) -> Redis:
        redis = connect(self._urls[user])
        self._stack.push_async_callback(redis.aclose)
        return redis

    def writer(self, role: Role) -> StreamWriter:
        return StreamWriter(self.redis(role), self._identities[role])

    def reader(self, *routes: Route, consumer: str = "first", **settings: Any) -> StreamReader:
        role = routes[0].recipients
        reader = StreamReader(self._urls[role], self._identities[role], routes, "hive", consumer, **settings)
        self._stack.push_async_callback(reader.close)
        return reader

    def inbox(self, route: Route, **settings: Any) -> InboxReader:
        role = route.recipients
        inbox = InboxReader(self._urls[role], self._identities[role], route, **settings)
        self._stack.push_async_callback(inbox.close)
        return inbox

    def events(self, **settings: Any) -> EventReader:
        events = EventReader(self._urls[Role.DOOR], self._identities[Role.DOOR], **settings)
        self._stack.push_async_callback(events.close)
        return events


@pytest_asyncio.fixture
async def streams(redis_urls: dict[str, str], identities: dict[Role, Identity]) -> AsyncIterator[Streams]:
    async with AsyncExitStack() as stack:
        yield Streams(redis_urls, identities, stack)
