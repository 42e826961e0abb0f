"""Secrets that only the syntax tells from other literals: fallbacks, keys of libraries, seeds, comparisons.

What a name and its value tell without syntax is found in `text/secrets.py`, in every language; both name the same
place, so that a secret that both see is one problem.
"""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import inside, last_name, literal_at, text_of_literal
from server.analysis.python.values import argument
from server.analysis.rule import Hit, check
from server.analysis.rules import HARDCODED_PASSWORD, URL_PASSWORD
from server.analysis.text.credentials import (
    DATABASE_URL,
    DEFAULT_CREDENTIALS,
    HARDCODED_KEY,
    is_database_password,
)
from server.analysis.text.looks import PLACEHOLDER, Promise, is_mixed, is_secret, is_value, promise_of


@check(
    HARDCODED_KEY,
    on=(ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict),
    bad=(
        "app.secret_key = 'dev'\n",
        "app.config['SECRET_KEY'] = 'supersecret'\n",
        "SECRET_KEY = 'django-insecure-abc'\n",
        "JWT_SECRET: str = 'mysecret'\n",
        "app.config.update(SECRET_KEY='keyboard cat')\n",
        "config = {'jwt_secret': 'hush hush'}\n",
        "ENCRYPTION_KEY = b'0123456789abcdef'\n",
        "AES_KEY = 'sixteen byte key'.encode()\n",
    ),
    good=(
        "app.secret_key = os.environ['SECRET_KEY']\n",
        "app.secret_key = secrets.token_hex(32)\n",
        "SECRET_KEY = ''\n",
        "CONF_CLIENT_SECRET = 'client_secret'\n",
        "SECRET_KEY = '/run/secrets/key'\n",
        "SECRET_KEY = f'{prefix}'\n",
        "schema = {'client_secret': 'string'}\n",
        "key = 'name'\n",
    ),
)
def hardcoded_key(node: ast.Assign | ast.AnnAssign | ast.keyword | ast.Dict, file: PythonFile) -> Iterator[Hit]:
    for name, value in _given(node):
        literal = literal_at(value, file) if not isinstance(value, ast.Name) else None
        promised = literal is not None and promise_of(name) is Promise.KEY and is_secret(name, _text(literal))
        if literal is not None and promised and not _is_described(node, file):
            yield _secret(literal, name, file)


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that get a value, and the values."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield last_name(target), node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield last_name(node.target), node.value
    elif isinstance(node, ast.keyword):
        yield node.arg or "", node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield (text_of_literal(key) or "") if isinstance(key, ast.Constant) else "", value


def _text(literal: ast.Constant) -> str:
    return text_of_literal(literal) or ""


def _secret(literal: ast.Constant, name: str, file: PythonFile, message: str = "") -> Hit:
    text = message or f"The value of {name} stands in the code"
    return Hit(inside(literal, file), text, evidence=f"{name or 'secret'} = …")


_DESCRIBES = re.compile(r"example|schema|label|help|description|message|choices|placeholder|error|title|widget|field")


def _is_described(node: ast.AST, file: PythonFile) -> bool:
    """Part of an example in a schema, of a label or of a message."""
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.keyword) and ancestor.arg and _DESCRIBES.search(ancestor.arg):
            return True
        if isinstance(ancestor, ast.Dict):
            named = (text_of_literal(k) or "" for k, v in zip(ancestor.keys, ancestor.values, strict=True) if v is node)
            if any(_DESCRIBES.search(name.lower()) for name in named):
                return True
        if isinstance(ancestor, (ast.Assign, ast.AnnAssign)):
            return any(_DESCRIBES.search(name.lower()) for name, _ in _given(ancestor))
        if isinstance(ancestor, ast.stmt):
            return False
        node = ancestor
    return False


@check(
    HARDCODED_PASSWORD,
    on=(ast.Assign, ast.AnnAssign),
    bad=(
        "DB_PASSWORD = 'password'\n",
        "self.admin_password = 'admin'\n",
        "app.config['MYSQL_PASSWORD'] = 'root'\n",
        "AWS_SECRET_ACCESS_KEY = 'wJa1rXUtnFEMI/K7MDENG/bPxRfiCYzzzzzKEY'\n",
        "STRIPE_API_KEY = 'sk_live_51H8abcdef1234567890'\n",
    ),
    good=(
        "DB_PASSWORD = ''\n",
        "PASSWORD = 'password'\n",
        "FORGOTTEN_PASSWORD = 'forgotten'\n",
        "API_KEY = 'your-api-key'\n",
        "API_KEY = 'x-api-key'\n",
        "ADMIN_PASSWORD = 'admin_password'\n",
    ),
)
def hardcoded_constant(node: ast.Assign | ast.AnnAssign, file: PythonFile) -> Iterator[Hit]:
    for name, value in _given(node):
        literal = literal_at(value, file) if not isinstance(value, ast.Name) else None
        if literal is None or promise_of(name) not in (Promise.ACCOUNT_PASSWORD, Promise.TOKEN):
            continue
        if is_secret(name, _text(literal)) and not _is_described(node, file):
            yield _secret(literal, name, file)


