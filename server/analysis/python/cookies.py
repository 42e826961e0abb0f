"""Cookies without their flags, where they are set and in settings."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name, text_of_literal
from server.analysis.python.settings import is_development, settings_in
from server.analysis.python.values import argument, is_constant, text_of, values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

INSECURE_COOKIE = Rule(
    "hive.insecure-cookie",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Without Secure the cookie is also sent without TLS, without HttpOnly every script on the page reads it.",
    614,
    in_tests=False,
    also=(1004, 1275, 311, 319, 732),
    remedy="Set secure, httponly and samesite for every cookie that says who somebody is.",
)
SCRIPT_READABLE_COOKIE = Rule(
    "hive.script-readable-cookie",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "A script that gets onto a page reads the cookie, and whoever wrote it then is the visitor.",
    1004,
    in_tests=False,
    also=(614, 1275, 732),
    remedy="Set httponly.",
)
CROSS_SITE_COOKIE = Rule(
    "hive.cross-site-cookie",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "Browsers send the cookie along with requests that other sites make: forged requests come as the visitor.",
    1275,
    in_tests=False,
    also=(352, 614, 1004),
    remedy="Set samesite to Lax or Strict.",
)

_SENSITIVE = re.compile(
    r"sess|sid$|token|auth|jwt|user|login|remember|admin|role|account|(?:^|[_-])id$|csrf|secret|passw|key|cart|email|member"
    r"|person|customer|identity|profile|employee|staff|player|patient",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"^(?!csrf|xsrf).*(?:token|jwt|sess(?:ion)?_?id|sid|user_?id|uid)$", re.IGNORECASE)
"""What lets somebody in, by whatever name the cookie goes."""


@check(
    INSECURE_COOKIE,
    on=called("set_cookie", "set_signed_cookie", "add_cookie", "SignedCookieSessionFactory", "Cookie"),
    bad=(
        "def f(response, token):\n    response.set_cookie('session', token)\n",
        "def f(response, user):\n    response.add_cookie('user', user.id, secure=False, httponly=False)\n",
        "SignedCookieSessionFactory(key, secure=False)\n",
        "def f(response, token):\n    response.set_cookie('auth_token', token, httponly=True)\n",
        "def f(response, user):\n    response.set_cookie(key='user_id', value=user.id)\n",
        "def f(response, token):\n    response.set_cookie('session', token, httponly=True, secure=False)\n",
        "def f(response, token):\n    response.add_cookie('desk', token, httponly=True, secure=False)\n",
        "def f(token):\n    return Response({}, cookies=[Cookie(key='desk', value=token)])\n",
        "def f(self, row):\n    self.set_cookie('person', row[1], expires_days=30)\n",
    ),
    good=(
        "def f(response, token):\n"
        "    response.set_cookie('session', token, httponly=True, secure=True, samesite='Lax')\n",
        "def f(response):\n    response.set_cookie('theme', 'dark')\n",
        "def f(response, token):\n    response.set_cookie('session', token, **FLAGS)\n",
        "def f(response, token):\n    response.set_cookie('session', token, secure=settings.secure, httponly=True)\n",
        "def f(response):\n    response.set_cookie('session', '', max_age=0)\n",
        "def f(self, name, value):\n    self.inner.set_cookie(name, value)\n",
    ),
)
def insecure_cookie(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else file.dotted(call.func).rpartition(".")[2]
    session = name == "SignedCookieSessionFactory"
    if name == "Cookie" and not {"key", "value"} <= {keyword.arg for keyword in call.keywords}:
        return  # A parameter of a route, mostly.
    if not session and not _names_somebody(call, file):
        return
    secure, httponly = argument(call, 99, "secure"), argument(call, 99, "httponly")
    if secure is None and (session or name == "add_cookie"):
        return  # Secure by themselves, or by the framework's settings.
    if secure is None or is_constant(secure, False):
        missing = [name for name, value in (("Secure", secure), ("HttpOnly", httponly)) if _is_off(value)]
        yield Hit(file.span(call), f"A cookie that says who somebody is, without {' and '.join(missing)}")


def _is_off(value: ast.expr | None) -> bool:
    return value is None or is_constant(value, False)


def _names_somebody(call: ast.Call, file: PythonFile) -> bool:
    """By its name the cookie holds a session or an identity; and it is set, not deleted."""
    if any(keyword.arg is None for keyword in call.keywords):
        return False
    given = argument(call, 0, "key") or argument(call, 0, "name")
    names = (
        [text_of_literal(value) or last_name(value) for value in (values_of(given, file) or (given,))]
        if given is not None
        else []
    )
    value = argument(call, 1, "value")
    deleted = (value is not None and text_of_literal(value) == "") or is_constant(argument(call, 99, "max_age"), 0)
    if deleted:
        return False
    holds = last_name(value) if value is not None else ""
    return any(_SENSITIVE.search(name) for name in names if name not in ("key", "name")) or bool(
        names and _TOKEN.search(holds)
    )


@check(
    SCRIPT_READABLE_COOKIE,
    on=called("set_cookie", "set_signed_cookie"),
    bad=(
        "def f(response, token):\n    response.set_cookie('session', token, secure=True)\n",
        "def f(response, token):\n    response.set_cookie('token', token, secure=True, httponly=False)\n",
    ),
    good=(
        "def f(response, token):\n    response.set_cookie('session', token, httponly=True, secure=True)\n",
        "def f(response, token):\n    response.set_cookie('csrf_token', token, secure=True)\n",
        "def f(response, token):\n    response.set_cookie('session', token)\n",
    ),
)
def script_readable_cookie(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    """Where Secure is there; without it `insecure_cookie` speaks of both."""
    secure, httponly = argument(call, 99, "secure"), argument(call, 99, "httponly")
    given = argument(call, 0, "key")
    csrf = given is not None and re.search(r"csrf|xsrf", text_of_literal(given) or "", re.IGNORECASE)
    if _is_off(secure) or not _is_off(httponly) or csrf or not _names_somebody(call, file):
        return
    yield Hit(file.span(call), "A cookie that says who somebody is, without HttpOnly")


_SECURE = re.compile(r"^(?:[A-Z]+_){0,3}COOKIE_SECURE$|^session\.secure$")
_HTTPONLY = re.compile(r"^(?!CSRF|LANGUAGE|XSRF)(?:[A-Z]+_){1,3}COOKIE_HTTPONLY$|^session\.httponly$")
_SAMESITE = re.compile(r"^(?:SESSION|REMEMBER|JWT|CSRF)_COOKIE_SAMESITE$")


def _switched_off(
    node: ast.Assign | ast.AnnAssign | ast.keyword | ast.Dict, file: PythonFile, setting: re.Pattern[str], so: str
) -> Iterator[Hit]:
    for name, value in settings_in(node):
        if (
            setting.match(name)
            and _is_said(name, node)
            and is_constant(value, False)
            and not is_development(node, file)
        ):
            yield Hit(file.span(value if isinstance(node, ast.Dict) else node), f"{name}: {so}")


def _is_said(name: str, node: ast.AST) -> bool:
    """In a dictionary beaker's options alone: one of upper case is mostly a framework's own defaults."""
    return name.startswith("session.") or not isinstance(node, ast.Dict)


@check(
    INSECURE_COOKIE,
    on=(ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict),
    bad=(
        "SESSION_COOKIE_SECURE = False\n",
        "app.config['SESSION_COOKIE_SECURE'] = False\n",
        "app.config.update(REMEMBER_COOKIE_SECURE=False)\n",
        "app.config.update(QUART_AUTH_COOKIE_SECURE=False)\n",
    ),
    good=(
        "SESSION_COOKIE_SECURE = True\n",
        "SESSION_COOKIE_SECURE = not DEBUG\n",
        "class DevelopmentConfig:\n    SESSION_COOKIE_SECURE = False\n",
        "if DEBUG:\n    SESSION_COOKIE_SECURE = False\n",
    ),
)
def insecure_cookie_setting(
    node: ast.Assign | ast.AnnAssign | ast.keyword | ast.Dict, file: PythonFile
) -> Iterator[Hit]:
    yield from _switched_off(node, file, _SECURE, "the cookie is also sent without TLS")


@check(
    SCRIPT_READABLE_COOKIE,
    on=(ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict),
    bad=(
        "OPTIONS = {'session.httponly': False}\n",
        "SESSION_COOKIE_HTTPONLY = False\n",
        "app.config['SESSION_COOKIE_HTTPONLY'] = False\n",
    ),
    good=("SESSION_COOKIE_HTTPONLY = True\n", "CSRF_COOKIE_HTTPONLY = False\n"),
)
def script_readable_cookie_setting(
    node: ast.Assign | ast.AnnAssign | ast.keyword | ast.Dict, file: PythonFile
) -> Iterator[Hit]:
    yield from _switched_off(node, file, _HTTPONLY, "scripts can read the cookie")


@check(
    CROSS_SITE_COOKIE,
    on=(ast.Assign, ast.AnnAssign, ast.keyword),
    bad=("app.config['SESSION_COOKIE_SAMESITE'] = None\n", "SESSION_COOKIE_SAMESITE = 'None'\n"),
    good=("SESSION_COOKIE_SAMESITE = 'Lax'\n",),
)
def cross_site_cookie_setting(node: ast.Assign | ast.AnnAssign | ast.keyword, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        none = isinstance(value, ast.Constant) and value.value in (None, False, "None", "none")
        if _SAMESITE.match(name) and none and not is_development(node, file):
            yield Hit(file.span(node), f"{name}: the cookie goes along with other sites' requests")


_STORES = (
    "EncryptedCookieStorage",
    "SimpleCookieStorage",
    "RedisStorage",
    "add_middleware",
    "SessionMiddleware",
    "Middleware",
)


@check(
    INSECURE_COOKIE,
    on=called(*_STORES),
    bad=(
        "setup(app, EncryptedCookieStorage(key, httponly=False))\n",
        "app.add_middleware(SessionMiddleware, secret_key=KEY, https_only=False)\n",
    ),
    good=(
        "setup(app, EncryptedCookieStorage(key, secure=True))\n",
        "app.add_middleware(SessionMiddleware, secret_key=KEY, https_only=True)\n",
        "app.add_middleware(Other, https_only=False)\n",
    ),
)
def insecure_session(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    made = call.args[0] if call.args and last_name(call.func).endswith("iddleware") else call.func
    if not re.search(r"Session|Storage", last_name(made)):
        return
    off = [
        k.arg for k in call.keywords if k.arg in ("httponly", "secure", "https_only") and is_constant(k.value, False)
    ]
    if off:
        yield Hit(file.span(call), f"The session's cookie is sent with {off[0]}=False")


ADDS_HEADER = ("add", "set", "setdefault", "add_header", "set_header", "send_header", "append", "__setitem__")
"""Methods that give an answer a header."""


@check(
    INSECURE_COOKIE,
    on=(ast.Assign, *called(*ADDS_HEADER)),
    bad=(
        "def f(response, sid):\n    response.headers['Set-Cookie'] = f'session={sid}; Path=/'\n",
        "def f(self, sid):\n    self.send_header('Set-Cookie', 'session=' + sid)\n",
    ),
    good=(
        "def f(response, sid):\n    response.headers['Set-Cookie'] = f'session={sid}; Secure; HttpOnly'\n",
        "def f(response):\n    response.headers['Set-Cookie'] = 'theme=dark'\n",
        "def f(response, cookie):\n    response.headers['Set-Cookie'] = cookie.output()\n",
        "def f(self):\n    self.send_header('Set-Cookie', 'session=; Max-Age=0')\n",
    ),
)
def insecure_cookie_header(node: ast.Assign | ast.Call, file: PythonFile) -> Iterator[Hit]:
    if isinstance(node, ast.Call):
        given = node.args[1] if len(node.args) == 2 and text_of_literal(node.args[0]) == "Set-Cookie" else None
    else:
        given = node.value if last_name(node.targets[0]) == "Set-Cookie" else None
    text = text_of(given, file) if given is not None else ""
    name = text.partition("=")[0].strip()
    deleted = given is not None and re.search(r"=;|max-age=0|1970", file.text(given), re.IGNORECASE)
    named = re.fullmatch(r"[\w.-]+", name) is not None and _SENSITIVE.search(name)
    if "=" in text and named and not deleted and not re.search(r"\bsecure\b", text, re.IGNORECASE):
        yield Hit(file.span(node), "A cookie that says who somebody is, without Secure")


CHECKS = (
    insecure_cookie,
    script_readable_cookie,
    insecure_cookie_setting,
    script_readable_cookie_setting,
    cross_site_cookie_setting,
    insecure_cookie_header,
    insecure_session,
)
