"""A statement of SQL, as far as its text tells: what it does, to which tables, and by which column it picks its
rows.
"""

import re
from typing import NamedTuple

from server.analysis.web.facts import Act

ACT_OF_SQL = {
    "select": Act.READ,
    "insert": Act.CREATE,
    "update": Act.CHANGE,
    "replace": Act.CHANGE,
    "delete": Act.DELETE,
    "drop": Act.DELETE,
    "truncate": Act.DELETE,
    "alter": Act.CHANGE,
}
_STATEMENT = re.compile(
    r"^\s*(?:with\b[^;]{0,500}?\)\s*)?(select|insert|update|delete|replace|drop|truncate|alter)\b", re.IGNORECASE
)
_TABLE = re.compile(r"\b(?:from|into|update|table|join)\s+[`\"\[]?([A-Za-z_][\w.]*)", re.IGNORECASE)
_BY_KEY = re.compile(r"\bwhere\b(?:[^;]*?[\s(.`\"])?(\w+)[`\"]?\s*=\s*(?:%|\?|:|\$|'|\"|\{|\s*$)", re.IGNORECASE)


class Statement(NamedTuple):
    """*key*: the first column that is compared with a value of the caller; "" when none is."""

    verb: str
    tables: tuple[str, ...]
    key: str


def statement_of(sql: str) -> Statement | None:
    """None for what is no statement."""
    found = _STATEMENT.match(sql)
    if found is None:
        return None
    key = _BY_KEY.search(sql)
    tables = tuple(table.rpartition(".")[2].lower() for table in _TABLE.findall(sql))
    return Statement(found[1].lower(), tables, key[1] if key else "")
