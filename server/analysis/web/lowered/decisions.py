"""Decisions that rest on what the client says of itself: a role in a cookie, a user's number in a header."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.rule import Hit
from server.analysis.web.decisions import CLIENT_IDENTITY
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, chain, plain, text_of, walk
from server.analysis.web.lowered.words import snake

_WHO = re.compile(
    r"^(?:(?:user_?)?roles?|is_?admin|admin|is_?staff|user_?id|uid|user|user_?name|authenticated|is_?authenticated"
    r"|logged_?in|is_?logged_?in|access_?level|user_?type|account_?id)$"
)
_WHO_HEADER = re.compile(
    r"^(?:HTTP_)?X[-_](?:User(?:[-_]?Id|[-_]?Name|[-_]?Role)?|Role|Admin|Is[-_]Admin|Auth(?:enticated)?[-_]User)$",
    re.IGNORECASE,
)
_COOKIES = frozenset({"$_COOKIE", "cookies", "cookie", "getCookie", "Cookie", "Cookies"})
_HEADERS = frozenset({"getHeader", "header", "GetHeader", "headers", "getHeaderLine", "Get", "env", "$_SERVER"})


_ROLES = re.compile(
    r"^(?:admin\w*|staff|root|super_?user|manager|moderator|operator|owner|superadmin|internal)$", re.IGNORECASE
)
_CLIENTS = re.compile(r"(?:^|\.)(?:cookies?|headers?|getHeader|getCookie|Cookie|header|GetHeader|\$_COOKIE)(?:\.|$)")


def suspects(body: Body) -> Iterator[Suspect]:
    for node in (*body.nodes(p.Op), *body.nodes(p.Call)):
        told = _role_of_client(node, body)
        if told is not None and not _CLEANS.search(body.text):
            hit = Hit(
                body.span(told.line), "A decision rests on a cookie or header, which the client writes as it likes"
            )
            yield Suspect(CLIENT_IDENTITY, hit, "")
            return
    tested = [n for test in body.tests for n in walk(test)]
    names = {plain(n) for n in tested} - {""}
    nodes = [*tested, *(n for name in names for value in body.values.get(name, ()) for n in walk(value))]
    for node in nodes:
        key = _claim(node)
        if key and not _CLEANS.search(body.text):
            hit = Hit(body.span(node.line), f"A decision rests on {key}, which the client writes as it likes")
            yield Suspect(CLIENT_IDENTITY, hit, "")
            return


_CLEANS = re.compile(r"signed|encrypted|verify|decrypt|hash_hmac|unsign")


_YES = frozenset({"true", "1", "yes", "on"})


def _role_of_client(node: Any, body: Body) -> Any | None:
    """A comparison of what a cookie or header holds with the name of a role; None of anything else."""
    sides: list[Any] = []
    if node.__class__ is p.Op and node.operator is p.Operator.COMPARE:
        sides = list(node.operands)
    elif (
        node.__class__ is p.Call
        and node.callee.__class__ is p.Attr
        and snake(node.callee.name) in _EQUALS
        and node.args
    ):
        sides = [node.callee.base, node.args[0]]
    if len(sides) != 2 or not any(_ROLES.match(text_of(side)) or text_of(side) in _YES for side in sides):
        return None
    other = next((side for side in sides if not text_of(side)), None)
    values = [other, *body.values.get(plain(other), ())] if plain(other) else [other]
    return node if any(_is_client(value, body) for value in values) else None


_SENT = re.compile(r"(?:^|\.)(?:query|body|params|\$_GET|\$_POST|\$_REQUEST)$")
_RIGHTS = re.compile(r"^(?:is_?)?(?:admin|staff|operator|superuser|super_?admin|moderator|manager|root)$")
"""Fields of a request by which it says what its sender may do."""

_EQUALS = frozenset({"equals", "equals_ignore_case", "eql?", "casecmp?"})


def _is_client(value: Any, body: Body) -> bool:
    """`request.headers['x-level']`, `c.Cookie("role")`, `cookie.getValue()` of those of the request."""
    if value.__class__ is p.Call and value.callee.__class__ is p.Attr and value.callee.name in ("getValue", "value"):
        holder = plain(value.callee.base)
        return any(_CLIENTS.search(chain(v)) or chain(v).endswith("getCookies") for v in body.values.get(holder, ()))
    if value.__class__ is p.Attr and _SENT.search(chain(value.base)) and _RIGHTS.match(snake(value.name)):
        return True
    if value.__class__ is p.Item and value.key is not None:
        if _SENT.search(chain(value.base)) and _RIGHTS.match(snake(text_of(value.key))):
            return True
        return bool(text_of(value.key)) and _CLIENTS.search(chain(value.base)) is not None
    if value.__class__ is p.Call and value.args and text_of(value.args[-1]):
        return _CLIENTS.search(chain(value.callee)) is not None
    return value.__class__ is p.Attr and _CLIENTS.search(chain(value.base)) is not None and "." in chain(value)


def _claim(node: Any) -> str:
    """The name under which a cookie or a header says who is there; "" for anything else."""
    if isinstance(node, p.Item) and node.key is not None:
        holder, key = chain(node.base).rpartition(".")[2], text_of(node.key)
    elif isinstance(node, p.Call) and node.args:
        holder, key = chain(node.callee).rpartition(".")[2], text_of(node.args[-1])
        if holder == "Get" and "Header" not in chain(node.callee):
            return ""
    else:
        return ""
    if holder in _COOKIES and _WHO.match(snake(key)):
        return f"the cookie {key}"
    return f"the header {key}" if holder in _HEADERS and _WHO_HEADER.match(key) else ""
