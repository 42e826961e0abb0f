"""Accounts whose password stands in calls, records and comparisons. Tables of them: `account_tables.py`."""

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
        if is_given_away(text) and text != text.capitalize() and not is_described(node, file):
            yield secret_hit(literal, name, file)


def is_given_away(value: str) -> bool:
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
        *("UsernameToken", "Connection"),
    ),
    bad=(
        "import pymysql\npymysql.connect('localhost', 'root', 'toor', 'app')\n",
        "import smtplib\nserver.login('me@acme.io', 'p4ssw0rd')\n",
        "User.objects.create_superuser('admin', 'a@acme.io', 'admin')\n",
        "admin.password = generate_password_hash('admin')\n",
        "user.set_password('letmein')\n",
        "import bcrypt\nbcrypt.hashpw(b'admin123', bcrypt.gensalt())\n",
        "import redis\nredis.Redis(host='cache', password='redis')\n",
        "from ldap3 import Connection\nConnection(server, 'cn=reader', 'r3ader-pw')\n",
        "from zeep.wsse.username import UsernameToken\nUsernameToken(user, 'p4rtner-pw')\n",
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
        "from kombu import Connection\nConnection('a', 'b', 'c')\n",
    ),
)
def hardcoded_argument(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """The password that a call takes by its place or name, whatever it looks like."""
    given = _password_argument(call, file)
    literal = literal_at(given, file)
    if literal is not None and is_given_away(plain_text(literal)):
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
    "UsernameToken": 1,
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
    if name == "ldap3.Connection":
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
        "def login(user, password):\n    if password == 'letmein-support':\n        session['user'] = 'support'\n",
        "def f(request):\n    return request.headers.get('X-Admin-Token') == 'let-me-in'\n",
    ),
    good=(
        "def f(kind):\n    return kind == 'password'\n",
        "def f(password):\n    return password == ''\n",
        "def f(password):\n    return password == 'null'\n",
        "def f(field, password):\n    return password == 'password'\n",
        "def f(token):\n    return token == 'bearer'\n",
        "def login(user, password):\n    if password == 'token':\n        return by_token(user)\n",
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
        guessed = promise >= Promise.PASSWORD and (text in _GUESSED or (len(text) > 7 and _is_login(node, file)))
        typed = re.search(r"(?:^|_)(?:pin|passcode|pin_code)$", name) and re.fullmatch(r"\d{4,8}", text)
        if guessed or typed or beside_user or known or (sent and mixed and name == "key"):
            yield secret_hit(side, name, file, f"{name} is compared with a value that stands in the code")


_GUESSED = frozenset(
    {"admin", "root", "toor", "letmein", "qwerty", "changeme", "welcome", "123456", "12345678", "supersecret"}
)


def _is_login(node: ast.Compare, file: PythonFile) -> bool:
    """In what lets people in: whatever it compares a password with opens the door."""
    function = file.function_of(node)
    return function is not None and re.search(r"log_?in|sign_?in|authenticate", function.name) is not None


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
    if len(record) < 40 and is_given_away(plain_text(literal)) and user.search(file.source.text):
        yield secret_hit(literal, target.attr, file)


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
    if user and user.lower() not in _NOBODY and literal is not None and is_given_away(plain_text(literal)):
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
)
