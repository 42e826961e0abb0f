"""Cryptography and trust: certificates, passwords, tokens, random numbers, what strangers are shown."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.values import argument, is_constant, values_of
from server.analysis.rule import Hit, check
from server.analysis.rules import (
    AUTOESCAPE_OFF,
    DEBUG_MODE,
    PERMISSIVE_CORS,
    PREDICTABLE_SECRET,
    TIMING_COMPARE,
    TLS_UNVERIFIED,
    UNVERIFIED_TOKEN,
    WEAK_CIPHER,
    WEAK_PASSWORD_HASH,
)
from server.reviews.finding import Confidence, Edit, Fix, Severity

EVERYWHERE = "0.0.0.0"  # noqa: S104  # what to look for, not where to listen

_HTTP_CALLS = (
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "Session",
    "Client",
    "AsyncClient",
    "stream",
)
_HTTP_LIBRARIES = frozenset({"requests", "httpx", "aiohttp", "urllib3"})


@check(
    TLS_UNVERIFIED,
    on=called(*_HTTP_CALLS, "TCPConnector", "PoolManager"),
    bad=(
        "import requests\nrequests.get(url, verify=False)\n",
        "import requests\ns = requests.Session()\ns.post(url, verify=False)\n",
        "import httpx\nhttpx.AsyncClient(verify=False)\n",
        "import aiohttp\naiohttp.TCPConnector(ssl=False)\n",
        "import urllib3\nurllib3.PoolManager(cert_reqs='CERT_NONE')\n",
    ),
    good=(
        "import requests\nrequests.get(url, verify='/etc/ca.pem')\n",
        "import requests\nrequests.get(url)\n",
        "import mine\nmine.get(url, verify=False)\n",
        "import aiohttp\naiohttp.TCPConnector(ssl=context)\n",
    ),
)
def unverified_call(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not _HTTP_LIBRARIES & {module.partition(".")[0] for module in file.imports.values()}:
        return
    for keyword in call.keywords:
        off = keyword.arg in ("verify", "ssl", "verify_ssl") and is_constant(keyword.value, False)
        none = keyword.arg == "cert_reqs" and "CERT_NONE" in ast.unparse(keyword.value)
        if off or none:
            yield Hit(
                file.span(keyword), f"{keyword.arg}={ast.unparse(keyword.value)} turns off the check of certificates"
            )


@check(
    TLS_UNVERIFIED,
    on=(ast.Assign,),
    bad=(
        "import ssl\ncontext.verify_mode = ssl.CERT_NONE\n",
        "import ssl\nssl._create_default_https_context = ssl._create_unverified_context\n",
        "import requests\nsession = requests.Session()\nsession.verify = False\n",
        "import ssl\ncontext = ssl.create_default_context()\ncontext.check_hostname = False\n",
    ),
    good=(
        "import ssl\ncontext.verify_mode = ssl.CERT_REQUIRED\n",
        "import requests\nsession.verify = '/etc/ca.pem'\n",
        "self.verify = False\n",
    ),
)
def unverified_assignment(node: ast.Assign, file: PythonFile) -> Iterator[Hit]:
    modules = {module.partition(".")[0] for module in file.imports.values()}
    for target in node.targets:
        name = target.attr if isinstance(target, ast.Attribute) else ""
        off = is_constant(node.value, False)
        if isinstance(target, ast.Attribute) and file.dotted(target.value) == "self":
            continue  # A wrapper of the option, not a use of it.
        mode = name == "verify_mode" and file.dotted(node.value) == "ssl.CERT_NONE"
        default = (
            name == "_create_default_https_context" and file.dotted(node.value) == "ssl._create_unverified_context"
        )
        hostname = name == "check_hostname" and off and "ssl" in modules
        session = name == "verify" and off and "requests" in modules and isinstance(target, ast.Attribute)
        if mode or default or hostname or (session and "session" in file.text(target).lower()):
            chosen = any(isinstance(a, ast.If) for a in file.ancestors(node))
            yield Hit(
                file.span(node),
                "The check of certificates is turned off",
                severity=Severity.MEDIUM if chosen else Severity.HIGH,
                confidence=Confidence.LOW if chosen else Confidence.MEDIUM,
            )


@check(
    TLS_UNVERIFIED,
    on=called("_create_unverified_context"),
    bad=("import ssl\nssl._create_unverified_context()\n",),
    good=("import ssl\nssl.create_default_context()\n",),
)
def unverified_context(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if file.dotted(call.func) == "ssl._create_unverified_context":
        yield Hit(file.span(call), "A TLS context that checks nothing")


_PASSWORD = re.compile(r"passw(?:or)?d|passphrase|(?<![a-z])pwd(?![a-z])", re.IGNORECASE)
_FAST_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "new")


@check(
    WEAK_PASSWORD_HASH,
    on=called(*_FAST_HASHES),
    bad=(
        "import hashlib\ndef f(password):\n    return hashlib.md5(password.encode()).hexdigest()\n",
        "from hashlib import sha256\ndef f(user, pwd):\n    return sha256(pwd.encode()).hexdigest() == user.hash\n",
        "import hashlib\ndef f(password, salt):\n    return hashlib.new('sha1', salt + password).digest()\n",
    ),
    good=(
        "import hashlib\ndef f(data):\n    return hashlib.md5(data).hexdigest()\n",
        "import hashlib\ndef f(password, salt):\n    return hashlib.pbkdf2_hmac('sha256', password, salt, 600000)\n",
        "import hashlib\ndef f(password):\n    return hashlib.sha1(password, usedforsecurity=False).hexdigest()\n",
    ),
)
def weak_password_hash(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if not name.startswith("hashlib.") or any(
        k.arg == "usedforsecurity" and is_constant(k.value, False) for k in call.keywords
    ):
        return
    names = (
        n.id if isinstance(n, ast.Name) else n.attr
        for a in call.args
        for n in ast.walk(a)
        if isinstance(n, (ast.Name, ast.Attribute))
    )
    if any(map(_PASSWORD.search, names)):
        broken = name in ("hashlib.md5", "hashlib.sha1") or "md5" in file.text(call) or "sha1" in file.text(call)
        algorithm = name.removeprefix("hashlib.")
        yield Hit(
            file.span(call),
            f"A password is hashed with {'a fast hash' if algorithm == 'new' else algorithm}",
            severity=Severity.HIGH if broken else Severity.MEDIUM,
        )


_SECRET_NAME = re.compile(
    r"passw(?:or)?d|passphrase|secret|api_?key|(?:session|csrf|reset|auth|access|verification|invite|activation)_?(?:id|token|code|key)"
    r"|(?:^|_)otp(?:$|_)|one_?time|private_?key",
    re.IGNORECASE,
)
_GENERATORS = frozenset(
    {"choice", "choices", "randint", "random", "randrange", "sample", "getrandbits", "randbytes", "shuffle"}
)


@check(
    PREDICTABLE_SECRET,
    on=called(*sorted(_GENERATORS)),
    bad=(
        "import random, string\ndef f():\n"
        "    password = ''.join(random.choice(string.ascii_letters) for _ in range(9))\n"
        "    return password\n",
        "import random\nself.reset_token = str(random.randint(0, 999999))\n",
        "from random import choices\ndef make_api_key():\n    return ''.join(choices('abc', k=20))\n",
    ),
    good=(
        "import secrets\ndef f():\n    password = secrets.token_urlsafe()\n    return password\n",
        "import random\ndef f():\n    token = random.choice(tokens)\n    return token\n",
        "import random\ndef make_password():\n    return random.SystemRandom().choice('abc')\n",
        "import random\ndef f():\n    delay = random.random()\n    return delay\n",
        "import secrets as random\npassword = random.choice('abc')\n",
    ),
)
def predictable_secret(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    root, _, name = file.dotted(call.func).partition(".")
    if root != "random" or name not in _GENERATORS:
        return
    if any(_SECRET_NAME.search(target) for target in _given_names(call, file)):
        yield Hit(file.span(call), f"A secret made with random.{name}()", confidence=Confidence.MEDIUM)


def _given_names(node: ast.AST, file: PythonFile) -> Iterator[str]:
    """The names that the value gets: assignment targets, keywords, and the function that returns it."""
    for ancestor in file.ancestors(node):
        if isinstance(ancestor, ast.Assign):
            yield from (file.text(target) for target in ancestor.targets)
        elif isinstance(ancestor, ast.keyword) and ancestor.arg:
            yield ancestor.arg
        elif isinstance(ancestor, ast.Return):
            function = file.function_of(ancestor)
            if function is not None:
                yield function.name
        if isinstance(ancestor, ast.stmt):
            return


@check(
    TIMING_COMPARE,
    on=(ast.Compare,),
    bad=(
        "import hmac\ndef f(key, body, given):\n    return hmac.new(key, body, 'sha256').hexdigest() == given\n",
        "import hmac\ndef f(key, body, given):\n    expected = hmac.new(key, body, 'sha256').hexdigest()\n"
        "    if expected != given:\n        raise ValueError\n",
        "import hmac\ndef f(key, body, given):\n    expected = 'sha256=' + hmac.new(key, body, 'sha256').hexdigest()\n"
        "    return given == expected\n",
    ),
    good=(
        "import hmac\ndef f(key, body, given):\n    expected = hmac.new(key, body, 'sha256').hexdigest()\n"
        "    return hmac.compare_digest(expected, given)\n",
        "import hashlib\ndef f(body, given):\n    return hashlib.sha256(body).hexdigest() == given\n",
        "import hmac\ndef f(a, b):\n    return a == b\n",
    ),
)
def timing_compare(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    if "hmac" not in file.imports.values() or len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        return
    left, right = node.left, node.comparators[0]
    if any(_is_hmac(value, file) for side in (left, right) for value in values_of(side, file)):
        negation = "not " if isinstance(node.ops[0], ast.NotEq) else ""
        text = f"{negation}hmac.compare_digest({file.text(left)}, {file.text(right)})"
        plain = (
            isinstance(file.parents[node], (ast.If, ast.Return, ast.Assign, ast.BoolOp))
            and file.imports.get("hmac") == "hmac"
        )
        span = file.span(node)
        fix = Fix("Compare in constant time", (Edit(*span, text),)) if plain else None
        yield Hit(span, "A signature is compared with ==", fix)


def _is_hmac(node: ast.AST, file: PythonFile) -> bool:
    return any(
        isinstance(n, ast.Call) and file.dotted(n.func) in ("hmac.new", "hmac.digest", "hmac.HMAC")
        for n in ast.walk(node)
    )


@check(
    UNVERIFIED_TOKEN,
    on=called("decode"),
    bad=(
        "import jwt\njwt.decode(token, options={'verify_signature': False})\n",
        "import jwt\njwt.decode(token, key, verify=False)\n",
        "from jose import jwt\njwt.decode(token, key, algorithms=['none'])\n",
    ),
    good=(
        "import jwt\njwt.decode(token, key, algorithms=['RS256'])\n",
        "import jwt\njwt.decode(token, key, algorithms=['RS256'], options={'verify_aud': False})\n",
        "import codecs\ncodecs.decode(data, verify=False)\n",
    ),
)
def unverified_token(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not file.dotted(call.func).endswith("jwt.decode"):
        return
    for keyword in call.keywords:
        texts = [n.value for n in ast.walk(keyword.value) if isinstance(n, ast.Constant)]
        off = keyword.arg == "options" and _sets_false(keyword.value, "verify_signature")
        none = keyword.arg == "algorithms" and any(isinstance(t, str) and t.lower() == "none" for t in texts)
        if off or none or (keyword.arg == "verify" and is_constant(keyword.value, False)):
            yield Hit(
                file.span(call),
                "The token is read without checking its signature",
                severity=Severity.HIGH,
                confidence=Confidence.MEDIUM,
            )
            return


def _sets_false(node: ast.expr, key: str) -> bool:
    if not isinstance(node, ast.Dict):
        return False
    pairs = zip(node.keys, node.values, strict=True)
    return any(isinstance(k, ast.Constant) and k.value == key and is_constant(v, False) for k, v in pairs)


@check(
    DEBUG_MODE,
    on=called("run"),
    bad=(
        "from flask import Flask\napp = Flask(__name__)\napp.run(debug=True)\n",
        "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n"
        "    app.run(host='0.0.0.0', debug=True)\n",
    ),
    good=(
        "from flask import Flask\napp = Flask(__name__)\napp.run()\n",
        "import asyncio\nasyncio.run(main(), debug=True)\n",
        "from flask import Flask\napp.run(debug=settings.debug)\n",
    ),
)
def debug_mode(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not any(module.startswith(("flask", "bottle", "quart", "sanic")) for module in file.imports.values()):
        return
    if file.dotted(call.func).startswith("asyncio."):
        return
    debug = next((k for k in call.keywords if k.arg == "debug" and is_constant(k.value, True)), None)
    if debug is not None:
        span = file.span(debug.value)
        open_to_all = any(
            k.arg == "host" and isinstance(k.value, ast.Constant) and k.value.value == EVERYWHERE for k in call.keywords
        )
        yield Hit(
            file.span(debug),
            "The web server starts with its debugger",
            Fix("Turn the debugger off", (Edit(*span, "False"),), safe=False),
            severity=Severity.HIGH if open_to_all else Severity.MEDIUM,
        )


@check(
    AUTOESCAPE_OFF,
    on=called("Environment"),
    bad=(
        "import jinja2\njinja2.Environment(autoescape=False).get_template('index.html')\n",
        "from jinja2 import Environment\nEnvironment().get_template('page.html')\n",
    ),
    good=(
        "import jinja2\njinja2.Environment(autoescape=True).get_template('index.html')\n",
        "from jinja2 import Environment, select_autoescape\n"
        "Environment(autoescape=select_autoescape()).get_template('a.html')\n",
        "from jinja2 import Environment\nEnvironment().get_template('main.c')\n",
    ),
)
def autoescape_off(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Only where HTML is made: source code and mail texts must not be escaped."""
    if not file.dotted(call.func).startswith("jinja2.") or any(keyword.arg is None for keyword in call.keywords):
        return
    given = argument(call, 99, "autoescape")
    if (given is None or is_constant(given, False)) and re.search(r"\.html?\b|text/html", file.source.text):
        yield Hit(file.span(call), "Jinja does not escape values in these templates")


