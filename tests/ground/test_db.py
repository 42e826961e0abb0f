"""Migrations are applied once, whoever runs them; an edited past is refused; queries have names; Postgres goes away."""

import asyncio
import sys
from uuid import UUID

import pytest

from server.db import (
    DATABASE_AWAY,
    Migration,
    MigrationRefused,
    Queries,
    connect,
    known_migrations,
    migrate,
    migration_states,
    open_pool,
)
from server.errors import DatabaseUnavailable

FIRST = Migration("0001_make_notes.sql", "CREATE TABLE notes (note text); INSERT INTO notes VALUES ('first');")
SECOND = Migration("0002_add_seen.sql", "SELECT pg_sleep(0.05); ALTER TABLE notes ADD seen boolean;")

ONE_HUB = "import asyncio, sys; from server.db import migrate; print(*asyncio.run(migrate(sys.argv[1])))"


async def test_four_hubs_that_start_at_once_apply_each_migration_once(empty_postgres_url: str) -> None:
    hubs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", ONE_HUB, empty_postgres_url, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = [(await hub.communicate())[0].decode().split() for hub in hubs]

    assert [hub.returncode for hub in hubs] == [0] * 4
    names = [migration.name for migration in known_migrations()]
    assert sorted(said) == [[], [], [], names]
    assert {state.state for state in await migration_states(empty_postgres_url)} == {"applied"}


async def test_concurrent_runners_in_one_process_apply_each_once(empty_postgres_url: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_postgres_url, [FIRST, SECOND]) for _ in range(8)))

    assert sorted(applied) == [[]] * 7 + [[FIRST.name, SECOND.name]]
    async with connect(empty_postgres_url) as database:
        assert await database.fetchval("SELECT count(*) FROM notes") == 1


async def test_only_what_is_pending_is_applied_and_nothing_the_second_time(empty_postgres_url: str) -> None:
    assert await migrate(empty_postgres_url, [FIRST]) == [FIRST.name]
    assert await migrate(empty_postgres_url, [FIRST, SECOND]) == [SECOND.name]
    assert await migrate(empty_postgres_url, [FIRST, SECOND]) == []


async def test_an_edited_migration_is_refused_and_nothing_after_it_applied(empty_postgres_url: str) -> None:
    await migrate(empty_postgres_url, [FIRST])
    edited = Migration(FIRST.name, FIRST.sql + " -- edited")

    with pytest.raises(MigrationRefused, match=FIRST.name) as caught:
        await migrate(empty_postgres_url, [edited, SECOND])

    assert "new migration" in caught.value.hint
    states = await migration_states(empty_postgres_url, [edited, SECOND])
    assert [state.state for state in states] == ["edited", "pending"]


async def test_a_migration_that_fails_leaves_nothing_of_itself_and_says_where(empty_postgres_url: str) -> None:
    broken = Migration("0002_break.sql", "CREATE TABLE half (n int);\nSELEKT 1;")

    with pytest.raises(MigrationRefused, match=r"0002_break\.sql near line 2: .*SELEKT"):
        await migrate(empty_postgres_url, [FIRST, broken])

    async with connect(empty_postgres_url) as database:
        assert await database.fetchval("SELECT to_regclass('half')") is None
    assert [state.state for state in await migration_states(empty_postgres_url, [FIRST, broken])] == [
        "applied",
        "pending",
    ]


async def test_a_database_of_a_newer_release_is_left_as_it_is(empty_postgres_url: str) -> None:
    await migrate(empty_postgres_url, [FIRST, SECOND])

    assert await migrate(empty_postgres_url, [FIRST]) == []
    assert [state.state for state in await migration_states(empty_postgres_url, [FIRST])] == ["applied", "newer"]


async def test_looking_changes_nothing(empty_postgres_url: str) -> None:
    states = await migration_states(empty_postgres_url, [FIRST])

    assert [state.state for state in states] == ["pending"]
    async with connect(empty_postgres_url) as database:
        assert await database.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


@pytest.mark.parametrize(
    "names", [("0001_a.sql", "0001_b.sql"), ("1_a.sql",), ("0001-a.sql",)], ids=["same number", "short", "dash"]
)
async def test_names_that_have_no_clear_order_are_refused(empty_postgres_url: str, names: tuple[str, ...]) -> None:
    with pytest.raises(MigrationRefused):
        await migrate(empty_postgres_url, [Migration(name, "SELECT 1") for name in names])


