"""Reach Postgres: a pool, named queries, numbered migrations.

Knows no table of ours: each store keeps its statements in a `.sql` file beside it. JSON columns come and go as text.
"""

import difflib
import hashlib
import importlib.resources
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias

import asyncpg

from server.errors import DatabaseUnavailable, HiveError

CONNECT_TIMEOUT_SECONDS = 10.0
COMMAND_TIMEOUT_SECONDS = 60.0
LONGEST_TRANSACTION_SECONDS = 20.0
"""Of those that change jobs. They take milliseconds."""

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
"""One that a pool lent."""

DATABASE_AWAY: tuple[type[Exception], ...] = (
    OSError,  # with it TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,  # until somebody makes room
    asyncpg.ReadOnlySQLTransactionError,  # a replica, which is promoted soon or is not the one to ask
    asyncpg.InterfaceError,  # "connection is closed": what the second statement after the loss gets
    asyncpg.InternalClientError,  # what the first one gets when the server's farewell was read but not yet the hang-up
    DatabaseUnavailable,
)
"""What a statement raises while Postgres is gone or coming back; a loop catches these and tries again."""


async def open_pool(
    url: str,
    *,
    min_size: int = 1,
    max_size: int = 10,
    resets: bool = True,
    read_only: bool = False,
    by_index: bool = False,
) -> asyncpg.Pool:
    """A pool whose connections speak UTC. Raises `DatabaseUnavailable` when Postgres does not let us in.

    *resets*: give up a session's locks and settings after every use, a round trip more. False where nobody has any.
    *read_only*: Postgres refuses whatever would change something: for views, which only read. *by_index*: every
    statement touches few rows of large tables: planned once, and never by reading a table from end to end, however
    small it looked when it was planned.
    """
    async with _reaching(url):
        return await asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=max_size,
            timeout=CONNECT_TIMEOUT_SECONDS,
            command_timeout=COMMAND_TIMEOUT_SECONDS,
            server_settings=_SESSION | (_READ_ONLY if read_only else {}) | (_BY_INDEX if by_index else {}),
            connection_class=_Connection if resets else _PlainConnection,
            init=_end_long_transactions if by_index else None,
        )


async def _end_long_transactions(connection: asyncpg.Connection) -> None:
    """Of a hub that stands still between the preparation of a statement and its execution: Postgres waits for it there
    as if it worked, which no other timeout ends. Before Postgres 17 none does.
    """
    if connection.get_server_version() >= (17,):
        await connection.execute(f"set transaction_timeout = {LONGEST_TRANSACTION_SECONDS * 1000:.0f}")


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # it has no types
    async def _introspect_types(self, typeoids: Collection[int], *how_long: Any) -> tuple[Any, Any]:
        """What arrays of Postgres's own types are like: asked once in a process.

        asyncpg asks on every connection, with three round trips and 7 ms of the server for each set of types.
        """
        asked = frozenset(typeoids)
        if asked not in _OWN_TYPES:
            types, statement = await super()._introspect_types(typeoids, *how_long)
            if max(asked) < FIRST_OID_OF_OTHERS:
                _OWN_TYPES[asked] = types
            return types, statement
        return _OWN_TYPES[asked], _NothingPrepared()


class _NothingPrepared(NamedTuple):
    """Where asyncpg looks whether the statement that it is preparing was lost meanwhile; it was not."""

    name: str = "none"


FIRST_OID_OF_OTHERS = 16384
"""Below it are Postgres's own objects, whose numbers are the same in every database of every server."""
_OWN_TYPES: dict[frozenset[int], Any] = {}


class _PlainConnection(_Connection):
    def get_reset_query(self) -> str:
        """Nothing; an open transaction is rolled back all the same."""
        return ""


