"""Tables of accounts and keys that stand in the code, and accounts that are written into a database with it."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.accounts import is_given_away
from server.analysis.python.credentials import secret_hit
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name, own_literal, plain_text, text_of_literal
from server.analysis.python.settings import settings_in
from server.analysis.python.values import values_of
from server.analysis.rule import Hit, check
from server.analysis.rules import HARDCODED_PASSWORD
from server.analysis.text.accounts import INSERTED_USER
from server.analysis.text.credentials import DEFAULT_CREDENTIALS
from server.analysis.text.looks import Promise, is_mixed, promise_of


@check(
    DEFAULT_CREDENTIALS,
    on=called("execute", "executemany"),
    bad=(
        "db.execute('INSERT INTO users (name, password) VALUES (?, ?)', ('admin', 'admin123'))\n",
        "db.executemany('INSERT INTO users (name, password) VALUES (?, ?)', [('admin', 'admin'), ('bob', 'bob')])\n",
        "ROWS = [('admin', 'admin123')]\ndb.executemany('INSERT INTO users (name, password) VALUES (?, ?)', ROWS)\n",
    ),
    good=(
        "db.execute('INSERT INTO users (name, password) VALUES (?, ?)', (name, password))\n",
        "db.execute('INSERT INTO users (name, role) VALUES (?, ?)', ('admin', 'admin'))\n",
        "db.execute('INSERT INTO posts (name, password) VALUES (?, ?)', ('admin', 'admin'))\n",
    ),
)
def seeded_parameters(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """An account that every installation has; the statement with its values in it is found in the text."""
    if len(call.args) < 2:
        return
    statement = next((v for v in values_of(call.args[0], file)), None)
    found = INSERTED_USER.match((text_of_literal(statement) or "").lstrip()[:2_000])
    for values in values_of(call.args[1], file) if found is not None else ():
        rows = values.elts if isinstance(values, (ast.List, ast.Tuple)) else []
        row = rows[0] if rows and isinstance(rows[0], (ast.List, ast.Tuple)) else values
        columns = [column.strip() for column in found["columns"].split(",")] if found and found["columns"] else []
        for number, value in enumerate(row.elts if isinstance(row, (ast.List, ast.Tuple)) else ()):
            literal = own_literal(value, file)
            text = plain_text(literal) if literal is not None else ""
            named = number < len(columns) and promise_of(columns[number]) >= Promise.PASSWORD
            guessed = not columns and number > 0 and is_mixed(text) and "@" not in text
            if literal is not None and (named or guessed) and is_given_away(text):
                yield secret_hit(literal, "password", file, "Every installation has this account, with this password")
                return


_ACCOUNTS = re.compile(
    r"^_?(?:users?|accounts?|credentials|passwords|valid_users|user_db|users_db|fake_users?_db|logins)$"
)


_KEYS = re.compile(r"^_?(?:valid_|allowed_|known_)?(?:api_?keys|(?:api_|auth_|access_)?tokens|secrets)$")


@check(
    HARDCODED_PASSWORD,
    on=(ast.Assign,),
    bad=(
        "VALID_API_KEYS = ['key-12345-abcde', 'key-67890-fghij']\n",
        "API_KEYS = {'client1': 'abc123def456ghi'}\n",
    ),
    good=("TOKENS = ['if', 'else']\n", "API_KEYS = {}\n", "TOKENS = ['T1', 'T2']\n", "SECRETS = ['db-password']\n"),
)
def table_of_keys(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    """Keys of several clients; one problem for the whole table."""
    name, value = last_name(node.targets[0]), node.value
    if not _KEYS.match(name.lower()):
        return
    held = value.elts if isinstance(value, (ast.List, ast.Set, ast.Tuple)) else []
    held = value.values if isinstance(value, ast.Dict) else held
    literals = [literal for given in held if (literal := own_literal(given, file)) is not None]
    texts = [plain_text(literal) for literal in literals]
    if literals and all(len(text) > 9 and is_mixed(text) and sum(map(str.isdigit, text)) > 2 for text in texts):
        yield secret_hit(literals[0], name, file)


_LOGIN = re.compile(r"[a-z][a-z0-9_.@-]*$")


@check(
    HARDCODED_PASSWORD,
    on=(ast.Assign, ast.AnnAssign),
    bad=(
        "USERS = {'admin': 'admin123', 'bob': 'hunter2'}\n",
        "USERS = {'admin': 'admin', 'bob': 'bobpass'}\n",
        "credentials = {'root': 'toor'}\n",
    ),
    good=("USERS = {}\n", "users = {'admin': 'Administrator'}\n", "USERS = {'admin': hash_of('x')}\n"),
)
def table_of_accounts(node: ast.Assign | ast.AnnAssign, file: PythonFile) -> Iterator[Hit]:
    """`{user: password}`; one problem for the whole table."""
    names = [name for name, _ in settings_in(node)]
    if not isinstance(node.value, ast.Dict) or not any(_ACCOUNTS.match(name.lower()) for name in names):
        return
    literals = [value for value in node.value.values if isinstance(value, ast.Constant) and text_of_literal(value)]
    certain = any(
        is_mixed(plain_text(v)) or plain_text(v).lower() in ("toor", "hunter2", "letmein", "secret") for v in literals
    )
    certain = certain or any(
        text_of_literal(key) == text_of_literal(value)
        for key, value in zip(node.value.keys, node.value.values, strict=True)
    )
    plain = "credential" in names[0].lower() or "passw" in names[0].lower()
    users = all(_LOGIN.match(text_of_literal(key) or "") for key in node.value.keys)
    addresses = any("@" in plain_text(v) or " " in plain_text(v) for v in literals)
    if (
        literals
        and users
        and (certain or plain)
        and not addresses
        and all(is_given_away(plain_text(v)) for v in literals)
    ):
        yield secret_hit(literals[0], names[0], file, "Passwords of users stand in the code")


CHECKS = (
    seeded_parameters,
    table_of_accounts,
    table_of_keys,
)
