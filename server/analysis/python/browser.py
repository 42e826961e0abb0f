"""What browsers are told: cookies without their flags, origins that may call, pages that may be framed."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name, text_of_literal
from server.analysis.python.settings import is_development, settings_in
from server.analysis.python.values import argument, is_constant, text_of, values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.rules import AUTOESCAPE_OFF, PERMISSIVE_CORS
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
    r"sess|sid$|token|auth|jwt|user|login|remember|admin|role|account|(?:^|[_-])id$|csrf|secret|passw|key|cart|email|member",
    re.IGNORECASE,
)


@check(
    INSECURE_COOKIE,
    on=called("set_cookie", "set_signed_cookie", "add_cookie", "SignedCookieSessionFactory"),
    bad=(
        "def f(response, token):\n    response.set_cookie('session', token)\n",
        "def f(response, user):\n    response.add_cookie('user', user.id, secure=False, httponly=False)\n",
        "SignedCookieSessionFactory(key, secure=False)\n",
        "def f(response, token):\n    response.set_cookie('auth_token', token, httponly=True)\n",
        "def f(response, user):\n    response.set_cookie(key='user_id', value=user.id)\n",
        "def f(response, token):\n    response.set_cookie('session', token, httponly=True, secure=False)\n",
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
        [text_of_literal(value) or last_name(value) for value in values_of(given, file)] if given is not None else []
    )
    value = argument(call, 1, "value")
    deleted = (value is not None and text_of_literal(value) == "") or is_constant(argument(call, 99, "max_age"), 0)
    return not deleted and any(_SENSITIVE.search(name) for name in names if name not in ("key", "name"))


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


_SECURE = re.compile(r"^(?:SESSION|CSRF|REMEMBER|JWT|LANGUAGE)_COOKIE_SECURE$")
_HTTPONLY = re.compile(r"^(?:SESSION|REMEMBER|JWT)_COOKIE_HTTPONLY$")
_SAMESITE = re.compile(r"^(?:SESSION|REMEMBER|JWT|CSRF)_COOKIE_SAMESITE$")


@check(
    INSECURE_COOKIE,
    on=(ast.Assign, ast.AnnAssign, ast.keyword),
    bad=(
        "SESSION_COOKIE_SECURE = False\n",
        "app.config['SESSION_COOKIE_SECURE'] = False\n",
        "app.config.update(REMEMBER_COOKIE_SECURE=False)\n",
    ),
    good=(
        "SESSION_COOKIE_SECURE = True\n",
        "SESSION_COOKIE_SECURE = not DEBUG\n",
        "class DevelopmentConfig:\n    SESSION_COOKIE_SECURE = False\n",
        "if DEBUG:\n    SESSION_COOKIE_SECURE = False\n",
    ),
)
def insecure_cookie_setting(node: ast.Assign | ast.AnnAssign | ast.keyword, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        if _SECURE.match(name) and is_constant(value, False) and not is_development(node, file):
            yield Hit(file.span(node), f"{name}: the cookie is also sent without TLS")


@check(
    SCRIPT_READABLE_COOKIE,
    on=(ast.Assign, ast.AnnAssign, ast.keyword),
    bad=("SESSION_COOKIE_HTTPONLY = False\n", "app.config['SESSION_COOKIE_HTTPONLY'] = False\n"),
    good=("SESSION_COOKIE_HTTPONLY = True\n", "CSRF_COOKIE_HTTPONLY = False\n"),
)
def script_readable_cookie_setting(node: ast.Assign | ast.AnnAssign | ast.keyword, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        if _HTTPONLY.match(name) and is_constant(value, False) and not is_development(node, file):
            yield Hit(file.span(node), f"{name}: scripts can read the cookie")


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


_ANYWHERE = ("*", ".*", "^.*$", "https?://.*", ".+", r"https?://.*")


@check(
    PERMISSIVE_CORS,
    on=called(
        "CORS", "add_middleware", "CORSMiddleware", "CORSConfig", "Middleware", "cross_origin", "setup", "init_app"
    ),
    bad=(
        "from fastapi.middleware.cors import CORSMiddleware\n"
        "app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)\n",
        "from flask_cors import CORS\nCORS(app, origins='*', supports_credentials=True)\n",
        "from flask_cors import CORS\nCORS(app)\n",
        "CORSConfig(allow_origin='*', allow_credentials=True)\n",
        "from flask_cors import CORS\nCORS(app, resources={r'/api/*': {'origins': '*'}})\n",
        "from fastapi.middleware.cors import CORSMiddleware\nORIGINS = ['*']\n"
        "app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)\n",
        "from flask_cors import cross_origin\n@cross_origin(supports_credentials=True)\ndef f(): ...\n",
    ),
    good=(
        "from fastapi.middleware.cors import CORSMiddleware\n"
        "app.add_middleware(CORSMiddleware, allow_origins=['https://a.example'])\n",
        "from flask_cors import CORS\nCORS(app, origins=['https://a.example'], supports_credentials=True)\n",
        "from flask_cors import CORS\nCORS(app, resources={r'/api/*': {'origins': settings.origins}})\n",
        "from flask_cors import cross_origin\n@cross_origin()\ndef f(): ...\n",
        "from flask_cors import CORS\ncors = CORS()\n",
        "import aiohttp\nsetup(app, origins='*')\n",
    ),
)
def permissive_cors(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    middleware = file.dotted(call.args[0]) if call.args and name.endswith(("add_middleware", "Middleware")) else name
    if any(keyword.arg is None for keyword in call.keywords) or not _CORS.search(middleware):
        return
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    credentials = any(is_constant(given.get(key), True) for key in ("allow_credentials", "supports_credentials"))
    names = ("allow_origins", "allow_origin", "origins", "allow_origin_regex", "resources")
    origins = next((given[name] for name in names if name in given), None)
    if origins is None:  # flask_cors allows everyone unless told.
        anyone = middleware.startswith("flask_cors.") and (credentials or (name.endswith("CORS") and bool(call.args)))
    else:
        anyone = _allows_anyone(origins, file)
    if anyone and credentials:
        yield Hit(file.span(call), "Any origin may send requests with cookies")
    elif anyone:
        yield Hit(
            file.span(call),
            "Any origin may read the answers",
            severity=Severity.LOW,
            confidence=Confidence.MEDIUM,
        )


_ADDS_HEADER = ("add", "set", "setdefault", "add_header", "set_header", "send_header", "append", "__setitem__")


@check(
    PERMISSIVE_CORS,
    on=called(*_ADDS_HEADER),
    bad=(
        "def f(response):\n    response.headers.add('Access-Control-Allow-Origin', '*')\n",
        "def f(self):\n    self.set_header('Access-Control-Allow-Origin', '*')\n",
        "def f(self):\n    self.send_header('Access-Control-Allow-Origin', self.headers['Origin'])\n",
    ),
    good=(
        "def f(response):\n    response.headers.add('Access-Control-Allow-Origin', 'https://a.example')\n",
        "def f(response):\n    response.headers.add('Access-Control-Allow-Methods', '*')\n",
    ),
)
def permissive_header(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if len(call.args) == 2 and (text_of_literal(call.args[0]) or "").lower() == "access-control-allow-origin":
        yield from _of_header(call, call.args[1], file)


@check(
    INSECURE_COOKIE,
    on=(ast.Assign, *called(*_ADDS_HEADER)),
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


_CORS = re.compile(r"(?:^|\.)(?:CORS|CORSMiddleware|CORSConfig|cross_origin)$")


def _allows_anyone(origins: ast.expr, file: PythonFile) -> bool:
    return any(
        isinstance(node, ast.Constant) and node.value in _ANYWHERE
        for value in values_of(origins, file)
        for node in ast.walk(value)
    )


@check(
    PERMISSIVE_CORS,
    on=(ast.Assign, ast.Dict),
    bad=(
        "headers = {'Access-Control-Allow-Origin': '*'}\n",
        "CORS_ALLOW_ALL_ORIGINS = True\n",
        "CORS_ORIGIN_ALLOW_ALL = True\n",
        "app.config.CORS_ORIGINS = '*'\n",
        "def f(response, request):\n    response.headers['Access-Control-Allow-Origin'] = request.headers['Origin']\n",
        "def f(response):\n    response.headers['Access-Control-Allow-Origin'] = '*'\n",
        "def f(response, request):\n    origin = request.headers.get('Origin')\n"
        "    response['Access-Control-Allow-Origin'] = origin\n",
    ),
    good=(
        "CORS_ALLOW_ALL_ORIGINS = False\n",
        "CORS_ALLOW_ALL_ORIGINS = DEBUG\n",
        "def f(response):\n    response.headers['Access-Control-Allow-Origin'] = 'https://a.example'\n",
        "def f(response, request):\n    origin = request.headers.get('Origin')\n    if origin in ALLOWED:\n"
        "        response['Access-Control-Allow-Origin'] = origin\n",
    ),
)
def permissive_cors_setting(node: ast.Assign | ast.Dict, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        everyone = name in ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL") and is_constant(value, True)
        if everyone or (name in ("CORS_ORIGINS", "CORS_ALLOWED_ORIGINS") and _allows_anyone(value, file)):
            if not is_development(node, file):
                credentials = re.search(r"CORS_ALLOW_CREDENTIALS\s*=\s*True", file.source.text)
                yield Hit(
                    file.span(node),
                    "Any origin may call" + (" with cookies" if credentials else ""),
                    severity=Severity.MEDIUM if credentials else Severity.LOW,
                )
        elif name.lower() == "access-control-allow-origin":
            yield from _of_header(node, value, file)


def _of_header(node: ast.Assign | ast.Dict | ast.Call, value: ast.expr, file: PythonFile) -> Iterator[Hit]:
    chosen = any(isinstance(a, (ast.If, ast.IfExp)) for a in file.ancestors(node))
    given = list(values_of(value, file))
    place = value if isinstance(node, ast.Dict) else node
    if any(text_of_literal(v) == "*" for v in given):
        yield Hit(file.span(place), "Any origin may read the answer", severity=Severity.LOW)
    elif not chosen and any(
        re.search(r"headers.*Origin|HTTP_ORIGIN|get_header\(['\"]Origin|\.origin\b", ast.unparse(v), re.I)
        for v in given
    ):
        yield Hit(file.span(place), "Whatever origin asks may read the answer")


@check(
    AUTOESCAPE_OFF,
    on=called("Environment"),
    bad=(
        "import jinja2\njinja2.Environment(autoescape=False).get_template('index.html')\n",
        "from jinja2 import Environment\nEnvironment().get_template('page.html')\n",
        "from flask import Flask\nimport jinja2\njinja2.Environment(loader=loader)\n",
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
    if (given is None or is_constant(given, False)) and _makes_html(file):
        yield Hit(file.span(call), "Jinja does not escape values in these templates")


def _makes_html(file: PythonFile) -> bool:
    web = {"flask", "fastapi", "starlette", "aiohttp", "bottle", "tornado", "django", "sanic", "quart", "falcon"}
    modules = {module.partition(".")[0] for module in file.imports.values()}
    return bool(modules & web) or re.search(r"\.html?\b|text/html", file.source.text) is not None


@check(
    AUTOESCAPE_OFF,
    on=(ast.Assign, ast.keyword),
    bad=(
        "app.jinja_env.autoescape = False\n",
        "app.jinja_options = dict(autoescape=False)\n",
        "import tornado.web\ntornado.web.Application(handlers, autoescape=None)\n",
    ),
    good=("app.jinja_env.autoescape = True\n", "import jinja2\njinja2.Environment(autoescape=False)\n"),
)
def autoescape_setting(node: ast.Assign | ast.keyword, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        if name != "autoescape" or not isinstance(value, ast.Constant) or value.value not in (False, None):
            continue
        call = file.parents.get(node)
        function = file.dotted(call.func) if isinstance(call, ast.Call) else ""
        if isinstance(node, ast.Assign) or function in ("dict", "tornado.web.Application"):
            yield Hit(file.span(node), "Templates do not escape values")


CHECKS = (
    insecure_cookie,
    script_readable_cookie,
    insecure_cookie_setting,
    script_readable_cookie_setting,
    cross_site_cookie_setting,
    permissive_cors,
    permissive_cors_setting,
    permissive_header,
    insecure_cookie_header,
    autoescape_off,
    autoescape_setting,
)
