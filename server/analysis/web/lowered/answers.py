"""Logins that answer otherwise where there is no such user than where the password is wrong, by their shape."""

import re
from collections.abc import Iterator
from typing import Any

from server.analysis.flow import program as p
from server.analysis.rule import Hit
from server.analysis.web.enumeration import NAMES_BOTH, USER_ENUMERATION
from server.analysis.web.facts import Suspect
from server.analysis.web.lowered.body import Body, chain, plain, text_of, walk
from server.analysis.web.lowered.words import PASSWORD, snake

_ASKED_BY = re.compile(r"e_?mail|user_?name|login|nick|phone|handle|\b(?:by_?)?(?:owner|name)\b|by_name", re.IGNORECASE)
_FINDS = re.compile(
    r"^(?:(?:get|find|load|fetch|lookup|query|select|read|search)\w*|first\w*|where|user\w*_by_\w+|by_\w+|take|scan|execute_query|rows?|one|all|first_where)$"
)
_CHECKS = re.compile(r"compare|verify|check|match|authenticate|valid|same|is_?correct|equal", re.IGNORECASE)
_LOGS = re.compile(r"(?:^|\.)(?:log\w*|slog|console|error_log|puts|Printf|Println|warn|info|debug)\b", re.IGNORECASE)
_ABSENT = re.compile(r"^(?:nil\?|blank\?|isEmpty|is_null|isNull|empty|rowCount|num_rows|isPresent|present\?)$")


def suspects(body: Body) -> Iterator[Suspect]:
    if not PASSWORD.search(body.text.lower()):
        return
    found = {name for name, value in body.assigned if _is_found_by_name(value)}
    if not found:
        return
    unknown, wrong = None, None
    for node in body.nodes(p.If):
        if _tests_password(node.test, body):
            wrong = wrong or _told(_refusing(node, body))
        elif _tests_absence(node.test, found):
            unknown = unknown or _told(node.body)
    if unknown and wrong and unknown[0] != wrong[0] and not any(NAMES_BOTH.search(text) for text in unknown[0]):
        hit = Hit(body.span(unknown[1]), "The answer is another one where there is no such user")
        yield Suspect(USER_ENUMERATION, hit, "")


def _is_found_by_name(value: Any) -> bool:
    """A row that is asked for by what somebody types to log in."""
    for node in walk(value):
        if node.__class__ is p.Call and _FINDS.match(snake(chain(node.callee).rpartition(".")[2])):
            words = [snake(chain(node.callee).rpartition(".")[2])]
            for given in (*node.args, *(v for _, v in node.keywords)):
                words += (
                    n.name if n.__class__ is p.Attr else n.id if n.__class__ is p.Name else text_of(n)
                    for n in walk(given)
                )
            words += [key for key, _ in node.keywords if key]
            if any(_ASKED_BY.search(word) for word in words):
                return True
    return False


def _tests_absence(test: Any, found: set[str]) -> bool:
    if test.__class__ is p.Op and test.operator is p.Operator.NOT:
        return any(plain(n) in found for n in walk(test))
    if test.__class__ is p.Op and test.operator is p.Operator.COMPARE:
        is_nothing = any(n.__class__ is p.Const and n.value in (None, 0, False) for n in test.operands)
        is_nothing = is_nothing or any(chain(n) in ("nil", "sql.ErrNoRows", "undefined") for n in test.operands)
        return is_nothing and any(plain(n) in found for one in test.operands for n in walk(one))
    if test.__class__ is p.Call:
        return _ABSENT.match(chain(test.callee).rpartition(".")[2]) is not None and any(
            plain(n) in found for n in walk(test)
        )
    return False


def _tests_password(test: Any, body: Body) -> bool:
    for node in walk(test):
        if _is_check(node):
            return True
        if node.__class__ is p.Op and node.operator is p.Operator.COMPARE and _names_password(*node.operands):
            return True
        if node.__class__ is p.Name and any(_is_check(n) for v in body.values.get(node.id, ()) for n in walk(v)):
            return True
    return False


def _is_check(node: Any) -> bool:
    """`bcrypt.compare(password, user.hash)`"""
    return node.__class__ is p.Call and _CHECKS.search(snake(chain(node.callee))) is not None and _names_password(node)


def _names_password(*nodes: Any) -> bool:
    return any(PASSWORD.search(snake(_word(n))) for n in walk(*nodes))


def _word(node: Any) -> str:
    return node.name if node.__class__ is p.Attr else node.id if node.__class__ is p.Name else text_of(node)


def _refusing(node: p.If, body: Body) -> list[Any]:
    """What is done where the password is not the right one."""
    test = node.test
    is_negated = test.__class__ is p.Op and (
        test.operator is p.Operator.NOT or (test.operator is p.Operator.COMPARE and _means_not(test))
    )
    is_negated = is_negated or (
        test.__class__ is p.Op and test.operator is p.Operator.OR and any(n.__class__ is p.Op for n in test.operands)
    )
    return node.body if is_negated else node.orelse or body.function.body[-1:]


def _means_not(test: p.Op) -> bool:
    is_false = any(n.__class__ is p.Const and n.value is False for n in test.operands)
    return is_false or test.sign.startswith("!") or test.sign in ("not in", "is not")


def _told(statements: list[Any]) -> tuple[frozenset[str], int] | None:
    """The texts and states that a branch answers with, and its first line; None where it answers nothing."""
    logged = {
        id(inner)
        for node in walk(*statements)
        if node.__class__ is p.Call and _LOGS.search(chain(node.callee))
        for given in node.args
        for inner in walk(given)
    }
    texts: set[str] = set()
    line = 0
    for node in walk(*statements):
        if id(node) in logged:
            continue
        if node.__class__ is p.Const and (
            (node.value.__class__ is str and len(node.value) > 4) or node.value in _STATES
        ):
            texts.add(str(node.value))
            line = line or node.line
        elif node.__class__ is p.Attr and re.match(r"Status\w{4,}$|[A-Z_]{8,}$", node.name):
            texts.add(node.name)
    return (frozenset(texts), line) if any(" " in text or text in _NUMBERS for text in texts) else None


_STATES = frozenset({400, 401, 403, 404, 422})
_NUMBERS = frozenset(map(str, _STATES))