@check(
    PERMISSIVE_CORS,
    on=called("CORS", "add_middleware", "CORSMiddleware"),
    bad=(
        "from fastapi.middleware.cors import CORSMiddleware\n"
        "app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)\n",
        "from flask_cors import CORS\nCORS(app, origins='*', supports_credentials=True)\n",
    ),
    good=(
        "from fastapi.middleware.cors import CORSMiddleware\napp.add_middleware(CORSMiddleware, allow_origins=['*'])\n",
        "from flask_cors import CORS\nCORS(app, origins=['https://a.example'], supports_credentials=True)\n",
    ),
)
def permissive_cors(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    origins = given.get("allow_origins") or given.get("origins") or given.get("allow_origin_regex")
    anyone = origins is not None and any(
        isinstance(n, ast.Constant) and n.value in ("*", ".*") for n in ast.walk(origins)
    )
    if anyone and any(is_constant(given.get(name), True) for name in ("allow_credentials", "supports_credentials")):
        yield Hit(file.span(call), "Any origin may send requests with cookies")


@check(
    WEAK_CIPHER,
    on=called("new", "Cipher", "ECB"),
    bad=(
        "from Crypto.Cipher import AES\nAES.new(key, AES.MODE_ECB)\n",
        "from Crypto.Cipher import DES\nDES.new(key, DES.MODE_CBC, iv)\n",
        "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes\n"
        "Cipher(algorithms.AES(key), modes.ECB())\n",
    ),
    good=(
        "from Crypto.Cipher import AES\nAES.new(key, AES.MODE_GCM)\n",
        "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes\n"
        "Cipher(algorithms.AES(key), modes.GCM(iv))\n",
    ),
)
def weak_cipher(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if "Crypto" in name and name.endswith(".new"):
        weak = re.search(r"\.(DES3?|ARC[24]|Blowfish)\.", name) or any("MODE_ECB" in file.dotted(a) for a in call.args)
    else:
        weak = name.startswith("cryptography.") and name.endswith("modes.ECB")
    if weak:
        yield Hit(file.span(call), "A broken cipher or mode")


CHECKS = (
    unverified_call,
    unverified_assignment,
    unverified_context,
    weak_password_hash,
    predictable_secret,
    timing_compare,
    unverified_token,
    debug_mode,
    autoescape_off,
    permissive_cors,
    weak_cipher,
)