@check(
    DEFAULT_CREDENTIALS,
    on=called("getenv", "get", "config", "env", "str", "Field", "getvar", "setdefault", "get_env", "environ_get"),
    bad=(
        "import os\nSECRET_KEY = os.environ.get('SECRET_KEY', 'change-me')\n",
        "import os\nkey = os.getenv('JWT_SECRET_KEY', 'jwt-secret')\n",
        "import os\nP = os.getenv('DB_PASSWORD', 'postgres')\n",
        "import os\nAPI_KEY = os.environ.get('API_KEY', 'local-dev-key')\n",
        "from decouple import config\nSECRET_KEY = config('SECRET_KEY', default='insecure')\n",
        "from pydantic import Field\nclass Settings:\n    secret_key: str = Field('not so secret')\n",
    ),
    good=(
        "import os\nSECRET_KEY = os.environ.get('SECRET_KEY', '')\n",
        "import os\nSECRET_KEY = os.environ.get('SECRET_KEY')\n",
        "import os\nDEBUG = os.getenv('DEBUG', 'false')\n",
        "form.get('password', 'password')\n",
        "import os\nP = os.getenv('SECRET_KEY_FILE', 'key')\n",
    ),
)
def default_secret(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """`os.getenv("SECRET_KEY", "dev")`: the value that holds when nobody sets one."""
    name, fallback = _setting(call, file)
    literal = literal_at(fallback, file)
    if literal is not None and _is_default(name, _text(literal)):
        yield _secret(literal, name, file, f"Without {name} in the environment, a value known to everyone holds")


def _setting(call: ast.Call, file: PythonFile) -> tuple[str, ast.expr | None]:
    """The name of the setting that the call reads, and what it gets when there is none."""
    function = file.dotted(call.func)
    if function in ("pydantic.Field", "pydantic_settings.Field"):
        parent = file.parents.get(call)
        named = last_name(parent.target) if isinstance(parent, ast.AnnAssign) else ""
        return named, argument(call, 0, "default")
    of_environment = "environ" in function or function.rpartition(".")[2] in ("getenv", "config", "env", "get_env")
    if not of_environment and not function.startswith(("env.", "environ.", "decouple.", "config.")):
        return "", None
    name = text_of_literal(call.args[0]) if call.args else None
    return name or "", argument(call, 1, "default")


def _is_default(name: str, value: str) -> bool:
    promise = promise_of(name)
    if promise is Promise.PASSWORD:
        return is_value(value) and not PLACEHOLDER.search(value)
    if promise is Promise.KEY:
        return is_value(value)
    if promise is Promise.TOKEN or _OWN_KEY.search(name):
        return is_value(value) and len(value) > 5 and not PLACEHOLDER.search(value)
    return is_secret(name, value)


_OWN_KEY = re.compile(
    r"^(?!.*(?:CACHE|PARTITION|PRIMARY|SORT|FOREIGN|PUBLIC|PREFIX|OBJECT|LOOKUP|ROUTING|REDIS|S3))[A-Z]+_KEY$"
)
"""`BLOG_KEY` in an environment: what else would be read from there?"""


@check(
    DEFAULT_CREDENTIALS,
    on=(ast.BoolOp,),
    bad=(
        "import os\napp.secret_key = os.environ.get('SECRET_KEY') or 'dev key'\n",
        "import os\nkey = os.getenv('JWT_SECRET') or 'secret'\n",
    ),
    good=(
        "import os\napp.secret_key = os.environ.get('SECRET_KEY') or secrets.token_hex()\n",
        "name = given or 'secret'\n",
    ),
)
def default_after_or(node: ast.BoolOp, file: PythonFile) -> Iterator[Hit]:
    first, literal = node.values[0], literal_at(node.values[-1], file)
    if not isinstance(node.op, ast.Or) or literal is None or isinstance(node.values[-1], ast.Name):
        return
    name = _setting(first, file)[0] if isinstance(first, ast.Call) else last_name(first)
    if _is_default(name, _text(literal)):
        yield _secret(literal, name, file, f"Without {name}, a value known to everyone holds")


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
    pairs = [pair for k in node.keywords for pair in _given(k)] if isinstance(node, ast.Call) else list(_given(node))
    users = [text_of_literal(v) for name, v in pairs if _USER.search(name.lower())]
    if not any(user and user.lower() not in _NOBODY and user[0] not in "${<%" for user in users):
        return
    for name, value in pairs:
        literal = literal_at(value, file)
        if literal is None or promise_of(name) < Promise.PASSWORD or isinstance(value, ast.Name):
            continue
        text = _text(literal)
        if _is_given_away(text) and text != text.capitalize() and not _is_described(node, file):
            yield _secret(literal, name, file)


def _is_given_away(value: str) -> bool:
    """A password as it stands, not a hash of one."""
    return is_value(value) and not PLACEHOLDER.search(value) and not _HASH.match(value) and len(value) < 60


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
        ),
        *("hash_password", "Redis", "StrictRedis", "check_password"),
    ),
    bad=(
        "import pymysql\npymysql.connect('localhost', 'root', 'toor', 'app')\n",
        "import smtplib\nserver.login('me@acme.io', 'p4ssw0rd')\n",
        "User.objects.create_superuser('admin', 'a@acme.io', 'admin')\n",
        "admin.password = generate_password_hash('admin')\n",
        "user.set_password('letmein')\n",
        "import bcrypt\nbcrypt.hashpw(b'admin123', bcrypt.gensalt())\n",
        "import redis\nredis.Redis(host='cache', password='redis')\n",
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
    if literal is not None and _is_given_away(_text(literal)):
        yield _secret(literal, "password", file)


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
        name, text = last_name(other), _text(side)
        promise = promise_of(name)
        mixed = is_mixed(text) and not PLACEHOLDER.search(text)
        beside_user = promise >= Promise.PASSWORD and is_value(text) and _compares_user(node, file)
        secret = promise > Promise.NOTHING or re.search(r"(?:^|_)(?:token|pin|passcode)$", name)
        if beside_user or (secret and mixed and any(map(str.isdigit, text))) or (promise >= Promise.PASSWORD and mixed):
            yield _secret(side, name, file, f"{name} is compared with a value that stands in the code")


def _compares_user(node: ast.Compare, file: PythonFile) -> bool:
    together = file.parents.get(node)
    return isinstance(together, ast.BoolOp) and any(
        isinstance(other, ast.Compare)
        and _USER.search(last_name(other.left).lower())
        and text_of_literal(other.comparators[0])
        for other in together.values
    )


_LOGIN = re.compile(r"[a-z][a-z0-9_.@-]*$")
_ACCOUNTS = re.compile(
    r"^_?(?:users?|accounts?|credentials|passwords|valid_users|user_db|users_db|fake_users?_db|logins)$"
)


@check(
    HARDCODED_PASSWORD,
    on=(ast.Assign, ast.AnnAssign),
    bad=("USERS = {'admin': 'admin123', 'bob': 'hunter2'}\n", "credentials = {'root': 'toor'}\n"),
    good=("USERS = {}\n", "users = {'admin': 'Administrator'}\n", "USERS = {'admin': hash_of('x')}\n"),
)
def table_of_accounts(node: ast.Assign | ast.AnnAssign, file: PythonFile) -> Iterator[Hit]:
    """`{user: password}`; one problem for the whole table."""
    names = [name for name, _ in _given(node)]
    if not isinstance(node.value, ast.Dict) or not any(_ACCOUNTS.match(name.lower()) for name in names):
        return
    literals = [value for value in node.value.values if isinstance(value, ast.Constant) and text_of_literal(value)]
    certain = any(is_mixed(_text(v)) or _text(v).lower() in ("toor", "hunter2", "letmein", "secret") for v in literals)
    plain = "credential" in names[0].lower() or "passw" in names[0].lower()
    users = all(_LOGIN.match(text_of_literal(key) or "") for key in node.value.keys)
    addresses = any("@" in _text(v) or " " in _text(v) for v in literals)
    if literals and users and (certain or plain) and not addresses and all(_is_given_away(_text(v)) for v in literals):
        yield _secret(literals[0], names[0], file, "Passwords of users stand in the code")


_KEYED = {
    "jwt.encode": (1, "key"),
    "jwt.decode": (1, "key"),
    "jose.jwt.encode": (1, "key"),
    "jose.jwt.decode": (1, "key"),
    "hmac.new": (0, "key"),
    "hmac.digest": (0, "key"),
    "cryptography.fernet.Fernet": (0, "key"),
    "itsdangerous.URLSafeTimedSerializer": (0, "secret_key"),
    "itsdangerous.URLSafeSerializer": (0, "secret_key"),
    "itsdangerous.TimedJSONWebSignatureSerializer": (0, "secret_key"),
    "itsdangerous.JSONWebSignatureSerializer": (0, "secret_key"),
    "itsdangerous.Signer": (0, "secret_key"),
    "itsdangerous.TimestampSigner": (0, "secret_key"),
    "cryptography.hazmat.primitives.ciphers.algorithms.AES": (0, "key"),
    "cryptography.hazmat.primitives.ciphers.aead.AESGCM": (0, "key"),
    "cryptography.hazmat.primitives.ciphers.aead.ChaCha20Poly1305": (0, "key"),
    "starlette.middleware.sessions.SessionMiddleware": (1, "secret_key"),
}
"""Where calls take a key: the place and the name."""

_CIPHER_NEW = re.compile(r"^Crypto(?:dome)?\.Cipher\.\w+\.new$")


@check(
    HARDCODED_KEY,
    on=called("encode", "decode", "new", "digest", *sorted({n.rpartition(".")[2] for n in _KEYED if n[0] in "cis"})),
    bad=(
        "import jwt\njwt.encode({'user': 1}, 'secret', algorithm='HS256')\n",
        "import jwt\nKEY = 'my key'\njwt.decode(token, KEY, algorithms=['HS256'])\n",
        "from Crypto.Cipher import AES\nAES.new(b'Sixteen byte key', AES.MODE_GCM)\n",
        "from cryptography.fernet import Fernet\nFernet(b'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=')\n",
        "import hmac\nhmac.new(b'shared', body, 'sha256')\n",
    ),
    good=(
        "import jwt\njwt.encode({'user': 1}, key, algorithm='HS256')\n",
        "import jwt\njwt.decode(token, '', options={'verify_signature': False})\n",
        "from Crypto.Cipher import AES\nAES.new(key, AES.MODE_GCM)\n",
        "'text'.encode('utf-8')\n",
        "import hmac\nhmac.new(b'Client Key', body, 'sha256')\nscram = 'SCRAM-SHA-256'\n",
    ),
)
def hardcoded_library_key(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    place = (0, "key") if _CIPHER_NEW.match(name) else _KEYED.get(name)
    if place is None or (name.startswith("hmac.") and "scram" in file.source.text.lower()):
        return
    literal = literal_at(argument(call, *place), file)
    if literal is not None and len(_text(literal)) > 1 and "-----BEGIN PUBLIC" not in _text(literal):
        yield _secret(literal, "key", file, f"The key of {name.rpartition('.')[2]}() stands in the code")


@check(
    URL_PASSWORD,
    on=(ast.Constant,),
    bad=(
        "SQLALCHEMY_DATABASE_URI = 'mysql://root:root@localhost/shop'\n",
        "engine = create_engine('postgresql+psycopg2://app:app@db:5432/app')\n",
        "import os\nurl = os.getenv('DATABASE_URL', 'postgresql://postgres:postgres@db/app')\n",
    ),
    good=(
        "url = 'postgresql://localhost/app'\n",
        "url = f'postgresql://app:{password}@db/app'\n",
        "url = 'postgresql://user:password@localhost/app'\n",
        "def f():\n    'postgresql://app:app@db/app'\n",
        "p.add_argument('--dsn', help='postgresql://app:app@db/app')\n",
    ),
)
def database_url(node: ast.Constant, file: PythonFile) -> Iterator[Hit]:
    if not isinstance(node.value, str) or "://" not in node.value:
        return
    found = DATABASE_URL.match(node.value)
    documents = isinstance(file.parents.get(node), ast.Expr) or _is_described(node, file)
    if found and is_database_password(found) and not documents:
        span = inside(node, file)
        if file.source.extract(span) == node.value:
            first, last = (span.start_column + offset for offset in found.span("password"))
            span = span._replace(start_column=first, end_column=last)
        yield Hit(
            span,
            f"A password in the address of {found['host']}",
            evidence=f"{node.value.partition(':')[0]}://{found['user']}:…@{found['host']}",
        )


CHECKS = (
    database_url,
    hardcoded_key,
    hardcoded_constant,
    default_secret,
    default_after_or,
    hardcoded_account,
    hardcoded_argument,
    compared_password,
    table_of_accounts,
    hardcoded_library_key,
)
