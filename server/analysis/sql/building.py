"""Statements that a routine puts together from its parameters, and runs. By words, in the order of the text."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from server.analysis.rule import Hit, check
from server.analysis.rules import SHELL_COMMAND, SQL_FROM_TEXT
from server.analysis.sql.file import Routine, SqlFile, leaf
from server.analysis.sql.tokens import Sort, Token

_QUOTING = frozenset(
    {
        *("quote_ident", "quote_literal", "quote_nullable", "quotename", "quote", "dbms_assert", "enquote_name"),
        *("enquote_literal", "simple_sql_name", "schema_name", "sql_object_name", "object_id", "to_regclass"),
        *("length", "len", "char_length", "count", "coalesce_int", "to_number", "to_date", "md5"),
    }
)
"""Functions whose result is no SQL, whatever they are given."""


class Run(NamedTuple):
    """*tokens*: the text that is run as a statement, or as a command of the machine."""

    begin: Token
    tokens: Sequence[Token]
    is_command: bool = False


@check(
    SQL_FROM_TEXT,
    on=(Routine,),
    bad=(
        "CREATE PROCEDURE find @name nvarchar(50) AS\nEXEC('SELECT * FROM users WHERE name = ''' + @name + '''')\n",
        "CREATE PROCEDURE find @name nvarchar(50) AS\nBEGIN\n  DECLARE @sql nvarchar(max)\n"
        "  SET @sql = N'SELECT * FROM users WHERE name = ''' + @name + ''''\n  EXEC sp_executesql @sql\nEND\n",
        "CREATE FUNCTION find(p_name text) RETURNS int AS $$\nBEGIN\n"
        "  EXECUTE 'DELETE FROM users WHERE name = ''' || p_name || '''';\nEND $$ LANGUAGE plpgsql;\n",
        "CREATE FUNCTION find(p_name text) RETURNS int AS $$\nBEGIN\n"
        "  EXECUTE format('DELETE FROM %s', p_name);\nEND $$ LANGUAGE plpgsql;\n",
        "CREATE PROCEDURE find(IN p_name VARCHAR(50))\nBEGIN\n"
        "  SET @q = CONCAT('SELECT * FROM users WHERE name = ', p_name);\n  PREPARE s FROM @q;\n  EXECUTE s;\nEND;\n",
        "CREATE OR REPLACE PROCEDURE find(p_name IN VARCHAR2) IS\nBEGIN\n"
        "  EXECUTE IMMEDIATE 'DELETE FROM users WHERE name = ' || p_name;\nEND;\n",
    ),
    good=(
        "CREATE FUNCTION find(p_name text) RETURNS int AS $$\nBEGIN\n"
        "  EXECUTE format('DELETE FROM %I WHERE name = $1', p_name) USING p_name;\nEND $$ LANGUAGE plpgsql;\n",
        "CREATE FUNCTION find(p_name text) RETURNS int AS $$\nBEGIN\n"
        "  EXECUTE 'DROP TABLE ' || quote_ident(p_name);\nEND $$ LANGUAGE plpgsql;\n",
        "CREATE FUNCTION find(p_id int) RETURNS int AS $$\nBEGIN\n"
        "  EXECUTE 'DELETE FROM users WHERE id = ' || p_id;\nEND $$ LANGUAGE plpgsql;\n",
        "CREATE PROCEDURE find @name nvarchar(50) AS\n"
        "EXEC sp_executesql N'SELECT * FROM users WHERE name = @n', N'@n nvarchar(50)', @n = @name\n",
        "CREATE PROCEDURE find @name nvarchar(50) AS\nSELECT 'Hello ' + @name\nEXEC log_it @name\n",
    ),
)
def statement_from_parameter(routine: Routine, file: SqlFile) -> Iterator[Hit]:
    for run, names in _built(routine):
        if not run.is_command:
            message = f"{', '.join(names)} of {routine.name or 'the routine'} becomes part of the statement"
            yield Hit(file.span([run.begin, *run.tokens]), message)


@check(
    SHELL_COMMAND,
    on=(Routine,),
    bad=(
        "CREATE PROCEDURE show @folder varchar(200) AS\nBEGIN\n  DECLARE @c varchar(500)\n"
        "  SET @c = 'dir ' + @folder\n  EXEC master..xp_cmdshell @c\nEND\n",
    ),
    good=("CREATE PROCEDURE show AS\nEXEC xp_cmdshell 'dir C:\\backup'\n",),
)
def command_from_parameter(routine: Routine, file: SqlFile) -> Iterator[Hit]:
    for run, names in _built(routine):
        if run.is_command:
            message = f"{', '.join(names)} of {routine.name or 'the routine'} becomes part of the command"
            yield Hit(file.span([run.begin, *run.tokens]), message)


def _built(routine: Routine) -> Iterator[tuple[Run, list[str]]]:
    """What runs, with the parameters in it."""
    if not routine.parameters:
        return
    holds = {parameter: {parameter} for parameter in routine.parameters}
    built: dict[str, set[str]] = {}
    body = _body(routine.tokens)
    for index, token in enumerate(body):
        target = _assigned(body, index)
        if target:
            value = _expression(body, index + 1)
            parameters, is_built = _parameters_in(value, holds, built)
            _keep(target, parameters, is_built=is_built, holds=holds, built=built)
            continue
        run = _run(body, index) if token.is_name else None
        if run is not None:
            parameters, is_built = _parameters_in(run.tokens, holds, built)
            if parameters and is_built:
                yield run, sorted(parameters)


def _body(tokens: Sequence[Token]) -> Sequence[Token]:
    """From where the parameters end; their defaults assign nothing."""
    depth = 0
    for index, token in enumerate(tokens):
        if token.sort is Sort.SIGN:
            depth += (token.word == "(") - (token.word == ")")
        if depth == 0 and (token.sort is Sort.BODY or (token.is_name and token.word in ("as", "is", "begin"))):
            return [token for token in tokens[index:] if token.sort is not Sort.BODY]
    return ()


def _assigned(tokens: Sequence[Token], index: int) -> str:
    """The variable to which the sign there gives a value, or ""."""
    token = tokens[index]
    if token.sort is not Sort.SIGN or token.word not in (":=", "=") or index == 0 or not tokens[index - 1].is_name:
        return ""
    name = tokens[index - 1].word
    if token.word == ":=":
        return _declared(tokens, index) or name
    before = tokens[index - 2].word if index >= 2 else ""
    return name if before in ("set", "select", ";", "then", "begin", "loop", "else", ",") else _declared(tokens, index)


def _declared(tokens: Sequence[Token], index: int) -> str:
    """`declare @sql nvarchar(max) = ...`, `query text := ...`."""
    for at in range(index - 1, max(index - 8, 0), -1):
        if tokens[at - 1].word in ("declare", ";", ","):
            return tokens[at].word if tokens[at].is_name else ""
    return ""


def _expression(tokens: Sequence[Token], start: int) -> Sequence[Token]:
    part = leaf(tokens, start) if start < len(tokens) else ()
    for index, token in enumerate(part):
        if token.is_name and (token.word in ("into", "using") or (token.word in ("set", "select", "from") and index)):
            return part[:index]
    return part


def _run(tokens: Sequence[Token], index: int) -> Run | None:
    word = tokens[index].word
    following = tokens[index + 1].word if index + 1 < len(tokens) else ""
    if word == "xp_cmdshell":
        return Run(tokens[index], _expression(tokens, index + 1), is_command=True)
    if word == "sp_executesql":
        return Run(tokens[index], _first_argument(_expression(tokens, index + 1)))
    if word in ("exec", "execute") and following not in ("procedure", "function", "on", "as", ","):
        if following == "immediate":
            return Run(tokens[index], _expression(tokens, index + 2))
        if following == "(" or word == "execute":
            return Run(tokens[index], _expression(tokens, index + 1))
    if word == "prepare" and index + 3 < len(tokens) and tokens[index + 2].word == "from":
        return Run(tokens[index], _expression(tokens, index + 3))
    if word == "for" and index >= 2 and tokens[index - 2].word == "open":
        return Run(tokens[index], _expression(tokens, index + 1)) if following not in ("select", "with") else None
    return None


def _first_argument(tokens: Sequence[Token]) -> Sequence[Token]:
    depth = 0
    for index, token in enumerate(tokens):
        if token.sort is Sort.SIGN:
            depth += (token.word == "(") - (token.word == ")")
            if token.word == "," and depth == 0:
                return tokens[:index]
    return tokens


def _parameters_in(
    tokens: Sequence[Token], holds: dict[str, set[str]], built: dict[str, set[str]]
) -> tuple[set[str], bool]:
    """The parameters whose text is in the value, and whether they stand in a text that was put together."""
    found: set[str] = set()
    is_built = False
    has_text = any(token.sort is Sort.TEXT for token in tokens)
    for token in _unquoted(tokens):
        found |= holds.get(token.word, set())
        is_built = is_built or token.word in built
    return found, is_built or (bool(found) and has_text)


def _unquoted(tokens: Sequence[Token]) -> Iterator[Token]:
    """The names whose values are not quoted by a function, nor by a `%I` or `%L` of format()."""
    quoted_until, depth = -1, 0
    for index, token in enumerate(tokens):
        if token.sort is Sort.SIGN and token.word in "()":
            depth += 1 if token.word == "(" else -1
            if depth == quoted_until:
                quoted_until = -1
        elif token.is_name and quoted_until < 0:
            following = tokens[index + 1].word if index + 1 < len(tokens) else ""
            if token.word in _QUOTING or (token.word == "format" and _quotes_all(tokens[index + 1 : index + 3])):
                quoted_until = depth
            elif following != "(":
                yield token


def _quotes_all(opening: Sequence[Token]) -> bool:
    return len(opening) == 2 and opening[1].sort is Sort.TEXT and "%s" not in opening[1].word.replace("$s", "%s")


def _keep(
    target: str, parameters: set[str], *, is_built: bool, holds: dict[str, set[str]], built: dict[str, set[str]]
) -> None:
    """A text that is put together step by step stays what it was."""
    if parameters:
        holds[target] = holds.get(target, set()) | parameters
    if is_built and parameters:
        built[target] = parameters


CHECKS = (statement_from_parameter, command_from_parameter)
