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


def suspects(body: Body) -> Iterator[Suspect]:
    tested = [n for test in body.tests for n in walk(test)]
    names = {plain(n) for n in tested} - {""}
    nodes = [*tested, *(n for name in names for value in body.values.get(name, ()) for n in walk(value))]
    for node in nodes:
        key = _claim(node)
        if key and not re.search(r"signed|encrypted|verify|decrypt|hash_hmac|unsign", body.text):
            hit = Hit(body.span(node.line), f"A decision rests on {key}, which the client writes as it likes")
            yield Suspect(CLIENT_IDENTITY, hit, "")
            return


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
