"""Links in mails that begin with the host which the request names, in any lowered language."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.rule import Hit
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, chain, text_of, walk
from server.analysis.web.lowered.words import snake
from server.analysis.web.sessions import RESET_LINK_HOST

_PROVES = re.compile(r"forgot|reset|recover|invit|verif|confirm|activat|magic", re.IGNORECASE)
_MAILS = re.compile(r"mail|\bsend|smtp|notif", re.IGNORECASE)
_HOSTS = frozenset(
    {"host", "hostname", "get_server_name", "get_host", "get_http_host", "get_scheme_and_http_host", "host_with_port"}
    | {"base_url", "get_request_url", "server_name", "original_host", "raw_host_with_port"}
)
_REQUESTS = frozenset(
    {"req", "request", "ctx", "r", "c", "$request", "httpRequest", "this", "httpServletRequest", "context", "$this"}
)
_HEADER = re.compile(r"^(?:HTTP_)?(?:X[-_]Forwarded[-_])?Host$|^SERVER_NAME$|^origin$|^x-original-host$", re.IGNORECASE)


def suspects(body: Body) -> Iterator[Suspect]:
    texts = [
        node for node in body.nodes(p.Text) if any(_is_host(n) or _is_kept_host(n, body) for n in walk(*node.parts))
    ]
    if not texts or not _PROVES.search(body.text) or not _MAILS.search(body.text):
        return
    for node in texts:
        proves = _PROVES.search(text_of(node) + body.function.name) or re.search(r"token|code", text_of(node))
        if proves:
            message = "The link begins with the host that the request names"
            yield Suspect(RESET_LINK_HOST, Hit(body.span(node.line), message), "")
            return


def _is_kept_host(node: Any, body: Body) -> bool:
    return node.__class__ is p.Name and any(_is_host(n) for value in body.values.get(node.id, ()) for n in walk(value))


def _is_host(node: Any) -> bool:
    kind = node.__class__
    if kind is p.Attr:
        return snake(node.name) in _HOSTS and _is_request(node.base)
    if kind is p.Item and node.key is not None:
        is_header = _HEADER.match(text_of(node.key)) is not None
        return is_header and (_is_request(node.base) or chain(node.base) == "$_SERVER")
    if kind is p.Call and len(node.args) == 1:
        last = snake(chain(node.callee).rpartition(".")[2])
        is_read = last in ("get", "header", "get_header", "headers") and _is_request(node.callee)
        return is_read and _HEADER.match(text_of(node.args[0])) is not None
    return False


def _is_request(node: Any) -> bool:
    """`req`, `req.headers`, `c.Request`, `r.Header`."""
    parts = chain(node).split(".")
    return parts[0] in _REQUESTS and all(
        snake(part) in ("headers", "header", "request", "req", "get", "get_header", "next_url", "server")
        for part in parts[1:]
    )