class Queries:
    """The statements of one `.sql` file as attributes: `-- name: claim_jobs` is `queries.claim_jobs`."""

    def __init__(self, text: str, *, source: str = "queries") -> None:
        self._source = source
        self._statements: dict[str, str] = {}
        _, *parts = re.split(r"^-- name:\s*(\w+)\s*$", text, flags=re.MULTILINE)
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            if name in self._statements:
                raise ValueError(f"{source} names {name} twice")
            self._statements[name] = _LEADING_COMMENTS.sub("", body).strip()

    @classmethod
    def load(cls, package: str, file: str) -> "Queries":
        text = importlib.resources.files(package).joinpath(file).read_text(encoding="utf-8")
        return cls(text, source=f"{package}/{file}")

    @property
    def names(self) -> Collection[str]:
        return self._statements.keys()

    def __getattr__(self, name: str) -> str:
        try:
            return self._statements[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._statements, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise AttributeError(f"{self._source} has no query {name}{meant}") from None


_LEADING_COMMENTS = re.compile(r"\A(\s*--[^\n]*\n)+")  # they are for readers, not for the wire


@dataclass(frozen=True)
class Migration:
    """A numbered file of plain SQL. Forward-only: what was released is never edited, the next number mends it."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True)
class MigrationState:
    """*newer*: the database has it and this release does not; expand-then-contract keeps that harmless."""

    name: str
    state: Literal["applied", "pending", "edited", "newer"]
    applied_at: datetime | None = None


class MigrationRefused(HiveError):
    """The files and the database do not agree, or a statement failed. Nothing of the file was applied."""


def known_migrations() -> list[Migration]:
    """The files of this release, by number."""
    files = importlib.resources.files("migrations").iterdir()
    known = [Migration(f.name, f.read_text(encoding="utf-8")) for f in files if f.name.endswith(".sql")]
    return sorted(known, key=lambda migration: migration.name)


async def migrate(url: str, migrations: list[Migration] | None = None) -> list[str]:
    """Apply what is pending, in order, each file in a transaction of its own. Returns the names applied.

    Any number of hubs may call it at once: the first holds an advisory lock, the others find nothing left to do.
    Raises `MigrationRefused` before applying anything when an applied file was edited since.
    """
    migrations = known_migrations() if migrations is None else migrations
    _refuse_ambiguous(migrations)
    async with connect(url) as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)  # the end of the connection gives it back
        await connection.execute(_LEDGER)
        states = await _states(connection, migrations)
        _refuse_edited(states)
        pending = {state.name for state in states if state.state == "pending"}
        applied = [migration for migration in migrations if migration.name in pending]
        for migration in applied:
            await _apply(connection, migration)
    return [migration.name for migration in applied]


async def migration_states(url: str, migrations: list[Migration] | None = None) -> list[MigrationState]:
    """What `migrate` would find, changing nothing."""
    migrations = known_migrations() if migrations is None else migrations
    async with connect(url) as connection:
        return await _states(connection, migrations)


@asynccontextmanager
async def connect(url: str) -> "AsyncIterator[asyncpg.Connection]":
    """One connection, for what happens once. Raises `DatabaseUnavailable` when Postgres does not let us in."""
    async with _reaching(url):
        connection = await asyncpg.connect(
            url, timeout=CONNECT_TIMEOUT_SECONDS, server_settings=_SESSION, connection_class=_Connection
        )
    try:
        yield connection
    finally:
        await connection.close()


_SESSION = {
    "application_name": "agent-hive",
    "timezone": "UTC",
    "idle_in_transaction_session_timeout": "30000",  # a hub that stands still holds its locks no longer
}
_READ_ONLY = {"default_transaction_read_only": "on"}
_BY_INDEX = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    # Statements of a transaction follow each other within moments. Of a hub that stands still one transaction after the
    # other gets the lock for which it waited: others wait for as long as this, times half a dozen.
    "idle_in_transaction_session_timeout": "5000",
}

_LOCK = 0x68697665  # "hive"

_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name       text PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


async def _states(connection: asyncpg.Connection, migrations: list[Migration]) -> list[MigrationState]:
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        rows = []
    else:
        rows = await connection.fetch("SELECT name, checksum, applied_at FROM schema_migrations ORDER BY name")
    ledger = {row["name"]: row for row in rows}
    known = {migration.name for migration in migrations}
    states = [_state(migration, ledger.get(migration.name)) for migration in migrations]
    return states + [MigrationState(r["name"], "newer", r["applied_at"]) for r in rows if r["name"] not in known]


def _state(migration: Migration, row: asyncpg.Record | None) -> MigrationState:
    if row is None:
        return MigrationState(migration.name, "pending")
    return MigrationState(
        migration.name, "applied" if row["checksum"] == migration.checksum else "edited", row["applied_at"]
    )


def _refuse_ambiguous(migrations: list[Migration]) -> None:
    numbers: dict[str, str] = {}
    for migration in migrations:
        if not re.fullmatch(r"\d{4}_\w+\.sql", migration.name):
            raise MigrationRefused(f"{migration.name} is not a migration's name", hint="NNNN_what_it_does.sql")
        number = migration.name[:4]
        if number in numbers:
            raise MigrationRefused(
                f"{numbers[number]} and {migration.name} have the same number",
                hint="give the later one the next number",
            )
        numbers[number] = migration.name


def _refuse_edited(states: list[MigrationState]) -> None:
    edited = [state.name for state in states if state.state == "edited"]
    if edited:
        raise MigrationRefused(
            f"edited after it was applied: {', '.join(edited)}",
            hint="restore the file as it was released and put the change into a new migration",
        )


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.sql, timeout=None)
            await connection.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)", migration.name, migration.checksum
            )
    except asyncpg.PostgresError as error:
        line = migration.sql[: int(getattr(error, "position", None) or 0)].count("\n") + 1
        raise MigrationRefused(
            f"{migration.name} near line {line}: {error}",
            hint="nothing of this file was applied; the files before it were",
        ) from error


@asynccontextmanager
async def _reaching(url: str) -> "AsyncIterator[None]":
    try:
        yield
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        hint = "check the user and the password in DATABASE_URL"
        raise DatabaseUnavailable(f"Postgres at {_place(url)} refuses us: {error}", hint=hint) from error
    except asyncpg.InvalidCatalogNameError as error:
        hint = "create the database, or name an existing one in DATABASE_URL"
        raise DatabaseUnavailable(f"Postgres at {_place(url)}: {error}", hint=hint) from error
    except asyncpg.CannotConnectNowError as error:
        hint = "it is starting or stopping; try again in a moment"
        raise DatabaseUnavailable(f"Postgres at {_place(url)}: {error}", hint=hint) from error
    except (OSError, asyncpg.PostgresError, asyncpg.ClientConfigurationError, asyncpg.InterfaceError) as error:
        said = str(error) or type(error).__name__
        hint = "check that it runs and that DATABASE_URL names it; hive doctor tells more"
        raise DatabaseUnavailable(f"Postgres at {_place(url)} does not answer: {said}", hint=hint) from error


def _place(url: str) -> str:
    """Where the URL points, without user, password and options."""
    found = re.search(r"host=([^&]+)", url) or re.match(r"\w+://(?:[^@/]*@)?([^/?]+)", url)
    return found.group(1).replace("%2F", "/") if found else "its default place"
