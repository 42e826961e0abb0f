"""What a request carries and what guards it: passwords in addresses, checks that an option of Python turns off."""

import ast
import re
from collections.abc import Iterator

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

_SECRET = re.compile(r"^(?:password|passwd|pwd|pin|cvv|ssn|card_number|credit_card|secret)$", re.IGNORECASE)
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


CHECKS = (secret_in_query, check_by_assert)
