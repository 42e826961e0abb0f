"""Secrets that only the syntax tells from other literals: values of settings, fallbacks, keys that libraries take.

What a name and its value tell without syntax is found in `text/secrets.py`, in every language; both name the same
place, so that a secret that both see is one problem.
"""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import inside, last_name, literal_at, own_literal, plain_text, text_of_literal
from server.analysis.python.settings import settings_in
from server.analysis.python.values import argument
from server.analysis.rule import Hit, check
from server.analysis.rules import HARDCODED_PASSWORD, URL_PASSWORD
from server.analysis.text.accounts import DATABASE_URL, is_database_password
from server.analysis.text.credentials import DEFAULT_CREDENTIALS, HARDCODED_KEY
from server.analysis.text.looks import PLACEHOLDER, Promise, is_secret, is_value, promise_of


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
        "SIGNING = {'key': 'shop-signing-2021', 'algorithm': 'HS256'}\n",
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
        "COLUMN = {'key': 'shop-name', 'label': 'Shop'}\n",
        "key = 'name'\n",
    ),
)
def hardcoded_key(node: ast.Assign | ast.AnnAssign | ast.keyword | ast.Dict, file: PythonFile) -> Iterator[Hit]:
    for name, value in _named_in(node, file):
        literal = own_literal(value, file)
        promised = literal is not None and promise_of(name) is Promise.KEY and is_secret(name, plain_text(literal))
        if literal is not None and promised and not is_described(node, file):
            yield secret_hit(literal, name, file)


def _named_in(node: ast.AST, file: PythonFile) -> Iterator[tuple[str, ast.expr]]:
    """Of `SIGNING = {"key": ...}` the name is `SIGNING_key`."""
    parent = file.parents.get(node)
    whole = ""
    if isinstance(node, ast.Dict) and isinstance(parent, (ast.Assign, ast.AnnAssign)):
        whole = last_name(parent.targets[0] if isinstance(parent, ast.Assign) else parent.target)
    for name, value in settings_in(node):
        yield (f"{whole}_{name}" if whole and name.lower() in ("key", "secret", "secret_key") else name), value


def secret_hit(literal: ast.Constant, name: str, file: PythonFile, message: str = "") -> Hit:
    text = message or f"The value of {name} stands in the code"
    return Hit(inside(literal, file), text, evidence=f"{name or 'secret'} = …")


_DESCRIBES = re.compile(r"example|schema|label|help|description|message|choices|placeholder|error|title|widget|field")


def is_described(node: ast.AST, file: PythonFile) -> bool:
    """Part of an example in a schema, of a label or of a message."""
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.keyword) and ancestor.arg and _DESCRIBES.search(ancestor.arg):
            return True
        if isinstance(ancestor, ast.Dict):
            named = (text_of_literal(k) or "" for k, v in zip(ancestor.keys, ancestor.values, strict=True) if v is node)
            if any(_DESCRIBES.search(name.lower()) for name in named):
                return True
        if isinstance(ancestor, (ast.Assign, ast.AnnAssign)):
            return any(_DESCRIBES.search(name.lower()) for name, _ in settings_in(ancestor))
        if isinstance(ancestor, ast.stmt):
            return False
        node = ancestor
    return False


