"""Signed tokens and signatures: whether they are checked, how they are compared, when they end."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import FunctionNode, PythonFile
from server.analysis.python.literals import last_name, text_of_literal
from server.analysis.python.settings import settings_in
from server.analysis.python.values import argument, is_constant, values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import TIMING_COMPARE, UNVERIFIED_TOKEN
from server.reviews.finding import Confidence, Edit, Fix, Severity

ENDLESS_TOKEN = Rule(
    "hive.endless-token",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "A stolen token stays good for ever, or for years: there is no end and mostly no way to call it back.",
    613,
    in_tests=False,
    also=(287, 324, 384),
    remedy="Give tokens an `exp` of minutes or hours, and renew them with one that can be revoked.",
)


@check(
    UNVERIFIED_TOKEN,
    on=called("decode", "process_jwt", "get_unverified_claims", "encode"),
    bad=(
        "import jwt\njwt.decode(token, options={'verify_signature': False})\n",
        "import jwt\njwt.decode(token, key, verify=False)\n",
        "from jose import jwt\njwt.decode(token, key, algorithms=['none'])\n",
        "import jwt\nOPTIONS = {'verify_signature': False}\njwt.decode(token, key, options=OPTIONS)\n",
        "from jose import jwt\ndef user_of(token):\n    return jwt.get_unverified_claims(token)['sub']\n",
        "import jwt\njwt.encode({'sub': 1}, None, algorithm='none')\n",
        "import jwt\njwt.decode(token, key, algorithms=[jwt.get_unverified_header(token)['alg']])\n",
    ),
    good=(
        "import jwt\njwt.decode(token, key, algorithms=['RS256'])\n",
        "import jwt\njwt.decode(token, key, algorithms=['RS256'], options={'verify_aud': False})\n",
        "import codecs\ncodecs.decode(data, verify=False)\n",
        "from jose import jwt\ndef user_of(token):\n    jwt.decode(token, key_of(jwt.get_unverified_claims(token)))\n",
    ),
)
def unverified_token(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    if name.endswith(("jwt.get_unverified_claims", "jwt.process_jwt")):
        function = file.function_of(call)
        if "jwt.decode" not in file.text(function if function is not None else call):
            yield _unverified(call, file, "The token's claims are used without checking its signature")
        return
    if not re.search(r"(?:^|\.)jwt\.(?:decode|encode)$", name):
        return
    for keyword in call.keywords:
        for value in values_of(keyword.value, file):
            off = keyword.arg == "options" and any(_sets_false(value, k) for k in ("verify_signature", "signature"))
            none = keyword.arg in ("algorithms", "algorithm") and _allows_anything(value, file)
            if off or none or (keyword.arg == "verify" and is_constant(value, False)):
                made = name.endswith("encode")
                said = (
                    "A token is made without a signature"
                    if made
                    else "The token is read without checking its signature"
                )
                yield _unverified(call, file, said)
                return


def _unverified(call: ast.Call, file: PythonFile, message: str) -> Hit:
    return Hit(file.span(call), message, severity=Severity.HIGH, confidence=Confidence.MEDIUM)


def _sets_false(node: ast.AST, key: str) -> bool:
    if not isinstance(node, ast.Dict):
        return False
    pairs = zip(node.keys, node.values, strict=True)
    return any(isinstance(k, ast.Constant) and k.value == key and is_constant(v, False) for k, v in pairs)


def _allows_anything(node: ast.AST, file: PythonFile) -> bool:
    """`none` among the algorithms, or the one that the token itself names."""
    texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    if any(text.lower() == "none" for text in texts):
        return True
    return any(isinstance(n, ast.Call) and "get_unverified_header" in file.text(n.func) for n in ast.walk(node))


_API_KEY = re.compile(
    r"(?:^|_)(?:api_?key|(?:api|auth|access|admin|secret|bearer|webhook|internal|csrf)_?(?:token|key|secret))$"
)


@check(
    TIMING_COMPARE,
    on=(ast.Compare,),
    bad=(
        "import hmac\ndef f(key, body, given):\n    return hmac.new(key, body, 'sha256').hexdigest() == given\n",
        "import hmac\ndef f(key, body, given):\n    expected = hmac.new(key, body, 'sha256').hexdigest()\n"
        "    if expected != given:\n        raise ValueError\n",
        "import hmac\ndef f(key, body, given):\n    expected = 'sha256=' + hmac.new(key, body, 'sha256').hexdigest()\n"
        "    return given == expected\n",
        "import hmac\ndef sign(body):\n    return hmac.new(KEY, body, 'sha256').hexdigest()\n"
        "def f(body, given):\n    return sign(body) == given\n",
        "import hmac\ndef sealed(value):\n    return '%s|%s' % (value, hmac.new(KEY, value, 'sha256').hexdigest())\n"
        "def opened(given):\n    return given == sealed(given.split('|')[0])\n",
        "def f(request):\n    return request.headers.get('X-API-Key') == settings.API_KEY\n",
        "from fastapi import Header\ndef f(x_api_key: str = Header()):\n    return x_api_key == API_KEY\n",
        "def f(request):\n    return request.headers['Authorization'] == f'Bearer {settings.API_TOKEN}'\n",
        "def f(request):\n    api_key = request.headers['X-Api-Key']\n    if api_key != API_KEY:\n        abort(401)\n",
    ),
    good=(
        "import hmac\ndef f(key, body, given):\n    expected = hmac.new(key, body, 'sha256').hexdigest()\n"
        "    return hmac.compare_digest(expected, given)\n",
        "import hashlib\ndef f(body, given):\n    return hashlib.sha256(body).hexdigest() == given\n",
        "import hmac\ndef f(a, b):\n    return a == b\n",
        "def f(request):\n    return request.headers.get('Content-Type') == settings.CONTENT_TYPE\n",
        "def f(api_key):\n    return api_key == API_KEY\n",
        "def f(request):\n    return request.headers.get('X-API-Key') == ''\n",
    ),
)
def timing_compare(node: ast.Compare, file: PythonFile) -> Iterator[Hit]:
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        return
    sides = (node.left, node.comparators[0])
    if "hmac" in file.imports.values() and any(_is_hmac(v, file) for side in sides for v in values_of(side, file)):
        yield Hit(file.span(node), "A signature is compared with ==", _constant_time(node, file))
    elif _compares_api_key(sides, file):
        yield Hit(
            file.span(node),
            "A key from the request is compared with ==",
            severity=Severity.LOW,
            confidence=Confidence.LOW,
        )


_HMACS = ("hmac.new", "hmac.digest", "hmac.HMAC")
_SIGNS = re.compile(r"(?:^|_)(?:sign|mac|hmac|signature)(?:_|$)")


def _is_hmac(node: ast.AST, file: PythonFile) -> bool:
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
    return any(file.dotted(n.func) in _HMACS or _signs(n, file) for n in calls)


def _signs(call: ast.Call, file: PythonFile) -> bool:
    """A function of this file that makes a signature, by its name or by what it returns: `self.sign(value)`."""
    name = last_name(call.func)
    own = [n for kind in (ast.FunctionDef, ast.AsyncFunctionDef) for n in file.nodes(kind)]
    return any(
        file.dotted(inner.func) in _HMACS
        for function in own
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and function.name == name
        for part in ([function] if _SIGNS.search(name) else _returned(function))
        for inner in ast.walk(part)
        if isinstance(inner, ast.Call)
    )


def _returned(function: FunctionNode) -> Iterator[ast.AST]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Return))


def _constant_time(node: ast.Compare, file: PythonFile) -> Fix | None:
    plain = isinstance(file.parents[node], (ast.If, ast.Return, ast.Assign, ast.BoolOp))
    if not plain or file.imports.get("hmac") != "hmac":
        return None
    negation = "not " if isinstance(node.ops[0], ast.NotEq) else ""
    text = f"{negation}hmac.compare_digest({file.text(node.left)}, {file.text(node.comparators[0])})"
    return Fix("Compare in constant time", (Edit(*file.span(node), text),))


def _compares_api_key(sides: tuple[ast.expr, ast.expr], file: PythonFile) -> bool:
    """The key of a request's header against that of the settings."""
    for given, kept in (sides, sides[::-1]):
        kept = _behind_scheme(kept)
        name = last_name(kept)
        if isinstance(kept, ast.Subscript) and file.dotted(kept.value) == "os.environ":
            name = text_of_literal(kept.slice) or ""
        named = _API_KEY.search(name.lower()) or name in ("TOKEN", "SECRET", "KEY")
        if not named or not (name.isupper() or isinstance(kept, ast.Attribute)):
            continue
        if any(
            re.search(r"\.headers|\.get_header\(", ast.unparse(value)) for value in values_of(given, file)
        ) or _is_header(given, file):
            return True
    return False


