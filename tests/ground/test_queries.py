"""Every statement of the hub is one that its schema knows."""

import re
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


@pytest.mark.parametrize("file", ["queries.sql", "workflows.sql", "schedules.sql", "awaited.sql"])
async def test_no_statement_of_the_orchestrators_looks_through_all_jobs(postgres_url: str, file: str) -> None:
    """Whatever it costs must not grow with what is finished: where there is an index for it, it is used."""
    queries = Queries.load("server.jobs", file)
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("set enable_seqscan = off")
    await connection.execute(PLAN_OF)

    plan_of = "select pg_temp.plan_of($1)"
    plans = {name: await connection.fetchval(plan_of, getattr(queries, name)) for name in queries.names}

    await connection.close()
    assert [name for name, plan in plans.items() if LOOKS_THROUGH_ALL.search(plan)] == []


PLAN_OF = """
create function pg_temp.plan_of(statement text) returns text language plpgsql as $$
declare line text; plan text := '';
begin
  for line in execute 'explain (generic_plan, costs off) ' || statement loop plan := plan || line || E'\\n'; end loop;
  return plan;
end $$
"""
LOOKS_THROUGH_ALL = re.compile(
    r"Seq Scan on (job|workflow)|Scan using (job|workflow)(s|_events)_pkey [^\n]*\n(?! *Index Cond)"
)
