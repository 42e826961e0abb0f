"""What browsers are told: which origins may call, and what is markup."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.cookies import ADDS_HEADER
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import text_of_literal
from server.analysis.python.settings import is_development, settings_in
from server.analysis.python.values import argument, is_constant, values_of
from server.analysis.rule import Hit, check
from server.analysis.rules import AUTOESCAPE_OFF, PERMISSIVE_CORS
from server.reviews.finding import Confidence, Severity

_ANYWHERE = ("*", ".*", "^.*$", "https?://.*", ".+", r"https?://.*")


@check(
    PERMISSIVE_CORS,
    on=called(
        *("CORS", "add_middleware", "CORSMiddleware", "CORSConfig", "Middleware", "cross_origin", "setup", "init_app"),
        *("SocketIO", "Server", "AsyncServer"),
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
        "from flask_socketio import SocketIO\nsocketio = SocketIO(app, cors_allowed_origins='*')\n",
        "import socketio\nsio = socketio.AsyncServer(cors_allowed_origins='*')\n",
    ),
    good=(
        "from fastapi.middleware.cors import CORSMiddleware\n"
        "app.add_middleware(CORSMiddleware, allow_origins=['https://a.example'])\n",
        "from flask_cors import CORS\nCORS(app, origins=['https://a.example'], supports_credentials=True)\n",
        "from flask_cors import CORS\nCORS(app, resources={r'/api/*': {'origins': settings.origins}})\n",
        "from flask_cors import cross_origin\n@cross_origin()\ndef f(): ...\n",
        "from flask_cors import CORS\ncors = CORS()\n",
        "import aiohttp\nsetup(app, origins='*')\n",
        "from flask_socketio import SocketIO\nsocketio = SocketIO(app)\n",
        "import grpc\nserver = grpc.Server(origins='*')\n",
    ),
)
def permissive_cors(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    middleware = file.dotted(call.args[0]) if call.args and name.endswith(("add_middleware", "Middleware")) else name
    if any(keyword.arg is None for keyword in call.keywords) or not _CORS.search(middleware):
        return
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    is_socket = "socketio" in middleware
    credentials = is_socket or any(
        is_constant(given.get(key), True) for key in ("allow_credentials", "supports_credentials")
    )
    names = ("allow_origins", "allow_origin", "origins", "allow_origin_regex", "resources", "cors_allowed_origins")
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


@check(
    PERMISSIVE_CORS,
    on=called(*ADDS_HEADER),
    bad=(
        "def f(response):\n    response.headers.add('Access-Control-Allow-Origin', '*')\n",
        "def f(self):\n    self.set_header('Access-Control-Allow-Origin', '*')\n",
        "def f(self):\n    self.send_header('Access-Control-Allow-Origin', self.headers['Origin'])\n",
    ),
    good=(
        "def f(response):\n    response.headers.add('Access-Control-Allow-Origin', 'https://a.example')\n",
        "def f(response):\n    response.headers.add('Access-Control-Allow-Methods', '*')\n",
        "def f(self, h, environ):\n    h.add('Access-Control-Allow-Origin', self.origin(environ))\n",
    ),
)
def permissive_header(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if len(call.args) == 2 and (text_of_literal(call.args[0]) or "").lower() == "access-control-allow-origin":
        yield from _of_header(call, call.args[1], file)


_CORS = re.compile(r"(?:^|\.)(?:CORS|CORSMiddleware|CORSConfig|cross_origin)$|^(?:flask_)?socketio\.\w+$")


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
        "def f(response, request):\n    origin = request.headers.get('Origin')\n    if origin:\n"
        "        response.headers['Access-Control-Allow-Origin'] = origin\n",
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
    given = list(values_of(value, file))
    chosen = any(isinstance(a, (ast.If, ast.IfExp)) and not _is_there(a.test, value) for a in file.ancestors(node))
    place = value if isinstance(node, ast.Dict) else node
    if any(text_of_literal(v) == "*" for v in given):
        yield Hit(file.span(place), "Any origin may read the answer", severity=Severity.LOW)
    elif not chosen and any(
        re.search(r"headers.*Origin|HTTP_ORIGIN|get_header\(['\"]Origin|\.origin\b(?!\()", ast.unparse(v), re.I)
        for v in given
    ):
        yield Hit(file.span(place), "Whatever origin asks may read the answer")


def _is_there(test: ast.expr, value: ast.expr) -> bool:
    """`if origin:` says nothing of whose it is."""
    return ast.unparse(test) == ast.unparse(value)


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
        "import aiohttp_jinja2\naiohttp_jinja2.setup(app, loader=loader, autoescape=False)\n",
    ),
    good=("app.jinja_env.autoescape = True\n", "import jinja2\njinja2.Environment(autoescape=False)\n"),
)
def autoescape_setting(node: ast.Assign | ast.keyword, file: PythonFile) -> Iterator[Hit]:
    for name, value in settings_in(node):
        if name != "autoescape" or not isinstance(value, ast.Constant) or value.value not in (False, None):
            continue
        call = file.parents.get(node)
        function = file.dotted(call.func) if isinstance(call, ast.Call) else ""
        if isinstance(node, ast.Assign) or function in ("dict", "tornado.web.Application", "aiohttp_jinja2.setup"):
            yield Hit(file.span(node), "Templates do not escape values")


CHECKS = (
    permissive_cors,
    permissive_cors_setting,
    permissive_header,
    autoescape_off,
    autoescape_setting,
)
