"""Secrets that are written to the log."""

import ast
import re
from collections.abc import Iterator

from server.analysis.parsed import called
from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name, text_of_literal
from server.analysis.python.values import values_of
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.telling import ABOUT, SECRET
from server.reviews.finding import Confidence, Severity

LOGGED_SECRET = Rule(
    "hive.logged-secret",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Logs are kept long, copied widely and read by many: whoever reads them has the secret.",
    532,
    in_tests=False,
    also=(200, 312, 359, 215, 522),
    remedy="Log who and what happened, never the secret; where it must be recognised, a few of its characters.",
)

_SECRET = re.compile(rf"{SECRET.pattern}|^(?:\w*_)?(?:card|pin)\d?$", re.IGNORECASE)
_ABOUT = re.compile(ABOUT.pattern, re.IGNORECASE)
_LOGS = ("debug", "info", "warning", "warn", "error", "critical", "exception", "log", "write", "print", "add_log")


@check(
    LOGGED_SECRET,
    on=called(*_LOGS),
    bad=(
        "import logging\ndef login(user, password):\n    logging.info('login %s %s', user, password)\n",
        "def login(user, password):\n    logger.debug(f'{user} with {password}')\n",
        "def login(user):\n    app.logger.info('token: ' + user.access_token)\n",
        "from flask import request\ndef login():\n    print('got', request.form['password'])\n",
        "def f(user):\n    log.info('code for %s is %s', user.email, user.reset_code)\n",
        "def f(card_number):\n    log.error('card {} refused'.format(card_number))\n",
        "import requests\ndef f(token):\n    log.debug('token for %s', token)\n",
        "class Login:\n    def post(self):\n        data = parser.parse_args()\n        log.info('%s', data)\n",
        "import fastapi\ndef f(token, user):\n    logger.info(f'issued token {token} for {user}')\n",
        "def f(email, link):\n    logger.info('reset link for %s: %s', email, link)\n",
        "from flask import request\ndef login():\n    current_app.logger.info(f'login: {request.form}')\n",
        "from flask import request\ndef login():\n    data = request.get_json()\n    print(f'Login: {data}')\n",
        "from flask import request\n@app.before_request\ndef seen():\n    app.logger.info('%s', request.headers)\n",
        "import os\nlogging.info('env: %s', os.environ)\n",
        "def login(form: LoginForm):\n    logger.info(f'login with {form}')\n",
        "def f(token):\n    log.info('Authorization: Bearer %s', token)\n",
        "def dump(password):\n    cmd = ['mysqldump', f'-p{password}']\n    log.info('running %s', ' '.join(cmd))\n",
        "def handler(event, context):\n    print(event)\n    check(event['password'])\n",
    ),
    good=(
        "def login(user, password):\n    logger.info('login %s', user)\n",
        "def login(password):\n    logger.info('password of %d characters', len(password))\n",
        "def login(password_field):\n    logger.info(password_field)\n",
        "def f(password):\n    print(password)\n",
        "def f():\n    logger.info('password changed')\n",
        "def f(token):\n    logger.debug('token %s', token)\n",
        "def f(password):\n    logger.info(mask(password))\n",
        "def f(password):\n    file.write(password)\n",
        "from flask import request\ndef page():\n    logger.info(request.args)\n",
        "def login(service: LoginService):\n    logger.info('with %s', service)\n",
        "import os\nlogging.info('home: %s', os.environ['HOME'])\n",
        "def handler(event, context):\n    print(event['path'])\n    check(event['password'])\n",
    ),
)
def logged_secret(call: ast.Call, file: PythonFile) -> Iterator[Hit]:
    if not _is_log(call, file):
        return
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "exc_info")]
    for value in given:
        for name in (*_told(value), *_told_before(value, file)):
            if (_SECRET.match(name) and not _ABOUT.search(name)) or _is_told_token(name, given, file):
                yield Hit(file.span(call), f"{name} is written to the log")
                return
    whole = next((said for value in given if (said := _whole(value, call, file))), "")
    if whole:
        yield Hit(file.span(call), f"{whole} is written to the log", confidence=Confidence.LOW)


def _whole(value: ast.expr, call: ast.Call, file: PythonFile) -> str:
    """What holds secrets among the rest, told as a whole."""
    if _is_whole_request(value, call, file) or _is_login_form(value, file):
        return "What people send to log in"
    for node in ast.walk(value):
        if isinstance(node, ast.Attribute) and not isinstance(file.parents.get(node), (ast.Attribute, ast.Subscript)):
            name = file.dotted(node)
            if name == "os.environ":
                return "The whole environment"
            if re.search(r"(?:^|\.)request\.headers$", name):
                return "Every header"
    return ""


_FORM = re.compile(r"log_?in|credential|sign_?up|sign_?in|regist|creds", re.IGNORECASE)


def _is_login_form(value: ast.expr, file: PythonFile) -> bool:
    """A parameter whose type says that it is one, or has a field for a password."""
    function = file.function_of(value)
    if function is None:
        return False
    parts = [value, *(node.value for node in ast.walk(value) if isinstance(node, ast.FormattedValue))]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    for parameter in (*function.args.args, *function.args.kwonlyargs):
        if parameter.arg in names and parameter.annotation is not None:
            kind = file.text(parameter.annotation)
            if _FORM.search(kind) and not kind.endswith(("Service", "Manager")):
                return True
    return False


