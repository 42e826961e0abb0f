"""What the roles write and read with, each with the rights that Redis gives its role; closed when the test ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from typing import Any

from server.messaging import (
    EventReader,
    Identity,
    InboxReader,
    LiveIdentity,
    Role,
    Route,
    StreamReader,
    StreamWriter,
    connect,
)

IdentityOf = Callable[[Role], Identity | LiveIdentity]


class Streams:
    """*url_of*: by user, where its Redis is."""

    def __init__(self, url_of: Callable[[str], str], identity_of: IdentityOf, stack: AsyncExitStack) -> None:
        self._url_of = url_of
        self._identity_of = identity_of
        self._stack = stack

    @cached_property
    def admin(self) -> Any:
        """Who may do anything."""
        return self.redis("admin")

    def redis(self, user: str) -> Any:  # Any: what redis-py says of its replies covers every protocol
        redis = connect(self._url_of(user))
        self._stack.push_async_callback(redis.aclose)
        return redis

    def writer(self, role: Role, identity: Identity | LiveIdentity | None = None) -> StreamWriter:
        return StreamWriter(self.redis(role), identity or self._identity_of(role))

    def reader(self, *routes: Route, consumer: str = "first", **settings: Any) -> StreamReader:
        role = routes[0].recipients
        reader = StreamReader(self._url_of(role), self._identity_of(role), routes, "hive", consumer, **settings)
        self._stack.push_async_callback(reader.close)
        return reader

    def inbox(self, route: Route, **settings: Any) -> InboxReader:
        role = route.recipients
        inbox = InboxReader(self._url_of(role), self._identity_of(role), route, **settings)
        self._stack.push_async_callback(inbox.close)
        return inbox

    def events(self, **settings: Any) -> EventReader:
        events = EventReader(self._url_of(Role.DOOR), self._identity_of(Role.DOOR), **settings)
        self._stack.push_async_callback(events.close)
        return events


@asynccontextmanager
async def running(*parts: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
    """While the block lasts; none of them ends by itself."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        yield
    finally:
        ended = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert [task.exception() for task in ended] == []
