"""A Redis Cluster behind the commands of one Redis: each goes to the node that has its key's slot.

The map of slots is asked for once, corrected when a node says that a slot has moved, and asked for anew after any node
failed. Keys of one tag share a slot, so every reader here deals with one node at a time.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError

from server.messaging.backoff import PASSING, persist
from server.messaging.pipelining import Command, Server, raise_refusal
from server.redis_url import Host

SLOTS = 16384
REDIRECTIONS = 5
"""So often in a row a slot may have moved; a cluster that sends us in circles is down."""

MAP_SECONDS = 1.0
"""What a node may take to tell the map, before another one is asked."""

_KEY_AT = {"XGROUP": 2, "XINFO": 2, "INFO": None, "PING": None, "SELECT": None, "CLIENT": None, "ACL": None}
"""Where a command has its first key, unless it is behind the name. What is missing here a node puts right."""

T = TypeVar("T")


class Cluster(Redis):
    """*node* makes the connection to one node, which tries nothing again; this does, for *patience_seconds*.

    Its own connection pool stays empty: redis-py's pipelines and subscriptions are not to be used on it.
    """

    def __init__(self, seeds: Iterable[Host], node: Callable[[Host], Server], *, patience_seconds: float) -> None:
        super().__init__()
        self._seeds = tuple(seeds)
        self._make_node = node
        self._patience_seconds = patience_seconds
        self._nodes: dict[Host, Server] = {}
        self._owners: list[Host | None] = [None] * SLOTS
        self._map_is_good = False
        self._mapping = asyncio.Lock()

    def lane(self, key: str) -> Host | None:
        """Who had the key's slot last; None before the map is known."""
        return self._owners[_slot(key)]

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        key = _key(args)
        slot = None if key is None else _slot(key)
        return await persist(lambda: self._command(slot, args, options), self._patience_seconds)

    async def pipelined(self, commands: Sequence[Command], within_seconds: float) -> list[Any]:
        """The replies in order; in the place of what failed, and went on failing, its error.

        A node that is away does not keep the commands of the others from being done.
        """
        replies: list[Any] = [None] * len(commands)
        missing = list(range(len(commands)))

        async def attempt() -> None:
            nonlocal missing
            try:
                await self._know_map()
            except RedisError as error:
                for at in missing:
                    replies[at] = error
                raise
            parts = self._by_owner(commands, missing)
            await asyncio.gather(*(self._part(owner, part, commands, replies, within_seconds) for owner, part in parts))
            missing = [at for at in missing if isinstance(replies[at], PASSING)]
            if missing:
                raise replies[missing[0]]

        with contextlib.suppress(RedisError):
            await persist(attempt, self._patience_seconds)
        return replies

    async def all_or_nothing(self, commands: Sequence[Command], within_seconds: float) -> list[Any]:
        """For keys of one slot. Raises the first refusal."""
        slot = _slot_of(commands[0])

        async def attempt() -> list[Any]:
            try:
                return await self._at_owner(slot, lambda node: node.exchange_whole(commands, within_seconds))
            except AskError:
                raise TryAgainError("the slot is being moved") from None

        return await persist(attempt, self._patience_seconds)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await asyncio.gather(*(node.aclose(close_connection_pool) for node in self._nodes.values()))
        await super().aclose(close_connection_pool)

    async def _command(self, slot: int | None, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            return await self._at_owner(slot, lambda node: _execute(node, args, options))
        except AskError as ask:  # its slot is on the way to another node, and the key is there already
            pipeline = self._node(Host(ask.host, ask.port)).pipeline(transaction=False)
            pipeline.execute_command("ASKING")
            pipeline.execute_command(*args, **options)
            _, reply = await pipeline.execute()
            return reply

    async def _at_owner(self, slot: int | None, act: Callable[[Server], Awaitable[T]]) -> T:
        """Do it where the slot is, and follow it; without a slot anywhere. An `AskError` is the caller's affair."""
        for _ in range(REDIRECTIONS):
            await self._know_map()
            owner = self._owners[slot or 0]
            if owner is None:
                self._map_is_good = False
                raise ClusterDownError(f"no node has slot {slot}")
            try:
                return await act(self._node(owner))
            except MovedError as moved:
                slot = self._note_move(moved, told_by=owner)
            except ResponseError as refused:
                self._map_is_good &= not isinstance(refused, ClusterDownError)
                raise
            except BaseException:  # broken, hung or given up on: another node may be the master by now
                self._map_is_good = False
                raise
        raise ClusterDownError(f"slot {slot} moves in circles")

    def _by_owner(self, commands: Sequence[Command], places: Iterable[int]) -> list[tuple[Host | None, list[int]]]:
        parts: defaultdict[Host | None, list[int]] = defaultdict(list)
        for at in places:
            parts[self._owners[_slot_of(commands[at])]].append(at)
        return list(parts.items())

    async def _part(
        self, owner: Host | None, places: list[int], commands: Sequence[Command], replies: list[Any], seconds: float
    ) -> None:
        """What one node has to do. What it sends elsewhere follows one by one, in order."""
        try:
            if owner is None:
                raise ClusterDownError("no node has the slot")
            part = await self._node(owner).exchange([commands[at] for at in places], seconds)
        except (RedisError, OSError) as error:  # a TimeoutError is an OSError
            self._map_is_good = False
            part = [error] * len(places)
        for at, reply in zip(places, part, strict=True):
            replies[at] = reply
            if isinstance(reply, MovedError) and owner is not None:
                self._note_move(reply, told_by=owner)
            if isinstance(reply, AskError):
                replies[at] = await self._elsewhere(commands[at], seconds)

    async def _elsewhere(self, command: Command, seconds: float) -> Any:
        async def alone(node: Server) -> Any:
            replies = await node.exchange([command], seconds)
            raise_refusal(replies)
            return replies[0]

        try:
            return await self._at_owner(_slot_of(command), alone)
        except AskError as ask:
            _, reply = await self._node(Host(ask.host, ask.port)).exchange([("ASKING",), command], seconds)
            return reply
        except (RedisError, OSError) as error:
            return error

    def _note_move(self, moved: MovedError, *, told_by: Host) -> int:
        self._owners[moved.slot_id] = Host(moved.host or told_by.name, moved.port)
        return moved.slot_id

    async def _know_map(self) -> None:
        if self._map_is_good:
            return
        async with self._mapping:
            if not self._map_is_good:
                self._owners = await self._ask_for_map()
                self._map_is_good = True
                await self._forget_nodes()

    async def _ask_for_map(self) -> list[Host | None]:
        error: Exception = RedisConnectionError("no node of the cluster is known")
        for host in dict.fromkeys((*filter(None, self._owners), *self._seeds)):
            try:
                [reply] = await self._node(host).exchange([("CLUSTER", "SLOTS")], MAP_SECONDS)
                raise_refusal([reply])
            except (RedisError, OSError) as failed:
                error = failed
            else:
                return _owners(reply, told_by=host)
        raise RedisConnectionError(f"no node of the cluster tells who has what: {error}") from error

    async def _forget_nodes(self) -> None:
        for gone in self._nodes.keys() - set(self._owners) - set(self._seeds):
            await self._nodes.pop(gone).aclose()

    def _node(self, host: Host) -> Server:
        if host not in self._nodes:
            self._nodes[host] = self._make_node(host)
        return self._nodes[host]


async def _execute(node: Redis, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    return await node.execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py left it untyped


def _key(command: Sequence[Any]) -> Any:
    name = command[0]
    if name in ("XREAD", "XREADGROUP"):
        return command[command.index("STREAMS") + 1]
    at = _KEY_AT.get(name, 1)
    return command[at] if at is not None and at < len(command) else None


def _slot_of(command: Command) -> int:
    key = _key(command)
    assert isinstance(key, str | bytes), "only commands with keys travel together"
    return _slot(key)


def _slot(key: str | bytes) -> int:
    return key_slot(key.encode() if isinstance(key, str) else key)


def _owners(ranges: Sequence[Any], *, told_by: Host) -> list[Host | None]:
    owners: list[Host | None] = [None] * SLOTS
    for first, last, (name, port, *_), *_ in ranges:
        host = Host(name.decode() if name else told_by.name, port)
        owners[first : last + 1] = [host] * (last + 1 - first)
    return owners