def test_our_own_migrations_have_an_order() -> None:
    numbers = [migration.name[:4] for migration in known_migrations()]

    assert numbers == sorted(set(numbers))


async def test_the_pool_speaks_utc_and_knows_pgvector(postgres_url: str) -> None:
    async with await open_pool(postgres_url) as pool:
        assert await pool.fetchval("SHOW timezone") == "UTC"
        assert await pool.fetchval("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'") == 1


async def test_what_postgres_own_types_are_like_is_asked_once_in_a_process(postgres_url: str) -> None:
    said = []
    for _ in range(2):
        async with connect(postgres_url) as database:
            database.add_query_logger(lambda asked: said.append(asked.query))

            assert await database.fetchval("SELECT $1::uuid[] || $1", [UUID(int=1)]) == [UUID(int=1)] * 2
            assert await database.fetchval("SELECT $1::smallint[]", [1]) == [1]

    assert said[-2:] == ["SELECT $1::uuid[] || $1", "SELECT $1::smallint[]"]


async def test_a_hub_that_stands_still_amid_a_statement_gives_up_its_locks(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.db.LONGEST_TRANSACTION_SECONDS", 0.2)
    still = await open_pool(postgres_url, max_size=1, by_index=True)
    async with asyncio.timeout(20), connect(postgres_url) as other:
        async with still.acquire() as connection:
            await connection.execute("begin; select pg_advisory_xact_lock(7)")
            await connection.prepare("select 1")  # and never says what is to become of it

            await other.execute("select pg_advisory_xact_lock(7)")

            with pytest.raises(DATABASE_AWAY):
                await connection.execute("select 1")
        await still.close()


async def test_types_of_others_are_asked_about_in_each_database(postgres_url: str, empty_postgres_url: str) -> None:
    for url, states in ((postgres_url, ["new", "done"]), (empty_postgres_url, ["open"])):
        async with connect(url) as database, database.transaction():
            await database.execute(f"CREATE TYPE state AS ENUM {tuple(states)}".replace(",)", ")"))

            assert await database.fetchval("SELECT $1::state[]", states) == states


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://user:hidden@127.0.0.1:1/hive", "127.0.0.1:1 does not answer"),
        ("postgresql://user:hidden@/hive?host=%2Fno%2Fsuch", "/no/such does not answer"),
    ],
)
async def test_a_database_that_is_away_is_named_without_its_password(url: str, said: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=said) as caught:
        await open_pool(url)

    assert "hidden" not in str(caught.value)
    assert isinstance(caught.value, DATABASE_AWAY)


async def test_a_wrong_password_and_a_missing_database_have_hints_of_their_own(postgres_url: str) -> None:
    password = postgres_url.split(":")[2].split("@")[0]

    with pytest.raises(DatabaseUnavailable) as wrong_password:
        await open_pool(postgres_url.replace(password, "guess"))
    with pytest.raises(DatabaseUnavailable) as no_database:
        await open_pool(postgres_url.replace("@/", "@/not_"))

    assert "password" in wrong_password.value.hint
    assert "create the database" in no_database.value.hint


QUERIES = """-- Queries of nobody.

-- name: claim
-- Take one. SKIP LOCKED.
-- $1 limit
SELECT 1
 LIMIT $1;

-- name: count_all
SELECT count(*) FROM t; -- all
"""


def test_queries_are_attributes_without_the_words_for_readers() -> None:
    queries = Queries(QUERIES)

    assert queries.claim == "SELECT 1\n LIMIT $1;"
    assert queries.count_all == "SELECT count(*) FROM t; -- all"


def test_a_query_that_does_not_exist_is_answered_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match="did you mean claim"):
        _ = Queries(QUERIES).claims


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="claim twice"):
        Queries(QUERIES + "\n-- name: claim\nSELECT 2;")


def test_queries_load_from_a_package() -> None:
    assert Queries.load("server.jobs", "queries.sql").claim_jobs


@pytest.mark.parametrize("sqlstate", ["53100", "25006"], ids=["the disk is full", "it is a replica"])
async def test_what_passes_without_us_is_waited_for(postgres_url: str, sqlstate: str) -> None:
    async with connect(postgres_url) as connection:
        with pytest.raises(DATABASE_AWAY):
            await connection.execute(f"do $$ begin raise exception using errcode = '{sqlstate}'; end $$")
