"""Hashes that do not protect what they are used for: of passwords, and of what must not be forged."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import text_of_literal
from server.analysis.python.values import argument, is_constant
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import WEAK_PASSWORD_HASH
from server.reviews.finding import Confidence, Severity

WEAK_HASH = Rule(
    "hive.weak-hash",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "MD5 and SHA-1 are broken: another text with the same hash can be made, and with it another token or signature.",
    328,
    ("S324", "S303"),
    in_tests=False,
    also=(327, 326, 916),
    remedy="Use SHA-256, with a key (HMAC) where others must not be able to make the hash. For a mere checksum say so: "
    "`hashlib.md5(data, usedforsecurity=False)`.",
)

PASSWORD = re.compile(r"passw(?:or)?d|passphrase|(?<![a-z])(?:pwd|passwd|pw|pin)(?![a-z])", re.IGNORECASE)
_SECURITY = re.compile(
    r"token|secret|(?<![a-z])sign(?!als?\b)|auth(?!or)|session|(?<![a-z])otp|reset|encrypt|(?<![a-z])crypt|api_?key|csrf"
    r"|credential|licen[sc]e|hmac|(?<![a-z])mac(?![a-z])|(?<![a-z])pin(?![a-z])|recovery|invit|ssn|card",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"cache|etag|checksum|gravatar|avatar|filename|fingerprint|content|chunk|blob|dedup|bucket|shard|color|file|path|url"
    r"|version|revision|tokeniz|pwned|websocket|sec_websocket|scram|realm|challenge|nonce|(?<![a-z])ha[12]|digest_auth",
    re.IGNORECASE,
)
_BROKEN = ("md4", "md5", "sha1", "sha")
_HASHES = (
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha3_256",
    "sha3_512",
    "blake2b",
    "new",
    "MD5",
    "SHA1",
)


def _algorithm(call: ast.Call, file: PythonFile) -> str:
    """`md5` for any call that starts one of the fast hashes; "" for all others."""
    name = file.dotted(call.func)
    if name == "hashlib.new":
        return (text_of_literal(argument(call, 0, "name")) or "").lower()
    if name == "cryptography.hazmat.primitives.hashes.MD5":
        return "md5"
    made = re.fullmatch(r"hashlib\.(\w+)|Crypto(?:dome)?\.Hash\.(\w+)\.new|(?:md5|sha)\.(new)", name)
    if made is None:
        return ""
    algorithm = (made[1] or made[2] or name.partition(".")[0]).lower()
    return "" if algorithm in ("pbkdf2_hmac", "scrypt", "file_digest", "hmac", "cmac") else algorithm


def _says_no_security(call: ast.Call) -> bool:
    return any(k.arg == "usedforsecurity" and is_constant(k.value, False) for k in call.keywords)


def names_in(call: ast.Call) -> str:
    """The names and fields of what is given to the call."""
    words: list[str] = []
    for given in call.args:
        for node in ast.walk(given):
            if isinstance(node, ast.Name):
                words.append(node.id)
            elif isinstance(node, ast.Attribute):
                words.append(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                words.append(node.value)
    return " ".join(words)


def _place(call: ast.Call, file: PythonFile) -> str:
    """What the hash is given to, and the function that makes it."""
    words: list[str] = []
    for ancestor in file.ancestors(call):
        if isinstance(ancestor, ast.Assign):
            words += (file.text(target) for target in ancestor.targets)
        elif isinstance(ancestor, ast.keyword) and ancestor.arg:
            words.append(ancestor.arg)
        elif isinstance(ancestor, ast.Call):
            words.append(file.dotted(ancestor.func))
        elif isinstance(ancestor, (ast.FunctionDef, ast.AsyncFunctionDef)):
            words.append(ancestor.name)
            break
    return " ".join(words)


def _later_updates(call: ast.Call, file: PythonFile) -> str:
    """What `h = hashlib.md5()` is fed with further down: `h.update(password)`."""
    parent, function = file.parents.get(call), file.function_of(call)
    if (
        (call.args and file.dotted(call.func) != "hashlib.new")
        or not isinstance(parent, ast.Assign)
        or function is None
    ):
        return ""
    names = {target.id for target in parent.targets if isinstance(target, ast.Name)}
    words: list[str] = []
    for name in names:
        for use in file.uses(name, function):
            member = file.parents.get(use)
            update = file.parents.get(member) if isinstance(member, ast.Attribute) and member.attr == "update" else None
            if isinstance(update, ast.Call):
                words.append(names_in(update))
    return " ".join(words)


@check(
    WEAK_PASSWORD_HASH,
    on=called(*_HASHES),
    bad=(
        "import hashlib\ndef f(password):\n    return hashlib.md5(password.encode()).hexdigest()\n",
        "from hashlib import sha256\ndef f(user, pwd):\n    return sha256(pwd.encode()).hexdigest() == user.hash\n",
        "import hashlib\ndef f(password, salt):\n    return hashlib.new('sha1', salt + password).digest()\n",
        "import hashlib\ndef hash_password(text):\n    return hashlib.sha1(text.encode()).hexdigest()\n",
        "import hashlib\ndef f(password):\n    h = hashlib.md5()\n"
        "    h.update(password.encode())\n    return h.hexdigest()\n",
        "import hashlib\nfrom flask import request\ndef f():\n"
        "    return hashlib.md5(request.form['password'].encode()).hexdigest()\n",
        "from Crypto.Hash import MD5\ndef f(password):\n    return MD5.new(password).hexdigest()\n",
    ),
    good=(
        "import hashlib\ndef f(data):\n    return hashlib.md5(data).hexdigest()\n",
        "import hashlib\ndef f(password, salt):\n    return hashlib.pbkdf2_hmac('sha256', password, salt, 600000)\n",
        "import hashlib\ndef f(password):\n    return hashlib.sha1(password, usedforsecurity=False).hexdigest()\n",
        "import hashlib\ndef pwned(password):\n    return hashlib.sha1(password.encode()).hexdigest()\n",
        "import hashlib\ndef f(user, realm, password):\n    return hashlib.md5(f'{realm}:{password}'.encode())\n",
    ),
)
def weak_password_hash(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    algorithm = _algorithm(call, file)
    if not algorithm or _says_no_security(call):
        return
    hashed, place = f"{names_in(call)} {_later_updates(call, file)}", _place(call, file)
    if _is_password(hashed, place) and not _HARMLESS.search(f"{hashed} {place}"):
        broken = algorithm in _BROKEN
        yield Hit(
            file.span(call),
            f"A password is hashed with {algorithm}",
            severity=Severity.HIGH if broken else Severity.MEDIUM,
        )


def _is_password(hashed: str, place: str) -> bool:
    return bool(PASSWORD.search(hashed) or PASSWORD.search(place))


@check(
    WEAK_HASH,
    on=called(*_HASHES),
    bad=(
        "import hashlib\ndef f(user):\n    token = hashlib.md5(user.encode()).hexdigest()\n    return token\n",
        "import hashlib\ndef sign(data):\n    return hashlib.sha1(KEY + data).hexdigest()\n",
        "import hashlib\nfrom flask import request\ndef f():\n"
        "    return hashlib.md5(request.args['text'].encode()).hexdigest()\n",
        "import hashlib\ndef f(email, secret):\n    return hashlib.md5((email + secret).encode()).hexdigest()\n",
    ),
    good=(
        "import hashlib\ndef f(data):\n    return hashlib.md5(data).hexdigest()\n",
        "import hashlib\ndef f(token):\n    cache_key = hashlib.md5(token).hexdigest()\n    return cache_key\n",
        "import hashlib\ndef f(token):\n    return hashlib.sha256(token).hexdigest()\n",
        "import hashlib\ndef etag(session):\n    return hashlib.sha1(session.body).hexdigest()\n",
    ),
)
def weak_hash(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    algorithm = _algorithm(call, file)
    if algorithm not in _BROKEN or _says_no_security(call):
        return
    hashed, place = f"{names_in(call)} {_later_updates(call, file)}", _place(call, file)
    around = f"{hashed} {place}"
    serious = _SECURITY.search(around) or _MAKES_HASHES.search(place) or _is_web(file)
    if serious and not _is_password(hashed, place) and not _HARMLESS.search(around):
        yield Hit(file.span(call), f"{algorithm} protects what must not be forged")


@check(
    WEAK_PASSWORD_HASH,
    on=(ast.FunctionDef,),
    bad=(
        "import hashlib\ndef printed(text):\n    return hashlib.sha1(text.encode()).hexdigest()\n"
        "def seal(password):\n    return printed('shop' + password)\n",
        "import hashlib\ndef brief(text):\n    return hashlib.sha256(text.encode()).hexdigest()[:20]\n"
        "def check(row, form):\n    return row.kept == brief(form['password'])\n",
    ),
    good=(
        "import hashlib\ndef printed(text):\n    return hashlib.sha1(text.encode()).hexdigest()\n"
        "def name_of(file):\n    return printed(file)\n",
        "import hashlib\ndef derived(text):\n    return hashlib.scrypt(text.encode(), salt=SALT, n=2**14, r=8, p=1)\n"
        "def seal(password):\n    return derived(password)\n",
    ),
)
def weak_password_helper(function: ast.FunctionDef, file: PythonFile) -> Iterator[Hit]:
    """A hash of a helper's, whose name says nothing of passwords, and which somebody hands one."""
    if not function.args.args or len(function.body) > _SHORT or PASSWORD.search(function.name):
        return
    params = {arg.arg for arg in function.args.args}
    hashed = ""
    for part in (p for statement in function.body for p in ast.walk(statement)):
        if isinstance(part, ast.Call) and not hashed and (algorithm := _algorithm(part, file)):
            takes = any(isinstance(n, ast.Name) and n.id in params for given in part.args for n in ast.walk(given))
            hashed = algorithm if takes and not _says_no_security(part) else ""
    if not hashed or any(PASSWORD.search(name) for name in params) or _TO_COMPARE.search(function.name):
        return
    for call in file.nodes(ast.Call):
        assert isinstance(call, ast.Call)
        is_it = isinstance(call.func, ast.Name) and call.func.id == function.name
        if is_it and PASSWORD.search(names_in(call)):
            yield Hit(file.span(call), f"A password is hashed with {hashed}, by {function.name}()")
            return


