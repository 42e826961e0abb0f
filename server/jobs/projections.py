"""Fold the events of a whole database and compare the result with its tables: the proof that the events are the record.

Everything happens at one moment, within one snapshot, and what was rebuilt is gone with the transaction unless it is to
be kept. Knows no table: how events make a row of jobs is in `replay.py`, how they make a workflow in `workflow.py`.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import asyncpg
import msgspec

from server.errors import HiveError

IMPORTED = "imported"
"""The type of an event that is a whole row: whatever was before it does not matter."""


class Event(Protocol):
    @property
    def type(self) -> str: ...


R = TypeVar("R")
E = TypeVar("E", bound=Event)

PAGE = 4_000
SMALL_BYTES = 16 * 1024
"""Larger data is fetched by itself, so that a page of events stays small."""

SHOWN = 20


@dataclass(frozen=True)
class Projection(Generic[R, E]):
    """A table of which every row is a fold of its own events.

    *key*: the column of the events' table that names the row, by its `id`. *fields*: the columns that *read* makes an
    event of, *key*, `type` and `data` among them; *looks_at*: the types whose data *apply* looks at and is given.
    *columns* of the table are determined by the record, *left_out* are not; *values*: a row as Postgres takes it.
    *apply* raises `ImpossibleEvent` for an event that cannot follow those before.
    """

    table: str
    events: str
    key: str
    fields: tuple[str, ...]
    read: Callable[[Sequence[Any]], E]
    apply: Callable[[R | None, E], R]
    looks_at: frozenset[str]
    columns: tuple[str, ...]
    values: Callable[[R], tuple[Any, ...]]
    left_out: frozenset[str] = frozenset()


class ImpossibleEvent(HiveError):
    """An event that cannot follow those before it: the record is broken, or this release is older than it."""


class Difference(msgspec.Struct, frozen=True):
    """What a table says of a row, and what its events say; *column* is "" where one has no such row."""

    id: str
    column: str
    table: str
    events: str


class Comparison(msgspec.Struct, frozen=True):
    """A table against its events. *impossible*: events that cannot follow those before; *differences*: the first."""

    table: str
    events: int
    rows: int
    different: int
    only_in_table: int
    only_in_events: int
    impossible: int
    first_impossible: Sequence[str]
    differences: Sequence[Difference]

    @property
    def is_equal(self) -> bool:
        return not (self.different or self.only_in_table or self.only_in_events or self.impossible)


class NotReplayable(HiveError):
    """The fold is not of this table, or there is no place to put what it makes."""


Told = Callable[[str, int, int], None]
"""Takes a table, how many of its events were folded, and how many there are."""


async def replay(
    connection: asyncpg.Connection,
    projections: Sequence[Projection[Any, Any]],
    *,
    told: Told = lambda table, done, total: None,
    keep_as: str | None = None,
) -> list[Comparison]:
    """Fold all events and compare with the tables, as they are at one moment; a hub may go on meanwhile.

    *keep_as*: leave what was rebuilt in a new schema of this name, else nothing is left. Raises `NotReplayable`.
    """
    schema = keep_as or f"hive_replay_{secrets.token_hex(4)}"
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        await _create_schema(connection, schema)
        compared = [await _Replay(connection, each, schema, told).run() for each in projections]
    except BaseException:
        await transaction.rollback()
        raise
    await (transaction.commit() if keep_as else transaction.rollback())
    return compared


async def _create_schema(connection: asyncpg.Connection, schema: str) -> None:
    try:
        await connection.execute(f"create schema {_quoted(schema)}")
    except asyncpg.DuplicateSchemaError as error:
        raise NotReplayable(f"there is a schema {schema} already", hint="name another one, or drop it") from error
    except asyncpg.InsufficientPrivilegeError as error:
        hint = "use a DATABASE_URL of who owns the database"
        raise NotReplayable("this user may not create a schema to replay into", hint=hint) from error


class _Replay(Generic[R, E]):
    """One table's."""

    def __init__(self, connection: asyncpg.Connection, projection: Projection[R, E], schema: str, told: Told) -> None:
        self._connection = connection
        self._projection = projection
        self._told = told
        self._schema = schema
        self._rebuilt = f"{_quoted(schema)}.{_quoted(projection.table)}"

    async def run(self) -> Comparison:
        projection = self._projection
        await self._refuse_other_columns()
        await self._connection.execute(
            f"create table {self._rebuilt} as select {_list(projection.columns)} from {projection.table} with no data"  # noqa: S608
        )
        folding = _Folding(projection)
        done, total = 0, await self._count(projection.events)
        async for page in self._pages():
            folding.take(page)
            await self._write(folding.finished)
            done += len(page)
            self._told(projection.table, done, total)
        folding.end_row()
        await self._write(folding.finished)
        return await self._comparison(done, folding.impossible)

    async def _refuse_other_columns(self) -> None:
        rows = await self._connection.fetch(
            "select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0 and not attisdropped",
            self._projection.table,
        )
        folded = {*self._projection.columns, *self._projection.left_out}
        unlike = sorted(folded ^ {row["attname"] for row in rows})
        if unlike:
            raise NotReplayable(
                f"the table {self._projection.table} and its fold do not have the same columns: {', '.join(unlike)}",
                hint="hive migrate brings the schema up to date",
            )

    async def _count(self, table: str) -> int:
        number: int = await self._connection.fetchval(f"select count(*) from {table}")  # noqa: S608
        return number

    # --- rebuilding ---------------------------------------------------------------------------------------------------

    async def _pages(self) -> AsyncIterator[list[list[Any]]]:
        """The fields of all events, those of a row together and in order."""
        place_of_data = self._projection.fields.index("data")
        cursor = await self._connection.cursor(self._events_query(), sorted(self._projection.looks_at), SMALL_BYTES)
        while records := await cursor.fetch(PAGE):
            page = []
            for record in records:
                large, *values = record
                if large is not None:
                    values[place_of_data] = await self._data(large)
                page.append(values)
            yield page

    def _events_query(self) -> str:
        """The number of an event whose data is large comes first, else null."""
        looked_at = "type = any($1::text[])"
        columns = [
            f"case when {looked_at} and octet_length(data) <= $2::int then data end" if field == "data" else field
            for field in self._projection.fields
        ]
        return (
            f"select case when {looked_at} and octet_length(data) > $2::int then seq end, {', '.join(columns)} "  # noqa: S608
            f"from {self._projection.events} order by {self._projection.key}, seq"
        )

    async def _data(self, seq: int) -> bytes:
        data: bytes = await self._connection.fetchval(
            f"select data from {self._projection.events} where seq = $1",  # noqa: S608
            seq,
        )
        return data

    async def _write(self, rows: list[R]) -> None:
        if rows:
            await self._connection.copy_records_to_table(
                self._projection.table,
                schema_name=self._schema,
                columns=self._projection.columns,
                records=map(self._projection.values, rows),
            )
            rows.clear()

    # --- comparing ----------------------------------------------------------------------------------------------------

    async def _comparison(self, events: int, impossible: list[str]) -> Comparison:
        await self._connection.execute(f"analyze {self._rebuilt}")
        counts = await self._connection.fetchrow(
            "select count(*) filter (where told is null) as only_in_table,"
            f" count(*) filter (where kept is null) as only_in_events, count(*) as unlike {self._unlike}"
        )
        unlike = counts["unlike"] - counts["only_in_table"] - counts["only_in_events"]
        return Comparison(
            table=self._projection.table,
            events=events,
            rows=await self._count(self._projection.table),
            different=unlike,
            only_in_table=counts["only_in_table"],
            only_in_events=counts["only_in_events"],
            impossible=len(impossible),
            first_impossible=impossible[:SHOWN],
            differences=await self._differences() if counts["unlike"] else (),
        )

    async def _differences(self) -> list[Difference]:
        rows = await self._connection.fetch(
            f"select to_jsonb(kept)::text as kept, to_jsonb(told)::text as told {self._unlike} order by 1, 2 limit $1",
            SHOWN,
        )
        return [each for row in rows for each in self._difference(row["kept"], row["told"])]

    def _difference(self, kept: str | None, told: str | None) -> Iterator[Difference]:
        in_table: dict[str, Any] = msgspec.json.decode(kept or "{}")
        in_events: dict[str, Any] = msgspec.json.decode(told or "{}")
        name = str((in_table or in_events)["id"])
        if not (in_table and in_events):
            yield Difference(name, "", "a row" if in_table else "no row", "a row" if in_events else "no row")
            return
        for column in self._projection.columns:
            if in_table[column] != in_events[column]:
                yield Difference(name, column, _shown(in_table[column]), _shown(in_events[column]))

    @property
    def _unlike(self) -> str:
        """The rows of the table (`kept`) and of the fold (`told`) that are not the same, each with the other's."""
        kept, told = (_list(f"{table}.{_quoted(c)}" for c in self._projection.columns) for table in ("kept", "told"))
        return (
            f"from {self._projection.table} as kept full join {self._rebuilt} as told on kept.id = told.id"
            f" where kept.id is null or told.id is null or row({kept}) is distinct from row({told})"
        )


class _Folding(Generic[R, E]):
    """Makes rows of events that come row by row: all it remembers is the row it is at."""

    def __init__(self, projection: Projection[R, E]) -> None:
        self.finished: list[R] = []
        self.impossible: list[str] = []
        self._projection = projection
        self._key: object = None
        self._row: R | None = None
        self._doubts: list[str] = []

    def take(self, page: Sequence[Sequence[Any]]) -> None:
        read, apply = self._projection.read, self._projection.apply
        place_of_key = self._projection.fields.index(self._projection.key)
        for values in page:
            key = values[place_of_key]
            if key != self._key:
                self.end_row()
                self._key = key
            try:
                event = read(values)
                self._row = apply(self._row, event)
            except (ImpossibleEvent, ValueError, LookupError) as error:  # the last two: what a later release recorded
                self._doubts.append(f"{key}: {error}")
                continue
            if event.type == IMPORTED:  # whatever an earlier release recorded before
                self._doubts.clear()

    def end_row(self) -> None:
        if self._row is not None:
            self.finished.append(self._row)
        self.impossible += self._doubts
        self._key, self._row, self._doubts = None, None, []


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
