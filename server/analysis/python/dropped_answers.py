"""Answers that are made and not given: the redirect to the login after which the page is shown all the same."""

import ast
import re
from collections.abc import Iterator

from server.analysis.python.file import PythonFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.reviews.finding import Confidence, Severity

DROPPED_REFUSAL = Rule(
    "hive.dropped-refusal",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.HIGH,
    "The refusal is made and thrown away: without `return` or `raise` the function goes on as if nothing had been "
    "asked.",
    862,
    in_tests=False,
    also=(285, 284, 863, 698, 287, 306, 393, 252),
    remedy="Return the answer, or raise the exception.",
)

_ANSWERS = re.compile(
    r"^(?:flask|quart|django\.shortcuts)\.redirect$"
    r"|^django\.http\.(?:HttpResponseForbidden|HttpResponseRedirect|HttpResponseNotFound|HttpResponseBadRequest|Http404)$"
    r"|^(?:starlette|fastapi)\.responses\.RedirectResponse$"
    r"|^(?:fastapi|starlette\.exceptions|fastapi\.exceptions)\.HTTPException$"
    r"|^django\.core\.exceptions\.PermissionDenied$|^rest_framework\.exceptions\.\w+$"
    r"|^werkzeug\.exceptions\.(?:Forbidden|Unauthorized)$"
)


@check(
    DROPPED_REFUSAL,
    on=(ast.Expr,),
    bad=(
        "from flask import redirect, session\ndef admin(f):\n    def inner():\n        if 'role' not in session:\n"
        "            redirect('/login')\n        return f()\n    return inner\n",
        "from fastapi import HTTPException\ndef check(user):\n    if not user.is_admin:\n        HTTPException(403)\n",
        "from django.http import HttpResponseForbidden\ndef view(request):\n    if not request.user.is_staff:\n"
        "        HttpResponseForbidden()\n    return page(request)\n",
    ),
    good=(
        "from flask import redirect, session\ndef view():\n    if 'role' not in session:\n"
        "        return redirect('/login')\n    return page()\n",
        "from fastapi import HTTPException\ndef check(user):\n    if not user.is_admin:\n"
        "        raise HTTPException(403)\n",
        "from bottle import redirect\ndef view():\n    if not known():\n        redirect('/login')\n"
        "    return page()\n",
    ),
)
def dropped_refusal(node: ast.Expr, file: PythonFile) -> Iterator[Hit]:
    call = node.value
    if isinstance(call, ast.Call) and _ANSWERS.match(name := file.dotted(call.func)):
        yield Hit(file.span(node), f"{name.rpartition('.')[2]}() is made and not given: the function goes on")


CHECKS = (dropped_refusal,)
