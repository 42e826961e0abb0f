"""What a request carries and what guards it: passwords in addresses, checks that an option of Python turns off."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from server.analysis.python.file import PythonFile
from server.analysis.python.literals import last_name
from server.analysis.python.values import is_route
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

SECRET_IN_ADDRESS = Rule(
    "hive.secret-in-address",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "Addresses are kept: in the browser's history, in the logs of servers and proxies, in the next page's Referer.",
    598,
    in_tests=False,
    also=(200, 522, 532, 319),
    remedy="Take it from the body of a POST request.",
)
CHECK_BY_ASSERT = Rule(
    "hive.check-by-assert",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "With -O or PYTHONOPTIMIZE set, Python leaves assert statements out: then nobody is checked.",
    617,
    ("S101",),
    in_tests=False,
    also=(670, 285, 862, 703),
    remedy="Raise an error of your own, or answer 403.",
)

_SECRET = re.compile(
    r"^(?:new_password|old_password|password|passwd|pwd|pin|cvv|ssn|card_number|credit_card|secret)$", re.IGNORECASE
)
_QUERY = re.compile(r"(?:^|\.)request\.(?:args|GET|query_params|query|rel_url\.query)$")


@check(
    SECRET_IN_ADDRESS,
    on=(ast.Call, ast.Subscript),
    bad=(
        "from flask import request\ndef login():\n    return check(request.args.get('password'))\n",
        "def login(request):\n    return check(request.GET['password'])\n",
    ),
    good=(
        "from flask import request\ndef login():\n    return check(request.form.get('password'))\n",
        "from flask import request\ndef page():\n    return request.args.get('page')\n",
    ),
)
def secret_in_query(node: ast.Call | ast.Subscript, file: PythonFile) -> Iterator[Hit]:
    if isinstance(node, ast.Call):
        taken = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "get" else None
    else:
        taken = node.value
    if isinstance(taken, ast.Attribute) and _SECRET.match(last_name(node)) and _QUERY.search(file.dotted(taken)):
        yield Hit(file.span(node), f"The address of the request carries the {last_name(node)}")


_SENT = re.compile(
    r"[?&](?:password|passwd|pwd|access_?token|auth_?token|id_?token|jwt|api_?key|apikey|secret|session_?id|sessid)=$",
    re.IGNORECASE,
)
_SENT_BY_REDIRECT = re.compile(r"[?&#](?:token|access_token|jwt)=$")


@check(
    SECRET_IN_ADDRESS,
    on=(ast.JoinedStr, ast.BinOp),
    bad=(
        "import requests\nrequests.get(f'https://api.acme.io/data?api_key={API_KEY}')\n",
        "url = 'https://api.acme.io/login?user=' + user + '&password=' + password\n",
        "def login():\n    return redirect(f'/home?token={token}')\n",
    ),
    good=(
        "link = f'https://acme.io/reset?token={token}'\n",
        "url = f'https://api.acme.io/data?page={page}'\n",
        "text = 'no password=' + password\n",
    ),
)
def secret_in_made_address(node: ast.JoinedStr | ast.BinOp, file: PythonFile) -> Iterator[Hit]:
    if isinstance(file.parents.get(node), ast.BinOp):
        return
    sent = _SENT_BY_REDIRECT if _is_redirected(node, file) else None
    for piece in _before_values(node):
        if _SENT.search(piece) or (sent is not None and sent.search(piece)):
            yield Hit(file.span(node), "The address carries a secret")
            return


def _before_values(node: ast.JoinedStr | ast.BinOp) -> Iterator[str]:
    """The constant pieces that a value follows."""
    parts = list(node.values) if isinstance(node, ast.JoinedStr) else _added(node)
    for piece, value in pairwise(parts):
        if isinstance(piece, ast.Constant) and isinstance(piece.value, str) and not isinstance(value, ast.Constant):
            yield piece.value


def _added(node: ast.expr) -> list[ast.expr]:
    """The summands, from the left."""
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        found.append(node.right)
        node = node.left
    return [node, *reversed(found)]


def _is_redirected(node: ast.AST, file: PythonFile) -> bool:
    call = file.parents.get(node)
    return isinstance(call, ast.Call) and re.search(r"[rR]edirect\w*$", file.dotted(call.func)) is not None


_READS_QUERY = re.compile(r"(?:^|\.)(?:get|post|put|patch|delete)$")


@check(
    SECRET_IN_ADDRESS,
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    bad=(
        "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/login')\ndef login(user: str, password: str):\n"
        "    return check(user, password)\n",
    ),
    good=(
        "from fastapi import FastAPI, Form\napp = FastAPI()\n@app.post('/login')\n"
        "def login(user: str, password: str = Form(...)):\n    return check(user, password)\n",
        "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/pins/{pin}')\ndef pins(pin: str):\n    return pin\n",
    ),
)
def secret_as_query(node: ast.FunctionDef | ast.AsyncFunctionDef, file: PythonFile) -> Iterator[Hit]:
    """FastAPI takes a parameter of a plain type from the query, in a POST request too."""
    paths = " ".join(file.text(d) for d in node.decorator_list if isinstance(d, ast.Call) and _is_operation(d, file))
    if not paths or "fastapi" not in {module.partition(".")[0] for module in file.imports.values()}:
        return
    taken = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(taken) - len(node.args.defaults)) + list(node.args.defaults)
    for parameter, default in zip(taken, defaults, strict=True):
        plain = parameter.annotation is not None and file.text(parameter.annotation) in ("str", "str | None", "int")
        of_query = default is None or isinstance(default, ast.Constant)
        if plain and of_query and _SECRET.match(parameter.arg) and f"{{{parameter.arg}}}" not in paths:
            yield Hit(file.span(parameter), f"The address of the request carries the {parameter.arg}")


def _is_operation(decorator: ast.Call, file: PythonFile) -> bool:
    return _READS_QUERY.search(file.dotted(decorator.func)) is not None


_GUARDS = re.compile(
    r"\bis_(?:admin|staff|superuser|authenticated|owner)\b|\bhas_perm\w*|\bcheck_(?:password|permission)|\bcurrent_user\b"
    r"|\b(?:role|owner_id|user_id)\b\s*(?:==|in)\s|\bverify_(?:password|token|signature)",
)


@check(
    CHECK_BY_ASSERT,
    on=(ast.Assert,),
    bad=(
        "from flask import Flask\napp = Flask(__name__)\n@app.route('/admin')\ndef admin():\n"
        "    assert current_user.is_admin\n    return page()\n",
        "def delete(request, pk):\n    assert request.user.has_perm('delete')\n",
    ),
    good=(
        "def f(parts):\n    assert len(parts) == 2\n",
        "def f(user):\n    assert user is not None\n",
    ),
)
def check_by_assert(node: ast.Assert, file: PythonFile) -> Iterator[Hit]:
    function = file.function_of(node)
    if function is None or not _GUARDS.search(ast.unparse(node.test)):
        return
    if is_route(function, file) or any(argument.arg == "request" for argument in function.args.args):
        yield Hit(file.span(node), "Who may do this is checked by an assert")


CHECKS = (secret_in_query, secret_in_made_address, secret_as_query, check_by_assert)
