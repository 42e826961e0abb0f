"""Statements that do more than they should: to every row, for everybody, or nothing at all."""

import re
from collections.abc import Iterator, Sequence

from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import HARDCODED_PASSWORD
from server.analysis.sql.file import Routine, SqlFile, Statement, leaf, name_at
from server.analysis.sql.tokens import Sort, Token
from server.analysis.text.credentials import is_documentation
from server.analysis.text.looks import PLACEHOLDER
from server.reviews.finding import Confidence, Severity

CHANGES_EVERY_ROW = Rule(
    "hive.sql-changes-every-row",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Without a WHERE the statement changes or deletes all rows of the table.",
    remedy="Say which rows are meant. Where all are: TRUNCATE, or a WHERE that is always true, tells the reader so.",
    in_tests=False,
)
NULL_COMPARISON = Rule(
    "hive.sql-null-comparison",
    Kind.BUG,
    Severity.MEDIUM,
    Confidence.HIGH,
    "Nothing equals NULL, and nothing differs from it: the condition is never true, whatever the row holds.",
    cwe=480,
    also=(697, 1025, 570),
    remedy="Write IS NULL or IS NOT NULL; in a list keep NULL apart: `x IN (1, 2) OR x IS NULL`.",
)
CROSS_JOIN = Rule(
    "hive.sql-cross-join",
    Kind.BUG,
    Severity.LOW,
    Confidence.MEDIUM,
    "Tables beside each other without a condition give every row of one with every row of the other.",
    remedy="Join them ON what belongs together; where every pair is meant, write CROSS JOIN.",
    in_tests=False,
)
BROAD_GRANT = Rule(
    "hive.sql-broad-grant",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "The account may do more than a program needs: one injected statement, and the whole server is open.",
    cwe=250,
    also=(269, 732, 272, 266),
    remedy="Grant the few rights on the few tables that the program uses, to a role of its own.",
    in_tests=False,
)
UNSAFE_DEFINER = Rule(
    "hive.sql-definer-search-path",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "The function runs with its owner's rights but looks names up on its caller's path: the caller's tables and"
    " functions take the place of those that were meant.",
    cwe=426,
    also=(427, 250, 269),
    remedy="Add `SET search_path = ''` and qualify every name, or `SET search_path = pg_catalog, <schema>, pg_temp`.",
    in_tests=False,
)

_DONE_ON_PURPOSE = re.compile(
    r"seed|fixture|reset|clean|clear|truncat|teardown|tear_down|(?:^|[/_.-])down(?:[/_.-]|$)|rollback|revert|undo|demo"
    r"|sample|example|purge|wipe|init|dump|backup|reload|refresh|load|import",
    re.IGNORECASE,
)
_MIGRATES = re.compile(
    r"migrat|(?:^|/)(?:alembic|flyway|liquibase|changesets?|upgrades?|updates?|patches)(?:/|$)|(?:^|/)V?\d+_|(?:^|/)\d{8,14}\.sql$"
)
_BEFORE = frozenset({"", ";", "begin", "then", "else", "loop", "as", "go", "end", "is", "do", ")"})
"""After which a statement begins; else DELETE and UPDATE are parts of a foreign key, a trigger or a grant."""

_LIMITS = frozenset({"where", "join", "using", "limit", "top", "from", "current"})


@check(
    CHANGES_EVERY_ROW,
    on=(Statement,),
    bad=(
        "DELETE FROM orders;\n",
        "UPDATE users SET is_admin = 1;\n",
        "BEGIN;\nUPDATE shop.users SET role = 'guest', note = 'a; b';\nCOMMIT;\n",
    ),
    good=(
        "DELETE FROM orders WHERE paid = 0;\nUPDATE users SET is_admin = 0 WHERE id = 3;\n",
        "CREATE TEMP TABLE t (a int);\nDELETE FROM t;\n",
        "ALTER TABLE o ADD FOREIGN KEY (u) REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE;\n",
        "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1;\n",
        "UPDATE a SET n = (SELECT count(*) FROM b WHERE b.a = a.id);\n",
        "GRANT SELECT, UPDATE, DELETE ON orders TO app;\n",
        "CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION f();\n",
        "DELETE FROM prices;\nINSERT INTO prices SELECT * FROM new_prices;\n",
    ),
)
def changes_every_row(statement: Statement, file: SqlFile) -> Iterator[Hit]:
    if _DONE_ON_PURPOSE.search(file.source.path) or "merge" in statement.words:
        return
    tokens = statement.tokens
    for index, token in enumerate(tokens):
        before = tokens[index - 1].word if index else ""
        if not token.is_name or token.word not in ("delete", "update") or before not in _BEFORE:
            continue
        part = leaf(tokens, index)
        words = [other.word for other in part if other.sort is not Sort.TEXT]
        table = _changed_table(part)
        if not table or table in file.made or table.startswith(("#", "@")):
            continue
        if token.word == "delete" and not _LIMITS.intersection(words[2:]) and not _is_filled(table, file):
            yield Hit(file.span(part), f"Every row of {table} is deleted")
        elif token.word == "update" and not _LIMITS.intersection(words) and not _MIGRATES.search(file.source.path):
            yield Hit(file.span(part), f"Every row of {table} is changed", confidence=Confidence.LOW)


