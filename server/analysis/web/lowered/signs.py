"""What one function shows about access: asks who is there, what they may do, whose an object is; or lets somebody
in.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from server.analysis.flow import program as p
from server.analysis.web.facts import Sign
from server.analysis.web.lowered.body import Body, Called, chain, is_identity, plain, text_of, walk
from server.analysis.web.lowered.words import (
    AUTHENTICATES,
    CHECKERS,
    COMPARES_SECRETS,
    ENTERS,
    LEAVES,
    LOGIN_TEXT,
    PASSWORD,
    REFUSES,
    SCOPES,
    snake,
)
from server.analysis.web.words import LIMITER, ROLE, SECRET_HEADER

_FORMS = frozenset({"$_POST", "getParameter", "PostForm", "FormValue", "PostFormValue", "params", "getParameterMap"})
_SESSIONS = re.compile(r"^(?:_?sessions?|(?:get|set|add|with|new)?_?cookies?|get_session|session_\w+|http_session)$")
_LOGS = re.compile(r"^(?:log|info|warn|warning|error|debug|printf|println|print|audit|record|track|notify)$")


def signs_of(body: Body) -> Sign:
    told = 0  # A plain number: flags are added slowly.
    for word in _words(body):
        told |= _of_word(word)
    for node in body.nodes(p.Const):
        told |= _of_constant(node.value)
    for called in body.calls:
        told |= _of_called(called.last) | _of_call(called, body)
    signs = Sign(told)
    if any(name in body.injected for name in _read_names(body)) or any(
        is_identity(node) for kind in (p.Name, p.Attr, p.Item, p.Call) for node in body.nodes(kind)
    ):
        signs |= Sign.WHO
    return signs | _of_stores(body) | _of_tests(body)


def _read_names(body: Body) -> Iterator[str]:
    """Variables and fields of the object itself that are read; parameters, which a framework may just ask for."""
    yield from body.params
    for kind in (p.Name, p.Attr):
        for node in body.nodes(kind):
            yield plain(node)


def _words(body: Body) -> set[str]:
    return {node.id for node in body.nodes(p.Name)} | {node.name for node in body.nodes(p.Attr)}


@lru_cache(maxsize=50_000)
def _of_word(word: str) -> int:
    name, signs = snake(word), Sign.NONE
    if REFUSES.search(name):
        signs |= Sign.REFUSES
    if LIMITER.search(name) and name not in ("attempt", "locked", "unlocked", "attempts"):
        signs |= Sign.LIMITS
    if PASSWORD.search(name):
        signs |= Sign.PASSWORD
    if word in _FORMS:
        signs |= Sign.FORM
    if _SESSIONS.match(name):
        signs |= Sign.COOKIE
    if re.search(r"(?:login|new_session|sign_?in)_(?:path|url)$", name):
        signs |= Sign.REFUSES
    return signs.value


_OF_STATUS = {401: Sign.REFUSES.value, 403: Sign.REFUSES.value, 429: Sign.LIMITS.value}


def _of_constant(value: Any) -> int:
    if value.__class__ is int:
        return _OF_STATUS.get(value, 0)
    return _of_text(value) if value.__class__ is str and len(value) < 80 else 0


@lru_cache(maxsize=50_000)
def _of_text(text: str) -> int:
    signs = Sign.NONE
    if SECRET_HEADER.match(text):
        signs |= Sign.WHO | Sign.BEARER
    if "passw" in text.lower() and len(text) < 24:
        signs |= Sign.PASSWORD
    if LOGIN_TEXT.search(text) and " /" not in text.replace("Location: /", ""):
        signs |= Sign.REFUSES
    if text in ("forbidden", "unauthorized") or re.match(r"HTTP/\d\.\d 40[13]", text):
        signs |= Sign.REFUSES
    return signs.value


@lru_cache(maxsize=50_000)
def _of_called(last: str) -> int:
    """What the name of a function says, in snake case."""
    signs = Sign.NONE
    if AUTHENTICATES.match(last) and "csrf" not in last and last != "authenticate":
        signs |= Sign.WHO
    if CHECKERS.match(last):
        signs |= Sign.ROLE | Sign.WHO if last not in ("can", "admin", "is_admin") else Sign.ROLE
    if SCOPES.match(last):
        signs |= Sign.OWNER
    if ENTERS.match(last):
        signs |= Sign.ENTERS
    if LEAVES.match(last):
        signs |= Sign.LEAVES
    return signs.value


def _of_call(called: Called, body: Body) -> int:
    signs = 0
    if _compares_secrets(called):
        signs |= _MACHINE
    if called.last in ("clear", "destroy", "delete") and "session" in snake(called.chain):
        signs |= Sign.LEAVES.value
    given = [*called.node.args, *(value for _, value in called.node.keywords)]
    if given and not _LOGS.match(called.last) and _joins(given, body):
        signs |= Sign.OWNER.value
    return signs


_MACHINE = (Sign.WHO | Sign.MACHINE).value


def _joins(given: list[p.Expr], body: Body) -> bool:
    """A call that gets a value of the request, and beside it who is there: it can ask whose the object is."""
    whose = [(body.is_theirs(one), body.is_mine(one)) for one in given]
    if (True, False) in whose and (False, True) in whose:
        return True
    return any(isinstance(one, p.Collection) and _joins([v for _, v in one.items], body) for one in given)


def _compares_secrets(called: Called) -> bool:
    if called.chain == "hmac.Equal":
        return True
    if not COMPARES_SECRETS.match(called.last) or (called.last == "is_equal" and "Digest" not in called.chain):
        return False
    return "csrf" not in _spoken(called.node)


def _spoken(node: p.Call) -> str:
    return " ".join(chain(n) + text_of(n) for argument in node.args for n in walk(argument)).lower()


def _of_stores(body: Body) -> Sign:
    """`$_SESSION["user_id"] = ...`: somebody is let in."""
    signs = Sign.NONE
    for node in body.nodes(p.Assign):
        for target in node.targets:
            if target.__class__ is p.Item and is_identity(target):
                is_end = node.value.__class__ is p.Const and node.value.value in (None, False, "")
                signs |= Sign.LEAVES if is_end else Sign.ENTERS
            elif chain(target) == "$_SESSION":
                signs |= Sign.LEAVES if target.__class__ is p.Name else Sign.NONE
    for called in body.calls:
        if called.last in ("set_attribute", "put", "set") and called.node.args and "session" in snake(called.chain):
            key = text_of(called.node.args[0])
            if re.search(r"user|account|member|uid|auth|login", key, re.IGNORECASE):
                signs |= Sign.ENTERS
    return signs


def _of_tests(body: Body) -> Sign:
    signs = Sign.NONE
    for test in body.tests:
        for node in walk(test):
            signs |= _of_tested(node, body)
            if isinstance(node, p.Call) and node.args and body.is_mine(*node.args) and _is_policy(node):
                signs |= Sign.OWNER
    if any(_turns_away(node) and body.is_mine(node.test) for node in body.nodes(p.If)):
        signs |= Sign.REFUSES
    for node in (*body.nodes(p.Op), *body.nodes(p.Call)):
        if _is_owner_test(node, body):
            signs |= Sign.OWNER
    return signs


_REFUSING = frozenset(
    {"raise", "abort", "halt", "head", "redirect_to", "redirect", "die", "exit", "fail", "send_error"}
)


def _is_policy(node: p.Call) -> bool:
    """`comment.is_editable_by_user?(current_user)`; not `empty($_SESSION["user"])`."""
    return isinstance(node.callee, p.Attr) and not text_of(node.args[0])


def _turns_away(node: p.If) -> bool:
    """`if ($user === null) { throw ...; }`, `unless current_user then redirect_to ...`"""
    for statement in (*node.body, *node.orelse):
        if isinstance(statement, p.Raise):
            return True
        value = statement.value if isinstance(statement, p.Do | p.Return) else None
        if isinstance(value, p.Unknown) and any(isinstance(part, p.Call) and part.new for part in value.parts):
            return True
        if isinstance(value, p.Call) and snake(chain(value.callee).rpartition(".")[2]) in _REFUSING:
            return True
    return False


def _of_tested(node: Any, body: Body) -> Sign:
    kind = node.__class__
    word = node.id if kind is p.Name else node.name if kind is p.Attr else ""
    if kind is p.Const and node.value.__class__ is str:
        word = node.value if len(node.value) < 30 else ""
    return Sign.ROLE if word and _speaks_of_role(word) else Sign.NONE


@lru_cache(maxsize=50_000)
def _speaks_of_role(word: str) -> bool:
    name = snake(word)
    return ROLE.search(name) is not None and "owner" not in name and not name.startswith(("can_be", "scope"))


def _is_owner_test(node: Any, body: Body) -> bool:
    """`order.user_id == current_user.id`, `order.getUser().equals(account)`: one side is mine, the other is not."""
    sides = list(_sides(node))
    if len(sides) != 2:
        return False
    one, other = sides
    if one.__class__ is p.Const or other.__class__ is p.Const:
        return False
    return body.is_mine(one) != body.is_mine(other) or (
        body.is_mine(one) and body.is_mine(other) and _names_owner(one, other)
    )


def _names_owner(*sides: Any) -> bool:
    return any(re.search(r"owner|author|user_?id|created_?by", snake(chain(side))) for side in sides)


def _sides(node: Any) -> Iterator[Any]:
    if node.__class__ is p.Op:
        if node.operator is p.Operator.COMPARE:
            yield from node.operands
    elif (
        node.callee.__class__ is p.Attr
        and snake(node.callee.name) in ("equals", "is", "isnot", "is_not", "include")
        and node.args
    ):
        yield node.callee.base
        yield node.args[0]
    elif chain(node.callee) == "Objects.equals":
        yield from node.args[:2]


_COMPARISONS = frozenset({"equals", "equals_ignore_case", "is", "isnot", "is_not", "include"})
