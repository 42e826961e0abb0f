"""Passwords that are kept, or looked up, as they were sent, in any lowered language."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.python.storage import PLAIN_PASSWORD
from server.analysis.rule import Hit
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, Called, chain, plain, text_of, walk
from server.analysis.web.lowered.words import snake

_HASHES = re.compile(
    r"hash|crypt|argon|pbkdf|digest|encode|sha_?\d|md5|derive|verify|compare|authenticate", re.IGNORECASE
)
_PASSWORD = re.compile(r"^(?:user_|new_|raw_|plain_)?(?:password|passwd|pwd|pass)$")
_LOOKS_UP = re.compile(
    r"^(?:find\w*|where|first\w*|get_one|get|exists\w*|count\w*|filter|find_by|first_where|find_or_fail)$"
)
_WRITES = re.compile(
    r"^(?:create\w*|insert\w*|update\w*|save|upsert\w*|new|build|set|find_by_id_and_update|add|store|fill)$"
)
_USER = re.compile(r"^(?:e_?mail|user_?name|login|user|name|user_?id|phone|account|nick(?:name)?)$")


_CARRIES = re.compile(
    r"(?:^|_)(?:request|req|form|dto|input|params|client|config|options|opts|credentials?|args|command|payload|body|message|event"
    r"|connection|auth|settings)$"
)
"""Types of what is sent or asked, not of what is kept: `CreateUserRequest`, `Client`."""

_STATEMENT = re.compile(
    r"\bset\s+[^;]{0,200}?\b(?:password|passwd|pwd)\s*=\s*(?:\?|:|\$|%s)|\binsert\s+into\s+\w*(?:user|account|member|people|person"
    r"|customer|login)\w*\s*\([^)]*\b(?:password|passwd|pwd)\b",
    re.IGNORECASE,
)


def suspects(body: Body) -> Iterator[Suspect]:
    yield from _in_statements(body)
    for called in body.calls:
        is_lookup = _LOOKS_UP.match(called.last) is not None
        if not is_lookup and not _WRITES.match(called.last) and not called.node.new:
            continue
        if called.node.new and _CARRIES.search(called.last):
            continue
        fields = list(_fields(called))
        for name, value in fields:
            if not _PASSWORD.match(name) or not _is_as_sent(value, body):
                continue
            if is_lookup and any(_USER.match(other) for other, _ in fields):
                message = "Somebody is looked up by the password as it was sent: it is not hashed"
                yield Suspect(PLAIN_PASSWORD, Hit(body.span(value.line), message), "")
                return
            if not is_lookup and not _HASHES.search(body.text):
                yield Suspect(PLAIN_PASSWORD, Hit(body.span(value.line), "The password is kept as it was sent"), KEPT)
                return


def _in_statements(body: Body) -> Iterator[Suspect]:
    """`run("UPDATE people SET password = ? WHERE id = ?", [password, id])`"""
    if _HASHES.search(body.text):
        return
    for called in body.calls:
        given = called.node.args
        if len(given) > 1 and _STATEMENT.search(_statement(given[0], body)[:1_000]):
            for node in walk(*given[1:]):
                if plain(node) and _PASSWORD.match(snake(plain(node))) and _is_as_sent(node, body):
                    yield Suspect(
                        PLAIN_PASSWORD, Hit(body.span(called.node.line), "The password is kept as it was sent"), ""
                    )
                    return


def _statement(node: Any, body: Body) -> str:
    values = body.values.get(plain(node), ()) if plain(node) else ()
    return text_of(values[0] if len(values) == 1 else node)


KEPT = "kept"
"""What is needed: no hook of the project's models hashes what is kept."""

HASHED_BY_HOOK = "hashes by a hook"
"""Among what the files of a project call: their models hash passwords by themselves."""


def _fields(called: Called) -> Iterator[tuple[str, p.Expr]]:
    """The fields that a call names, also those of its `where` and `data`."""
    waiting: list[Any] = [
        *called.node.args[:3],
        *(p.Collection(0, p.Shape.DICT, [(p.Const(0, key), value)]) for key, value in called.node.keywords if key),
    ]
    seen = 0
    while waiting and seen < _MOST:
        given = waiting.pop()
        seen += 1
        if given.__class__ is not p.Collection:
            continue
        for key, value in given.items:
            name = snake(text_of(key)) if key is not None else ""
            if value.__class__ is p.Collection and name in ("where", "data", "$set", "user", ""):
                waiting.append(value)
            elif name:
                yield name, value


_MOST = 50


def _is_as_sent(value: Any, body: Body) -> bool:
    """The request's own field, or a parameter by that name, that nothing was made of."""
    name = plain(value)
    if name:
        values = body.values.get(name, ())
        if not values:
            return name in body.params and _PASSWORD.match(snake(name)) is not None
        return all(_is_read(one, body) for one in values)
    return _is_read(value, body)


def _is_read(value: Any, body: Body) -> bool:
    if any(n.__class__ is p.Call and _HASHES.search(chain(n.callee)) for n in walk(value)):
        return False
    words = [snake(n.name) if n.__class__ is p.Attr else snake(text_of(n)) for n in walk(value)]
    is_password = any(_PASSWORD.match(word.removeprefix("get_")) for word in words)
    return is_password and (body.is_theirs(value) or _is_of_parameter(value, body))


def _is_of_parameter(value: Any, body: Body) -> bool:
    """`dto.password` of what a service is given."""
    return value.__class__ is p.Attr and value.base.__class__ is p.Name and value.base.id in body.params
