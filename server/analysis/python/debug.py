"""Web servers that start with their debugger, or with it on unless somebody turns it off."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name, text_of_literal
from server.analysis.python.values import argument, is_constant, values_of
from server.analysis.rule import Hit, check
from server.analysis.rules import DEBUG_MODE
from server.reviews.finding import Confidence, Edit, Fix, Severity

EVERYWHERE = "0.0.0.0"  # noqa: S104  # what to look for, not where to listen

_FRAMEWORKS = frozenset(
    {
        *("flask", "bottle", "quart", "sanic", "fastapi", "starlette", "tornado", "werkzeug", "aiohttp", "dash"),
        *("falcon", "litestar", "flask_socketio", "connexion", "web", "cherrypy", "pyramid", "app", "application"),
        *("webapp2", "ariadne"),
    }
)


def _is_web(file: PythonFile) -> bool:
    """The application object may come from a module of the project: `from app import create_app`."""
    modules = {module.lstrip(".").partition(".")[0] for module in file.imports.values()}
    return any(module in _FRAMEWORKS for module in modules) or any(
        module.rpartition(".")[2] in ("app", "create_app", "application", "socketio")
        for module in file.imports.values()
    )


@check(
    DEBUG_MODE,
    on=called(
        "run",
        "run_server",
        "FastAPI",
        "Starlette",
        "Application",
        "WSGIApplication",
        "Flask",
        "Litestar",
        "Dash",
        "debug",
        "Api",
        "GraphQL",
    ),
    bad=(
        "from flask import Flask\napp = Flask(__name__)\napp.run(debug=True)\n",
        "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n"
        "    app.run(host='0.0.0.0', debug=True)\n",
        "from app import create_app\napp = create_app()\napp.run(debug=True)\n",
        "from fastapi import FastAPI\napp = FastAPI(debug=True)\n",
        "import tornado.web\ntornado.web.Application(handlers, debug=True)\n",
        "import webapp2\nmain = webapp2.WSGIApplication(handlers, debug=True)\n",
        "from flask import Flask\napp.run(use_debugger=True)\n",
        "from flask import Flask\nDEBUG = True\napp.run(debug=DEBUG)\n",
        "import bottle\nbottle.debug(True)\n",
        "from ariadne.asgi import GraphQL\napp = GraphQL(schema, debug=True)\n",
        "from flask import Flask\napp.run('0.0.0.0', 80, True)\n",
        "from site import made\napp = made()\napp.run(port=80, debug=True)\n",
        "import os\nfrom flask import Flask\napp.run(debug=os.getenv('FLASK_DEBUG', '1') == '1')\n",
        "import os\nfrom flask import Flask\napp.run(debug=os.getenv('SHOP_ENV', 'dev') != 'prod')\n",
        "import os\nfrom flask import Flask\napp.run(debug=os.getenv('STAGE', 'dev').lower() in ('dev', 'ci'))\n",
    ),
    good=(
        "from flask import Flask\napp = Flask(__name__)\napp.run()\n",
        "import asyncio\nasyncio.run(main(), debug=True)\n",
        "from flask import Flask\napp.run(debug=settings.debug)\n",
        "import os\nfrom flask import Flask\napp.run(debug=os.getenv('SHOP_ENV', 'prod') != 'prod')\n",
        "import os\nfrom flask import Flask\napp.run(debug=os.getenv('SHOP_ENV') == 'dev')\n",
        "from flask import Flask\napp.run(debug=False)\n",
        "import bottle\nlog.debug(True)\n",
    ),
)
def debug_mode(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    application = name.rpartition(".")[0] in ("app", "application", "server", "socketio", "api")
    if name.startswith("asyncio.") or not (_is_web(file) or application):
        return
    if name == "bottle.debug" and call.args and is_constant(call.args[0], True):
        yield Hit(file.span(call), "The web server shows tracebacks to everyone")
        return
    debug = next((k for k in call.keywords if k.arg in ("debug", "use_debugger") and _is_true(k.value, file)), None)
    positional = name.endswith(".run") and len(call.args) > 2 and is_constant(call.args[2], True)
    if debug is None and positional:
        yield Hit(file.span(call), "The web server starts with its debugger")
    elif debug is not None:
        span = file.span(debug.value)
        open_to_all = text_of_literal(argument(call, 0, "host")) == EVERYWHERE
        message = "The web server starts with its debugger" + (", open to the whole network" if open_to_all else "")
        yield Hit(
            file.span(debug),
            message,
            Fix("Turn the debugger off", (Edit(*span, "False"),), safe=False),
            severity=Severity.HIGH if open_to_all else Severity.MEDIUM,
        )


def _is_true(node: ast.expr, file: PythonFile) -> bool:
    values = list(values_of(node, file))
    return len(values) == 1 and (is_constant(values[0], True) or _is_on_by_default(values[0], file))


_DEVELOPMENT = re.compile(r"dev|local|test|debug|staging|example|sample|demo|mock", re.IGNORECASE)
_DJANGO = re.compile(r"\b(?:INSTALLED_APPS|ROOT_URLCONF|MIDDLEWARE|ALLOWED_HOSTS)\b")


@check(
    DEBUG_MODE,
    on=(ast.Assign, ast.AnnAssign),
    bad=(
        "INSTALLED_APPS = []\nDEBUG = True\n",
        "from flask import Flask\napp = Flask(__name__)\napp.debug = True\n",
        "from flask import Flask\napp = Flask(__name__)\napp.config['DEBUG'] = True\n",
        "class Config:\n    SECRET_KEY = key\n    DEBUG = True\n",
        "class Production(Config):\n    DEBUG = True\n",
        "from flask import Flask\napp = Flask(__name__)\napp.config['ENV'] = 'development'\n",
        "import os\nos.environ['FLASK_DEBUG'] = '1'\n",
        "import os\nINSTALLED_APPS = []\nDEBUG = os.getenv('DEBUG', 'True') == 'True'\n",
        "import os\nfrom flask import Flask\nDEBUG = bool(os.environ.get('DEBUG', True))\n",
    ),
    good=(
        "INSTALLED_APPS = []\nDEBUG = False\n",
        "DEBUG = True\n",
        "class DevelopmentConfig(Config):\n    DEBUG = True\n",
        "class Config:\n    DEBUG = False\n",
        "import os\nINSTALLED_APPS = []\nDEBUG = os.getenv('DEBUG', 'False') == 'True'\n",
        "import logging\nlog.debug = True\n",
        "INSTALLED_APPS = []\nTEMPLATE_DEBUG = DEBUG\n",
    ),
)
def debug_setting(node: ast.Assign | ast.AnnAssign, file: PythonFile) -> Iterator[Hit]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        name = last_name(target)
        if node.value is None or name not in _SETTINGS or _is_development(file):
            continue
        on = is_constant(node.value, True) or _is_on_by_default(node.value, file)
        if _turns_on_environment(name, node.value) and isinstance(target, ast.Subscript):
            yield Hit(file.span(node), f"{name} makes the web server start with its debugger", severity=Severity.MEDIUM)
        elif on and _is_debug(target, name, node, file):
            default = "" if is_constant(node.value, True) else " unless the environment says otherwise"
            yield Hit(
                file.span(node),
                f"Debug mode is on{default}",
                severity=Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
            )


_SETTINGS = frozenset({"DEBUG", "debug", "ENV", "FLASK_ENV", "FLASK_DEBUG"})


def _is_development(file: PythonFile) -> bool:
    return _DEVELOPMENT.search(file.source.path.rpartition("/")[2]) is not None or "/local" in file.source.path


def _turns_on_environment(name: str, value: ast.expr) -> bool:
    text = text_of_literal(value) or ""
    return (name == "FLASK_DEBUG" and text in ("1", "True", "true")) or (
        name in ("ENV", "FLASK_ENV") and text == "development"
    )


def _is_debug(target: ast.expr, name: str, node: ast.AST, file: PythonFile) -> bool:
    """The setting of a web framework, not of anything that has a `debug`."""
    if isinstance(target, ast.Subscript):
        return name in ("DEBUG", "debug") and "config" in file.text(target.value).lower()
    if isinstance(target, ast.Attribute):
        return (
            name == "debug"
            and last_name(target.value) in ("app", "application", "api", "server", "config")
            and _is_web(file)
        )
    if name != "DEBUG":
        return False
    parent = file.parents.get(node)
    if isinstance(parent, ast.ClassDef):
        plain = not _DEVELOPMENT.search(parent.name)
        names = " ".join((parent.name, *map(file.dotted, parent.bases)))
        return plain and re.search(r"config|settings", names, re.IGNORECASE) is not None
    if isinstance(parent, ast.If):
        return False
    return isinstance(parent, ast.Module) and (_DJANGO.search(file.source.text) is not None or _is_web(file))


def _is_on_by_default(value: ast.AST, file: PythonFile) -> bool:
    """`os.getenv("DEBUG", "True") == "True"`."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and re.search(
            r"getenv$|environ\.get$|(?:^|\.)(?:config|env|bool)$", file.dotted(node.func)
        ):
            default = argument(node, 1, "default")
            named = text_of_literal(node.args[0]) if node.args else None
            if named and "DEBUG" in named.upper():
                return is_constant(default, True) or (text_of_literal(default) or "").lower() in (
                    "true",
                    "1",
                    "on",
                    "yes",
                )
    return _differs_by_default(value, file)