@check(
    HARDCODED_PASSWORD,
    on=(ast.Assign, ast.AnnAssign, ast.keyword),
    bad=(
        "import boto3\nboto3.client('s3', aws_secret_access_key='wJa1rXUtnFEMI/K7MDENG/bPxRfiCYzzzzzKEY')\n",
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
def hardcoded_constant(node: ast.Assign | ast.AnnAssign | ast.keyword, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        literal = own_literal(value, file)
        if literal is None or promise_of(name) not in (Promise.ACCOUNT_PASSWORD, Promise.TOKEN):
            continue
        if is_secret(name, plain_text(literal)) and not is_described(node, file):
            yield secret_hit(literal, name, file)


@check(
    DEFAULT_CREDENTIALS,
    on=called(
        *("getenv", "get", "config", "env", "str", "Field", "getvar", "setdefault", "get_env", "environ_get"),
        *("define", "add_argument", "option", "Option", "add_option"),
    ),
    bad=(
        "import os\nSECRET_KEY = os.environ.get('SECRET_KEY', 'change-me')\n",
        "import os\nkey = os.getenv('JWT_SECRET_KEY', 'jwt-secret')\n",
        "import os\nP = os.getenv('DB_PASSWORD', 'postgres')\n",
        "import os\nAPI_KEY = os.environ.get('API_KEY', 'local-dev-key')\n",
        "from decouple import config\nSECRET_KEY = config('SECRET_KEY', default='insecure')\n",
        "from pydantic import Field\nclass Settings:\n    secret_key: str = Field('not so secret')\n",
        "import os\napp.secret_key = os.getenv('BLOG', 'dev')\n",
        "import os\nserve(jwt_secret=os.environ.get('BLOG_SIGNING', 'blog'))\n",
        "from tornado.options import define\ndefine('cookie_secret', default='not so secret')\n",
        "parser.add_argument('--secret-key', default='not so secret')\n",
        "import os\nJWT = {'key': os.getenv('RIDES', 'rides and shines'), 'algorithm': 'HS256'}\n",
        "import click\n@click.option('--jwt-secret', default='hush')\ndef main(jwt_secret):\n    pass\n",
        "keys = Namespace(jwt_key=values.get('jwt_key', 'not so secret'))\n",
    ),
    good=(
        "import os\nSECRET_KEY = os.environ.get('SECRET_KEY', '')\n",
        "import os\nSECRET_KEY = os.environ.get('SECRET_KEY')\n",
        "import os\nDEBUG = os.getenv('DEBUG', 'false')\n",
        "form.get('password', 'password')\n",
        "import os\nP = os.getenv('SECRET_KEY_FILE', 'key')\n",
        "import os\napp.secret_key = os.getenv('BLOG', '')\n",
        "parser.add_argument('--secret-key', default='')\n",
        "parser.add_argument('--secret-key', help='signs sessions')\n",
        "labels.get('client_secret', 'Client secret')\n",
    ),
)
def default_secret(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """`os.getenv("SECRET_KEY", "dev")`: the value that holds when nobody sets one."""
    name, fallback = _setting(call, file)
    literal = literal_at(fallback, file)
    name = _promising(name, call, file)
    if literal is not None and _is_default(name, plain_text(literal)):
        yield secret_hit(literal, name, file, f"Without {name} in the environment, a value known to everyone holds")


def _promising(name: str, value: ast.expr, file: PythonFile) -> str:
    """Of what is read, and of what gets it, the name that says more: `app.secret_key = os.getenv("BLOG", "dev")`."""
    parent = file.parents.get(value)
    if not name or not isinstance(parent, (ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict)):
        return name
    given = [to for to, what in _named_in(parent, file) if what is value and promise_of(to) >= Promise.ACCOUNT_PASSWORD]
    return max((name, *given), key=promise_of)


def _setting(call: ast.Call, file: PythonFile) -> tuple[str, ast.expr | None]:
    """The name of the setting that the call reads, and what it gets when there is none."""
    function = file.dotted(call.func)
    if function in ("pydantic.Field", "pydantic_settings.Field"):
        parent = file.parents.get(call)
        named = last_name(parent.target) if isinstance(parent, ast.AnnAssign) else ""
        return named, argument(call, 0, "default")
    last = function.rpartition(".")[2]
    if last in _OPTIONS:
        names = [(text_of_literal(arg) or "").lstrip("-").replace("-", "_") for arg in call.args]
        return max(names, key=promise_of, default=""), argument(call, 99, "default")
    if last in ("get", "setdefault") and _reads_key(call, file):
        return text_of_literal(call.args[0]) or "", call.args[1]
    of_environment = "environ" in function or function.rpartition(".")[2] in ("getenv", "config", "env", "get_env")
    if not of_environment and not function.startswith(("env.", "environ.", "decouple.", "config.")):
        return "", None
    name = text_of_literal(call.args[0]) if call.args else None
    return name or "", argument(call, 1, "default")


_OPTIONS = frozenset({"define", "add_argument", "option", "Option", "add_option"})
"""Where a program says which options it has."""


def _reads_key(call: ast.Call, file: PythonFile) -> bool:
    """`keys["jwt_key"] = values.get("jwt_key", "hush")`: what is read, and what gets it, sign or encrypt."""
    if len(call.args) != 2 or promise_of(text_of_literal(call.args[0]) or "") is not Promise.KEY:
        return False
    parent = file.parents.get(call)
    named = settings_in(parent) if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict)) else ()
    return any(what is call and promise_of(to) is Promise.KEY for to, what in named)


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
        "import os\nclass Config:\n    SECRET_KEY = os.environ.get('BLOG') or 'blog-local-key'\n",
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
    name = _promising(name, node, file)
    if isinstance(first, (ast.Name, ast.Attribute)) and promise_of(name) < Promise.ACCOUNT_PASSWORD:
        return  # Of a connection that its user describes: mostly the default of a library.
    if _is_default(name, plain_text(literal)):
        yield secret_hit(literal, name, file, f"Without {name}, a value known to everyone holds")


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
    "pyramid.session.SignedCookieSessionFactory": (0, "secret"),
    "pyramid.authentication.AuthTktAuthenticationPolicy": (0, "secret"),
    "starlette.middleware.sessions.SessionMiddleware": (1, "secret_key"),
    "aiohttp_session.cookie_storage.EncryptedCookieStorage": (0, "secret_key"),
    "multiprocessing.connection.Listener": (3, "authkey"),
    "multiprocessing.connection.Client": (2, "authkey"),
    "multiprocessing.managers.BaseManager": (1, "authkey"),
    "multiprocessing.managers.SyncManager": (1, "authkey"),
}
"""Where calls take a key: the place and the name."""

_CIPHER_NEW = re.compile(r"^Crypto(?:dome)?\.Cipher\.\w+\.new$")


@check(
    HARDCODED_KEY,
    on=called("encode", "decode", "new", "digest", *sorted({n.rpartition(".")[2] for n in _KEYED if n[0] in "acimps"})),
    bad=(
        "import jwt\njwt.encode({'user': 1}, 'secret', algorithm='HS256')\n",
        "import jwt\nKEY = 'my key'\njwt.decode(token, KEY, algorithms=['HS256'])\n",
        "from Crypto.Cipher import AES\nAES.new(b'Sixteen byte key', AES.MODE_GCM)\n",
        "from Crypto.Cipher import AES\nKEY = bytes.fromhex('6b65792d6f662d706179726f6c6c2121')\n"
        "AES.new(KEY, AES.MODE_GCM)\n",
        "from cryptography.fernet import Fernet\nFernet(b'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=')\n",
        "import hmac\nhmac.new(b'shared', body, 'sha256')\n",
        "import hmac\nSHOP = 'hook-9f3k2'\ndef check(body):\n    return hmac.new(SHOP.encode(), body, 'sha256')\n",
        "from multiprocessing.connection import Listener\nListener(('', 6000), authkey=b'peekaboo')\n",
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
    given = argument(call, *place)
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "encode":
        given = given.func.value
    literal = literal_at(given, file)
    if literal is not None and len(plain_text(literal)) > 1 and "-----BEGIN PUBLIC" not in plain_text(literal):
        yield secret_hit(literal, "key", file, f"The key of {name.rpartition('.')[2]}() stands in the code")


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
    documents = isinstance(file.parents.get(node), ast.Expr) or is_described(node, file)
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
    hardcoded_key,
    hardcoded_constant,
    default_secret,
    default_after_or,
    hardcoded_library_key,
    database_url,
)