_TO_COMPARE = re.compile(r"pwned|scram|realm|digest_auth|prefix", re.IGNORECASE)
_SHORT = 5
"""Statements of a helper that hashes and does no more."""

_MAKES_HASHES = re.compile(r"(?:^|_| )(?:make|create|get|compute)?_?hash(?:_|$| )")


def _is_web(file: PythonFile) -> bool:
    """What an application hashes mostly has to do with who somebody is."""
    web = {"flask", "django", "fastapi", "bottle", "tornado", "starlette", "sanic", "quart", "aiohttp"}
    return any(module.partition(".")[0] in web for module in file.imports.values())


_WEAK_METHODS = re.compile(r"^(?:plain|md5|sha1|sha224|sha256|sha512|pbkdf2:(?:md5|sha1)|pbkdf2:\w+:\d{1,4})$")
_WEAK_SCHEMES = re.compile(
    r"^passlib\.hash\.(?:md5_crypt|plaintext|hex_md5|hex_sha1|hex_sha256|sha1_crypt|des_crypt|ldap_md5|mysql323|lmhash|nthash)\."
)


@check(
    WEAK_PASSWORD_HASH,
    on=called(
        "generate_password_hash",
        "pbkdf2_hmac",
        "PBKDF2",
        "PBKDF2HMAC",
        "gensalt",
        "hash",
        "encrypt",
        "CryptContext",
        "crypt",
    ),
    bad=(
        "from werkzeug.security import generate_password_hash\ngenerate_password_hash(p, method='md5')\n",
        "import hashlib\nhashlib.pbkdf2_hmac('sha256', password, salt, 1000)\n",
        "import bcrypt\nbcrypt.gensalt(4)\n",
        "import crypt\ncrypt.crypt(password, 'ab')\n",
        "user.password = hash(password)\n",
        "from passlib.hash import md5_crypt\nmd5_crypt.hash(p)\n",
        "from passlib.context import CryptContext\nCryptContext(schemes=['md5_crypt'])\n",
    ),
    good=(
        "from werkzeug.security import generate_password_hash\ngenerate_password_hash(p, method='scrypt')\n",
        "from werkzeug.security import generate_password_hash\ngenerate_password_hash(p)\n",
        "import hashlib\nhashlib.pbkdf2_hmac('sha256', password, salt, 600_000)\n",
        "import bcrypt\nbcrypt.gensalt(12)\n",
        "from passlib.context import CryptContext\nCryptContext(schemes=['bcrypt', 'md5_crypt'], deprecated='auto')\n",
    ),
)
def weak_password_method(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Libraries made for passwords, told to use little work."""
    name = file.dotted(call.func)
    last = name.rpartition(".")[2]
    problem = ""
    if last == "generate_password_hash":
        method = text_of_literal(argument(call, 1, "method"))
        problem = f"method {method!r}" if method and _WEAK_METHODS.match(method) else ""
    elif last in ("pbkdf2_hmac", "PBKDF2", "PBKDF2HMAC") and re.match(r"hashlib|Crypto|cryptography", name):
        rounds = argument(call, 3, "iterations" if last == "pbkdf2_hmac" or last == "PBKDF2HMAC" else "count")
        few = isinstance(rounds, ast.Constant) and isinstance(rounds.value, int) and rounds.value < 10_000
        problem = "few rounds" if few else ""
    elif name == "crypt.crypt":
        problem = "crypt()"
    elif name == "hash" and call.args and PASSWORD.search(names_in(call)):
        problem = "hash(), which is for dictionaries"
    elif name == "bcrypt.gensalt":
        cost = argument(call, 0, "rounds")
        few = isinstance(cost, ast.Constant) and isinstance(cost.value, int) and cost.value < 10
        problem = "a cost below 10" if few else ""
    elif last == "CryptContext":
        schemes = argument(call, 0, "schemes")
        first = schemes.elts[0] if isinstance(schemes, ast.List) and schemes.elts else None
        scheme = text_of_literal(first) or ""
        problem = scheme if _WEAK_SCHEMES.match(f"passlib.hash.{scheme}.") else ""
    elif _WEAK_SCHEMES.match(name + ".") or _WEAK_SCHEMES.match(name):
        problem = name.split(".")[2]
    if problem:
        yield Hit(file.span(call), f"Passwords are hashed with {problem}")


CHECKS = (weak_password_hash, weak_password_helper, weak_hash, weak_password_method)
