"""Databases for tests: each as migrations leave it, at a fraction of the price of a new one.

Making a database is copying 600 files and two checkpoints. One that a test is done with is emptied for the next; where
more than rows of its own is left behind, it is thrown away. Each has a connection that stays, which empties it: a new
one would cost more than the emptying.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import asyncpg

from server.db import connect

CATALOGS = ("pg_attribute", "pg_constraint", "pg_index", "pg_proc", "pg_trigger")

SHAPE = f"""
select jsonb_build_array(
    (select count(*) from pg_class), (select count(*) from pg_db_role_setting),
    {", ".join(f"(select array[count(*), max(xmin::text::bigint)] from {catalog})" for catalog in CATALOGS)}
)::text
"""
"""What any statement that changes tables, functions or settings changes. Emptying gives `pg_class` new rows."""

FILLED = """
select string_agg(oid::regclass::text, ', ' order by relname) from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0
"""

REWIND = """
select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
from pg_sequences where last_value is not null
"""


@dataclass
class _Copy:
    name: str
    connection: asyncpg.Connection


class Databases:
    """Of one server, copies of its *template*. The template's own rows stay in every copy."""

    def __init__(self, url: str, template: str) -> None:
        self._url = url
        self._template = template
        self._spare: list[_Copy] = []
        self._numbers = itertools.count(1)
        self._own_tables: list[str] = []
        self._left: Any = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for copy in self._spare:
            await copy.connection.close()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[str]:
        """The URL of a database that nobody else sees. Belongs to the event loop of the first."""
        copy = self._spare.pop() if self._spare else await self._make()
        yield self.url_of(copy.name)
        if await self._empty(copy.connection):
            self._spare.append(copy)
        else:
            copy.connection.terminate()
            async with connect(self.url_of("postgres")) as admin:
                await admin.execute(f"drop database if exists {copy.name} with (force)")

    def url_of(self, database: str) -> str:
        return self._url.replace(f"@/{self._template}?", f"@/{database}?")

    async def _make(self) -> _Copy:
        """Copied file by file it costs two thirds of the other way."""
        name = f"test_{next(self._numbers)}"
        async with connect(self.url_of("postgres")) as admin:
            await admin.execute(f"create database {name} template {self._template} strategy file_copy")
        copy = _Copy(name, await asyncpg.connect(self.url_of(name)))
        if self._left is None:
            self._own_tables = (await copy.connection.fetchval(FILLED)).split(", ")
            self._left = await self._state(copy.connection)
        return copy

    async def _empty(self, used: asyncpg.Connection) -> bool:
        """Whether it is as new."""
        try:
            async with used.transaction():
                await used.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
                await used.execute("set local session_replication_role = replica")  # triggers guard what is on record
                filled = set((await used.fetchval(FILLED)).split(", ")) - set(self._own_tables)
                if filled:
                    await used.execute(f"truncate {', '.join(sorted(filled))} cascade")
                await used.execute(REWIND)
                return bool(await self._state(used) == self._left)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False

    async def _state(self, database: asyncpg.Connection) -> tuple[str, str]:
        rows = ", ".join(f"(select jsonb_agg(t order by t::text) from {table} t)" for table in self._own_tables)
        return await database.fetchval(SHAPE), await database.fetchval(f"select jsonb_build_array({rows})::text")