def _behind_scheme(kept: ast.expr) -> ast.expr:
    """`API_TOKEN` of `"Bearer " + API_TOKEN` and of `f"Bearer {API_TOKEN}"`."""
    parts: list[ast.expr] = []
    if isinstance(kept, ast.BinOp) and isinstance(kept.op, ast.Add):
        parts = [kept.left, kept.right]
    elif isinstance(kept, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in kept.values]
    is_scheme = len(parts) == 2 and (text_of_literal(parts[0]) or "").lower() in ("bearer ", "token ", "apikey ")
    return parts[1] if is_scheme else kept


def _is_header(given: ast.expr, file: PythonFile) -> bool:
    """A parameter that FastAPI fills from one: `x_api_key: str = Header()`."""
    function = file.function_of(given)
    if not isinstance(given, ast.Name) or function is None:
        return False
    a = function.args
    plain = (*a.posonlyargs, *a.args)
    defaults = (
        *zip(reversed(plain), reversed(a.defaults), strict=False),
        *zip(a.kwonlyargs, a.kw_defaults, strict=True),
    )
    for parameter, default in defaults:
        if parameter.arg == given.id and isinstance(default, ast.Call):
            return re.search(r"(?:^|\.)(?:Header|Security)$|api_?key", file.dotted(default.func)) is not None
    return any(p.arg == given.id and p.annotation is not None and "Header(" in file.text(p.annotation) for p in plain)


