"""Every statement of the hub is one that its schema knows."""

from pathlib import Path

import asyncpg
import pytest

from server.db import Queries
from tests.hub import REPOSITORY

FILES = sorted(path.relative_to(REPOSITORY) for path in (REPOSITORY / "server").rglob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=str)
async def test_every_statement_can_be_prepared(postgres_url: str, file: Path) -> None:
    queries = Queries.load(".".join(file.parent.parts), file.name)
    connection = await asyncpg.connect(postgres_url)
    for name in sorted(queries.names):
        try:
            await connection.prepare(getattr(queries, name))
        except asyncpg.PostgresError as error:
            pytest.fail(f"{name}: {error}")
    await connection.close()
