"""Every statement of the job engine is one that this schema knows."""

import importlib.resources

import asyncpg
import pytest

from server.db import Queries

FILES = sorted(path.name for path in importlib.resources.files("server.jobs").iterdir() if path.name.endswith(".sql"))


@pytest.mark.parametrize("file", FILES)
async def test_every_statement_can_be_prepared(postgres_url: str, file: str) -> None:
    queries = Queries.load("server.jobs", file)
    connection = await asyncpg.connect(postgres_url)
    for name in sorted(queries.names):
        try:
            await connection.prepare(getattr(queries, name))
        except asyncpg.PostgresError as error:
            pytest.fail(f"{name}: {error}")
    await connection.close()