@check(
    ENDLESS_TOKEN,
    on=called("decode"),
    bad=("import jwt\njwt.decode(token, key, algorithms=['HS256'], options={'verify_exp': False})\n",),
    good=("import jwt\njwt.decode(token, key, algorithms=['HS256'], options={'verify_aud': False})\n",),
)
def end_not_checked(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    options = argument(call, 99, "options")
    if options is None or not re.search(r"(?:^|\.)jwt\.decode$", file.dotted(call.func)):
        return
    if any(_sets_false(value, "verify_exp") for value in values_of(options, file)):
        yield Hit(file.span(call), "A token that has ended is taken, too", severity=Severity.MEDIUM)


@check(
    ENDLESS_TOKEN,
    on=called("encode"),
    bad=(
        "import jwt\ndef f(user):\n    return jwt.encode({'user_id': user.id}, key, algorithm='HS256')\n",
        "import jwt\nfrom datetime import timedelta\ndef f(user):\n"
        "    return jwt.encode({'sub': user.id, 'exp': now() + timedelta(days=3650)}, key)\n",
        "import jwt\ndef f(user):\n    return jwt.encode({'sub': user.id, 'exp': now() + 3600 * 24 * 365}, key)\n",
        "import jwt\ndef f(user):\n    payload = {'sub': user.id, 'role': user.role}\n"
        "    return jwt.encode(payload, key)\n",
    ),
    good=(
        "import jwt\ndef f(user):\n    return jwt.encode({'sub': user.id, 'exp': soon()}, key)\n",
        "import jwt\ndef f(user):\n    return jwt.encode({'sub': user.id, 'exp': now() + 3600 * 24}, key)\n",
        "import jwt\ndef f(data):\n    return jwt.encode(data, key)\n",
        "import jwt\ndef f(user):\n    payload = {'sub': user.id}\n    payload['exp'] = soon()\n"
        "    return jwt.encode(payload, key)\n",
        "import json\ndef f(user):\n    return codec.encode({'sub': 1}, key)\n",
    ),
)
def endless_token(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not re.search(r"(?:^|\.)jwt\.encode$", file.dotted(call.func)):
        return
    function: FunctionNode | None = file.function_of(call)
    around = file.text(function) if function is not None else file.text(call)
    for payload in values_of(argument(call, 0, "payload") or call, file):
        if not isinstance(payload, ast.Dict) or None in payload.keys:
            continue
        keys = {text_of_literal(key) for key in payload.keys}
        ends = [v for k, v in zip(payload.keys, payload.values, strict=True) if text_of_literal(k) == "exp"]
        if any(_lasts_long("exp", n) for end in ends for n in ast.walk(end) if isinstance(n, (ast.Call, ast.BinOp))):
            yield Hit(file.span(call), "The token lasts for months, or for ever")
            return
        if keys & _IDENTITIES and "exp" not in keys and not re.search(r"expir|\bexp\b", around):
            yield Hit(file.span(call), "The token never ends")
            return


@check(
    ENDLESS_TOKEN,
    on=called("create_access_token", "create_refresh_token"),
    bad=("from flask_jwt_extended import create_access_token\ncreate_access_token(user.id, expires_delta=False)\n",),
    good=(
        "from flask_jwt_extended import create_access_token\ncreate_access_token(user.id)\n",
        "create_access_token(user.id, expires_delta=None)\n",
    ),
)
def end_turned_off(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if any(keyword.arg == "expires_delta" and is_constant(keyword.value, False) for keyword in call.keywords):
        yield Hit(file.span(call), "The token never ends", severity=Severity.MEDIUM)


_IDENTITIES = frozenset(
    {"sub", "user", "user_id", "username", "id", "email", "role", "uid", "userId", "identity", "name"}
)


_LIFETIME = re.compile(
    r"^(?:JWT_(?:ACCESS_TOKEN_)?EXPIRES|JWT_ACCESS_TOKEN_EXPIRES|ACCESS_TOKEN_LIFETIME|ACCESS_TOKEN_EXPIRE_\w+"
    r"|PERMANENT_SESSION_LIFETIME|SESSION_COOKIE_AGE|JWT_EXPIRATION_DELTA|JWT_EXPIRATION\w*|TOKEN_EXPIR\w*)$"
)
_SECONDS = {"days": 86_400, "weeks": 604_800, "hours": 3_600, "minutes": 60, "seconds": 1}
_LONG_SECONDS = 60 * 86_400


@check(
    ENDLESS_TOKEN,
    on=(ast.Assign, ast.AnnAssign, ast.Dict, ast.keyword),
    bad=(
        "app.config['JWT_ACCESS_TOKEN_EXPIRES'] = False\n",
        "app.config.from_mapping(JWT_ACCESS_TOKEN_EXPIRES=False)\n",
        "from datetime import timedelta\nPERMANENT_SESSION_LIFETIME = timedelta(days=365)\n",
        "from datetime import timedelta\nSIMPLE_JWT = {'ACCESS_TOKEN_LIFETIME': timedelta(days=365)}\n",
        "ACCESS_TOKEN_EXPIRE_MINUTES = 60 * 24 * 365\n",
        "app.permanent_session_lifetime = timedelta(days=365)\n",
    ),
    good=(
        "from datetime import timedelta\nPERMANENT_SESSION_LIFETIME = timedelta(days=14)\n",
        "ACCESS_TOKEN_EXPIRE_MINUTES = 60 * 24 * 8\n",
        "SESSION_COOKIE_AGE = 1209600\n",
        "JWT_ACCESS_TOKEN_EXPIRES = timedelta(hours=1)\n",
    ),
)
def endless_session(node: ast.Assign | ast.AnnAssign | ast.Dict | ast.keyword, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        if _LIFETIME.match(name.upper()) and _lasts_long(name, value):
            yield Hit(file.span(value), f"{name}: sessions and tokens last for months, or for ever")


def _lasts_long(name: str, value: ast.expr) -> bool:
    if is_constant(value, False):
        return "EXPIRES" in name
    if isinstance(value, ast.Call) and ast.unparse(value.func).endswith("timedelta"):
        spans = [(_number(k.value) or 0) * _SECONDS.get(k.arg or "", 0) for k in value.keywords]
        days = (_number(value.args[0]) or 0) * 86_400 if value.args else 0
        return days + sum(spans) >= _LONG_SECONDS
    number = _number(value)
    if number is None:
        return False
    unit = 60 if "MINUTES" in name else 3_600 if "HOURS" in name else 86_400 if "DAYS" in name else 1
    return number * unit >= _LONG_SECONDS


def _number(node: ast.expr) -> float | None:
    """Of a literal or a product of literals."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return float(node.value) if abs(node.value) < 1e15 else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        left, right = _number(node.left), _number(node.right)
        return left * right if left is not None and right is not None else None
    return None


_CHECKS_SIGNATURE = re.compile(r"hmac|verify|compare_digest|signature|jwt\.decode|jws|public_key", re.IGNORECASE)


_TAKEN_APART = re.compile(r"^.*=.*\.split\(['\"]\.['\"].*$", re.MULTILINE)
"""The line that only names the parts."""


@check(
    UNVERIFIED_TOKEN,
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    bad=(
        "import base64, json\ndef decode_token(token):\n    header, payload, sig = token.split('.')\n"
        "    return json.loads(base64.urlsafe_b64decode(payload + '=='))\n",
        "import base64, json\ndef read_legacy(token):\n    header, payload, signature = token.split('.')\n"
        "    return json.loads(base64.urlsafe_b64decode(payload + '=='))\n",
    ),
    good=(
        "import base64, json, hmac\ndef decode_token(token):\n    header, payload, sig = token.split('.')\n"
        "    if not hmac.compare_digest(sig, made(header, payload)):\n        raise ValueError\n"
        "    return json.loads(base64.urlsafe_b64decode(payload + '=='))\n",
        "import base64, json\ndef header(token):\n    return token.split('.')[0]\n",
    ),
)
def token_read_by_hand(node: FunctionNode, file: PythonFile) -> Iterator[Hit]:
    """The parts of a JSON Web Token are taken apart, and nobody looks at the last one."""
    names = " ".join((node.name, *(argument.arg for argument in node.args.args)))
    if "token" not in names and "jwt" not in names and "claims" not in names:
        return
    text = file.text(node)
    parts = re.search(r"\.split\(['\"]\.['\"]", text)
    decodes = re.search(r"b64decode\(", text) and "json.loads" in text
    if parts and decodes and not _CHECKS_SIGNATURE.search(_TAKEN_APART.sub("", text.partition("\n")[2])):
        yield Hit(file.head_span(node), "The token is read without checking its signature")


CHECKS = (
    end_not_checked,
    end_turned_off,
    token_read_by_hand,
    unverified_token,
    timing_compare,
    endless_token,
    endless_session,
)