def _changed_table(part: Sequence[Token]) -> str:
    """Of `delete from t` and `update [only] t [as] a set`; "" of what only looks like one."""
    words = [token.word for token in part[:8]]
    if words[0] == "delete":
        return name_at(part, 2) if words[1:2] == ["from"] else ""
    return name_at(part, 2 if words[1:2] == ["only"] else 1) if "set" in words[2:] else ""


def _is_filled(table: str, file: SqlFile) -> bool:
    """Whether the file puts other rows there."""
    tokens = file.tokens
    return any(
        token.word == "into" and tokens[index - 1].word == "insert" and name_at(tokens, index + 1) == table
        for index, token in enumerate(tokens)
        if index
    )


_CONDITIONS = frozenset({"where", "having", "on", "and", "or", "not", "when", "if", "elsif", "check", "while"})
_CLAUSES = _CONDITIONS | {
    "set",
    "select",
    "values",
    "exec",
    "execute",
    "call",
    "declare",
    "then",
    "else",
    "as",
    "begin",
}


@check(
    NULL_COMPARISON,
    on=(Statement,),
    bad=(
        "SELECT * FROM users WHERE deleted_at = NULL;\n",
        "DELETE FROM users WHERE name <> NULL AND id > 3;\n",
        "SELECT * FROM users WHERE id NOT IN (1, 2, NULL);\n",
    ),
    good=(
        "UPDATE users SET name = NULL, note = NULL WHERE id = 1;\n",
        "SELECT * FROM users WHERE deleted_at IS NULL AND name IN (1, NULL);\n",
        "CREATE PROCEDURE f @a int = NULL, @b int = NULL AS SELECT 1;\n",
        "EXEC f @a = NULL;\n",
        "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = NULL;\n",
    ),
)
def null_comparison(statement: Statement, file: SqlFile) -> Iterator[Hit]:
    tokens = statement.tokens
    for index, token in enumerate(tokens):
        if not token.is_name or token.word != "null" or index < 2:
            continue
        sign = tokens[index - 1]
        if sign.sort is Sort.SIGN and sign.word in ("=", "<>", "!=") and _is_condition(tokens, index - 1):
            yield Hit(file.span(tokens[index - 2 : index + 1]), f"`{sign.word} NULL` is never true")
        elif sign.word in (",", "(") and _is_not_in(tokens, index):
            yield Hit(file.span(tokens[index : index + 1]), "NOT IN with a NULL among the values is never true")


def _is_condition(tokens: Sequence[Token], index: int) -> bool:
    """By the last word before it that begins a clause, at its depth or around it."""
    depth = 0
    for token in reversed(tokens[:index]):
        if token.sort is Sort.SIGN:
            depth += (token.word == ")") - (token.word == "(")
        elif token.is_name and depth <= 0 and token.word in _CLAUSES:
            return token.word in _CONDITIONS
        elif (
            token.is_name
            and depth <= 0
            and token.word in ("update", "by", "parameters", "procedure", "function", "proc")
        ):
            return False
    return False


def _is_not_in(tokens: Sequence[Token], index: int) -> bool:
    """Whether the list of values around it follows NOT IN."""
    for at in range(index - 1, 1, -1):
        if tokens[at].word == "(" and tokens[at].sort is Sort.SIGN:
            return tokens[at - 1].word == "in" and tokens[at - 2].word == "not"
        if tokens[at].word == ")" or tokens[at].word == "select":
            return False
    return False


@check(
    CROSS_JOIN,
    on=(Statement,),
    bad=("SELECT * FROM users, orders;\n", "SELECT u.name FROM users u, orders AS o ORDER BY u.name;\n"),
    good=(
        "SELECT * FROM users u, orders o WHERE u.id = o.user_id;\n",
        "SELECT * FROM users CROSS JOIN sizes;\n",
        "SELECT * FROM users u, unnest(u.tags) t;\n",
        "SELECT * FROM users u, LATERAL (SELECT 1) x;\n",
        "SELECT a, b FROM users ORDER BY a, b;\n",
    ),
)
def cross_join(statement: Statement, file: SqlFile) -> Iterator[Hit]:
    """Only of two plain tables, where nothing restricts what comes together."""
    words = statement.words
    if "where" in words or "join" in words or "select" not in words or "from" not in words:
        return
    begin = words.index("from")
    match = _TABLES.match(" ".join(words[begin : begin + 14]) + " ")
    if match is not None and not {match["one"], match["other"]} & {"lateral", "dual", "(", "unnest"}:
        yield Hit(
            file.span(statement.tokens[begin:]), f"Every row of {match['one']} comes with each of {match['other']}"
        )


_ALIAS = r"(?: (?:as )?(?!order\b|group\b|limit\b|union\b|for\b|where\b)[a-z_]\w*)?"
_TABLES = re.compile(
    rf"from (?:[a-z_]\w* \. )*(?P<one>[a-z_]\w*){_ALIAS} , (?:[a-z_]\w* \. )*(?P<other>[a-z_]\w*){_ALIAS}"
    r" (?:$|;|order |group |limit |union )"
)


