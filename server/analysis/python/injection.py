"""Text that becomes a program: SQL, shell commands, code, templates, pickles."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import Origin, argument, is_built, origin_of, text_of
from server.analysis.rule import Hit, check
from server.analysis.rules import SQL_FROM_TEXT
from server.reviews.finding import Confidence, Severity

_SQL = re.compile(
    r"\b(?:select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|replace\s+into|drop\s+(?:table|database)"
    r"|alter\s+table|create\s+(?:table|database|user|role)|grant\b.+\bto|with\b.+\bas\s*\(|where\b|union\s+(?:all\s+)?select|exec(?:ute)?\s)",
    re.IGNORECASE | re.DOTALL,
)

_SEVERITY_BY_ORIGIN = {
    Origin.REQUEST: Severity.CRITICAL,
    Origin.PARAMETER: Severity.HIGH,
    Origin.UNKNOWN: Severity.MEDIUM,
}
_CONFIDENCE_BY_ORIGIN = {
    Origin.REQUEST: Confidence.HIGH,
    Origin.PARAMETER: Confidence.MEDIUM,
    Origin.UNKNOWN: Confidence.LOW,
}


@check(
    SQL_FROM_TEXT,
    on=called(
        "execute",
        "executemany",
        "executescript",
        "raw",
        "extra",
        "RawSQL",
        "text",
        "fetch",
        "fetchrow",
        "fetchval",
        "read_sql",
        "read_sql_query",
    ),
    bad=(
        "def f(name):\n    cursor.execute(f\"SELECT * FROM users WHERE name = '{name}'\")\n",
        "def f(name):\n    cursor.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)\n",
        'def f(name):\n    query = "DELETE FROM users WHERE name = \'" + name + "\'"\n    db.execute(query)\n',
        'def f(name):\n    query = "SELECT a FROM users"\n    if name:\n'
        '        query += " WHERE name = \'" + name + "\'"\n    db.execute(query)\n',
        "def f(name):\n    db.execute(\"SELECT * FROM users WHERE name = '{}'\".format(name))\n",
        'from sqlalchemy import text\ndef f(s, name):\n    s.execute(text(f"SELECT * FROM t WHERE a = {name}"))\n',
        'def f(request):\n    return User.objects.raw("SELECT * FROM u WHERE n = \'%s\'" % request.GET["n"])\n',
    ),
    good=(
        'def f(name):\n    cursor.execute("SELECT * FROM users WHERE name = %s", (name,))\n',
        'def f(ids):\n    marks = ", ".join("?" for _ in ids)\n'
        '    db.execute(f"SELECT a FROM t WHERE id IN ({marks})", ids)\n',
        'TABLE = "users"\ndef f():\n    db.execute(f"SELECT a FROM {TABLE}")\n',
        'def f(n):\n    db.execute(f"SELECT a FROM t LIMIT {int(n)}")\n',
        'def f(name):\n    run.execute(f"build {name}")\n',
        'def f():\n    q = "SELECT a " "FROM t"\n    db.execute(q + " WHERE a = 1")\n',
    ),
)
def sql_from_text(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    statement = next((a for a in (argument(call, 0, n) for n in ("sql", "query", "statement", "operation")) if a), None)
    if statement is None or not is_built(statement, file) or not _SQL.search(text_of(statement, file)):
        return
    origin = origin_of(statement, file)
    yield Hit(
        file.span(statement),
        "SQL put together from text instead of parameters",
        severity=_SEVERITY_BY_ORIGIN[origin],
        confidence=_CONFIDENCE_BY_ORIGIN[origin],
    )


CHECKS = (sql_from_text,)