def _differs_by_default(value: ast.AST, file: PythonFile) -> bool:
    """`os.getenv("SHOP_ENV", "dev") != "prod"`: true where nobody says anything."""
    if not isinstance(value, ast.Compare) or len(value.ops) != 1:
        return False
    read: ast.expr = value.left
    while isinstance(read, ast.Call) and isinstance(read.func, ast.Attribute) and not read.args:
        read = read.func.value  # `.lower()`
    if not isinstance(read, ast.Call) or not re.search(r"getenv$|environ\.get$", file.dotted(read.func)):
        return False
    default = text_of_literal(argument(read, 1, "default"))
    other = value.comparators[0]
    named = [text_of_literal(n) for n in (other.elts if isinstance(other, (ast.Tuple, ast.List, ast.Set)) else [other])]
    if None in named:
        return False
    if isinstance(value.ops[0], (ast.NotEq, ast.NotIn)):
        return default not in named
    return isinstance(value.ops[0], (ast.Eq, ast.In)) and default in named


@check(
    DEBUG_MODE,
    on=called("update", "DebuggedApplication", "from_mapping", "quickstart"),
    bad=(
        "from flask import Flask\napp.config.update(DEBUG=True, SECRET_KEY=key)\n",
        "from werkzeug.debug import DebuggedApplication\napp = DebuggedApplication(app, evalex=True)\n",
        "import cherrypy\ncherrypy.config.update({'request.show_tracebacks': True})\n",
    ),
    good=(
        "from flask import Flask\napp.config.update(DEBUG=False)\n",
        "from werkzeug.debug import DebuggedApplication\napp = DebuggedApplication(app, evalex=False)\n",
        "options.update(DEBUG=True)\n",
    ),
)
def debug_option(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    name = file.dotted(call.func)
    on = {keyword.arg: keyword for keyword in call.keywords if is_constant(keyword.value, True)}
    if name.endswith(".DebuggedApplication"):
        evalex = argument(call, 1, "evalex")
        if is_constant(evalex, True):
            yield Hit(file.span(call), "Everyone gets the debugger's console")
    elif name == "cherrypy.config.update" and call.args and isinstance(call.args[0], ast.Dict):
        for key, value in zip(call.args[0].keys, call.args[0].values, strict=True):
            if text_of_literal(key) == "request.show_tracebacks" and is_constant(value, True):
                yield Hit(file.span(value), "Visitors are shown tracebacks", severity=Severity.MEDIUM)
    elif "DEBUG" in on and "config" in name and _is_web(file):
        yield Hit(file.span(on["DEBUG"]), "Debug mode is on", severity=Severity.MEDIUM)


CHECKS = (debug_mode, debug_setting, debug_option)