@check(
    BROAD_GRANT,
    on=(Statement,),
    bad=(
        "GRANT ALL ON orders TO PUBLIC;\n",
        "GRANT ALL PRIVILEGES ON *.* TO 'app'@'%';\n",
        "CREATE ROLE app LOGIN SUPERUSER;\n",
        "ALTER USER app WITH SUPERUSER;\n",
    ),
    good=(
        "GRANT SELECT, INSERT ON orders TO app;\n",
        "GRANT ALL ON ALL TABLES IN SCHEMA shop TO app;\n",
        "GRANT ALL ON SCHEMA public TO PUBLIC;\n",
        "CREATE ROLE app LOGIN NOSUPERUSER;\n",
        "GRANT ALL PRIVILEGES ON shop.* TO 'app'@'localhost';\n",
    ),
)
def broad_grant(statement: Statement, file: SqlFile) -> Iterator[Hit]:
    words = statement.words
    if is_documentation(file.source):
        return
    if words[:2] == ["grant", "all"]:
        if words[-1] == "public" and "to" in words[-3:] and "schema" not in words:
            yield Hit(file.span(statement.tokens), "Everybody gets all rights")
        elif "on" in words and words[words.index("on") + 1 :][:4] == ["*", ".", "*", "to"]:
            yield Hit(file.span(statement.tokens), "The account gets all rights on every database of the server")
    elif words[:1] in (["create"], ["alter"]) and words[1:2] in (["role"], ["user"]) and "superuser" in words:
        yield Hit(file.span(statement.tokens), "The account becomes a superuser")


@check(
    HARDCODED_PASSWORD,
    on=(Statement,),
    bad=(
        "CREATE USER app WITH PASSWORD 'hunter2';\n",
        "CREATE USER 'app'@'%' IDENTIFIED BY 'hunter2';\n",
        "CREATE LOGIN app WITH PASSWORD = 'Hunter2!';\n",
        "ALTER ROLE app ENCRYPTED PASSWORD 'hunter2';\n",
    ),
    good=(
        "CREATE USER app WITH PASSWORD :'password';\n",
        "CREATE USER app WITH PASSWORD '${APP_PASSWORD}';\n",
        "CREATE USER app PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$a:b';\n",
        "CREATE USER app PASSWORD '<password>';\n",
        "CREATE USER app IDENTIFIED BY RANDOM PASSWORD;\n",
    ),
)
def password_of_account(statement: Statement, file: SqlFile) -> Iterator[Hit]:
    words, tokens = statement.words, statement.tokens
    kind = next((word for word in words[1:6] if word in ("user", "role", "login")), "")
    if (
        words[0] not in ("create", "alter", "set")
        or not (kind or words[1:2] == ["password"])
        or is_documentation(file.source)
    ):
        return
    for index, token in enumerate(tokens):
        if token.sort is Sort.TEXT and _takes_password(words[:index]) and _is_password(token.word):
            yield Hit(
                file.span(tokens[: index + 1]),
                "The account's password stands in the script",
                confidence=Confidence.HIGH,
                evidence=f"{words[0].upper()} {kind.upper()} … PASSWORD …",
            )
            return


def _takes_password(words: Sequence[str]) -> bool:
    plain = [word for word in words if word != "="]
    return plain[-1:] in (["password"], ["by"]) and (plain[-1] != "by" or "identified" in plain[-4:])


def _is_password(text: str) -> bool:
    is_hash = re.match(r"SCRAM-SHA-256\$|md5[0-9a-f]{32}$|\*[0-9A-F]{40}$|0x", text)
    return (
        bool(text) and not is_hash and not re.search(r"[${}:%&]\w|\{\{|^[$:&%]", text) and not PLACEHOLDER.search(text)
    )


@check(
    UNSAFE_DEFINER,
    on=(Routine,),
    bad=(
        "CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql SECURITY DEFINER;\n",
        "CREATE FUNCTION f() RETURNS int SECURITY DEFINER AS $$ SELECT 1; $$ LANGUAGE sql;\n",
    ),
    good=(
        "CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql SECURITY DEFINER SET search_path = '';\n",
        "CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql SECURITY INVOKER;\n",
        "CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql SECURITY DEFINER;\n"
        "ALTER FUNCTION f() SET search_path = '';\n",
        "CREATE PROCEDURE p() SQL SECURITY DEFINER SELECT 1;\n",
    ),
)
def definer_without_path(routine: Routine, file: SqlFile) -> Iterator[Hit]:
    words = [token.word for token in routine.tokens]
    is_postgres = any(token.sort is Sort.BODY for token in routine.tokens)
    for index, word in enumerate(words[:-1]):
        if word == "security" and words[index + 1] == "definer" and is_postgres and routine.name not in file.with_path:
            yield Hit(
                file.span(routine.tokens), f"{routine.name} runs as its owner, with the search_path of its caller"
            )
            return


CHECKS = (
    changes_every_row,
    null_comparison,
    cross_join,
    broad_grant,
    password_of_account,
    definer_without_path,
)