def _told_before(value: ast.expr, file: PythonFile) -> Iterator[str]:
    """What was put into the text or the list that is told: `command = ["mysql", f"-p{password}"]`."""
    if isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "join" and value.args:
        value = value.args[0]
    if isinstance(value, ast.Name):
        for given in values_of(value, file):
            if isinstance(given, (ast.JoinedStr, ast.List, ast.BinOp)):
                yield from (name for name in _told(given) if name != "token")


_TALKS = frozenset({"requests", "httpx", "aiohttp", "jwt", "secrets", "boto3", "hvac", "itsdangerous", "urllib3"})


def _is_told_token(name: str, given: list[ast.expr], file: PythonFile) -> bool:
    """`token` where tokens are of people, not of a parser; a link that logs in or resets a password."""
    said = next(
        (text_of_literal(value) or "" for value in given if isinstance(value, (ast.Constant, ast.BinOp))), ""
    ).lower()
    said = said or " ".join(file.text(value) for value in given if isinstance(value, ast.JoinedStr)).lower()
    if name in ("link", "url", "reset_link", "reset_url", "magic_link"):
        return re.search(r"\b(?:reset|magic|login|activation|verification) (?:link|url)", said) is not None
    if name != "token":
        return False
    modules = {module.partition(".")[0] for module in file.imports.values()}
    of_people = re.search(r"\b(?:reset|session|bearer|authorization|verification|activation|login|access)\b", said)
    return of_people is not None or ("token" in said and (_is_web(file) or bool(modules & _TALKS)))


def _is_log(call: ast.Call, file: PythonFile) -> bool:
    name = file.dotted(call.func)
    if name == "print":
        return _is_web(file) or _is_cloud_function(call, file)
    receiver, _, method = name.rpartition(".")
    if method in ("write", "add_log"):
        return receiver == "sys.stderr" or re.search(r"(?:^|[._])log(?:ger|file|_file)?$", receiver) is not None
    return re.search(r"(?:^|[._])(?:log|logger|logging|_logger|_log|LOG|LOGGER)$", receiver) is not None


def _is_cloud_function(node: ast.AST, file: PythonFile) -> bool:
    """What it prints is logged."""
    function = file.function_of(node)
    return function is not None and [a.arg for a in function.args.args[:2]] == ["event", "context"]


def _is_web(file: PythonFile) -> bool:
    web = {
        "flask",
        "fastapi",
        "django",
        "starlette",
        "bottle",
        "tornado",
        "aiohttp",
        "sanic",
        "quart",
        "rest_framework",
    }
    return any(module.partition(".")[0] in web for module in file.imports.values())


def _told(node: ast.AST) -> Iterator[str]:
    """The names whose values become part of the text as they are."""
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _told(part.value)
    elif isinstance(node, ast.BinOp):
        yield from _told(node.left)
        yield from _told(node.right)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for element in node.elts:
            yield from _told(element)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _told(value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            yield from _told(value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("str", "repr"):
        for value in node.args:
            yield from _told(value)
    elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
        yield last_name(node)


_BODY = re.compile(
    r"(?:^|\.)request\.(?:form|json|data|POST|body|values|get_json|get_data)$|(?:^|\.)current_event\.(?:json_)?body$|(?:^|\.)(?:req)?parser\.parse_args$"
)
_HOLDS_SECRET = re.compile(r"passw|authorization|token|secret|card", re.IGNORECASE)
_LOGS_IN = re.compile(
    r"login|log_in|signin|sign_in|register|signup|sign_up|auth|password|payment|checkout|token", re.IGNORECASE
)


def _is_whole_request(node: ast.AST, call: ast.Call, file: PythonFile) -> bool:
    function = file.function_of(node)
    if function is None:
        return False
    if _is_cloud_function(node, file) and _HOLDS_SECRET.search(file.text(function)):
        told = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        if "event" in told and not any(
            isinstance(n, (ast.Subscript, ast.Attribute)) and _of_event(n) for n in ast.walk(node)
        ):
            return True
    of = next((a.name for a in file.ancestors(function) if isinstance(a, ast.ClassDef)), "")
    heard = re.search(r"log[- ]?in\b|passw", file.text(call).lower())
    before = any("before_request" in file.text(decorator) for decorator in function.decorator_list)
    if not heard and not before and not _LOGS_IN.search(f"{of} {function.name}"):
        return False
    for part in (part for told in _with_names(node, file) for part in ast.walk(told)):
        target = part.func if isinstance(part, ast.Call) else part
        if isinstance(target, ast.Attribute) and _BODY.search(file.dotted(target)):
            parent = file.parents.get(part)
            if not isinstance(parent, (ast.Attribute, ast.Subscript)):
                return True
    return False


def _of_event(node: ast.Subscript | ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "event"


def _with_names(node: ast.AST, file: PythonFile) -> Iterator[ast.AST]:
    """The expression, and what the names are given of which the whole is told: `data = request.get_json()`."""
    yield node
    told: list[ast.expr] | list[ast.AST] = [node]
    if isinstance(node, (ast.JoinedStr, ast.Dict)):
        told = node.values
    for part in told:
        name = part.value if isinstance(part, ast.FormattedValue) else part
        if isinstance(name, ast.Name):
            yield from (given for given in values_of(name, file) if isinstance(given, (ast.Call, ast.Attribute)))


CHECKS = (logged_secret,)
