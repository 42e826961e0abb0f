"""Scripts of SQL: what they are cut into, and what is no problem although it looks like one."""

import time

import pytest

from server.analysis.budget import Budget
from server.analysis.review import read
from server.analysis.source import Source
from server.analysis.sql.file import SqlFile
from server.analysis.sql.tokens import Sort, tokens_of

DUMP = """\
SET statement_timeout = 0;
CREATE TABLE public.users (id integer NOT NULL, email text DEFAULT NULL, CHECK (email <> ''));
COMMENT ON TABLE public.users IS 'it''s $$ not; a body';
COPY public.users (id, email) FROM stdin;
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
GRANT ALL ON SCHEMA public TO PUBLIC;
"""


def rules(text: str, path: str = "db/script.sql") -> list[str]:
    return [problem.rule.id for problem in read(Source.of(path, text), Budget(5.0)).problems]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a--b\n/* c */ # d\ne", ["a", "e"], id="comments"),
        pytest.param("select 'it''s', N'x;y'", ["select", "it''s", ",", "x;y"], id="texts"),
        pytest.param(r"select 'a\'b', 1", ["select", r"a\'b", ",", "1"], id="a backslash that escapes"),
        pytest.param("select 'C:\\', 'x'", ["select", "C:\\", ",", "x"], id="a backslash that does not"),
        pytest.param('"Big Name" `b` [c d] #t', ["big name", "b", "c d", "#t"], id="names"),
        pytest.param("@x := :y || $1::text", ["@x", ":=", ":y", "||", "$1", "::text"], id="variables"),
    ],
)
def test_words_of_every_database(text: str, words: list[str]) -> None:
    assert [token.word for token in tokens_of(text)] == words


def test_a_dollar_that_has_no_pair_quotes_nothing() -> None:
    assert [token.sort for token in tokens_of("$$ a $$ b $$")].count(Sort.BODY) == 2


def test_a_routine_ends_where_the_next_begins() -> None:
    file = SqlFile.parse(
        Source.of("a.sql", "CREATE PROC a @x text AS SELECT 1\nGO\nCREATE FUNCTION s.b(i int, t text) AS $$ $$;")
    )

    assert [(routine.name, set(routine.parameters)) for routine in file.routines] == [("a", {"@x"}), ("b", {"t"})]


def test_a_dump_is_no_problem() -> None:
    assert rules(DUMP) == []


@pytest.mark.parametrize("path", ["db/seeds/users.sql", "tests/clean.sql", "migrations/0003.down.sql"])
def test_where_everything_is_meant_to_go_nothing_is_said(path: str) -> None:
    assert rules("DELETE FROM users;\n", path) == []


def test_a_migration_may_fill_a_column() -> None:
    assert rules("UPDATE users SET state = 'new';\n", "migrations/0007_state.sql") == []
    assert rules("UPDATE users SET state = 'new';\n", "SQL/postgres/2013061000.sql") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("'\n" * 40_001, id="quotes"),
        pytest.param("\\'\n" * 30_000, id="escaped quotes"),
        pytest.param("/*\n" * 30_000, id="comments"),
        pytest.param("$a$\n" * 20_000, id="dollars"),
        pytest.param("create function f(a text) as begin\n" * 1_000, id="routines"),
        pytest.param("(\n" * 30_000, id="parentheses"),
        pytest.param("select a from b where c = null and\n" * 1_500, id="one statement"),
        pytest.param("delete from t\n" * 1_500, id="deletions"),
    ],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    began = time.process_time()

    reading = read(Source.of("a.sql", text), Budget(5.0))

    assert reading.gaps == []
    assert time.process_time() - began < 2.0
