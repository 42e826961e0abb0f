"""Accounts whose password stands in the code: in calls, records, comparisons and seeds."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.credentials import is_described, secret_hit
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name, literal_at, own_literal, plain_text, text_of_literal
from server.analysis.python.settings import settings_in
from server.analysis.python.values import argument, values_of
from server.analysis.rule import Hit, check
from server.analysis.rules import HARDCODED_PASSWORD
from server.analysis.text.accounts import INSERTED_USER
from server.analysis.text.credentials import DEFAULT_CREDENTIALS
from server.analysis.text.looks import PLACEHOLDER, Promise, is_mixed, is_value, promise_of, snake

_USER = re.compile(r"(?:^|_)(?:user|username|user_name|uname|login|email|account|uid|usr|name)$")
_NOBODY = frozenset({"user", "username", "name", "string", "login", "email", "foo", "someone", "me"})


@check(
    HARDCODED_PASSWORD,
    on=(ast.Call, ast.Dict),
    bad=(
        "import pymysql\npymysql.connect(host='db', user='root', password='root', database='app')\n",
        "db.session.add(User(username='admin', password='admin'))\n",
        "USERS = [{'username': 'alice', 'password': 'wonderland', 'role': 'admin'}]\n",
        "import psycopg2\npsycopg2.connect(dbname='app', user='app', password='s3cret')\n",
    ),
    good=(
        "import pymysql\npymysql.connect(user=user, password='')\n",
        "labels = {'username': 'Username', 'password': 'Password'}\n",
        "User(username=name, password='')\n",
        "Schema(example={'username': 'alice', 'password': 'wonderland'})\n",
        "fields = {'username': 'text', 'password': 'password'}\n",
        "Form(user='user', password='pass')\n",
    ),
)
def hardcoded_account(node: ast.Call | ast.Dict, file: PythonFile) -> Iterator[Hit]:
    """A user's name together with a password, both constant."""
    pairs = (
        [pair for k in node.keywords for pair in settings_in(k)]
        if isinstance(node, ast.Call)
        else list(settings_in(node))
    )
    users = [text_of_literal(v) for name, v in pairs if _USER.search(name.lower())]
    if not any(user and user.lower() not in _NOBODY and user[0] not in "${<%" for user in users):
        return
    for name, value in pairs:
        literal = own_literal(value, file)
        if literal is None or promise_of(name) < Promise.PASSWORD:
            continue
        text = plain_text(literal)
        if _is_given_away(text) and text != text.capitalize() and not is_described(node, file):
            yield secret_hit(literal, name, file)


def _is_given_away(value: str) -> bool:
    """A password as it stands, not a hash of one."""
    return (
        is_value(value)
        and not _NOBODYS.search(value)
        and not PLACEHOLDER.search(value)
        and not _HASH.match(value)
        and len(value) < 60
    )


_NOBODYS = re.compile(r"dummy|fake", re.IGNORECASE)
_HASH = re.compile(r"\$2[aby]?\$|\$argon2|pbkdf2[:_]|scrypt[:$]|sha\d|\{SSHA|[0-9a-f]{32,}$|bcrypt|argon2|hashed_")


@check(
    HARDCODED_PASSWORD,
    on=called(
        *("connect", "create_connection", "login", "HTTPBasicAuth", "HTTPDigestAuth", "BasicAuth", "create_superuser"),
        *(
            "create_user",
            "generate_password_hash",
            "make_password",
            "set_password",
            "hashpw",
            "hash",
            "get_password_hash",
            "hash_pw",
            "encrypt_password",
            "create_password_hash",
        ),
        *("hash_password", "Redis", "StrictRedis", "check_password", "create_pool", "database"),
    ),
    bad=(
        "import pymysql\npymysql.connect('localhost', 'root', 'toor', 'app')\n",
        "import smtplib\nserver.login('me@acme.io', 'p4ssw0rd')\n",
        "User.objects.create_superuser('admin', 'a@acme.io', 'admin')\n",
        "admin.password = generate_password_hash('admin')\n",
        "user.set_password('letmein')\n",
        "import bcrypt\nbcrypt.hashpw(b'admin123', bcrypt.gensalt())\n",
        "import redis\nredis.Redis(host='cache', password='redis')\n",
        "import web\ndb = web.database(dbn='postgres', user='app', pw='b0ard!x')\n",
        "import psycopg2\npsycopg2.connect('dbname=app user=app password=postgres')\n",
        "import pymysql\nPASS = 'toor'\npymysql.connect(host='db', user='root', passwd=PASS)\n",
    ),
    good=(
        "import pymysql\npymysql.connect('localhost', user, password, 'app')\n",
        "client.login(username, password)\n",
        "User.objects.create_user('admin')\n",
        "user.set_password(form.password)\n",
        "import redis\nredis.Redis(host='cache', password=None)\n",
        "signal.connect('a', 'b', 'c')\n",
        "hash('name')\n",
    ),
)
def hardcoded_argument(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """The password that a call takes by its place or name, whatever it looks like."""
    given = _password_argument(call, file)
    literal = literal_at(given, file)
    if literal is not None and _is_given_away(plain_text(literal)):
        yield secret_hit(literal, "password", file)
    address = literal_at(call.args[0], file) if call.args and file.dotted(call.func).endswith(".connect") else None
    found = _DSN.search(plain_text(address)) if address is not None else None
    if address is not None and found is not None and is_value(found["value"]):
        yield secret_hit(address, "password", file, "A password in the address of a database")


_DSN = re.compile(r"(?:^|[\s;])(?:password|pwd)\s?=\s?['\"]?(?P<value>[^\s;'\"]{2,80})", re.IGNORECASE)
_CONNECTS = re.compile(
    r"(?:pymysql|MySQLdb|mysql|psycopg\d?|asyncpg|aiomysql|pymssql|oracledb|cx_Oracle|mariadb|paramiko|ftplib|imaplib|ldap\w*|smtplib)\b",
)
_PLACES = {
    "login": 1,
    "HTTPBasicAuth": 1,
    "HTTPDigestAuth": 1,
    "BasicAuth": 1,
    "create_superuser": 2,
    "create_user": 2,
    "generate_password_hash": 0,
    "make_password": 0,
    "set_password": 0,
    "get_password_hash": 0,
    "hash_password": 0,
    "hash_pw": 0,
    "encrypt_password": 0,
    "create_password_hash": 0,
    "hashpw": 0,
}


def _password_argument(call: ast.Call, file: PythonFile) -> ast.expr | None:
    name = file.dotted(call.func)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
    for keyword in call.keywords:
        if keyword.arg and promise_of(keyword.arg) >= Promise.PASSWORD and last != "hash":
            return keyword.value
    if last == "connect" and _CONNECTS.match(name):
        return argument(call, 2, "password")
    if last == "hash":
        return argument(call, 0, "secret") if _HASHER.search(name) else None
    return argument(call, _PLACES[last], "password") if last in _PLACES else None


_HASHER = re.compile(r"pwd|passw|bcrypt|argon|hasher|pbkdf|crypt_context", re.IGNORECASE)


@check(
    HARDCODED_PASSWORD,
    on=(ast.Compare,),
    bad=(
        "def f(username, password):\n    return username == 'admin' and password == 'secret'\n",
        "def f(request):\n    if request.form['password'] == 'hunter2!':\n        grant()\n",
        "def f(api_key):\n    return api_key == '9f8a7c6d5e4b3a2918f7e6d5'\n",
        "def f(token):\n    if token == 's3cr3t-token-1':\n        grant()\n",
        "def f(password):\n    return password == 'admin'\n",
        "def f(pin):\n    return pin == '1234'\n",
        "def f(request):\n    return request.headers.get('X-Admin-Token') == 'let-me-in'\n",
    ),
    good=(
        "def f(kind):\n    return kind == 'password'\n",
        "def f(password):\n    return password == ''\n",
        "def f(password):\n    return password == 'null'\n",
        "def f(field, password):\n    return password == 'password'\n",
        "def f(token):\n    return token == 'bearer'\n",
        "def f(token):\n    return token == '->'\n",
    ),
)
def compared_password(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        return
    for side, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
        if not isinstance(side, ast.Constant) or not isinstance(side.value, (str, bytes)):
            continue
        name, text = snake(last_name(other)), plain_text(side)
        promise = promise_of(name)
        mixed = is_mixed(text) and not PLACEHOLDER.search(text)
        beside_user = promise >= Promise.PASSWORD and is_value(text) and _compares_user(node, file)
        secret = promise > Promise.NOTHING or re.search(r"(?:^|_)(?:token|pin|passcode)$", name)
        sent = _is_sent(other, file) and len(text) > 5 and is_value(text)
        known = (secret and (sent or (mixed and any(map(str.isdigit, text))))) or (
            promise >= Promise.PASSWORD and mixed
        )
        guessed = promise >= Promise.PASSWORD and text in _GUESSED
        typed = re.search(r"(?:^|_)(?:pin|passcode|pin_code)$", name) and re.fullmatch(r"\d{4,8}", text)
        if guessed or typed or beside_user or known or (sent and mixed and name == "key"):
            yield secret_hit(side, name, file, f"{name} is compared with a value that stands in the code")


_GUESSED = frozenset(
    {"admin", "root", "toor", "letmein", "qwerty", "changeme", "welcome", "123456", "12345678", "supersecret"}
)


def _is_sent(node: ast.expr, file: PythonFile) -> bool:
    """Taken from a request: `request.headers.get("X-Token")`, or a name that was given that."""
    return any(
        _REQUEST.search(ast.unparse(value))
        for value in values_of(node, file)
        if isinstance(value, (ast.Call, ast.Subscript))
    )


_REQUEST = re.compile(r"(?:^|\.)(?:headers|args|form|cookies|GET|POST|query_params)\b")


def _compares_user(node: ast.Compare, file: PythonFile) -> bool:
    together = file.parents.get(node)
    return isinstance(together, ast.BoolOp) and any(
        isinstance(other, ast.Compare)
        and _USER.search(last_name(other.left).lower())
        and text_of_literal(other.comparators[0])
        for other in together.values
    )


_LOGIN = re.compile(r"[a-z][a-z0-9_.@-]*$")


@check(
    HARDCODED_PASSWORD,
    on=(ast.Assign,),
    bad=("admin = User()\nadmin.username = 'admin'\nadmin.password = 'admin'\n",),
    good=("self.password = 'hidden'\n", "admin.password = password\n", "args.password = 'prompt'\n"),
)
def assigned_password(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    """Of a record whose user name is constant, too."""
    target, literal = node.targets[0], own_literal(node.value, file)
    if literal is None or not isinstance(target, ast.Attribute) or promise_of(target.attr) is not Promise.PASSWORD:
        return
    record = ast.unparse(target.value)
    user = re.compile(rf"{re.escape(record)}\.(?:username|user_name|email|login|name)\s*=\s*['\"]")
    if len(record) < 40 and _is_given_away(plain_text(literal)) and user.search(file.source.text):
        yield secret_hit(literal, target.attr, file)


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
            if literal is not None and (named or guessed) and _is_given_away(text):
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
        and all(_is_given_away(plain_text(v)) for v in literals)
    ):
        yield secret_hit(literals[0], names[0], file, "Passwords of users stand in the code")


@check(
    HARDCODED_PASSWORD,
    on=(ast.keyword,),
    bad=(
        "import requests\nrequests.get(url, auth=('shop', 'toor'))\n",
        "import httpx\nclient = httpx.Client(auth=('shop', 'wonderland'))\n",
    ),
    good=(
        "import requests\nrequests.get(url, auth=('shop', password))\n",
        "import requests\nrequests.get(url, auth=('', ''))\n",
        "import requests\nrequests.get(url, auth=('user', 'pass'))\n",
    ),
)
def password_in_pair(node: ast.keyword, file: PythonFile) -> Iterator[Hit]:
    """`auth=(user, password)`, as requests and httpx take it."""
    pair = node.value
    if node.arg != "auth" or not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
        return
    user, literal = text_of_literal(pair.elts[0]), own_literal(pair.elts[1], file)
    if user and user.lower() not in _NOBODY and literal is not None and _is_given_away(plain_text(literal)):
        yield secret_hit(literal, "password", file)


_ADDRESS = re.compile(r"(?:^|[\s;])(?:host|dbname|server|database|data source)\s?=", re.IGNORECASE)


@check(
    HARDCODED_PASSWORD,
    on=(ast.Constant,),
    bad=("dsn = 'dbname=shop user=shop password=toor host=db'\n",),
    good=(
        "dsn = 'dbname=shop user=shop host=db'\n",
        "dsn = 'dbname=shop password=%s host=db'\n",
        "def f():\n    'host=db password=toor'\n",
    ),
)
def password_in_address(node: ast.Constant, file: PythonFile) -> Iterator[Hit]:
    """Where it is not written into the call that connects: `hardcoded_argument` sees that."""
    if not isinstance(node.value, str) or "assword" not in node.value or len(node.value) > 500:
        return
    found = _DSN.search(node.value)
    around = file.parents.get(node)
    if found is None or not _ADDRESS.search(node.value) or isinstance(around, (ast.Expr, ast.Call)):
        return
    if is_value(found["value"]) and not PLACEHOLDER.search(found["value"]) and not is_described(node, file):
        yield secret_hit(node, "password", file, "A password in the address of a database")


CHECKS = (
    password_in_pair,
    password_in_address,
    hardcoded_account,
    hardcoded_argument,
    compared_password,
    assigned_password,
    seeded_parameters,
    table_of_accounts,
    table_of_keys,
)
